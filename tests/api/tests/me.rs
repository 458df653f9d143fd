//! A person's own account.

use axum::http::Method;
use serde_json::{Value, json};
use yunqia_actions::me::unsubscribe_token;
use yunqia_tests_api::on_both;

pub fn change() -> Value {
    json!({ "family_name": "赵", "given_name": " 伟 ", "honorific": "zong", "phone": "138 0000 0000", "locale": "zh-Hant",
            "zone": "Europe/Berlin", "wants_digests": false })
}

on_both! {
    async fn people_change_their_own_details(app) {
        let ann = app.sign_in("ann@acme.example").await;
        let me = ann.put_at("/api/me", 1, change()).await.ok();
        assert_eq!(me["person"]["family_name"], "赵");
        assert_eq!(me["person"]["given_name"], "伟");
        assert_eq!(me["person"]["honorific"], "zong");
        assert_eq!(me["person"]["phone"], "+8613800000000");
        assert_eq!(me["person"]["wants_digests"], false);
        assert_eq!(me["person"]["version"], 2);
        assert_eq!(ann.get("/api/me").await.ok(), me);
        ann.put_at("/api/me", 1, change()).await.refused(412, "old_version");
        ann.put("/api/me", change()).await.refused(428, "version_needed");
    }

    async fn no_browser_keeps_what_is_for_one_reader(app) {
        let ann = app.sign_in("ann@acme.example").await;
        assert_eq!(ann.get("/api/me").await.is(200).header("cache-control"), Some("no-store"));
        assert_eq!(app.browser().get("/api/me").await.is(401).header("cache-control"), Some("no-store"));
    }

    async fn every_wrong_detail_is_named(app) {
        let ann = app.sign_in("ann@acme.example").await;
        let mut wrong = change();
        wrong["family_name"] = json!(" \u{200b} ");
        wrong["zone"] = json!("Europe/Nowhere");
        wrong["phone"] = json!("call me");
        let answer = ann.put_at("/api/me", 1, wrong).await;
        answer.wrong_field("/family_name", "required");
        answer.wrong_field("/zone", "zone_unknown");
        answer.wrong_field("/phone", "phone_wrong");
    }

    async fn the_feed_gets_a_new_secret_address(app) {
        let ann = app.sign_in("ann@acme.example").await;
        let before = ann.get("/api/me").await.ok()["feed_url"].clone();
        let after = ann.post("/api/me/feed", json!({})).await.ok()["feed_url"].clone();
        assert_ne!(before, after);
        assert!(after.as_str().unwrap().ends_with(".ics"));
        assert_eq!(ann.get("/api/me").await.ok()["feed_url"], after);
    }

    async fn letters_that_may_be_stopped_are_stopped_by_their_link(app) {
        let ann = app.sign_in("ann@acme.example").await;
        let bob = app.sign_in("bob@acme.example").await;
        let wants = |me: Value| me["person"]["wants_digests"] == true;
        // What a mail program sends: no cookie, no origin, and a GET changes nothing.
        let path = format!("/unsubscribe/{}", unsubscribe_token(&app.app.settings.secret, ann.id()));
        app.browser().get(&path).await;
        assert!(wants(ann.get("/api/me").await.ok()));
        let call = app.browser().call(Method::POST, &path).header("origin", "");
        call.body("application/x-www-form-urlencoded", "List-Unsubscribe=One-Click").send().await.done();
        assert!(!wants(ann.get("/api/me").await.ok()));
        // The page behind the link.
        let token = unsubscribe_token(&app.app.settings.secret, bob.id());
        app.browser().post("/api/unsubscribe", json!({ "token": token })).await.done();
        assert!(!wants(bob.get("/api/me").await.ok()));
    }

    async fn nobody_unsubscribes_others(app) {
        let ann = app.sign_in("ann@acme.example").await;
        let forged = unsubscribe_token(b"another secret", ann.id());
        for token in [forged.as_str(), "", "x", "盐亭县盐亭县盐亭县盐亭县盐亭县盐亭县", &forged[..40]] {
            app.browser().post("/api/unsubscribe", json!({ "token": token })).await.refused(422, "link_spent");
        }
        assert_eq!(ann.get("/api/me").await.ok()["person"]["wants_digests"], true);
    }
}
