//! Conversations between a company and a centre: unread counts, letters, files.

use serde_json::{Value, json};
use yunqia_actions::jobs;
use yunqia_tests_api::{Answer, Browser, Centre, Company, TestApp, on_both};

use super::socket::uuid;

async fn pair(app: &TestApp) -> (Centre, Company, String) {
    let centre = app.centre("盐亭县投资促进中心", "510723").await;
    let acme = app.company("Acme").await;
    let sides = json!({ "company_id": acme.id, "centre_id": centre.id });
    let channel = acme.manager.post("/api/channels", sides).await.ok();
    let id = channel["id"].as_str().unwrap().to_owned();
    (centre, acme, id)
}

async fn send(browser: &Browser, channel: &str, text: &str) -> Value {
    let draft = json!({ "client_id": uuid(), "text": text, "file_id": null });
    browser.post(&format!("/api/channels/{channel}/messages"), draft).await.ok()
}

/// A form with one file.
async fn upload(browser: &Browser, channel: &str, name: &str, content: &[u8]) -> Answer {
    let mut body = format!(
        "--line\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: text/html\r\n\r\n"
    )
    .into_bytes();
    body.extend(content);
    body.extend(b"\r\n--line--\r\n");
    browser
        .call(axum::http::Method::POST, &format!("/api/channels/{channel}/files"))
        .body("multipart/form-data; boundary=line", body)
        .send()
        .await
}

on_both! {
    async fn unread_counts_agree_on_all_devices(app) {
        let (centre, acme, channel) = pair(&app).await;
        let again = centre.host.post("/api/channels", json!({ "company_id": acme.id, "centre_id": centre.id })).await.ok();
        assert_eq!(again["id"], json!(channel), "there is one conversation of the two");
        let person = format!("person:{}", centre.host.id());
        let (mut phone, mut desk) = (centre.host.socket().await, centre.host.socket().await);
        phone.subscribe(&person).await;
        desk.subscribe(&person).await;
        let mut talk = centre.host.socket().await;
        talk.subscribe(&format!("direct:{channel}")).await;
        send(&acme.manager, &channel, "Good morning").await;
        let message = send(&acme.manager, &channel, "Is anybody there?").await;
        assert_eq!(talk.event(&format!("direct:{channel}"), "message.published").await["text"], "Good morning");
        for socket in [&mut phone, &mut desk] {
            assert_eq!(socket.event(&person, "unread").await, json!({ "channel_id": channel, "unread": 1, "total": 1 }));
            assert_eq!(socket.event(&person, "unread").await["total"], 2);
        }
        assert_eq!(centre.host.get("/api/me").await.ok()["unread"], 2);
        let list = centre.host.get("/api/channels").await.ok()["items"].clone();
        assert_eq!((&list[0]["unread"], &list[0]["last"]["text"]), (&json!(2), &json!("Is anybody there?")));
        assert_eq!(acme.manager.get("/api/me").await.ok()["unread"], 0, "one's own words are read");
        let read = phone.does(json!({ "t": "read", "channel": channel, "seq": message["seq"] })).await;
        assert_eq!(read["total"], 0);
        assert_eq!(desk.event(&person, "unread").await["total"], 0, "the other device learns of it");
        let old = centre.host.post(&format!("/api/channels/{channel}/read"), json!({ "seq": 1 })).await.ok();
        assert_eq!(old["unread"], 0, "a mark never goes back");
    }

    async fn one_letter_tells_of_many_messages_and_none_of_what_was_read(app) {
        let (centre, acme, channel) = pair(&app).await;
        send(&acme.manager, &channel, "one").await;
        send(&acme.manager, &channel, "two").await;
        let digests = |letters: Vec<String>| letters.iter().filter(|kind| *kind == "message_digest").count();
        assert_eq!(digests(app.kinds_to(&centre.host.email).await), 1);
        let letter = app.last_letter(&centre.host.email, "message_digest").await;
        assert_eq!((&letter.facts["unread"], &letter.facts["messages"][1]["text"]), (&json!(2), &json!("two")));
        assert_eq!(digests(app.kinds_to(&acme.manager.email).await), 0, "nobody is written of their own words");
        centre.host.post(&format!("/api/channels/{channel}/read"), json!({ "seq": 2 })).await.ok();
        let mut tx = app.read().await;
        let wanted = yunqia_store::letters::Wanted { email: centre.host.email.clone(), ..Default::default() };
        let rows = yunqia_store::letters::newest(&mut tx, &wanted, None, 10).await.unwrap();
        let digest = rows.iter().find(|row| row.kind == "message_digest").unwrap();
        assert_eq!(digest.state, yunqia_domain::states::LetterState::Dropped);
    }

    async fn the_same_client_id_is_the_same_message_also_when_sent_at_once(app) {
        let (_, acme, channel) = pair(&app).await;
        let draft = json!({ "client_id": uuid(), "text": "once", "file_id": null });
        let path = format!("/api/channels/{channel}/messages");
        let sends = (0..8).map(|_| acme.manager.post(&path, draft.clone()));
        let answers = futures_util::future::join_all(sends).await;
        let ids: Vec<_> = answers.iter().map(|answer| answer.ok()["id"].clone()).collect();
        assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
        let page = acme.manager.get(&path).await.ok();
        assert_eq!(page["messages"].as_array().unwrap().len(), 1);
        assert_eq!(page["head"], 1, "no number is lost to a repeat");
    }

    async fn a_message_can_be_taken_back_for_two_minutes(app) {
        let (centre, acme, channel) = pair(&app).await;
        let early = send(&acme.manager, &channel, "early").await;
        app.wait_seconds(110);
        let late = send(&acme.manager, &channel, "late").await;
        let path = |message: &Value| format!("/api/messages/{}/withdraw", message["id"].as_str().unwrap());
        centre.host.post(&path(&early), json!({})).await.refused(403, "not_allowed");
        assert_eq!(acme.manager.post(&path(&early), json!({})).await.ok()["state"], "withdrawn");
        app.wait_seconds(121);
        acme.manager.post(&path(&late), json!({})).await.refused(409, "withdraw_late");
        let page = centre.host.get(&format!("/api/channels/{channel}/messages")).await.ok();
        assert_eq!((&page["messages"][0]["text"], &page["messages"][0]["state"]), (&json!(""), &json!("withdrawn")));
        assert_eq!(centre.host.get("/api/me").await.ok()["unread"], 1, "what was taken back is not unread");
    }

    async fn the_two_sides_and_nobody_else(app) {
        let (centre, acme, channel) = pair(&app).await;
        let stranger = app.company("Stranger").await;
        for path in [format!("/api/channels/{channel}"), format!("/api/channels/{channel}/messages")] {
            stranger.manager.get(&path).await.is(404);
        }
        let draft = json!({ "client_id": uuid(), "text": "hello", "file_id": null });
        stranger.manager.post(&format!("/api/channels/{channel}/messages"), draft).await.is(404);
        let sides = json!({ "company_id": acme.id, "centre_id": centre.id });
        stranger.manager.post("/api/channels", sides).await.refused(403, "not_allowed");
        let wrong = json!({ "company_id": centre.id, "centre_id": centre.id });
        centre.host.post("/api/channels", wrong).await.wrong_field("/company_id", "unknown_id");
        // Two parties that talk to each other exchange contacts.
        let message = send(&acme.manager, &channel, "Call me: 138 0000 1234").await;
        assert_eq!(message["state"], "published");
    }

    async fn files_are_judged_by_content_and_only_ever_downloaded(app) {
        let (centre, acme, channel) = pair(&app).await;
        let file = upload(&acme.manager, &channel, "计划书.pdf", b"%PDF-1.7 plan").await.created();
        assert_eq!((&file["name"], &file["media_type"]), (&json!("计划书.pdf"), &json!("application/pdf")));
        let url = file["url"].as_str().unwrap().to_owned();
        centre.host.get(&url).await.is(404);
        let draft = json!({ "client_id": uuid(), "text": "", "file_id": file["id"] });
        let path = format!("/api/channels/{channel}/messages");
        assert_eq!(acme.manager.post(&path, draft).await.ok()["file"]["id"], file["id"]);
        let answer = centre.host.get(&url).await;
        assert_eq!(answer.is(200).body, "%PDF-1.7 plan");
        assert!(answer.header("content-disposition").unwrap().starts_with("attachment; "));
        assert!(answer.header("content-disposition").unwrap().contains("filename*=UTF-8''%E8%AE%A1"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("content-security-policy"), Some("default-src 'none'; frame-ancestors 'none'; sandbox"));
        app.company("Stranger").await.manager.get(&url).await.is(404);
        // Once sent, it is not sent again, and not by others.
        let twice = json!({ "client_id": uuid(), "text": "", "file_id": file["id"] });
        acme.manager.post(&path, twice.clone()).await.wrong_field("/file_id", "unknown_id");
        for (name, content, code) in [
            ("page.html", &b"<script>alert(1)</script>"[..], "file_kind"),
            ("virus.pdf", b"MZ\x90\0", "file_mismatch"),
            ("tool.exe", b"MZ\x90\0", "file_kind"),
            ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "file_kind"),
            ("empty.txt", b"", "file_empty"),
        ] {
            upload(&acme.manager, &channel, name, content).await.wrong_field("/file", code);
        }
        let large = vec![b'a'; usize::try_from(app.app.settings.file_bytes_max).unwrap() + 1];
        upload(&acme.manager, &channel, "large.txt", &large).await.wrong_field("/file", "file_large");
        upload(&app.company("Other").await.manager, &channel, "a.txt", b"hello").await.is(404);
    }

    async fn who_is_suspended_reads_and_writes_no_more(app) {
        let (centre, acme, channel) = pair(&app).await;
        let event = app.event(&centre).await;
        event.takes_part(&acme).await;
        let slot = event.slots(&event.desks[0]).await.remove(0);
        let talk = event.book(&acme, &slot).await.created();
        send(&acme.manager, &channel, "before").await;
        let room = acme.manager.get(&format!("/api/talks/{}", talk["id"].as_str().unwrap())).await.ok();
        let room = room["channel_id"].as_str().unwrap();
        // The talk is over when the account is suspended, so it stays as it was.
        app.set_time(talk["starts_at"].as_str().unwrap());
        for browser in [&acme.manager, &centre.host] {
            send(browser, room, "hello").await;
        }
        let decide = format!("/api/organisations/{}/decide", acme.id);
        app.operator().await.post(&decide, json!({ "decision": "suspend", "reason": "投诉" })).await.ok();
        let draft = || json!({ "client_id": uuid(), "text": "after", "file_id": null });
        for (channel, said) in [(channel.as_str(), 1), (room, 2)] {
            let path = format!("/api/channels/{channel}/messages");
            acme.manager.post(&path, draft()).await.refused(409, "company_not_active");
            let page = acme.manager.get(&path).await.ok();
            assert_eq!(page["messages"].as_array().unwrap().len(), said, "what was said can still be read");
            centre.host.post(&path, draft()).await.ok();
        }
    }

    async fn files_that_were_never_sent_are_forgotten_after_a_day(app) {
        let (_, acme, channel) = pair(&app).await;
        let sent = upload(&acme.manager, &channel, "sent.txt", b"hello").await.created();
        let unsent = upload(&acme.manager, &channel, "unsent.txt", b"hello").await.created();
        let message = json!({ "client_id": uuid(), "text": "", "file_id": sent["id"] });
        acme.manager.post(&format!("/api/channels/{channel}/messages"), message).await.ok();
        app.wait_minutes(60 * 23);
        let young = upload(&acme.manager, &channel, "young.txt", b"hello").await.created();
        assert!(jobs::forget_unsent_files(&app.db, app.now()).await.unwrap().is_empty(), "a day has not passed");
        app.wait_minutes(61);
        let gone = jobs::forget_unsent_files(&app.db, app.now()).await.unwrap();
        assert_eq!(gone.iter().map(ToString::to_string).collect::<Vec<_>>(), [unsent["id"].as_str().unwrap()]);
        for id in gone {
            app.app.settings.files.forget(id).await;
            assert!(app.app.settings.files.open(id).await.is_err(), "the bytes are gone");
        }
        acme.manager.get(unsent["url"].as_str().unwrap()).await.is(404);
        acme.manager.get(sent["url"].as_str().unwrap()).await.is(200);
        acme.manager.get(young["url"].as_str().unwrap()).await.is(200);
        assert!(jobs::forget_unsent_files(&app.db, app.now()).await.unwrap().is_empty(), "it may run twice");
    }

    async fn who_is_suspended_is_told_why_they_cannot_write(app) {
        let (_, acme, channel) = pair(&app).await;
        let path = format!("/api/channels/{channel}");
        assert_eq!(acme.manager.get(&path).await.ok()["may_write"]["ok"], true);
        let operator = app.operator().await;
        let suspend = json!({ "decision": "suspend", "reason": "complaint" });
        operator.post(&format!("/api/organisations/{}/decide", acme.id), suspend).await.ok();
        let channel = acme.manager.get(&path).await.ok();
        assert_eq!((&channel["may_write"]["ok"], &channel["may_write"]["code"]), (&json!(false), &json!("company_not_active")));
        let message = json!({ "client_id": uuid(), "text": "Hello", "file_id": null });
        acme.manager.post(&format!("{path}/messages"), message).await.refused(409, "company_not_active");
    }
}
