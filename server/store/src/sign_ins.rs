//! Sign-ins: one row per browser a person is signed in on. Only hashes of tokens are kept.

use yunqia_domain::{
    Timestamp,
    ids::{PersonId, SignInId},
    locale::Locale,
    states::PersonState,
};

use crate::{
    db::{Result, Tx, sql},
    people::Person,
};

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct SignIn {
    pub id: SignInId,
    pub person_id: PersonId,
    pub device: String,
    pub created_at: Timestamp,
    pub last_seen_at: Timestamp,
    pub expires_at: Timestamp,
}

/// Those of these sign-ins that are live, of people who may be signed in.
pub async fn live(tx: &mut Tx, ids: &[SignInId], now: Timestamp) -> Result<Vec<(SignInId,)>> {
    sql("SELECT s.id FROM sign_ins s JOIN people p ON p.id = s.person_id
         WHERE s.ended_at IS NULL AND s.expires_at > $1 AND p.state = 'active' AND s.id IN (..)")
    .bind(now)
    .list(ids.iter().copied())
    .all(tx)
    .await
}

/// A person by their live sign-in.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct SignedIn {
    pub sign_in_id: SignInId,
    #[sqlx(flatten)]
    pub person: Person,
}

/// Whose a token is.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Holder {
    pub token_hash: String,
    pub id: SignInId,
    pub person_id: PersonId,
    pub locale: Locale,
    pub state: PersonState,
}

/// The live sign-ins that these tokens belong to.
pub async fn by_tokens(tx: &mut Tx, hashes: &[String], now: Timestamp) -> Result<Vec<Holder>> {
    sql("SELECT s.token_hash, s.id, s.person_id, p.locale, p.state
         FROM sign_ins s JOIN people p ON p.id = s.person_id
         WHERE s.ended_at IS NULL AND s.expires_at > $1 AND s.token_hash IN (..)")
    .bind(now)
    .list(hashes)
    .all(tx)
    .await
}

/// Whose live sign-in a token belongs to.
pub async fn by_token(tx: &mut Tx, token_hash: &str, now: Timestamp) -> Result<Option<SignedIn>> {
    sql("SELECT s.id AS sign_in_id, p.id, p.email, p.email_key, p.family_name, p.given_name, p.honorific, p.phone, p.locale,
                p.zone, p.operator, p.wants_digests, p.feed_token, p.state, p.created_at, p.version
         FROM sign_ins s JOIN people p ON p.id = s.person_id
         WHERE s.token_hash = $1 AND s.ended_at IS NULL AND s.expires_at > $2")
    .bind(token_hash)
    .bind(now)
    .optional(tx)
    .await
}

pub async fn insert(tx: &mut Tx, sign_in: &SignIn, token_hash: &str) -> Result<()> {
    sql("INSERT INTO sign_ins (id, person_id, token_hash, device, created_at, last_seen_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)")
    .bind(sign_in.id)
    .bind(sign_in.person_id)
    .bind(token_hash)
    .bind(&sign_in.device)
    .bind(sign_in.created_at)
    .bind(sign_in.last_seen_at)
    .bind(sign_in.expires_at)
    .execute(tx)
    .await?;
    Ok(())
}

/// The live sign-ins of a person, the one used last first.
pub async fn of_person(tx: &mut Tx, person: PersonId, now: Timestamp) -> Result<Vec<SignIn>> {
    sql("SELECT id, person_id, device, created_at, last_seen_at, expires_at
         FROM sign_ins WHERE person_id = $1 AND ended_at IS NULL AND expires_at > $2
         ORDER BY last_seen_at DESC, id DESC LIMIT 100")
    .bind(person)
    .bind(now)
    .all(tx)
    .await
}

/// Ends one sign-in of a person; false if there is no such live one.
pub async fn end(tx: &mut Tx, person: PersonId, id: SignInId, now: Timestamp) -> Result<bool> {
    let ended = sql("UPDATE sign_ins SET ended_at = $3 WHERE id = $1 AND person_id = $2 AND ended_at IS NULL")
        .bind(id)
        .bind(person)
        .bind(now)
        .execute(tx)
        .await?;
    Ok(ended == 1)
}

/// Ends all sign-ins of a person but one (or none is kept); gives those that were ended.
pub async fn end_others(
    tx: &mut Tx,
    person: PersonId,
    keep: Option<SignInId>,
    now: Timestamp,
) -> Result<Vec<(SignInId,)>> {
    sql("UPDATE sign_ins SET ended_at = $3 WHERE person_id = $1 AND (id <> $2 OR $2 IS NULL) AND ended_at IS NULL
         RETURNING id")
    .bind(person)
    .bind(keep)
    .bind(now)
    .all(tx)
    .await
}

/// Notes that a sign-in is in use.
pub async fn seen(tx: &mut Tx, id: SignInId, now: Timestamp, expires_at: Timestamp) -> Result<()> {
    sql("UPDATE sign_ins SET last_seen_at = $2, expires_at = $3 WHERE id = $1 AND ended_at IS NULL")
        .bind(id)
        .bind(now)
        .bind(expires_at)
        .execute(tx)
        .await?;
    Ok(())
}
