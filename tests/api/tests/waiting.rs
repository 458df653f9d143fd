//! Waiting lists, offers, and what the clock does to sessions.

use serde_json::json;
use yunqia_actions::jobs;
use yunqia_tests_api::{event::id, on_both};

on_both! {
    async fn a_freed_slot_is_offered_in_the_order_of_arrival(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let event = app.event(&centre).await;
        let slots = event.slots(&event.desks[0]).await;
        let holder = app.company("Holder").await;
        event.takes_part(&holder).await;
        let talk = id(&event.book(&holder, &slots[0]).await.created());
        let path = format!("/api/slots/{}/waiting", slots[0]);
        let mut places = Vec::new();
        for n in 0..3 {
            let company = app.company(&format!("Company {n}")).await;
            event.takes_part(&company).await;
            let place = company.manager.post(&path, json!({ "company_id": company.id })).await.created();
            assert_eq!(place["place"], n + 1);
            places.push((company, id(&place)));
        }
        let (first, first_place) = &places[0];
        first.manager.post(&path, json!({ "company_id": first.id })).await.refused(409, "waiting_already");
        first.manager.post(&format!("/api/slots/{}/waiting", slots[1]), json!({ "company_id": first.id })).await.refused(409, "slot_free");
        first.manager.post(&format!("/api/waiting/{first_place}/take"), json!(null)).await.refused(409, "offer_lapsed");

        holder.manager.post(&format!("/api/bookings/{talk}/cancel"), json!({ "reason": "x" })).await.ok();
        assert_eq!(event.cell(&slots[0]).await["state"], "offered");
        let letter = app.last_letter(&first.manager.email, "waitlist_offer").await;
        assert_eq!(letter.facts["deadline"], "2026-11-23T01:30:00.000000Z");
        // It is nobody else's while it is on offer.
        let (second, second_place) = &places[1];
        event.book(second, &slots[0]).await.refused(409, "slot_offered");

        app.wait_minutes(31);
        first.manager.post(&format!("/api/waiting/{first_place}/take"), json!(null)).await.refused(409, "offer_lapsed");
        assert_eq!(jobs::lapse_offers(&app.db, app.now()).await.unwrap(), 1);
        assert_eq!(jobs::lapse_offers(&app.db, app.now()).await.unwrap(), 0);
        app.last_letter(&first.manager.email, "waitlist_lapsed").await;
        let talk = second.manager.post(&format!("/api/waiting/{second_place}/take"), json!(null)).await.created();
        assert_eq!((talk["state"].clone(), talk["origin"].clone()), (json!("confirmed"), json!("waiting_list")));
        assert_eq!(event.cell(&slots[0]).await["state"], "taken");
        // The third still waits, and leaves.
        let (third, third_place) = &places[2];
        assert_eq!(event.cell(&slots[0]).await["waiting"], 1);
        third.manager.post(&format!("/api/waiting/{third_place}/leave"), json!(null)).await.done();
        assert_eq!(event.cell(&slots[0]).await["waiting"], 0);
    }

    async fn who_could_not_come_is_passed_over(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let event = app.event(&centre).await;
        let slots = event.slots(&event.desks[0]).await;
        let holder = app.company("Holder").await;
        event.takes_part(&holder).await;
        let talk = id(&event.book(&holder, &slots[0]).await.created());
        let mut waiting = Vec::new();
        for n in 0..2 {
            let company = app.company(&format!("Company {n}")).await;
            event.takes_part(&company).await;
            let path = format!("/api/slots/{}/waiting", slots[0]);
            waiting.push(id(&company.manager.post(&path, json!({ "company_id": company.id })).await.created()));
            if n == 0 {
                // It meets the centre at another time now, and once is enough.
                event.book(&company, &slots[2]).await.created();
            }
        }
        holder.manager.post(&format!("/api/bookings/{talk}/cancel"), json!({ "reason": "x" })).await.ok();
        let mut tx = app.read().await;
        let offered = yunqia_store::waiting_places::find(&mut tx, waiting[1].parse().unwrap()).await.unwrap().unwrap();
        assert_eq!(offered.state, yunqia_domain::states::WaitingState::Offered);
    }

    async fn the_clock_moves_sessions_on_once(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let event = app.event(&centre).await;
        assert_eq!(jobs::advance_sessions(&app.db, app.now()).await.unwrap(), 0);
        app.set_time("2026-12-01T01:30:00Z");
        // Readers see it at once, the row follows.
        let page = app.browser().get(&event.path("")).await.ok();
        assert_eq!(page["state"], "live");
        assert_eq!(jobs::advance_sessions(&app.db, app.now()).await.unwrap(), 1);
        assert_eq!(jobs::advance_sessions(&app.db, app.now()).await.unwrap(), 0);
        app.set_time("2026-12-01T03:15:00Z");
        assert_eq!(jobs::advance_sessions(&app.db, app.now()).await.unwrap(), 1);
        let page = app.browser().get(&event.path("")).await.ok();
        assert_eq!(page["state"], "talks");
    }

    async fn both_sides_are_asked_once_how_it_was(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let event = app.event(&centre).await;
        let acme = app.company("Acme").await;
        event.takes_part(&acme).await;
        let slots = event.slots(&event.desks[0]).await;
        event.book(&acme, &slots[0]).await.created();
        app.set_time("2026-12-01T03:51:00Z");
        assert_eq!(jobs::request_feedback(&app.db, app.now()).await.unwrap(), 1);
        assert_eq!(jobs::request_feedback(&app.db, app.now()).await.unwrap(), 0);
        app.last_letter(&acme.manager.email, "feedback_request").await;
        app.last_letter(&centre.host.email, "feedback_request").await;
        app.set_time("2027-01-01T00:00:00Z");
        assert!(jobs::prune(&app.db, app.now()).await.unwrap() > 0);
    }
}
