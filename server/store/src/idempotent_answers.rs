//! Answers to POSTs with an `Idempotency-Key`, kept so that a repeat gets the same answer.

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

/// An answer with whose it is.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct AnswerOf {
    pub person_id: PersonId,
    pub key: String,
    pub request_hash: String,
    pub status: i64,
    pub body: String,
}

/// Answers to these people under any of these keys.
pub async fn find_all(
    tx: &mut Tx,
    people: impl IntoIterator<Item = PersonId>,
    keys: impl IntoIterator<Item = &str>,
) -> Result<Vec<AnswerOf>> {
    sql("SELECT person_id, key, request_hash, status, body FROM idempotent_answers
         WHERE person_id IN (..) AND key IN (..)")
    .list(people)
    .list(keys.into_iter().map(str::to_owned))
    .all(tx)
    .await
}

/// Claims keys and keeps their answers with one statement; false if one was claimed before, or meanwhile.
pub async fn insert_all(tx: &mut Tx, answers: &[AnswerOf], now: Timestamp) -> Result<bool> {
    if answers.is_empty() {
        return Ok(true);
    }
    let kept =
        sql("INSERT INTO idempotent_answers (person_id, key, request_hash, status, body, created_at) VALUES (..)
         ON CONFLICT (person_id, key) DO NOTHING")
        .rows(answers, |query, answer| {
            query
                .bind(answer.person_id)
                .bind(&answer.key)
                .bind(&answer.request_hash)
                .bind(answer.status)
                .bind(&answer.body)
                .bind(now)
        })
        .execute(tx)
        .await?;
    Ok(kept == answers.len() as u64)
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
