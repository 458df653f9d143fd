//! Companies register, hosts decide, consents are given and taken back.

use serde_json::json;
use yunqia_tests_api::{event::id, on_both};

/// A question with options to choose from.
fn choice(id: &serde_json::Value, options: &[&str]) -> serde_json::Value {
    let options: Vec<_> = options.iter().map(|one| json!({ "zh-Hans": one })).collect();
    json!({ "id": id, "kind": "choice", "text": { "zh-Hans": "规模" }, "options": options, "required": false })
}

on_both! {
    async fn a_company_registers_and_is_approved(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let event = app.event(&centre).await;
        let acme = app.company("Acme").await;
        let registration = event.register(&acme, &[centre.id]).await;
        assert_eq!(registration["state"], "registered");
        assert!(registration["consents"][0]["given_at"].is_string());
        assert_eq!(app.kinds_to(&acme.manager.email).await, ["registration_received"]);
        assert!(app.kinds_to(&centre.host.email).await.contains(&"registration_new".into()));
        let again = json!({ "company_id": acme.id, "attendee_ids": [acme.manager.id()], "answers": {}, "consent_centre_ids": [] });
        acme.manager.post(&event.path("/registrations"), again).await.refused(409, "already_registered");

        let list = centre.host.get(&event.path("/registrations?state=registered&q=acm")).await.ok();
        assert_eq!(list["items"][0]["id"], registration["id"]);
        let decide = json!({ "ids": [registration["id"]], "decision": "approve", "reason": null });
        centre.host.post(&event.path("/registrations/decide"), decide.clone()).await.ok();
        let letter = app.last_letter(&acme.manager.email, "registration_approved").await;
        assert_eq!(letter.facts["calendar"]["method"], "REQUEST");
        assert!(app.kinds_to(&acme.manager.email).await.contains(&"session_reminder_1d".into()));
        // Twice is an illegal move, said of the one it concerns.
        let result = centre.host.post(&event.path("/registrations/decide"), decide).await.ok();
        assert_eq!(result["refused"][0]["code"], "illegal_move");
        let mine = acme.manager.get("/api/me/registrations").await.ok();
        assert_eq!(mine["items"][0]["registration"]["state"], "approved");
        assert_eq!(mine["items"][0]["session"]["id"], event.id.as_str());
        let page = acme.manager.get(&event.path("")).await.ok();
        assert_eq!(page["mine"]["registration"]["state"], "approved");
        assert_eq!(page["can_book"]["ok"], true);
    }

    async fn questions_are_answered_as_they_ask(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let event = app.event(&centre).await;
        let desk = event.put("/questions", json!({ "questions": [
            { "id": null, "kind": "text", "text": { "zh-Hans": "意向" }, "options": [], "required": true },
            { "id": null, "kind": "choice", "text": { "zh-Hans": "规模" }, "options": [{ "zh-Hans": "大" }, { "zh-Hans": "小" }], "required": false },
            { "id": null, "kind": "number", "text": { "zh-Hans": "人数" }, "options": [], "required": false } ] })).await.ok();
        let key = |n: usize| desk["questions"][n]["id"].as_str().unwrap().to_owned();
        let acme = app.company("Acme").await;
        let draft = |answers: serde_json::Value| json!({
            "company_id": acme.id, "attendee_ids": [acme.manager.id()], "answers": answers, "consent_centre_ids": [] });
        let path = event.path("/registrations");
        acme.manager.post(&path, draft(json!({}))).await.wrong_field(&format!("/answers/{}", key(0)), "answer_missing");
        let wrong = draft(json!({ key(0): "光伏", key(1): { "zh-Hans": "中" }, key(2): "many" }));
        acme.manager.post(&path, wrong.clone()).await.wrong_field(&format!("/answers/{}", key(1)), "answer_wrong");
        acme.manager.post(&path, wrong).await.wrong_field(&format!("/answers/{}", key(2)), "answer_wrong");
        let numbered = draft(json!({ key(0): "光伏", key(1): 1 }));
        acme.manager.post(&path, numbered).await.wrong_field(&format!("/answers/{}", key(1)), "answer_wrong");
        let good = draft(json!({ key(0): "光伏", key(1): { "zh-Hans": "小" }, key(2): 3 }));
        let registration = acme.manager.post(&path, good).await.created();
        let small = json!({ "zh-Hans": "小", "zh-Hant": null, "en": null });
        assert_eq!(registration["answers"], json!({ key(0): "光伏", key(1): small, key(2): 3 }));
        let nobody = json!({ "company_id": acme.id, "attendee_ids": [centre.host.id()], "answers": {}, "consent_centre_ids": [centre.id] });
        let path = format!("/api/registrations/{}", id(&registration));
        acme.manager.put_at(&path, 1, nobody).await.wrong_field("/attendee_ids/0", "not_a_member");
    }

    async fn a_question_that_was_answered_and_is_left_out_keeps_its_answers(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let event = app.event(&centre).await;
        let text = |id: &serde_json::Value, hans: &str| json!({
            "id": id, "kind": "text", "text": { "zh-Hans": hans }, "options": [], "required": false });
        let none = json!(null);
        let set = async |questions: Vec<serde_json::Value>| {
            let desk = event.put("/questions", json!({ "questions": questions })).await.ok();
            let asked = desk["questions"].as_array().unwrap().iter().filter(|one| one["withdrawn"] == false);
            json!(asked.collect::<Vec<_>>())
        };
        let first = set(vec![text(&none, "意向"), text(&none, "无人回答"), choice(&none, &["大", "小"])]).await;
        let key = |n: usize| first[n]["id"].as_str().unwrap().to_owned();
        let acme = app.company("Acme").await;
        let small = json!({ "zh-Hans": "小", "zh-Hant": null, "en": null });
        let answers = json!({ key(0): "光伏", key(2): small });
        let draft = |answers: serde_json::Value| json!({
            "company_id": acme.id, "attendee_ids": [acme.manager.id()], "answers": answers, "consent_centre_ids": [centre.id] });
        let registration = acme.manager.post(&event.path("/registrations"), draft(answers.clone())).await.created();
        // One is left out, and one asks for another kind of answer: what was answered would not fit any more.
        let second = set(vec![text(&first[2]["id"], "规模"), text(&none, "人数")]).await;
        assert_eq!(second.as_array().unwrap().len(), 2, "{second}");
        assert_ne!(second[0]["id"], first[2]["id"], "it is asked anew");
        let asked = acme.manager.get(&event.path("/questions")).await.ok();
        assert_eq!(asked, second, "companies are asked what stands");
        let desk = centre.host.get(&event.path("/desk")).await.ok();
        let kept: Vec<_> = desk["questions"].as_array().unwrap().iter().filter(|one| one["withdrawn"] == true).collect();
        assert_eq!(kept.iter().map(|one| one["id"].clone()).collect::<Vec<_>>(), [first[0]["id"].clone(), first[2]["id"].clone()]);
        // A company that changes its registration does not lose what it said.
        let path = format!("/api/registrations/{}", id(&registration));
        let now = second[1]["id"].as_str().unwrap();
        let version = registration["version"].as_i64().unwrap();
        let changed = acme.manager.put_at(&path, version, draft(json!({ now: "3" }))).await.ok();
        assert_eq!(changed["answers"], json!({ key(0): "光伏", key(2): small, now: "3" }));
        let csv = centre.host.get(&event.path("/report.csv")).await.is(200).text();
        for line in ["Acme,意向,光伏", "Acme,规模,小", "Acme,人数,3"] {
            assert!(csv.contains(line), "{line} is not in {csv}");
        }
    }

    async fn an_answer_to_a_choice_keeps_the_words_that_were_chosen(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let event = app.event(&centre).await;
        let set = async |id: &serde_json::Value, options: &[&str]| {
            let desk = event.put("/questions", json!({ "questions": [choice(id, options)] })).await.ok();
            desk["questions"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect::<Vec<_>>()
        };
        let first = set(&json!(null), &["大", "中", "小"]).await;
        let key = first[0].as_str().unwrap();
        let (acme, late) = (app.company("Acme").await, app.company("Late").await);
        let draft = |company: &yunqia_tests_api::Company, chosen: &str| json!({
            "company_id": company.id, "attendee_ids": [company.manager.id()], "consent_centre_ids": [centre.id],
            "answers": { key: { "zh-Hans": chosen, "zh-Hant": null, "en": null } } });
        let path = event.path("/registrations");
        let registration = acme.manager.post(&path, draft(&acme, "中")).await.created();
        // In another order, one renamed and one gone: the question stays, and so does what it was answered.
        assert_eq!(set(&first[0], &["微型", "大"]).await, first);
        let own = format!("/api/registrations/{}", id(&registration));
        let kept = acme.manager.put_at(&own, 1, draft(&acme, "中")).await.ok();
        assert_eq!(kept["answers"][key]["zh-Hans"], "中", "what was chosen once may stand");
        let place = format!("/answers/{key}");
        late.manager.post(&path, draft(&late, "中")).await.wrong_field(&place, "answer_wrong");
        late.manager.post(&path, draft(&late, "大")).await.created();
        let csv = centre.host.get(&event.path("/report.csv")).await.is(200).text();
        for line in ["Acme,规模,中", "Late,规模,大"] {
            assert!(csv.contains(line), "{line} is not in {csv}");
        }
        let twice = json!({ "questions": [choice(&first[0], &["大", "小", "大"])] });
        event.put("/questions", twice).await.wrong_field("/questions/0/options/2", "twice");
    }

    async fn capacity_invitations_and_returns(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let event = app.event(&centre).await;
        event.set(|s| { s["capacity"] = json!(1); s["audience"] = json!("invited"); }).await.ok();
        let (acme, other) = (app.company("Acme").await, app.company("Other").await);
        let draft = |company: &yunqia_tests_api::Company| json!({
            "company_id": company.id, "attendee_ids": [company.manager.id()], "answers": {}, "consent_centre_ids": [] });
        acme.manager.post(&event.path("/registrations"), draft(&acme)).await.refused(409, "invited_only");
        let invited = centre.host.post(&event.path("/invitations"), json!({ "company_ids": [acme.id, other.id, acme.id] })).await.ok();
        assert_eq!(invited["done"].as_array().unwrap().len(), 2);
        assert_eq!(invited["refused"][0]["code"], "already_registered");
        app.last_letter(&acme.manager.email, "invitation").await;
        let first = acme.manager.post(&event.path("/registrations"), draft(&acme)).await.created();
        let answered = app.last_letter(&centre.host.email, "rsvp_received").await;
        assert_eq!((&answered.facts["accepted"], &answered.facts["company"]["en"]), (&json!(true), &json!("Acme")));
        assert!(!app.kinds_to(&centre.host.email).await.contains(&"registration_new".into()), "one letter tells of it");
        let second = other.manager.post(&event.path("/registrations"), draft(&other)).await.created();
        let decide = |one: &serde_json::Value, decision: &str, reason: Option<&str>| json!({
            "ids": [one["id"]], "decision": decision, "reason": reason });
        let path = event.path("/registrations/decide");
        centre.host.post(&path, decide(&first, "return", None)).await.wrong_field("/reason", "reason_needed");
        centre.host.post(&path, decide(&first, "return", Some("请补充"))).await.ok();
        assert_eq!(app.last_letter(&acme.manager.email, "registration_returned").await.facts["reason"], "请补充");
        let version = first["version"].as_i64().unwrap() + 1;
        let again = acme.manager.put_at(&format!("/api/registrations/{}", id(&first)), version, draft(&acme)).await.ok();
        assert_eq!(again["state"], "registered");
        centre.host.post(&path, decide(&second, "approve", None)).await.ok();
        let full = centre.host.post(&path, decide(&first, "approve", None)).await.ok();
        assert_eq!(full["refused"][0]["code"], "session_full");
    }

    async fn a_consent_taken_back_ends_the_talks_it_allowed(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let event = app.event(&centre).await;
        let acme = app.company("Acme").await;
        let registration = event.takes_part(&acme).await;
        let slot = event.slots(&event.desks[0]).await.remove(0);
        let booking = id(&event.book(&acme, &slot).await.created());
        let path = format!("/api/registrations/{registration}/consents/{}", centre.id);
        let problem = acme.manager.delete(&path).await.refused(409, "impact");
        assert_eq!(problem["impact"][0]["booking_id"], booking.as_str());
        let view = acme.manager.delete(&format!("{path}?accept_impact=true")).await.ok();
        assert!(view["consents"][0]["withdrawn_at"].is_string());
        let view = acme.manager.get(&format!("/api/bookings/{booking}")).await.ok();
        assert_eq!(view["state"], "cancelled_by_company");
        app.last_letter(&centre.host.email, "consent_withdrawn").await;
        event.book(&acme, &slot).await.refused(409, "consent_needed");
        acme.manager.put(&path, json!(null)).await.ok();
        event.book(&acme, &slot).await.created();
    }

    async fn an_invitation_that_is_declined_is_answered(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let event = app.event(&centre).await;
        let acme = app.company("Acme").await;
        let invited = centre.host.post(&event.path("/invitations"), json!({ "company_ids": [acme.id] })).await.ok();
        let path = format!("/api/registrations/{}/withdraw", invited["done"][0].as_str().unwrap());
        acme.manager.post(&path, json!({ "reason": "没有时间" })).await.ok();
        let answered = app.last_letter(&centre.host.email, "rsvp_received").await;
        assert_eq!((&answered.facts["accepted"], &answered.facts["reason"]), (&json!(false), &json!("没有时间")));
    }

    async fn a_consent_left_out_of_a_changed_registration_is_withdrawn_like_any_other(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let event = app.event(&centre).await;
        let acme = app.company("Acme").await;
        let registration = event.takes_part(&acme).await;
        let slot = event.slots(&event.desks[0]).await.remove(0);
        let booking = id(&event.book(&acme, &slot).await.created());
        let draft = |accept: bool| json!({ "company_id": acme.id, "attendee_ids": [acme.manager.id()], "answers": {},
                                           "consent_centre_ids": [], "accept_impact": accept });
        let path = format!("/api/registrations/{registration}");
        let problem = acme.manager.put_at(&path, 2, draft(false)).await.refused(409, "impact");
        assert_eq!(problem["impact"][0]["booking_id"], booking.as_str());
        assert!(!app.kinds_to(&centre.host.email).await.contains(&"consent_withdrawn".into()), "nothing was done");
        let view = acme.manager.put_at(&path, 2, draft(true)).await.ok();
        assert!(view["consents"][0]["withdrawn_at"].is_string(), "{view}");
        let view = acme.manager.get(&format!("/api/bookings/{booking}")).await.ok();
        assert_eq!(view["state"], "cancelled_by_company");
        app.last_letter(&centre.host.email, "consent_withdrawn").await;
        app.last_letter(&centre.host.email, "slot_cancelled").await;
    }

    async fn rejecting_who_has_talks_shows_them_first(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let event = app.event(&centre).await;
        let (acme, bolt, late) = (app.company("Acme").await, app.company("Bolt").await, app.company("Late").await);
        let (first, second) = (event.takes_part(&acme).await, event.takes_part(&bolt).await);
        let third = id(&event.register(&late, &[centre.id]).await);
        let slots = event.slots(&event.desks[0]).await;
        let booking = id(&event.book(&acme, &slots[0]).await.created());
        let other = id(&event.book(&bolt, &slots[1]).await.created());
        let path = event.path("/registrations/decide");
        let reject = |ids: &[&String], accept: bool| json!({
            "ids": ids, "decision": "reject", "reason": "不符合条件", "accept_impact": accept });
        // One without talks is rejected at once.
        centre.host.post(&path, reject(&[&third], false)).await.ok();
        let problem = centre.host.post(&path, reject(&[&first, &second], false)).await.refused(409, "impact");
        let told: Vec<_> = problem["impact"].as_array().unwrap().iter().map(|item| (item["booking_id"].clone(), item["what"].clone())).collect();
        assert_eq!(told, [(json!(booking), json!("cancelled")), (json!(other), json!("cancelled"))]);
        let state = async |one: &String| centre.host.get(&format!("/api/bookings/{one}")).await.ok()["state"].clone();
        assert_eq!(state(&booking).await, "confirmed");
        assert!(!app.kinds_to(&acme.manager.email).await.contains(&"registration_rejected".into()), "nothing was done");
        let result = centre.host.post(&path, reject(&[&first], true)).await.ok();
        assert_eq!(result["done"], json!([first]));
        assert_eq!((state(&booking).await, state(&other).await), (json!("cancelled_by_centre"), json!("confirmed")));
        app.last_letter(&acme.manager.email, "slot_cancelled").await;
        assert_eq!(event.cell(&slots[0]).await["state"], "free");
    }

    async fn dropping_out_cancels_what_lies_ahead(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let event = app.event(&centre).await;
        let acme = app.company("Acme").await;
        let registration = event.takes_part(&acme).await;
        let slot = event.slots(&event.desks[0]).await.remove(0);
        let booking = id(&event.book(&acme, &slot).await.created());
        let view = acme.manager.post(&format!("/api/registrations/{registration}/withdraw"), json!({ "reason": "没有时间" })).await.ok();
        assert_eq!((view["state"].clone(), view["state_reason"].clone()), (json!("withdrawn"), json!("没有时间")));
        let view = acme.manager.get(&format!("/api/bookings/{booking}")).await.ok();
        assert_eq!(view["state"], "cancelled_by_company");
        assert_eq!(app.last_letter(&centre.host.email, "slot_cancelled").await.facts["reason"], "没有时间");
        assert_eq!(event.cell(&slot).await["state"], "free");
        event.book(&acme, &slot).await.refused(409, "not_registered");
        // It may come back: the same registration is taken up again.
        let back = event.register(&acme, &[]).await;
        assert_eq!((id(&back), back["state"].clone()), (registration, json!("registered")));
    }
}
