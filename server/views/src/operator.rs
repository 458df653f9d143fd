//! What the operator sees: letters and the audit log.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;
use yunqia_domain::{
    Timestamp,
    ids::{AuditId, LetterId, SessionId},
    locale::Locale,
    states::LetterState,
};
use yunqia_store::{Result, Tx, audit, letters::Letter};

use crate::cards::{Cards, PersonCard};

/// A letter in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LetterRow {
    pub id: LetterId,
    /// Stable name of the kind, e.g. `slot_confirmed`.
    pub kind: String,
    pub to_email: String,
    pub person: Option<PersonCard>,
    pub locale: Locale,
    pub subject: String,
    pub state: LetterState,
    /// Not sent before.
    pub due_at: Timestamp,
    pub attempts: i64,
    pub last_error: Option<String>,
    pub message_id: String,
    pub created_at: Timestamp,
    pub sent_at: Option<Timestamp>,
}

/// A letter as its reader gets it. The HTML is a whole page; show it in a frame without scripts.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LetterPage {
    pub letter: LetterRow,
    pub subject: String,
    pub text: String,
    pub html: String,
    pub calendar: Option<String>,
}

/// Rows of a list; `subject` writes the subject of each.
pub async fn letter_rows(
    tx: &mut Tx,
    rows: Vec<Letter>,
    subject: impl Fn(&Letter) -> String,
) -> Result<Vec<LetterRow>> {
    let cards = Cards::read(tx, rows.iter().filter_map(|row| row.person_id), []).await?;
    let view = |row: Letter| LetterRow {
        subject: subject(&row),
        id: row.id,
        kind: row.kind,
        to_email: row.to_email,
        person: row.person_id.map(|id| cards.person(id, None)),
        locale: row.locale,
        state: row.state,
        due_at: row.due_at,
        attempts: row.attempts,
        last_error: row.last_error,
        message_id: row.message_id,
        created_at: row.created_at,
        sent_at: row.sent_at,
    };
    Ok(rows.into_iter().map(view).collect())
}

/// A line of the audit log.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AuditRow {
    pub id: AuditId,
    pub at: Timestamp,
    /// Null when the clock did it.
    pub actor: Option<PersonCard>,
    pub act: String,
    pub subject_kind: String,
    pub subject_id: Uuid,
    pub session_id: Option<SessionId>,
    pub before: serde_json::Value,
    pub after: serde_json::Value,
}

pub async fn audit_rows(tx: &mut Tx, rows: Vec<audit::Entry>) -> Result<Vec<AuditRow>> {
    let cards = Cards::read(tx, rows.iter().filter_map(|row| row.actor_id), []).await?;
    let view = |row: audit::Entry| AuditRow {
        id: row.id,
        at: row.at,
        actor: row.actor_id.map(|id| cards.person(id, None)),
        act: row.act,
        subject_kind: row.subject_kind,
        subject_id: row.subject_id,
        session_id: row.session_id,
        before: row.before.map_or(serde_json::Value::Null, |value| value.0),
        after: row.after.map_or(serde_json::Value::Null, |value| value.0),
    };
    Ok(rows.into_iter().map(view).collect())
}
