//! The hall: who is there, what a late joiner gets, questions, notices, moderation, and that what is told by events adds
//! up to what a fresh snapshot says.

use std::time::Duration;

use serde_json::{Value, json};
use yunqia_tests_api::{Browser, Event, Socket, TestApp, event::id, on_both};

use super::socket::{hall_of, open_hall, say, uuid};

/// The host's own browser past the interface of agenda items.
async fn begin_item(event: &Event, place: usize) -> Value {
    let page = event.host.get(&event.path("")).await.ok();
    let item = page["agenda"][place]["id"].clone();
    event.host.post(&event.path("/agenda/current"), json!({ "item_id": item })).await.is(200);
    item
}

async fn attendance(event: &Event) -> Vec<Value> {
    event.host.get(&event.path("/attendance")).await.ok()["items"].as_array().unwrap().clone()
}

/// Stays are written a moment after the socket has its answer.
async fn written() {
    tokio::time::sleep(Duration::from_millis(600)).await;
}

async fn ask(browser: &Browser, event: &Event, text: &str) -> Value {
    let draft = json!({ "client_id": uuid(), "text": text });
    browser.post(&event.path("/hall-questions"), draft).await.created()
}

/// What a client makes of a snapshot and the events after it, as the socket's page tells it.
struct Follower {
    topic: String,
    state: Value,
}

impl Follower {
    async fn start(socket: &mut Socket, topic: &str) -> Follower {
        Follower { topic: topic.into(), state: socket.subscribe(topic).await }
    }

    /// Takes events until the topic has reached `seq`.
    async fn follow(&mut self, socket: &mut Socket, seq: i64) {
        while self.state["seq"].as_i64().unwrap() < seq {
            let topic = self.topic.clone();
            let event =
                socket.wait("the next event", |frame| frame["t"] == "event" && frame["topic"] == topic.as_str()).await;
            self.state["seq"] = event["seq"].clone();
            self.take(event["kind"].as_str().unwrap(), event["body"].clone());
        }
    }

    fn take(&mut self, kind: &str, body: Value) {
        match kind {
            "message.published" | "message.changed" => {
                let known = put(&mut self.state["messages"], body.clone());
                if kind == "message.published" && !known {
                    let list = self.state["messages"].as_array_mut().unwrap();
                    list.push(body);
                    list.sort_by_key(|message| message["seq"].as_i64());
                }
            }
            "question.changed" => {
                let shown = body["state"] == "published" || body["state"] == "answered";
                if !shown {
                    self.state["questions"].as_array_mut().unwrap().retain(|question| question["id"] != body["id"]);
                } else if !put(&mut self.state["questions"], body.clone()) {
                    self.state["questions"].as_array_mut().unwrap().push(body);
                }
            }
            "notice.changed" => {
                self.state["notices"].as_array_mut().unwrap().retain(|notice| notice["id"] != body["id"]);
                if body["state"] == "active" {
                    self.state["notices"].as_array_mut().unwrap().push(body);
                }
            }
            "agenda.current" => {
                self.state["session"]["current_item_id"] = body["item_id"].clone();
            }
            "session.changed" => {
                let mine = self.state["session"]["mine"].take();
                self.state["session"] = body;
                self.state["session"]["mine"] = mine;
            }
            "sanction.changed" => {}
            other => panic!("an event nobody has told of: {other}"),
        }
    }
}

/// Replaces the entry with the same id; false if there is none.
fn put(list: &mut Value, entry: Value) -> bool {
    match list.as_array_mut().unwrap().iter_mut().find(|known| known["id"] == entry["id"]) {
        Some(known) => {
            // One's own vote is not in events: it is kept.
            let mine = known.get("my_vote").cloned();
            *known = entry;
            if let Some(mine) = mine {
                known["my_vote"] = mine;
            }
            true
        }
        None => false,
    }
}

async fn same_as_fresh(
    app: &TestApp,
    follower: &mut Follower,
    socket: &mut Socket,
    reader: &Browser,
    event: &Event,
    act: &str,
) {
    // The shared part of a snapshot may be a moment old where no event tells of it.
    let fresh = reader.get(&event.path("/hall")).await.ok();
    follower.follow(socket, fresh["seq"].as_i64().unwrap()).await;
    for part in ["messages", "questions", "notices"] {
        assert_eq!(follower.state[part], fresh[part], "{part} after {act}");
    }
    assert_eq!(follower.state["session"]["current_item_id"], fresh["session"]["current_item_id"], "after {act}");
    let _ = app;
}

on_both! {
    async fn two_tabs_count_once_and_are_one_attendance(app) {
        let (event, acme) = open_hall(&app).await;
        let topic = hall_of(&event);
        let mut host = event.host.socket().await;
        let snapshot = host.subscribe(&topic).await;
        assert_eq!(snapshot["present"]["count"], 1);
        let mut tab = acme.manager.socket().await;
        let snapshot = tab.subscribe(&topic).await;
        assert_eq!(snapshot["present"]["count"], 2);
        let mut other_tab = acme.manager.socket().await;
        assert_eq!(other_tab.subscribe(&topic).await["present"]["count"], 2, "two tabs are one person");
        let joined = host.wait("Acme's arrival", |frame| {
            frame["t"] == "presence" && frame["joined"].as_array().is_some_and(|people| people.iter().any(|p| p["id"] == json!(acme.manager.id())))
        }).await;
        assert_eq!(joined["count"], 2);
        written().await;
        let list = attendance(&event).await;
        let mine: Vec<_> = list.iter().filter(|a| a["person"]["id"] == json!(acme.manager.id())).collect();
        assert_eq!(mine.len(), 1);
        assert_eq!(mine[0]["present"], true);
        assert_eq!(mine[0]["person"]["organisation"]["id"], json!(acme.id));
        host.forget(&topic);
        drop(other_tab);
        host.hears_nothing_of(&topic, "presence").await;
        // Entering checks the registration in.
        let page = acme.manager.get(&event.path("")).await.ok();
        assert_eq!(page["mine"]["registration"]["state"], "checked_in");
        app.wait_minutes(1);
        let minutes = attendance(&event).await.iter().find(|a| a["person"]["id"] == json!(acme.manager.id())).unwrap()["minutes"].clone();
        assert_eq!(minutes, 1);
    }

    async fn a_late_joiner_gets_the_present_item_the_notices_and_the_last_fifty_messages_in_order(app) {
        let (event, acme) = open_hall(&app).await;
        let item = begin_item(&event, 1).await;
        event.host.post(&event.path("/notices"), json!({ "text": { "zh-Hans": "请提问", "zh-Hant": null, "en": "Ask!" } })).await.created();
        for n in 1..=60 {
            say(&event.host, &event, &format!("message {n}")).await;
        }
        let mut ann = acme.manager.socket().await;
        let hall = ann.subscribe(&hall_of(&event)).await;
        assert_eq!(hall["session"]["current_item_id"], item);
        assert_eq!(hall["notices"][0]["text"]["en"], "Ask!");
        let texts: Vec<_> = hall["messages"].as_array().unwrap().iter().map(|m| m["text"].as_str().unwrap().to_owned()).collect();
        let want: Vec<_> = (11..=60).map(|n| format!("message {n}")).collect();
        assert_eq!(texts, want);
        assert_eq!(hall["me"], json!({ "moderator": false, "muted": false, "muted_until": null }));
        assert_eq!((&hall["held"], &hall["sanctions"]), (&json!(null), &json!([])));
        // Scrolling back.
        let first = hall["messages"][0]["seq"].as_i64().unwrap();
        let path = format!("/api/channels/{}/messages?before={first}&limit=4", hall["channel_id"].as_str().unwrap());
        let page = acme.manager.get(&path).await.ok();
        let texts: Vec<_> = page["messages"].as_array().unwrap().iter().map(|m| m["text"].clone()).collect();
        assert_eq!(texts, ["message 7", "message 8", "message 9", "message 10"]);
        assert_eq!(page["more"], true);
    }

    async fn a_snapshot_and_its_events_are_a_new_snapshot_after_every_act(app) {
        let (event, acme) = open_hall(&app).await;
        let bee = app.company("Bee").await;
        let host = event.host.clone();
        let mut socket = acme.manager.socket().await;
        let mut follower = Follower::start(&mut socket, &hall_of(&event)).await;
        let reader = acme.manager.clone();
        macro_rules! check {
            ($act:literal) => { same_as_fresh(&app, &mut follower, &mut socket, &reader, &event, $act).await };
        }
        let _ = bee;
        let message = say(&host, &event, "welcome").await;
        check!("a message");
        let path = |message: &Value, act: &str| format!("/api/messages/{}/{act}", message["id"].as_str().unwrap());
        host.post(&path(&message, "withdraw"), json!({})).await.ok();
        check!("withdrawing it");
        let message = say(&acme.manager, &event, "see https://example.org/x now").await;
        assert_eq!(message["links"][0]["host"], "example.org");
        check!("a link");
        host.post(&path(&message, "remove"), json!({ "reason": "off topic" })).await.ok();
        check!("removing a message");
        let held = say(&acme.manager, &event, "call me: 138 0000 1234").await;
        assert_eq!(held["state"], "held");
        host.post(&path(&held, "decide"), json!({ "publish": true, "reason": null })).await.ok();
        check!("publishing a held message");
        begin_item(&event, 0).await;
        check!("the agenda");
        let question = ask(&acme.manager, &event, "How much land?").await;
        check!("a question");
        let at = |act: &str| format!("/api/hall-questions/{}/{act}", question["id"].as_str().unwrap());
        host.post(&at("vote"), json!({ "on": true })).await.ok();
        check!("a vote");
        host.post(&at("vote"), json!({ "on": false })).await.ok();
        check!("a vote taken back");
        host.post(&at("assign"), json!({ "owner_id": host.id(), "due_on": "2026-12-05" })).await.ok();
        check!("an owner");
        host.post(&at("answer"), json!({ "answer": "As much as you need." })).await.ok();
        check!("an answer");
        host.post(&at("remove"), json!({ "reason": "twice" })).await.ok();
        check!("removing a question");
        let text = json!({ "text": { "zh-Hans": "五分钟后开始", "zh-Hant": null, "en": null } });
        let notice = host.post(&event.path("/notices"), text).await.created();
        check!("a notice");
        host.post(&format!("/api/notices/{}/archive", notice["id"].as_str().unwrap()), json!({})).await.ok();
        check!("taking a notice down");
        let sanction = json!({ "person_id": acme.manager.id(), "kind": "mute", "reason": "noise", "minutes": 5 });
        let sanction = host.post(&event.path("/sanctions"), sanction).await.created();
        check!("a sanction");
        host.post(&format!("/api/sanctions/{}/lift", sanction["id"].as_str().unwrap()), json!({})).await.ok();
        check!("lifting it");
    }

    async fn what_breaks_the_rules_waits_or_is_refused(app) {
        let (event, acme) = open_hall(&app).await;
        let mut host = event.host.socket().await;
        let desk = format!("host:{}", event.id);
        host.subscribe(&desk).await;
        let mut ann = acme.manager.socket().await;
        let hall = ann.subscribe(&hall_of(&event)).await;
        let send = |text: &str| json!({ "t": "message.send", "channel": hall["channel_id"], "client_id": uuid(), "text": text, "file_id": null });
        let held = ann.does(send("我的微信 wx_sichuan888，电话 13800001234")).await;
        assert_eq!((&held["state"], held["state_reason"].is_string()), (&json!("held"), true));
        assert_eq!(host.event(&desk, "message.held").await["text"], held["text"], "moderators read it");
        ann.hears_nothing_of(&hall_of(&event), "message.published").await;
        ann.refused(send("低 息 贷 款 当 天 放 款"), "message_rejected").await;
        ann.refused(send("  "), "values_wrong").await;
        ann.refused(send(&"长".repeat(2001)), "values_wrong").await;
        // Only moderators decide, and a reason is needed to reject.
        let decide = format!("/api/messages/{}/decide", held["id"].as_str().unwrap());
        acme.manager.post(&decide, json!({ "publish": true, "reason": null })).await.refused(403, "not_allowed");
        event.host.post(&decide, json!({ "publish": false, "reason": null })).await.wrong_field("/reason", "reason_needed");
        event.host.post(&decide, json!({ "publish": false, "reason": "no contacts here" })).await.ok();
        let told = ann.event(&hall_of(&event), "message.changed").await;
        assert_eq!((&told["state"], &told["text"]), (&json!("rejected"), &json!("")), "others learn nothing of it");
        event.host.post(&decide, json!({ "publish": true, "reason": null })).await.refused(409, "illegal_move");
        // A promise of a host waits for a second person.
        let promise = say(&event.host, &event, "我们保证给予税收全额返还").await;
        assert_eq!(promise["state"], "held", "{promise}");
        let decide = format!("/api/messages/{}/decide", promise["id"].as_str().unwrap());
        event.host.post(&decide, json!({ "publish": true, "reason": null })).await.refused(409, "second_person");
    }

    async fn in_a_reviewed_hall_everything_from_companies_waits(app) {
        let (event, acme) = open_hall(&app).await;
        event.set(|settings| { settings["chat_review"] = json!(true); settings["question_review"] = json!(true) }).await.ok();
        let message = say(&acme.manager, &event, "good morning").await;
        assert_eq!(message["state"], "held");
        assert_eq!(say(&event.host, &event, "good morning to you").await["state"], "published");
        let question = ask(&acme.manager, &event, "How much land?").await;
        assert_eq!(question["state"], "held");
        let hall = event.host.get(&event.path("/hall")).await.ok();
        assert_eq!(hall["held"]["messages"][0]["id"], message["id"]);
        assert_eq!(hall["held"]["questions"][0]["text"], "How much land?");
        let own = acme.manager.get(&event.path("/hall")).await.ok();
        assert!(own["messages"].as_array().unwrap().iter().any(|m| m["id"] == message["id"] && m["text"] == "good morning"));
        event.host.post(&format!("/api/hall-questions/{}/decide", question["id"].as_str().unwrap()), json!({ "publish": true })).await.ok();
        let own = acme.manager.get(&event.path("/hall")).await.ok();
        assert_eq!(own["questions"][0]["state"], "published");
    }

    async fn who_is_muted_reads_and_who_is_removed_goes_at_once(app) {
        let (event, acme) = open_hall(&app).await;
        let topic = hall_of(&event);
        let mut ann = acme.manager.socket().await;
        let hall = ann.subscribe(&topic).await;
        let sanction = |kind: &str, minutes: Value| json!({ "person_id": acme.manager.id(), "kind": kind, "reason": "noise", "minutes": minutes });
        let send = || json!({ "t": "message.send", "channel": hall["channel_id"], "client_id": uuid(), "text": uuid(), "file_id": null });
        event.host.post(&event.path("/sanctions"), sanction("mute", json!(5))).await.created();
        assert_eq!(ann.event(&topic, "sanction.changed").await["active"], true);
        ann.refused(send(), "muted").await;
        app.wait_minutes(5);
        ann.does(send()).await;
        let block = event.host.post(&event.path("/sanctions"), sanction("block", json!(null))).await.created();
        let told = ann.wait("being told", |frame| frame["t"] == "problem" && frame["id"] == json!(null)).await;
        assert_eq!(told["problem"]["code"], "blocked");
        ann.forget(&topic);
        say(&event.host, &event, "now that they are gone").await;
        ann.hears_nothing_of(&topic, "message.published").await;
        ann.refused(json!({ "t": "subscribe", "topic": topic, "after": null }), "blocked").await;
        acme.manager.get(&event.path("/hall")).await.refused(403, "blocked");
        // Outside they hear of the open door on their own topic.
        let own = format!("person:{}", acme.manager.id());
        ann.subscribe(&own).await;
        event.host.post(&format!("/api/sanctions/{}/lift", block["id"].as_str().unwrap()), json!({})).await.ok();
        ann.event(&own, "access.changed").await;
        acme.manager.get(&event.path("/hall")).await.ok();
        let myself = json!({ "person_id": event.host.id(), "kind": "mute", "reason": "noise", "minutes": 5 });
        event.host.post(&event.path("/sanctions"), myself).await.wrong_field("/person_id", "not_a_moderator");
    }

    async fn who_is_removed_and_let_back_in_hears_of_both_on_their_own_topic(app) {
        let (event, acme) = open_hall(&app).await;
        let (hall, own) = (hall_of(&event), format!("person:{}", acme.manager.id()));
        let mut ann = acme.manager.socket().await;
        ann.subscribe(&own).await;
        // The order to leave a topic and what is told on another come at one moment, in any order.
        for _ in 0..5 {
            ann.subscribe(&hall).await;
            let block = json!({ "person_id": acme.manager.id(), "kind": "block", "reason": "noise", "minutes": null });
            let block = async { event.host.post(&event.path("/sanctions"), block).await.created() };
            let text = uuid();
            let (_, block) = tokio::join!(say(&event.host, &event, &text), block);
            ann.wait("being told", |frame| frame["t"] == "problem" && frame["id"] == json!(null)).await;
            ann.forget(&hall);
            ann.event(&own, "access.changed").await;
            event.host.post(&format!("/api/sanctions/{}/lift", id(&block)), json!({})).await.ok();
            ann.event(&own, "access.changed").await;
        }
    }

    async fn questions_are_answered_or_get_an_owner_and_a_date(app) {
        let (event, acme) = open_hall(&app).await;
        let question = ask(&acme.manager, &event, "How much land is there?").await;
        let at = |act: &str| format!("/api/hall-questions/{}/{act}", question["id"].as_str().unwrap());
        assert_eq!(acme.manager.post(&at("vote"), json!({ "on": true })).await.ok()["votes"], 1);
        assert_eq!(acme.manager.post(&at("vote"), json!({ "on": true })).await.ok()["votes"], 1, "once");
        acme.manager.post(&at("answer"), json!({ "answer": "A lot" })).await.refused(403, "not_allowed");
        event.host.post(&at("assign"), json!({ "owner_id": acme.manager.id(), "due_on": "2026-12-05" })).await.wrong_field("/owner_id", "not_a_member");
        event.host.post(&at("assign"), json!({ "owner_id": event.host.id(), "due_on": null })).await.wrong_field("/due_on", "required");
        event.host.post(&at("assign"), json!({ "owner_id": event.host.id(), "due_on": "2026-11-30" })).await.wrong_field("/due_on", "date_past");
        let owned = event.host.post(&at("assign"), json!({ "owner_id": event.host.id(), "due_on": "2026-12-05" })).await.ok();
        assert_eq!((&owned["owner"]["id"], &owned["due_on"]), (&json!(event.host.id()), &json!("2026-12-05")));
        let answered = event.host.post(&at("answer"), json!({ "answer": "600 mu." })).await.ok();
        assert_eq!((&answered["state"], &answered["votes"]), (&json!("answered"), &json!(1)));
        let letter = app.last_letter(&acme.manager.email, "question_answered").await;
        assert_eq!(letter.facts["answer"], "600 mu.");
        let same = json!({ "client_id": uuid(), "text": "Is there gas?" });
        let first = acme.manager.post(&event.path("/hall-questions"), same.clone()).await.created();
        assert_eq!(acme.manager.post(&event.path("/hall-questions"), same).await.created()["id"], first["id"]);
    }

    async fn the_hall_opens_with_the_session_and_for_those_who_take_part(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let event = app.event(&centre).await;
        let acme = app.company("Acme").await;
        acme.manager.get(&event.path("/hall")).await.refused(403, "not_attending");
        event.register(&acme, &[]).await;
        acme.manager.get(&event.path("/hall")).await.refused(409, "not_approved");
        let hall = event.host.get(&event.path("/hall")).await.ok();
        assert_eq!(hall["me"]["moderator"], true, "hosts prepare it");
        let registration = acme.manager.get("/api/me/registrations").await.ok()["items"][0]["registration"]["id"].clone();
        event.host.post(&event.path("/registrations/decide"), json!({ "ids": [registration], "decision": "approve", "reason": null })).await.ok();
        acme.manager.get(&event.path("/hall")).await.refused(409, "hall_not_open");
        app.set_time("2026-12-01T01:30:00Z");
        acme.manager.get(&event.path("/hall")).await.ok();
    }
}
