//! Sockets that break the protocol or ask too much are closed with their code, and others notice nothing.

use serde_json::json;
use yunqia_tests_api::{Abuser, Browser, Engine, Options, TestApp, on_both};

use crate::socket::{hall_of, open_hall, say};

const TEXT: u8 = 0x81;
const TEXT_BEGINS: u8 = 0x01;
const GOES_ON: u8 = 0x00;
const BINARY: u8 = 0x82;
const CLOSE: u8 = 0x88;
const PING: u8 = 0x89;
const PONG: u8 = 0x8a;

async fn socket(browser: &Browser) -> Abuser {
    let mut socket = browser.raw_socket().await;
    let hello = socket.wait(TEXT).await;
    assert!(hello.starts_with(b"{\"t\":\"hello\""));
    socket
}

on_both! {
    async fn what_breaks_the_protocol_is_closed_and_others_notice_nothing(app) {
        let (event, acme) = open_hall(&app).await;
        let topic = hall_of(&event);
        let mut good = acme.manager.socket().await;
        good.subscribe(&topic).await;
        let bad = app.sign_in("bad@x.example").await;

        let mut too_large = socket(&bad).await;
        too_large.frame(TEXT, &vec![b' '; 16 * 1024 + 1]).await;
        assert_eq!(too_large.closed().await, 4010);
        let mut claims_to_be_large = socket(&bad).await;
        claims_to_be_large.bytes(&[TEXT, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]).await;
        assert_eq!(claims_to_be_large.closed().await, 4010);
        let mut large_in_parts = socket(&bad).await;
        large_in_parts.frame(TEXT_BEGINS, &[b' '; 9 * 1024]).await;
        large_in_parts.frame(GOES_ON, &[b' '; 9 * 1024]).await;
        assert_eq!(large_in_parts.closed().await, 4010);
        for (first, payload) in
            [(TEXT, &b"\xff\xfe"[..]), (TEXT_BEGINS, b"\xc3\x28"), (BINARY, b"{}"), (GOES_ON, b"{}"), (0xf1, b"{}"), (0x83, b"{}")]
        {
            let mut broken = socket(&bad).await;
            broken.frame(first, payload).await;
            assert_eq!(broken.closed().await, 4010, "{first:#x} {payload:?}");
        }
        let mut not_masked = socket(&bad).await;
        not_masked.bytes(b"\x81\x02{}").await;
        assert_eq!(not_masked.closed().await, 4010);

        say(&event.host, &event, "still here").await;
        assert_eq!(good.event(&topic, "message.published").await["text"], "still here");
    }

    async fn floods_are_slowed_down_and_then_closed(app) {
        let bad = app.sign_in("bad@x.example").await;
        let mut pings = socket(&bad).await;
        for _ in 0..250 {
            pings.frame(PING, b"?").await;
        }
        assert_eq!(pings.closed().await, 4029);
        let mut crumbs = socket(&bad).await;
        crumbs.frame(TEXT_BEGINS, b"{").await;
        for _ in 0..250 {
            crumbs.frame(GOES_ON, b"").await;
        }
        assert_eq!(crumbs.closed().await, 4029);
        let mut subscriptions = socket(&bad).await;
        for n in 0..250 {
            let topic = format!("session:{:032x}", n);
            let frame = json!({ "t": "subscribe", "id": n.to_string(), "topic": topic, "after": null });
            subscriptions.frame(TEXT, frame.to_string().as_bytes()).await;
        }
        assert_eq!(subscriptions.closed().await, 4029);
    }

    async fn a_message_in_parts_is_one_and_a_ping_between_them_is_answered(app) {
        let ann = app.sign_in("ann@acme.example").await;
        let mut socket = socket(&ann).await;
        let text = br#"{"t":"ping","id":"in parts"}"#;
        socket.frame(TEXT_BEGINS, &text[..10]).await;
        socket.frame(PING, b"are you there").await;
        assert_eq!(socket.wait(PONG).await, b"are you there");
        socket.frame(GOES_ON, &text[10..20]).await;
        socket.frame(0x80, &text[20..]).await;
        let pong: serde_json::Value = serde_json::from_slice(&socket.wait(TEXT).await).unwrap();
        assert_eq!((&pong["t"], &pong["id"]), (&json!("pong"), &json!("in parts")));
        // Who closes gets their own code back.
        socket.frame(CLOSE, &4321u16.to_be_bytes()).await;
        assert_eq!(socket.closed().await, 4321);
    }
}

/// One reads nothing: the others hear everything, soon.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_reads_nothing_holds_nobody_up() {
    let Some(app) = TestApp::start(Engine::Sqlite, Options::default()).await else { return };
    let (event, acme) = open_hall(&app).await;
    let topic = hall_of(&event);
    let mut stuck = acme.manager.narrow_socket().await;
    stuck.subscribe(&topic).await;
    let mut good = Vec::new();
    // Ten sockets a person, and one is taken.
    for n in 0..18 {
        let browser = if n % 2 == 0 { &event.host } else { &acme.manager };
        let mut socket = browser.socket().await;
        socket.subscribe(&topic).await;
        good.push(socket);
    }
    let body = json!({ "filling": "x".repeat(100_000) });
    for _ in 0..40 {
        let mut tx = app.write().await;
        tx.emit(topic.clone(), "tested", &body, app.now()).await.unwrap();
        tx.commit().await.unwrap();
        let began = std::time::Instant::now();
        for socket in &mut good {
            socket.event(&topic, "tested").await;
        }
        assert!(began.elapsed() < std::time::Duration::from_secs(3), "the others waited {:?}", began.elapsed());
    }
    drop((stuck, good));
    app.stop().await;
}
