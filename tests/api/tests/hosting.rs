//! What those who host do: make a session, publish it, change it, and see first whom a change hurts.

use serde_json::json;
use yunqia_domain::states::{LetterState, Role};
use yunqia_store::letters;
use yunqia_tests_api::{event::id, on_both};

on_both! {
    async fn a_session_is_made_from_a_run_sheet_and_published(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let mut event = app.draft(&centre).await;
        let page = centre.host.get(&event.path("")).await.ok();
        assert_eq!(page["state"], "draft");
        assert_eq!(page["agenda"].as_array().unwrap().len(), 10);
        assert_eq!(page["agenda"][0]["starts_at"], "2026-12-01T01:30:00.000000Z");
        assert_eq!(page["agenda"][1]["starts_at"], "2026-12-01T01:45:00.000000Z");
        assert_eq!(page["ends_at"], "2026-12-01T03:15:00.000000Z");
        // Booking opens three weeks before, which is past: it opens with the session.
        assert_eq!(page["can_register"]["code"], "session_not_public");
        app.browser().get(&event.path("")).await.refused(404, "not_found");

        let publish = json!({ "to": "published", "reason": null });
        centre.host.post(&event.path("/move"), publish.clone()).await.refused(409, "session_not_ready");
        event.add_desk(&centre).await;
        assert_eq!(event.cells().await.len(), 6);
        let page = centre.host.post(&event.path("/move"), publish).await.ok();
        assert_eq!(page["state"], "booking_open");
        let page = app.browser().get(&event.path("")).await.ok();
        assert_eq!((page["can_register"]["ok"].clone(), page["mine"].clone()), (json!(true), json!(null)));
        let list = app.browser().get("/api/sessions").await.ok();
        assert_eq!(list["items"][0]["id"], event.id.as_str());
        assert_eq!(list["items"][0]["slots_free"], 6);
    }

    async fn only_hosts_reach_the_desk_and_only_those_who_manage_change_it(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let event = app.event(&centre).await;
        let stranger = app.company("Acme").await.manager;
        stranger.get(&event.path("/desk")).await.refused(403, "not_allowed");
        stranger.post(&event.path("/move"), json!({ "to": "cancelled", "reason": "x" })).await.refused(403, "not_allowed");
        stranger.put_at(&event.path("/agenda"), event.version().await, json!({ "items": [] })).await.refused(403, "not_allowed");
        app.operator().await.get(&event.path("/desk")).await.ok();
    }

    async fn the_agenda_begins_when_the_hall_opens(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let mut event = app.draft(&centre).await;
        let item = event.host.get(&event.path("")).await.ok()["agenda"][0]["id"].clone();
        let begin = json!({ "item_id": item });
        event.host.post(&event.path("/agenda/current"), begin.clone()).await.refused(409, "hall_not_open");
        event.add_desk(&centre).await;
        event.publish().await;
        event.host.post(&event.path("/agenda/current"), begin.clone()).await.refused(409, "hall_not_open");
        app.set_time("2026-12-01T01:35:00Z");
        event.host.post(&event.path("/agenda/current"), begin).await.is(200);
        event.host.post(&event.path("/agenda/current"), json!({ "item_id": null })).await.is(200);
    }

    async fn settings_are_checked_and_versions_guard_them(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let event = app.event(&centre).await;
        event.set(|s| s["ends_at"] = json!("2026-12-01T09:00")).await.wrong_field("/settings/ends_at", "time_order");
        event.set(|s| s["talks_per_company_max"] = json!(0)).await.wrong_field("/settings/talks_per_company_max", "out_of_range");
        event.set(|s| s["starts_at"] = json!("soon")).await.wrong_field("/settings/starts_at", "time_wrong");
        event.set(|s| s["request_minutes"] = json!(14)).await.wrong_field("/settings/request_minutes", "out_of_range");
        let desk = centre.host.get(&event.path("/desk")).await.ok();
        let body = json!({ "settings": desk["settings"], "accept_impact": false });
        centre.host.put(&event.path(""), body.clone()).await.refused(428, "version_needed");
        centre.host.put_at(&event.path(""), 1, body).await.refused(412, "old_version");
        let page = event.set(|s| s["capacity"] = json!(12)).await.ok();
        assert_eq!(page["capacity"], 12);
    }

    async fn a_new_grid_shows_whom_it_hurts_before_it_cancels_them(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let event = app.event(&centre).await;
        let acme = app.company("Acme").await;
        event.takes_part(&acme).await;
        let slots = event.slots(&event.desks[0]).await;
        let booking = id(&event.book(&acme, &slots[0]).await.created());
        let grid = json!({ "slot_minutes": 30, "buffer_minutes": 0, "blocks": [
            { "date": "2026-12-01", "from": "14:00", "until": "16:00", "breaks": [] } ] });
        let change = json!({ "grid": grid, "accept_impact": false });
        let problem = event.put("/grid", change).await.refused(409, "impact");
        assert_eq!(problem["impact"][0]["booking_id"], booking.as_str());
        assert_eq!(problem["impact"][0]["what"], "slot_removed");
        assert_eq!(event.cells().await.len(), 6, "nothing is done before it is accepted");
        let change = json!({ "grid": grid, "accept_impact": true });
        let done = event.put("/grid", change).await.ok();
        assert_eq!((done["added"].as_i64(), done["removed"].as_i64()), (Some(4), Some(6)));
        let view = acme.manager.get(&format!("/api/bookings/{booking}")).await.ok();
        assert_eq!(view["state"], "cancelled_by_centre");
        assert_eq!(view["state_reason"], "The hosts have taken this slot away.");
        let letter = app.last_letter(&acme.manager.email, "slot_cancelled").await;
        assert_eq!(letter.facts["calendar"]["method"], "CANCEL");
        assert_eq!(letter.facts["calendar"]["sequence"], 1);
        // The same times again: everything is kept.
        let again = event.put("/grid", json!({ "grid": grid })).await.ok();
        assert_eq!((again["added"].as_i64(), again["removed"].as_i64(), again["kept"].as_i64()), (Some(0), Some(0), Some(4)));
        let wrong = json!({ "grid": { "slot_minutes": 7, "buffer_minutes": 0, "blocks": [] } });
        event.put("/grid", wrong).await.wrong_field("/grid/slot_minutes", "not_five_minutes");
    }

    async fn the_centres_people_are_reminded_and_told_of_changes_too(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let clerk = app.sign_in("clerk@centre.example").await;
        app.join(centre.id, clerk.id(), Role::Member).await;
        let mut event = app.draft(&centre).await;
        let desk = event.add_desk(&centre).await;
        assert!(app.kinds_to(&centre.host.email).await.is_empty(), "a draft reminds nobody");
        event.publish().await;
        let waiting = async |email: &str| -> Vec<String> {
            let mut tx = app.read().await;
            let wanted = letters::Wanted { email: email.into(), state: Some(LetterState::Queued), kind: None };
            let mut kinds: Vec<String> =
                letters::newest(&mut tx, &wanted, None, 100).await.unwrap().into_iter().map(|row| row.kind).collect();
            kinds.sort();
            kinds
        };
        let reminders = ["session_reminder_1d", "session_reminder_30m"];
        assert_eq!(waiting(&centre.host.email).await, reminders);
        let at = |people: &[_]| json!({ "centre_id": centre.id, "name": { "en": "Desk 1" }, "room": null, "staff_ids": people });
        // Who comes to a desk later is reminded, who goes is not.
        event.host.put_at(&format!("/api/desks/{desk}"), 1, at(&[centre.host.id(), clerk.id()])).await.ok();
        assert_eq!(waiting(&clerk.email).await, reminders);
        event.host.put_at(&format!("/api/desks/{desk}"), 2, at(&[centre.host.id()])).await.ok();
        assert!(waiting(&clerk.email).await.is_empty());
        app.wait_minutes(1);
        event.host.put_at(&format!("/api/desks/{desk}"), 3, at(&[centre.host.id(), clerk.id()])).await.ok();

        let acme = app.company("Acme").await;
        event.takes_part(&acme).await;
        let letter = app.last_letter(&acme.manager.email, "session_reminder_30m").await;
        assert_eq!((&letter.facts["reader"], &letter.facts["link"]), (&json!("company"), &json!(format!("/sessions/{}/hall", event.id))));
        app.wait_minutes(1);
        event.set(|s| { s["starts_at"] = json!("2026-12-01T09:00"); s["theme"]["en"] = json!("Salt and silk"); }).await.ok();
        for (email, side) in [(&acme.manager.email, "company"), (&clerk.email, "centre")] {
            let letter = app.last_letter(email, "session_changed").await;
            assert_eq!((&letter.facts["reader"], &letter.facts["changes"]), (&json!(side), &json!(["time", "title"])));
            let soon = app.last_letter(email, "session_reminder_30m").await;
            assert_eq!(soon.facts["session"]["starts_at"], "2026-12-01T01:00:00.000000Z");
            assert_eq!(waiting(email).await.iter().filter(|kind| kind.starts_with("session_reminder")).count(), 2);
        }
        assert!(!app.kinds_to(&centre.host.email).await.contains(&"session_changed".into()), "who did it knows");
        // Another agenda is told of, once in a while; the same one is not.
        let page = event.host.get(&event.path("")).await.ok();
        let mut items: Vec<_> = page["agenda"].as_array().unwrap().iter().map(|item| json!({
            "id": item["id"], "kind": item["kind"], "minutes": item["minutes"], "title": item["title"], "speaker": item["speaker"] })).collect();
        event.put("/agenda", json!({ "items": items })).await.ok();
        assert_eq!(app.last_letter(&clerk.email, "session_changed").await.facts["changes"], json!(["time", "title"]));
        app.wait_minutes(1);
        for minutes in [20, 25] {
            items[0]["minutes"] = json!(minutes);
            event.put("/agenda", json!({ "items": items })).await.ok();
        }
        let told = app.kinds_to(&clerk.email).await.into_iter().filter(|kind| kind == "session_changed").count();
        assert_eq!(told, 2);
        assert_eq!(app.last_letter(&clerk.email, "session_changed").await.facts["changes"], json!(["agenda"]));
    }

    async fn a_room_of_a_centre_is_one_room_in_all_its_sessions(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let clerk = app.sign_in("clerk@centre.example").await;
        app.join(centre.id, clerk.id(), Role::Member).await;
        let other = app.centre("三台县投资促进中心", "510722").await;
        // The same day and times three times; nothing in common but the name of the room.
        let mut events = Vec::new();
        for (of, person, room) in
            [(&centre, centre.host.id(), "会议室 A"), (&centre, clerk.id(), "会议室Ａ"), (&other, other.host.id(), "会议室A")]
        {
            let event = app.draft(of).await;
            let desk = json!({ "centre_id": of.id, "name": { "en": "Desk" }, "room": room, "staff_ids": [person] });
            event.host.post(&event.path("/desks"), desk).await.created();
            event.publish().await;
            let slots: Vec<String> = event.cells().await.iter().map(|cell| cell["slot_id"].as_str().unwrap().to_owned()).collect();
            events.push((event, slots));
        }
        let names = ["First", "Second", "Third"];
        let mut companies = Vec::new();
        for ((event, _), name) in events.iter().zip(names) {
            let company = app.company(name).await;
            event.takes_part(&company).await;
            companies.push(company);
        }
        let talk = id(&events[0].0.book(&companies[0], &events[0].1[0]).await.created());
        let problem = events[1].0.book(&companies[1], &events[1].1[0]).await.refused(409, "room_busy");
        assert_eq!(problem["title"], "The room is in use at this time.");
        let starts_at = &events[1].0.cells().await[0]["starts_at"].clone();
        let free = problem["free_slots"].as_array().unwrap();
        assert!(free.len() == 5 && free.iter().all(|slot| slot["starts_at"] != *starts_at), "{free:?}");
        events[2].0.book(&companies[2], &events[2].1[0]).await.created();
        // It is free again when the talk is off.
        companies[0].manager.post(&format!("/api/bookings/{talk}/cancel"), json!({ "reason": "x" })).await.ok();
        events[1].0.book(&companies[1], &events[1].1[0]).await.created();
    }

    async fn a_hall_that_moves_within_its_day_shows_whose_talks_it_touches(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let event = app.event(&centre).await;
        let slots = event.slots(&event.desks[0]).await;
        let mut talks = Vec::new();
        for (name, slot) in [("Acme", &slots[0]), ("Other", &slots[3])] {
            let company = app.company(name).await;
            event.takes_part(&company).await;
            talks.push((id(&event.book(&company, slot).await.created()), company));
        }
        // The hall was from 9:30 to 11:15; the talks are at 11:25 and 12:40.
        let longer = |settings: &mut serde_json::Value| settings["ends_at"] = json!("2026-12-01T11:40");
        let problem = event.set(longer).await.refused(409, "impact");
        let told: Vec<_> = problem["impact"].as_array().unwrap().iter().map(|item| (item["booking_id"].clone(), item["what"].clone())).collect();
        assert_eq!(told, [(json!(talks[0].0), json!("hall_then")), (json!(talks[1].0), json!("kept"))]);
        // Earlier, too, is looked at before it is done.
        let earlier = |settings: &mut serde_json::Value| settings["starts_at"] = json!("2026-12-01T08:30");
        let problem = event.set(earlier).await.refused(409, "impact");
        assert!(problem["impact"].as_array().unwrap().iter().all(|item| item["what"] == "kept"), "{problem}");

        let desk = event.host.get(&event.path("/desk")).await.ok();
        let mut settings = desk["settings"].clone();
        longer(&mut settings);
        let change = json!({ "settings": settings, "accept_impact": true });
        event.host.put_at(&event.path(""), desk["session"]["version"].as_i64().unwrap(), change).await.ok();
        let state = async |n: usize| event.host.get(&format!("/api/bookings/{}", talks[n].0)).await.ok();
        assert_eq!((state(0).await["state"].clone(), state(0).await["state_reason"].clone()),
                   (json!("cancelled_by_centre"), json!("The hall of the session has moved to this time.")));
        assert_eq!(state(1).await["state"], "confirmed");
        assert_eq!(event.cell(&slots[0]).await["state"], "closed", "nobody books under the hall");
        app.last_letter(&talks[0].1.manager.email, "slot_cancelled").await;
        app.last_letter(&talks[1].1.manager.email, "session_changed").await;
        // Another day is no change of the hour: the grid comes first.
        event.set(|settings| settings["starts_at"] = json!("2026-11-30T09:30")).await.wrong_field("/settings/starts_at", "has_bookings");
    }

    async fn cancelling_a_session_tells_everybody_and_ends_their_talks(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let event = app.event(&centre).await;
        let acme = app.company("Acme").await;
        event.takes_part(&acme).await;
        let slot = event.slots(&event.desks[0]).await.remove(0);
        let booking = id(&event.book(&acme, &slot).await.created());
        let cancel = json!({ "to": "cancelled", "reason": "台风", "accept_impact": false });
        centre.host.post(&event.path("/move"), cancel).await.refused(409, "impact");
        let cancel = json!({ "to": "cancelled", "reason": "台风", "accept_impact": true });
        let page = centre.host.post(&event.path("/move"), cancel).await.ok();
        assert_eq!((page["state"].clone(), page["state_reason"].clone()), (json!("cancelled"), json!("台风")));
        let view = acme.manager.get(&format!("/api/bookings/{booking}")).await.ok();
        assert_eq!(view["state"], "cancelled_by_centre");
        let kinds = app.kinds_to(&acme.manager.email).await;
        assert!(kinds.contains(&"session_cancelled".into()) && kinds.contains(&"slot_cancelled".into()), "{kinds:?}");
        centre.host.post(&event.path("/move"), json!({ "to": "live", "reason": null })).await.refused(409, "session_over");
    }

    async fn whoever_was_invited_or_asked_to_come_hears_that_a_session_changes_or_is_off(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let clerk = app.sign_in("clerk@centre.example").await;
        app.join(centre.id, clerk.id(), Role::Manager).await;
        let event = app.event(&centre).await;
        let (acme, asked, returned, invited) =
            (app.company("Acme").await, app.company("Asked").await, app.company("Returned").await, app.company("Invited").await);
        event.takes_part(&acme).await;
        event.register(&asked, &[]).await;
        let part = id(&event.register(&returned, &[]).await);
        let decision = json!({ "ids": [part], "decision": "return", "reason": "请补充" });
        centre.host.post(&event.path("/registrations/decide"), decision).await.ok();
        centre.host.post(&event.path("/invitations"), json!({ "company_ids": [invited.id] })).await.ok();
        let slot = event.slots(&event.desks[0]).await.remove(0);
        let talk = event.book(&acme, &slot).await.created();

        event.set(|s| s["theme"]["en"] = json!("Salt and silk")).await.ok();
        let entry = async |company: &yunqia_tests_api::Company, kind: &str| {
            app.last_letter(&company.manager.email, kind).await.facts["calendar"]["method"].clone()
        };
        // Only who takes part has an appointment; to the invited it is news.
        assert_eq!(entry(&acme, "session_changed").await, "REQUEST");
        assert_eq!(entry(&invited, "session_changed").await, "PUBLISH");
        for company in [&asked, &returned] {
            assert_eq!(entry(company, "session_changed").await, serde_json::Value::Null);
        }

        let cancel = json!({ "to": "cancelled", "reason": "台风", "accept_impact": true });
        centre.host.post(&event.path("/move"), cancel).await.ok();
        for (company, method) in [(&acme, json!("CANCEL")), (&invited, json!("CANCEL")), (&asked, json!(null)), (&returned, json!(null))] {
            let facts = app.last_letter(&company.manager.email, "session_cancelled").await.facts;
            assert_eq!((&facts["calendar"]["method"], &facts["reason"]), (&method, &json!("台风")));
            assert_eq!(facts["by"]["name"]["en"], "盐亭县投资促进中心");
        }
        // Each reads of their own talks.
        let own = app.last_letter(&acme.manager.email, "session_cancelled").await.facts;
        assert_eq!(own["talks"][0]["starts_at"], talk["starts_at"]);
        assert_eq!(app.last_letter(&clerk.email, "session_cancelled").await.facts["talks"], serde_json::Value::Null);
    }

    async fn a_session_that_the_operator_cancels_names_the_operator(app) {
        let operator = app.operator().await;
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let event = app.event(&centre).await;
        let acme = app.company("Acme").await;
        event.takes_part(&acme).await;
        let slot = event.slots(&event.desks[0]).await.remove(0);
        let booking = id(&event.book(&acme, &slot).await.created());
        let cancel = json!({ "to": "cancelled", "reason": "flood", "accept_impact": true });
        operator.post(&event.path("/move"), cancel).await.ok();
        assert_eq!(acme.manager.get(&format!("/api/bookings/{booking}")).await.ok()["state"], "cancelled_by_operator");
        for reader in [&acme.manager.email, &centre.host.email] {
            for kind in ["session_cancelled", "slot_cancelled"] {
                assert_eq!(app.last_letter(reader, kind).await.facts["by"], json!({ "side": "operator" }), "{kind}");
            }
        }
        let host = app.last_letter(&centre.host.email, "session_cancelled").await.facts;
        assert_eq!(host["talks"].as_array().unwrap().len(), 1, "the desk had one talk");
    }

    async fn a_copy_has_everything_but_the_companies(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let event = app.event(&centre).await;
        let draft = json!({ "lead_centre_id": centre.id, "run_sheet": null, "copy_of": event.id,
            "theme": { "zh-Hans": "第二场" }, "summary": {}, "series": null, "zone": "Asia/Shanghai", "starts_at": "2026-12-15T10:30" });
        let copy = centre.host.post("/api/sessions", draft).await.created();
        assert_eq!(copy["agenda"].as_array().unwrap().len(), 10);
        assert_eq!(copy["desks"].as_array().unwrap().len(), 1);
        let timetable = centre.host.get(&format!("/api/sessions/{}/timetable", id(&copy))).await.ok();
        assert_eq!(timetable["cells"].as_array().unwrap().len(), 6);
        // An hour later in the day, two weeks later.
        let old = event.cells().await[0]["starts_at"].as_str().unwrap().to_owned();
        assert!(old.starts_with("2026-12-01T03:25"), "{old}");
        assert!(timetable["cells"][0]["starts_at"].as_str().unwrap().starts_with("2026-12-15T04:25"));
    }

    async fn slots_are_closed_and_opened_by_their_own_desk(app) {
        let lead = app.centre("盐亭县投资促进中心", "510723").await;
        let guest = app.centre("三台县投资促进中心", "510722").await;
        let mut event = app.draft(&lead).await;
        event.put("/hosts", json!({ "centre_ids": [lead.id, guest.id] })).await.ok();
        event.add_desk(&lead).await;
        let desk = guest.host.post(&event.path("/desks"), json!({
            "centre_id": guest.id, "name": { "zh-Hans": "三台" }, "room": null, "staff_ids": [guest.host.id()] })).await.created();
        event.publish().await;
        let theirs = event.slots(desk["id"].as_str().unwrap()).await.remove(0);
        let close = |slot: &str, open: bool| json!({ "slot_ids": [slot], "open": open });
        // A member of a host that is no manager may only touch its own desk.
        let clerk = app.sign_in("clerk@centre.example").await;
        app.join(lead.id, clerk.id(), yunqia_domain::states::Role::Member).await;
        guest.host.post(&event.path("/slots"), close(&theirs, false)).await.ok();
        assert_eq!(event.cell(&theirs).await["state"], "closed");
        clerk.post(&event.path("/slots"), close(&theirs, true)).await.ok();
        assert_eq!(event.cell(&theirs).await["state"], "free");
        let outsider = app.centre("中江县投资促进中心", "510623").await;
        outsider.host.post(&event.path("/slots"), close(&theirs, false)).await.refused(403, "not_allowed");
    }

    async fn a_session_does_not_move_away_from_its_talks(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let event = app.event(&centre).await;
        let slots = event.slots(&event.desks[0]).await;
        let shift = |from: &'static str, to: &'static str| move |s: &mut serde_json::Value| {
            for name in ["starts_at", "ends_at"] {
                s[name] = json!(s[name].as_str().unwrap().replace(from, to));
            }
        };
        // Nobody has booked: the day is free to change, and the grid is left alone.
        event.set(shift("2026-12-01", "2026-12-02")).await.ok();
        event.set(shift("2026-12-02", "2026-12-01")).await.ok();
        assert_eq!(event.slots(&event.desks[0]).await, slots);
        let (acme, bolt) = (app.company("Acme").await, app.company("Bolt").await);
        event.takes_part(&acme).await;
        event.takes_part(&bolt).await;
        let booking = id(&event.book(&acme, &slots[0]).await.created());
        event.set(shift("2026-12-01", "2026-12-02")).await.wrong_field("/settings/starts_at", "has_bookings");
        event.set(|s| s["zone"] = json!("America/New_York")).await.wrong_field("/settings/zone", "has_bookings");
        assert_eq!(centre.host.get(&event.path("")).await.ok()["starts_at"], "2026-12-01T01:30:00.000000Z");
        // The hall may begin earlier on its day, once it was seen that the talks stay where they are.
        let problem = event.set(|s| s["starts_at"] = json!("2026-12-01T09:15")).await.refused(409, "impact");
        assert_eq!(problem["impact"][0]["what"], "kept");
        let small = event.set(|s| s["capacity"] = json!(1)).await;
        small.wrong_field("/settings/capacity", "out_of_range");
        assert_eq!(small.json()["errors"][0]["detail"], "This number must be between 2 and 100,000.");
        event.set(|s| s["capacity"] = json!(2)).await.ok();
        let reason = json!({ "reason": "冲突" });
        centre.host.post(&format!("/api/bookings/{booking}/cancel"), reason).await.ok();
        event.set(shift("2026-12-01", "2026-12-02")).await.ok();
    }
}
