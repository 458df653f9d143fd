//! The outbox: letters waiting to be sent, sent, or kept because they could not be.

use sqlx::types::Json;
use yunqia_domain::{
    Timestamp,
    ids::{BookingId, LetterId, PersonId, SessionId},
    locale::Locale,
};

use crate::db::{Result, Tx, sql};

/// A letter to be queued.
#[derive(Clone, Debug)]
pub struct NewLetter {
    pub id: LetterId,
    pub dedup_key: String,
    pub kind: String,
    pub person_id: Option<PersonId>,
    pub to_email: String,
    pub to_domain: String,
    pub locale: Locale,
    pub facts: serde_json::Value,
    pub session_id: Option<SessionId>,
    pub booking_id: Option<BookingId>,
    pub due_at: Timestamp,
    pub message_id: String,
    pub created_at: Timestamp,
}

/// Queues a letter unless one with its key exists; says whether it did.
pub async fn queue(tx: &mut Tx, letter: &NewLetter) -> Result<bool> {
    let queued =
        sql("INSERT INTO letters (id, dedup_key, kind, person_id, to_email, to_domain, locale, facts, session_id,
                                           booking_id, state, due_at, attempts, message_id, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'queued', $11, 0, $12, $13)
         ON CONFLICT (dedup_key) DO NOTHING")
        .bind(letter.id)
        .bind(&letter.dedup_key)
        .bind(&letter.kind)
        .bind(letter.person_id)
        .bind(&letter.to_email)
        .bind(&letter.to_domain)
        .bind(letter.locale)
        .bind(Json(&letter.facts))
        .bind(letter.session_id)
        .bind(letter.booking_id)
        .bind(letter.due_at)
        .bind(&letter.message_id)
        .bind(letter.created_at)
        .execute(tx)
        .await?;
    Ok(queued == 1)
}
