//! No update is lost: every PUT names the version it was made on, but for a few, each with its reason; and each is refused
//! where somebody was faster.

use std::collections::BTreeSet;

use axum::http::Method;
use serde_json::{Value, json};
use yunqia_tests_api::{Browser, event::id, on_both};

use crate::{companies, document, me};

/// Changes without a version, and why they overwrite nothing.
const WITHOUT: &[(&str, &str)] =
    &[("/api/registrations/{id}/consents/{centre}", "has no content: a consent that is given is given")];

/// The tries of every change there is.
#[derive(Default)]
struct Changes {
    tried: BTreeSet<String>,
}

impl Changes {
    /// Changes something at `version`, after what must be refused was; then a second reader of that version is refused.
    /// Answers with what the change did.
    async fn put(&mut self, who: &Browser, path: &str, ids: &[&str], version: &Value, body: Value) -> Value {
        let version = version.as_i64().unwrap_or_else(|| panic!("PUT {path}: {version} is no version"));
        let address = document::with(path, ids);
        who.put(&address, body.clone()).await.refused(428, "version_needed");
        let other = who.call(Method::PUT, &address).header("if-match", "\"the first\"").json(&body).send().await;
        other.refused(400, "malformed");
        who.put_at(&address, version + 1, body.clone()).await.refused(412, "old_version");
        let done = who.put_at(&address, version, body.clone()).await.ok();
        who.put_at(&address, version, body).await.refused(412, "old_version");
        self.tried.insert(path.to_owned());
        done
    }
}

on_both! {
    async fn every_change_names_its_version_or_needs_none(app) {
        let mut without = BTreeSet::new();
        for method in ["put", "patch"] {
            for (path, act) in document::acts(&app, method).await {
                match document::header(&act, "If-Match") {
                    Some(required) => assert!(required, "{method} {path}: a version that may be left out"),
                    None => { without.insert(path); }
                }
            }
        }
        let reasons: BTreeSet<String> = WITHOUT.iter().map(|(path, _)| (*path).to_owned()).collect();
        assert_eq!(without, reasons, "left: changes without a version; right: those with a reason");
    }

    async fn acts_that_decide_may_name_a_version(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let event = app.event_by_request(&centre).await;
        let acme = app.company("Acme").await;
        event.takes_part(&acme).await;
        let slots = event.slots(&event.desks[0]).await;
        let request = event.book(&acme, &slots[0]).await.created();
        let version = request["version"].as_i64().unwrap();
        let at = |version: i64, act: &str, body: Value| {
            let call = centre.host.call(Method::POST, &format!("/api/bookings/{}/{act}", id(&request)));
            call.header("if-match", &format!("\"{version}\"")).header("idempotency-key", act).json(&body).send()
        };
        at(version + 1, "accept", json!(null)).await.refused(412, "old_version");
        at(version, "propose", json!({ "slot_id": slots[1], "note": null })).await.ok();
        at(version, "accept", json!(null)).await.refused(412, "old_version");
        at(version + 1, "accept", json!(null)).await.ok();
        // They say so, and so do all that look at it.
        let optional: Vec<String> = document::acts(&app, "post").await.into_iter()
            .filter(|(_, act)| document::header(act, "If-Match") == Some(false))
            .map(|(path, _)| path)
            .collect();
        let decide = ["accept", "answer-proposal", "cancel", "decline", "move", "propose", "reassign"];
        let mut known: Vec<String> = decide.iter().map(|act| format!("/api/bookings/{{id}}/{act}")).collect();
        known.extend(["/api/registrations/{id}/withdraw".into(), "/api/sessions/{id}/move".into()]);
        assert_eq!(optional, known);
    }

    async fn who_saw_an_older_version_overwrites_nothing(app) {
        let mut changes = Changes::default();
        let operator = app.operator().await;
        let ann = app.sign_in("ann@mianzhou.example").await;
        changes.put(&ann, "/api/me", &[], &json!(1), me::change()).await;
        let company = ann.post("/api/companies", companies::draft(companies::NUMBER)).await.created();
        changes.put(&ann, "/api/companies/{id}", &[&id(&company)], &company["version"], companies::draft(companies::NUMBER)).await;
        let row = |people: Value| people["items"][0]["person"]["version"].clone();
        let found = row(operator.get("/api/operator/people?q=ann%40mianzhou").await.ok());
        let ann_id = ann.id().to_string();
        changes.put(&operator, "/api/operator/people/{id}", &[&ann_id], &found, json!({ "operator": true, "state": "active" })).await;
        let body = json!({ "kind": "bureau", "parent_id": null, "division": "510000",
                           "name": { "zh-Hans": "省经济合作局", "zh-Hant": null, "en": null } });
        let bureau = operator.post("/api/organisations", body.clone()).await.created();
        changes.put(&operator, "/api/organisations/{id}", &[&id(&bureau)], &bureau["version"], body).await;

        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let acme = app.company("Acme").await;
        let bob = app.sign_in("bob@acme.example").await;
        app.join(acme.id, bob.id(), yunqia_domain::states::Role::Member).await;
        let (acme_id, bob_id) = (acme.id.to_string(), bob.id().to_string());
        let of_bob = |members: &Value| {
            let rows = members["members"].as_array().unwrap();
            rows.iter().find(|row| row["person"]["id"] == bob_id.as_str()).unwrap().clone()
        };
        let members = acme.manager.get(&format!("/api/organisations/{acme_id}/members")).await.ok();
        let path = "/api/organisations/{id}/members/{person}";
        let role = json!({ "role": "manager", "title": "经理" });
        let after = changes.put(&acme.manager, path, &[&acme_id, &bob_id], &of_bob(&members)["version"], role).await;
        assert_eq!((&of_bob(&after)["role"], &of_bob(&after)["version"]), (&json!("manager"), &json!(2)));
        let interest = json!({ "company_id": acme.id, "centre_id": centre.id, "opportunity_id": null, "session_id": null,
                               "priority": "would_like", "planned_wan": null, "horizon": "within_1_year", "note": "" });
        let made = acme.manager.post("/api/interests", interest.clone()).await.created();
        changes.put(&acme.manager, "/api/interests/{id}", &[&id(&made)], &made["version"], interest).await;

        // All parts of a session share its version: each answer tells the next one.
        let mut event = app.draft(&centre).await;
        let desk = event.add_desk(&centre).await;
        let read = event.host.get(&event.path("/desk")).await.ok();
        let (host, session) = (event.host.clone(), event.id.clone());
        let settings = json!({ "settings": read["settings"], "accept_impact": false });
        let page = changes.put(&host, "/api/sessions/{id}", &[&session], &read["session"]["version"], settings).await;
        let items: Vec<Value> = page["agenda"].as_array().unwrap().iter().map(|item| json!({ "id": item["id"],
            "kind": item["kind"], "minutes": item["minutes"], "title": item["title"], "speaker": item["speaker"] })).collect();
        let page = changes.put(&host, "/api/sessions/{id}/agenda", &[&session], &page["version"], json!({ "items": items })).await;
        let asked = json!({ "questions": [{ "id": null, "kind": "text", "text": { "zh-Hans": "意向" }, "options": [], "required": false }] });
        let after = changes.put(&host, "/api/sessions/{id}/questions", &[&session], &page["version"], asked).await;
        assert_eq!(after["questions"][0]["text"]["zh-Hans"], "意向");
        let none = json!({ "opportunity_ids": [] });
        let page = changes.put(&host, "/api/sessions/{id}/projects", &[&session], &after["session"]["version"], none).await;
        let hosts = json!({ "centre_ids": [centre.id] });
        let page = changes.put(&host, "/api/sessions/{id}/hosts", &[&session], &page["version"], hosts).await;
        let grid = json!({ "grid": read["grid"] });
        let grown = changes.put(&host, "/api/sessions/{id}/grid", &[&session], &page["version"], grid).await;
        assert_eq!(grown["version"], json!(event.version().await));
        let staffed = json!({ "centre_id": centre.id, "name": { "en": "Desk 1" }, "room": null, "staff_ids": [host.id()] });
        changes.put(&host, "/api/desks/{id}", &[&desk], &json!(1), staffed).await;

        // A registration, and a talk.
        event.publish().await;
        let draft = json!({ "company_id": acme.id, "attendee_ids": [acme.manager.id()], "answers": {}, "consent_centre_ids": [centre.id] });
        let registration = event.register(&acme, &[centre.id]).await;
        let registration = changes.put(&acme.manager, "/api/registrations/{id}", &[&id(&registration)], &registration["version"], draft).await;
        let approve = json!({ "ids": [id(&registration)], "decision": "approve", "reason": null });
        host.post(&event.path("/registrations/decide"), approve).await.ok();
        let slots = event.slots(&desk).await;
        let talk = event.book(&acme, &slots[0]).await.created();
        app.set_time(talk["starts_at"].as_str().unwrap());
        let room = host.get(&format!("/api/talks/{}", id(&talk))).await.ok();
        let minutes = json!({ "text": "600 mu", "next_step": "", "owner_id": null, "due_on": null });
        let room = changes.put(&acme.manager, "/api/talks/{booking}/minutes", &[&id(&talk)], &room["version"], minutes).await;
        let outcome = json!({ "outcome": "no_intent", "sector": null, "amount_wan": null, "follow_up_by": null, "note": "" });
        changes.put(&host, "/api/talks/{booking}/outcome", &[&id(&talk)], &room["version"], outcome).await;

        let named: BTreeSet<String> = document::acts(&app, "put").await.into_iter()
            .filter(|(_, act)| document::header(act, "If-Match").is_some())
            .map(|(path, _)| path)
            .collect();
        assert_eq!(changes.tried, named, "left: what was tried here; right: what names a version");
    }

    async fn of_two_who_decide_about_a_person_at_once_one_is_told(app) {
        let operator = app.operator().await;
        let ann = app.sign_in("ann@acme.example").await;
        let path = format!("/api/operator/people/{}", ann.id());
        let appoint = operator.put_at(&path, 1, json!({ "operator": true, "state": "active" }));
        let suspend = operator.put_at(&path, 1, json!({ "operator": false, "state": "suspended" }));
        let (appoint, suspend) = tokio::join!(appoint, suspend);
        let mut statuses = [appoint.status.as_u16(), suspend.status.as_u16()];
        statuses.sort();
        assert_eq!(statuses, [200, 412], "{} {}", appoint.text(), suspend.text());
    }
}
