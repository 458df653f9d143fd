//! The program is killed in the middle of a storm of bookings and started again: what it had acknowledged is there, once,
//! with its letters, and no rule is broken.

use std::{collections::HashSet, path::Path, sync::Arc, time::Duration};

use serde_json::{Value, json};
use tokio::sync::Mutex;
use yunqia_load::{
    client::Browser,
    scene::{self, Size},
    server::Server,
};
use yunqia_store::{checks, db::sql};

/// A storm: how many desks of nine slots, how many companies at once, and how many kills with bookings between them.
#[derive(Clone, Copy)]
struct Storm {
    desks: usize,
    companies: usize,
    kills: usize,
    bookings_between: usize,
}

/// More slots than companies can have: it goes on after the kills.
const WIDE: Storm = Storm { desks: 6, companies: 40, kills: 3, bookings_between: 8 };
/// Everybody wants one of nine slots of one desk.
const NARROW: Storm = Storm { desks: 1, companies: 120, kills: 1, bookings_between: 4 };

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_keeps_what_was_acknowledged() {
    storm(None, WIDE).await;
    storm(None, NARROW).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_keeps_what_was_acknowledged() {
    match std::env::var("TEST_POSTGRES_URL") {
        Ok(server) => {
            storm(Some(&server), WIDE).await;
            storm(Some(&server), NARROW).await;
        }
        Err(_) => {
            assert!(std::env::var_os("TEST_NOTHING_SKIPPED").is_none(), "TEST_POSTGRES_URL is not set");
            eprintln!("skipped: TEST_POSTGRES_URL is not set");
        }
    }
}

async fn storm(postgres: Option<&str>, of: Storm) {
    let mut server = Server::start(Path::new(env!("CARGO_BIN_EXE_yunqia")), postgres).await.expect("the server starts");
    let size = Size { desks: of.desks, slots: 9, companies: of.companies, people: of.companies, live: false };
    let scene = scene::build(&server.db, &size).await.expect("the scene is set");
    let acknowledged = Arc::new(Mutex::new(HashSet::new()));
    let path = format!("/api/sessions/{}/timetable", scene.session);
    let mut storm = Vec::new();
    for (n, guest) in scene.guests.iter().enumerate() {
        let browser = Browser::new(server.address, guest.cookie.clone());
        let timetable = browser.get(&path).await.expect("the timetable can be read");
        let mut slots: Vec<String> = slots(&timetable);
        // Everybody begins elsewhere.
        let at = n * 7 % slots.len();
        slots.rotate_left(at);
        storm.push(tokio::spawn(books(browser, guest.company.to_string(), slots, acknowledged.clone())));
    }
    for kill in 0..of.kills {
        // In the middle: some bookings more than at the kill before.
        let wanted = (kill + 1) * of.bookings_between;
        for _ in 0..600 {
            if acknowledged.lock().await.len() >= wanted || storm.iter().all(|one| one.is_finished()) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        server.kill_and_start_again().await.expect("the server starts again");
    }
    for company in storm {
        company.await.expect("no company panics");
    }

    let acknowledged = acknowledged.lock().await;
    let mut tx = server.db.read().await.expect("the database opens");
    let kept: Vec<(uuid::Uuid,)> =
        sql("SELECT id FROM bookings WHERE state = 'confirmed'").all(&mut tx).await.expect("the query runs");
    let kept: HashSet<String> = kept.into_iter().map(|(id,)| id.to_string()).collect();
    let lost: Vec<_> = acknowledged.difference(&kept).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    assert!(acknowledged.len() > of.kills * of.bookings_between, "the storm went on after the kills");
    if of.desks == 1 {
        assert_eq!(kept, *acknowledged, "what is there was acknowledged, at the latest to the second press");
        drop(tx);
        losers_wait(&server, &scene).await;
        tx = server.db.read().await.expect("the database opens");
    }
    let without_letters: Vec<(uuid::Uuid,)> =
        sql("SELECT b.id FROM bookings b WHERE b.state = 'confirmed' AND NOT EXISTS (
             SELECT 1 FROM letters l WHERE l.booking_id = b.id AND l.kind = 'slot_confirmed')")
        .all(&mut tx)
        .await
        .expect("the query runs");
    assert!(without_letters.is_empty(), "bookings without letters: {without_letters:?}");
    let without_bookings: Vec<(String,)> = sql("SELECT l.dedup_key FROM letters l
         WHERE l.booking_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM bookings b WHERE b.id = l.booking_id)")
    .all(&mut tx)
    .await
    .expect("the query runs");
    assert!(without_bookings.is_empty(), "letters without bookings: {without_bookings:?}");
    assert_eq!(checks::broken_rules(&mut tx).await.expect("the checker runs"), Vec::<String>::new());
    drop(tx);
    server.stop().await.expect("the server stops");
}

/// Nine companies have the nine slots; each of the others gets a place in a waiting list.
async fn losers_wait(server: &Server, scene: &scene::Scene) {
    let mut tx = server.db.read().await.expect("the database opens");
    let sold: Vec<(uuid::Uuid, uuid::Uuid)> =
        sql("SELECT company_id, slot_id FROM bookings WHERE state = 'confirmed'").all(&mut tx).await.expect("it runs");
    drop(tx);
    let winners: HashSet<_> = sold.iter().map(|(company, _)| *company).collect();
    let slots: HashSet<_> = sold.iter().map(|(_, slot)| *slot).collect();
    assert_eq!((sold.len(), winners.len(), slots.len()), (9, 9, 9));
    let losers = scene.guests.iter().filter(|guest| !winners.contains(&guest.company.0));
    let waits = losers.zip(sold.iter().cycle()).map(|(guest, (_, slot))| {
        let browser = Browser::new(server.address, guest.cookie.clone());
        let (path, draft) = (format!("/api/slots/{slot}/waiting"), json!({ "company_id": guest.company }));
        tokio::spawn(async move { browser.post(&path, &draft).await.expect("the server answers").0.as_u16() })
    });
    let waits: Vec<_> = waits.collect();
    let mut answers = Vec::new();
    for wait in waits {
        answers.push(wait.await.expect("no company panics"));
    }
    assert_eq!(answers, vec![201; scene.guests.len() - 9]);
}

fn slots(timetable: &Value) -> Vec<String> {
    let cells = timetable["cells"].as_array().cloned().unwrap_or_default();
    cells.iter().map(|cell| cell["slot_id"].as_str().expect("a cell has a slot").to_owned()).collect()
}

/// Presses on one slot after another. When the line breaks it presses again with the same key, as a browser does.
async fn books(browser: Browser, company: String, slots: Vec<String>, acknowledged: Arc<Mutex<HashSet<String>>>) {
    for slot in slots {
        let draft = json!({ "slot_id": slot, "company_id": company, "contact_id": null, "subject": "Storm" });
        let key = yunqia_load::fresh().to_string();
        for _ in 0..200 {
            match browser.post_once("/api/bookings", &key, &draft).await {
                Ok((status, booking)) if status.as_u16() == 201 => {
                    acknowledged.lock().await.insert(booking["id"].as_str().expect("a booking has an id").to_owned());
                    break;
                }
                Ok((status, _)) if status.as_u16() == 409 => break,
                Ok((status, answer)) => panic!("a booking was answered with {status}: {answer}"),
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        }
    }
}
