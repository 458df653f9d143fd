//! Each act once, however often it is asked for: every POST takes an `Idempotency-Key`, but for a few, each with its reason;
//! and for each that does, a repeat writes nothing, sends nothing, and gets the first answer.

use std::{collections::BTreeSet, sync::Arc};

use axum::http::Method;
use serde_json::{Value, json};
use yunqia_domain::states::Role;
use yunqia_tests_api::{Browser, Company, TestApp, event::booking, event::id, fresh, on_both};

use crate::{companies, document, socket};

/// POSTs without a key, and why a repeat of each does no harm.
const WITHOUT: &[(&str, &str)] = &[
    (
        "/api/sign-in",
        "nobody is signed in yet, whose key it could be; letters to an address are limited, the newest code counts",
    ),
    ("/api/sign-in/code", "nobody is signed in yet; the code is spent by its first use"),
    ("/api/sign-in/link", "nobody is signed in yet; the link is spent by its first use"),
    ("/api/demo/sign-in", "nobody is signed in yet; one more sign-in of a person of the demo"),
    ("/api/sign-out", "who is signed out stays so"),
    ("/api/me/close", "there is nobody left whose key it could be"),
    ("/api/me/feed", "the address of the last answer is the one that works"),
    ("/api/unsubscribe", "who has unsubscribed stays so"),
    ("/unsubscribe/{token}", "sent by mail programs, which know no keys (RFC 8058); who has unsubscribed stays so"),
    ("/api/invitations/preview", "changes nothing"),
    ("/api/channels", "finds the conversation that is there"),
    ("/api/channels/{id}/messages", "the message has a client_id, which does the same over the socket"),
    ("/api/channels/{id}/read", "a mark stays where it is and never goes back"),
    (
        "/api/channels/{id}/files",
        "a file is kept by the message that sends it; what none does is forgotten after a day",
    ),
    ("/api/sessions/{id}/hall-questions", "the question has a client_id, which does the same over the socket"),
    ("/api/hall-questions/{id}/vote", "a vote is on or off"),
];

/// What an act leaves behind: lines of the audit log, letters, and events of topics.
async fn traces(app: &TestApp) -> Value {
    let mut tx = app.read().await;
    let text = "SELECT (SELECT CAST(count(*) AS BIGINT) FROM audit), (SELECT CAST(count(*) AS BIGINT) FROM letters),
                       (SELECT CAST(count(*) AS BIGINT) FROM letters WHERE state = 'queued'),
                       (SELECT CAST(count(*) AS BIGINT) FROM events)";
    let (audit, letters, queued, events): (i64, i64, i64, i64) =
        yunqia_store::db::sql(text).optional(&mut tx).await.unwrap().unwrap();
    json!({ "audit": audit, "letters": letters, "queued": queued, "events": events })
}

/// A whole event, in which each act is asked for twice.
struct Twice {
    app: Arc<TestApp>,
    done: BTreeSet<String>,
}

impl Twice {
    /// POSTs twice with one key: at first it does something, then nothing, with the same answer.
    async fn post(&mut self, who: &Browser, path: &str, ids: &[&str], body: Value) -> Value {
        let address = document::with(path, ids);
        let key = fresh();
        let before = traces(&self.app).await;
        let first = who.post_once(&address, &key, body.clone()).await;
        assert!(first.status.is_success(), "{}: {} {}", first.what, first.status, first.text());
        let after = traces(&self.app).await;
        assert_ne!(before, after, "{} leaves nothing behind", first.what);
        // A repeat comes later.
        self.app.wait_seconds(1);
        let again = who.post_once(&address, &key, body).await;
        assert_eq!(
            (again.status, again.text()),
            (first.status, first.text()),
            "{}: the answer to a repeat",
            first.what
        );
        assert_eq!(again.header("content-type"), first.header("content-type"), "{}", first.what);
        assert_eq!(traces(&self.app).await, after, "{}: a repeat did it again", first.what);
        self.done.insert(path.to_owned());
        if first.body.is_empty() { Value::Null } else { first.json() }
    }
}

on_both! {
    async fn every_post_takes_a_key_or_needs_none(app) {
        let some_id = socket::uuid();
        let mut without = BTreeSet::new();
        for (path, act) in document::acts(&app, "post").await {
            // Some of them sign out.
            let somebody = app.sign_in("somebody@acme.example").await;
            let address = document::with(&path, &[&some_id]);
            let answer = somebody.call(Method::POST, &address).json(&json!({})).send().await;
            let asked_for = answer.text().contains("idempotency_key_needed");
            match document::header(&act, "Idempotency-Key") {
                Some(required) => {
                    assert!(required, "POST {path}: a key that may be left out");
                    answer.refused(422, "idempotency_key_needed");
                }
                None => {
                    assert!(!asked_for, "POST {path} does not say that it needs a key");
                    without.insert(path);
                }
            }
        }
        let reasons: BTreeSet<String> = WITHOUT.iter().map(|(path, _)| (*path).to_owned()).collect();
        assert_eq!(without, reasons, "left: POSTs without a key; right: those with a reason");
    }

    async fn whatever_is_asked_for_twice_with_one_key_is_done_once(app) {
        let mut twice = Twice { app: app.clone(), done: BTreeSet::new() };
        let operator = app.operator().await;
        // An account, its people.
        let body = json!({ "kind": "centre", "parent_id": null, "division": "510722",
                           "name": { "zh-Hans": "三台县投资促进中心", "zh-Hant": null, "en": null } });
        twice.post(&operator, "/api/organisations", &[], body).await;
        let ann = app.sign_in("ann@mianzhou.example").await;
        let company = id(&twice.post(&ann, "/api/companies", &[], companies::draft(companies::NUMBER)).await);
        twice.post(&operator, "/api/organisations/{id}/decide", &[&company], json!({ "decision": "approve" })).await;
        let bob = app.sign_in("bob@mianzhou.example").await;
        let invite = json!({ "email": bob.email, "role": "member", "title": null });
        twice.post(&ann, "/api/organisations/{id}/invitations", &[&company], invite).await;
        let link = app.last_letter(&bob.email, "member_invitation").await.facts["link"].as_str().unwrap().to_owned();
        let token = link.split_once("token=").unwrap().1;
        twice.post(&bob, "/api/invitations/accept", &[], json!({ "token": token })).await;
        let eve = app.sign_in("eve@mianzhou.example").await;
        twice.post(&eve, "/api/organisations/{id}/join-requests", &[&company], json!({ "note": "Sales" })).await;
        let members = ann.get(&format!("/api/organisations/{company}/members")).await.ok();
        let request = id(&members["join_requests"][0]);
        twice.post(&ann, "/api/join-requests/{id}/answer", &[&request], json!({ "accept": true })).await;

        // A session, its desk, who comes.
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let colleague = app.sign_in("colleague@centre.example").await;
        app.join(centre.id, colleague.id(), Role::Member).await;
        let host = centre.host.clone();
        let draft = json!({
            "lead_centre_id": centre.id, "run_sheet": "county_online_90", "copy_of": null,
            "theme": { "zh-Hans": "盐亭线上推介会", "zh-Hant": null, "en": "Yanting online" },
            "summary": { "zh-Hans": null, "zh-Hant": null, "en": null },
            "series": null, "zone": "Asia/Shanghai", "starts_at": "2026-12-01T09:30",
        });
        let page = twice.post(&host, "/api/sessions", &[], draft).await;
        let session = id(&page);
        let mut event = yunqia_tests_api::Event { id: session.clone(), host: host.clone(), centre: centre.id, desks: vec![] };
        let desk = json!({ "centre_id": centre.id, "name": { "en": "Desk 1" }, "room": null, "staff_ids": [host.id()] });
        event.desks.push(id(&twice.post(&host, "/api/sessions/{id}/desks", &[&session], desk).await));
        event.set(|settings| settings["booking_mode"] = json!("request")).await.ok();
        twice.post(&host, "/api/sessions/{id}/move", &[&session], json!({ "to": "published", "reason": null })).await;
        let [acme, bee, cee, dee] = [app.company("Acme").await, app.company("Bee").await, app.company("Cee").await, app.company("Dee").await];
        twice.post(&host, "/api/sessions/{id}/invitations", &[&session], json!({ "company_ids": [acme.id] })).await;
        let coming = json!({ "company_id": acme.id, "attendee_ids": [acme.manager.id()], "answers": {}, "consent_centre_ids": [centre.id] });
        let registration = id(&twice.post(&acme.manager, "/api/sessions/{id}/registrations", &[&session], coming).await);
        let approve = json!({ "ids": [registration], "decision": "approve", "reason": null });
        twice.post(&host, "/api/sessions/{id}/registrations/decide", &[&session], approve).await;
        for company in [&bee, &cee, &dee] {
            event.takes_part(company).await;
        }
        let interest = json!({ "company_id": acme.id, "centre_id": centre.id, "opportunity_id": null, "session_id": null,
                               "priority": "would_like", "planned_wan": null, "horizon": "within_1_year", "note": "" });
        let interest = id(&twice.post(&acme.manager, "/api/interests", &[], interest).await);
        twice.post(&acme.manager, "/api/interests/{id}/withdraw", &[&interest], json!({})).await;

        // Bookings, answers, waiting.
        let slots = event.slots(&event.desks[0]).await;
        let asks = async |twice: &mut Twice, company: &Company, slot: &str| {
            id(&twice.post(&company.manager, "/api/bookings", &[], booking(company, slot)).await)
        };
        let first = asks(&mut twice, &acme, &slots[0]).await;
        let other_time = json!({ "slot_id": slots[3], "note": "下午更好" });
        let proposals = async || app.kinds_to(&acme.manager.email).await.iter().filter(|kind| *kind == "slot_proposed").count();
        twice.post(&host, "/api/bookings/{id}/propose", &[&first], other_time).await;
        assert_eq!(proposals().await, 1);
        let talk = id(&twice.post(&acme.manager, "/api/bookings/{id}/answer-proposal", &[&first], json!({ "accept": true })).await);
        let second = asks(&mut twice, &bee, &slots[1]).await;
        twice.post(&host, "/api/bookings/{id}/accept", &[&second], json!({})).await;
        let third = asks(&mut twice, &cee, &slots[2]).await;
        twice.post(&host, "/api/bookings/{id}/decline", &[&third], json!({ "reason": "时间不合适" })).await;
        twice.post(&host, "/api/bookings/{id}/reassign", &[&second], json!({ "staff_id": colleague.id() })).await;
        let moved = twice.post(&host, "/api/bookings/{id}/move", &[&second], json!({ "slot_id": slots[4], "reason": "会议" })).await;
        let wait = async |twice: &mut Twice, company: &Company| {
            id(&twice.post(&company.manager, "/api/slots/{id}/waiting", &[&slots[3]], json!({ "company_id": company.id })).await)
        };
        let (place, left) = (wait(&mut twice, &cee).await, wait(&mut twice, &dee).await);
        twice.post(&dee.manager, "/api/waiting/{id}/leave", &[&left], json!({})).await;
        twice.post(&acme.manager, "/api/bookings/{id}/cancel", &[&talk], json!({ "reason": "行程有变" })).await;
        twice.post(&cee.manager, "/api/waiting/{id}/take", &[&place], json!({})).await;
        twice.post(&host, "/api/sessions/{id}/slots", &[&session], json!({ "slot_ids": [slots[5]], "open": false })).await;
        twice.post(&cee.manager, "/api/registrations/{id}/withdraw", &[&event.registration_of(&cee).await], json!({ "reason": "行程有变" })).await;

        // The hall.
        app.set_time("2026-12-01T01:35:00Z");
        let item = page["agenda"][1]["id"].clone();
        twice.post(&host, "/api/sessions/{id}/agenda/current", &[&session], json!({ "item_id": item })).await;
        let notice = json!({ "text": { "zh-Hans": "五分钟后开始", "zh-Hant": null, "en": null } });
        let notice = id(&twice.post(&host, "/api/sessions/{id}/notices", &[&session], notice).await);
        twice.post(&host, "/api/notices/{id}/archive", &[&notice], json!({})).await;
        let question = json!({ "client_id": socket::uuid(), "text": "How much land? Call 138 0000 1234" });
        let question = acme.manager.post(&event.path("/hall-questions"), question).await.created();
        assert_eq!(question["state"], "held");
        let question = id(&question);
        let publish = json!({ "publish": true, "reason": null });
        twice.post(&host, "/api/hall-questions/{id}/decide", &[&question], publish.clone()).await;
        let owner = json!({ "owner_id": host.id(), "due_on": "2026-12-05" });
        twice.post(&host, "/api/hall-questions/{id}/assign", &[&question], owner).await;
        twice.post(&host, "/api/hall-questions/{id}/answer", &[&question], json!({ "answer": "600 mu" })).await;
        twice.post(&host, "/api/hall-questions/{id}/remove", &[&question], json!({ "reason": "twice" })).await;
        let held = id(&socket::say(&acme.manager, &event, "call me: 138 0000 1234").await);
        twice.post(&host, "/api/messages/{id}/decide", &[&held], publish).await;
        twice.post(&host, "/api/messages/{id}/remove", &[&held], json!({ "reason": "off topic" })).await;
        let said = id(&socket::say(&acme.manager, &event, "hello").await);
        twice.post(&acme.manager, "/api/messages/{id}/withdraw", &[&said], json!({})).await;
        let mute = json!({ "person_id": acme.manager.id(), "kind": "mute", "reason": "noise", "minutes": 5 });
        let mute = id(&twice.post(&host, "/api/sessions/{id}/sanctions", &[&session], mute).await);
        twice.post(&host, "/api/sanctions/{id}/lift", &[&mute], json!({})).await;

        // The talk that was moved.
        app.set_time(moved["starts_at"].as_str().unwrap());
        let talk = id(&moved);
        twice.post(&bee.manager, "/api/talks/{booking}/call", &[&talk], json!({})).await;
        twice.post(&bee.manager, "/api/talks/{booking}/word", &[&talk], json!({ "word": "held", "note": null })).await;

        // Letters, by the operator.
        let letter = app.last_letter(&acme.manager.email, "slot_cancelled").await.id.to_string();
        twice.post(&operator, "/api/operator/letters/{id}/hold", &[&letter], json!({})).await;
        twice.post(&operator, "/api/operator/letters/{id}/release", &[&letter], json!({})).await;
        operator.post(&format!("/api/operator/letters/{letter}/hold"), json!({})).await.ok();
        twice.post(&operator, "/api/operator/letters/{id}/send-again", &[&letter], json!({})).await;

        let keyed: BTreeSet<String> = document::acts(&app, "post").await.into_iter()
            .filter(|(_, act)| document::header(act, "Idempotency-Key").is_some())
            .map(|(path, _)| path)
            .collect();
        assert_eq!(twice.done, keyed, "left: what was tried here; right: what takes a key");
        let mut tx = app.read().await;
        assert_eq!(yunqia_store::checks::broken_rules(&mut tx).await.unwrap(), Vec::<String>::new());
    }
}
