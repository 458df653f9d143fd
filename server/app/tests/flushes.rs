//! What is acknowledged has been flushed to the disk before: a kill cannot tell, since the system's memory survives it, so the
//! flushes are counted against the acknowledgements.

use std::{
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use serde_json::json;
use yunqia_load::{
    client::Browser,
    engines,
    node::Node,
    scene::{self, Scene, Size},
};
use yunqia_store::{Db, checks};

/// The program under a tracer that writes a line for each flush. The tracer stands aside (`-D`), so that the process that is
/// started, told to stop and killed is the program itself.
fn traced(strace: &Path, folder: &Path) -> (PathBuf, PathBuf) {
    let (program, lines) = (folder.join("traced"), folder.join("flushes"));
    let script = format!(
        "#!/bin/sh\nexec '{}' -D -f -qq -e trace=fsync,fdatasync,sync_file_range,msync -o '{}' '{}' \"$@\"\n",
        strace.display(),
        lines.display(),
        env!("CARGO_BIN_EXE_yunqia")
    );
    std::fs::write(&program, script).expect("a script");
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("it can be run");
    (program, lines)
}

/// Flushes that have ended so far.
fn flushes(lines: &Path) -> usize {
    let text = std::fs::read_to_string(lines).unwrap_or_default();
    text.lines().filter(|line| line.contains("sync") && line.trim_end().ends_with("= 0")).count()
}

async fn says(browser: &Browser, channel: &str) -> bool {
    let id = yunqia_load::fresh();
    // Nobody says the same twice.
    let message = json!({ "client_id": id, "text": format!("Good morning, {id}"), "file_id": null });
    let (status, _) = browser.post(&format!("/api/channels/{channel}/messages"), &message).await.expect("an answer");
    status.is_success()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_acknowledged_before_it_is_flushed() {
    let Some(strace) = engines::strace().expect("the script runs") else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let url = format!("sqlite://{}/yunqia.db", data.display());
    let (program, lines) = traced(&strace, folder.path());
    let mut settings = Node::settings(&data, &url);
    // Nothing else writes meanwhile.
    settings.push(("YUNQIA_MAIL_WORKER".into(), "false".into()));
    let mut node = Node::start(&program, settings).await.expect("the server starts");
    let db = Db::open(&url).await.expect("the database opens");
    let size = Size { desks: 1, slots: 1, companies: 40, people: 40, live: true };
    let Scene { session, guests, .. } = scene::build(&db, &size).await.expect("the scene is set");
    let browsers: Vec<Browser> = guests.iter().map(|guest| Browser::new(node.address, guest.cookie.clone())).collect();
    let hall = browsers[0].get(&format!("/api/sessions/{session}/hall")).await.expect("the hall can be read");
    let channel = hall["channel_id"].as_str().expect("a hall has a channel").to_owned();

    // One after the other: each has a flush of its own before its answer.
    for (n, browser) in browsers.iter().take(20).enumerate() {
        let before = flushes(&lines);
        assert!(says(browser, &channel).await, "message {n} is taken");
        assert!(flushes(&lines) > before, "message {n} was acknowledged, and nothing was flushed");
    }
    // Together they share flushes, but none is answered without one.
    let before = flushes(&lines);
    let mut together = tokio::task::JoinSet::new();
    for browser in browsers {
        let channel = channel.clone();
        together.spawn(async move { says(&browser, &channel).await });
    }
    let taken = together.join_all().await.into_iter().filter(|taken| *taken).count();
    let shared = flushes(&lines) - before;
    eprintln!("{taken} messages at once were acknowledged after {shared} flushes");
    assert_eq!(taken, 40);
    assert!(shared >= 1, "forty messages were acknowledged, and nothing was flushed");

    node.stop().await.expect("it stops when it is told to");
    let mut tx = db.read().await.expect("the database opens");
    assert_eq!(checks::broken_rules(&mut tx).await.expect("the checker runs"), Vec::<String>::new());
    drop(tx);
    db.close().await;
}
