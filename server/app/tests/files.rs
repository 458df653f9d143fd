//! Files in a bucket: what one node takes, another gives back; the folder of the node stays empty; a storage that is away is told as
//! what it is. Against a server that speaks S3 and checks signatures.

use std::{net::SocketAddr, path::Path, process::Command};

use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::json;
use yunqia_load::{
    client::Browser,
    node::Node,
    scene::{self, Size},
};
use yunqia_store::Db;

const PROGRAM: &str = env!("CARGO_BIN_EXE_yunqia");

/// Serves the folders below `root` as buckets, until the task is aborted.
async fn storage(root: &Path) -> (SocketAddr, tokio::task::JoinHandle<()>) {
    let mut service = s3s::service::S3ServiceBuilder::new(s3s_fs::FileSystem::new(root).expect("a folder"));
    service.set_auth(s3s::auth::SimpleAuth::from_single("key", "secret"));
    let service = service.build();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("loopback has free ports");
    let address = listener.local_addr().expect("a bound socket has an address");
    let task = tokio::spawn(async move {
        // Connections end with the task.
        let mut connections = tokio::task::JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            let service = service.clone();
            connections.spawn(async move {
                let builder = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
                let _ = builder.serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    (address, task)
}

#[tokio::test(flavor = "multi_thread")]
async fn files_lie_in_a_bucket() {
    let folder = tempfile::tempdir().expect("a folder");
    let buckets = folder.path().join("buckets");
    std::fs::create_dir_all(buckets.join("talks")).expect("a bucket");
    let (storage, serving) = storage(&buckets).await;
    let data = folder.path().join("data");
    let url = format!("sqlite://{}/yunqia.db", data.display());
    let mut settings = Node::settings(&data, &url);
    let mut set = |name: &str, value: &str| settings.push((format!("YUNQIA_FILES_{name}"), value.to_owned()));
    set("PLACE", "s3");
    set("BUCKET", "talks");
    set("PREFIX", "of/yunqia");
    set("ENDPOINT", &format!("http://{storage}"));
    set("ACCESS_KEY_ID", "key");
    set("SECRET_ACCESS_KEY", "secret");
    // Two programs on one SQLite file: not how it is run, but reading is all that the second one does.
    let node = Node::start(Path::new(PROGRAM), settings.clone()).await.expect("the server starts");
    let other = Node::start(Path::new(PROGRAM), settings.clone()).await.expect("the server starts");
    let db = Db::open(&url).await.expect("the database opens");
    let size = Size { desks: 1, slots: 1, companies: 1, people: 1, live: true };
    let scene = scene::build(&db, &size).await.expect("the scene is set");
    let cookie = scene.guests[0].cookie.clone();
    let guest = Browser::new(node.address, cookie.clone());
    let hall = guest.get(&format!("/api/sessions/{}/hall", scene.session)).await.expect("the hall can be read");
    let channel = hall["channel_id"].as_str().expect("a hall has a channel").to_owned();

    // More than one piece of the stream.
    let content: Vec<u8> =
        b"%PDF-1.7 ".iter().copied().chain((0..700_000_u32).map(|n| (n * 7 + n / 251) as u8)).collect();
    let path = format!("/api/channels/{channel}/files");
    let (status, file) = guest.upload(&path, "plan.pdf", &content).await.expect("the server answers");
    assert_eq!(status.as_u16(), 201, "{file}");
    let message = json!({ "client_id": yunqia_load::fresh(), "text": "", "file_id": file["id"] });
    let (status, sent) = guest.post(&format!("/api/channels/{channel}/messages"), &message).await.expect("an answer");
    assert!(status.is_success(), "{sent}");
    let file_url = file["url"].as_str().expect("a file has an address").to_owned();
    for node in [&node, &other] {
        let (status, read) = Browser::new(node.address, cookie.clone()).download(&file_url).await.expect("an answer");
        assert_eq!(status.as_u16(), 200);
        assert!(read == content, "{} bytes came back, {} were sent", read.len(), content.len());
    }
    let id = file["id"].as_str().expect("a file has an id").replace('-', "");
    let object = buckets.join("talks/of/yunqia").join(&id[30..]).join(&id[28..30]).join(&id);
    assert_eq!(std::fs::read(object).expect("the object is in the bucket"), content);
    assert!(!data.join("files").exists(), "nothing lies in the node's own folder");

    let doctor = |settings: &[(String, String)]| {
        let run = Command::new(PROGRAM).arg("doctor").envs(settings.iter().map(|(k, v)| (k, v))).output();
        String::from_utf8(run.expect("the doctor comes").stdout).expect("text")
    };
    let told = doctor(&settings);
    assert!(told.contains("good     files: bucket talks can be written and read"), "{told}");
    settings.push(("YUNQIA_FILES_SECRET_ACCESS_KEY".into(), "wrong".into()));
    let told = doctor(&settings);
    assert!(told.contains("WRONG    files: bucket talks"), "{told}");

    serving.abort();
    let (status, problem) = guest.upload(&path, "plan.pdf", &content).await.expect("the server answers");
    assert_eq!((status.as_u16(), &problem["code"]), (503, &json!("unavailable")), "{problem}");
    db.close().await;
}
