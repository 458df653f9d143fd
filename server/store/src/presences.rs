//! Who is on which topic on which node, by the word of each node, so that every node can show everybody.

use serde_json::value::RawValue;
use uuid::Uuid;
use yunqia_domain::{Timestamp, ids::PersonId};

use crate::{
    Json,
    db::{Result, Tx, sql},
};

/// What others are shown of somebody.
#[derive(Debug, sqlx::FromRow)]
pub struct Card {
    pub person_id: PersonId,
    pub card: Json<Box<RawValue>>,
}

/// A node says that it lives, and what its secret key looks like; false if it was not known (any more).
pub async fn confirm(tx: &mut Tx, node: Uuid, key: &str, now: Timestamp) -> Result<bool> {
    let known = sql("UPDATE nodes SET seen_at = $2 WHERE id = $1").bind(node).bind(now).execute(tx).await?;
    if known == 0 {
        sql("INSERT INTO nodes (id, key, seen_at) VALUES ($1, $2, $3)")
            .bind(node)
            .bind(key)
            .bind(now)
            .execute(tx)
            .await?;
    }
    Ok(known > 0)
}

/// Removes nodes that have said nothing since then, and whom they had.
pub async fn remove_silent(tx: &mut Tx, seen_before: Timestamp) -> Result<u64> {
    sql("DELETE FROM nodes WHERE seen_at < $1").bind(seen_before).execute(tx).await
}

/// What the secret keys of the nodes look like, with how many nodes have each.
pub async fn keys(tx: &mut Tx) -> Result<Vec<(String, i64)>> {
    sql("SELECT key, CAST(count(*) AS BIGINT) AS nodes FROM nodes GROUP BY key ORDER BY key").all(tx).await
}

pub async fn nodes(tx: &mut Tx) -> Result<Vec<(Uuid,)>> {
    sql("SELECT id FROM nodes ORDER BY id").all(tx).await
}

/// These people are on a topic on this node; `.1` is what others are shown of them.
pub async fn insert(tx: &mut Tx, node: Uuid, topic: &str, people: &[(Uuid, Box<RawValue>)]) -> Result<()> {
    for some in people.chunks(500) {
        sql("INSERT INTO presences (topic, node_id, person_id, card) VALUES (..)
             ON CONFLICT (topic, node_id, person_id) DO NOTHING")
        .rows(some, |query, (person, card)| query.bind(topic).bind(node).bind(*person).bind(Json(card.clone())))
        .execute(tx)
        .await?;
    }
    Ok(())
}

/// These people are not on it any more.
pub async fn remove(tx: &mut Tx, node: Uuid, topic: &str, people: &[Uuid]) -> Result<()> {
    for some in people.chunks(500) {
        sql("DELETE FROM presences WHERE topic = $1 AND node_id = $2 AND person_id IN (..)")
            .bind(topic)
            .bind(node)
            .list(some.iter().copied())
            .execute(tx)
            .await?;
    }
    Ok(())
}

/// Who is on a topic on other nodes than this.
pub async fn elsewhere(tx: &mut Tx, node: Uuid, topic: &str) -> Result<Vec<(PersonId,)>> {
    sql("SELECT DISTINCT person_id FROM presences WHERE topic = $1 AND node_id <> $2")
        .bind(topic)
        .bind(node)
        .all(tx)
        .await
}

pub async fn cards(tx: &mut Tx, topic: &str, people: &[PersonId]) -> Result<Vec<Card>> {
    sql("SELECT person_id, card FROM presences WHERE topic = $1 AND person_id IN (..)")
        .bind(topic)
        .list(people.iter().copied())
        .all(tx)
        .await
}

/// Whether somebody is on a topic on any node, by the nodes' own word.
pub async fn is_there(tx: &mut Tx, topic: &str, person: PersonId) -> Result<bool> {
    let found: Option<(PersonId,)> = sql("SELECT person_id FROM presences WHERE topic = $1 AND person_id = $2 LIMIT 1")
        .bind(topic)
        .bind(person)
        .optional(tx)
        .await?;
    Ok(found.is_some())
}
