//! Which companies come to a session, shown as its hosts set it and as the companies agreed.

use serde_json::{Value, json};
use yunqia_tests_api::{Company, Event, on_both};

async fn comes(event: &Event, company: &Company, listed: bool) {
    let draft = json!({ "company_id": company.id, "attendee_ids": [company.manager.id()], "answers": {},
                        "consent_centre_ids": [], "listed": listed });
    let registration = company.manager.post(&event.path("/registrations"), draft).await.created();
    let decision = json!({ "ids": [registration["id"]], "decision": "approve", "reason": null });
    event.host.post(&event.path("/registrations/decide"), decision).await.ok();
}

fn names(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|row| row["company"]["name"]["en"].as_str().unwrap()).collect()
}

on_both! {
    async fn the_list_is_shown_to_those_whom_the_hosts_chose(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let event = app.event(&centre).await;
        let (acme, shy, late) = (app.company("Acme").await, app.company("Shy").await, app.company("Late").await);
        comes(&event, &acme, true).await;
        app.wait_seconds(1);
        comes(&event, &shy, false).await;
        event.register(&late, &[]).await;
        let path = event.path("/companies");

        // As sessions begin: hosts only.
        acme.manager.get(&path).await.refused(403, "not_allowed");
        let hosts = centre.host.get(&path).await.ok();
        assert_eq!(names(&hosts), ["Acme", "Shy"], "those approved, also those that are not listed");
        assert_eq!((&hosts["items"][0]["listed"], &hosts["items"][1]["listed"]), (&json!(true), &json!(false)));
        assert_eq!(hosts["items"][0]["sectors"], json!(["food_beverage"]));

        event.set(|settings| settings["company_list"] = json!("registered")).await.ok();
        assert_eq!(names(&shy.manager.get(&path).await.ok()), ["Acme"], "who did not agree is not shown to others");
        late.manager.get(&path).await.refused(409, "not_approved");
        app.browser().get(&path).await.refused(409, "not_registered");
        let page = app.browser().get(&event.path("")).await.ok();
        assert_eq!((&page["company_list"], &page["can_see_companies"]["ok"]), (&json!("registered"), &json!(false)));
        assert_eq!(acme.manager.get(&event.path("")).await.ok()["can_see_companies"]["ok"], true);

        event.set(|settings| settings["company_list"] = json!("everyone")).await.ok();
        let seen = app.browser().get(&path).await.ok();
        assert_eq!(names(&seen), ["Acme"]);
        assert!(!seen.to_string().contains(&acme.manager.email), "no person stands in it");
    }

    async fn the_list_is_searched_and_comes_in_pages(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let event = app.event(&centre).await;
        event.set(|settings| settings["company_list"] = json!("everyone")).await.ok();
        for name in ["Alpha", "Beta", "Gamma"] {
            app.wait_seconds(1);
            comes(&event, &app.company(name).await, true).await;
        }
        let browser = app.browser();
        let first = browser.get(&event.path("/companies?limit=2")).await.ok();
        assert_eq!(names(&first), ["Alpha", "Beta"]);
        let next = first["next"].as_str().unwrap();
        let second = browser.get(&event.path(&format!("/companies?limit=2&after={next}"))).await.ok();
        assert_eq!((names(&second), &second["next"]), (vec!["Gamma"], &Value::Null));
        assert_eq!(names(&browser.get(&event.path("/companies?q=BET")).await.ok()), ["Beta"]);
        browser.get(&event.path("/companies?after=nonsense")).await.refused(400, "malformed");
    }

    async fn the_timetable_and_who_sits_at_it_are_for_those_who_take_part(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let event = app.event(&centre).await;
        let (acme, late, stranger) = (app.company("Acme").await, app.company("Late").await, app.company("Stranger").await);
        event.takes_part(&acme).await;
        event.register(&late, &[]).await;
        let path = event.path("/timetable");
        app.browser().get(&path).await.refused(401, "signed_out");
        stranger.manager.get(&path).await.refused(409, "not_registered");
        late.manager.get(&path).await.refused(409, "not_approved");
        let topic = format!("timetable:{}", event.id);
        let mut socket = late.manager.socket().await;
        socket.refused(json!({ "t": "subscribe", "topic": topic, "after": null }), "not_approved").await;
        for reader in [&acme.manager, &centre.host, &app.operator().await] {
            assert_eq!(reader.get(&path).await.ok()["desks"][0]["staff"][0]["id"], json!(centre.host.id()));
            assert_eq!(reader.get(&event.path("")).await.ok()["desks"][0]["staff"][0]["id"], json!(centre.host.id()));
        }
        for reader in [&app.browser(), &late.manager] {
            assert_eq!(reader.get(&event.path("")).await.ok()["desks"][0]["staff"], json!([]));
        }
    }
}
