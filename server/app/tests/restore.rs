//! A restore never writes under a program that is running: it finds the lock in the data folder, whatever address the
//! program listens on, and goes ahead once the program has ended.

use std::{
    path::Path,
    process::{Command, Output, Stdio},
    time::{Duration, Instant},
};

const PATIENCE: Duration = Duration::from_secs(60);

fn yunqia(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yunqia"));
    command
        .env("YUNQIA_DATA_DIR", folder.join("data"))
        // Any free port: a restore has no way to find it.
        .env("YUNQIA_SERVER_LISTEN", "127.0.0.1:0")
        .env("YUNQIA_LOG_LEVEL", "error")
        .current_dir(folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    yunqia(folder).args(arguments).output().expect("the program runs")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_restore_waits_for_the_end_of_the_server() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path();
    assert!(run(path, &["migrate"]).status.success());
    let backup = run(path, &["backup", "copy"]);
    assert!(backup.status.success(), "{}", said(&backup));

    let mut server = yunqia(path).arg("serve").stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    let begun = Instant::now();
    let refused = loop {
        // Until the server has its lock the restore may go ahead, as it may after its end.
        let output = run(path, &["restore", "copy", "--replace"]);
        if !output.status.success() {
            break output;
        }
        assert!(begun.elapsed() < PATIENCE, "the server never took its lock");
        std::thread::sleep(Duration::from_millis(100));
    };
    assert!(said(&refused).contains("stop it first"), "{}", said(&refused));
    assert!(server.try_wait().expect("it can be asked").is_none(), "the server goes on");
    server.kill().expect("it can be ended");
    server.wait().expect("it ends");
    // However it ended, the lock went with it.
    let restored = run(path, &["restore", "copy", "--replace"]);
    assert!(restored.status.success(), "{}", said(&restored));
    assert!(path.join("data/yunqia.db").exists());
}
