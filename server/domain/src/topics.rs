//! The names under which changes are told: one topic per thing that people watch.

use std::{fmt, str::FromStr};

use uuid::Uuid;

use crate::ids::{BookingId, ChannelId, PersonId, SessionId};

/// What a socket can listen to. Acts write to several topics in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// The public page of a session.
    Session(SessionId),
    Hall(SessionId),
    /// Desks × slots of a session.
    Timetable(SessionId),
    /// What the hosts of a session see.
    Host(SessionId),
    Talk(BookingId),
    /// Messages between a company and a centre.
    Direct(ChannelId),
    /// What concerns one person, on all their devices.
    Person(PersonId),
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Topic::Session(id) => write!(f, "session:{id}"),
            Topic::Hall(id) => write!(f, "hall:{id}"),
            Topic::Timetable(id) => write!(f, "timetable:{id}"),
            Topic::Host(id) => write!(f, "host:{id}"),
            Topic::Talk(id) => write!(f, "talk:{id}"),
            Topic::Direct(id) => write!(f, "direct:{id}"),
            Topic::Person(id) => write!(f, "person:{id}"),
        }
    }
}

/// The text names no topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a topic")]
pub struct NotATopic;

impl FromStr for Topic {
    type Err = NotATopic;

    fn from_str(text: &str) -> Result<Topic, NotATopic> {
        let (kind, id) = text.split_once(':').ok_or(NotATopic)?;
        let id: Uuid = id.parse().map_err(|_| NotATopic)?;
        let topic = match kind {
            "session" => Topic::Session(id.into()),
            "hall" => Topic::Hall(id.into()),
            "timetable" => Topic::Timetable(id.into()),
            "host" => Topic::Host(id.into()),
            "talk" => Topic::Talk(id.into()),
            "direct" => Topic::Direct(id.into()),
            "person" => Topic::Person(id.into()),
            _ => return Err(NotATopic),
        };
        // One name per topic: ids have other spellings too (upper case, without hyphens).
        if topic.to_string() == text { Ok(topic) } else { Err(NotATopic) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

    #[test]
    fn names_lead_back_to_topics() {
        for kind in ["session", "hall", "timetable", "host", "talk", "direct", "person"] {
            let name = format!("{kind}:{ID}");
            assert_eq!(name.parse::<Topic>().unwrap().to_string(), name);
        }
    }

    #[test]
    fn other_spellings_are_no_topics() {
        let upper = format!("hall:{}", ID.to_uppercase());
        let bare = format!("hall:{}", ID.replace('-', ""));
        for name in ["", "hall", "hall:", "room:x", &upper, &bare, &format!("room:{ID}")] {
            assert_eq!(name.parse::<Topic>(), Err(NotATopic), "{name}");
        }
    }
}
