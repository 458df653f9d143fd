//! The talk room: from the first who enters to what both sides say of it.

use std::time::Duration;

use serde_json::{Value, json};
use yunqia_tests_api::{Company, Event, TestApp, event::id, on_both};

/// A talk at the first slot of the desk; its start.
async fn talk(app: &TestApp) -> (Event, Company, String, String) {
    let centre = app.centre("盐亭县投资促进中心", "510723").await;
    let event = app.event(&centre).await;
    let acme = app.company("Acme").await;
    event.takes_part(&acme).await;
    let slots = event.slots(&event.desks[0]).await;
    let booking = event.book(&acme, &slots[0]).await.created();
    let starts_at = booking["starts_at"].as_str().unwrap().to_owned();
    (event, acme, id(&booking), starts_at)
}

/// What is told over the socket is written down a moment later.
async fn written() {
    tokio::time::sleep(Duration::from_millis(700)).await;
}

async fn state(event: &Event, booking: &str) -> Value {
    event.host.get(&format!("/api/bookings/{booking}")).await.ok()["state"].clone()
}

on_both! {
    async fn both_sides_meet_and_write_down_what_they_agreed(app) {
        let (event, acme, booking, starts_at) = talk(&app).await;
        let topic = format!("talk:{booking}");
        let path = format!("/api/talks/{booking}");
        app.set_time(&starts_at);
        app.wait_minutes(-10);
        let room = acme.manager.get(&path).await.ok();
        assert_eq!((&room["side"], &room["messages"]), (&json!("company"), &json!([])));
        acme.manager.post(&format!("{path}/call"), json!({})).await.refused(409, "room_not_open");
        app.wait_minutes(6);
        let mut ann = acme.manager.socket().await;
        ann.subscribe(&topic).await;
        written().await;
        assert_eq!(state(&event, &booking).await, "checked_in");
        // The other side is called, on the page and by letter; not again at once.
        let person = format!("person:{}", event.host.id());
        let mut host = event.host.socket().await;
        host.subscribe(&person).await;
        acme.manager.post(&format!("{path}/call"), json!({})).await.is(202);
        let called = host.event(&person, "talk.called").await;
        assert_eq!((&called["booking_id"], &called["at"]), (&json!(booking), &json!(app.now())));
        app.last_letter(&event.host.email, "talk_call").await;
        acme.manager.post(&format!("{path}/call"), json!({})).await.refused(409, "called_already");
        let room = host.subscribe(&topic).await;
        assert_eq!(room["present"].as_array().unwrap().len(), 2);
        ann.event(&topic, "talk.changed").await;
        written().await;
        assert_eq!(state(&event, &booking).await, "in_talk");
        app.wait_minutes(6);
        event.host.post(&format!("{path}/call"), json!({})).await.refused(409, "both_here");
        let message = ann.does(json!({ "t": "message.send", "channel": room["channel_id"], "client_id": crate::socket::uuid(), "text": "Hello", "file_id": null })).await;
        assert_eq!(host.event(&topic, "message.published").await["id"], message["id"]);
        // Minutes: who saw an older version reads again first.
        let version = event.host.get(&path).await.ok()["version"].as_i64().unwrap();
        let minutes = json!({ "text": "600 mu", "next_step": "Visit", "owner_id": event.host.id(), "due_on": "2026-12-20" });
        let after = event.host.put_at(&format!("{path}/minutes"), version, minutes.clone()).await.ok();
        assert_eq!((&after["minutes"]["next_step"], &after["minutes"]["by"]["id"]), (&json!("Visit"), &json!(event.host.id())));
        acme.manager.put_at(&format!("{path}/minutes"), version, minutes.clone()).await.refused(412, "old_version");
        acme.manager.put(&format!("{path}/minutes"), minutes).await.refused(428, "version_needed");
        // Both say it was held; the centre records what came of it, which the company does not see.
        acme.manager.post(&format!("{path}/word"), json!({ "word": "held", "note": null })).await.ok();
        let room = event.host.post(&format!("{path}/word"), json!({ "word": "held", "note": "good" })).await.ok();
        let version = room["version"].as_i64().unwrap();
        assert_eq!(state(&event, &booking).await, "held_done");
        let outcome = json!({ "outcome": "intent", "sector": null, "amount_wan": 3000, "follow_up_by": null, "note": "" });
        event.host.put_at(&format!("{path}/outcome"), version, outcome).await.wrong_field("/sector", "required");
        let outcome = json!({ "outcome": "intent", "sector": sector(), "amount_wan": 3000, "follow_up_by": null, "note": "glass" });
        acme.manager.put_at(&format!("{path}/outcome"), version, outcome.clone()).await.refused(403, "not_allowed");
        assert_eq!(event.host.put_at(&format!("{path}/outcome"), version, outcome).await.ok()["outcome"]["amount_wan"], 3000);
        assert_eq!(acme.manager.get(&path).await.ok()["outcome"], json!(null));
        // Nobody is cut off, an hour later.
        app.wait_minutes(60);
        ann.does(json!({ "t": "message.send", "channel": room["channel_id"], "client_id": crate::socket::uuid(), "text": "Still here", "file_id": null })).await;
    }

    async fn one_did_not_happen_of_two_is_a_no_show_of_who_was_not_there(app) {
        let (event, acme, booking, starts_at) = talk(&app).await;
        let path = format!("/api/talks/{booking}");
        app.set_time(&starts_at);
        app.wait_minutes(-2);
        let mut host = event.host.socket().await;
        host.subscribe(&format!("talk:{booking}")).await;
        written().await;
        event.host.post(&format!("{path}/word"), json!({ "word": "did_not_happen" })).await.refused(409, "talk_not_over");
        app.set_time(&starts_at);
        drop(host);
        app.wait_minutes(15);
        event.host.post(&format!("{path}/word"), json!({ "word": "did_not_happen" })).await.ok();
        assert_eq!(state(&event, &booking).await, "no_show_company");
        // The company says otherwise; the evidence stands.
        acme.manager.post(&format!("{path}/word"), json!({ "word": "held" })).await.ok();
        assert_eq!(state(&event, &booking).await, "no_show_company");
        // The centre corrects itself.
        event.host.post(&format!("{path}/word"), json!({ "word": "held" })).await.ok();
        assert_eq!(state(&event, &booking).await, "held_done");
    }

    async fn a_talk_that_was_missed_is_not_held_after_all_once_the_pair_has_met(app) {
        let (event, acme, booking, starts_at) = talk(&app).await;
        let path = format!("/api/talks/{booking}");
        app.set_time(&starts_at);
        app.wait_minutes(15);
        event.host.post(&format!("{path}/word"), json!({ "word": "did_not_happen" })).await.ok();
        assert!(state(&event, &booking).await.as_str().unwrap().starts_with("no_show"));
        let slots = event.slots(&event.desks[0]).await;
        let second = id(&event.book(&acme, &slots[4]).await.created());
        let held = json!({ "word": "held" });
        let problem = event.host.in_language("zh-Hans").post(&format!("{path}/word"), held.clone()).await.refused(409, "met_already");
        assert_eq!(problem["title"], "同一场次内与该中心只能洽谈一次。");
        assert!(state(&event, &booking).await.as_str().unwrap().starts_with("no_show"), "nothing was kept");
        assert_eq!(event.host.get(&path).await.ok()["centre_word"], "did_not_happen");
        // Without the second talk it may be corrected.
        acme.manager.post(&format!("/api/bookings/{second}/cancel"), json!({ "reason": "x" })).await.ok();
        event.host.post(&format!("{path}/word"), held).await.ok();
        assert_eq!(state(&event, &booking).await, "held_done");
    }

    async fn a_conversation_follows_its_talk_to_another_time(app) {
        let (event, acme, booking, starts_at) = talk(&app).await;
        let slots = event.slots(&event.desks[0]).await;
        app.set_time(&starts_at);
        app.wait_minutes(-4);
        let room = acme.manager.get(&format!("/api/talks/{booking}")).await.ok();
        let channel = room["channel_id"].as_str().unwrap();
        let message = json!({ "client_id": crate::socket::uuid(), "text": "The plan", "file_id": null });
        acme.manager.post(&format!("/api/channels/{channel}/messages"), message).await.ok();
        let moved = event.host.post(&format!("/api/bookings/{booking}/move"), json!({ "slot_id": slots[2], "reason": null })).await.ok();
        let (new, path) = (id(&moved), format!("/api/talks/{}", id(&moved)));
        assert_eq!(moved["moved_from_id"], booking.as_str());
        for browser in [&acme.manager, &event.host] {
            let room = browser.get(&path).await.ok();
            assert_eq!((&room["channel_id"], &room["messages"][0]["text"]), (&json!(channel), &json!("The plan")));
            let old = browser.get(&format!("/api/bookings/{booking}")).await.ok();
            assert_eq!((&old["state"], &old["moved_to_id"]), (&json!("moved"), &json!(new)));
            browser.get(&format!("/api/talks/{booking}")).await.refused(409, "illegal_move");
            browser.get(&format!("/api/channels/{channel}/messages")).await.ok();
        }
        // What is said from now on is heard in the new room.
        app.set_time(moved["starts_at"].as_str().unwrap());
        let mut host = event.host.socket().await;
        host.subscribe(&format!("talk:{new}")).await;
        let message = json!({ "client_id": crate::socket::uuid(), "text": "Here again", "file_id": null });
        acme.manager.post(&format!("/api/channels/{channel}/messages"), message).await.ok();
        assert_eq!(host.event(&format!("talk:{new}"), "message.published").await["text"], "Here again");
    }

    async fn a_conversation_waits_while_the_new_time_is_asked_for(app) {
        let (event, acme, booking, starts_at) = talk(&app).await;
        event.set(|settings| settings["booking_mode"] = json!("request")).await.ok();
        let slots = event.slots(&event.desks[0]).await;
        app.set_time(&starts_at);
        app.wait_minutes(-4);
        let channel = acme.manager.get(&format!("/api/talks/{booking}")).await.ok()["channel_id"].as_str().unwrap().to_owned();
        let message = json!({ "client_id": crate::socket::uuid(), "text": "The plan", "file_id": null });
        acme.manager.post(&format!("/api/channels/{channel}/messages"), message).await.ok();
        // Asked for twice before the desk answers.
        let mut asked = booking;
        for slot in [&slots[2], &slots[3]] {
            let moved = acme.manager.post(&format!("/api/bookings/{asked}/move"), json!({ "slot_id": slot, "reason": null })).await.ok();
            assert_eq!(moved["state"], "requested");
            asked = id(&moved);
        }
        event.host.post(&format!("/api/bookings/{asked}/accept"), json!(null)).await.ok();
        let room = event.host.get(&format!("/api/talks/{asked}")).await.ok();
        assert_eq!((&room["channel_id"], &room["messages"][0]["text"]), (&json!(channel), &json!("The plan")));
    }

    async fn who_waits_in_front_of_the_door_is_in_when_it_opens(app) {
        let (event, acme, booking, starts_at) = talk(&app).await;
        app.set_time(&starts_at);
        app.wait_minutes(-6);
        let mut ann = acme.manager.socket().await;
        let room = ann.subscribe(&format!("talk:{booking}")).await;
        let early = json!({ "t": "message.send", "channel": room["channel_id"], "client_id": crate::socket::uuid(), "text": "Hello", "file_id": null });
        ann.refused(early, "room_not_open").await;
        written().await;
        assert_eq!(state(&event, &booking).await, "confirmed");
        app.wait_minutes(1);
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!(state(&event, &booking).await, "checked_in");
    }

    async fn a_talk_is_for_its_two_sides(app) {
        let (_, _, booking, _) = talk(&app).await;
        let stranger = app.company("Stranger").await;
        stranger.manager.get(&format!("/api/talks/{booking}")).await.is(404);
        let mut socket = stranger.manager.socket().await;
        socket.refused(json!({ "t": "subscribe", "topic": format!("talk:{booking}"), "after": null }), "not_found").await;
        assert_eq!(app.operator().await.get(&format!("/api/talks/{booking}")).await.ok()["side"], "observer");
    }
}

fn sector() -> &'static str {
    yunqia_domain::sectors::all()[0].code.as_str()
}
