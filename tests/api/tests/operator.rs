//! The operator: the tree of bodies, accounts, people, letters, the audit log.

use serde_json::{Value, json};
use yunqia_domain::ids::OrganisationId;
use yunqia_tests_api::{Answer, Browser, TestApp, on_both};

use crate::companies::{NUMBER, draft};

fn body(kind: &str, hans: &str, division: Option<&str>, parent: Option<OrganisationId>) -> Value {
    json!({ "kind": kind, "parent_id": parent, "division": division, "name": { "zh-Hans": hans, "zh-Hant": hans, "en": hans } })
}

async fn decide(app: &TestApp, operator: &Browser, id: &str, decision: &str, reason: Option<&str>) -> Answer {
    // The log is in the order of time.
    app.wait_seconds(1);
    operator.post(&format!("/api/organisations/{id}/decide"), json!({ "decision": decision, "reason": reason })).await
}

on_both! {
    async fn the_operator_builds_the_tree(app) {
        let operator = app.operator().await;
        let bureau = operator.post("/api/organisations", body("bureau", "省经济合作局", Some("510000"), None)).await.created();
        let above: OrganisationId = bureau["id"].as_str().unwrap().parse().unwrap();
        let centre = operator.post("/api/organisations", body("centre", "盐亭县投资促进中心", Some("510723"), Some(above))).await.created();
        assert_eq!((&centre["parent_id"], &centre["state"]), (&bureau["id"], &json!("approved")));
        let path = format!("/api/organisations/{}", centre["id"].as_str().unwrap());
        let changed = operator.put_at(&path, 1, body("centre", "盐亭投促中心", Some("510723"), Some(above))).await.ok();
        assert_eq!((&changed["name"]["zh-Hans"], &changed["version"]), (&json!("盐亭投促中心"), &json!(2)));
        operator.put_at(&path, 1, body("centre", "x", Some("510723"), None)).await.refused(412, "old_version");
        // No body lies below itself.
        let below: OrganisationId = centre["id"].as_str().unwrap().parse().unwrap();
        let circle = body("bureau", "省经济合作局", Some("510000"), Some(below));
        operator.put_at(&format!("/api/organisations/{above}"), 1, circle).await.wrong_field("/parent_id", "unknown_id");
        let list = operator.get("/api/organisations?kind=centre&q=%E9%B9%BD%E4%BA%AD").await.ok();
        assert_eq!(list["items"].as_array().unwrap().len(), 1);
        let wrong = operator.post("/api/organisations", body("centre", "x", None, None)).await;
        wrong.wrong_field("/division", "required");
        operator.post("/api/organisations", body("company", "x", None, None)).await.wrong_field("/kind", "unknown_choice");
    }

    async fn the_people_of_a_new_centre_are_invited_by_the_operator(app) {
        let operator = app.operator().await;
        let centre = operator.post("/api/organisations", body("centre", "盐亭县投资促进中心", Some("510723"), None)).await.created();
        let path = format!("/api/organisations/{}/invitations", centre["id"].as_str().unwrap());
        operator.post(&path, json!({ "email": "xie@yanting.example", "role": "manager", "title": "主任" })).await.created();
        let link = app.last_letter("xie@yanting.example", "member_invitation").await.facts["link"].as_str().unwrap().to_owned();
        let xie = app.sign_in("xie@yanting.example").await;
        let token = link.strip_prefix("/invitation#token=").unwrap();
        let me = xie.post("/api/invitations/accept", json!({ "token": token })).await.ok();
        assert_eq!(me["memberships"][0]["organisation"]["id"], centre["id"]);
    }

    async fn a_company_is_approved_returned_and_submitted_again(app) {
        let operator = app.operator().await;
        let ann = app.sign_in("ann@acme.example").await;
        let company = ann.post("/api/companies", draft(NUMBER)).await.created();
        let id = company["id"].as_str().unwrap().to_owned();
        decide(&app, &operator, &id, "return", None).await.wrong_field("/reason", "reason_needed");
        let returned = decide(&app, &operator, &id, "return", Some("请补充营业执照信息")).await.ok();
        assert_eq!((&returned["state"], &returned["state_reason"]), (&json!("returned"), &json!("请补充营业执照信息")));
        assert_eq!(app.last_letter("ann@acme.example", "account_returned").await.facts["reason"], "请补充营业执照信息");
        decide(&app, &operator, &id, "approve", None).await.refused(409, "illegal_move");
        app.wait_seconds(1);
        let again = ann.put_at(&format!("/api/companies/{id}"), 2, draft(NUMBER)).await.ok();
        assert_eq!((&again["state"], &again["state_reason"]), (&json!("submitted"), &Value::Null));
        assert_eq!(decide(&app, &operator, &id, "approve", None).await.ok()["state"], "approved");
        app.last_letter("ann@acme.example", "account_approved").await;
        decide(&app, &operator, &id, "reopen", None).await.refused(409, "illegal_move");
        assert_eq!(decide(&app, &operator, &id, "suspend", Some("投诉")).await.ok()["state"], "suspended");
        decide(&app, &operator, &id, "approve", None).await.refused(409, "illegal_move");
        assert_eq!(decide(&app, &operator, &id, "reopen", None).await.ok()["state"], "approved");
        decide(&app, &ann, &id, "suspend", Some("x")).await.refused(403, "not_allowed");
        let log = operator.get(&format!("/api/operator/audit?subject={id}")).await.ok();
        let acts: Vec<&str> = log["items"].as_array().unwrap().iter().map(|line| line["act"].as_str().unwrap()).collect();
        assert_eq!(acts, ["organisation.reopen", "organisation.suspend", "organisation.approve", "company.change",
                          "organisation.return", "company.register"]);
        assert_eq!(log["items"][0]["actor"]["id"], operator.id().to_string());
        assert_eq!(log["items"][0]["before"]["state"], "suspended");
    }

    async fn the_operators_pages_are_the_operators(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        for path in ["/api/organisations", "/api/operator/people", "/api/operator/letters", "/api/operator/audit"] {
            centre.host.get(path).await.refused(403, "not_allowed");
            app.browser().get(path).await.refused(401, "signed_out");
        }
        let change = json!({ "operator": true, "state": "active" });
        centre.host.put_at(&format!("/api/operator/people/{}", centre.host.id()), 1, change).await.refused(403, "not_allowed");
        centre.host.post("/api/organisations", body("centre", "x", Some("510722"), None)).await.refused(403, "not_allowed");
    }

    async fn whoever_is_suspended_is_signed_out_everywhere(app) {
        let operator = app.operator().await;
        let ann = app.sign_in("ann@acme.example").await;
        let list = operator.get("/api/operator/people?q=ANN%40acme").await.ok();
        assert_eq!(list["items"].as_array().unwrap().len(), 1);
        assert_eq!(list["items"][0]["person"]["id"], ann.id().to_string());
        let path = format!("/api/operator/people/{}", ann.id());
        let row = operator.put_at(&path, 1, json!({ "operator": false, "state": "suspended" })).await.ok();
        assert_eq!(row["state"], "suspended");
        ann.get("/api/me").await.refused(401, "signed_out");
        operator.put_at(&path, 2, json!({ "operator": true, "state": "active" })).await.ok();
        let ann = app.sign_in("ann@acme.example").await;
        ann.get("/api/operator/people").await.ok();
        // One operator always remains: nobody takes the part from themselves.
        let own = format!("/api/operator/people/{}", operator.id());
        operator.put_at(&own, 2, json!({ "operator": false, "state": "active" })).await.refused(409, "last_manager");
        ann.put_at(&own, 2, json!({ "operator": false, "state": "active" })).await.ok();
        operator.get("/api/operator/people").await.refused(403, "not_allowed");
    }

    async fn letters_are_held_let_go_and_sent_again(app) {
        let operator = app.operator().await;
        let acme = app.company("Acme").await;
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let interest = json!({ "company_id": acme.id, "centre_id": centre.id, "opportunity_id": null, "session_id": null,
                               "priority": "must", "planned_wan": null, "horizon": "exploring", "note": "" });
        acme.manager.post("/api/interests", interest).await.created();
        let list = operator.get("/api/operator/letters?q=interest_new").await.ok();
        assert_eq!(list["items"].as_array().unwrap().len(), 1);
        let letter = &list["items"][0];
        assert_eq!((letter["to_email"].as_str(), letter["state"].as_str()), (Some(centre.host.email.as_str()), Some("queued")));
        let path = format!("/api/operator/letters/{}", letter["id"].as_str().unwrap());
        operator.post(&format!("{path}/release"), json!({})).await.refused(409, "illegal_move");
        let held = operator.post(&format!("{path}/hold"), json!({})).await.ok();
        assert_eq!(held["letter"]["state"], "held");
        assert_eq!(operator.get("/api/operator/letters?state=held").await.ok()["items"].as_array().unwrap().len(), 1);
        assert_eq!(operator.post(&format!("{path}/release"), json!({})).await.ok()["letter"]["state"], "queued");
        let mut tx = app.write().await;
        yunqia_store::outbox::undeliverable(&mut tx, letter["id"].as_str().unwrap().parse().unwrap(), "550").await.unwrap();
        tx.commit().await.unwrap();
        app.wait_minutes(60);
        let again = operator.post(&format!("{path}/send-again"), json!({})).await.ok();
        assert_eq!((&again["letter"]["state"], &again["letter"]["attempts"]), (&json!("queued"), &json!(0)));
        assert_eq!(again["letter"]["due_at"], app.now().to_string());
        assert_eq!(again["letter"]["message_id"], letter["message_id"], "a repeat is the same letter");
        acme.manager.post(&format!("{path}/hold"), json!({})).await.refused(403, "not_allowed");
    }

    async fn nobody_reads_codes_in_the_outbox(app) {
        let operator = app.operator().await;
        let ask = json!({ "email": "ann@acme.example", "locale": "en", "zone": "Asia/Shanghai" });
        app.browser().post("/api/sign-in", ask).await.is(202);
        let facts = app.last_letter("ann@acme.example", "account_verify").await.facts;
        let list = operator.get("/api/operator/letters?q=account_verify").await;
        let id = list.ok()["items"][0]["id"].as_str().unwrap().to_owned();
        let page = operator.get(&format!("/api/operator/letters/{id}")).await;
        page.ok();
        for answer in [list, page] {
            assert!(!answer.text().contains(facts["code"].as_str().unwrap()));
            assert!(!answer.text().contains(facts["link"].as_str().unwrap()));
        }
        app.browser().get("/api/demo/letters").await.refused(404, "not_found");
    }
}
