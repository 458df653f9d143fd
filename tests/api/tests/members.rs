//! Invitations, requests to join, roles, leaving.

use serde_json::json;
use yunqia_domain::states::Role;
use yunqia_tests_api::{TestApp, on_both};

async fn token(app: &TestApp, email: &str) -> String {
    let facts = app.last_letter(email, "member_invitation").await.facts;
    facts["link"].as_str().unwrap().strip_prefix("/invitation#token=").unwrap().to_owned()
}

on_both! {
    async fn an_invited_person_joins_with_the_letters_link(app) {
        let acme = app.company("Acme").await;
        let path = format!("/api/organisations/{}/invitations", acme.id);
        let invite = json!({ "email": "Bob@acme.example", "role": "manager", "title": "副总经理" });
        let members = acme.manager.post(&path, invite).await.created();
        assert_eq!(members["invitations"][0]["email"], "Bob@acme.example");
        let token = token(&app, "Bob@acme.example").await;
        let preview = app.browser().post("/api/invitations/preview", json!({ "token": token })).await.ok();
        assert_eq!((&preview["organisation"]["name"]["en"], &preview["usable"]), (&json!("Acme"), &json!(true)));
        app.browser().post("/api/invitations/accept", json!({ "token": token })).await.refused(401, "signed_out");
        // A forwarded letter lets nobody in.
        let eve = app.sign_in("eve@acme.example").await;
        eve.post("/api/invitations/accept", json!({ "token": token })).await.refused(403, "other_address");
        let bob = app.sign_in("bob@acme.example").await;
        let me = bob.post("/api/invitations/accept", json!({ "token": token })).await.ok();
        assert_eq!(me["memberships"][0]["role"], "manager");
        assert_eq!(me["memberships"][0]["title"], "副总经理");
        bob.post("/api/invitations/accept", json!({ "token": token })).await.refused(422, "link_spent");
        let preview = app.browser().post("/api/invitations/preview", json!({ "token": token })).await.ok();
        assert_eq!(preview["usable"], false);
    }

    async fn the_same_invitation_is_sent_once(app) {
        let acme = app.company("Acme").await;
        let path = format!("/api/organisations/{}/invitations", acme.id);
        let invite = json!({ "email": "bob@acme.example", "role": "member", "title": null });
        let first = acme.manager.post_once(&path, "one", invite.clone()).await;
        let again = acme.manager.post_once(&path, "one", invite.clone()).await;
        assert_eq!((first.created(), first.body), (again.created(), again.body));
        assert_eq!(app.kinds_to("bob@acme.example").await, ["member_invitation"]);
        let other = json!({ "email": "carl@acme.example", "role": "member", "title": null });
        acme.manager.post_once(&path, "one", other).await.refused(422, "idempotency_key_reused");
        let call = acme.manager.call(axum::http::Method::POST, &path).json(&invite);
        call.send().await.refused(422, "idempotency_key_needed");
    }

    async fn an_invitation_can_be_replaced_taken_back_and_grow_old(app) {
        let acme = app.company("Acme").await;
        let path = format!("/api/organisations/{}/invitations", acme.id);
        let invite = json!({ "email": "bob@acme.example", "role": "member", "title": null });
        acme.manager.post(&path, invite.clone()).await.created();
        let first = token(&app, "bob@acme.example").await;
        app.wait_minutes(1);
        let members = acme.manager.post(&path, invite.clone()).await.created();
        assert_eq!(members["invitations"].as_array().unwrap().len(), 1, "the second replaces the first");
        let second = token(&app, "bob@acme.example").await;
        let bob = app.sign_in("bob@acme.example").await;
        bob.post("/api/invitations/accept", json!({ "token": first })).await.refused(422, "link_spent");
        let id = members["invitations"][0]["id"].as_str().unwrap();
        acme.manager.delete(&format!("{path}/{id}")).await.done();
        bob.post("/api/invitations/accept", json!({ "token": second })).await.refused(422, "link_spent");
        app.wait_minutes(1);
        acme.manager.post(&path, invite).await.created();
        let third = token(&app, "bob@acme.example").await;
        app.wait_minutes(14 * 24 * 60);
        bob.post("/api/invitations/accept", json!({ "token": third })).await.refused(422, "link_spent");
    }

    async fn only_managers_invite_and_decide(app) {
        let acme = app.company("Acme").await;
        let bob = app.sign_in("bob@acme.example").await;
        app.join(acme.id, bob.id(), Role::Member).await;
        let base = format!("/api/organisations/{}", acme.id);
        let invite = json!({ "email": "x@acme.example", "role": "member", "title": null });
        bob.post(&format!("{base}/invitations"), invite.clone()).await.refused(403, "not_allowed");
        let eve = app.sign_in("eve@other.example").await;
        eve.post(&format!("{base}/invitations"), invite).await.refused(403, "not_allowed");
        eve.get(&format!("{base}/members")).await.refused(403, "not_allowed");
        assert!(app.kinds_to("x@acme.example").await.is_empty());
        let seen = bob.get(&format!("{base}/members")).await.ok();
        assert_eq!(seen["members"].as_array().unwrap().len(), 2);
        assert_eq!(seen["join_requests"], json!([]));
        let change = json!({ "role": "manager", "title": null });
        bob.put_at(&format!("{base}/members/{}", bob.id()), 1, change).await.refused(403, "not_allowed");
    }

    async fn who_finds_their_company_asks_its_managers(app) {
        let acme = app.company("Acme").await;
        let bob = app.sign_in("bob@acme.example").await;
        let path = format!("/api/organisations/{}/join-requests", acme.id);
        bob.post(&path, json!({ "note": "Sales" })).await.done();
        bob.post(&path, json!({ "note": null })).await.refused(409, "asked_to_join");
        let letter = app.last_letter(&acme.manager.email, "join_request_received").await;
        assert!(letter.facts["person"].as_str().unwrap().contains("bob@acme.example"));
        let members = acme.manager.get(&format!("/api/organisations/{}/members", acme.id)).await.ok();
        let request = members["join_requests"][0]["id"].as_str().unwrap().to_owned();
        bob.post(&format!("/api/join-requests/{request}/answer"), json!({ "accept": true })).await.refused(403, "not_allowed");
        let answer = format!("/api/join-requests/{request}/answer");
        let after = acme.manager.post(&answer, json!({ "accept": true })).await.ok();
        assert_eq!(after["members"].as_array().unwrap().len(), 2);
        acme.manager.post(&answer, json!({ "accept": true })).await.refused(409, "illegal_move");
        assert_eq!(app.kinds_to("bob@acme.example").await, ["join_request_answered"]);
        assert_eq!(bob.get("/api/me").await.ok()["memberships"][0]["role"], "member");
        bob.post(&path, json!({ "note": null })).await.refused(409, "already_member");
        // Nobody asks their way into a public body.
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let path = format!("/api/organisations/{}/join-requests", centre.id);
        bob.post(&path, json!({ "note": null })).await.refused(403, "not_allowed");
    }

    async fn the_last_manager_stays(app) {
        let acme = app.company("Acme").await;
        let bob = app.sign_in("bob@acme.example").await;
        app.join(acme.id, bob.id(), Role::Member).await;
        let of = |id: yunqia_domain::ids::PersonId| format!("/api/organisations/{}/members/{id}", acme.id);
        let manager = acme.manager.id();
        acme.manager.delete(&of(manager)).await.refused(409, "last_manager");
        let member = json!({ "role": "member", "title": "经理" });
        acme.manager.put_at(&of(manager), 1, member.clone()).await.refused(409, "last_manager");
        acme.manager.put_at(&of(bob.id()), 1, json!({ "role": "manager", "title": null })).await.ok();
        acme.manager.put_at(&of(manager), 1, member).await.ok();
        bob.delete(&of(manager)).await.done();
        assert_eq!(acme.manager.get("/api/me").await.ok()["memberships"], json!([]));
        bob.delete(&of(bob.id())).await.refused(409, "last_manager");
    }

    async fn two_managers_who_leave_at_once_leave_one(app) {
        let acme = app.company("Acme").await;
        let bob = app.sign_in("bob@acme.example").await;
        app.join(acme.id, bob.id(), Role::Manager).await;
        let path = |id: yunqia_domain::ids::PersonId| format!("/api/organisations/{}/members/{id}", acme.id);
        let (first, second) = (path(acme.manager.id()), path(bob.id()));
        let (first, second) = tokio::join!(acme.manager.delete(&first), bob.delete(&second));
        let mut statuses = [first.status.as_u16(), second.status.as_u16()];
        statuses.sort();
        assert_eq!(statuses, [204, 409]);
    }
}
