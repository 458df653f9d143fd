//! Clocks that are wrong: the server's is set an hour forward and back while people act, and a client's is a day off.

use serde_json::{Value, json};
use uuid::Uuid;
use yunqia_store::checks;
use yunqia_tests_api::{Browser, TestApp, event::id, on_both};

use super::socket::{hall_of, open_hall, say};

async fn no_rule_is_broken(app: &TestApp) {
    let mut tx = app.read().await;
    assert_eq!(checks::broken_rules(&mut tx).await.unwrap(), Vec::<String>::new());
}

/// An id as a client makes them, by a clock that is this many hours ahead.
fn made_at(app: &TestApp, hours_ahead: i64, n: u64) -> Uuid {
    let seconds = app.now().jiff().as_second() + hours_ahead * 3600;
    let at = uuid::Timestamp::from_unix(uuid::NoContext, u64::try_from(seconds).unwrap(), (n * 1_000_000) as u32);
    Uuid::new_v7(at)
}

async fn talk_is_booked(browser: &Browser, booking: &str) {
    let booking = browser.get(&format!("/api/bookings/{booking}")).await.ok();
    assert_eq!(booking["state"], "confirmed");
}

on_both! {
    async fn the_servers_clock_is_set_an_hour_forward_and_back(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let event = app.event(&centre).await;
        let acme = app.company("Acme").await;
        event.takes_part(&acme).await;
        let slots = event.slots(&event.desks[0]).await;
        let first = id(&event.book(&acme, &slots[1]).await.created());
        // A letter of the same second, a sign-in, a reminder: nothing of it runs out by an hour.
        for (n, minutes) in [60, -60, 60, -60].into_iter().enumerate() {
            app.wait_minutes(minutes);
            acme.manager.get("/api/me").await.ok();
            talk_is_booked(&acme.manager, &first).await;
            let other = app.company(&format!("Other{n}")).await;
            event.takes_part(&other).await;
            let booked = id(&event.book(&other, &slots[3]).await.created());
            let moved = json!({ "slot_id": slots[4], "reason": "later" });
            let moved = id(&other.manager.post(&format!("/api/bookings/{booked}/move"), moved).await.ok());
            // What was done before the clock was set back is still done: the same slot is sold once.
            event.book(&other, &slots[1]).await.is(409);
            other.manager.post(&format!("/api/bookings/{moved}/cancel"), json!({ "reason": "ill" })).await.ok();
            no_rule_is_broken(&app).await;
        }
    }

    async fn a_hall_goes_on_while_the_clock_is_set(app) {
        let (event, acme) = open_hall(&app).await;
        let topic = hall_of(&event);
        // The hall stays open an hour before and after.
        app.set_time("2026-12-01T02:35:00Z");
        let mut ann = acme.manager.socket().await;
        ann.subscribe(&topic).await;
        let mut seq = 0;
        for (n, minutes) in [0, 60, -60, -60, 60].into_iter().enumerate() {
            app.wait_minutes(minutes);
            let said = say(&event.host, &event, &format!("line {n}")).await;
            assert!(said["seq"].as_i64().unwrap() > seq, "numbers grow, whatever the clock says");
            seq = said["seq"].as_i64().unwrap();
            assert_eq!(ann.event(&topic, "message.published").await["text"], format!("line {n}"));
        }
        // Who comes back is given what they missed, in the order in which it was said.
        let after = ann.vanish()[&topic];
        app.wait_minutes(-60);
        say(&event.host, &event, "line 5").await;
        let mut ann = acme.manager.socket().await;
        assert_eq!(ann.subscribe_after(&topic, Some(after)).await["recovered"], true);
        assert_eq!(ann.event(&topic, "message.published").await["text"], "line 5");
        let hall = event.host.get(&event.path("/hall")).await.ok();
        let path = format!("/api/channels/{}/messages", hall["channel_id"].as_str().unwrap());
        let page = event.host.get(&path).await.ok();
        let texts: Vec<&Value> = page["messages"].as_array().unwrap().iter().map(|one| &one["text"]).collect();
        assert_eq!(texts, ["line 0", "line 1", "line 2", "line 3", "line 4", "line 5"]);
        drop(ann);
        no_rule_is_broken(&app).await;
    }

    async fn a_client_whose_clock_is_a_day_off_is_a_client_like_any_other(app) {
        let (event, acme) = open_hall(&app).await;
        let hall = event.host.get(&event.path("/hall")).await.ok();
        let path = format!("/api/channels/{}/messages", hall["channel_id"].as_str().unwrap());
        // Its ids are of yesterday or tomorrow; order and time are the server's.
        for (n, hours) in [24, -24, 0, 48, -48].into_iter().enumerate() {
            let client = made_at(&app, hours, n as u64);
            let draft = json!({ "client_id": client, "text": format!("line {n}"), "file_id": null });
            let said = acme.manager.post(&path, draft.clone()).await.ok();
            assert_eq!(said["created_at"], app.now().to_string());
            let again = acme.manager.post(&path, draft).await.ok();
            assert_eq!(again["id"], said["id"], "the same id is the same message");
        }
        let page = event.host.get(&path).await.ok();
        let texts: Vec<&Value> = page["messages"].as_array().unwrap().iter().map(|one| &one["text"]).collect();
        assert_eq!(texts, ["line 0", "line 1", "line 2", "line 3", "line 4"]);
        // Keys of repeats are kept by the server's clock, too.
        let draft = json!({ "company_id": acme.id, "centre_id": event.centre, "opportunity_id": null, "session_id": null,
            "priority": "must", "planned_wan": 1, "horizon": "within_1_year", "note": "" });
        let key = made_at(&app, -24, 9).to_string();
        let first = acme.manager.post_once("/api/interests", &key, draft.clone()).await.created();
        let again = acme.manager.post_once("/api/interests", &key, draft).await.created();
        assert_eq!(first["id"], again["id"]);
        // The page sets its own clock by this.
        assert_eq!(acme.manager.socket().await.hello["now"], app.now().to_string());
        no_rule_is_broken(&app).await;
    }
}
