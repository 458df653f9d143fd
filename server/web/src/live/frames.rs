//! The frames of the socket: one JSON object per text message, told apart by `t`. Documented in `docs/socket.md`.

use std::sync::Arc;

use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, value::RawValue};
use utoipa::ToSchema;
use uuid::Uuid;
use yunqia_domain::{
    Timestamp,
    ids::{ChannelId, FileId, HallQuestionId, PersonId, SessionId},
};
use yunqia_views::{
    cards::PersonCard,
    events::Event,
    hall::HallQuestion,
    messages::{Message, Unread},
};

use crate::problem::Problem;

/// What a client says. `id` is the client's own and comes back with the answer.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(tag = "t")]
pub enum ClientFrame {
    /// Listen to a topic. `after`: the last number seen, to go on from there; null: from a snapshot.
    #[serde(rename = "subscribe")]
    Subscribe { id: String, topic: String, after: Option<i64> },
    #[serde(rename = "unsubscribe")]
    Unsubscribe { id: String, topic: String },
    /// Say something in a channel. A repeat with the same `client_id` is the same message. Answer: Message.
    #[serde(rename = "message.send")]
    MessageSend { id: String, channel: ChannelId, client_id: Uuid, text: String, file_id: Option<FileId> },
    /// Ask the hosts in the hall. Answer: HallQuestion.
    #[serde(rename = "question.ask")]
    QuestionAsk { id: String, session: SessionId, client_id: Uuid, text: String },
    /// Vote for a question, or take the vote back. Answer: HallQuestion.
    #[serde(rename = "question.vote")]
    QuestionVote { id: String, question: HallQuestionId, on: bool },
    /// A channel was read up to this number. Answer: Unread.
    #[serde(rename = "read")]
    Read { id: String, channel: ChannelId, seq: i64 },
    #[serde(rename = "ping")]
    Ping { id: String },
}

impl ClientFrame {
    pub fn id(&self) -> &str {
        match self {
            ClientFrame::Subscribe { id, .. }
            | ClientFrame::Unsubscribe { id, .. }
            | ClientFrame::MessageSend { id, .. }
            | ClientFrame::QuestionAsk { id, .. }
            | ClientFrame::QuestionVote { id, .. }
            | ClientFrame::Read { id, .. }
            | ClientFrame::Ping { id } => id,
        }
    }
}

/// What the server says.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "t")]
pub enum ServerFrame {
    /// First of all. `retry_ms`: over what time to spread a reconnect after close code 1012.
    #[serde(rename = "hello")]
    Hello { person_id: Option<PersonId>, now: Timestamp, retry_ms: u64 },
    /// Answer to `subscribe`. `recovered`: the events after the client's number follow, and there is no snapshot.
    /// Otherwise `snapshot` is the topic's state as of `seq`.
    #[serde(rename = "subscribed")]
    Subscribed {
        id: String,
        topic: String,
        seq: i64,
        recovered: bool,
        #[schema(value_type = Value)]
        snapshot: Option<Snapshot>,
    },
    /// What happened on a topic, numbered without gaps. Numbers the client knows are to be dropped.
    #[serde(rename = "events")]
    Events { topic: String, events: Vec<TopicEvent> },
    /// Who came and went since the last such frame; not numbered. In a rush `joined` names some of them only.
    #[serde(rename = "presence")]
    Presence { topic: String, count: i64, joined: Vec<PersonCard>, left: Vec<PersonId> },
    /// The command was done, durably.
    #[serde(rename = "ack")]
    Ack { id: String, body: Value },
    /// The command was not done. Without an id: something that was not asked for, such as being removed from a hall.
    #[serde(rename = "problem")]
    Problem { id: Option<String>, problem: Box<Problem> },
    #[serde(rename = "pong")]
    Pong { id: String, now: Timestamp },
}

/// A topic's state as JSON, which many may be sent.
#[derive(Clone, Debug)]
pub struct Snapshot(Arc<RawValue>);

impl From<Box<RawValue>> for Snapshot {
    fn from(json: Box<RawValue>) -> Snapshot {
        Snapshot(json.into())
    }
}

impl Serialize for Snapshot {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// One event of a topic.
#[derive(Debug, Serialize, ToSchema)]
pub struct TopicEvent {
    pub seq: i64,
    #[serde(flatten)]
    pub event: Event,
}

/// With what a command is acknowledged, by its `t`.
#[derive(Debug, Serialize, ToSchema)]
pub struct Acks {
    pub unsubscribe: Nothing,
    #[serde(rename = "message.send")]
    pub message_send: Message,
    #[serde(rename = "question.ask")]
    pub question_ask: HallQuestion,
    #[serde(rename = "question.vote")]
    pub question_vote: HallQuestion,
    pub read: Unread,
}

/// An object without fields.
#[derive(Debug, Serialize, ToSchema)]
pub struct Nothing {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_told_apart_by_t() {
        let frame: ClientFrame =
            serde_json::from_str(r#"{"t":"subscribe","id":"1","topic":"hall:x","after":null}"#).unwrap();
        assert!(matches!(frame, ClientFrame::Subscribe { after: None, .. }));
        let frame: ClientFrame =
            serde_json::from_str(r#"{"t":"read","id":"7","channel":"01890a5d-ac96-774b-bcce-b302099a8057","seq":3}"#)
                .unwrap();
        assert_eq!(frame.id(), "7");
        assert!(serde_json::from_str::<ClientFrame>(r#"{"t":"shout","id":"1"}"#).is_err());
    }

    #[test]
    fn a_snapshot_is_sent_as_it_was_written() {
        let snapshot = RawValue::from_string(r#"{"b":1,"a":[ 2 ]}"#.into()).unwrap();
        let frame = ServerFrame::Subscribed {
            id: "1".into(),
            topic: "hall:x".into(),
            seq: 4,
            recovered: false,
            snapshot: Some(snapshot.into()),
        };
        let text = serde_json::to_string(&frame).unwrap();
        assert_eq!(
            text,
            r#"{"t":"subscribed","id":"1","topic":"hall:x","seq":4,"recovered":false,"snapshot":{"b":1,"a":[ 2 ]}}"#
        );
    }
}
