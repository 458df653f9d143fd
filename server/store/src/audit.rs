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

pub async fn insert(tx: &mut Tx, entry: &Entry) -> Result<()> {
    sql("INSERT INTO audit (id, at, actor_id, act, subject_kind, subject_id, session_id, before, after)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)")
    .bind(entry.id)
    .bind(entry.at)
    .bind(entry.actor_id)
    .bind(&entry.act)
    .bind(&entry.subject_kind)
    .bind(entry.subject_id)
    .bind(entry.session_id)
    .bind(&entry.before)
    .bind(&entry.after)
    .execute(tx)
    .await?;
    Ok(())
}
