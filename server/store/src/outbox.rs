//! The outbox as the post sees it: letters that are due are leased, sent outside any transaction, and marked.

use sqlx::types::Json;
use uuid::Uuid;
use yunqia_domain::{
    Timestamp,
    ids::{BookingId, LetterId, PersonId},
    locale::Locale,
    names::Honorific,
    states::{BookingState, PersonState},
    zones::Zone,
};

use crate::db::{Result, Tx, sql};

/// A letter that a worker has leased.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Due {
    pub id: LetterId,
    pub kind: String,
    pub person_id: Option<PersonId>,
    pub to_email: String,
    pub to_domain: String,
    pub locale: Locale,
    pub facts: Json<serde_json::Value>,
    pub booking_id: Option<BookingId>,
    pub attempts: i64,
    pub message_id: String,
    pub due_at: Timestamp,
    pub created_at: Timestamp,
}

/// Held while letters are leased. Workers that update overlapping sets of rows otherwise deadlock in PostgreSQL, or take
/// the same letter twice.
const LEASING: Uuid = Uuid::from_u128(0x6d61_696c_206f_7574_626f_7820_6c65_6173);

/// Leases up to `limit` letters that are due until `until`, leaving out those to `resting` domains. In no order.
///
/// A lease that runs out is a worker that died: the letter is due again and carries the same Message-ID.
pub async fn lease(tx: &mut Tx, now: Timestamp, until: Timestamp, resting: &[String], limit: i64) -> Result<Vec<Due>> {
    tx.lock(LEASING).await?;
    sql("UPDATE letters SET leased_until = $2
         WHERE id IN (
             SELECT id FROM letters
             WHERE state = 'queued' AND due_at <= $1 AND (leased_until IS NULL OR leased_until <= $1)
               AND ($3 OR to_domain NOT IN (..))
             ORDER BY due_at, id LIMIT $4
         )
         RETURNING id, kind, person_id, to_email, to_domain, locale, facts, booking_id, attempts, message_id, due_at, created_at")
    .bind(now)
    .bind(until)
    // NOT IN an empty list would be NOT IN (NULL), which is true of nothing.
    .bind(resting.is_empty())
    .bind(limit)
    .list(resting)
    .all(tx)
    .await
}

/// The reader of a letter as the post needs them.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Reader {
    pub id: PersonId,
    pub family_name: String,
    pub given_name: String,
    pub honorific: Option<Honorific>,
    pub zone: Zone,
    pub wants_digests: bool,
    pub feed_token: String,
    pub state: PersonState,
}

pub async fn readers(tx: &mut Tx, ids: Vec<PersonId>) -> Result<Vec<Reader>> {
    sql("SELECT id, family_name, given_name, honorific, zone, wants_digests, feed_token, state FROM people WHERE id IN (..)")
        .list(ids)
        .all(tx)
        .await
}

/// The states of the bookings that letters are about.
pub async fn booking_states(tx: &mut Tx, ids: Vec<BookingId>) -> Result<Vec<(BookingId, BookingState)>> {
    sql("SELECT id, state FROM bookings WHERE id IN (..)").list(ids).all(tx).await
}

/// The letter was handed over. A key to an account is erased with it.
pub async fn sent(tx: &mut Tx, id: LetterId, at: Timestamp, facts: Option<serde_json::Value>) -> Result<()> {
    sql("UPDATE letters SET state = 'sent', sent_at = $2, leased_until = NULL, last_error = NULL, attempts = attempts + 1,
                            facts = coalesce($3, facts)
         WHERE id = $1 AND state = 'queued'")
    .bind(id)
    .bind(at)
    .bind(facts.map(Json))
    .execute(tx)
    .await?;
    Ok(())
}

/// The letter was put off until `due_at`; `counts` says whether it was the letter's own attempt.
pub async fn put_off(tx: &mut Tx, id: LetterId, due_at: Timestamp, counts: bool, why: &str) -> Result<()> {
    sql("UPDATE letters SET due_at = $2, leased_until = NULL, last_error = $4,
                            attempts = attempts + CASE WHEN $3 THEN 1 ELSE 0 END
         WHERE id = $1 AND state = 'queued'")
    .bind(id)
    .bind(due_at)
    .bind(counts)
    .bind(why)
    .execute(tx)
    .await?;
    Ok(())
}

/// Gives leased letters back unsent, for instance because their domain has had enough for the moment.
pub async fn give_back(tx: &mut Tx, ids: Vec<LetterId>) -> Result<()> {
    sql("UPDATE letters SET leased_until = NULL WHERE state = 'queued' AND id IN (..)").list(ids).execute(tx).await?;
    Ok(())
}

/// The letter will never be taken; it is kept and shown.
pub async fn undeliverable(tx: &mut Tx, id: LetterId, why: &str) -> Result<()> {
    sql("UPDATE letters SET state = 'undeliverable', leased_until = NULL, last_error = $2, attempts = attempts + 1
         WHERE id = $1 AND state = 'queued'")
    .bind(id)
    .bind(why)
    .execute(tx)
    .await?;
    Ok(())
}

/// The letter has nothing true to say any more: the talk it reminds of was cancelled, the code in it has run out.
pub async fn drop_letter(tx: &mut Tx, id: LetterId, why: &str) -> Result<()> {
    sql(
        "UPDATE letters SET state = 'dropped', leased_until = NULL, last_error = $2 WHERE id = $1 AND state = 'queued'",
    )
    .bind(id)
    .bind(why)
    .execute(tx)
    .await?;
    Ok(())
}

/// How many letters wait, and how many of them are due.
pub async fn waiting(tx: &mut Tx, now: Timestamp) -> Result<(i64, i64)> {
    sql("SELECT CAST(count(*) AS BIGINT) AS waiting,
                CAST(coalesce(sum(CASE WHEN due_at <= $1 THEN 1 ELSE 0 END), 0) AS BIGINT) AS due
         FROM letters WHERE state = 'queued'")
    .bind(now)
    .one(tx)
    .await
}
