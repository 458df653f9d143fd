//! Which steps of the schema a program may run on: its own, and newer ones that only added.
//!
//! While nodes are upgraded one by one, the new program has taken its steps and the old one still serves. A step that only adds
//! leaves it be. A step that an older program could not live with says so by raising the floor in the same file:
//!
//! ```sql
//! INSERT INTO facts (name, value) VALUES ('schema_floor', '{"version": 7}')
//! ON CONFLICT (name) DO UPDATE SET value = excluded.value;
//! ```
//!
//! Programs that know no step from 7 on then refuse to start.

use serde::Deserialize;
use sqlx::{migrate::MigrateError, types::Json};

use super::{Db, Error, Result, newest_schema, sql};

/// Why the schema was not brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum Upgrade {
    /// Newer programs have changed what this one relies on.
    #[error("the schema (version {there}) needs a program that knows version {floor}; this one knows {known}")]
    TooNew { there: i64, floor: i64, known: i64 },
    #[error(transparent)]
    Failed(#[from] MigrateError),
    #[error(transparent)]
    Store(#[from] Error),
}

#[derive(Deserialize)]
struct Floor {
    version: i64,
}

impl Db {
    /// Whether the steps that this program does not know may be passed over; an error if they may not.
    pub(super) async fn may_pass_over(&self) -> Result<bool, Upgrade> {
        let known = newest_schema();
        let there = self.schema_version().await?;
        if there <= known {
            return Ok(false);
        }
        let floor = self.schema_floor().await?;
        if floor > known { Err(Upgrade::TooNew { there, floor, known }) } else { Ok(true) }
    }

    /// The oldest program that may run here, by the newest step it knows.
    pub async fn schema_floor(&self) -> Result<i64> {
        let mut tx = self.read().await?;
        let floor: Option<(Json<Floor>,)> =
            sql("SELECT value FROM facts WHERE name = 'schema_floor'").optional(&mut tx).await?;
        Ok(floor.map_or(0, |(floor,)| floor.0.version))
    }
}
