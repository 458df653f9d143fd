//! The post against a real mail server that refuses, defers and hangs up: nothing is lost, and a repeat is the same letter.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicI64, Ordering},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};
use yunqia_actions::{Act, letters as outbox_letters};
use yunqia_domain::{
    Timestamp,
    ids::PersonId,
    letters::{Facts, LetterKind},
    locale::Locale,
    states::{LetterState, PersonState},
};
use yunqia_mail::SmtpSettings;
use yunqia_store::{db::sql, people::Person};

use super::*;
use crate::config::Config;

/// What the mail server answers to the end of a message.
#[derive(Clone, Copy)]
enum Mood {
    Takes,
    Defers,
    Refuses,
    /// Takes the letter and hangs up before it says so.
    HangsUp,
}

/// A mail server on loopback whose moods follow each other; the last one stays.
struct Server {
    port: u16,
    taken: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn start(moods: Vec<Mood>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let taken = Arc::new(Mutex::new(Vec::new()));
        let letters = taken.clone();
        let moods = Arc::new(Mutex::new(moods));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(talk(stream, moods.clone(), letters.clone()));
            }
        });
        Server { port, taken }
    }

    fn message_ids(&self) -> Vec<String> {
        let taken = self.taken.lock().unwrap();
        let id = |letter: &String| letter.lines().find_map(|line| line.strip_prefix("Message-ID: ").map(str::to_owned));
        taken.iter().map(|letter| id(letter).expect("every letter has an id")).collect()
    }
}

async fn talk(stream: TcpStream, moods: Arc<Mutex<Vec<Mood>>>, taken: Arc<Mutex<Vec<String>>>) {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    write.write_all(b"220 here\r\n").await.unwrap();
    while let Ok(Some(line)) = lines.next_line().await {
        let answer: &[u8] = match line.split(' ').next().unwrap_or_default() {
            "EHLO" => b"250-here\r\n250 8BITMIME\r\n",
            "DATA" => {
                write.write_all(b"354 go on\r\n").await.unwrap();
                let mut letter = String::new();
                while let Ok(Some(line)) = lines.next_line().await {
                    if line == "." {
                        break;
                    }
                    letter.push_str(&line);
                    letter.push('\n');
                }
                let mood = {
                    let mut moods = moods.lock().unwrap();
                    if moods.len() > 1 { moods.remove(0) } else { moods[0] }
                };
                match mood {
                    Mood::Takes => {
                        taken.lock().unwrap().push(letter);
                        b"250 taken\r\n"
                    }
                    Mood::HangsUp => {
                        taken.lock().unwrap().push(letter);
                        return;
                    }
                    Mood::Defers => b"451 4.7.1 come back later\r\n",
                    Mood::Refuses => b"550 5.1.1 nobody of that name\r\n",
                }
            }
            "QUIT" => return,
            _ => b"250 fine\r\n",
        };
        if write.write_all(answer).await.is_err() {
            return;
        }
    }
}

struct Scene {
    db: Db,
    now: Arc<AtomicI64>,
    _dir: tempfile::TempDir,
}

impl Scene {
    async fn new() -> Scene {
        let dir = tempfile::tempdir().unwrap();
        let db = Db::open(&format!("sqlite://{}/test.db", dir.path().display())).await.unwrap();
        db.migrate().await.unwrap();
        let now = Arc::new(AtomicI64::new(1_790_000_000));
        Scene { db, now, _dir: dir }
    }

    fn now(&self) -> Timestamp {
        jiff::Timestamp::from_second(self.now.load(Ordering::SeqCst)).unwrap().into()
    }

    fn later(&self, minutes: i64) {
        self.now.fetch_add(60 * minutes, Ordering::SeqCst);
    }

    async fn post(&self, server: &Server) -> Post {
        let mut settings = SmtpSettings::new("127.0.0.1", yunqia_mail::Security::PlainOnLoopback);
        settings.port = server.port;
        let config = Config::read("", std::iter::empty()).unwrap();
        Post {
            db: self.db.clone(),
            renderer: set_up::renderer(&config).unwrap(),
            sender: Arc::new(Sender::new("云洽", "no-reply@yunqia.example").unwrap()),
            transport: Arc::new(Transport::smtp(&settings).unwrap()),
            host: "yunqia.example".into(),
            unsubscribe: set_up::unsubscribe(vec![7; 32]),
            backoff: Backoff::default(),
            paces: Paces::default(),
            connections: 2,
            keeps_secrets: false,
            rests_until: None,
        }
    }

    async fn step(&self, post: &mut Post) -> Step {
        let now = self.now.clone();
        post.step(&move || jiff::Timestamp::from_second(now.load(Ordering::SeqCst)).unwrap().into()).await.unwrap()
    }

    /// A person who asked for a code.
    async fn asks_for_code(&self, name: &str) -> PersonId {
        let mut act = Act::new(self.now(), None, name.len() as u64 + u64::from(name.as_bytes()[0]));
        let person = Person {
            id: act.id(),
            email: format!("{name}@company.example"),
            email_key: format!("{name}@company.example"),
            family_name: "赵".into(),
            given_name: "明".into(),
            honorific: None,
            phone: None,
            locale: Locale::ZhHans,
            zone: "Asia/Shanghai".into(),
            operator: false,
            wants_digests: true,
            feed_token: act.secret(),
            state: PersonState::Active,
            created_at: act.now,
            version: 1,
        };
        let mut tx = self.db.write().await.unwrap();
        yunqia_store::people::insert(&mut tx, &person).await.unwrap();
        let facts = Facts {
            link: "/sign-in/link#token=x".into(),
            code: Some("012345".into()),
            minutes: Some(60 * 24 * 30),
            ..Facts::default()
        };
        let letter = outbox_letters::Letter {
            kind: LetterKind::SignInCode,
            to: &person,
            cause: "test".into(),
            facts,
            session: None,
            booking: None,
            due_at: None,
        };
        outbox_letters::queue(&mut tx, &mut act, letter).await.unwrap();
        tx.commit().await.unwrap();
        person.id
    }

    /// State, attempts and whether the code is still in it.
    async fn letter(&self, to: PersonId) -> (LetterState, i64, bool) {
        let mut tx = self.db.read().await.unwrap();
        let (state, attempts, facts): (LetterState, i64, String) =
            sql("SELECT state, attempts, CAST(facts AS TEXT) FROM letters WHERE person_id = $1")
                .bind(to)
                .one(&mut tx)
                .await
                .unwrap();
        (state, attempts, facts.contains("012345"))
    }
}

#[tokio::test]
async fn a_letter_leaves_once_and_its_key_is_erased() {
    let (scene, server) = (Scene::new().await, Server::start(vec![Mood::Takes]).await);
    let zhao = scene.asks_for_code("zhao").await;
    let mut post = scene.post(&server).await;
    assert_eq!(scene.step(&mut post).await, Step { sent: 1, ..Step::default() });
    assert_eq!(scene.letter(zhao).await, (LetterState::Sent, 1, false));
    assert!(scene.step(&mut post).await.was_idle());
    assert_eq!(server.message_ids().len(), 1);
}

#[tokio::test]
async fn a_deferred_letter_waits_longer_each_time_and_then_leaves() {
    let (scene, server) = (Scene::new().await, Server::start(vec![Mood::Defers, Mood::Defers, Mood::Takes]).await);
    let zhao = scene.asks_for_code("zhao").await;
    let mut post = scene.post(&server).await;
    assert_eq!(scene.step(&mut post).await.put_off, 1);
    assert!(scene.step(&mut post).await.was_idle(), "not at once");
    scene.later(1);
    assert_eq!(scene.step(&mut post).await.put_off, 1);
    scene.later(1);
    assert!(scene.step(&mut post).await.was_idle(), "the second wait is longer");
    scene.later(5);
    assert_eq!(scene.step(&mut post).await.sent, 1);
    assert_eq!(scene.letter(zhao).await, (LetterState::Sent, 3, false));
}

#[tokio::test]
async fn one_refused_letter_stops_no_other_and_is_kept() {
    let (scene, server) = (Scene::new().await, Server::start(vec![Mood::Refuses, Mood::Takes]).await);
    let people = [scene.asks_for_code("zhao").await, scene.asks_for_code("wang").await];
    let mut post = scene.post(&server).await;
    let step = scene.step(&mut post).await;
    assert_eq!((step.sent, step.undeliverable), (1, 1));
    let mut states = [scene.letter(people[0]).await.0, scene.letter(people[1]).await.0];
    states.sort();
    assert_eq!(states, [LetterState::Sent, LetterState::Undeliverable]);
}

#[tokio::test]
async fn a_letter_whose_answer_was_lost_is_repeated_under_the_same_id() {
    let (scene, server) = (Scene::new().await, Server::start(vec![Mood::HangsUp, Mood::Takes]).await);
    let zhao = scene.asks_for_code("zhao").await;
    let mut post = scene.post(&server).await;
    assert_eq!(scene.step(&mut post).await.sent, 0);
    scene.later(10);
    assert_eq!(scene.step(&mut post).await.sent, 1);
    assert_eq!(scene.letter(zhao).await.0, LetterState::Sent);
    let ids = server.message_ids();
    assert_eq!((ids.len(), &ids[0]), (2, &ids[1]));
}

#[tokio::test]
async fn the_letters_of_a_post_that_died_leave_with_the_next_one() {
    let (scene, server) = (Scene::new().await, Server::start(vec![Mood::Takes]).await);
    let zhao = scene.asks_for_code("zhao").await;
    // Leased and never heard of again.
    let mut tx = scene.db.write().await.unwrap();
    assert_eq!(outbox::lease(&mut tx, scene.now(), scene.now().plus(LEASE), &[], 10).await.unwrap().len(), 1);
    tx.commit().await.unwrap();
    let mut post = scene.post(&server).await;
    assert!(scene.step(&mut post).await.was_idle(), "it is another's for five minutes");
    scene.later(6);
    assert_eq!(scene.step(&mut post).await.sent, 1);
    assert_eq!(scene.letter(zhao).await.0, LetterState::Sent);
}

#[tokio::test]
async fn a_domain_that_has_had_enough_does_not_hold_up_the_others() {
    let (scene, server) = (Scene::new().await, Server::start(vec![Mood::Takes]).await);
    for name in ["a", "bb", "ccc"] {
        scene.asks_for_code(name).await;
    }
    let mut tx = scene.db.write().await.unwrap();
    sql("UPDATE letters SET to_domain = 'other.example' WHERE to_email = 'ccc@company.example'")
        .execute(&mut tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let mut post = scene.post(&server).await;
    let pace = yunqia_mail::backoff::Pace { burst: 1.0, per_minute: 1.0 };
    post.paces = Paces::new(pace, HashMap::new());
    assert_eq!(scene.step(&mut post).await.sent, 2, "one for each domain");
    assert!(scene.step(&mut post).await.was_idle());
    scene.later(2);
    assert_eq!(scene.step(&mut post).await.sent, 1);
}

/// A backlog after an outage, at the pace that is set: 20,000 letters with `TEST_LONG`, fewer for every day.
#[tokio::test]
async fn a_backlog_leaves_at_the_pace_of_each_domain() {
    let letters: i64 = if std::env::var_os("TEST_LONG").is_some() { 20_000 } else { 600 };
    let scene = Scene::new().await;
    let zhao = scene.asks_for_code("zhao").await;
    // Copies of one letter: half of them to one large provider, the others to four domains.
    let mut tx = scene.db.write().await.unwrap();
    for n in 1..letters {
        let domain = if n % 2 == 0 { "large.example".to_owned() } else { format!("small{}.example", n / 2 % 4) };
        sql("INSERT INTO letters (id, kind, person_id, to_email, to_domain, locale, facts, session_id, booking_id, dedup_key, state,
                                  due_at, attempts, leased_until, sent_at, last_error, message_id, created_at)
             SELECT $2, kind, person_id, $3, $4, locale, facts, session_id, booking_id, $3, state,
                    due_at, attempts, leased_until, sent_at, last_error, $5, created_at
             FROM letters WHERE person_id = $1 AND to_email = 'zhao@company.example'")
        .bind(zhao)
        .bind(uuid::Uuid::from_u128(n as u128))
        .bind(format!("person{n}@{domain}"))
        .bind(domain)
        .bind(format!("backlog-{n}"))
        .execute(&mut tx)
        .await
        .unwrap();
    }
    tx.commit().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut post = scene.post(&Server::start(vec![Mood::Takes]).await).await;
    post.transport = Arc::new(Transport::folder(folder.path()).unwrap());
    // So that the small domains are done long before the large one, and it all takes about half an hour.
    let per_minute = letters as f64 / 2.0 / 30.0;
    let pace = yunqia_mail::backoff::Pace { burst: per_minute, per_minute };
    post.paces = Paces::new(pace, HashMap::new());

    // By minute: what has left for the large domain, and what still waits for any.
    let mut left_by: Vec<(i64, i64, i64)> = Vec::new();
    let waits = async |wanted: &'static str| -> i64 {
        let mut tx = scene.db.read().await.unwrap();
        sql("SELECT CAST(count(*) AS BIGINT) FROM letters WHERE state = 'queued' AND to_domain LIKE $1")
            .bind(wanted)
            .scalar(&mut tx)
            .await
            .unwrap()
    };
    let large_in_all = waits("large.example").await;
    let mut minutes = 0;
    while left_by.last().is_none_or(|(_, _, left)| *left > 0) {
        while !scene.step(&mut post).await.was_idle() {}
        left_by.push((minutes, large_in_all - waits("large.example").await, waits("%").await));
        minutes += 1;
        scene.later(1);
        assert!(minutes < 60, "the backlog does not leave: {left_by:?}");
    }
    for (minutes, gone, _) in &left_by {
        let allowed = per_minute * (1 + *minutes) as f64 + 1.0;
        assert!(
            *gone as f64 <= allowed,
            "{gone} letters to one domain within {minutes} minutes, {allowed} are allowed"
        );
    }
    assert!((28..=32).contains(&minutes), "at the rate that is set: {minutes} minutes, {left_by:?}");
    let (_, gone, left) = left_by[left_by.len() / 2];
    assert_eq!(left, large_in_all - gone, "the small domains do not wait behind the large one: {left_by:?}");
    let files = std::fs::read_dir(folder.path()).unwrap().count() as i64;
    assert_eq!(files, letters, "each letter left under a name of its own");
    let mut tx = scene.db.read().await.unwrap();
    let sent: i64 = sql("SELECT CAST(count(*) AS BIGINT) FROM letters WHERE state = 'sent' AND attempts = 1")
        .scalar(&mut tx)
        .await
        .unwrap();
    assert_eq!(sent, letters, "each letter left once");
}

/// The machine's clock is set an hour back, or forward, while letters wait and rest.
#[tokio::test]
async fn a_clock_that_is_set_holds_no_letter_up() {
    for minutes in [60, -60] {
        let (scene, server) = (Scene::new().await, Server::start(vec![Mood::Takes]).await);
        let mut post = scene.post(&server).await;
        let pace = yunqia_mail::backoff::Pace { burst: 1.0, per_minute: 60.0 };
        post.paces = Paces::new(pace, HashMap::new());
        post.rests_until = Some(scene.now().plus(REST));
        scene.asks_for_code("zhao").await;
        assert!(scene.step(&mut post).await.was_idle(), "it rests");
        scene.later(minutes);
        // What was written down for the hour before is due when that hour has come.
        let wang = scene.asks_for_code("wang").await;
        assert!(scene.step(&mut post).await.sent >= 1, "{minutes}: the rest is over");
        for _ in 0..3 {
            scene.later(1);
            scene.step(&mut post).await;
        }
        assert_eq!(scene.letter(wang).await.0, LetterState::Sent, "{minutes}");
        scene.later(60);
        scene.step(&mut post).await;
        assert_eq!(server.message_ids().len(), 2, "{minutes}: each left once");
    }
}

#[tokio::test]
async fn a_letter_is_shown_without_its_keys() {
    use yunqia_store::{Json, letters::Letter, outbox::Reader as Row};
    use yunqia_web::preview::{Keys, LetterPreview};
    let config = Config::read("", std::iter::empty()).unwrap();
    let preview =
        Preview { renderer: set_up::renderer(&config).unwrap(), unsubscribe: set_up::unsubscribe(vec![7; 32]) };
    let person = PersonId(uuid::Uuid::from_u128(9));
    let reader = Row {
        id: person,
        family_name: "赵".into(),
        given_name: "敏".into(),
        honorific: None,
        zone: Zone::shanghai(),
        wants_digests: true,
        feed_token: "feed-secret".into(),
        state: PersonState::Active,
    };
    let unsubscribe = yunqia_actions::me::unsubscribe_token(&[7; 32], person);
    let now: Timestamp = "2026-11-23T01:00:00Z".parse().unwrap();
    let mut seen = 0;
    for kind in LetterKind::ALL.iter().copied() {
        for side in yunqia_mail::samples::sides(kind) {
            let sample = yunqia_mail::samples::letter(kind, Locale::En, side);
            let row = Letter {
                id: LetterId(uuid::Uuid::from_u128(1)),
                kind: kind.code().into(),
                person_id: Some(person),
                to_email: "zhao@company.example".into(),
                locale: Locale::En,
                facts: Json(serde_json::to_value(&sample.facts).unwrap()),
                session_id: None,
                booking_id: None,
                state: LetterState::Sent,
                due_at: now,
                attempts: 1,
                last_error: None,
                message_id: "m".into(),
                created_at: now,
                sent_at: Some(now),
            };
            let mut keys = vec!["feed-secret".to_owned(), unsubscribe.clone()];
            if kind.is_secret() {
                keys.push(sample.facts.link.clone());
                keys.extend(sample.facts.code.clone());
            }
            let whole = preview.render(&row, Some(&reader), Keys::Shown).unwrap();
            let covered = preview.render(&row, Some(&reader), Keys::Hidden).unwrap();
            for key in keys {
                seen += usize::from(whole.text.contains(&key));
                for part in
                    [&covered.subject, &covered.text, &covered.html, covered.calendar.as_ref().unwrap_or(&covered.text)]
                {
                    assert!(!part.contains(&key), "{kind:?} shows {key}");
                }
            }
        }
    }
    assert!(seen > 5, "the keys are in the letters their readers get: {seen}");
}
