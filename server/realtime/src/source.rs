//! Where events come from; implemented over the database by whoever runs a hub.

use std::{collections::HashMap, time::Duration};

use futures_util::future::BoxFuture;
use serde_json::value::RawValue;
use uuid::Uuid;

/// Why the source did not answer.
pub type Fault = Box<dyn std::error::Error + Send + Sync>;

/// One event of a topic. Numbers of a topic start at 1 and have no gaps.
#[derive(Clone, Debug)]
pub struct Event {
    pub seq: i64,
    pub kind: String,
    /// JSON, sent on as it is.
    pub body: Box<RawValue>,
}

/// The events of all topics, and what wants to know of their listeners.
pub trait Source: Send + Sync + 'static {
    /// Events of `topic` above `after`, ascending, at most `limit`.
    fn since(&self, topic: String, after: i64, limit: i64) -> BoxFuture<'_, Result<Vec<Event>, Fault>>;

    /// The newest number of each topic; a topic without events is missing.
    fn heads(&self, topics: Vec<String>) -> BoxFuture<'_, Result<HashMap<String, i64>, Fault>>;

    /// Events that are being handed to listeners. Must not block.
    fn passing(&self, _topic: &str, _events: &[Event]) {}

    /// A person's last listener of the topic has been gone for this long. Must not block.
    fn left(&self, _topic: &str, _who: Uuid, _ago: Duration) {}
}
