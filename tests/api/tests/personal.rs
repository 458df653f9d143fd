//! One's own data: taken away as a file, and erased with the account, while the others keep their record.

use serde_json::{Value, json};
use yunqia_domain::states::Role;
use yunqia_tests_api::{event::id, on_both};

on_both! {
    async fn a_person_takes_their_data_away(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let event = app.event(&centre).await;
        let acme = app.company("Acme").await;
        event.takes_part(&acme).await;
        let slots = event.slots(&event.desks[0]).await;
        event.book(&acme, &slots[0]).await.created();
        let channel = acme.manager.post("/api/channels", json!({ "company_id": acme.id, "centre_id": centre.id })).await.ok();
        let message = json!({ "client_id": uuid::Uuid::from_u128(7), "text": "Is there gas?", "file_id": null });
        acme.manager.post(&format!("/api/channels/{}/messages", id(&channel)), message).await.ok();

        let answer = acme.manager.get("/api/me/data").await;
        assert_eq!(answer.header("content-disposition"), Some("attachment; filename=\"yunqia-personal-data.json\""));
        assert!(answer.text().lines().count() > 50, "for people, too");
        let data = answer.ok();
        assert_eq!(data["person"]["email"], json!(acme.manager.email));
        assert_eq!(data["memberships"][0]["organisation"]["name"]["en"], "Acme");
        assert_eq!((&data["registrations"][0]["session"], &data["registrations"][0]["state"]), (&json!("Yanting online"), &json!("approved")));
        assert_eq!(data["consents"][0]["centre"], "盐亭县投资促进中心");
        assert_eq!((&data["bookings"][0]["subject"], &data["bookings"][0]["state"]), (&json!("Solar glass"), &json!("confirmed")));
        assert_eq!((&data["messages"][0]["text"], &data["messages"][0]["centre"]), (&json!("Is there gas?"), &json!("盐亭县投资促进中心")));
        assert_eq!(data["sign_ins"][0]["device"], "Test Browser");
        let kinds: Vec<&str> = data["letters"].as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap()).collect();
        assert!(kinds.contains(&"registration_approved"), "{kinds:?}");
        let acts: Vec<&str> = data["acts"].as_array().unwrap().iter().map(|one| one["act"].as_str().unwrap()).collect();
        assert!(acts.contains(&"registration.register"), "{acts:?}");
        let host = centre.host.get("/api/me/data").await.ok();
        assert_eq!(host["messages"], json!([]), "only one's own");
        app.browser().get("/api/me/data").await.refused(401, "signed_out");
    }

    async fn an_account_is_closed_and_its_talks_go_to_a_colleague(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let event = app.event(&centre).await;
        let acme = app.company("Acme").await;
        let bob = app.sign_in("bob@acme.example").await;
        app.join(acme.id, bob.id(), Role::Member).await;
        let draft = json!({ "company_id": acme.id, "attendee_ids": [bob.id(), acme.manager.id()], "answers": {}, "consent_centre_ids": [centre.id] });
        let registration = bob.post(&event.path("/registrations"), draft).await.created();
        let decision = json!({ "ids": [registration["id"]], "decision": "approve", "reason": null });
        event.host.post(&event.path("/registrations/decide"), decision).await.ok();
        let slots = event.slots(&event.desks[0]).await;
        let booking = json!({ "slot_id": slots[0], "company_id": acme.id, "contact_id": bob.id(), "subject": "Glass" });
        let booking = bob.post("/api/bookings", booking).await.created();
        let channel = bob.post("/api/channels", json!({ "company_id": acme.id, "centre_id": centre.id })).await.ok();
        let message = json!({ "client_id": uuid::Uuid::from_u128(8), "text": "Good morning", "file_id": null });
        bob.post(&format!("/api/channels/{}/messages", id(&channel)), message).await.ok();

        // What a colleague was answered names him.
        let invite = json!({ "email": "eve@acme.example", "role": "member", "title": null });
        acme.manager.post(&format!("/api/organisations/{}/invitations", acme.id), invite).await.created();

        let closing = bob.get("/api/me/closing").await.ok();
        assert_eq!((&closing["impact"][0]["booking_id"], &closing["impact"][0]["what"]), (&booking["id"], &json!("handed_on")));
        assert_eq!((&closing["companies"], &closing["needs_manager"]), (&json!([]), &json!([])));
        let refused = bob.post("/api/me/close", json!({})).await.refused(409, "impact");
        assert_eq!(refused["impact"][0]["booking_id"], booking["id"]);
        bob.post("/api/me/close", json!({ "accept_impact": true })).await.done();

        bob.get("/api/me").await.refused(401, "signed_out");
        let talk = acme.manager.get(&format!("/api/bookings/{}", id(&booking))).await.ok();
        assert_eq!((&talk["state"], &talk["contact"]["id"]), (&json!("confirmed"), &json!(acme.manager.id())));
        let messages = centre.host.get(&format!("/api/channels/{}/messages", id(&channel))).await.ok();
        let author = &messages["messages"][0]["author"];
        assert_eq!(messages["messages"][0]["text"], "Good morning", "the other side keeps its record");
        assert_eq!((&author["former"], &author["family_name"], &author["given_name"]), (&json!(true), &json!(""), &json!("")));
        assert_eq!(talk["contact"]["former"], false);
        let operator = app.operator().await;
        let found = operator.get("/api/operator/people?q=bob%40acme").await.ok();
        assert_eq!(found["items"], json!([]), "nobody finds the address any more");
        assert!(app.letters_to("bob@acme.example").await.is_empty(), "nor in the outbox");
        let mut tx = app.read().await;
        let answers = "SELECT CAST(count(*) AS BIGINT) FROM idempotent_answers WHERE body LIKE '%bob%'";
        assert_eq!(yunqia_store::db::sql(answers).scalar::<i64>(&mut tx).await.unwrap(), 0, "nor in answers that are kept");
        drop(tx);
        let log = operator.get(&format!("/api/operator/audit?actor={}", bob.id())).await.ok();
        assert!(log["items"].as_array().unwrap().iter().any(|line| line["act"] == "person.close"), "{log}");
        // The address is free: whoever signs in with it is somebody new.
        let again = app.sign_in("bob@acme.example").await;
        assert_ne!(again.id(), bob.id());
        assert_eq!(again.get("/api/me/data").await.ok()["messages"], Value::Array(vec![]));
    }

    async fn nobody_leaves_an_organisation_without_a_manager(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let event = app.event(&centre).await;
        let acme = app.company("Acme").await;
        let bob = app.sign_in("bob@acme.example").await;
        app.join(acme.id, bob.id(), Role::Member).await;
        let closing = acme.manager.get("/api/me/closing").await.ok();
        assert_eq!(closing["needs_manager"][0]["id"], json!(acme.id));
        acme.manager.post("/api/me/close", json!({ "accept_impact": true })).await.refused(409, "last_manager");
        assert_eq!(centre.host.get("/api/me/closing").await.ok()["needs_manager"][0]["id"], json!(centre.id));
        let operator = app.operator().await;
        assert_eq!(operator.get("/api/me/closing").await.ok()["operator"], true);
        operator.post("/api/me/close", json!({})).await.refused(409, "last_manager");

        // A company of one person ends with them: its talk is off and the centre is told.
        let solo = app.company("Solo").await;
        event.takes_part(&solo).await;
        let slots = event.slots(&event.desks[0]).await;
        let booking = event.book(&solo, &slots[0]).await.created();
        let closing = solo.manager.get("/api/me/closing").await.ok();
        assert_eq!((&closing["companies"][0]["id"], &closing["impact"][0]["what"]), (&json!(solo.id), &json!("cancelled")));
        solo.manager.post("/api/me/close", json!({ "accept_impact": true })).await.done();
        let talk = centre.host.get(&format!("/api/bookings/{}", id(&booking))).await.ok();
        assert_eq!((&talk["state"], &talk["contact"]["former"]), (&json!("cancelled_by_company"), &json!(true)));
        app.last_letter(&centre.host.email, "slot_cancelled").await;
        let list = operator.get("/api/organisations?kind=company&q=solo").await.ok();
        assert_eq!(list["items"][0]["state"], "closed");
    }
}
