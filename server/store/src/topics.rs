//! Topics: how far their events are numbered.

use crate::db::{Result, Tx, sql};

/// The number of a topic's newest event; 0 if it has none.
pub async fn head(tx: &mut Tx, topic: &str) -> Result<i64> {
    let head: Option<(i64,)> = sql("SELECT head FROM topics WHERE topic = $1").bind(topic).optional(tx).await?;
    Ok(head.map_or(0, |(head,)| head))
}

/// Forgets events older than `before`; says how many. Who was away longer takes a fresh snapshot.
pub async fn prune(tx: &mut Tx, before: yunqia_domain::Timestamp) -> Result<u64> {
    sql("DELETE FROM events WHERE at < $1").bind(before).execute(tx).await
}
