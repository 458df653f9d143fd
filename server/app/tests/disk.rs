//! The disk is full: who writes is told so, who reads notices nothing, nothing is half-written, and with room it goes on.
//!
//! Needs a disk of its own (tmpfs), which only root may make; elsewhere the test says that it was skipped.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::json;
use yunqia_load::{
    client::Browser,
    engines::missing,
    node::Node,
    scene::{self, Size},
};
use yunqia_store::{Db, checks};

/// A small disk, gone with the test.
struct Disk(tempfile::TempDir);

impl Disk {
    fn make(mebibytes: u32) -> Option<Disk> {
        let folder = tempfile::tempdir().expect("a folder");
        let size = format!("size={mebibytes}m");
        let made = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder.path()).status();
        made.is_ok_and(|status| status.success()).then_some(Disk(folder))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Takes all room there is.
    fn fill(&self) -> PathBuf {
        let path = self.path().join("ballast");
        let mut file = std::fs::File::create(&path).expect("a file");
        for size in [1 << 20, 4096] {
            while std::io::Write::write_all(&mut file, &vec![1; size]).is_ok() {}
        }
        path
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.path()).status();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_told_and_survived() {
    let Some(disk) = Disk::make(32) else {
        return missing("the right to mount a disk");
    };
    let url = format!("sqlite://{}/yunqia.db", disk.path().display());
    let program = Path::new(env!("CARGO_BIN_EXE_yunqia"));
    let mut node = Node::start(program, Node::settings(disk.path(), &url)).await.expect("the server starts");
    let db = Db::open(&url).await.expect("the database opens");
    let size = Size { desks: 4, slots: 8, companies: 24, people: 24, live: true };
    let scene = scene::build(&db, &size).await.expect("the scene is set");
    let host = Browser::new(node.address, scene.host.clone());
    let timetable = format!("/api/sessions/{}/timetable", scene.session);
    let cells = host.get(&timetable).await.expect("the timetable can be read");
    let slots: Vec<_> = cells["cells"].as_array().expect("cells").iter().map(|cell| cell["slot_id"].clone()).collect();
    let book = async |n: usize| {
        let guest = &scene.guests[n];
        let browser = Browser::new(node.address, guest.cookie.clone());
        let draft = json!({ "slot_id": slots[n], "company_id": guest.company, "contact_id": null, "subject": "Storm" });
        let (status, answer) = browser.post("/api/bookings", &draft).await.expect("the server answers");
        (status.as_u16(), answer)
    };
    assert_eq!(book(0).await.0, 201, "there is room");

    let ballast = disk.fill();
    let mut told = 0;
    for n in 1..12 {
        match book(n).await {
            // The journal may have a little room left.
            (201, _) => {}
            (507, problem) => {
                assert_eq!(problem["code"], "full", "{problem}");
                told += 1;
            }
            (status, answer) => panic!("a booking on a full disk was answered with {status}: {answer}"),
        }
    }
    assert!(told > 0, "the disk was not full");
    host.get(&timetable).await.expect("reading goes on");
    assert_eq!(node.asks("/readyz").await.expect("the node answers").0, 200);

    std::fs::remove_file(ballast).expect("room is made");
    for n in 12..24 {
        let (status, answer) = book(n).await;
        assert_eq!(status, 201, "with room it goes on: {answer}");
    }
    node.stop().await.expect("it stops when it is told to");
    let mut tx = db.read().await.expect("the database opens");
    assert_eq!(checks::broken_rules(&mut tx).await.expect("the checker runs"), Vec::<String>::new());
    drop(tx);
    db.close().await;
}
