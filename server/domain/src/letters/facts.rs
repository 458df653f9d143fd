//! What an act says for a letter. Stored as one JSON object with the letter, so every name here is a stored name.

use serde::{Deserialize, Serialize};

use super::kind::LetterKind;
use crate::calendar::{Answer, Method};
use crate::locale::LocalText;
use crate::states::{Horizon, Priority};
use crate::time::Timestamp;
use crate::zones::Zone;

/// The facts of one letter. [`LetterKind::facts`] lists which of them each kind needs and shows; the rest stay empty.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Facts {
    /// Path of the page the letter's button opens, from the root of the site: `/sessions/…`. May end in `#token=…`.
    pub link: String,
    /// The side of the talk or session the reader is on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reader: Option<Side>,
    /// The company or body an account letter is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organisation: Option<LocalText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company: Option<LocalText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub centre: Option<LocalText>,
    /// A person's name as it is shown to this reader: who invites, who asks, who holds the talk now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// Who did what the letter tells of. The one who did it is not written to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<Actor>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted: Option<bool>,
    /// Why, in the words of who decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What a person wrote for the reader.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionFacts>,
    /// The talk at the time the letter is about: the new one when it moved, the lost one when it was lost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub talk: Option<TalkFacts>,
    /// The time before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub was: Option<Span>,
    /// What the handing over means for this reader.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handover: Option<Handover>,
    /// Times the reader could take instead, each once; a handful.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub free_times: Vec<FreeTime>,
    /// The reader's talks in the session, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub talks: Vec<TalkLine>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<SessionChange>,
    /// Until when an answer counts, a hold lasts or a thing is due.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Timestamp>,
    /// Six digits to sign in with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// How long the code is good for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minutes: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<LocalText>,
    /// Planned investment in 万元 (10,000 CNY).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub planned_wan: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub horizon: Option<Horizon>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// The newest unread messages, oldest first; a handful.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<MessageFacts>,
    /// How many messages are unread, those not in `messages` counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unread: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calendar: Option<Invite>,
}

/// On which side somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    Company,
    Centre,
    /// The operator of the platform.
    Operator,
    /// Nobody: a deadline passed, or somebody else's act had this consequence.
    System,
}

/// Who did it, with the name to show (an organisation, or a person acting for it).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Actor {
    pub side: Side,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<LocalText>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionFacts {
    pub title: LocalText,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    /// The session's own zone; all times of the letter are shown on its clock first.
    pub zone: Zone,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<LocalText>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TalkFacts {
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub desk: Option<LocalText>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
}

/// A time the reader could take, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FreeTime {
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    /// Desks that are free then, the reader's own first; a few.
    pub desks: Vec<LocalText>,
    /// How many more desks are free then.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub more: usize,
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// One of the reader's talks, with the other side's name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TalkLine {
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    pub with: LocalText,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageFacts {
    /// Who wrote, with their organisation.
    pub from: LocalText,
    pub text: String,
    pub sent_at: Timestamp,
}

/// What the handing over of a talk means for the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Handover {
    /// The talk was theirs; `person` holds it now.
    Gives,
    /// The talk is theirs now.
    Takes,
    /// They are the other side; `person` meets them now.
    Told,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionChange {
    Time,
    Title,
    Agenda,
    Hosts,
    Slots,
    /// When registration or booking is open.
    Windows,
}

/// The calendar entry of the letter. What it says is made of the other facts, so entry and letter cannot differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Invite {
    /// Stable for the life of the booking, or of this organisation's part in the session; the same for all readers.
    pub uid: String,
    /// Grows with every change that is told, the cancellation included.
    pub sequence: i64,
    pub method: Method,
    /// When this state of the entry came to be.
    pub stamp: Timestamp,
    #[serde(default)]
    pub answer: Answer,
}

/// The name of one of the [`Facts`], for saying which are missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fact {
    Reader,
    Organisation,
    Company,
    Centre,
    Person,
    By,
    Accepted,
    Reason,
    Note,
    Session,
    Talk,
    Was,
    Handover,
    FreeTimes,
    Talks,
    Changes,
    Deadline,
    Code,
    Minutes,
    Project,
    Planned,
    Horizon,
    Priority,
    Messages,
    Unread,
    Question,
    Answer,
    Calendar,
}

/// Why facts cannot become a letter of a kind: the act that queued it forgot something.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FactsProblem {
    #[error("a letter `{kind}` needs the fact {fact:?}")]
    Missing { kind: &'static str, fact: Fact },
    #[error("a letter `{kind}` cannot carry a calendar part with METHOD:{method}")]
    Method { kind: &'static str, method: &'static str },
    #[error("the link of a letter must be a path on this site, beginning with a single `/`")]
    Link,
}

impl Facts {
    /// Checks that everything the kind needs is there. Cheap; the act that queues a letter calls it too, so a
    /// forgotten fact fails in the act's test and not in the night.
    pub fn check(&self, kind: LetterKind) -> Result<(), FactsProblem> {
        let code = kind.code();
        if !self.link.starts_with('/') || self.link.starts_with("//") || self.link.contains(char::is_whitespace) {
            return Err(FactsProblem::Link);
        }
        if let Some(fact) = kind.facts().0.iter().find(|fact| !self.has(**fact)) {
            return Err(FactsProblem::Missing { kind: code, fact: *fact });
        }
        match &self.calendar {
            Some(invite) if !kind.calendar_methods().contains(&invite.method) => {
                Err(FactsProblem::Method { kind: code, method: invite.method.as_str() })
            }
            _ => Ok(()),
        }
    }

    /// Whether a fact is given. An empty text counts as missing.
    pub fn has(&self, fact: Fact) -> bool {
        let local = |text: &Option<LocalText>| text.as_ref().is_some_and(|text| !text.is_empty());
        let plain = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.trim().is_empty());
        match fact {
            Fact::Reader => matches!(self.reader, Some(Side::Company | Side::Centre)),
            Fact::Organisation => local(&self.organisation),
            Fact::Company => local(&self.company),
            Fact::Centre => local(&self.centre),
            Fact::Person => plain(&self.person),
            Fact::By => self.by.is_some(),
            Fact::Accepted => self.accepted.is_some(),
            Fact::Reason => plain(&self.reason),
            Fact::Note => plain(&self.note),
            Fact::Session => self.session.as_ref().is_some_and(|session| !session.title.is_empty()),
            Fact::Talk => self.talk.is_some(),
            Fact::Was => self.was.is_some(),
            Fact::Handover => self.handover.is_some(),
            Fact::FreeTimes => !self.free_times.is_empty(),
            Fact::Talks => !self.talks.is_empty(),
            Fact::Changes => !self.changes.is_empty(),
            Fact::Deadline => self.deadline.is_some(),
            Fact::Code => plain(&self.code),
            Fact::Minutes => self.minutes.is_some(),
            Fact::Project => local(&self.project),
            Fact::Planned => self.planned_wan.is_some(),
            Fact::Horizon => self.horizon.is_some(),
            Fact::Priority => self.priority.is_some(),
            Fact::Messages => !self.messages.is_empty(),
            Fact::Unread => self.unread.is_some(),
            Fact::Question => plain(&self.question),
            Fact::Answer => plain(&self.answer),
            Fact::Calendar => self.calendar.is_some(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forgotten_fact_is_named() {
        let facts = Facts { link: "/x".into(), code: Some("123456".into()), ..Facts::default() };
        let problem = FactsProblem::Missing { kind: "sign_in_code", fact: Fact::Minutes };
        assert_eq!(facts.check(LetterKind::SignInCode), Err(problem));
        assert_eq!(Facts { minutes: Some(10), ..facts }.check(LetterKind::SignInCode), Ok(()));
    }

    #[test]
    fn links_stay_on_this_site() {
        for link in ["", "https://evil.example", "//evil.example", "/a b", "a"] {
            let facts = Facts { link: link.into(), ..Facts::default() };
            assert_eq!(facts.check(LetterKind::MessageDigest), Err(FactsProblem::Link), "{link}");
        }
    }

    #[test]
    fn empty_facts_take_no_room_and_unknown_ones_are_refused() {
        let facts = Facts { link: "/x".into(), accepted: Some(false), ..Facts::default() };
        let json = serde_json::to_string(&facts).unwrap();
        assert_eq!(json, r#"{"link":"/x","accepted":false}"#);
        assert_eq!(serde_json::from_str::<Facts>(&json).unwrap(), facts);
        assert!(serde_json::from_str::<Facts>(r#"{"link":"/x","colour":1}"#).is_err());
    }
}
