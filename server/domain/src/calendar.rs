//! Calendar objects as text (RFC 5545): the part an invitation letter carries and the feed a person subscribes to.
//!
//! We write the text ourselves because METHOD, SEQUENCE and ATTENDEE must be exactly what RFC 5546 asks of an
//! update, and because every line a person typed passes through here: [`text`] and [`parameter`] are the only ways
//! in. Times are written in UTC, so no VTIMEZONE is needed and no guest's calendar has to know ours.

use crate::{ids::RegistrationId, time::Timestamp};

/// What a calendar should do with the object it receives (RFC 5546 §3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Here is an event you may keep; nobody is invited, no answer is expected.
    Publish,
    /// You are on this event; the same UID with a higher SEQUENCE changes it.
    Request,
    /// This event is off, or you are no longer on it.
    Cancel,
}

impl Method {
    /// The word for the METHOD property and for the `method` parameter of the MIME part, which must be equal.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Publish => "PUBLISH",
            Self::Request => "REQUEST",
            Self::Cancel => "CANCEL",
        }
    }
}

/// Somebody with a mailbox, as ORGANIZER or ATTENDEE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mailbox {
    pub name: Option<String>,
    pub email: String,
}

/// What the person invited has said so far (PARTSTAT).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// They took part in agreeing on this time (they booked it, or accepted the request): it enters their calendar
    /// at once and no answer is asked for.
    #[default]
    Accepted,
    /// They have not been asked before; their calendar offers to answer.
    NeedsAction,
}

/// Whether the event stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Confirmed,
    /// Asked for but not yet agreed; shown in feeds only.
    Tentative,
    Cancelled,
}

impl Status {
    fn as_str(self) -> &'static str {
        match self {
            Self::Confirmed => "CONFIRMED",
            Self::Tentative => "TENTATIVE",
            Self::Cancelled => "CANCELLED",
        }
    }
}

/// One event. The UID stays the same for its whole life; `sequence` grows with every change and with the cancellation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Unique in the world and stable, for example `<booking id>@<host>`.
    pub uid: String,
    pub sequence: i64,
    /// When this state of the event was written (DTSTAMP, and LAST-MODIFIED in a feed).
    pub stamp: Timestamp,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    pub summary: String,
    pub description: String,
    pub location: Option<String>,
    /// Where a person reads more or enters the room; an absolute `https` address.
    pub url: Option<String>,
    pub status: Status,
    /// Shown as the inviting side; calendars send answers to this address.
    pub organizer: Option<Mailbox>,
    /// The reader of this very letter. One attendee per letter: nobody's address is shown to the other side.
    pub attendee: Option<(Mailbox, Answer)>,
    /// Minutes before the start at which a feed's subscriber is reminded. Invitations leave this to the reader.
    pub alarm_minutes: Vec<i64>,
}

/// The UID of a session in the calendars of a company's people. Letters and feeds agree on it, so that a person who has
/// both sees the session once.
pub fn session_uid(part: RegistrationId) -> String {
    part.to_string()
}

/// The SEQUENCE that goes with it: grows when the session changes and when the company's part in it does.
pub fn session_sequence(session_version: i64, part_version: i64) -> i64 {
    session_version + part_version
}

/// A calendar a person subscribes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    pub name: String,
    pub description: String,
    /// How often subscribers should look again. Clients treat it as a wish.
    pub refresh_minutes: i64,
    /// Tag of the language the texts are in (`zh-Hans`, `zh-Hant`, `en`).
    pub language: String,
}

/// The one calendar object of a letter: exactly one event and a METHOD (RFC 6047 allows one object a part).
///
/// A PUBLISH object carries no ATTENDEE (RFC 5546 §3.2.1), and a CANCEL is always CANCELLED, whatever the event says.
pub fn invitation(method: Method, event: &Event) -> String {
    let mut out = Lines::default();
    out.open(Some(method));
    let status = if method == Method::Cancel { Status::Cancelled } else { event.status };
    write_event(&mut out, event, status, method != Method::Publish, false);
    out.close()
}

/// A feed with every event of a person; cancelled ones stay in it as CANCELLED so that calendars strike them out.
pub fn feed(feed: &Feed, events: &[Event]) -> String {
    let mut out = Lines::default();
    out.open(Some(Method::Publish));
    let name = text(&feed.name);
    let language = parameter(&feed.language);
    // Apple and Google read the X- names, newer clients RFC 7986's.
    out.line(&format!("NAME;LANGUAGE={language}:{name}"));
    out.line(&format!("X-WR-CALNAME:{name}"));
    let description = text(&feed.description);
    out.line(&format!("DESCRIPTION;LANGUAGE={language}:{description}"));
    out.line(&format!("X-WR-CALDESC:{description}"));
    let every = feed.refresh_minutes.max(1);
    out.line(&format!("REFRESH-INTERVAL;VALUE=DURATION:PT{every}M"));
    out.line(&format!("X-PUBLISHED-TTL:PT{every}M"));
    for event in events {
        write_event(&mut out, event, event.status, false, true);
    }
    out.close()
}

fn write_event(out: &mut Lines, event: &Event, status: Status, with_attendee: bool, in_feed: bool) {
    out.line("BEGIN:VEVENT");
    out.line(&format!("UID:{}", text(&event.uid)));
    out.line(&format!("DTSTAMP:{}", utc(event.stamp)));
    if in_feed {
        out.line(&format!("LAST-MODIFIED:{}", utc(event.stamp)));
    }
    out.line(&format!("DTSTART:{}", utc(event.starts_at)));
    out.line(&format!("DTEND:{}", utc(event.ends_at)));
    out.line(&format!("SEQUENCE:{}", event.sequence.max(0)));
    out.line(&format!("STATUS:{}", status.as_str()));
    out.line(&format!("SUMMARY:{}", text(&event.summary)));
    out.line(&format!("DESCRIPTION:{}", text(&event.description)));
    if let Some(location) = &event.location {
        out.line(&format!("LOCATION:{}", text(location)));
    }
    if let Some(url) = &event.url {
        out.line(&format!("URL:{}", uri(url)));
    }
    out.line(if status == Status::Confirmed { "TRANSP:OPAQUE" } else { "TRANSP:TRANSPARENT" });
    if let Some(organizer) = &event.organizer {
        out.line(&format!("ORGANIZER{}:mailto:{}", common_name(organizer), uri(&organizer.email)));
    }
    if let (true, Some((person, answer))) = (with_attendee, &event.attendee) {
        let (partstat, rsvp) = match answer {
            Answer::Accepted => ("ACCEPTED", "FALSE"),
            Answer::NeedsAction => ("NEEDS-ACTION", "TRUE"),
        };
        let name = common_name(person);
        let address = uri(&person.email);
        out.line(&format!(
            "ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT={partstat};RSVP={rsvp}{name}:mailto:{address}"
        ));
    }
    if status == Status::Confirmed {
        event.alarm_minutes.iter().for_each(|minutes| write_alarm(out, *minutes, &event.summary));
    }
    out.line("END:VEVENT");
}

fn write_alarm(out: &mut Lines, minutes: i64, summary: &str) {
    out.line("BEGIN:VALARM");
    out.line("ACTION:DISPLAY");
    out.line(&format!("TRIGGER:-PT{}M", minutes.max(0)));
    out.line(&format!("DESCRIPTION:{}", text(summary)));
    out.line("END:VALARM");
}

fn common_name(person: &Mailbox) -> String {
    match &person.name {
        Some(name) if !name.trim().is_empty() => format!(";CN={}", parameter(name)),
        _ => String::new(),
    }
}

/// `20260312T060000Z`. Seconds are enough: sessions and slots start on whole minutes.
fn utc(at: Timestamp) -> String {
    at.jiff().strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// Escapes a TEXT value (RFC 5545 §3.3.11): line breaks of every kind become `\n`, other control characters vanish,
/// so nothing a person typed can begin a new property.
pub fn text(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len() + 8);
    let mut chars = raw.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => out.push_str("\\\\"),
            ';' => out.push_str("\\;"),
            ',' => out.push_str("\\,"),
            '\r' => {
                chars.next_if_eq(&'\n');
                out.push_str("\\n");
            }
            '\n' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => out.push_str("\\n"),
            '\t' => out.push(' '),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// Quotes a parameter value. A double quote cannot stand in one (RFC 5545 §3.2) and few clients know RFC 6868's
/// escapes, so it becomes a single quote.
fn parameter(raw: &str) -> String {
    let plain: String = raw
        .chars()
        .map(|c| if c == '"' { '\'' } else { c })
        .map(|c| if c.is_control() || c == '\u{2028}' || c == '\u{2029}' { ' ' } else { c })
        .collect();
    format!("\"{}\"", plain.trim())
}

/// A URI stands unescaped in its line; anything that could end the line is dropped.
fn uri(raw: &str) -> String {
    raw.chars().filter(|c| !c.is_control() && !c.is_whitespace()).collect()
}

/// Collects content lines, folded at 75 octets and ended with CRLF.
#[derive(Default)]
struct Lines(String);

impl Lines {
    fn open(&mut self, method: Option<Method>) {
        self.line("BEGIN:VCALENDAR");
        self.line("VERSION:2.0");
        self.line("PRODID:-//Yunqia//Yunqia//EN");
        self.line("CALSCALE:GREGORIAN");
        if let Some(method) = method {
            self.line(&format!("METHOD:{}", method.as_str()));
        }
    }

    fn close(mut self) -> String {
        self.line("END:VCALENDAR");
        self.0
    }

    /// Folds between characters, never inside one: 75 octets a line without its break, the leading space of a
    /// continuation counted (RFC 5545 §3.1).
    fn line(&mut self, line: &str) {
        let mut room = 75;
        for c in line.chars() {
            if c.len_utf8() > room {
                self.0.push_str("\r\n ");
                room = 74;
            }
            self.0.push(c);
            room -= c.len_utf8();
        }
        self.0.push_str("\r\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event() -> Event {
        Event {
            uid: "0198@yunqia.example".into(),
            sequence: 2,
            stamp: "2026-03-01T00:00:00Z".parse().expect("an instant"),
            starts_at: "2026-03-12T06:00:00Z".parse().expect("an instant"),
            ends_at: "2026-03-12T06:20:00Z".parse().expect("an instant"),
            summary: "洽谈, \"盐亭\"; 甲公司".into(),
            description: "第一行\r\nBEGIN:VEVENT\rUID:evil\u{2028}第四行\\".into(),
            location: None,
            url: Some("https://yunqia.example/talks/1\r\nX-EVIL:1".into()),
            status: Status::Confirmed,
            organizer: Some(Mailbox { name: Some("云洽".into()), email: "no-reply@yunqia.example".into() }),
            attendee: Some((
                Mailbox { name: Some("Ann \"A\"; B\r\nX:1".into()), email: "a@b.example".into() },
                Answer::Accepted,
            )),
            alarm_minutes: vec![10],
        }
    }

    #[test]
    fn no_line_is_longer_than_75_octets_and_every_line_ends_in_crlf() {
        let long = Event { summary: "川".repeat(200) + &"😀".repeat(50), ..event() };
        let ics = invitation(Method::Request, &long);
        assert!(ics.ends_with("END:VCALENDAR\r\n"));
        assert!(ics.split("\r\n").all(|line| line.len() <= 75 && !line.contains(['\r', '\n'])));
        assert!(ics.replace("\r\n ", "").contains(&"😀".repeat(50)));
    }

    #[test]
    fn typed_text_cannot_begin_a_property() {
        let ics = invitation(Method::Request, &event()).replace("\r\n ", "");
        assert_eq!(ics.matches("\r\nBEGIN:VEVENT").count(), 1);
        assert!(!ics.contains("\r\nUID:evil") && !ics.contains("\r\nX-EVIL") && !ics.contains("\r\nX:1"));
        assert!(ics.contains("SUMMARY:洽谈\\, \"盐亭\"\\; 甲公司"));
        assert!(ics.contains("DESCRIPTION:第一行\\nBEGIN:VEVENT\\nUID:evil\\n第四行\\\\"));
        assert!(ics.contains("CN=\"Ann 'A'; B  X:1\""));
    }

    #[test]
    fn a_cancellation_says_so_and_a_publication_invites_nobody() {
        let cancel = invitation(Method::Cancel, &event());
        assert!(cancel.contains("METHOD:CANCEL\r\n") && cancel.contains("STATUS:CANCELLED\r\n"));
        assert!(!cancel.contains("VALARM"));
        let publish = invitation(Method::Publish, &event());
        assert!(publish.contains("METHOD:PUBLISH\r\n") && !publish.contains("ATTENDEE"));
    }
}
