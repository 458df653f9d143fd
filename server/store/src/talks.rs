//! What is written down about a talk: both sides' word, minutes, outcome.

use yunqia_domain::{
    Timestamp,
    ids::{BookingId, PersonId, SessionId},
    states::{BookingState, Outcome, Word},
};

use crate::db::{Result, Tx, sql};

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Record {
    pub booking_id: BookingId,
    pub company_word: Option<Word>,
    pub company_word_note: Option<String>,
    pub company_word_at: Option<Timestamp>,
    pub centre_word: Option<Word>,
    pub centre_word_note: Option<String>,
    pub centre_word_at: Option<Timestamp>,
    pub minutes: String,
    pub next_step: String,
    pub next_step_owner_id: Option<PersonId>,
    /// A date, YYYY-MM-DD.
    pub next_step_due: Option<String>,
    pub minutes_by: Option<PersonId>,
    pub outcome: Option<Outcome>,
    pub outcome_sector: Option<String>,
    /// In 万元.
    pub outcome_wan: Option<i64>,
    /// A date, YYYY-MM-DD.
    pub follow_up_by: Option<String>,
    pub outcome_note: String,
    pub outcome_by: Option<PersonId>,
    pub outcome_at: Option<Timestamp>,
    pub version: i64,
}

impl Record {
    /// Nothing was written down yet.
    pub fn empty(booking_id: BookingId) -> Record {
        Record {
            booking_id,
            company_word: None,
            company_word_note: None,
            company_word_at: None,
            centre_word: None,
            centre_word_note: None,
            centre_word_at: None,
            minutes: String::new(),
            next_step: String::new(),
            next_step_owner_id: None,
            next_step_due: None,
            minutes_by: None,
            outcome: None,
            outcome_sector: None,
            outcome_wan: None,
            follow_up_by: None,
            outcome_note: String::new(),
            outcome_by: None,
            outcome_at: None,
            version: 1,
        }
    }
}

/// Makes the empty record of a talk unless it is there.
pub async fn ensure(tx: &mut Tx, booking: BookingId) -> Result<()> {
    sql("INSERT INTO talks (booking_id, minutes, next_step, outcome_note, version) VALUES ($1, '', '', '', 1)
         ON CONFLICT DO NOTHING")
    .bind(booking)
    .execute(tx)
    .await?;
    Ok(())
}

pub async fn find(tx: &mut Tx, booking: BookingId) -> Result<Option<Record>> {
    sql("SELECT booking_id, company_word, company_word_note, company_word_at, centre_word, centre_word_note,
                centre_word_at, minutes, next_step, next_step_owner_id, next_step_due, minutes_by, outcome,
                outcome_sector, outcome_wan, follow_up_by, outcome_note, outcome_by, outcome_at, version
         FROM talks WHERE booking_id = $1")
    .bind(booking)
    .optional(tx)
    .await
}

/// The records of all talks of a session.
pub async fn in_session(tx: &mut Tx, session: SessionId) -> Result<Vec<Record>> {
    sql("SELECT t.booking_id, t.company_word, t.company_word_note, t.company_word_at, t.centre_word, t.centre_word_note,
                t.centre_word_at, t.minutes, t.next_step, t.next_step_owner_id, t.next_step_due, t.minutes_by, t.outcome,
                t.outcome_sector, t.outcome_wan, t.follow_up_by, t.outcome_note, t.outcome_by, t.outcome_at, t.version
         FROM talks t JOIN bookings b ON b.id = t.booking_id WHERE b.session_id = $1")
    .bind(session)
    .all(tx)
    .await
}

/// Saves a record that was read at `record.version`; false if it has changed since.
pub async fn update(tx: &mut Tx, record: &Record) -> Result<bool> {
    let changed = sql("UPDATE talks SET company_word = $3, company_word_note = $4, company_word_at = $5,
                centre_word = $6, centre_word_note = $7, centre_word_at = $8, minutes = $9, next_step = $10,
                next_step_owner_id = $11, next_step_due = $12, minutes_by = $13, outcome = $14, outcome_sector = $15,
                outcome_wan = $16, follow_up_by = $17, outcome_note = $18, outcome_by = $19, outcome_at = $20,
                version = version + 1
         WHERE booking_id = $1 AND version = $2")
    .bind(record.booking_id)
    .bind(record.version)
    .bind(record.company_word)
    .bind(&record.company_word_note)
    .bind(record.company_word_at)
    .bind(record.centre_word)
    .bind(&record.centre_word_note)
    .bind(record.centre_word_at)
    .bind(&record.minutes)
    .bind(&record.next_step)
    .bind(record.next_step_owner_id)
    .bind(&record.next_step_due)
    .bind(record.minutes_by)
    .bind(record.outcome)
    .bind(&record.outcome_sector)
    .bind(record.outcome_wan)
    .bind(&record.follow_up_by)
    .bind(&record.outcome_note)
    .bind(record.outcome_by)
    .bind(record.outcome_at)
    .execute(tx)
    .await?;
    Ok(changed == 1)
}

/// Moves a booking along; false if it is no longer in `from`.
pub async fn move_booking(
    tx: &mut Tx,
    booking: BookingId,
    from: BookingState,
    to: BookingState,
    now: Timestamp,
) -> Result<bool> {
    let changed = sql("UPDATE bookings SET state = $3, decided_at = $4, version = version + 1
         WHERE id = $1 AND state = $2")
    .bind(booking)
    .bind(from)
    .bind(to)
    .bind(now)
    .execute(tx)
    .await?;
    Ok(changed == 1)
}
