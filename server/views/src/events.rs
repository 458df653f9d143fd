//! What is told on the topics of the socket. An act makes an [`Event`]; the front end's types and the tables of
//! `docs/socket.md` come from the same definitions.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use yunqia_domain::{
    Timestamp,
    ids::{AgendaItemId, BookingId, PersonId, SignInId},
    states::SanctionKind,
    topics::Topic,
};

use crate::{
    bookings::{Booking, WaitingPlace},
    cards::PersonCard,
    hall::{HallQuestion, Notice},
    messages::{Message, Unread},
    registrations::Registration,
    sessions::SessionPage,
    timetable::Cell,
};

/// Something that happened, as those who listen are told. Made for nobody in particular: see [`crate::Reader::nobody`].
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(tag = "kind", content = "body")]
pub enum Event {
    #[serde(rename = "session.changed")]
    SessionChanged(SessionPage),
    #[serde(rename = "agenda.current")]
    AgendaCurrent(AgendaCurrent),
    /// Desks or slots came or went: read the timetable again.
    #[serde(rename = "grid.changed")]
    GridChanged {},
    #[serde(rename = "cell.changed")]
    CellChanged(Cell),
    /// Numbers on the hosts' page changed: read them again.
    #[serde(rename = "counts.changed")]
    CountsChanged {},
    #[serde(rename = "registration.changed")]
    RegistrationChanged(Registration),
    #[serde(rename = "booking.changed")]
    BookingChanged(Booking),
    #[serde(rename = "waiting.changed")]
    WaitingChanged(WaitingPlace),
    #[serde(rename = "message.published")]
    MessagePublished(Message),
    #[serde(rename = "message.changed")]
    MessageChanged(Message),
    /// A message waits for a moderator, or was decided: its state says which.
    #[serde(rename = "message.held")]
    MessageHeld(Message),
    #[serde(rename = "question.changed")]
    QuestionChanged(HallQuestion),
    #[serde(rename = "question.held")]
    QuestionHeld(HallQuestion),
    #[serde(rename = "notice.changed")]
    NoticeChanged(Notice),
    #[serde(rename = "sanction.changed")]
    SanctionChanged(SanctionChange),
    /// Read the talk again.
    #[serde(rename = "talk.changed")]
    TalkChanged {},
    #[serde(rename = "talk.called")]
    TalkCalled(TalkCall),
    #[serde(rename = "unread")]
    Unread(Unread),
    /// The person left an organisation, was taken out, removed from a hall or let back in: what they may read and listen to
    /// has changed.
    #[serde(rename = "access.changed")]
    AccessChanged {},
    #[serde(rename = "sign_in.ended")]
    SignInEnded(SignInsEnded),
}

/// The agenda moved on to this item, or off it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AgendaCurrent {
    pub item_id: Option<AgendaItemId>,
    pub begun_at: Timestamp,
}

/// Somebody was muted in a hall or shown out of it, or may speak or come again. Why is not told to everybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SanctionChange {
    pub person_id: PersonId,
    pub kind: SanctionKind,
    pub active: bool,
    /// Null: until it is lifted.
    pub until: Option<Timestamp>,
}

/// One side of a talk waits in its room for the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TalkCall {
    pub booking_id: BookingId,
    pub by: PersonCard,
    pub at: Timestamp,
}

/// These sign-ins of the person ended; sockets opened with them are closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SignInsEnded {
    pub sign_ins: Vec<SignInId>,
}

/// What there is to hear on a kind of topic.
pub struct Told {
    /// The part of the topic's name before the colon.
    pub topic: &'static str,
    /// The view that is the topic's state.
    pub snapshot: &'static str,
    pub kinds: &'static [&'static str],
}

/// All kinds of topics.
pub const TOLD: &[Told] = &[
    Told { topic: "session", snapshot: "SessionPage", kinds: &["session.changed", "agenda.current"] },
    Told {
        topic: "hall",
        snapshot: "HallSnapshot",
        kinds: &[
            "message.published",
            "message.changed",
            "question.changed",
            "notice.changed",
            "agenda.current",
            "session.changed",
            "sanction.changed",
        ],
    },
    Told { topic: "timetable", snapshot: "Timetable", kinds: &["cell.changed", "grid.changed"] },
    Told {
        topic: "host",
        snapshot: "SessionDesk",
        kinds: &["registration.changed", "booking.changed", "message.held", "question.held", "counts.changed"],
    },
    Told {
        topic: "talk",
        snapshot: "TalkRoom",
        kinds: &["message.published", "message.changed", "talk.changed", "talk.called"],
    },
    Told { topic: "direct", snapshot: "MessagePage", kinds: &["message.published", "message.changed"] },
    Told {
        topic: "person",
        snapshot: "Me",
        kinds: &[
            "booking.changed",
            "registration.changed",
            "waiting.changed",
            "unread",
            "talk.called",
            "access.changed",
            "sign_in.ended",
        ],
    },
];

impl Event {
    /// Kind and body as they are kept and sent.
    ///
    /// # Panics
    /// In builds for development, when [`TOLD`] does not know such an event on the topic.
    pub fn on(&self, topic: Topic) -> (String, Value) {
        let told = serde_json::to_value(self).expect("views have string keys and no failing parts");
        let Value::Object(mut told) = told else { unreachable!("an event is an object with a kind") };
        let Some(Value::String(kind)) = told.remove("kind") else { unreachable!("the tag is a text") };
        debug_assert!(is_told(&topic.to_string(), &kind), "{kind} on {topic} is not in the list of what is told");
        (kind, told.remove("body").unwrap_or_default())
    }
}

fn is_told(topic: &str, kind: &str) -> bool {
    let prefix = topic.split(':').next().unwrap_or_default();
    TOLD.iter().any(|told| told.topic == prefix && told.kinds.contains(&kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_has_a_kind_and_a_body() {
        let topic = Topic::Timetable(uuid::Uuid::nil().into());
        assert_eq!(Event::GridChanged {}.on(topic), ("grid.changed".into(), serde_json::json!({})));
    }

    #[test]
    #[should_panic(expected = "not in the list")]
    fn an_event_that_nobody_expects_on_a_topic_is_a_mistake() {
        Event::GridChanged {}.on(Topic::Person(uuid::Uuid::nil().into()));
    }
}
