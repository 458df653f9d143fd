//! Letters with a code and a link. Only hashes are kept; each can be used once.

use yunqia_domain::{Timestamp, ids::SignInLetterId, locale::Locale};

use crate::db::{Result, Tx, sql};

/// A letter with which somebody can sign in.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct SignInLetter {
    pub id: SignInLetterId,
    pub email: String,
    pub email_key: String,
    pub locale: Locale,
    pub zone: String,
    pub code_hash: String,
}

pub async fn insert(
    tx: &mut Tx,
    letter: &SignInLetter,
    token_hash: &str,
    tries: i64,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<()> {
    sql("INSERT INTO sign_in_letters (id, email, email_key, locale, zone, code_hash, token_hash, tries_left, created_at,
                                      expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)")
    .bind(letter.id)
    .bind(&letter.email)
    .bind(&letter.email_key)
    .bind(letter.locale)
    .bind(&letter.zone)
    .bind(&letter.code_hash)
    .bind(token_hash)
    .bind(tries)
    .bind(now)
    .bind(expires_at)
    .execute(tx)
    .await?;
    Ok(())
}

/// How many letters an address was sent since then.
pub async fn count_since(tx: &mut Tx, email_key: &str, since: Timestamp) -> Result<i64> {
    sql("SELECT CAST(count(*) AS BIGINT) FROM sign_in_letters WHERE email_key = $1 AND created_at > $2")
        .bind(email_key)
        .bind(since)
        .scalar(tx)
        .await
}

/// Takes one try from each live letter to an address and gives those that had one left. One statement, so that tries at
/// the same time are counted too.
pub async fn take_try(tx: &mut Tx, email_key: &str, now: Timestamp) -> Result<Vec<SignInLetter>> {
    sql("UPDATE sign_in_letters SET tries_left = tries_left - 1
         WHERE email_key = $1 AND expires_at > $2 AND used_at IS NULL AND tries_left > 0
         RETURNING id, email, email_key, locale, zone, code_hash")
    .bind(email_key)
    .bind(now)
    .all(tx)
    .await
}

/// Uses the letter with this link; none if it was used before or is too old.
pub async fn use_link(tx: &mut Tx, token_hash: &str, now: Timestamp) -> Result<Option<SignInLetter>> {
    sql("UPDATE sign_in_letters SET used_at = $2
         WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2
         RETURNING id, email, email_key, locale, zone, code_hash")
    .bind(token_hash)
    .bind(now)
    .optional(tx)
    .await
}

/// Uses up every live letter to an address: who is signed in needs no other.
pub async fn use_all(tx: &mut Tx, email_key: &str, now: Timestamp) -> Result<u64> {
    sql("UPDATE sign_in_letters SET used_at = $2 WHERE email_key = $1 AND used_at IS NULL")
        .bind(email_key)
        .bind(now)
        .execute(tx)
        .await
}

/// Forgets letters older than `before`; says how many.
pub async fn prune(tx: &mut Tx, before: Timestamp) -> Result<u64> {
    sql("DELETE FROM sign_in_letters WHERE created_at < $1").bind(before).execute(tx).await
}
