//! Lists: every one comes in pages by the last row seen, or says here why it needs none; the pages together are the list.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use yunqia_tests_api::{Browser, event::id, on_both};

/// Lists without pages, and what bounds them.
const BOUNDED: &[(&str, &str)] = &[
    ("/api/divisions", "the divisions of a province, a table of the program"),
    ("/api/sectors", "a table of the program"),
    ("/api/run-sheets", "a table of the program"),
    ("/api/zones", "a table of the program"),
    ("/api/demo/people", "a person of each kind, chosen by the demo"),
    ("/api/me/schedule", "one person's own time, from a month back: nobody is in two talks at once"),
    ("/api/me/sign-ins", "the browsers of one person, a hundred at most"),
    ("/api/sessions/{id}/questions", "30 at most, by a rule"),
    ("/api/sessions/{id}/projects", "500 at most, by a rule"),
];

/// Reads a list in pages of `limit` and gives it whole; fails where pages do not fit together.
async fn whole(browser: &Browser, path: &str, limit: usize) -> Vec<Value> {
    let join = if path.contains('?') { '&' } else { '?' };
    let mut items: Vec<Value> = Vec::new();
    let mut after = String::new();
    loop {
        let page = browser.get(&format!("{path}{join}limit={limit}&after={after}")).await.ok();
        let rows = page["items"].as_array().expect("a page has items");
        assert!(rows.len() <= limit, "{path}: {} rows", rows.len());
        items.extend(rows.iter().cloned());
        match page["next"].as_str() {
            Some(next) => after = next.to_owned(),
            None => return items,
        }
        assert_eq!(rows.len(), limit, "{path}: a page before the last is full");
        assert!(items.len() < 1_000, "{path} has no end");
    }
}

/// The list is the same by ones, by twos and at once, and has this many rows.
async fn comes_in_pages(browser: &Browser, path: &str, rows: usize) -> Vec<Value> {
    let all = whole(browser, path, 100).await;
    assert_eq!(all.len(), rows, "{path}: {all:?}");
    for limit in [1, 2] {
        assert_eq!(whole(browser, path, limit).await, all, "{path} by {limit}");
    }
    let join = if path.contains('?') { '&' } else { '?' };
    browser.get(&format!("{path}{join}limit=101")).await.is(400);
    browser.get(&format!("{path}{join}after=nonsense")).await.is(400);
    all
}

on_both! {
    async fn every_list_has_pages_or_a_reason(app) {
        let document = app.browser().get("/api/openapi.json").await.ok();
        let schemas = &document["components"]["schemas"];
        let mut without: Vec<String> = Vec::new();
        for (path, acts) in document["paths"].as_object().expect("paths") {
            let get = &acts["get"];
            let schema = &get["responses"]["200"]["content"]["application/json"]["schema"];
            let named = schema["$ref"].as_str().and_then(|name| name.rsplit('/').next());
            let schema = named.map_or(schema, |name| &schemas[name]);
            let parameters: Vec<&str> =
                get["parameters"].as_array().into_iter().flatten().filter_map(|one| one["name"].as_str()).collect();
            let has_pages = ["after", "limit"].iter().all(|name| parameters.contains(name));
            if schema["type"] == "array" {
                assert!(!has_pages, "{path} takes a cursor and gives none");
                without.push(path.clone());
            } else if schema["properties"]["items"]["type"] == "array" {
                assert!(has_pages, "{path} gives pages and takes no cursor");
            }
        }
        let mut bounded: Vec<&str> = BOUNDED.iter().map(|(path, _)| *path).collect();
        without.sort();
        bounded.sort_unstable();
        assert_eq!(without, bounded, "lists without pages, and those that are known to be bounded");
    }

    async fn ones_own_bookings_and_registrations_come_in_pages(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let acme = app.company("Acme").await;
        let (first, second) = (app.event(&centre).await, app.event(&centre).await);
        for event in [&first, &second] {
            event.takes_part(&acme).await;
            app.wait_minutes(1);
        }
        let slots = first.slots(&first.desks[0]).await;
        // One after the other, since a pair meets once: three that were cancelled and one that stands.
        for slot in [&slots[2], &slots[0], &slots[1]] {
            let booking = first.book(&acme, slot).await.created();
            let path = format!("/api/bookings/{}/cancel", id(&booking));
            acme.manager.post(&path, json!({ "reason": "ill" })).await.ok();
        }
        first.book(&acme, &slots[1]).await.created();
        let all = comes_in_pages(&acme.manager, "/api/me/bookings", 4).await;
        assert!(all.is_sorted_by_key(|one| one["starts_at"].as_str().map(str::to_owned)), "in order of time");
        comes_in_pages(&acme.manager, "/api/me/bookings?state=cancelled_by_company", 3).await;
        comes_in_pages(&acme.manager, &format!("/api/me/bookings?session={}", second.id), 0).await;

        let all = comes_in_pages(&acme.manager, "/api/me/registrations", 2).await;
        assert_eq!(all[0]["session"]["id"], second.id.as_str(), "the newest first");
        let one = comes_in_pages(&acme.manager, &format!("/api/me/registrations?session={}", first.id), 1).await;
        assert_eq!(one[0]["session"]["id"], first.id.as_str());
    }

    async fn a_schedule_and_a_feed_are_whole_however_long(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let acme = app.company("Acme").await;
        let event = app.event(&centre).await;
        event.takes_part(&acme).await;
        let slots = event.slots(&event.desks[0]).await;
        // More talks that are off than are read at once, all before the one that stands.
        for _ in 0..101 {
            let booking = event.book(&acme, &slots[0]).await.created();
            let path = format!("/api/bookings/{}/cancel", id(&booking));
            acme.manager.post(&path, json!({ "reason": "ill" })).await.ok();
        }
        let standing = event.book(&acme, &slots[5]).await.created();
        let schedule = acme.manager.get("/api/me/schedule").await.ok();
        let talks: Vec<&Value> = schedule.as_array().unwrap().iter().filter(|entry| entry["kind"] == "talk").collect();
        assert_eq!(talks.len(), 1);
        assert_eq!(talks[0]["booking"]["id"], standing["id"]);
        let me = acme.manager.get("/api/me").await.ok();
        let url = me["feed_url"].as_str().expect("a feed").to_owned();
        let path = &url[url.find("/feed/").expect("its path")..];
        let feed = acme.manager.get(path).await;
        let events = feed.is(200).text().matches("BEGIN:VEVENT").count();
        assert_eq!(events, 1 + 101 + 1, "the session, what is off, and the talk");
        assert!(feed.text().contains(standing["id"].as_str().unwrap()));
    }

    async fn conversations_come_in_pages_also_when_one_goes_on_meanwhile(app) {
        let acme = app.company("Acme").await;
        let mut channels = Vec::new();
        for n in 0..5 {
            let centre = app.centre(&format!("第{n}中心"), "510723").await;
            let sides = json!({ "company_id": acme.id, "centre_id": centre.id });
            let channel = id(&acme.manager.post("/api/channels", sides).await.ok());
            // The last two stay empty.
            if n < 3 {
                say(&acme.manager, &channel).await;
            }
            channels.push((channel, centre));
            app.wait_minutes(1);
        }
        let all = comes_in_pages(&acme.manager, "/api/channels", 5).await;
        let ids: Vec<&str> = all.iter().map(|one| one["id"].as_str().unwrap()).collect();
        assert_eq!(ids[..3], [channels[2].0.as_str(), &channels[1].0, &channels[0].0], "the newest message first");
        let (channel, centre) = &channels[4];
        let path = format!("/api/channels?company={}&centre={}", acme.id, centre.id);
        assert_eq!(comes_in_pages(&acme.manager, &path, 1).await[0]["id"], channel.as_str());

        // The last one of a page goes to the top of the list before the next page is read: nothing comes twice.
        let first = acme.manager.get("/api/channels?limit=2").await.ok();
        say(&acme.manager, &channels[1].0).await;
        let next = first["next"].as_str().expect("there is more");
        let rest = acme.manager.get(&format!("/api/channels?after={next}")).await.ok();
        let rest: Vec<&str> = rest["items"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
        assert_eq!(rest, ids[2..]);
    }

    async fn interests_centres_and_attendance_come_in_pages(app) {
        let acme = app.company("Acme").await;
        let mut centres = Vec::new();
        for n in 0..3 {
            let centre = app.centre(&format!("第{n}中心"), "510723").await;
            let draft = json!({
                "company_id": acme.id, "centre_id": centre.id, "opportunity_id": null, "session_id": null,
                "priority": "must", "planned_wan": 100, "horizon": "within_1_year", "note": "",
            });
            acme.manager.post("/api/interests", draft).await.created();
            centres.push(centre);
            app.wait_minutes(1);
        }
        let interests = comes_in_pages(&acme.manager, &format!("/api/companies/{}/interests", acme.id), 3).await;
        assert_eq!(interests[0]["centre"]["id"], centres[2].id.to_string(), "the newest first");
        comes_in_pages(&app.browser(), "/api/centres", 3).await;
        let one = app.browser().get(&format!("/api/centres/{}", centres[0].id)).await.ok();
        assert_eq!(one["id"], centres[0].id.to_string());
        app.browser().get(&format!("/api/centres/{}", acme.id)).await.is(404);

        let centre = &centres[0];
        let event = app.event(centre).await;
        let mut companies = vec![acme];
        for name in ["Bolt", "Crane"] {
            companies.push(app.company(name).await);
        }
        for company in &companies {
            event.takes_part(company).await;
        }
        // The hall opens with the session.
        app.set_time("2026-12-01T01:35:00Z");
        let path = event.path("/attendance");
        let mut sockets = Vec::new();
        for company in companies.iter().rev() {
            let mut socket = company.manager.socket().await;
            socket.subscribe(&format!("hall:{}", event.id)).await;
            sockets.push(socket);
            // Stays are written a moment after the socket has its answer.
            let deadline = Instant::now() + Duration::from_secs(20);
            while event.host.get(&path).await.ok()["total"] != json!(sockets.len()) {
                assert!(Instant::now() < deadline, "the stay is written");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            app.wait_minutes(1);
        }
        let present = comes_in_pages(&event.host, &path, 3).await;
        let ids: Vec<Value> = present.iter().map(|one| one["person"]["id"].clone()).collect();
        let mut arrived: Vec<Value> = companies.iter().map(|one| json!(one.manager.id())).collect();
        arrived.reverse();
        assert_eq!(ids, arrived, "in the order of arrival");
    }
}

async fn say(browser: &Browser, channel: &str) {
    let message = json!({ "client_id": yunqia_tests_api::fresh(), "text": "Good morning", "file_id": null });
    browser.post(&format!("/api/channels/{channel}/messages"), message).await.ok();
}
