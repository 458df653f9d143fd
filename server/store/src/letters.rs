//! The outbox: letters waiting to be sent, sent, or kept because they could not be.

use serde_json::value::RawValue;
use sqlx::types::Json;
use yunqia_domain::{
    Timestamp,
    ids::{BookingId, LetterId, PersonId, SessionId},
    locale::Locale,
    states::LetterState,
};

use crate::{
    db::{Result, Tx, sql},
    like,
};

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
    /// Written once, whatever becomes of it.
    pub facts: Box<RawValue>,
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

/// Queues letters with one statement; those whose key exists already are left out. Says how many were queued.
pub async fn queue_all(tx: &mut Tx, letters: &[NewLetter]) -> Result<u64> {
    let mut queued = 0;
    for letters in letters.chunks(1_000) {
        queued +=
            sql("INSERT INTO letters (id, dedup_key, kind, person_id, to_email, to_domain, locale, facts, session_id,
                                           booking_id, state, due_at, attempts, message_id, created_at)
             VALUES (..) ON CONFLICT (dedup_key) DO NOTHING")
            .rows(letters, |query, letter| {
                query
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
                    .bind("queued")
                    .bind(letter.due_at)
                    .bind(0i64)
                    .bind(&letter.message_id)
                    .bind(letter.created_at)
            })
            .execute(tx)
            .await?;
    }
    Ok(queued)
}

/// Takes back reminders of bookings that were not sent; those of one person, or everybody's.
pub async fn drop_booking_reminders(
    tx: &mut Tx,
    bookings: impl IntoIterator<Item = BookingId>,
    person: Option<PersonId>,
) -> Result<()> {
    sql("UPDATE letters SET state = 'dropped'
         WHERE state IN ('queued', 'held')
           AND kind IN ('talk_reminder_1d', 'talk_reminder_1h', 'talk_reminder_10m', 'feedback_request')
           AND ($1 OR person_id = $2) AND booking_id IN (..)")
    .bind(person.is_none())
    .bind(person.unwrap_or(PersonId(uuid::Uuid::nil())))
    .list(bookings)
    .execute(tx)
    .await?;
    Ok(())
}

/// Takes back the reminders of a session that were not sent, everybody's or those of some people.
pub async fn drop_session_reminders(tx: &mut Tx, session: SessionId, people: Option<&[PersonId]>) -> Result<()> {
    sql("UPDATE letters SET state = 'dropped'
         WHERE session_id = $1 AND state IN ('queued', 'held')
           AND kind IN ('session_reminder_1d', 'session_reminder_30m') AND ($2 OR person_id IN (..))")
    .bind(session)
    .bind(people.is_none())
    .list(people.unwrap_or_default().iter().copied())
    .execute(tx)
    .await?;
    Ok(())
}

/// Gives a person's waiting letter of this kind new facts; false if none waits.
pub async fn rewrite_queued(tx: &mut Tx, person: PersonId, kind: &str, facts: &serde_json::Value) -> Result<bool> {
    let changed = sql("UPDATE letters SET facts = $3
         WHERE person_id = $1 AND kind = $2 AND state = 'queued' AND attempts = 0 AND leased_until IS NULL")
    .bind(person)
    .bind(kind)
    .bind(Json(facts))
    .execute(tx)
    .await?;
    Ok(changed > 0)
}

/// Takes back a person's waiting letters of this kind.
pub async fn drop_queued(tx: &mut Tx, person: PersonId, kind: &str) -> Result<()> {
    sql("UPDATE letters SET state = 'dropped' WHERE person_id = $1 AND kind = $2 AND state IN ('queued', 'held')")
        .bind(person)
        .bind(kind)
        .execute(tx)
        .await?;
    Ok(())
}

/// A letter as it lies in the outbox.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Letter {
    pub id: LetterId,
    pub kind: String,
    pub person_id: Option<PersonId>,
    pub to_email: String,
    pub locale: Locale,
    pub facts: Json<serde_json::Value>,
    pub session_id: Option<SessionId>,
    pub booking_id: Option<BookingId>,
    pub state: LetterState,
    pub due_at: Timestamp,
    pub attempts: i64,
    pub message_id: String,
    pub last_error: Option<String>,
    pub created_at: Timestamp,
    pub sent_at: Option<Timestamp>,
}

pub async fn find(tx: &mut Tx, id: LetterId) -> Result<Option<Letter>> {
    sql("SELECT id, kind, person_id, to_email, locale, facts, session_id, booking_id, state, due_at, attempts, message_id,
                last_error, created_at, sent_at
         FROM letters WHERE id = $1")
    .bind(id)
    .optional(tx)
    .await
}

/// Which letters a list shows; what is None or empty does not narrow it.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    pub state: Option<LetterState>,
    /// Part of the receiving address, in lower case.
    pub email: String,
    pub kind: Option<String>,
}

/// Letters from the newest to the oldest; `before` is the last one of the page before.
pub async fn newest(tx: &mut Tx, wanted: &Wanted, before: Option<LetterId>, limit: i64) -> Result<Vec<Letter>> {
    sql("SELECT id, kind, person_id, to_email, locale, facts, session_id, booking_id, state, due_at, attempts, message_id,
                last_error, created_at, sent_at
         FROM letters
         WHERE (CAST($1 AS TEXT) IS NULL OR state = $1)
           AND (CAST($2 AS TEXT) = '' OR lower(to_email) LIKE $3 ESCAPE '\\')
           AND (CAST($4 AS TEXT) IS NULL OR kind = $4)
           AND ((created_at, id) < (SELECT l.created_at, l.id FROM letters l WHERE l.id = $5) OR $5 IS NULL)
         ORDER BY created_at DESC, id DESC LIMIT $6")
    .bind(wanted.state)
    .bind(&wanted.email)
    .bind(like(&wanted.email))
    .bind(&wanted.kind)
    .bind(before)
    .bind(limit)
    .all(tx)
    .await
}

/// Moves a letter from one of `from` to `to`; what is queued again starts anew. False if it is in another state.
pub async fn set_state(
    tx: &mut Tx,
    id: LetterId,
    from: &[LetterState],
    to: LetterState,
    now: Timestamp,
) -> Result<bool> {
    let moved = sql("UPDATE letters
         SET state = $2, due_at = CASE WHEN $2 = 'queued' AND due_at < $3 THEN $3 ELSE due_at END,
             attempts = CASE WHEN $2 = 'queued' THEN 0 ELSE attempts END, leased_until = NULL
         WHERE id = $1 AND state IN (..)")
    .bind(id)
    .bind(to)
    .bind(now)
    .list(from.iter().copied())
    .execute(tx)
    .await?;
    Ok(moved == 1)
}
