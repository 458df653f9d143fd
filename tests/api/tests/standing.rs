//! What becomes of an organisation's part in sessions when its account or its people change.

use serde_json::{Value, json};
use yunqia_domain::{
    ids::{OrganisationId, PersonId},
    states::{LetterState, OrganisationState, Role},
};
use yunqia_store::{letters, organisations};
use yunqia_tests_api::{Answer, Browser, Centre, Company, TestApp, on_both};
use yunqia_views::drafts::RegistrationDraft;

/// A published session of a county with one desk, through the interface as its host makes it.
struct Event {
    id: String,
    host: Browser,
    centre: OrganisationId,
    desk: String,
}

impl Event {
    async fn of(centre: &Centre, auto_approve: bool) -> Event {
        let host = centre.host.clone();
        let draft = json!({
            "lead_centre_id": centre.id, "run_sheet": "county_online_90", "copy_of": null, "series": null,
            "theme": { "zh-Hans": "盐亭线上推介会", "zh-Hant": null, "en": "Yanting online" },
            "summary": { "zh-Hans": null, "zh-Hant": null, "en": null },
            "zone": "Asia/Shanghai", "starts_at": "2026-12-01T09:30",
        });
        let page = host.post("/api/sessions", draft).await.created();
        let mut event = Event { id: page["id"].as_str().unwrap().into(), host, centre: centre.id, desk: String::new() };
        let desk = json!({ "centre_id": centre.id, "name": { "zh-Hans": "1 号席", "zh-Hant": null, "en": "Desk 1" },
                           "room": null, "staff_ids": [centre.host.id()] });
        let desk = event.host.post(&event.path("/desks"), desk).await.created();
        event.desk = desk["id"].as_str().unwrap().into();
        let own = event.host.get(&event.path("/desk")).await.ok();
        let mut settings = own["settings"].clone();
        settings["auto_approve"] = json!(auto_approve);
        let change = json!({ "settings": settings, "accept_impact": false });
        event.host.put_at(&event.path(""), own["session"]["version"].as_i64().unwrap(), change).await.ok();
        event.host.post(&event.path("/move"), json!({ "to": "published", "reason": null })).await.ok();
        event
    }

    fn path(&self, rest: &str) -> String {
        format!("/api/sessions/{}{rest}", self.id)
    }

    async fn register(&self, company: &Company, people: &[PersonId]) -> Value {
        let draft = json!({ "company_id": company.id, "attendee_ids": people, "answers": {}, "consent_centre_ids": [self.centre] });
        company.manager.post(&self.path("/registrations"), draft).await.created()
    }

    async fn approve(&self, registration: &Value) {
        let decision = json!({ "ids": [registration["id"]], "decision": "approve", "reason": null });
        let result = self.host.post(&self.path("/registrations/decide"), decision).await.ok();
        assert_eq!(result["done"], json!([registration["id"]]), "{result}");
    }

    async fn cell(&self) -> Value {
        let timetable = self.host.get(&self.path("/timetable")).await.ok();
        timetable["cells"]
            .as_array()
            .unwrap()
            .iter()
            .find(|cell| cell["desk_id"] == self.desk.as_str())
            .unwrap()
            .clone()
    }

    async fn book(&self, company: &Company) -> Answer {
        let slot = self.cell().await["slot_id"].clone();
        let booking = json!({ "slot_id": slot, "company_id": company.id, "contact_id": null, "subject": "Silk" });
        company.manager.post("/api/bookings", booking).await
    }
}

async fn set_state(app: &TestApp, company: &Company, state: OrganisationState) {
    let mut tx = app.write().await;
    let row = organisations::find(&mut tx, company.id).await.unwrap().unwrap();
    let row = organisations::Organisation { state, ..row };
    assert!(organisations::update(&mut tx, &row, row.version).await.unwrap());
    tx.commit().await.unwrap();
}

async fn state_of(company: &Company) -> Value {
    company.manager.get(&format!("/api/companies/{}", company.id)).await.ok()["state"].clone()
}

on_both! {
    async fn a_host_that_approves_a_new_companys_registration_vouches_for_it(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let event = Event::of(&centre, true).await;
        let acme = app.company("Acme").await;
        set_state(&app, &acme, OrganisationState::Submitted).await;
        let registration = event.register(&acme, &[acme.manager.id()]).await;
        assert_eq!(registration["state"], "registered", "nobody has looked at a new company yet");
        event.book(&acme).await.is(409);
        event.approve(&registration).await;
        assert_eq!(state_of(&acme).await, "approved");
        event.book(&acme).await.created();
        // A company that is known is taken unseen.
        let other = app.company("Other").await;
        assert_eq!(event.register(&other, &[other.manager.id()]).await["state"], "approved");
    }

    async fn a_returned_company_does_not_register(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let event = Event::of(&centre, false).await;
        let acme = app.company("Acme").await;
        set_state(&app, &acme, OrganisationState::Returned).await;
        let draft = json!({ "company_id": acme.id, "attendee_ids": [acme.manager.id()], "answers": {}, "consent_centre_ids": [] });
        acme.manager.post(&event.path("/registrations"), draft).await.refused(409, "company_not_active");
    }

    async fn a_suspended_company_drops_out_of_its_talks(app) {
        let operator = app.operator().await;
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let event = Event::of(&centre, false).await;
        let acme = app.company("Acme").await;
        event.approve(&event.register(&acme, &[acme.manager.id()]).await).await;
        let booking = event.book(&acme).await.created();
        let path = format!("/api/organisations/{}/decide", acme.id);
        // What it would end is seen first; until that is accepted, nothing is done.
        let problem = operator.post(&path, json!({ "decision": "suspend", "reason": "投诉" })).await.refused(409, "impact");
        assert_eq!((&problem["impact"][0]["booking_id"], &problem["impact"][0]["what"]), (&booking["id"], &json!("cancelled")));
        assert_eq!(state_of(&acme).await, "approved");
        let kinds = app.kinds_to(&acme.manager.email).await;
        assert!(!kinds.contains(&"account_suspended".into()), "{kinds:?}");
        operator.post(&path, json!({ "decision": "suspend", "reason": "投诉", "accept_impact": true })).await.ok();
        let after = centre.host.get(&format!("/api/bookings/{}", booking["id"].as_str().unwrap())).await.ok();
        assert_eq!((&after["state"], &after["state_reason"]),
                   (&json!("cancelled_by_operator"), &json!("The platform has stopped the account of one side.")));
        assert_eq!(event.cell().await["state"], "free");
        let log = operator.get(&format!("/api/operator/audit?session={}", event.id)).await.ok();
        let left = log["items"].as_array().unwrap().iter().find(|line| line["act"] == "registration.withdraw").unwrap();
        assert_eq!((&left["before"]["state"], &left["after"]["state"]), (&json!("approved"), &json!("withdrawn")));
        // Both sides read that the operator did it, not that the other side did.
        for reader in [&centre.host.email, &acme.manager.email] {
            let letter = app.last_letter(reader, "slot_cancelled").await;
            assert_eq!(letter.facts["by"], json!({ "side": "operator" }));
        }
        let letter = app.last_letter(&acme.manager.email, "account_suspended").await;
        assert_eq!((&letter.facts["reason"], &letter.facts["organisation"]["en"]), (&json!("投诉"), &json!("Acme")));
        operator.post(&path, json!({ "decision": "close", "reason": "重复注册" })).await.ok();
        app.last_letter(&acme.manager.email, "account_closed").await;
    }

    async fn who_leaves_hands_their_talks_on(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let event = Event::of(&centre, false).await;
        let acme = app.company("Acme").await;
        let bob = app.sign_in("bob@acme.example").await;
        app.join(acme.id, bob.id(), Role::Manager).await;
        event.approve(&event.register(&acme, &[acme.manager.id(), bob.id()]).await).await;
        let booking = event.book(&acme).await.created();
        assert_eq!(booking["contact"]["id"], acme.manager.id().to_string());
        let path = format!("/api/organisations/{}/members/{}", acme.id, acme.manager.id());
        let problem = bob.delete(&path).await.refused(409, "impact");
        assert_eq!((&problem["impact"][0]["booking_id"], &problem["impact"][0]["what"]), (&booking["id"], &json!("handed_on")));
        acme.manager.get(&format!("/api/organisations/{}/members", acme.id)).await.ok(); // still one of them
        bob.delete(&format!("{path}?accept_impact=true")).await.done();
        let after = bob.get(&format!("/api/bookings/{}", booking["id"].as_str().unwrap())).await.ok();
        assert_eq!((&after["state"], &after["contact"]["id"]), (&json!("confirmed"), &json!(bob.id())));
        acme.manager.get(&format!("/api/bookings/{}", booking["id"].as_str().unwrap())).await.is(404);
    }

    async fn who_leaves_while_their_company_registers_for_the_first_time_does_not_come(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let event = Event::of(&centre, true).await;
        let acme = app.company("Acme").await;
        let bob = app.sign_in("bob@acme.example").await;
        app.join(acme.id, bob.id(), Role::Member).await;
        let draft = RegistrationDraft {
            company_id: acme.id,
            attendee_ids: vec![acme.manager.id(), bob.id()],
            answers: Default::default(),
            consent_centre_ids: vec![centre.id],
            listed: false,
            accept_impact: false,
        };
        let mut tx = app.write().await;
        let mut act = app.act(Some(acme.manager.id()));
        let session = event.id.parse().unwrap();
        let id = yunqia_actions::registrations::register(&mut tx, &mut act, session, draft).await.unwrap();
        let (leaver, path) = (bob.clone(), format!("/api/organisations/{}/members/{}", acme.id, bob.id()));
        let mut leaving = tokio::spawn(async move { leaver.delete(&path).await });
        let early = tokio::time::timeout(std::time::Duration::from_millis(300), &mut leaving).await;
        assert!(early.is_err(), "who leaves waits for the registration that cannot be seen yet");
        tx.commit().await.unwrap();
        leaving.await.unwrap().done();
        let mut tx = app.read().await;
        let coming = yunqia_store::registrations::attendees(&mut tx, [id]).await.unwrap();
        assert_eq!(coming.iter().map(|one| one.person_id).collect::<Vec<_>>(), [acme.manager.id()]);
    }

    async fn who_leaves_waits_for_nothing_and_is_reminded_of_nothing(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let event = Event::of(&centre, true).await;
        let slot = event.cell().await["slot_id"].clone();
        let holder = app.company("Holder").await;
        event.register(&holder, &[holder.manager.id()]).await;
        let talk = event.book(&holder).await.created();
        // One leaves a colleague behind who comes too, the other does not.
        let mut leavers = Vec::new();
        for (name, comes) in [("Acme", true), ("Solo", false)] {
            let company = app.company(name).await;
            let bob = app.sign_in(&format!("bob@{name}.example")).await;
            app.join(company.id, bob.id(), Role::Manager).await;
            let people = if comes { vec![company.manager.id(), bob.id()] } else { vec![company.manager.id()] };
            event.register(&company, &people).await;
            let path = format!("/api/slots/{}/waiting", slot.as_str().unwrap());
            company.manager.post(&path, json!({ "company_id": company.id })).await.created();
            leavers.push((company, bob));
        }
        assert_eq!(event.cell().await["waiting"], 2);
        app.wait_minutes(1);
        for (company, bob) in &leavers {
            bob.delete(&format!("/api/organisations/{}/members/{}", company.id, company.manager.id())).await.done();
            let mut tx = app.read().await;
            let wanted = letters::Wanted { email: company.manager.email.clone(), state: Some(LetterState::Queued), kind: None };
            let waiting = letters::newest(&mut tx, &wanted, None, 100).await.unwrap();
            let reminders: Vec<_> = waiting.iter().filter(|row| row.kind.starts_with("session_reminder")).collect();
            assert!(reminders.is_empty(), "{reminders:?}");
        }
        assert_eq!(event.cell().await["waiting"], 1, "nobody comes for the second company any more");
        holder.manager.post(&format!("/api/bookings/{}/cancel", talk["id"].as_str().unwrap()), json!({ "reason": "x" })).await.ok();
        let (acme, bob) = &leavers[0];
        app.last_letter(&bob.email, "waitlist_offer").await;
        assert!(!app.kinds_to(&acme.manager.email).await.contains(&"waitlist_offer".into()));
    }

    async fn a_suspended_person_hands_on_what_lies_ahead_once_that_was_seen(app) {
        let operator = app.operator().await;
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let event = Event::of(&centre, true).await;
        let acme = app.company("Acme").await;
        event.register(&acme, &[acme.manager.id()]).await;
        let booking = event.book(&acme).await.created();
        let path = format!("/api/operator/people/{}", acme.manager.id());
        let suspend = |accept: bool| json!({ "operator": false, "state": "suspended", "accept_impact": accept });
        let problem = operator.put_at(&path, 1, suspend(false)).await.refused(409, "impact");
        assert_eq!((&problem["impact"][0]["booking_id"], &problem["impact"][0]["what"]), (&booking["id"], &json!("handed_on")));
        acme.manager.get("/api/me").await.ok();
        operator.put_at(&path, 1, suspend(true)).await.ok();
        acme.manager.get("/api/me").await.refused(401, "signed_out");
        // Nobody else comes for the company: the talk is off, and it was the operator's doing.
        let after = centre.host.get(&format!("/api/bookings/{}", booking["id"].as_str().unwrap())).await.ok();
        assert_eq!(after["state"], "cancelled_by_operator");
        assert_eq!(app.last_letter(&centre.host.email, "slot_cancelled").await.facts["by"], json!({ "side": "operator" }));
    }

    async fn a_suspended_centres_desks_close(app) {
        let operator = app.operator().await;
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let event = Event::of(&centre, true).await;
        let (acme, other) = (app.company("Acme").await, app.company("Other").await);
        event.register(&acme, &[acme.manager.id()]).await;
        event.register(&other, &[other.manager.id()]).await;
        event.book(&acme).await.created();
        let slot = event.cell().await["slot_id"].as_str().unwrap().to_owned();
        other.manager.post(&format!("/api/slots/{slot}/waiting"), json!({ "company_id": other.id })).await.created();
        let path = format!("/api/organisations/{}/decide", centre.id);
        operator.post(&path, json!({ "decision": "suspend", "reason": "机构调整" })).await.refused(409, "impact");
        assert_ne!(event.cell().await["state"], "closed");
        operator.post(&path, json!({ "decision": "suspend", "reason": "机构调整", "accept_impact": true })).await.ok();
        app.last_letter(&centre.host.email, "account_suspended").await;
        app.last_letter(&acme.manager.email, "slot_cancelled").await;
        let cell = operator.get(&event.path("/timetable")).await.ok()["cells"][0].clone();
        assert_eq!((&cell["state"], &cell["waiting"]), (&json!("closed"), &json!(0)));
        assert!(!app.kinds_to(&other.manager.email).await.contains(&"waitlist_offer".into()));
    }

    async fn what_is_over_stays_as_it_was_when_people_leave(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let clerk = app.sign_in("clerk@centre.example").await;
        app.join(centre.id, clerk.id(), Role::Manager).await;
        let event = Event::of(&centre, true).await;
        let acme = app.company("Acme").await;
        let bob = app.sign_in("bob@acme.example").await;
        app.join(acme.id, bob.id(), Role::Manager).await;
        let registration = event.register(&acme, &[acme.manager.id()]).await;
        app.set_time("2026-12-01T12:00:00Z");
        yunqia_actions::jobs::advance_sessions(&app.db, app.now()).await.unwrap();
        clerk.post(&event.path("/move"), json!({ "to": "closed", "reason": null })).await.ok();
        let log = app.operator().await.get(&format!("/api/operator/audit?session={}", event.id)).await.ok();
        let line = log["items"].as_array().unwrap().iter().find(|line| line["act"] == "registration.close").unwrap();
        assert_eq!((&line["before"]["state"], &line["after"]["state"]), (&json!("approved"), &json!("absent")));
        bob.delete(&format!("/api/organisations/{}/members/{}", acme.id, acme.manager.id())).await.done();
        clerk.delete(&format!("/api/organisations/{}/members/{}", centre.id, centre.host.id())).await.done();
        let mut tx = app.read().await;
        let id = registration["id"].as_str().unwrap().parse().unwrap();
        let people = yunqia_store::registrations::attendees(&mut tx, [id]).await.unwrap();
        assert_eq!(people.iter().map(|one| one.person_id).collect::<Vec<_>>(), [acme.manager.id()]);
        let staff = yunqia_store::desks::staff(&mut tx, [event.desk.parse().unwrap()]).await.unwrap();
        assert_eq!(staff.iter().map(|one| one.person_id).collect::<Vec<_>>(), [centre.host.id()]);
        drop(tx);
        // Being named there opens nothing.
        acme.manager.get(&event.path("/hall")).await.refused(403, "not_attending");
    }

    async fn who_was_taken_out_hears_nothing_more(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let acme = app.company("Acme").await;
        let bob = app.sign_in("bob@acme.example").await;
        app.join(acme.id, bob.id(), Role::Manager).await;
        let channel = bob.post("/api/channels", json!({ "company_id": acme.id, "centre_id": centre.id })).await.ok();
        let topic = format!("direct:{}", channel["id"].as_str().unwrap());
        let person = format!("person:{}", acme.manager.id());
        let mut socket = acme.manager.socket().await;
        socket.subscribe(&person).await;
        socket.subscribe(&topic).await;
        bob.delete(&format!("/api/organisations/{}/members/{}", acme.id, acme.manager.id())).await.done();
        socket.event(&person, "access.changed").await;
        socket.wait("the word that a topic is closed", |frame| frame["t"] == "problem" && frame["problem"]["code"] == "not_found").await;
        let message = json!({ "client_id": crate::socket::uuid(), "text": "Between us", "file_id": null });
        bob.post(&format!("/api/channels/{}/messages", channel["id"].as_str().unwrap()), message).await.ok();
        socket.hears_nothing_of(&topic, "message.published").await;
        // The socket itself stays: they are still somebody.
        assert_eq!(socket.ask(json!({ "t": "ping" })).await["t"], "pong");
    }

    async fn consent_opens_a_companys_contact_and_its_interests_letters(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let event = Event::of(&centre, false).await;
        let ann = app.sign_in("ann@acme.example").await;
        let company = ann.post("/api/companies", crate::companies::draft(crate::companies::NUMBER)).await.created();
        let acme = Company { id: company["id"].as_str().unwrap().parse().unwrap(), manager: ann };
        let path = format!("/api/companies/{}", acme.id);
        let seen = || centre.host.get(&path);
        let interest = json!({ "company_id": acme.id, "centre_id": centre.id, "opportunity_id": null, "session_id": event.id,
                               "priority": "must", "planned_wan": null, "horizon": "exploring", "note": "" });
        let first = acme.manager.post("/api/interests", interest.clone()).await.created();
        assert_eq!(seen().await.ok()["contact_phone"], Value::Null);
        assert!(!app.kinds_to(&centre.host.email).await.contains(&"interest_new".to_owned()));
        event.approve(&event.register(&acme, &[acme.manager.id()]).await).await;
        assert_eq!(seen().await.ok()["contact_phone"], company["contact_phone"]);
        acme.manager.post(&format!("/api/interests/{}/withdraw", first["id"].as_str().unwrap()), json!({})).await.ok();
        acme.manager.post("/api/interests", interest).await.created();
        app.last_letter(&centre.host.email, "interest_new").await;
    }
}
