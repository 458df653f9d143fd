//! The data of each earlier version of the schema, brought up to date by this program: nothing is lost, no rule is broken, and it
//! is served.
//!
//! With a new step of the schema the newest fixture becomes the one that is upgraded; then write one of the new schema beside it:
//! `YUNQIA_WRITE_FIXTURE=1 cargo test -p yunqia-tests-sim --test upgrade`.

use std::collections::BTreeMap;

use serde_json::json;
use yunqia_store::{
    checks,
    db::{newest_schema, sql},
};
use yunqia_tests_api::{Engine, Options, TestApp, event::id};
use yunqia_tests_sim::fixture;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_data_of_earlier_versions_are_brought_up_to_date_on_sqlite() {
    upgraded(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_data_of_earlier_versions_are_brought_up_to_date_on_postgres() {
    upgraded(Engine::Postgres).await;
}

async fn upgraded(engine: Engine) {
    if engine == Engine::Sqlite && std::env::var_os("YUNQIA_WRITE_FIXTURE").is_some() {
        write().await;
    }
    let fixtures = fixture::all();
    let newest = fixtures.last().expect("there is a fixture").0;
    assert!(newest + 1 >= newest_schema(), "there is no fixture of schema {}", newest_schema() - 1);
    for (schema, path) in fixtures {
        let text = std::fs::read_to_string(&path).expect("the fixture can be read");
        let mut at = None;
        let start = TestApp::start_on(engine, Options::default(), async |db, url| {
            db.migrate_to(schema).await.expect("the old schema is made");
            at = Some(fixture::load(&text, engine, url).await);
        });
        let Some(app) = start.await else { return };
        app.set_time(&at.expect("the fixture was loaded").to_string());
        let before = counts(&app, &text).await;
        assert!(before.values().filter(|count| **count > 0).count() > 30, "the fixture is thin: {before:?}");
        assert_eq!(app.db.schema_version().await.expect("the version can be read"), schema);

        app.db.migrate().await.expect("the data are brought up to date");
        assert_eq!(app.db.schema_version().await.expect("the version can be read"), newest_schema());
        assert_eq!(counts(&app, &text).await, before, "from schema {schema}: rows came or went");
        let mut tx = app.read().await;
        let broken = checks::broken_rules(&mut tx).await.expect("the checker runs");
        assert_eq!(broken, Vec::<String>::new(), "from schema {schema}");
        drop(tx);
        let sessions = app.browser().get("/api/sessions?when=all").await.ok();
        assert!(!sessions["items"].as_array().expect("a page").is_empty(), "what was published is shown");
        app.stop().await;
    }
}

/// Rows by table, of the tables that the fixture has.
async fn counts(app: &TestApp, text: &str) -> BTreeMap<String, i64> {
    let mut counts = BTreeMap::new();
    for line in text.lines().skip(1) {
        let table: serde_json::Value = serde_json::from_str(line).expect("a line of JSON");
        let name = table["table"].as_str().expect("a name").to_owned();
        let mut tx = app.read().await;
        let query: &'static str = format!("SELECT CAST(count(*) AS BIGINT) FROM {name}").leak();
        counts.insert(name, sql(query).scalar(&mut tx).await.expect("a table can be counted"));
    }
    counts
}

/// Writes the fixture of the present schema.
async fn write() {
    let app = TestApp::start(Engine::Sqlite, Options::default()).await.expect("SQLite is always at hand");
    fill(&app).await;
    let path = fixture::path(newest_schema());
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("the folder can be made");
    std::fs::write(&path, fixture::dump(&app).await).expect("the fixture can be written");
    app.stop().await;
}

/// A small event with something in nearly every table.
async fn fill(app: &TestApp) {
    let centre = app.centre("盐亭县投资促进中心", "510723").await;
    let event = app.event(&centre).await;
    let questions = json!({ "questions": [
        { "id": null, "kind": "text", "text": { "zh-Hans": "意向" }, "options": [], "required": false }] });
    let version = event.host.get(&event.path("")).await.ok()["version"].as_i64().expect("a version");
    event.host.put_at(&event.path("/questions"), version, questions).await.ok();
    let (acme, bolt, crane) = (app.company("Acme").await, app.company("Bolt").await, app.company("Crane").await);
    for company in [&acme, &bolt, &crane] {
        event.takes_part(company).await;
    }
    let slots = event.slots(&event.desks[0]).await;
    let moved = id(&event.book(&acme, &slots[0]).await.created());
    let path = format!("/api/bookings/{moved}/move");
    acme.manager.post(&path, json!({ "slot_id": slots[2], "reason": "later" })).await.ok();
    let off = id(&event.book(&bolt, &slots[1]).await.created());
    bolt.manager.post(&format!("/api/bookings/{off}/cancel"), json!({ "reason": "ill" })).await.ok();
    let path = format!("/api/slots/{}/waiting", slots[2]);
    crane.manager.post(&path, json!({ "company_id": crane.id })).await.created();
    let interest = json!({ "company_id": acme.id, "centre_id": centre.id, "opportunity_id": null, "session_id": null,
        "priority": "must", "planned_wan": 5000, "horizon": "within_1_year", "note": "预制菜" });
    acme.manager.post("/api/interests", interest).await.created();
    let sides = json!({ "company_id": acme.id, "centre_id": centre.id });
    let channel = id(&acme.manager.post("/api/channels", sides).await.ok());
    let said = |text: &str| json!({ "client_id": yunqia_tests_api::fresh(), "text": text, "file_id": null });
    acme.manager.post(&format!("/api/channels/{channel}/messages"), said("您好")).await.ok();
    event.host.post(&format!("/api/channels/{channel}/read"), json!({ "seq": 1 })).await.ok();
    let invitation = json!({ "email": "new@acme.example", "role": "member", "title": null });
    acme.manager.post(&format!("/api/organisations/{}/invitations", acme.id), invitation).await;
    let asker = app.sign_in("asker@bolt.example").await;
    asker.post(&format!("/api/organisations/{}/join-requests", bolt.id), json!({ "note": "a colleague" })).await;
    let letter = json!({ "email": "visitor@x.example", "locale": "en", "zone": "Asia/Shanghai" });
    app.browser().post("/api/sign-in", letter).await;

    app.set_time("2026-12-01T01:35:00Z");
    let mut socket = acme.manager.socket().await;
    let hall = socket.subscribe(&format!("hall:{}", event.id)).await;
    let path = format!("/api/channels/{}/messages", hall["channel_id"].as_str().expect("a hall has a channel"));
    bolt.manager.post(&path, said("大家好")).await.ok();
    let question = json!({ "client_id": yunqia_tests_api::fresh(), "text": "土地价格是多少？" });
    let question = id(&acme.manager.post(&event.path("/hall-questions"), question).await.created());
    bolt.manager.post(&format!("/api/hall-questions/{question}/vote"), json!({ "on": true })).await;
    event.host.post(&event.path("/notices"), json!({ "text": { "zh-Hans": "五分钟后开始" } })).await;
    let mute = json!({ "person_id": crane.manager.id(), "kind": "mute", "reason": "advertising", "minutes": 10 });
    event.host.post(&event.path("/sanctions"), mute).await;
    // Stays are written a moment after the socket has its answer.
    for _ in 0..200 {
        if event.host.get(&event.path("/attendance")).await.ok()["total"] != 0 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("nobody is in the hall");
}
