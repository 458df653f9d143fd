//! How often one address and one person may ask.

use serde_json::json;
use yunqia_tests_api::{Engine, Options, TestApp};
use yunqia_web::{Limits, Settings};

async fn limited(limits: Limits) -> TestApp {
    let options = Options::default();
    let settings = Settings { limits, ..options.settings };
    TestApp::start(Engine::Sqlite, Options { settings, ..options }).await.expect("SQLite is always at hand")
}

#[tokio::test]
async fn an_address_that_asks_too_much_waits_and_is_told_how_long() {
    let app = limited(Limits { anonymous_per_second: 1, anonymous_burst: 5, ..Limits::NONE }).await;
    let browser = app.browser();
    for _ in 0..5 {
        browser.get("/api/instance").await.is(200);
    }
    let answer = browser.get("/api/instance").await;
    answer.refused(429, "too_many_requests");
    let seconds: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=2).contains(&seconds), "{seconds}");
    // Who is signed in has more, and a made-up cookie does not lift the limit.
    app.sign_in("ann@acme.example").await.get("/api/me").await.ok();
    let forged = app.browser().with_cookie("yunqia=forged".into());
    let mut refused = 0;
    for _ in 0..150 {
        refused += u32::from(forged.get("/api/instance").await.status == 429);
    }
    assert!(refused > 0, "a forged cookie is limited too");
    app.stop().await;
}

#[tokio::test]
async fn one_address_does_not_make_us_write_to_the_whole_world() {
    let app = limited(Limits { sign_in_letters_per_hour: 3, ..Limits::NONE }).await;
    let ask = |n: u32| json!({ "email": format!("p{n}@acme.example"), "locale": "en", "zone": "Asia/Shanghai" });
    for n in 0..3 {
        app.browser().post("/api/sign-in", ask(n)).await.is(202);
    }
    app.browser().post("/api/sign-in", ask(3)).await.refused(429, "too_many_requests");
    assert!(app.letters_to("p3@acme.example").await.is_empty());
    app.stop().await;
}

#[tokio::test]
async fn one_person_changes_only_so_much_at_a_time() {
    let app = limited(Limits { writes_per_second: 1, writes_burst: 3, ..Limits::NONE }).await;
    let (ann, bob) = (app.sign_in("ann@acme.example").await, app.sign_in("bob@acme.example").await);
    for _ in 0..3 {
        ann.post("/api/me/feed", json!({})).await.ok();
    }
    ann.post("/api/me/feed", json!({})).await.refused(429, "too_many_requests");
    ann.get("/api/me").await.ok();
    bob.post("/api/me/feed", json!({})).await.ok();
    app.stop().await;
}
