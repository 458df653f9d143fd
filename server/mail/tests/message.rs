//! A letter on the wire, read back by a MIME library that is not ours.

use base64::Engine as _;
use mailparse::{MailHeaderMap, ParsedMail, parse_mail};
use sha2::{Digest, Sha256};
use yunqia_domain::{
    letters::{LetterKind, Side},
    locale::Locale,
};
use yunqia_mail::{DkimKey, Message, MessageError, Renderer, Sender, samples};

const ID: &str = "0198c0de-0000-7000-8000-00000000000f@yunqia.example";

fn sender() -> Sender {
    Sender::new("云洽", "no-reply@yunqia.example").expect("a good address")
}

fn message(sender: &Sender, kind: LetterKind, locale: Locale) -> Message {
    let renderer = Renderer::new(samples::service(), None).expect("the embedded texts compile");
    let rendered = renderer.render(&samples::letter(kind, locale, Side::Company)).expect("a sample renders");
    let date = "2026-03-01T01:02:03Z".parse().expect("an instant");
    Message::new(sender, Some("王芳, \"总\"\r\nBcc: x@y.example"), "reader@company.example", &rendered, ID, date)
        .expect("a message")
}

fn header(mail: &ParsedMail<'_>, name: &str) -> String {
    mail.headers.get_first_value(name).unwrap_or_else(|| panic!("no {name}"))
}

#[test]
fn a_confirmation_is_text_html_and_calendar_with_the_calendar_once_more_as_a_file() {
    let message = message(&sender(), LetterKind::SlotConfirmed, Locale::ZhHant);
    let mail = parse_mail(message.bytes()).expect("mail");
    assert_eq!(mail.ctype.mimetype, "multipart/mixed");
    let [alternative, file] = &mail.subparts[..] else { panic!("two parts") };
    assert_eq!(alternative.ctype.mimetype, "multipart/alternative");
    let [text, html, calendar] = &alternative.subparts[..] else { panic!("three alternatives") };
    assert_eq!(text.ctype.mimetype, "text/plain");
    assert_eq!(html.ctype.mimetype, "text/html");
    assert_eq!(calendar.ctype.mimetype, "text/calendar");
    assert_eq!(calendar.ctype.charset.to_lowercase(), "utf-8");
    let ics = calendar.get_body().expect("a body");
    assert!(ics.contains(&format!("METHOD:{}\r\n", calendar.ctype.params["method"])), "parameter and body agree");
    assert_eq!(file.get_content_disposition().params["filename"], "invite.ics");
    assert_eq!(
        file.get_body_raw().expect("a body"),
        ics.trim_end().as_bytes().iter().copied().chain(*b"\r\n").collect::<Vec<_>>()
    );
    assert!(text.get_body().expect("a body").contains("洽談已確認"));

    assert_eq!(header(&mail, "Subject"), "洽談已確認：3月12日 14:00（北京時間）");
    assert_eq!(header(&mail, "Message-ID"), format!("<{ID}>"));
    assert_eq!(header(&mail, "Date"), "Sun, 01 Mar 2026 01:02:03 +0000");
    assert_eq!(header(&mail, "Auto-Submitted"), "auto-generated");
    assert_eq!(header(&mail, "Content-Language"), "zh-Hant");
    assert!(
        mail.headers.get_first_value("Bcc").is_none() && mail.headers.get_first_value("List-Unsubscribe").is_none()
    );
    assert!(header(&mail, "From").contains("no-reply@yunqia.example") && header(&mail, "From").contains("云洽"));
    assert_eq!(mail.headers.get_all_values("To").len(), 1);
}

#[test]
fn every_line_fits_and_every_header_is_ascii() {
    for kind in LetterKind::ALL.iter().copied() {
        let message = message(&sender(), kind, Locale::ZhHans);
        let whole = String::from_utf8(message.bytes().to_vec()).expect("ASCII or UTF-8");
        assert!(whole.split("\r\n").all(|line| line.len() <= 998 && !line.contains(['\r', '\n'])), "{}", kind.code());
        let head = whole.split("\r\n\r\n").next().unwrap_or_default();
        assert!(head.is_ascii() && head.split("\r\n").all(|line| line.len() <= 200), "{}\n{head}", kind.code());
        assert!(parse_mail(message.bytes()).is_ok());
    }
}

#[test]
fn what_is_not_transactional_can_be_stopped_with_one_post() {
    let message = message(&sender(), LetterKind::MessageDigest, Locale::En);
    let mail = parse_mail(message.bytes()).expect("mail");
    assert_eq!(mail.ctype.mimetype, "multipart/alternative");
    assert_eq!(header(&mail, "List-Unsubscribe"), "<https://yunqia.example/unsubscribe/made-up>");
    assert_eq!(header(&mail, "List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
}

#[test]
fn a_repeat_is_the_same_letter() {
    let (one, two) =
        (message(&sender(), LetterKind::SlotMoved, Locale::En), message(&sender(), LetterKind::SlotMoved, Locale::En));
    assert_eq!(one.bytes(), two.bytes());
    assert_eq!(one.file_stem(), "0198c0de-0000-7000-8000-00000000000f_yunqia_example");
}

#[test]
fn bounces_and_answers_go_where_they_are_read() {
    let sender = sender()
        .reply_to(Some("盐亭县投资促进中心"), "centre@yanting.example")
        .and_then(|sender| sender.bounces_to("bounces@yunqia.example"))
        .expect("good addresses");
    let message = message(&sender, LetterKind::SlotConfirmed, Locale::En);
    assert_eq!(message.envelope().from().map(ToString::to_string).as_deref(), Some("bounces@yunqia.example"));
    let mail = parse_mail(message.bytes()).expect("mail");
    assert!(header(&mail, "Reply-To").contains("centre@yanting.example"));
}

#[test]
fn an_address_that_is_none_is_refused() {
    for wrong in ["", "a", "a@", "a b@c.example", "a@b.example\r\nRCPT TO:<x@y.example>", "a@b.example,c@d.example"] {
        assert!(matches!(Sender::new("云洽", wrong), Err(MessageError::Address(_))), "{wrong}");
    }
}

#[test]
fn a_signature_holds_and_covers_what_matters() {
    // The Ed25519 key of RFC 8463, appendix A.2.
    let key = DkimKey {
        selector: "brisbane",
        domain: "yunqia.example",
        private_key: "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=",
    };
    let sender = sender().signed(&key).expect("a good key");
    for kind in [LetterKind::MessageDigest, LetterKind::SlotConfirmed] {
        let message = message(&sender, kind, Locale::ZhHans);
        let whole = String::from_utf8(message.bytes().to_vec()).expect("text");
        assert!(signature_holds(&whole));
        assert!(!signature_holds(&whole.replacen("Subject: ", "Subject: x", 1)));
        assert!(!signature_holds(&format!("Reply-To: x@y.example\r\n{whole}")));
        assert!(!signature_holds(&format!("{whole}x")));
        let signature = header(&parse_mail(message.bytes()).expect("mail"), "DKIM-Signature");
        for part in ["d=yunqia.example", "s=brisbane", "a=ed25519-sha256", "c=relaxed/relaxed", "list-unsubscribe-post"]
        {
            assert!(signature.contains(part), "{part} in {signature}");
        }
    }
    assert!(self::sender().signed(&DkimKey { private_key: "no key", ..key }).is_err());
}

/// Verifies as RFC 6376 §6.1.3 and RFC 8463 say, for relaxed/relaxed and the public half of the key above.
fn signature_holds(whole: &str) -> bool {
    let decode =
        |text: &str| base64::engine::general_purpose::STANDARD.decode(text.replace([' ', '\t'], "")).expect("base64");
    let public = decode("11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
    let (head, body) = whole.split_once("\r\n\r\n").expect("head and body");
    let head = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    let headers: Vec<(String, String)> = head
        .split("\r\n")
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_lowercase(), value.split_whitespace().collect::<Vec<_>>().join(" ")))
        .collect();
    let signature = &headers.iter().find(|(name, _)| name == "dkim-signature").expect("a signature").1;
    let tag = |name: &str| {
        let mut tags = signature.split(';').filter_map(|tag| tag.trim().split_once('='));
        tags.find(|(tag, _)| *tag == name).expect("a tag").1.to_owned()
    };
    let lines: Vec<String> = body.split("\r\n").map(relaxed_line).collect();
    let body = format!("{}\r\n", lines.join("\r\n").trim_end_matches("\r\n"));
    let mut signed = String::new();
    for wanted in tag("h").split(':') {
        if let Some((name, value)) = headers.iter().rev().find(|(name, _)| name == wanted) {
            signed += &format!("{name}:{value}\r\n");
        }
    }
    signed += &format!("dkim-signature:{}", signature.replace(&tag("b"), ""));
    let key = ed25519_dalek::VerifyingKey::try_from(&public[..]).expect("a key");
    let bytes = ed25519_dalek::Signature::from_slice(&decode(&tag("b"))).expect("a signature");
    Sha256::digest(&body)[..] == decode(&tag("bh"))[..] && key.verify_strict(&Sha256::digest(&signed), &bytes).is_ok()
}

/// Runs of spaces become one, those at the end of a line none (RFC 6376 §3.4.4).
fn relaxed_line(line: &str) -> String {
    let mut out = String::new();
    for c in line.trim_end_matches([' ', '\t']).chars() {
        match c {
            ' ' | '\t' if out.ends_with(' ') => {}
            ' ' | '\t' => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
