//! A company's interests, and what the centre learns of them.

use serde_json::{Value, json};
use yunqia_domain::{
    ids::OrganisationId,
    states::{OrganisationState, Role},
};
use yunqia_store::organisations;
use yunqia_tests_api::{TestApp, on_both};

use crate::opportunities::project;

fn in_centre(company: OrganisationId, centre: OrganisationId) -> Value {
    json!({ "company_id": company, "centre_id": centre, "opportunity_id": null, "session_id": null, "priority": "must",
            "planned_wan": 5000, "horizon": "within_1_year", "note": "预制菜" })
}

async fn set_state(app: &TestApp, id: OrganisationId, state: OrganisationState) {
    let mut tx = app.write().await;
    let row = organisations::find(&mut tx, id).await.unwrap().unwrap();
    let row = organisations::Organisation { state, ..row };
    assert!(organisations::update(&mut tx, &row, row.version).await.unwrap());
    tx.commit().await.unwrap();
}

on_both! {
    async fn both_sides_are_told_of_an_interest(app) {
        let acme = app.company("Acme").await;
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let interest = acme.manager.post("/api/interests", in_centre(acme.id, centre.id)).await.created();
        assert_eq!((&interest["state"], &interest["priority"]), (&json!("open"), &json!("must")));
        assert_eq!(interest["centre"]["id"], centre.id.to_string());
        assert_eq!(app.kinds_to(&acme.manager.email).await, ["interest_received"]);
        let letter = app.last_letter(&centre.host.email, "interest_new").await;
        assert_eq!((&letter.facts["planned_wan"], &letter.facts["horizon"]), (&json!(5000), &json!("within_1_year")));
        let incoming = centre.host.get(&format!("/api/centres/{}/interests", centre.id)).await.ok();
        assert_eq!(incoming["items"][0]["id"], interest["id"]);
        let of = async |company| {
            let path = format!("/api/centres/{}/interests?company={company}", centre.id);
            centre.host.get(&path).await.ok()["items"].as_array().unwrap().len()
        };
        assert_eq!((of(acme.id).await, of(centre.id).await), (1, 0));
        acme.manager.post("/api/interests", in_centre(acme.id, centre.id)).await.refused(409, "interest_exists");
    }

    async fn a_repeated_request_registers_once(app) {
        let acme = app.company("Acme").await;
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let first = acme.manager.post_once("/api/interests", "k", in_centre(acme.id, centre.id)).await.created();
        let again = acme.manager.post_once("/api/interests", "k", in_centre(acme.id, centre.id)).await.created();
        assert_eq!(first, again);
        assert_eq!(app.kinds_to(&centre.host.email).await, ["interest_new"]);
    }

    async fn an_interest_in_a_project_reaches_its_centre(app) {
        let acme = app.company("Acme").await;
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let id = project(&app, ("园", "園", "Park"), "510723", "digital", 1, Some(centre.id)).await;
        let mut draft = in_centre(acme.id, centre.id);
        draft["centre_id"] = Value::Null;
        draft["opportunity_id"] = json!(id);
        let interest = acme.manager.post("/api/interests", draft).await.created();
        assert_eq!(interest["opportunity"]["title"]["en"], "Park");
        let letter = app.last_letter(&centre.host.email, "interest_new").await;
        assert_eq!(letter.facts["project"]["en"], "Park");
        let incoming = centre.host.get(&format!("/api/centres/{}/interests", centre.id)).await.ok();
        assert_eq!(incoming["items"].as_array().unwrap().len(), 1);
    }

    async fn an_interest_is_changed_and_taken_back_by_its_company(app) {
        let acme = app.company("Acme").await;
        let other = app.company("Other").await;
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let interest = acme.manager.post("/api/interests", in_centre(acme.id, centre.id)).await.created();
        let path = format!("/api/interests/{}", interest["id"].as_str().unwrap());
        let mut change = in_centre(acme.id, centre.id);
        change["planned_wan"] = json!(8000);
        let changed = acme.manager.put_at(&path, 1, change.clone()).await.ok();
        assert_eq!((&changed["planned_wan"], &changed["version"]), (&json!(8000), &json!(2)));
        acme.manager.put_at(&path, 1, change.clone()).await.refused(412, "old_version");
        other.manager.put_at(&path, 2, change.clone()).await.refused(403, "not_allowed");
        other.manager.post(&format!("{path}/withdraw"), json!({})).await.refused(403, "not_allowed");
        assert_eq!(acme.manager.post(&format!("{path}/withdraw"), json!({})).await.ok()["state"], "withdrawn");
        acme.manager.put_at(&path, 3, change).await.refused(409, "illegal_move");
        let incoming = centre.host.get(&format!("/api/centres/{}/interests", centre.id)).await.ok();
        assert_eq!(incoming["items"], json!([]));
        acme.manager.post("/api/interests", in_centre(acme.id, centre.id)).await.created();
        let all = acme.manager.get(&format!("/api/companies/{}/interests", acme.id)).await.ok();
        assert_eq!(all["items"].as_array().unwrap().len(), 2);
        other.manager.get(&format!("/api/companies/{}/interests", acme.id)).await.refused(403, "not_allowed");
        other.manager.get(&format!("/api/centres/{}/interests", centre.id)).await.refused(403, "not_allowed");
    }

    async fn what_does_not_fit_is_named(app) {
        let acme = app.company("Acme").await;
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let mut wrong = in_centre(acme.id, centre.id);
        wrong["centre_id"] = Value::Null;
        wrong["planned_wan"] = json!(0);
        wrong["note"] = json!("长".repeat(1001));
        let answer = acme.manager.post("/api/interests", wrong).await;
        answer.wrong_field("/centre_id", "required");
        answer.wrong_field("/planned_wan", "out_of_range");
        answer.wrong_field("/note", "too_long");
        acme.manager.post("/api/interests", in_centre(acme.id, acme.id)).await.wrong_field("/centre_id", "not_a_centre");
        centre.host.post("/api/interests", in_centre(acme.id, centre.id)).await.refused(403, "not_allowed");
    }

    async fn a_company_that_is_suspended_registers_nothing_and_a_new_one_does(app) {
        let acme = app.company("Acme").await;
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        set_state(&app, acme.id, OrganisationState::Suspended).await;
        acme.manager.post("/api/interests", in_centre(acme.id, centre.id)).await.refused(409, "company_not_active");
        set_state(&app, acme.id, OrganisationState::Submitted).await;
        acme.manager.post("/api/interests", in_centre(acme.id, centre.id)).await.created();
    }

    async fn every_person_of_the_centre_is_written_to_once(app) {
        let acme = app.company("Acme").await;
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let second = app.sign_in("second@centre.example").await;
        app.join(centre.id, second.id(), Role::Member).await;
        acme.manager.post("/api/interests", in_centre(acme.id, centre.id)).await.created();
        for email in [&centre.host.email, "second@centre.example"] {
            assert_eq!(app.kinds_to(email).await, ["interest_new"]);
        }
    }
}
