//! The report of a session: on the page and as files.

use std::time::Duration;

use serde_json::json;
use yunqia_tests_api::{event::id, on_both};

use super::socket::{hall_of, open_hall};

on_both! {
    async fn a_session_is_told_in_numbers_and_files(app) {
        let (event, acme) = open_hall(&app).await;
        let slots = event.slots(&event.desks[0]).await;
        let booking = event.book(&acme, &slots[0]).await.created();
        let mut ann = acme.manager.socket().await;
        ann.subscribe(&hall_of(&event)).await;
        let question = json!({ "client_id": crate::socket::uuid(), "text": "=How much land?" });
        acme.manager.post(&event.path("/hall-questions"), question).await.created();
        tokio::time::sleep(Duration::from_millis(600)).await;
        app.set_time(booking["starts_at"].as_str().unwrap());
        let topic = format!("talk:{}", id(&booking));
        let mut host = event.host.socket().await;
        ann.subscribe(&topic).await;
        host.subscribe(&topic).await;
        tokio::time::sleep(Duration::from_millis(600)).await;
        app.wait_minutes(1);
        let path = format!("/api/talks/{}", id(&booking));
        let room = event.host.post(&format!("{path}/word"), json!({ "word": "held" })).await.ok();
        let version = room["version"].as_i64().unwrap();
        let sector = yunqia_domain::sectors::all()[0].code.clone();
        let outcome = json!({ "outcome": "intent", "sector": sector, "amount_wan": 3000, "follow_up_by": null, "note": "" });
        event.host.put_at(&format!("{path}/outcome"), version, outcome).await.ok();
        let report = event.host.get(&event.path("/report")).await.ok();
        let totals = &report["totals"];
        for (what, number) in [
            ("registrations", 1), ("approved", 1), ("companies_attended", 1), ("people_attended", 1), ("questions", 1),
            ("unowned", 1), ("slots", 6), ("requested", 1), ("confirmed", 1), ("held", 1), ("intents", 1), ("intent_wan", 3000),
        ] {
            assert_eq!(totals[what], json!(number), "{what} in {totals}");
        }
        assert_eq!(report["companies"][0]["held"], 1);
        assert_eq!(report["talks"][0]["centre_word"], "held");
        assert_eq!(report["centres"][0]["intent_wan"], 3000);
        acme.manager.get(&event.path("/report")).await.refused(403, "not_allowed");
        let csv = event.host.get(&event.path("/report.csv?locale=zh-Hant")).await;
        let text = csv.is(200).text();
        assert!(text.starts_with("\u{FEFF}總覽\r\n"), "{text}");
        assert!(text.contains("'=How much land?"), "a formula is a text");
        assert!(csv.header("content-disposition").unwrap().starts_with("attachment"));
        let xlsx = event.host.get(&event.path("/report.xlsx")).await;
        assert_eq!(&xlsx.is(200).body[..2], b"PK");
    }

    async fn an_open_question_or_a_talk_that_is_not_over_stands_in_the_way_of_closing(app) {
        let (event, acme) = open_hall(&app).await;
        let slots = event.slots(&event.desks[0]).await;
        let booking = event.book(&acme, &slots[0]).await.created();
        let question = json!({ "client_id": crate::socket::uuid(), "text": "How much land?" });
        let question = acme.manager.post(&event.path("/hall-questions"), question).await.created();
        let close = json!({ "to": "closed", "reason": null });
        event.host.post(&event.path("/move"), close.clone()).await.refused(409, "open_questions");
        let owner = json!({ "owner_id": event.host.id(), "due_on": "2026-12-05" });
        event.host.post(&format!("/api/hall-questions/{}/assign", id(&question)), owner).await.ok();
        event.host.post(&event.path("/move"), close.clone()).await.refused(409, "talks_unfinished");
        app.set_time(booking["ends_at"].as_str().unwrap());
        event.host.post(&event.path("/move"), close).await.ok();
    }
}
