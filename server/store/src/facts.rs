//! Small facts of this installation, by name.

use sqlx::types::Json;

use crate::db::{Result, Tx, sql};

pub async fn find(tx: &mut Tx, name: &str) -> Result<Option<serde_json::Value>> {
    let found: Option<(Json<serde_json::Value>,)> =
        sql("SELECT value FROM facts WHERE name = $1").bind(name).optional(tx).await?;
    Ok(found.map(|(value,)| value.0))
}

/// Sets a fact; `value` is an object or an array.
pub async fn set(tx: &mut Tx, name: &str, value: &serde_json::Value) -> Result<()> {
    sql("INSERT INTO facts (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value")
        .bind(name)
        .bind(Json(value))
        .execute(tx)
        .await?;
    Ok(())
}
