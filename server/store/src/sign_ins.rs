//! Sign-ins: one row per browser a person is signed in on. Only hashes of tokens are kept.

use yunqia_domain::{
    Timestamp,
    ids::{PersonId, SignInId},
};

use crate::db::{Result, Tx, sql};

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct SignIn {
    pub id: SignInId,
    pub person_id: PersonId,
    pub device: String,
    pub created_at: Timestamp,
    pub last_seen_at: Timestamp,
    pub expires_at: Timestamp,
}

/// The live sign-in that a token belongs to.
pub async fn by_token(tx: &mut Tx, token_hash: &str, now: Timestamp) -> Result<Option<SignIn>> {
    sql("SELECT id, person_id, device, created_at, last_seen_at, expires_at
         FROM sign_ins WHERE token_hash = $1 AND ended_at IS NULL AND expires_at > $2")
    .bind(token_hash)
    .bind(now)
    .optional(tx)
    .await
}
