//! Topics: how far their events are numbered.

use crate::db::{Result, Tx, sql};

/// The number of a topic's newest event; 0 if it has none.
pub async fn head(tx: &mut Tx, topic: &str) -> Result<i64> {
    let head: Option<(i64,)> = sql("SELECT head FROM topics WHERE topic = $1").bind(topic).optional(tx).await?;
    Ok(head.map_or(0, |(head,)| head))
}

/// Forgets events older than `before`; says how many. Who was away longer takes a fresh snapshot.
///
/// Moments need not follow the numbers of a topic (somebody's leaving is written with the moment at which they were last seen),
/// so everything up to the newest of them goes: what is kept of a topic has no gaps.
pub async fn prune(tx: &mut Tx, before: yunqia_domain::Timestamp) -> Result<u64> {
    let topics: Vec<(String, i64)> =
        sql("SELECT topic, max(seq) AS newest FROM events WHERE at < $1 GROUP BY topic ORDER BY topic")
            .bind(before)
            .all(tx)
            .await?;
    let mut gone = 0;
    for (topic, newest) in topics {
        gone += sql("DELETE FROM events WHERE topic = $1 AND seq <= $2").bind(topic).bind(newest).execute(tx).await?;
    }
    Ok(gone)
}
