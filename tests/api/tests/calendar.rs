//! The private calendar feed, read by a calendar library that is not ours: what the letters said, and what became of it.

use calcard::{
    Entry, Parser,
    common::IanaString,
    icalendar::{ICalendar, ICalendarComponent, ICalendarProperty as Property},
};
use serde_json::json;
use yunqia_tests_api::{Browser, on_both};

async fn feed(reader: &Browser) -> ICalendar {
    let me = reader.get("/api/me").await.ok();
    let url = me["feed_url"].as_str().unwrap();
    let answer = reader.get(&url[url.find("/feed/").expect("a feed")..]).await;
    let text = answer.is(200).text();
    let Entry::ICalendar(calendar) = Parser::new(&text).entry() else { panic!("{text}") };
    calendar
}

fn event<'a>(calendar: &'a ICalendar, uid: &str) -> Option<&'a ICalendarComponent> {
    calendar.components.iter().find(|one| one.component_type.is_event() && one.uid() == Some(uid))
}

fn sequence(event: &ICalendarComponent) -> i64 {
    event.property(&Property::Sequence).unwrap().values[0].as_integer().unwrap()
}

/// As the clock of the test says it, to the second.
fn stamp(event: &ICalendarComponent) -> String {
    let time = event.property(&Property::Dtstamp).unwrap().values[0].as_partial_date_time().unwrap().clone();
    time.to_date_time().unwrap().date_time.to_string()
}

fn now(app: &yunqia_tests_api::TestApp) -> String {
    app.now().to_string()[..19].replace('T', " ")
}

on_both! {
    async fn a_session_has_one_identity_in_letters_and_feed(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let session = app.event(&centre).await;
        let acme = app.company("Acme").await;
        session.takes_part(&acme).await;
        let letter = app.last_letter(&acme.manager.email, "registration_approved").await.facts["calendar"].clone();
        let uid = letter["uid"].as_str().unwrap();
        let approved_at = now(&app);
        app.wait_minutes(60);
        let calendar = feed(&acme.manager).await;
        let first = event(&calendar, uid).expect("the session under the letter's UID");
        assert_eq!(stamp(first), approved_at, "the last change, not the moment of the question");
        assert!(sequence(first) >= letter["sequence"].as_i64().unwrap());
        assert_eq!(calendar.components.iter().filter(|one| one.component_type.is_event()).count(), 1);

        session.set(|settings| settings["theme"]["en"] = json!("Yanting again")).await.ok();
        let changed_at = now(&app);
        app.wait_minutes(5);
        let letter = app.last_letter(&acme.manager.email, "session_changed").await.facts["calendar"].clone();
        let calendar = feed(&acme.manager).await;
        let second = event(&calendar, uid).unwrap();
        assert_eq!(letter["uid"], uid);
        assert!(letter["sequence"].as_i64().unwrap() > sequence(first) - 1 && sequence(second) > sequence(first));
        assert_eq!(stamp(second), changed_at);

        session.host.post(&session.path("/move"), json!({ "to": "cancelled", "reason": "flood", "accept_impact": true })).await.ok();
        let cancelled_at = now(&app);
        app.wait_minutes(60 * 24 * 29);
        let calendar = feed(&acme.manager).await;
        let third = event(&calendar, uid).expect("what is off stays for a month");
        assert_eq!(third.status().unwrap().as_str(), "CANCELLED");
        assert!(sequence(third) > sequence(second));
        assert_eq!(stamp(third), cancelled_at);
        assert!(acme.manager.get("/api/me/schedule").await.ok().as_array().unwrap().is_empty());
        app.wait_minutes(60 * 24 * 2);
        assert!(event(&feed(&acme.manager).await, uid).is_none(), "and then goes");
    }

    async fn who_withdraws_sees_it_struck_out(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let session = app.event(&centre).await;
        let acme = app.company("Acme").await;
        let registration = session.takes_part(&acme).await;
        let before = feed(&acme.manager).await;
        app.wait_minutes(1);
        acme.manager.post(&format!("/api/registrations/{registration}/withdraw"), json!({ "reason": "ill" })).await.ok();
        let calendar = feed(&acme.manager).await;
        let after = event(&calendar, &registration).unwrap();
        assert_eq!(after.status().unwrap().as_str(), "CANCELLED");
        assert!(sequence(after) > sequence(event(&before, &registration).unwrap()));
        assert_eq!(stamp(after), now(&app));
        // Staff at a desk have the session, too; nobody wrote them a letter with an entry.
        let calendar = feed(&centre.host).await;
        assert_eq!(calendar.components.iter().filter(|one| one.component_type.is_event()).count(), 1);
    }
}
