//! The socket: who may open one, what ends it, and that nothing is lost or said twice over breaks and restarts.

use axum::http::Method;
use serde_json::json;
use tokio::net::TcpStream;
use yunqia_realtime::Settings;
use yunqia_tests_api::{Browser, Company, Engine, Event, Options, Socket, TestApp, fresh, on_both};

/// A hall that is open, with a host and a company that takes part.
pub async fn open_hall(app: &TestApp) -> (Event, Company) {
    let centre = app.centre("盐亭县投资促进中心", "510723").await;
    let event = app.event(&centre).await;
    let acme = app.company("Acme").await;
    event.takes_part(&acme).await;
    app.set_time("2026-12-01T01:35:00Z");
    (event, acme)
}

pub fn hall_of(event: &Event) -> String {
    format!("hall:{}", event.id)
}

pub async fn say(browser: &Browser, event: &Event, text: &str) -> serde_json::Value {
    let hall = browser.get(&event.path("/hall")).await.ok();
    let path = format!("/api/channels/{}/messages", hall["channel_id"].as_str().unwrap());
    let draft = json!({ "client_id": uuid(), "text": text, "file_id": null });
    browser.post(&path, draft).await.ok()
}

pub fn uuid() -> String {
    fresh().parse::<uuid::Uuid>().unwrap().to_string()
}

on_both! {
    async fn a_break_of_the_network_loses_nothing_and_repeats_nothing(app) {
        let (event, acme) = open_hall(&app).await;
        let topic = hall_of(&event);
        let mut ann = acme.manager.socket().await;
        ann.subscribe(&topic).await;
        say(&event.host, &event, "one").await;
        assert_eq!(ann.event(&topic, "message.published").await["text"], "one");
        let after = ann.vanish()[&topic];
        say(&event.host, &event, "two").await;
        say(&event.host, &event, "three").await;
        let mut ann = acme.manager.socket().await;
        let reply = ann.subscribe_after(&topic, Some(after)).await;
        assert_eq!((&reply["recovered"], &reply["snapshot"]), (&json!(true), &json!(null)));
        say(&event.host, &event, "four").await;
        // The client of these tests fails at the first number that is missing.
        for text in ["two", "three", "four"] {
            assert_eq!(ann.event(&topic, "message.published").await["text"], text);
        }
        ann.hears_nothing_of(&topic, "message.published").await;
    }

    async fn a_restart_in_between_loses_nothing_and_what_was_typed_offline_is_sent_once(app) {
        let (event, acme) = open_hall(&app).await;
        let topic = hall_of(&event);
        let mut ann = acme.manager.socket().await;
        let channel = ann.subscribe(&topic).await["channel_id"].clone();
        let command = json!({ "t": "message.send", "channel": channel, "client_id": uuid(), "text": "hello", "file_id": null });
        let first = ann.does(command.clone()).await;
        ann.event(&topic, "message.published").await;
        app.app.live().stop();
        assert_eq!(ann.closed().await, 1012);
        let after = ann.vanish()[&topic];
        let next = app.another().await;
        let host = event.host.at(next.address);
        say(&host, &event, "while you were away").await;
        let mut ann = acme.manager.at(next.address).socket().await;
        let reply = ann.subscribe_after(&topic, Some(after)).await;
        assert_eq!(reply["recovered"], true, "the database kept what the old server knew");
        assert_eq!(ann.event(&topic, "message.published").await["text"], "while you were away");
        // The acknowledgement may have been lost on the way: the client says it again.
        let again = ann.does(command).await;
        assert_eq!((&again["id"], &again["seq"]), (&first["id"], &first["seq"]));
        ann.hears_nothing_of(&topic, "message.published").await;
        let page = acme.manager.at(next.address).get(&format!("/api/channels/{}/messages", channel.as_str().unwrap())).await.ok();
        let texts: Vec<_> = page["messages"].as_array().unwrap().iter().map(|m| m["text"].as_str().unwrap()).collect();
        assert_eq!(texts, ["hello", "while you were away"]);
        drop(ann);
        next.stop().await;
    }

    async fn a_number_that_is_too_old_or_from_another_life_gets_a_snapshot(app) {
        let (event, acme) = open_hall(&app).await;
        let topic = hall_of(&event);
        say(&event.host, &event, "one").await;
        let mut ann = acme.manager.socket().await;
        let reply = ann.subscribe_after(&topic, Some(9999)).await;
        assert_eq!(reply["recovered"], false);
        assert_eq!(reply["snapshot"]["messages"][0]["text"], "one");
        let mut tx = app.write().await;
        yunqia_store::topics::prune(&mut tx, app.now().plus_minutes(1)).await.unwrap();
        tx.commit().await.unwrap();
        let mut ann = acme.manager.socket().await;
        let reply = ann.subscribe_after(&topic, Some(0)).await;
        // The ring of this node may still hold it; a fresh node cannot.
        if reply["recovered"] == true {
            ann.event(&topic, "message.published").await;
        }
        let next = app.another().await;
        let mut ann = acme.manager.at(next.address).socket().await;
        let reply = ann.subscribe_after(&topic, Some(0)).await;
        assert_eq!(reply["recovered"], false, "what was deleted cannot follow");
        drop(ann);
        next.stop().await;
    }

    async fn two_nodes_on_one_database_tell_each_other(app) {
        let (event, acme) = open_hall(&app).await;
        let topic = hall_of(&event);
        let other = app.another().await;
        let mut ann = acme.manager.at(other.address).socket().await;
        ann.subscribe(&topic).await;
        say(&event.host, &event, "from the other node").await;
        assert_eq!(ann.event(&topic, "message.published").await["text"], "from the other node");
        drop(ann);
        other.stop().await;
    }

    async fn who_is_on_another_node_is_in_the_hall_and_a_dead_nodes_people_leave_it(app) {
        if !app.db.is_shared() {
            // Nobody else can be on this database.
            return;
        }
        app.app.live_with(Settings { grace: std::time::Duration::from_secs(1), ..Settings::default() });
        let (event, acme) = open_hall(&app).await;
        let topic = hall_of(&event);
        let other = app.another().await;
        let mut host = event.host.socket().await;
        assert_eq!(host.subscribe(&topic).await["present"]["count"], 1);
        let mut ann = acme.manager.at(other.address).socket().await;
        ann.subscribe(&topic).await;
        let id = json!(acme.manager.id());
        let came = host.wait("ann on the other node", |frame| frame["t"] == "presence" && frame["count"] == 2).await;
        assert!(came["joined"].as_array().unwrap().iter().any(|card| card["id"] == id), "{came}");
        ann.wait("the host on the first node", |frame| frame["t"] == "presence" && frame["count"] == 2).await;
        // Whoever comes later sees both.
        let snapshot = event.host.get(&event.path("/hall")).await.ok();
        assert_eq!(snapshot["present"]["count"], 2);
        // The same person on both nodes is one.
        let mut here = acme.manager.socket().await;
        assert_eq!(here.subscribe(&topic).await["present"]["count"], 2);
        drop(here);
        host.forget(&topic);
        // They are missed on the first node after its grace, and still there on the other.
        for _ in 0..3 {
            host.hears_nothing_of(&topic, "presence").await;
        }
        // The other node is killed: it says nothing more, not even good-bye.
        drop(ann);
        other.die().await;
        app.wait_seconds(30);
        let went = host.wait("ann's leaving", |frame| frame["t"] == "presence" && frame["count"] == 1).await;
        assert_eq!(went["left"], json!([id]));
    }

    async fn all_that_one_act_tells_on_a_topic_arrives(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let event = app.event(&centre).await;
        let acme = app.company("Acme").await;
        let desk = format!("host:{}", event.id);
        let mut host = event.host.socket().await;
        host.subscribe(&desk).await;
        let made = event.register(&acme, &[]).await;
        // Both travel in one frame.
        assert_eq!(host.event(&desk, "registration.changed").await["id"], made["id"]);
        host.event(&desk, "counts.changed").await;
    }

    async fn sockets_open_for_their_own_page_only(app) {
        let ann = app.sign_in("ann@acme.example").await;
        let stream = TcpStream::connect(app.address).await.unwrap();
        let foreign = Socket::try_open(stream, app.address, ann.cookie(), "https://evil.example").await;
        assert_eq!(foreign.err(), Some(403));
        assert_eq!(ann.socket().await.hello["person_id"], json!(ann.id()));
        assert_eq!(app.browser().socket().await.hello["person_id"], json!(null));
    }

    async fn who_does_not_speak_the_protocol_is_told_before_the_handshake(app) {
        for offered in ["", "chat", "yunqia.v2, graphql-ws"] {
            let answer = app.browser().call(Method::GET, "/ws")
                .header("origin", &format!("http://{}", app.address))
                .header("connection", "Upgrade").header("upgrade", "websocket")
                .header("sec-websocket-version", "13").header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
                .header("sec-websocket-protocol", offered)
                .send().await;
            let problem = answer.is(400).json();
            assert_eq!(problem["code"], "malformed", "{offered}");
            let detail = problem["detail"].as_str().unwrap();
            assert!(detail.contains("Sec-WebSocket-Protocol") && detail.contains("yunqia.v1"), "{detail}");
        }
    }

    async fn a_problem_carries_the_id_under_which_the_log_has_its_socket(app) {
        let mut nobody = app.browser().socket().await;
        let frame = json!({ "t": "read", "channel": uuid(), "seq": 1 });
        assert_eq!(nobody.refused(frame, "signed_out").await["request_id"], "of-this-socket");
    }

    async fn without_a_sign_in_only_public_pages_can_be_listened_to(app) {
        let (event, _) = open_hall(&app).await;
        let mut nobody = app.browser().socket().await;
        let page = nobody.subscribe(&format!("session:{}", event.id)).await;
        assert_eq!((&page["id"], &page["mine"]), (&json!(event.id), &json!(null)));
        for kind in ["hall", "timetable", "host"] {
            let frame = json!({ "t": "subscribe", "topic": format!("{kind}:{}", event.id), "after": null });
            nobody.refused(frame, "not_found").await;
        }
        nobody.refused(json!({ "t": "read", "channel": uuid(), "seq": 1 }), "signed_out").await;
    }

    async fn everybody_listens_to_what_is_theirs(app) {
        let (event, acme) = open_hall(&app).await;
        let stranger = app.sign_in("stranger@x.example").await;
        let mut ann = acme.manager.socket().await;
        let mut host = event.host.socket().await;
        let mut other = stranger.socket().await;
        let person = format!("person:{}", acme.manager.id());
        assert_eq!(ann.subscribe(&person).await["person"]["id"], json!(acme.manager.id()));
        assert_eq!(ann.subscribe(&format!("timetable:{}", event.id)).await["session_id"], json!(event.id));
        assert_eq!(host.subscribe(&format!("host:{}", event.id)).await["session"]["id"], json!(event.id));
        let ask = |topic: &str| json!({ "t": "subscribe", "topic": topic, "after": null });
        ann.refused(ask(&format!("host:{}", event.id)), "not_allowed").await;
        other.refused(ask(&person), "not_found").await;
        other.refused(ask(&hall_of(&event)), "not_attending").await;
        other.refused(ask(&format!("timetable:{}", event.id)), "not_registered").await;
        other.refused(ask("room:1"), "not_found").await;
    }

    async fn a_sign_in_that_ends_takes_its_sockets_with_it(app) {
        let ann = app.sign_in("ann@acme.example").await;
        let mut socket = ann.socket().await;
        socket.subscribe(&format!("person:{}", ann.id())).await;
        ann.post("/api/sign-out", json!({})).await.done();
        assert_eq!(socket.closed().await, 4001);
    }

    async fn the_eleventh_socket_of_a_person_is_refused(app) {
        let ann = app.sign_in("ann@acme.example").await;
        let mut sockets = Vec::new();
        for _ in 0..10 {
            sockets.push(ann.socket().await);
        }
        let stream = TcpStream::connect(app.address).await.unwrap();
        let origin = format!("http://{}", app.address);
        let opened = Socket::try_open(stream, app.address, ann.cookie(), &origin).await;
        let mut eleventh = opened.unwrap_or_else(|status| panic!("refused with {status}, not opened and closed"));
        assert_eq!(eleventh.closed().await, 4009);
    }

    async fn what_is_not_understood_ends_the_socket_and_too_much_is_slowed_down(app) {
        let ann = app.sign_in("ann@acme.example").await;
        let mut socket = ann.socket().await;
        socket.send("{\"t\":\"shout\"}").await;
        assert_eq!(socket.closed().await, 4010);
        let mut socket = ann.socket().await;
        socket.send(&"x".repeat(20_000)).await;
        assert_eq!(socket.closed().await, 4010);
        let mut socket = ann.socket().await;
        let command = json!({ "t": "read", "channel": uuid(), "seq": 1 });
        for _ in 0..20 {
            socket.refused(command.clone(), "not_found").await;
        }
        let problem = socket.refused(command, "too_many_requests").await;
        assert_eq!(problem["status"], 429);
        assert_eq!(socket.ask(json!({ "t": "ping" })).await["t"], "pong");
        let mut socket = ann.socket().await;
        for _ in 0..230 {
            // The server may close before all of them are said.
            let _ = socket.try_send(&json!({ "t": "ping", "id": "1" }).to_string()).await;
        }
        assert_eq!(socket.closed().await, 4029);
    }
}

/// Small bounds, so that a reader falls behind soon.
async fn a_slow_reader_is_closed_and_resumes(engine: Engine) {
    let Some(app) = TestApp::start(engine, Options::default()).await else { return };
    app.app.live_with(Settings { ring_frames: 16, ..Settings::default() });
    let (event, acme) = open_hall(&app).await;
    let topic = hall_of(&event);
    let mut slow = acme.manager.narrow_socket().await;
    slow.subscribe(&topic).await;
    let mut quick = event.host.socket().await;
    quick.subscribe(&topic).await;
    // More than the network's own buffers hold.
    let body = json!({ "filling": "x".repeat(300_000) });
    for _ in 0..60 {
        let mut tx = app.write().await;
        tx.emit(topic.clone(), "tested", &body, app.now()).await.unwrap();
        tx.commit().await.unwrap();
        quick.event(&topic, "tested").await;
    }
    assert_eq!(slow.closed().await, 4008);
    let mut again = acme.manager.socket().await;
    // Too much to be sent again is a snapshot; the last few are.
    assert_eq!(again.subscribe_after(&topic, Some(0)).await["recovered"], false);
    let reply = again.subscribe_after(&topic, Some(quick.seen[&topic] - 3)).await;
    assert_eq!(reply["recovered"], true);
    while again.seen[&topic] < quick.seen[&topic] {
        again.event(&topic, "tested").await;
    }
    drop((slow, quick, again));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_reader_is_closed_and_resumes_on_sqlite() {
    a_slow_reader_is_closed_and_resumes(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_reader_is_closed_and_resumes_on_postgres() {
    a_slow_reader_is_closed_and_resumes(Engine::Postgres).await;
}
