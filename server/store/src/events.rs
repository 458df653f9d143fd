//! Events of topics, as those who listen read them.

use serde_json::value::RawValue;
use sqlx::types::Json;
use yunqia_domain::Timestamp;

use crate::db::{Result, Tx, sql};

/// One event; its body goes on to listeners as it is.
#[derive(Debug, sqlx::FromRow)]
pub struct Event {
    pub seq: i64,
    pub kind: String,
    pub body: Json<Box<RawValue>>,
}

/// Events of a topic above `after`, ascending.
pub async fn since(tx: &mut Tx, topic: &str, after: i64, limit: i64) -> Result<Vec<Event>> {
    sql("SELECT seq, kind, body FROM events WHERE topic = $1 AND seq > $2 ORDER BY seq LIMIT $3")
        .bind(topic)
        .bind(after)
        .bind(limit)
        .all(tx)
        .await
}

/// The newest numbers of these topics; one without events is missing.
pub async fn heads(tx: &mut Tx, topics: &[String]) -> Result<Vec<(String, i64)>> {
    sql("SELECT topic, head FROM topics WHERE topic IN (..)").list(topics.iter()).all(tx).await
}

/// The newest number of one topic; 0 if nothing ever happened on it.
pub async fn head(tx: &mut Tx, topic: &str) -> Result<i64> {
    let head: Option<(i64,)> = sql("SELECT head FROM topics WHERE topic = $1").bind(topic).optional(tx).await?;
    Ok(head.map_or(0, |(head,)| head))
}

/// When something of this kind last happened on a topic.
pub async fn last_at(tx: &mut Tx, topic: &str, kind: &str) -> Result<Option<Timestamp>> {
    let last: Option<(Timestamp,)> =
        sql("SELECT at FROM events WHERE topic = $1 AND kind = $2 ORDER BY seq DESC LIMIT 1")
            .bind(topic)
            .bind(kind)
            .optional(tx)
            .await?;
    Ok(last.map(|(at,)| at))
}
