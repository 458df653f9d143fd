//! A rendered letter as a MIME message: text, HTML and calendar as alternatives, the calendar once more as a file.
//!
//! The same letter, rendered again, gives the same bytes (the DKIM signature aside): Message-ID and date are
//! arguments and the boundaries are made from the Message-ID.

use std::time::SystemTime;

use jiff::Timestamp;
use lettre::{
    Address,
    address::Envelope,
    message::{
        Attachment, Mailbox, MultiPart, SinglePart,
        dkim::{DkimCanonicalization, DkimCanonicalizationType, DkimConfig, DkimSigningAlgorithm, DkimSigningKey},
        header::{ContentType, Header, HeaderName, HeaderValue},
    },
};

use crate::render::Rendered;

/// Who letters come from.
#[derive(Debug)]
pub struct Sender {
    from: Mailbox,
    reply_to: Option<Mailbox>,
    bounces_to: Option<Address>,
    dkim: Option<DkimConfig>,
}

/// The key letters are signed with.
pub struct DkimKey<'a> {
    /// The name the public key is published under: `<selector>._domainkey.<domain>`.
    pub selector: &'a str,
    pub domain: &'a str,
    /// An RSA key as PKCS#1 PEM (`-----BEGIN RSA PRIVATE KEY-----`), or an Ed25519 seed as base64.
    pub private_key: &'a str,
}

/// What a letter cannot be made of.
#[derive(Debug, thiserror::Error)]
pub enum MessageError {
    #[error("`{0}` is not an e-mail address")]
    Address(String),
    #[error("the DKIM key cannot be read (an RSA key in PKCS#1 PEM or an Ed25519 seed in base64 is needed): {0}")]
    Dkim(String),
    #[error("the letter cannot be put together: {0}")]
    Mime(String),
}

impl Sender {
    /// A sender with a name and an address, for example 云洽 and `no-reply@yunqia.example`.
    pub fn new(name: &str, email: &str) -> Result<Self, MessageError> {
        Ok(Self { from: mailbox(Some(name), email)?, reply_to: None, bounces_to: None, dkim: None })
    }

    /// Answers go to somebody who reads them.
    pub fn reply_to(mut self, name: Option<&str>, email: &str) -> Result<Self, MessageError> {
        self.reply_to = Some(mailbox(name, email)?);
        Ok(self)
    }

    /// Reports of non-delivery go here instead of to the sender's address.
    pub fn bounces_to(mut self, email: &str) -> Result<Self, MessageError> {
        self.bounces_to = Some(address(email)?);
        Ok(self)
    }

    /// Signs every letter. The List-Unsubscribe headers are covered, as RFC 8058 §4 asks.
    pub fn signed(mut self, key: &DkimKey<'_>) -> Result<Self, MessageError> {
        let algorithm = if key.private_key.contains("-----BEGIN") {
            DkimSigningAlgorithm::Rsa
        } else {
            DkimSigningAlgorithm::Ed25519
        };
        let private_key = DkimSigningKey::new(key.private_key.trim(), algorithm)
            .map_err(|error| MessageError::Dkim(error.to_string()))?;
        let relaxed = DkimCanonicalizationType::Relaxed;
        self.dkim = Some(DkimConfig::new(
            key.selector.to_owned(),
            key.domain.to_owned(),
            private_key,
            SIGNED_HEADERS.iter().map(|name| HeaderName::new_from_ascii_str(name)).collect(),
            DkimCanonicalization { header: relaxed, body: relaxed },
        ));
        Ok(self)
    }

    /// The address letters come from, which is also the ORGANIZER of their calendar parts.
    pub fn email(&self) -> String {
        self.from.email.to_string()
    }

    pub fn name(&self) -> Option<&str> {
        self.from.name.as_deref()
    }
}

/// Absent headers are covered too: nobody can add a Reply-To under our signature. `Content-Type` is not: the library
/// keeps it with the body, signs it as absent, and every verifier would then refuse the letter.
const SIGNED_HEADERS: [&str; 11] = [
    "From",
    "Reply-To",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "MIME-Version",
    "Content-Language",
    "Auto-Submitted",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
];

/// A letter ready to leave.
#[derive(Clone, Debug)]
pub struct Message {
    id: String,
    envelope: Envelope,
    bytes: Vec<u8>,
}

impl Message {
    /// Puts a letter together. `message_id` comes without angle brackets (`<outbox row id>@<host>`); `date` is the
    /// time of the first attempt, so that a repeat is the same letter.
    pub fn new(
        sender: &Sender,
        to_name: Option<&str>,
        to_email: &str,
        rendered: &Rendered,
        message_id: &str,
        date: Timestamp,
    ) -> Result<Self, MessageError> {
        let to = mailbox(to_name, to_email)?;
        let id: String = message_id.chars().filter(|c| c.is_ascii_graphic() && !"<>".contains(*c)).collect();
        let return_path = sender.bounces_to.clone().unwrap_or_else(|| sender.from.email.clone());
        let envelope = Envelope::new(Some(return_path), vec![to.email.clone()]).map_err(mime)?;
        let mut builder = lettre::Message::builder()
            .message_id(Some(format!("<{id}>")))
            .date(SystemTime::from(date))
            .from(sender.from.clone())
            .to(to)
            .subject(one_line(&rendered.subject))
            .header(AutoSubmitted)
            .raw_header(raw("Content-Language", rendered.locale_tag))
            // Exchange answers automatic letters with out-of-office notes unless told not to.
            .raw_header(raw("X-Auto-Response-Suppress", "All"))
            .envelope(envelope.clone());
        if let Some(reply_to) = &sender.reply_to {
            builder = builder.reply_to(reply_to.clone());
        }
        if let Some(url) = &rendered.unsubscribe_url {
            builder = builder
                .raw_header(raw("List-Unsubscribe", &format!("<{}>", one_line(url))))
                .raw_header(raw("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"));
        }
        let mut message = builder.multipart(body(rendered, &id)?).map_err(mime)?;
        if let Some(dkim) = &sender.dkim {
            message.sign(dkim);
        }
        Ok(Self { id, envelope, bytes: message.formatted() })
    }

    /// The Message-ID without angle brackets.
    pub fn id(&self) -> &str {
        &self.id
    }

    pub fn envelope(&self) -> &Envelope {
        &self.envelope
    }

    /// The whole message as it goes over the wire.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// A file name for this letter that no Message-ID can turn into a path.
    pub fn file_stem(&self) -> String {
        let safe = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
        self.id.chars().take(120).map(safe).collect()
    }
}

/// multipart/mixed { multipart/alternative { text, html, calendar }, invite.ics }; without a calendar part only the
/// alternatives. The calendar stands last among the alternatives: clients that understand it prefer it.
fn body(rendered: &Rendered, id: &str) -> Result<MultiPart, MessageError> {
    let text = SinglePart::plain(rendered.text.clone());
    let html = SinglePart::html(rendered.html.clone());
    let alternative = MultiPart::alternative().boundary(boundary(id, "alternative")).singlepart(text).singlepart(html);
    let Some((method, ics)) = &rendered.calendar else { return Ok(alternative) };
    let content_type = ContentType::parse(&format!("text/calendar; method={}; charset=utf-8", method.as_str()))
        .map_err(|error| MessageError::Mime(error.to_string()))?;
    let part = SinglePart::builder().header(content_type).body(ics.clone());
    // The file is not named text/calendar with a method a second time: one iMIP object a letter (RFC 6047 §2.4).
    let file_type = ContentType::parse("application/ics; name=\"invite.ics\"")
        .map_err(|error| MessageError::Mime(error.to_string()))?;
    let file = Attachment::new("invite.ics".to_owned()).body(ics.clone(), file_type);
    Ok(MultiPart::mixed().boundary(boundary(id, "mixed")).multipart(alternative.singlepart(part)).singlepart(file))
}

/// `=_` occurs in neither quoted-printable nor base64, so no body can contain the boundary (RFC 2045 §6.7).
fn boundary(id: &str, level: &str) -> String {
    let safe: String = id.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
    format!("=_{level}_{safe}")
}

fn mailbox(name: Option<&str>, email: &str) -> Result<Mailbox, MessageError> {
    let name = name.map(one_line).map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    Ok(Mailbox::new(name, address(email)?))
}

fn address(email: &str) -> Result<Address, MessageError> {
    email.trim().parse().map_err(|_| MessageError::Address(email.to_owned()))
}

fn raw(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

/// A header is one line whatever was typed.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || c == '\u{2028}' || c == '\u{2029}' { ' ' } else { c }).collect()
}

fn mime(error: lettre::error::Error) -> MessageError {
    MessageError::Mime(error.to_string())
}

/// RFC 3834: nobody's vacation program should answer this.
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        raw("Auto-Submitted", "auto-generated")
    }
}
