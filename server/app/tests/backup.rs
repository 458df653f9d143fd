//! A backup is made while people book, write and hand over files, and is restored elsewhere: what was acknowledged before it began
//! is in it, no rule is broken, and a server goes on from there with the same sign-ins.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use serde_json::{Value, json};
use yunqia_load::{
    client::Browser,
    engines::missing,
    node::Node,
    scene::{self, Guest, Scene, Size},
    server::Server,
};
use yunqia_store::{Db, checks, db::sql};

const PROGRAM: &str = env!("CARGO_BIN_EXE_yunqia");
const SIZE: Size = Size { desks: 6, slots: 12, companies: 24, people: 24, live: true };

/// What people have been told is done.
#[derive(Clone, Default)]
struct Told {
    bookings: Arc<Mutex<BTreeSet<String>>>,
    messages: Arc<Mutex<BTreeSet<String>>>,
    files: Arc<Mutex<BTreeSet<String>>>,
    stop: Arc<AtomicBool>,
}

fn now(list: &Mutex<BTreeSet<String>>) -> BTreeSet<String> {
    list.lock().expect("nobody panics while holding this").clone()
}

fn add(list: &Mutex<BTreeSet<String>>, thing: &Value) {
    let id = thing["id"].as_str().expect("an id").to_owned();
    list.lock().expect("nobody panics while holding this").insert(id);
}

/// Books, writes and hands over files until told to stop.
async fn acts(
    address: std::net::SocketAddr,
    guest: Guest,
    number: usize,
    slots: Vec<Value>,
    channel: String,
    told: Told,
) {
    let browser = Browser::new(address, guest.cookie.clone());
    let messages = format!("/api/channels/{channel}/messages");
    let mut round = 0;
    while !told.stop.load(Ordering::Relaxed) {
        let slot = &slots[(number * 5 + round * 7) % slots.len()];
        let draft = json!({ "slot_id": slot, "company_id": guest.company, "contact_id": null, "subject": "Load" });
        let (status, booking) = browser.post("/api/bookings", &draft).await.expect("the server answers");
        if status.as_u16() == 201 {
            add(&told.bookings, &booking);
        }
        let mut message =
            json!({ "client_id": yunqia_load::fresh(), "text": format!("{number}/{round}"), "file_id": null });
        if round % 5 == 0 {
            let path = format!("/api/channels/{channel}/files");
            let content = format!("%PDF-1.7 of {number} in round {round}");
            let (status, file) = browser.upload(&path, "plan.pdf", content.as_bytes()).await.expect("an answer");
            assert_eq!(status.as_u16(), 201, "{file}");
            message["file_id"] = file["id"].clone();
        }
        let (status, said) = browser.post(&messages, &message).await.expect("the server answers");
        assert!(status.is_success(), "{said}");
        add(&told.messages, &said);
        if said["file"].is_object() {
            add(&told.files, &said["file"]);
        }
        round += 1;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn run(command: &mut Command) {
    let output = command.output().expect("the program runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Waits until so many things were told.
async fn until(told: &Told, messages: usize) {
    for _ in 0..600 {
        if now(&told.messages).len() >= messages {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("hardly anything happens: {} messages", now(&told.messages).len());
}

/// Acts on a server while `copy` makes a copy of it; returns a cookie and what had been told before the copy was begun.
async fn under_load<F: Future<Output = ()>>(server: &Server, copy: impl FnOnce() -> F) -> (String, String, Told) {
    let Scene { session, guests, host } = scene::build(&server.db, &SIZE).await.expect("the scene is set");
    let browser = Browser::new(server.address, host);
    let hall = browser.get(&format!("/api/sessions/{session}/hall")).await.expect("the hall can be read");
    let channel = hall["channel_id"].as_str().expect("a hall has a channel").to_owned();
    let table = browser.get(&format!("/api/sessions/{session}/timetable")).await.expect("it can be read");
    let slots: Vec<Value> =
        table["cells"].as_array().expect("cells").iter().map(|one| one["slot_id"].clone()).collect();
    let cookie = guests[0].cookie.clone();
    let told = Told::default();
    let mut people = tokio::task::JoinSet::new();
    for (number, guest) in guests.into_iter().enumerate() {
        people.spawn(acts(server.address, guest, number, slots.clone(), channel.clone(), told.clone()));
    }
    until(&told, 100).await;
    let before = Told {
        bookings: Arc::new(Mutex::new(now(&told.bookings))),
        messages: Arc::new(Mutex::new(now(&told.messages))),
        files: Arc::new(Mutex::new(now(&told.files))),
        stop: Arc::default(),
    };
    copy().await;
    until(&told, now(&told.messages).len() + 50).await;
    told.stop.store(true, Ordering::Relaxed);
    while let Some(person) = people.join_next().await {
        person.expect("nobody panics");
    }
    assert!(now(&told.messages).len() > now(&before.messages).len(), "people went on while the copy was made");
    (cookie, session.to_string(), before)
}

/// What had been told is in the copy, once, and no rule is broken there.
async fn judge(copy: &Db, before: &Told, files: &Path) {
    let mut tx = copy.read().await.expect("the copy opens");
    assert_eq!(checks::broken_rules(&mut tx).await.expect("the checker runs"), Vec::<String>::new());
    let bookings: Vec<(uuid::Uuid,)> = sql("SELECT id FROM bookings").all(&mut tx).await.expect("it runs");
    let messages: Vec<(uuid::Uuid,)> = sql("SELECT id FROM messages").all(&mut tx).await.expect("it runs");
    for (what, told, kept) in [("bookings", &before.bookings, bookings), ("messages", &before.messages, messages)] {
        let kept: BTreeSet<String> = kept.into_iter().map(|(id,)| id.to_string()).collect();
        let lost: Vec<_> = now(told).difference(&kept).cloned().collect();
        assert!(lost.is_empty(), "{what} acknowledged before the copy was begun are not in it: {lost:?}");
    }
    // A file is written before the message that names it, and copied after the database.
    let named: Vec<(uuid::Uuid,)> =
        sql("SELECT DISTINCT file_id FROM messages WHERE file_id IS NOT NULL").all(&mut tx).await.expect("it runs");
    assert!(named.len() >= now(&before.files).len() && !named.is_empty());
    for (id,) in named {
        let name = id.simple().to_string();
        let path: PathBuf = files.join(&name[30..32]).join(&name[28..30]).join(&name);
        assert!(path.exists(), "the copy has a message with a file that it has not: {}", path.display());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_under_load_is_restored_elsewhere() {
    let server = Server::start(Path::new(PROGRAM), None).await.expect("the server starts");
    let folder = tempfile::tempdir().expect("a folder");
    let copy = folder.path().join("copy");
    let (cookie, session, before) = under_load(&server, || async {
        let mut command = server.command("backup");
        command.arg(&copy);
        tokio::task::spawn_blocking(move || run(&mut command)).await.expect("it ends");
    })
    .await;
    server.stop().await.expect("the server stops");

    // Another machine: nothing of the first one is there.
    let data = folder.path().join("elsewhere");
    let url = format!("sqlite://{}/yunqia.db", data.display());
    let settings = Node::settings(&data, &url);
    run(Command::new(PROGRAM).arg("restore").arg(&copy).envs(settings.iter().map(|(name, value)| (name, value))));
    let node = Node::start(Path::new(PROGRAM), settings).await.expect("the server starts from the copy");
    let db = Db::open(&url).await.expect("the copy opens");
    judge(&db, &before, &data.join("files")).await;
    let browser = Browser::new(node.address, cookie);
    let me = browser.get("/api/me").await.expect("whoever was signed in still is");
    assert!(me["person"]["id"].is_string(), "{me}");
    let hall = browser.get(&format!("/api/sessions/{session}/hall")).await.expect("the hall goes on");
    assert!(!hall["messages"].as_array().expect("messages").is_empty());
    db.close().await;
}

/// On PostgreSQL the database is copied with its own tool, as `yunqia backup` says.
#[tokio::test(flavor = "multi_thread")]
async fn a_dump_under_load_is_restored_elsewhere() {
    let Ok(postgres) = std::env::var("TEST_POSTGRES_URL") else { return missing("TEST_POSTGRES_URL") };
    let server = Server::start(Path::new(PROGRAM), Some(&postgres)).await.expect("the server starts");
    let folder = tempfile::tempdir().expect("a folder");
    let (copy, dump) = (folder.path().join("copy"), folder.path().join("yunqia.dump"));
    let (_, _, before) = under_load(&server, || async {
        // The database first: a file is written before the message that names it.
        let mut pg_dump = Command::new("pg_dump");
        pg_dump.args(["--format=custom", "--file"]).arg(&dump).arg(server.url());
        let mut backup = server.command("backup");
        backup.arg(&copy);
        let both = tokio::task::spawn_blocking(move || {
            run(&mut pg_dump);
            run(&mut backup);
        });
        both.await.expect("both end");
    })
    .await;
    let name = format!("yunqia_restored_{}", yunqia_load::fresh().simple());
    run(Command::new("psql").arg(format!("{postgres}/postgres")).args(["-qc", &format!("CREATE DATABASE {name}")]));
    let url = format!("{postgres}/{name}");
    run(Command::new("pg_restore").args(["--no-owner", "--exit-on-error", "--dbname", &url]).arg(&dump));
    let db = Db::open(&url).await.expect("the copy opens");
    judge(&db, &before, &copy.join("files")).await;
    db.close().await;
    let drop = format!("DROP DATABASE {name} WITH (FORCE)");
    run(Command::new("psql").arg(format!("{postgres}/postgres")).args(["-qc", &drop]));
    server.stop().await.expect("the server stops");
}
