//! Answers to POSTs that book or send, kept so that a repeat gets the same answer.

use yunqia_domain::{Timestamp, ids::PersonId};

use crate::db::{Result, Tx, sql};

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Answer {
    pub request_hash: String,
    pub status: i64,
    pub body: String,
}

/// Claims the key; false if it was claimed before. A rival that is still at work is waited for.
pub async fn claim(tx: &mut Tx, person: PersonId, key: &str, request_hash: &str, now: Timestamp) -> Result<bool> {
    let claimed = sql("INSERT INTO idempotent_answers (person_id, key, request_hash, status, body, created_at)
         VALUES ($1, $2, $3, 0, '', $4) ON CONFLICT (person_id, key) DO NOTHING")
    .bind(person)
    .bind(key)
    .bind(request_hash)
    .bind(now)
    .execute(tx)
    .await?;
    Ok(claimed == 1)
}

pub async fn keep(tx: &mut Tx, person: PersonId, key: &str, status: i64, body: &str) -> Result<()> {
    sql("UPDATE idempotent_answers SET status = $3, body = $4 WHERE person_id = $1 AND key = $2")
        .bind(person)
        .bind(key)
        .bind(status)
        .bind(body)
        .execute(tx)
        .await?;
    Ok(())
}

pub async fn find(tx: &mut Tx, person: PersonId, key: &str) -> Result<Option<Answer>> {
    sql("SELECT request_hash, status, body FROM idempotent_answers WHERE person_id = $1 AND key = $2")
        .bind(person)
        .bind(key)
        .optional(tx)
        .await
}

/// Forgets answers older than `before`; says how many.
pub async fn prune(tx: &mut Tx, before: Timestamp) -> Result<u64> {
    sql("DELETE FROM idempotent_answers WHERE created_at < $1").bind(before).execute(tx).await
}
