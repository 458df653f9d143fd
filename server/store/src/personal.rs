//! What is kept about one person, for them to read, and how it is erased when they close their account.

use sqlx::types::Json;
use yunqia_domain::{
    Timestamp,
    ids::{BookingId, OrganisationId, PersonId, SessionId},
    states::{
        BookingState, ChannelKind, InterestState, LetterState, MessageState, Priority, QuestionState,
        RegistrationState, SanctionKind,
    },
};

use crate::db::{Result, Tx, sql};

/// Lines of each kind that are given out; nobody reaches it.
const LINES_MAX: i64 = 100_000;

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct SignIn {
    pub device: String,
    pub created_at: Timestamp,
    pub last_seen_at: Timestamp,
    pub ended_at: Option<Timestamp>,
}

pub async fn sign_ins(tx: &mut Tx, person: PersonId) -> Result<Vec<SignIn>> {
    sql("SELECT device, created_at, last_seen_at, ended_at FROM sign_ins WHERE person_id = $1 ORDER BY created_at, id
         LIMIT $2")
    .bind(person)
    .bind(LINES_MAX)
    .all(tx)
    .await
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Registration {
    pub session_id: SessionId,
    pub company_id: OrganisationId,
    pub state: RegistrationState,
    pub created_at: Timestamp,
}

/// Registrations that name the person or were made by them.
pub async fn registrations(tx: &mut Tx, person: PersonId) -> Result<Vec<Registration>> {
    sql("SELECT r.session_id, r.company_id, r.state, r.created_at FROM registrations r
         WHERE r.registered_by = $1
            OR EXISTS (SELECT 1 FROM attendees a WHERE a.registration_id = r.id AND a.person_id = $1)
         ORDER BY r.created_at, r.id LIMIT $2")
    .bind(person)
    .bind(LINES_MAX)
    .all(tx)
    .await
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Consent {
    pub session_id: SessionId,
    pub company_id: OrganisationId,
    pub centre_id: OrganisationId,
    pub wording: String,
    pub given_at: Timestamp,
    pub withdrawn_at: Option<Timestamp>,
}

/// Consents the person gave for a company.
pub async fn consents(tx: &mut Tx, person: PersonId) -> Result<Vec<Consent>> {
    sql("SELECT session_id, company_id, centre_id, wording, given_at, withdrawn_at FROM consents
         WHERE given_by = $1 ORDER BY given_at, id LIMIT $2")
    .bind(person)
    .bind(LINES_MAX)
    .all(tx)
    .await
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Booking {
    pub id: BookingId,
    pub session_id: SessionId,
    pub company_id: OrganisationId,
    pub centre_id: OrganisationId,
    pub state: BookingState,
    pub subject: String,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    /// Minutes, only where the person wrote them.
    pub minutes: Option<String>,
    pub next_step: Option<String>,
}

/// Talks and requests in which the person speaks for either side, or that they made.
pub async fn bookings(tx: &mut Tx, person: PersonId) -> Result<Vec<Booking>> {
    sql("SELECT b.id, b.session_id, b.company_id, b.centre_id, b.state, b.subject, s.starts_at, s.ends_at,
                t.minutes, t.next_step
         FROM bookings b JOIN slots s ON s.id = b.slot_id
         LEFT JOIN talks t ON t.booking_id = b.id AND t.minutes_by = $1
         WHERE b.contact_id = $1 OR b.staff_id = $1 OR b.created_by = $1 ORDER BY s.starts_at, b.id LIMIT $2")
    .bind(person)
    .bind(LINES_MAX)
    .all(tx)
    .await
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Interest {
    pub company_id: OrganisationId,
    pub centre_id: Option<OrganisationId>,
    pub opportunity: Option<String>,
    pub priority: Priority,
    pub planned_wan: Option<i64>,
    pub note: String,
    pub state: InterestState,
    pub created_at: Timestamp,
}

pub async fn interests(tx: &mut Tx, person: PersonId) -> Result<Vec<Interest>> {
    sql("SELECT i.company_id, i.centre_id, o.code AS opportunity, i.priority, i.planned_wan, i.note, i.state, i.created_at
         FROM interests i LEFT JOIN opportunities o ON o.id = i.opportunity_id
         WHERE i.created_by = $1 ORDER BY i.created_at, i.id LIMIT $2")
    .bind(person)
    .bind(LINES_MAX)
    .all(tx)
    .await
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Message {
    pub kind: ChannelKind,
    pub session_id: Option<SessionId>,
    pub company_id: Option<OrganisationId>,
    pub centre_id: Option<OrganisationId>,
    pub text: String,
    pub file: Option<String>,
    pub state: MessageState,
    pub created_at: Timestamp,
}

/// What the person wrote, wherever, also what was withdrawn or removed.
pub async fn messages(tx: &mut Tx, person: PersonId) -> Result<Vec<Message>> {
    sql("SELECT c.kind, c.session_id, c.company_id, c.centre_id, m.text, f.name AS file, m.state, m.created_at
         FROM messages m JOIN channels c ON c.id = m.channel_id LEFT JOIN files f ON f.id = m.file_id
         WHERE m.author_id = $1 ORDER BY m.created_at, m.id LIMIT $2")
    .bind(person)
    .bind(LINES_MAX)
    .all(tx)
    .await
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Question {
    pub session_id: SessionId,
    pub text: String,
    pub answer: Option<String>,
    pub state: QuestionState,
    pub created_at: Timestamp,
}

pub async fn questions(tx: &mut Tx, person: PersonId) -> Result<Vec<Question>> {
    sql("SELECT session_id, text, answer, state, created_at FROM hall_questions
         WHERE author_id = $1 ORDER BY created_at, id LIMIT $2")
    .bind(person)
    .bind(LINES_MAX)
    .all(tx)
    .await
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Stay {
    pub session_id: SessionId,
    pub booking_id: Option<BookingId>,
    pub joined_at: Timestamp,
    pub left_at: Option<Timestamp>,
}

/// When the person was in halls and talk rooms.
pub async fn stays(tx: &mut Tx, person: PersonId) -> Result<Vec<Stay>> {
    sql("SELECT session_id, booking_id, joined_at, left_at FROM stays
         WHERE person_id = $1 ORDER BY joined_at, id LIMIT $2")
    .bind(person)
    .bind(LINES_MAX)
    .all(tx)
    .await
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Sanction {
    pub session_id: SessionId,
    pub kind: SanctionKind,
    pub reason: String,
    pub until: Option<Timestamp>,
    pub created_at: Timestamp,
    pub lifted_at: Option<Timestamp>,
}

pub async fn sanctions(tx: &mut Tx, person: PersonId) -> Result<Vec<Sanction>> {
    sql("SELECT session_id, kind, reason, until, created_at, lifted_at FROM sanctions
         WHERE person_id = $1 ORDER BY created_at, id LIMIT $2")
    .bind(person)
    .bind(LINES_MAX)
    .all(tx)
    .await
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Letter {
    pub kind: String,
    pub to_email: String,
    pub state: LetterState,
    pub created_at: Timestamp,
    pub sent_at: Option<Timestamp>,
}

pub async fn letters(tx: &mut Tx, person: PersonId) -> Result<Vec<Letter>> {
    sql("SELECT kind, to_email, state, created_at, sent_at FROM letters
         WHERE person_id = $1 ORDER BY created_at, id LIMIT $2")
    .bind(person)
    .bind(LINES_MAX)
    .all(tx)
    .await
}

/// What the audit log says the person did.
pub async fn acts(tx: &mut Tx, person: PersonId) -> Result<Vec<(Timestamp, String, String)>> {
    sql("SELECT at, act, subject_kind FROM audit WHERE actor_id = $1 ORDER BY at, id LIMIT $2")
        .bind(person)
        .bind(LINES_MAX)
        .all(tx)
        .await
}

/// Takes name, address and telephone out of everything. What others need as their record (messages, talks, attendance)
/// stays, by somebody who has no name any more. The person has left their organisations and is signed out already.
pub async fn erase(tx: &mut Tx, person: PersonId, email_key: &str, feed_token: &str, now: Timestamp) -> Result<()> {
    let nobody = format!("closed-{}@deleted.invalid", person.0.simple());
    sql("UPDATE people SET email = $2, email_key = $2, family_name = '', given_name = '', honorific = NULL, phone = NULL,
                           operator = FALSE, wants_digests = FALSE, feed_token = $3, state = 'closed', version = version + 1
         WHERE id = $1")
    .bind(person)
    .bind(&nobody)
    .bind(feed_token.to_owned())
    .execute(tx)
    .await?;
    sql("DELETE FROM sign_in_letters WHERE email_key = $1").bind(email_key.to_owned()).execute(tx).await?;
    sql("UPDATE sign_ins SET device = '' WHERE person_id = $1").bind(person).execute(tx).await?;
    sql("UPDATE member_invitations SET email = $2, email_key = $2, revoked_at = COALESCE(revoked_at, $3)
         WHERE email_key = $1")
    .bind(email_key.to_owned())
    .bind(&nobody)
    .bind(now)
    .execute(tx)
    .await?;
    sql("UPDATE join_requests SET note = NULL, state = CASE WHEN state = 'open' THEN 'declined' ELSE state END
         WHERE person_id = $1")
    .bind(person)
    .execute(tx)
    .await?;
    sql("UPDATE letters SET to_email = $3, facts = $4,
                            state = CASE WHEN state IN ('queued', 'held') THEN 'dropped' ELSE state END
         WHERE person_id = $1 OR lower(to_email) = $2")
    .bind(person)
    .bind(email_key.to_owned())
    .bind(&nobody)
    .bind(Json(serde_json::json!({})))
    .execute(tx)
    .await?;
    sql("UPDATE companies SET contact_name = NULL, contact_phone = NULL, contact_email = NULL
         WHERE lower(contact_email) = $1")
    .bind(email_key.to_owned())
    .execute(tx)
    .await?;
    // Whoever else comes for the company hears of its waiting places.
    sql("UPDATE waiting_places SET person_id = COALESCE(
             (SELECT a.person_id FROM attendees a JOIN registrations r ON r.id = a.registration_id
              WHERE r.session_id = waiting_places.session_id AND r.company_id = waiting_places.company_id
              ORDER BY a.position LIMIT 1), person_id)
         WHERE person_id = $1 AND state IN ('waiting', 'offered')")
    .bind(person)
    .execute(tx)
    .await?;
    // Others were answered with their name, too; a repeat of theirs is judged anew.
    sql("DELETE FROM idempotent_answers WHERE person_id = $1 OR body LIKE $2 ESCAPE '\\'")
        .bind(person)
        .bind(crate::like(&person.to_string()))
        .execute(tx)
        .await?;
    sql("DELETE FROM read_marks WHERE person_id = $1").bind(person).execute(tx).await?;
    Ok(())
}
