//! Booking, asking, accepting, moving, handing on, and what two at once may not do.

use std::collections::HashSet;

use futures_util::future::join_all;
use serde_json::json;
use yunqia_domain::{ids::PersonId, states::Role};
use yunqia_tests_api::{
    event::{booking, id},
    on_both,
};

on_both! {
    async fn a_booking_gets_its_letters_its_room_and_its_place(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let event = app.event(&centre).await;
        let acme = app.company("Acme").await;
        let slots = event.slots(&event.desks[0]).await;
        event.book(&acme, &slots[0]).await.refused(409, "not_registered");
        event.takes_part(&acme).await;
        let view = event.book(&acme, &slots[0]).await.created();
        assert_eq!(view["state"], "confirmed");
        assert_eq!(view["may"], json!(["cancel", "move"]));
        assert_eq!(event.cell(&slots[0]).await["state"], "taken");
        let letter = app.last_letter(&acme.manager.email, "slot_confirmed").await;
        assert_eq!(letter.facts["calendar"], json!({
            "uid": view["id"], "sequence": 0, "method": "REQUEST", "stamp": letter.facts["calendar"]["stamp"], "answer": "accepted" }));
        assert_eq!(letter.facts["reader"], "company");
        assert!(letter.facts.get("by").is_none(), "who did it knows who did it");
        let letter = app.last_letter(&centre.host.email, "slot_confirmed").await;
        assert_eq!((&letter.facts["reader"], &letter.facts["by"]["side"]), (&json!("centre"), &json!("company")));
        let reminders = |kinds: Vec<String>| kinds.into_iter().filter(|kind| kind.starts_with("talk_reminder")).count();
        assert_eq!(reminders(app.kinds_to(&acme.manager.email).await), 3);
        assert_eq!(reminders(app.kinds_to(&centre.host.email).await), 3);
        // Once a session with the same centre, and never two at the same time.
        let problem = event.book(&acme, &slots[1]).await.refused(409, "met_already");
        assert_eq!(problem["free_slots"], json!(null), "there is no time at which they could meet again");
        let other = app.company("Other").await;
        event.takes_part(&other).await;
        let problem = event.book(&other, &slots[0]).await.refused(409, "slot_taken");
        assert_eq!(problem["free_slots"].as_array().unwrap().len(), 5);
        let schedule = acme.manager.get("/api/me/schedule").await.ok();
        let kinds: Vec<_> = schedule.as_array().unwrap().iter().map(|entry| entry["kind"].clone()).collect();
        assert_eq!(kinds, ["session", "talk"]);
    }

    async fn the_same_key_books_once(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let event = app.event(&centre).await;
        let acme = app.company("Acme").await;
        event.takes_part(&acme).await;
        let slots = event.slots(&event.desks[0]).await;
        let first = acme.manager.post_once("/api/bookings", "k1", booking(&acme, &slots[0])).await.created();
        let again = acme.manager.post_once("/api/bookings", "k1", booking(&acme, &slots[0])).await.created();
        assert_eq!(first, again);
        acme.manager.post_once("/api/bookings", "k1", booking(&acme, &slots[1])).await.refused(422, "idempotency_key_reused");
        acme.manager.post_once("/api/bookings", "", booking(&acme, &slots[1])).await.refused(422, "idempotency_key_needed");
    }

    async fn why_a_slot_is_not_available(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let event = app.event(&centre).await;
        let acme = app.company("Acme").await;
        let slots = event.slots(&event.desks[0]).await;
        let why = acme.manager.get(&format!("/api/slots/{}/why", slots[0])).await.ok();
        assert_eq!(why["book"]["code"], "not_registered");
        let codes: Vec<_> = why["reasons"].as_array().unwrap().iter().map(|reason| reason["code"].clone()).collect();
        assert_eq!(codes, ["not_registered", "consent_needed"]);
        event.takes_part(&acme).await;
        let why = acme.manager.get(&format!("/api/slots/{}/why", slots[0])).await.ok();
        assert_eq!((why["book"]["ok"].clone(), why["wait"]["code"].clone()), (json!(true), json!("slot_free")));
        app.set_time("2026-12-01T04:00:00Z");
        let why = acme.manager.in_language("zh-Hant").get(&format!("/api/slots/{}/why", slots[0])).await.ok();
        assert_eq!(why["book"]["reason"], "該時段已過。");
        assert_eq!(why["free_slots"].as_array().unwrap().len(), 4);
    }

    async fn a_request_is_held_accepted_and_its_rivals_lose(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let event = app.event_by_request(&centre).await;
        let slots = event.slots(&event.desks[0]).await;
        let mut asked = Vec::new();
        for n in 0..4 {
            let company = app.company(&format!("Company {n}")).await;
            event.takes_part(&company).await;
            let answer = event.book(&company, &slots[0]).await;
            if n == 3 {
                answer.refused(409, "slot_full_of_requests");
            } else {
                asked.push((company, answer.created()));
            }
        }
        let (first, request) = &asked[0];
        assert_eq!(request["state"], "requested");
        assert_eq!(request["expires_at"], "2026-11-24T01:00:00.000000Z");
        assert_eq!(event.cell(&slots[0]).await["holds"], 3);
        assert!(app.kinds_to(&first.manager.email).await.contains(&"slot_request_received".into()));
        first.manager.post(&format!("/api/bookings/{}/accept", id(request)), json!(null)).await.refused(403, "not_allowed");
        let accepted = centre.host.post(&format!("/api/bookings/{}/accept", id(request)), json!(null)).await.ok();
        assert_eq!(accepted["state"], "confirmed");
        for (company, request) in &asked[1..] {
            let lost = company.manager.get(&format!("/api/bookings/{}", id(request))).await.ok();
            assert_eq!(lost["state"], "declined");
            assert_eq!(lost["state_reason"], "This slot has been taken.");
            let letter = app.last_letter(&company.manager.email, "slot_lost").await;
            let free = letter.facts["free_times"].as_array().unwrap();
            assert_eq!(free.len(), 5);
            assert_eq!(free[0]["desks"], json!([{ "zh-Hans": "1 号席", "zh-Hant": null, "en": "Desk 1" }]));
        }
        centre.host.post(&format!("/api/bookings/{}/accept", id(&asked[1].1)), json!(null)).await.refused(409, "illegal_move");
    }

    async fn a_time_that_is_free_at_several_desks_is_named_once(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let mut event = app.draft(&centre).await;
        for _ in 0..5 {
            event.add_desk(&centre).await;
        }
        event.set(|settings| settings["booking_mode"] = json!("request")).await.ok();
        // Five desks with one person between them: each time is free at all of them.
        event.publish().await;
        let slots = event.slots(&event.desks[1]).await;
        let mut asked = Vec::new();
        for name in ["First", "Second"] {
            let company = app.company(name).await;
            event.takes_part(&company).await;
            asked.push((id(&event.book(&company, &slots[0]).await.created()), company));
        }
        centre.host.post(&format!("/api/bookings/{}/accept", asked[0].0), json!(null)).await.ok();
        let letter = app.last_letter(&asked[1].1.manager.email, "slot_lost").await;
        let free = letter.facts["free_times"].as_array().unwrap().clone();
        let times: HashSet<String> = free.iter().map(|time| time["starts_at"].to_string()).collect();
        assert_eq!((free.len(), times.len()), (5, 5), "{free:?}");
        let desks: Vec<_> = free[0]["desks"].as_array().unwrap().iter().map(|desk| desk["en"].clone()).collect();
        assert_eq!(desks.len(), 3);
        assert_eq!((&desks[0], &free[0]["more"]), (&json!("Desk 2"), &json!(2)), "its own desk first: {desks:?}");
    }

    async fn requests_expire_and_quotas_come_back(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let event = app.event_by_request(&centre).await;
        event.set(|s| { s["open_requests_max"] = json!(1); s["request_minutes"] = json!(60); s["repeat_meetings"] = json!(true); }).await.ok();
        let acme = app.company("Acme").await;
        event.takes_part(&acme).await;
        let slots = event.slots(&event.desks[0]).await;
        let request = id(&event.book(&acme, &slots[0]).await.created());
        event.book(&acme, &slots[1]).await.refused(409, "request_limit");
        app.wait_minutes(61);
        centre.host.post(&format!("/api/bookings/{request}/accept"), json!(null)).await.refused(409, "request_expired");
        assert_eq!(yunqia_actions::jobs::expire_requests(&app.db, app.now()).await.unwrap(), 1);
        assert_eq!(yunqia_actions::jobs::expire_requests(&app.db, app.now()).await.unwrap(), 0);
        let view = acme.manager.get(&format!("/api/bookings/{request}")).await.ok();
        assert_eq!(view["state"], "expired");
        app.last_letter(&acme.manager.email, "slot_expired").await;
        app.last_letter(&centre.host.email, "slot_expired").await;
        let second = id(&event.book(&acme, &slots[1]).await.created());
        centre.host.post(&format!("/api/bookings/{second}/decline"), json!({ "reason": "暂时无法安排" })).await.ok();
        assert_eq!(app.last_letter(&acme.manager.email, "slot_declined").await.facts["reason"], "暂时无法安排");
        event.book(&acme, &slots[1]).await.created();
    }

    async fn a_company_moves_back_to_asking_and_a_centre_does_not(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let event = app.event_by_request(&centre).await;
        let acme = app.company("Acme").await;
        event.takes_part(&acme).await;
        let slots = event.slots(&event.desks[0]).await;
        let first = id(&event.book(&acme, &slots[0]).await.created());
        centre.host.post(&format!("/api/bookings/{first}/accept"), json!(null)).await.ok();
        let moved = centre.host.post(&format!("/api/bookings/{first}/move"), json!({ "slot_id": slots[1], "reason": "会议" })).await.ok();
        assert_eq!((moved["state"].clone(), moved["moved_from_id"].clone()), (json!("confirmed"), json!(first)));
        let letter = app.last_letter(&acme.manager.email, "slot_moved").await;
        assert_eq!((letter.facts["calendar"]["uid"].clone(), letter.facts["calendar"]["sequence"].clone()), (json!(first), json!(1)));
        assert_eq!(event.cell(&slots[0]).await["state"], "free");
        assert_eq!(event.cell(&slots[1]).await["state"], "taken");
        app.wait_minutes(1);
        let asked = acme.manager.post(&format!("/api/bookings/{}/move", id(&moved)), json!({ "slot_id": slots[2] })).await.ok();
        assert_eq!(asked["state"], "requested");
        assert_eq!(event.cell(&slots[1]).await["state"], "free");
        assert_eq!(app.last_letter(&centre.host.email, "slot_cancelled").await.facts["calendar"]["sequence"], 2);
        app.wait_minutes(1);
        let back = centre.host.post(&format!("/api/bookings/{}/accept", id(&asked)), json!(null)).await.ok();
        assert_eq!(back["state"], "confirmed");
        let letter = app.last_letter(&acme.manager.email, "slot_confirmed").await;
        assert_eq!((letter.facts["calendar"]["uid"].clone(), letter.facts["calendar"]["sequence"].clone()), (json!(first), json!(3)));
        // Reminders of the old times are gone, those of the new one stand.
        let mut tx = app.read().await;
        let queued: i64 = yunqia_store::db::sql("SELECT CAST(count(*) AS BIGINT) FROM letters
             WHERE state = 'queued' AND kind = 'talk_reminder_1h'").scalar(&mut tx).await.unwrap();
        assert_eq!(queued, 2);
    }

    async fn another_time_is_proposed_and_taken(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let event = app.event_by_request(&centre).await;
        let acme = app.company("Acme").await;
        event.takes_part(&acme).await;
        let slots = event.slots(&event.desks[0]).await;
        let request = id(&event.book(&acme, &slots[0]).await.created());
        let propose = json!({ "slot_id": slots[3], "note": "下午更好" });
        let view = centre.host.post(&format!("/api/bookings/{request}/propose"), propose).await.ok();
        assert_eq!(view["proposed"]["slot_id"], slots[3].as_str());
        let view = acme.manager.get(&format!("/api/bookings/{request}")).await.ok();
        assert!(view["may"].as_array().unwrap().contains(&json!("answer_proposal")));
        app.last_letter(&acme.manager.email, "slot_proposed").await;
        let talk = acme.manager.post(&format!("/api/bookings/{request}/answer-proposal"), json!({ "accept": true })).await.ok();
        assert_eq!((talk["state"].clone(), talk["slot_id"].clone()), (json!("confirmed"), json!(slots[3])));
        assert_eq!(event.cell(&slots[0]).await["state"], "free");
    }

    async fn a_talk_is_handed_to_a_colleague_who_is_free(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let event = app.event(&centre).await;
        let colleague = app.sign_in("colleague@centre.example").await;
        app.join(centre.id, colleague.id(), Role::Member).await;
        let acme = app.company("Acme").await;
        event.takes_part(&acme).await;
        let slots = event.slots(&event.desks[0]).await;
        let talk = id(&event.book(&acme, &slots[0]).await.created());
        let stranger = app.sign_in("stranger@x.example").await;
        let to = |person: yunqia_domain::ids::PersonId| json!({ "staff_id": person });
        let path = format!("/api/bookings/{talk}/reassign");
        centre.host.post(&path, to(stranger.id())).await.wrong_field("/staff_id", "not_a_member");
        let view = centre.host.post(&path, to(colleague.id())).await.ok();
        assert_eq!(view["staff"]["id"], json!(colleague.id()));
        let gives = app.last_letter(&centre.host.email, "slot_reassigned").await;
        assert_eq!((gives.facts["handover"].clone(), gives.facts["calendar"]["method"].clone()), (json!("gives"), json!("CANCEL")));
        let takes = app.last_letter(&colleague.email, "slot_reassigned").await;
        assert_eq!((takes.facts["handover"].clone(), takes.facts["calendar"]["method"].clone()), (json!("takes"), json!("REQUEST")));
        assert_eq!(app.last_letter(&acme.manager.email, "slot_reassigned").await.facts["handover"], "told");
    }

    async fn a_talk_that_moves_to_a_colleague_leaves_the_calendar_of_the_one_who_had_it(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let colleague = app.sign_in("colleague@centre.example").await;
        app.join(centre.id, colleague.id(), Role::Member).await;
        let mut event = app.draft(&centre).await;
        // The manager sits at both desks, a colleague at the first one, too.
        for staff in [vec![centre.host.id(), colleague.id()], vec![centre.host.id()]] {
            let desk = json!({ "centre_id": centre.id, "name": { "en": "Desk" }, "room": null, "staff_ids": staff });
            event.desks.push(id(&event.host.post(&event.path("/desks"), desk).await.created()));
        }
        event.publish().await;
        let (acme, umbrella) = (app.company("Acme").await, app.company("Umbrella").await);
        event.takes_part(&acme).await;
        event.takes_part(&umbrella).await;
        let (first, second) = (event.slots(&event.desks[0]).await, event.slots(&event.desks[1]).await);
        let talk = event.book(&acme, &first[0]).await.created();
        assert_eq!(talk["staff"]["id"], json!(centre.host.id()));
        // At the next time the manager is at the other desk.
        event.book(&umbrella, &second[1]).await.created();
        let path = format!("/api/bookings/{}/move", id(&talk));
        let moved = acme.manager.post(&path, json!({ "slot_id": first[1] })).await.ok();
        assert_eq!(moved["staff"]["id"], json!(colleague.id()));
        let gives = app.last_letter(&centre.host.email, "slot_reassigned").await;
        assert_eq!((gives.facts["handover"].clone(), gives.facts["calendar"]["method"].clone()), (json!("gives"), json!("CANCEL")));
        assert_eq!(gives.facts["calendar"]["uid"], talk["id"]);
        let takes = app.last_letter(&colleague.email, "slot_moved").await;
        assert_eq!((takes.facts["calendar"]["method"].clone(), takes.facts["calendar"]["sequence"].clone()), (json!("REQUEST"), json!(1)));
        let mut tx = app.read().await;
        assert_eq!(yunqia_store::checks::broken_rules(&mut tx).await.unwrap(), Vec::<String>::new());
    }

    async fn a_centre_books_for_a_company_that_phoned(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let event = app.event_by_request(&centre).await;
        let acme = app.company("Acme").await;
        event.takes_part(&acme).await;
        let slots = event.slots(&event.desks[0]).await;
        let view = centre.host.post("/api/bookings", booking(&acme, &slots[0])).await.created();
        assert_eq!((view["state"].clone(), view["origin"].clone()), (json!("confirmed"), json!("centre")));
        app.last_letter(&acme.manager.email, "slot_confirmed").await;
        let outsider = app.centre("中江县投资促进中心", "510623").await;
        outsider.host.post("/api/bookings", booking(&acme, &slots[1])).await.refused(403, "not_allowed");
    }

    async fn limits_are_kept(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let event = app.event(&centre).await;
        event.set(|s| { s["talks_per_company_max"] = json!(1); s["repeat_meetings"] = json!(true); s["talks_per_desk_max"] = json!(2); }).await.ok();
        let slots = event.slots(&event.desks[0]).await;
        let mut talks = Vec::new();
        for n in 0..2 {
            let company = app.company(&format!("Company {n}")).await;
            event.takes_part(&company).await;
            talks.push(id(&event.book(&company, &slots[n]).await.created()));
            event.book(&company, &slots[4]).await.refused(409, "company_limit");
            // Who came later shall be told apart.
            app.wait_minutes(1);
        }
        let third = app.company("Third").await;
        event.takes_part(&third).await;
        event.book(&third, &slots[3]).await.refused(409, "desk_limit");
        // A lower limit shows whom it hurts: the newest.
        let problem = event.set(|s| s["talks_per_desk_max"] = json!(1)).await.refused(409, "impact");
        assert_eq!(problem["impact"][0]["booking_id"], talks[1].as_str());
        assert_eq!(problem["impact"][0]["what"], "over_limit");
        centre.host.post(&format!("/api/bookings/{}/cancel", talks[0]), json!({ "reason": "" })).await.wrong_field("/reason", "reason_needed");
        centre.host.post(&format!("/api/bookings/{}/cancel", talks[0]), json!({ "reason": "冲突" })).await.ok();
        event.book(&third, &slots[3]).await.created();
    }

    async fn one_company_is_not_in_two_talks_at_once_across_sessions(app) {
        let (one, two) = (app.centre("盐亭县投资促进中心", "510723").await, app.centre("三台县投资促进中心", "510722").await);
        let (first, second) = (app.event(&one).await, app.event(&two).await);
        let acme = app.company("Acme").await;
        first.takes_part(&acme).await;
        second.takes_part(&acme).await;
        let (here, there) = (first.slots(&first.desks[0]).await, second.slots(&second.desks[0]).await);
        // Both at the very same moment: one of them is refused, whichever comes second.
        let answers = join_all([first.book(&acme, &here[0]), second.book(&acme, &there[0])]).await;
        let mut codes: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
        codes.sort();
        assert_eq!(codes, [201, 409], "{answers:?}");
        let refused = answers.iter().find(|answer| answer.status.as_u16() == 409).unwrap();
        refused.refused(409, "company_busy");
    }

    async fn those_who_press_together_get_each_their_own_answer(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let event = app.event(&centre).await;
        let slots = event.slots(&event.desks[0]).await;
        let mut companies = Vec::new();
        for n in 0..5 {
            let company = app.company(&format!("Company {n}")).await;
            event.takes_part(&company).await;
            companies.push(company);
        }
        let stranger = app.company("Stranger").await;
        // While somebody else writes in this session, whatever is pressed waits and is done together.
        let mut other = app.write().await;
        other.lock(event.id.parse::<yunqia_domain::ids::SessionId>().unwrap()).await.unwrap();
        let press = |company: usize, key: &'static str, body: serde_json::Value| {
            let browser = companies[company].manager.clone();
            tokio::spawn(async move { browser.post_once("/api/bookings", key, body).await })
        };
        let first = press(0, "first", booking(&companies[0], &slots[0]));
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        let again = press(0, "first", booking(&companies[0], &slots[0]));
        let rivals = [press(1, "k", booking(&companies[1], &slots[1])), press(2, "k", booking(&companies[2], &slots[1]))];
        let met = press(0, "second", booking(&companies[0], &slots[2]));
        let mut named = booking(&companies[3], &slots[3]);
        named["contact_id"] = json!(companies[4].manager.id());
        let named = press(3, "k", named);
        let foreign = press(3, "l", booking(&companies[4], &slots[3]));
        let talkative = json!({ "slot_id": slots[3], "company_id": companies[4].id, "contact_id": null, "subject": "x".repeat(501) });
        let talkative = press(4, "k", talkative);
        let manager = stranger.manager.clone();
        let body = booking(&stranger, &slots[3]);
        let unregistered = tokio::spawn(async move { manager.post_once("/api/bookings", "k", body).await });
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        drop(other);
        let first = first.await.unwrap().created();
        assert_eq!(again.await.unwrap().created(), first);
        let rivals = join_all(rivals).await.into_iter().map(Result::unwrap).collect::<Vec<_>>();
        let won: Vec<_> = rivals.iter().filter(|answer| answer.status.as_u16() == 201).collect();
        let lost: Vec<_> = rivals.iter().filter(|answer| answer.status.as_u16() != 201).collect();
        assert_eq!((won.len(), won[0].created()["slot_id"].clone()), (1, json!(slots[1])));
        let free = lost[0].refused(409, "slot_taken")["free_slots"].clone();
        let free: Vec<_> = free.as_array().unwrap().iter().map(|slot| slot["slot_id"].as_str().unwrap().to_owned()).collect();
        assert_eq!(free, slots.iter().skip(2).take(5).cloned().collect::<Vec<_>>(), "what is free now, the next first");
        met.await.unwrap().refused(409, "met_already");
        named.await.unwrap().wrong_field("/contact_id", "not_a_member");
        foreign.await.unwrap().refused(403, "not_allowed");
        talkative.await.unwrap().wrong_field("/subject", "too_long");
        unregistered.await.unwrap().refused(409, "not_registered");
        // A refusal keeps no key: the same request may succeed later.
        companies[4].manager.post_once("/api/bookings", "k", booking(&companies[4], &slots[3])).await.created();
        let mut tx = app.read().await;
        assert_eq!(yunqia_store::checks::broken_rules(&mut tx).await.unwrap(), Vec::<String>::new());
        let lines: Vec<(Option<PersonId>,)> =
            yunqia_store::db::sql("SELECT actor_id FROM audit WHERE act = 'booking.make' ORDER BY at, id").all(&mut tx).await.unwrap();
        let actors: HashSet<_> = lines.iter().map(|(actor,)| *actor).collect();
        assert_eq!((lines.len(), actors.len()), (3, 3), "each line names the one who pressed");
    }

    async fn two_nodes_sell_each_slot_once_and_know_each_others_keys(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let event = app.event(&centre).await;
        let slots = event.slots(&event.desks[0]).await;
        let mut companies = Vec::new();
        for n in 0..24 {
            let company = app.company(&format!("Company {n}")).await;
            event.takes_part(&company).await;
            companies.push(company);
        }
        let there = app.another().await;
        // Each presses on both nodes at once, with one key.
        let answers = join_all(companies.iter().enumerate().map(|(n, company)| {
            let body = booking(company, &slots[n % slots.len()]);
            let (here, there) = (company.manager.clone(), company.manager.at(there.address));
            async move {
                tokio::join!(
                    here.post_once("/api/bookings", "once", body.clone()),
                    there.post_once("/api/bookings", "once", body)
                )
            }
        })).await;
        let mut sold = HashSet::new();
        for (here, there) in &answers {
            if here.status.as_u16() == 201 {
                assert_eq!(here.created()["id"], there.created()["id"]);
                assert!(sold.insert(here.created()["slot_id"].to_string()));
            } else {
                here.refused(409, "slot_taken");
                there.refused(409, "slot_taken");
            }
        }
        assert_eq!(sold.len(), slots.len().min(companies.len()));
        there.stop().await;
        let mut tx = app.read().await;
        assert_eq!(yunqia_store::checks::broken_rules(&mut tx).await.unwrap(), Vec::<String>::new());
    }

    async fn a_storm_on_one_desk_sells_each_slot_once(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let mut event = app.draft(&centre).await;
        let grid = json!({ "grid": { "slot_minutes": 20, "buffer_minutes": 5, "blocks": [
            { "date": "2026-12-01", "from": "14:00", "until": "17:40", "breaks": [] } ] } });
        event.put("/grid", grid).await.ok();
        event.add_desk(&centre).await;
        event.set(|s| s["auto_approve"] = json!(true)).await.ok();
        event.publish().await;
        let slots = event.slots(&event.desks[0]).await;
        assert_eq!(slots.len(), 9);
        let mut companies = Vec::new();
        for n in 0..120 {
            let company = app.company(&format!("Company {n}")).await;
            event.register(&company, &[centre.id]).await;
            companies.push(company);
        }
        let answers = join_all(companies.iter().enumerate().map(|(n, company)| event.book(company, &slots[n % 9]))).await;
        let sold: Vec<_> = answers.iter().filter(|answer| answer.status.as_u16() == 201).map(|answer| answer.json()).collect();
        let places: HashSet<_> = sold.iter().map(|booking| booking["slot_id"].as_str().unwrap().to_owned()).collect();
        assert_eq!((sold.len(), places.len()), (9, 9));
        for answer in answers.iter().filter(|answer| answer.status.as_u16() != 201) {
            answer.refused(409, "slot_taken");
        }
        // All who lost wait, in the order in which they came.
        let losers: Vec<_> = companies.iter().zip(&answers).filter(|(_, answer)| answer.status.as_u16() == 409).collect();
        assert_eq!(losers.len(), 111);
        let waits = join_all(losers.iter().enumerate().map(|(n, (company, _))| {
            let list = format!("/api/slots/{}/waiting", slots[n % 9]);
            async move { company.manager.post(&list, json!({ "company_id": company.id })).await }
        })).await;
        let mut places: Vec<Vec<i64>> = vec![Vec::new(); 9];
        for (n, answer) in waits.iter().enumerate() {
            places[n % 9].push(answer.created()["place"].as_i64().unwrap());
        }
        for mut numbers in places {
            numbers.sort_unstable();
            assert_eq!(numbers, (1..=numbers.len() as i64).collect::<Vec<_>>());
        }
        let mut tx = app.read().await;
        let confirmed: i64 = yunqia_store::db::sql("SELECT CAST(count(*) AS BIGINT) FROM letters WHERE kind = 'slot_confirmed'")
            .scalar(&mut tx).await.unwrap();
        assert_eq!(confirmed, 18, "no booking without its letters and no letter without its booking");
        assert_eq!(yunqia_store::checks::broken_rules(&mut tx).await.unwrap(), Vec::<String>::new());
    }

    async fn rival_requests_are_accepted_once_and_moves_do_not_meet(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let event = app.event_by_request(&centre).await;
        let slots = event.slots(&event.desks[0]).await;
        let mut requests = Vec::new();
        for n in 0..3 {
            let company = app.company(&format!("Company {n}")).await;
            event.takes_part(&company).await;
            requests.push(id(&event.book(&company, &slots[0]).await.created()));
        }
        let accepts: Vec<String> = requests.iter().map(|request| format!("/api/bookings/{request}/accept")).collect();
        let answers = join_all(accepts.iter().map(|path| centre.host.post(path, json!(null)))).await;
        assert_eq!(answers.iter().filter(|answer| answer.status.as_u16() == 200).count(), 1, "{answers:?}");
        // Two talks want the same third slot.
        let mut talks = Vec::new();
        for (n, slot) in slots[1..3].iter().enumerate() {
            let company = app.company(&format!("Mover {n}")).await;
            event.takes_part(&company).await;
            let view = centre.host.post("/api/bookings", booking(&company, slot)).await.created();
            talks.push(format!("/api/bookings/{}/move", id(&view)));
        }
        let answers = join_all(talks.iter().map(|path| centre.host.post(path, json!({ "slot_id": slots[5] })))).await;
        assert_eq!(answers.iter().filter(|answer| answer.status.as_u16() == 200).count(), 1, "{answers:?}");
        let mut tx = app.read().await;
        assert_eq!(yunqia_store::checks::broken_rules(&mut tx).await.unwrap(), Vec::<String>::new());
    }

    async fn the_checker_names_what_is_broken(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let event = app.event(&centre).await;
        let acme = app.company("Acme").await;
        event.takes_part(&acme).await;
        let slots = event.slots(&event.desks[0]).await;
        event.book(&acme, &slots[0]).await.created();
        for (spoil, says) in [
            ("DELETE FROM claims WHERE tick = (SELECT min(tick) FROM claims)", "lacks the claim"),
            ("UPDATE letters SET booking_id = NULL WHERE kind = 'slot_confirmed'", "has not been told to both sides"),
            ("DELETE FROM channels WHERE kind = 'talk'", "has no room"),
            ("UPDATE registrations SET state = 'withdrawn'", "takes no part"),
            ("UPDATE bookings SET state = 'moved'", "is followed by 0 others"),
        ] {
            let mut tx = app.write().await;
            assert_eq!(yunqia_store::checks::broken_rules(&mut tx).await.unwrap(), Vec::<String>::new());
            yunqia_store::db::sql(spoil).execute(&mut tx).await.unwrap();
            let broken = yunqia_store::checks::broken_rules(&mut tx).await.unwrap();
            assert!(broken.iter().any(|rule| rule.contains(says)), "{spoil}: {broken:?}");
        }
    }

    async fn the_feed_stays_true(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let event = app.event(&centre).await;
        let acme = app.company("Acme").await;
        event.takes_part(&acme).await;
        let slots = event.slots(&event.desks[0]).await;
        let talk = id(&event.book(&acme, &slots[0]).await.created());
        let me = acme.manager.get("/api/me").await.ok();
        let url = me["feed_url"].as_str().unwrap().to_owned();
        let path = &url[url.find("/feed/").unwrap()..];
        let text = app.browser().get(path).await.is(200).text().replace("\r\n ", "");
        assert!(text.contains(&format!("UID:{talk}")) && text.contains("STATUS:CONFIRMED"), "{text}");
        assert!(text.contains("DTSTART:20261201T032500Z"), "{text}");
        let moved = acme.manager.post(&format!("/api/bookings/{talk}/move"), json!({ "slot_id": slots[1] })).await.ok();
        let text = app.browser().get(path).await.is(200).text().replace("\r\n ", "");
        assert_eq!(text.matches(&format!("UID:{talk}")).count(), 1, "{text}");
        assert!(text.contains("DTSTART:20261201T035000Z") && text.contains("SEQUENCE:1"), "{text}");
        acme.manager.post(&format!("/api/bookings/{}/cancel", id(&moved)), json!({ "reason": "x" })).await.ok();
        let text = app.browser().get(path).await.is(200).text();
        assert!(text.contains("STATUS:CANCELLED") && text.contains("SEQUENCE:2"), "{text}");
        app.browser().get("/feed/nonsense.ics").await.refused(404, "not_found");
    }

    async fn a_pair_that_met_twice_may_be_kept_from_a_third_time(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let event = app.event(&centre).await;
        event.set(|s| s["repeat_meetings"] = json!(true)).await.ok();
        let acme = app.company("Acme").await;
        event.takes_part(&acme).await;
        let slots = event.slots(&event.desks[0]).await;
        let mut talks = Vec::new();
        for slot in &slots[..2] {
            talks.push(id(&event.book(&acme, slot).await.created()));
        }
        app.set_time(event.cell(&slots[2]).await["starts_at"].as_str().unwrap());
        for talk in &talks {
            let word = json!({ "word": "held", "note": null });
            acme.manager.post(&format!("/api/talks/{talk}/word"), word.clone()).await.ok();
            centre.host.post(&format!("/api/talks/{talk}/word"), word).await.ok();
            assert_eq!(centre.host.get(&format!("/api/bookings/{talk}")).await.ok()["state"], "held_done");
        }
        event.set(|s| s["repeat_meetings"] = json!(false)).await.ok();
        centre.host.post("/api/bookings", booking(&acme, &slots[5])).await.refused(409, "met_already");
        let mut tx = app.read().await;
        assert_eq!(yunqia_store::checks::broken_rules(&mut tx).await.unwrap(), Vec::<String>::new());
        drop(tx);
        event.set(|s| s["repeat_meetings"] = json!(true)).await.ok();
        centre.host.post("/api/bookings", booking(&acme, &slots[5])).await.created();
    }
}
