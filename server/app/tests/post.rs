//! Letters of the running program to a real mail server over TLS that defers, stalls and drops the line: what a talk's people
//! have in their calendars after it was booked, moved and cancelled, and that a post that is killed at any moment loses no
//! letter and repeats none under another name.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    process::{Child, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use calcard::{
    Entry, Parser,
    icalendar::{ICalendarComponent, ICalendarProperty as Property},
};
use mailparse::{MailHeaderMap, ParsedMail};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;
use yunqia_load::{
    client::Browser,
    scene::{self, Scene, Size},
    server::Server,
};
use yunqia_store::{Db, db::sql};

/// Where in the conversation about a letter something happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    Greeting,
    Recipient,
    /// The whole letter is there, and nobody has said so yet.
    Letter,
}

/// What the mail server does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mood {
    Takes,
    Defers,
    /// Hangs up at this point. A letter that was there was taken.
    HangsUp(At),
    /// Says nothing more from this point on, and remembers that it got there. A letter that was there was taken.
    Stalls(At),
}

impl Mood {
    fn is(self, at: At) -> bool {
        self == Mood::HangsUp(at) || self == Mood::Stalls(at)
    }
}

#[derive(Default)]
struct Inner {
    /// Moods of the next conversations; when they are used up, letters are taken.
    moods: Vec<Mood>,
    taken: Vec<String>,
    /// Conversations that got to where they stall.
    stalled: usize,
}

/// A mail server on loopback that speaks TLS from the first byte.
struct MailServer {
    port: u16,
    authority: tempfile::NamedTempFile,
    inner: Arc<Mutex<Inner>>,
}

impl MailServer {
    async fn start() -> MailServer {
        let mut params = CertificateParams::new(Vec::<String>::new()).expect("parameters");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let ca = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority");
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(vec!["localhost".to_owned()]).expect("parameters");
        let certificate = params.signed_by(&key, &ca).expect("a certificate");
        let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], private)
            .expect("a server");
        let authority = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(authority.path(), ca.pem()).expect("it can be written");
        let tls = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let inner = Arc::new(Mutex::new(Inner::default()));
        let shared = inner.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (tls, inner) = (tls.clone(), shared.clone());
                // A client that goes away in the middle is no failure here.
                tokio::spawn(async move { converse(stream, tls, inner).await });
            }
        });
        MailServer { port, authority, inner }
    }

    fn inner(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().expect("nobody panics while holding this")
    }

    /// What the next letters meet.
    fn moods(&self, moods: &[Mood]) {
        self.inner().moods = moods.iter().rev().copied().collect();
    }

    /// A post of its own, as a process.
    fn post(&self, server: &Server) -> Post {
        let child = server
            .command("mail")
            .env("YUNQIA_MAIL_WAY", "smtp")
            .env("YUNQIA_MAIL_HOST", "localhost")
            .env("YUNQIA_MAIL_PORT", self.port.to_string())
            .env("YUNQIA_MAIL_SECURITY", "tls")
            .env("YUNQIA_MAIL_ROOT_CERTIFICATES", self.authority.path())
            .env("YUNQIA_MAIL_FROM_EMAIL", "no-reply@yunqia.example")
            .env("YUNQIA_MAIL_CONNECTIONS_MAX", "1")
            .env("YUNQIA_MAIL_TIMEOUT_SECONDS", "2")
            .stdin(Stdio::null())
            .spawn()
            .expect("the post starts");
        Post(child)
    }

    /// The letters taken so far, as another library reads them: by their Message-ID, with repeats.
    fn letters(&self) -> Vec<(String, String)> {
        let id = |letter: &String| {
            let parsed = mailparse::parse_mail(letter.as_bytes()).expect("a letter is MIME");
            parsed.headers.get_first_value("Message-ID").expect("every letter has an id")
        };
        self.inner().taken.iter().map(|letter| (id(letter), letter.clone())).collect()
    }
}

/// A post that ends with the test, whatever ends the test.
struct Post(Child);

impl Post {
    /// SIGKILL.
    fn kill(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Post {
    fn drop(&mut self) {
        self.kill();
    }
}

async fn converse(stream: TcpStream, tls: TlsAcceptor, inner: Arc<Mutex<Inner>>) -> std::io::Result<()> {
    let mut stream = BufReader::new(tls.accept(stream).await?);
    let next = |inner: &Mutex<Inner>| inner.lock().expect("no panic").moods.pop().unwrap_or(Mood::Takes);
    let mut mood = next(&inner);
    let stall = async |inner: &Mutex<Inner>| {
        inner.lock().expect("no panic").stalled += 1;
        std::future::pending::<()>().await;
    };
    if mood.is(At::Greeting) {
        if matches!(mood, Mood::Stalls(_)) {
            stall(&inner).await;
        }
        return Ok(());
    }
    stream.write_all(b"220 localhost ready\r\n").await?;
    stream.flush().await?;
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let answer: &[u8] = match line.get(..4).unwrap_or_default().to_ascii_uppercase().as_str() {
            "EHLO" => b"250-localhost\r\n250 8BITMIME\r\n",
            "RCPT" if mood.is(At::Recipient) => {
                if matches!(mood, Mood::Stalls(_)) {
                    stall(&inner).await;
                }
                return Ok(());
            }
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await?;
                stream.flush().await?;
                let mut letter = String::new();
                while !letter.ends_with("\r\n.\r\n") {
                    if stream.read_line(&mut letter).await? == 0 {
                        return Ok(());
                    }
                }
                let was = std::mem::replace(&mut mood, Mood::Takes);
                if was == Mood::Takes || was.is(At::Letter) {
                    inner.lock().expect("no panic").taken.push(letter);
                }
                match was {
                    Mood::HangsUp(_) => return Ok(()),
                    Mood::Stalls(_) => stall(&inner).await,
                    _ => {}
                }
                // The same line is used again for the next letter.
                mood = next(&inner);
                match was {
                    Mood::Defers => b"451 4.7.1 come back later\r\n",
                    _ => b"250 2.0.0 taken\r\n",
                }
            }
            "QUIT" => return Ok(()),
            _ => b"250 fine\r\n",
        };
        stream.write_all(answer).await?;
        stream.flush().await?;
    }
}

/// Waits until something is so; fails after a minute.
async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    for _ in 0..600 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("not within a minute: {what}");
}

/// Letters about bookings that are still to leave. The time that they would have to wait passes at once: until a lease of a
/// killed post runs out, and until a deferred letter is tried again.
async fn hurry(db: &Db) -> i64 {
    let mut tx = db.write().await.expect("the database opens");
    sql("UPDATE letters SET due_at = created_at, leased_until = NULL
         WHERE state = 'queued' AND kind IN ('slot_confirmed', 'slot_moved', 'slot_cancelled')
           AND (leased_until IS NOT NULL OR attempts > 0)")
    .execute(&mut tx)
    .await
    .expect("the query runs");
    let left: i64 = sql("SELECT CAST(count(*) AS BIGINT) FROM letters
         WHERE state = 'queued' AND kind IN ('slot_confirmed', 'slot_moved', 'slot_cancelled')")
    .scalar(&mut tx)
    .await
    .expect("the query runs");
    tx.commit().await.expect("it is kept");
    left
}

async fn scene(desks: usize, companies: usize) -> (Server, Scene) {
    let server = Server::start(Path::new(env!("CARGO_BIN_EXE_yunqia")), None).await.expect("the server starts");
    let size = Size { desks, slots: 9, companies, people: companies, live: false };
    let scene = scene::build(&server.db, &size).await.expect("the scene is set");
    (server, scene)
}

async fn slots(server: &Server, scene: &Scene) -> Vec<String> {
    let browser = Browser::new(server.address, scene.guests[0].cookie.clone());
    let timetable = browser.get(&format!("/api/sessions/{}/timetable", scene.session)).await.expect("it can be read");
    let cells = timetable["cells"].as_array().cloned().unwrap_or_default();
    cells.iter().map(|cell| cell["slot_id"].as_str().expect("a slot").to_owned()).collect()
}

async fn post(browser: &Browser, path: &str, body: Value) -> Value {
    let (status, answer) = browser.post(path, &body).await.expect("the server answers");
    assert!(status.is_success(), "{path}: {status} {answer}");
    answer
}

/// The calendar part of a letter: the MIME parameter, METHOD, and the event.
fn calendar(letter: &str) -> (String, String, ICalendarComponent) {
    fn find<'a>(part: &'a ParsedMail<'a>) -> Option<&'a ParsedMail<'a>> {
        if part.ctype.mimetype == "text/calendar" {
            return Some(part);
        }
        part.subparts.iter().find_map(find)
    }
    let parsed = mailparse::parse_mail(letter.as_bytes()).expect("a letter is MIME");
    let part = find(&parsed).expect("a calendar part");
    let parameter = part.ctype.params.get("method").expect("a method").clone();
    let text = part.get_body().expect("a body");
    let Entry::ICalendar(calendar) = Parser::new(&text).entry() else { panic!("no calendar:\n{text}") };
    let method = calendar.components[0].property(&Property::Method).expect("METHOD").values[0].as_text();
    let method = method.expect("a text").to_owned();
    let mut events = calendar.components.iter().filter(|component| component.component_type.is_event());
    let event = events.next().expect("an event").clone();
    assert!(events.next().is_none(), "one event:\n{text}");
    (parameter, method, event)
}

/// Booked, moved, cancelled by the company through the interface; each letter meets a server in a bad mood first.
#[tokio::test(flavor = "multi_thread")]
async fn a_talk_goes_into_calendars_moves_there_and_leaves_them() {
    let (server, scene) = scene(1, 1).await;
    let mail = MailServer::start().await;
    let slots = slots(&server, &scene).await;
    let browser = Browser::new(server.address, scene.guests[0].cookie.clone());
    let _post = mail.post(&server);
    let mut talk = Value::Null;
    // By reader: method, sequence and start of each calendar part, in the order in which they came.
    let mut calendars: BTreeMap<String, Vec<(String, i64, String)>> = BTreeMap::new();
    let mut uids = BTreeSet::new();
    let moods: [&[Mood]; 3] = [
        &[Mood::Defers, Mood::HangsUp(At::Recipient)],
        &[Mood::Defers, Mood::Defers],
        &[Mood::HangsUp(At::Letter), Mood::Defers],
    ];
    for (step, moods) in moods.into_iter().enumerate() {
        let seen = mail.letters().len();
        mail.moods(moods);
        talk = match step {
            0 => {
                let draft = json!({ "slot_id": slots[0], "company_id": scene.guests[0].company, "contact_id": null,
                    "subject": "Land, water; \"power\"" });
                post(&browser, "/api/bookings", draft).await
            }
            1 => {
                let path = format!("/api/bookings/{}/move", talk["id"].as_str().expect("an id"));
                post(&browser, &path, json!({ "slot_id": slots[3], "reason": "later, please" })).await
            }
            _ => {
                let path = format!("/api/bookings/{}/cancel", talk["id"].as_str().expect("an id"));
                post(&browser, &path, json!({ "reason": "plans changed" })).await
            }
        };
        until("both sides have their letters", async || hurry(&server.db).await == 0).await;
        let letters = mail.letters().split_off(seen);
        // The server that hung up on a whole letter has it twice, under one name.
        let names: BTreeSet<&String> = letters.iter().map(|(id, _)| id).collect();
        let repeats = usize::from(moods.contains(&Mood::HangsUp(At::Letter)));
        assert_eq!((names.len(), letters.len()), (2, 2 + repeats), "step {step}");
        let mut read = BTreeSet::new();
        for (id, letter) in letters {
            if !read.insert(id) {
                continue;
            }
            let parsed = mailparse::parse_mail(letter.as_bytes()).expect("MIME");
            let reader = parsed.headers.get_first_value("To").expect("a reader");
            let reader = reader.trim_end_matches('>').rsplit(['<', ' ']).next().unwrap_or_default().to_owned();
            let (parameter, method, event) = calendar(&letter);
            assert_eq!(parameter, method, "the MIME parameter is the method");
            let address =
                |property| event.property(&property).and_then(|entry| entry.calendar_address().map(str::to_owned));
            assert_eq!(address(Property::Organizer).as_deref(), Some("no-reply@yunqia.example"));
            assert_eq!(address(Property::Attendee).as_deref(), Some(reader.as_str()));
            assert_eq!(event.properties(&Property::Attendee).count(), 1);
            let sequence = event.property(&Property::Sequence).expect("SEQUENCE").values[0].as_integer();
            let start = event.property(&Property::Dtstart).expect("DTSTART").values[0].as_partial_date_time();
            let start = start.and_then(|start| start.to_date_time()).expect("a whole time").date_time.to_string();
            uids.insert(event.uid().expect("a UID").to_owned());
            calendars.entry(reader).or_default().push((method, sequence.expect("a number"), start));
        }
    }
    assert_eq!(uids.len(), 1, "one entry, whatever becomes of it: {uids:?}");
    assert_eq!(calendars.len(), 2, "both sides: {calendars:?}");
    for (reader, parts) in &calendars {
        let methods: Vec<_> = parts.iter().map(|(method, ..)| method.as_str()).collect();
        assert_eq!(methods, ["REQUEST", "REQUEST", "CANCEL"], "{reader}");
        assert!(parts.windows(2).all(|pair| pair[0].1 < pair[1].1), "{reader}: the sequence grows: {parts:?}");
        assert!(parts[0].2 < parts[1].2 && parts[1].2 == parts[2].2, "{reader}: later, then off: {parts:?}");
    }
    server.stop().await.expect("the server stops");
}

/// `yunqia mail` is killed while the server greets, takes a recipient, and between its taking a letter and its saying so.
#[tokio::test(flavor = "multi_thread")]
async fn a_post_that_is_killed_at_any_moment_loses_no_letter_and_repeats_none_under_another_name() {
    let (server, scene) = scene(2, 4).await;
    let mail = MailServer::start().await;
    let slots = slots(&server, &scene).await;
    for (n, guest) in scene.guests.iter().enumerate() {
        let browser = Browser::new(server.address, guest.cookie.clone());
        let draft = json!({ "slot_id": slots[n * 4], "company_id": guest.company, "contact_id": null, "subject": "" });
        post(&browser, "/api/bookings", draft).await;
    }
    for (kill, moods) in [
        &[Mood::Stalls(At::Greeting)][..],
        &[Mood::Takes, Mood::Stalls(At::Recipient)],
        &[Mood::Stalls(At::Letter)],
        &[Mood::Takes, Mood::Takes, Mood::Stalls(At::Letter)],
    ]
    .into_iter()
    .enumerate()
    {
        mail.moods(moods);
        let mut process = mail.post(&server);
        until("the post is where it is killed", async || mail.inner().stalled > kill).await;
        process.kill();
        assert!(hurry(&server.db).await > 0, "kill {kill} was in the middle");
    }
    // Killed in between, and not only where the server stalls: as soon as one more letter was taken.
    let taken = mail.letters().len();
    let mut process = mail.post(&server);
    until("one more letter", async || mail.letters().len() > taken).await;
    process.kill();
    let _last = mail.post(&server);
    until("everything has left", async || hurry(&server.db).await == 0).await;

    let mut tx = server.db.read().await.expect("the database opens");
    let rows: Vec<(String, String)> =
        sql("SELECT message_id, state FROM letters WHERE kind = 'slot_confirmed'").all(&mut tx).await.expect("it runs");
    assert_eq!(rows.len(), 8, "two for each of four talks");
    assert!(rows.iter().all(|(_, state)| state == "sent"), "{rows:?}");
    let mut copies: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (id, letter) in mail.letters() {
        copies.entry(id).or_default().push(letter);
    }
    let known: BTreeSet<String> = rows.into_iter().map(|(id, _)| format!("<{id}@yunqia.example>")).collect();
    assert_eq!(copies.keys().cloned().collect::<BTreeSet<_>>(), known, "each letter came, and nothing else");
    let repeated = copies.values().filter(|letters| letters.len() > 1).count();
    assert!(repeated >= 1, "a letter that was taken and not marked comes again");
    for letters in copies.values() {
        // Two of a name are one letter: same reader, same subject.
        let head = |letter: &String| {
            let parsed = mailparse::parse_mail(letter.as_bytes()).expect("MIME");
            (parsed.headers.get_first_value("To"), parsed.headers.get_first_value("Subject"))
        };
        assert!(letters.iter().all(|letter| head(letter) == head(&letters[0])));
    }
    drop(tx);
    server.stop().await.expect("the server stops");
}

/// The mail server takes a whole letter and never says so: the post gives it up, the other letters leave, and that one comes again
/// under its own name.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_hangs_after_a_letter_holds_up_no_other_and_gets_it_again() {
    let (server, scene) = scene(2, 3).await;
    let mail = MailServer::start().await;
    let slots = slots(&server, &scene).await;
    for (n, guest) in scene.guests.iter().enumerate() {
        let browser = Browser::new(server.address, guest.cookie.clone());
        let draft = json!({ "slot_id": slots[n * 4], "company_id": guest.company, "contact_id": null, "subject": "" });
        post(&browser, "/api/bookings", draft).await;
    }
    mail.moods(&[Mood::Takes, Mood::Stalls(At::Letter), Mood::Takes, Mood::Stalls(At::Letter)]);
    let _post = mail.post(&server);
    until("the server hangs", async || mail.inner().stalled > 0).await;
    let before = mail.letters().len();
    // Nobody hurries here: the lease stands, and the letters behind the one that hangs leave all the same.
    until("other letters leave", async || mail.letters().len() > before).await;
    until("everything has left", async || hurry(&server.db).await == 0).await;
    assert_eq!(mail.inner().stalled, 2);

    let mut tx = server.db.read().await.expect("the database opens");
    let rows: Vec<(String, String)> =
        sql("SELECT message_id, state FROM letters WHERE kind = 'slot_confirmed'").all(&mut tx).await.expect("it runs");
    assert!(rows.len() == 6 && rows.iter().all(|(_, state)| state == "sent"), "{rows:?}");
    let mut copies: BTreeMap<String, usize> = BTreeMap::new();
    for (id, _) in mail.letters() {
        *copies.entry(id).or_default() += 1;
    }
    let known: BTreeSet<String> = rows.into_iter().map(|(id, _)| format!("<{id}@yunqia.example>")).collect();
    assert_eq!(copies.keys().cloned().collect::<BTreeSet<_>>(), known, "each letter came, and nothing else");
    assert_eq!(copies.values().sum::<usize>(), 6 + 2, "those that were taken without a word came again: {copies:?}");
    drop(tx);
    server.stop().await.expect("the server stops");
}
