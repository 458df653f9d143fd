//! The demo's doors: whom one can be, and the mailbox everybody reads.

use serde_json::json;
use yunqia_store::facts;
use yunqia_tests_api::{Engine, Options, TestApp};
use yunqia_web::Settings;

#[tokio::test]
async fn in_the_demo_one_chooses_whom_to_be_and_reads_every_letter() {
    let options = Options::default();
    let settings = Settings { demo: true, ..options.settings };
    let app = TestApp::start(Engine::Sqlite, Options { settings, ..options }).await.expect("SQLite is always at hand");
    let (ann, eve) = (app.sign_in("ann@acme.example").await, app.sign_in("eve@acme.example").await);
    let part = json!({ "zh-Hans": "企业代表", "zh-Hant": "企業代表", "en": "A company" });
    let mut tx = app.write().await;
    facts::set(&mut tx, "demo_people", &json!([{ "person_id": ann.id(), "part": part }])).await.unwrap();
    tx.commit().await.unwrap();
    let browser = app.browser();
    let people = browser.get("/api/demo/people").await.ok();
    assert_eq!(people.as_array().unwrap().len(), 1);
    assert_eq!((&people[0]["email"], &people[0]["part"]), (&json!("ann@acme.example"), &part));
    // Only those: the operator of a demo is not everybody.
    browser.post("/api/demo/sign-in", json!({ "person_id": eve.id() })).await.refused(404, "not_found");
    let me = browser.post("/api/demo/sign-in", json!({ "person_id": ann.id() })).await.ok();
    assert_eq!(me["person"]["id"], ann.id().to_string());
    browser.get("/api/me").await.ok();
    let ask = json!({ "email": "new@acme.example", "locale": "en", "zone": "Asia/Shanghai" });
    app.browser().post("/api/sign-in", ask).await.is(202);
    let letters = app.browser().get("/api/demo/letters?email=NEW%40acme").await.ok();
    assert_eq!(letters["items"].as_array().unwrap().len(), 1);
    let path = format!("/api/demo/letters/{}", letters["items"][0]["id"].as_str().unwrap());
    assert_eq!(app.browser().get(&path).await.ok()["letter"]["kind"], "account_verify");
    app.stop().await;
}
