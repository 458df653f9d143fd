//! Signing in by letter: what is told, what is not, and what works once.

use axum::http::Method;
use serde_json::json;
use yunqia_domain::states::PersonState;
use yunqia_store::people;
use yunqia_tests_api::{Browser, TestApp, on_both};

/// Asks for a letter; gives its code and the secret of its link.
async fn letter(app: &TestApp, browser: &Browser, email: &str) -> (String, String) {
    let asked = json!({ "email": email, "locale": "zh-Hans", "zone": "Europe/Berlin" });
    let answer = browser.post("/api/sign-in", asked).await.is(202).json();
    assert_eq!(answer["expires_at"], app.now().plus_minutes(15).to_string());
    // A new address is verified by the same letter in other words.
    let sent = app.letters_to(email).await.pop().expect("a letter");
    assert!(matches!(sent.kind.as_str(), "sign_in_code" | "account_verify"), "{}", sent.kind);
    let facts = sent.facts;
    let link = facts["link"].as_str().expect("a link").to_owned();
    let token =
        link.strip_prefix("/sign-in/link#token=").expect("the link opens a page; its secret stays in the browser");
    (facts["code"].as_str().expect("a code").to_owned(), token.to_owned())
}

fn other(code: &str) -> String {
    let last = if code.ends_with('0') { '1' } else { '0' };
    format!("{}{last}", &code[..5])
}

on_both! {
    async fn a_new_address_becomes_a_person_with_the_first_code(app) {
        let browser = app.browser();
        browser.get("/api/me").await.refused(401, "signed_out");
        let (code, _) = letter(&app, &browser, "Li.Wei@acme.example").await;
        let mut tx = app.read().await;
        assert!(people::by_email(&mut tx, "li.wei@acme.example").await.unwrap().is_none(), "asking makes nobody");
        drop(tx);
        let answer = browser.post("/api/sign-in/code", json!({ "email": "li.wei@ACME.example", "code": code })).await;
        let me = answer.ok();
        assert_eq!(me["person"]["email"], "Li.Wei@acme.example");
        assert_eq!((&me["person"]["locale"], &me["person"]["zone"]), (&json!("zh-Hans"), &json!("Europe/Berlin")));
        let cookie = answer.header("set-cookie").unwrap().to_owned();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"), "{cookie}");
        assert!(!cookie.contains("Secure"), "plain http on loopback");
        assert_eq!(browser.get("/api/me").await.ok()["person"]["id"], me["person"]["id"]);
    }

    async fn known_and_unknown_addresses_get_the_same_answer(app) {
        app.sign_in("known@acme.example").await;
        let browser = app.browser();
        let ask = |email: &str| json!({ "email": email, "locale": "en", "zone": "Asia/Shanghai" });
        let known = browser.post("/api/sign-in", ask("known@acme.example")).await;
        let unknown = browser.post("/api/sign-in", ask("unknown@acme.example")).await;
        assert_eq!((known.status, &known.body), (unknown.status, &unknown.body));
        assert_eq!(app.kinds_to("unknown@acme.example").await, ["account_verify"]);
        assert_eq!(app.kinds_to("known@acme.example").await, ["sign_in_code"]);
        let wrong = json!({ "email": "known@acme.example", "code": "x" });
        let known = browser.post("/api/sign-in/code", wrong).await;
        let unknown = browser.post("/api/sign-in/code", json!({ "email": "nobody@acme.example", "code": "x" })).await;
        assert_eq!(known.refused(422, "code_wrong")["title"], unknown.refused(422, "code_wrong")["title"]);
    }

    async fn a_code_works_once_and_takes_its_letters_with_it(app) {
        let browser = app.browser();
        let (code, token) = letter(&app, &browser, "a@acme.example").await;
        let body = json!({ "email": "a@acme.example", "code": code });
        browser.post("/api/sign-in/code", body.clone()).await.ok();
        app.browser().post("/api/sign-in/code", body).await.refused(422, "code_wrong");
        app.browser().post("/api/sign-in/link", json!({ "token": token })).await.refused(422, "link_spent");
    }

    async fn a_link_works_once_and_only_by_post(app) {
        let (code, token) = letter(&app, &app.browser(), "a@acme.example").await;
        let browser = app.browser();
        // A scanner that opens the letter's link only gets a page.
        browser.get(&format!("/sign-in/link?token={token}")).await;
        assert!(browser.cookie().is_none());
        browser.post("/api/sign-in/link", json!({ "token": token })).await.ok();
        browser.get("/api/me").await.ok();
        app.browser().post("/api/sign-in/link", json!({ "token": token })).await.refused(422, "link_spent");
        let spent = json!({ "email": "a@acme.example", "code": code });
        app.browser().post("/api/sign-in/code", spent).await.refused(422, "code_wrong");
    }

    async fn letters_are_too_old_after_a_quarter_of_an_hour(app) {
        let (code, token) = letter(&app, &app.browser(), "a@acme.example").await;
        app.wait_minutes(15);
        let late = json!({ "email": "a@acme.example", "code": code });
        app.browser().post("/api/sign-in/code", late).await.refused(422, "code_wrong");
        app.browser().post("/api/sign-in/link", json!({ "token": token })).await.refused(422, "link_spent");
    }

    async fn five_wrong_codes_spend_a_letter(app) {
        let (code, _) = letter(&app, &app.browser(), "a@acme.example").await;
        for _ in 0..5 {
            let wrong = json!({ "email": "a@acme.example", "code": other(&code) });
            app.browser().post("/api/sign-in/code", wrong).await.refused(422, "code_wrong");
        }
        let right = json!({ "email": "a@acme.example", "code": code });
        app.browser().post("/api/sign-in/code", right).await.refused(422, "code_wrong");
    }

    async fn wrong_codes_at_the_same_time_are_counted_too(app) {
        let (code, _) = letter(&app, &app.browser(), "a@acme.example").await;
        let tries = (0..8).map(|_| {
            let (browser, code) = (app.browser(), other(&code));
            tokio::spawn(async move {
                browser.post("/api/sign-in/code", json!({ "email": "a@acme.example", "code": code })).await
            })
        });
        for answer in tries.collect::<Vec<_>>() {
            answer.await.unwrap().refused(422, "code_wrong");
        }
        let right = json!({ "email": "a@acme.example", "code": code });
        app.browser().post("/api/sign-in/code", right).await.refused(422, "code_wrong");
    }

    async fn one_address_gets_five_letters_in_a_quarter_of_an_hour(app) {
        let browser = app.browser();
        for _ in 0..5 {
            letter(&app, &browser, "a@acme.example").await;
        }
        let ask = json!({ "email": "A@acme.example", "locale": "en", "zone": "Asia/Shanghai" });
        browser.post("/api/sign-in", ask).await.refused(429, "too_many_letters");
        letter(&app, &browser, "b@acme.example").await;
        app.wait_minutes(16);
        letter(&app, &browser, "a@acme.example").await;
    }

    async fn what_is_no_address_is_said_to_be_none(app) {
        let ask = json!({ "email": "nobody", "locale": "en", "zone": "Asia/Shanghai" });
        app.browser().post("/api/sign-in", ask).await.wrong_field("/email", "email_wrong");
    }

    async fn a_suspended_person_stays_outside(app) {
        let ann = app.sign_in("ann@acme.example").await;
        let mut tx = app.write().await;
        assert!(people::set_standing(&mut tx, ann.id(), 1, false, PersonState::Suspended).await.unwrap());
        tx.commit().await.unwrap();
        ann.get("/api/me").await.refused(403, "account_suspended");
        let (code, _) = letter(&app, &app.browser(), "ann@acme.example").await;
        let body = json!({ "email": "ann@acme.example", "code": code });
        app.browser().post("/api/sign-in/code", body).await.refused(403, "account_suspended");
    }

    async fn signing_out_ends_this_browser_only(app) {
        let here = app.sign_in("ann@acme.example").await;
        let there = app.sign_in("ann@acme.example").await;
        let before = here.clone();
        let cookie = before.cookie().unwrap();
        here.post("/api/sign-out", json!({})).await.done();
        assert!(here.cookie().is_none(), "the browser forgets");
        // A stolen cookie is worth nothing afterwards.
        app.browser().with_cookie(cookie).get("/api/me").await.refused(401, "signed_out");
        there.get("/api/me").await.ok();
    }

    async fn people_see_and_end_their_sign_ins(app) {
        let here = app.sign_in("ann@acme.example").await;
        let there = app.sign_in("ann@acme.example").await;
        app.sign_in("bob@acme.example").await;
        let list = here.get("/api/me/sign-ins").await.ok();
        let list = list.as_array().unwrap();
        assert_eq!(list.len(), 2);
        let current: Vec<bool> = list.iter().map(|row| row["current"].as_bool().unwrap()).collect();
        assert_eq!(current.iter().filter(|current| **current).count(), 1);
        let other = list.iter().find(|row| row["current"] == false).unwrap()["id"].as_str().unwrap().to_owned();
        app.sign_in("bob@acme.example").await.delete(&format!("/api/me/sign-ins/{other}")).await.refused(404, "not_found");
        here.delete(&format!("/api/me/sign-ins/{other}")).await.done();
        there.get("/api/me").await.refused(401, "signed_out");
        let third = app.sign_in("ann@acme.example").await;
        here.delete("/api/me/sign-ins").await.done();
        third.get("/api/me").await.refused(401, "signed_out");
        here.get("/api/me").await.ok();
        // Open sockets hear of it.
        let mut tx = app.read().await;
        let events: Vec<(String,)> = yunqia_store::db::sql("SELECT kind FROM events WHERE topic = $1 ORDER BY seq")
            .bind(format!("person:{}", here.id())).all(&mut tx).await.unwrap();
        assert_eq!(events, [("sign_in.ended".to_owned(),), ("sign_in.ended".to_owned(),)]);
    }

    async fn a_sign_in_in_use_does_not_end(app) {
        let browser = app.sign_in("ann@acme.example").await;
        let (code, _) = letter(&app, &app.browser(), "ann@acme.example").await;
        let browser2 = app.browser();
        browser2.post("/api/sign-in/code", json!({ "email": "ann@acme.example", "code": code })).await.ok();
        for _ in 0..3 {
            app.wait_minutes(20 * 24 * 60);
            let answer = browser2.get("/api/me").await;
            answer.ok();
            assert!(answer.header("set-cookie").is_some(), "the cookie is renewed with it");
        }
        app.wait_minutes(31 * 24 * 60);
        browser2.get("/api/me").await.refused(401, "signed_out");
        drop(browser);
    }

    async fn the_demos_doors_do_not_exist_elsewhere(app) {
        app.browser().get("/api/demo/people").await.refused(404, "not_found");
        let ann = app.sign_in("ann@acme.example").await;
        app.browser().post("/api/demo/sign-in", json!({ "person_id": ann.id() })).await.refused(404, "not_found");
    }

    async fn a_body_that_is_no_json_is_refused(app) {
        let call = app.browser().call(Method::POST, "/api/sign-in").body("application/json", "{");
        call.send().await.refused(400, "malformed");
        let call = app.browser().call(Method::POST, "/api/sign-in").body("text/plain", "{}");
        call.send().await.is(415);
    }
}
