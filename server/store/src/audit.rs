//! The audit log: who did what, when, and what was there before and after. Rows are only ever added.

use sqlx::types::Json;
use uuid::Uuid;
use yunqia_domain::{
    Timestamp,
    ids::{AuditId, PersonId, SessionId},
};

use crate::db::{Result, Tx, sql};

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Entry {
    pub id: AuditId,
    pub at: Timestamp,
    pub actor_id: Option<PersonId>,
    pub act: String,
    pub subject_kind: String,
    pub subject_id: Uuid,
    pub session_id: Option<SessionId>,
    pub before: Option<Json<serde_json::Value>>,
    pub after: Option<Json<serde_json::Value>>,
}

pub async fn insert_all(tx: &mut Tx, entries: &[Entry]) -> Result<()> {
    for entries in entries.chunks(1_000) {
        sql("INSERT INTO audit (id, at, actor_id, act, subject_kind, subject_id, session_id, before, after) VALUES (..)")
            .rows(entries, |query, entry| {
                query
                    .bind(entry.id)
                    .bind(entry.at)
                    .bind(entry.actor_id)
                    .bind(&entry.act)
                    .bind(&entry.subject_kind)
                    .bind(entry.subject_id)
                    .bind(entry.session_id)
                    .bind(&entry.before)
                    .bind(&entry.after)
            })
            .execute(tx)
            .await?;
    }
    Ok(())
}

/// Which lines of the log are shown; None does not narrow them.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    pub session: Option<SessionId>,
    pub subject: Option<Uuid>,
    pub actor: Option<PersonId>,
}

/// The log from its newest line; `before` is the last one of the page before.
pub async fn newest(tx: &mut Tx, wanted: &Wanted, before: Option<AuditId>, limit: i64) -> Result<Vec<Entry>> {
    sql("SELECT id, at, actor_id, act, subject_kind, subject_id, session_id, before, after
         FROM audit
         WHERE (session_id = $1 OR $1 IS NULL) AND (subject_id = $2 OR $2 IS NULL) AND (actor_id = $3 OR $3 IS NULL)
           AND ((at, id) < (SELECT a.at, a.id FROM audit a WHERE a.id = $4) OR $4 IS NULL)
         ORDER BY at DESC, id DESC LIMIT $5")
    .bind(wanted.session)
    .bind(wanted.subject)
    .bind(wanted.actor)
    .bind(before)
    .bind(limit)
    .all(tx)
    .await
}

/// When each of these things was last changed.
pub async fn last_changes(tx: &mut Tx, subjects: impl IntoIterator<Item = Uuid>) -> Result<Vec<(Uuid, Timestamp)>> {
    sql("SELECT subject_id, max(at) AS at FROM audit WHERE subject_id IN (..) GROUP BY subject_id")
        .list(subjects)
        .all(tx)
        .await
}
