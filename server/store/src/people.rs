//! People.

use yunqia_domain::{Timestamp, ids::PersonId, locale::Locale, states::PersonState};

use crate::db::{Result, Tx, sql};

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Person {
    pub id: PersonId,
    pub email: String,
    pub email_key: String,
    pub family_name: String,
    pub given_name: String,
    pub honorific: Option<String>,
    pub phone: Option<String>,
    pub locale: Locale,
    pub zone: String,
    pub operator: bool,
    pub wants_digests: bool,
    pub feed_token: String,
    pub state: PersonState,
    pub created_at: Timestamp,
    pub version: i64,
}

/// What a card shows.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Name {
    pub id: PersonId,
    pub family_name: String,
    pub given_name: String,
    pub honorific: Option<String>,
}

pub async fn names(tx: &mut Tx, ids: impl IntoIterator<Item = PersonId>) -> Result<Vec<Name>> {
    let mut ids: Vec<_> = ids.into_iter().collect();
    ids.sort();
    ids.dedup();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    sql("SELECT id, family_name, given_name, honorific FROM people WHERE id IN (..)").list(ids).all(tx).await
}

pub async fn find(tx: &mut Tx, id: PersonId) -> Result<Option<Person>> {
    sql("SELECT id, email, email_key, family_name, given_name, honorific, phone, locale, zone, operator, wants_digests,
                feed_token, state, created_at, version
         FROM people WHERE id = $1")
    .bind(id)
    .optional(tx)
    .await
}

pub async fn by_email(tx: &mut Tx, email_key: &str) -> Result<Option<Person>> {
    sql("SELECT id, email, email_key, family_name, given_name, honorific, phone, locale, zone, operator, wants_digests,
                feed_token, state, created_at, version
         FROM people WHERE email_key = $1")
    .bind(email_key)
    .optional(tx)
    .await
}

pub async fn insert(tx: &mut Tx, person: &Person) -> Result<()> {
    sql("INSERT INTO people (id, email, email_key, family_name, given_name, honorific, phone, locale, zone, operator,
                             wants_digests, feed_token, state, created_at, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)")
    .bind(person.id)
    .bind(&person.email)
    .bind(&person.email_key)
    .bind(&person.family_name)
    .bind(&person.given_name)
    .bind(&person.honorific)
    .bind(&person.phone)
    .bind(person.locale)
    .bind(&person.zone)
    .bind(person.operator)
    .bind(person.wants_digests)
    .bind(&person.feed_token)
    .bind(person.state)
    .bind(person.created_at)
    .bind(person.version)
    .execute(tx)
    .await?;
    Ok(())
}

pub async fn find_all(tx: &mut Tx, ids: impl IntoIterator<Item = PersonId>) -> Result<Vec<Person>> {
    sql("SELECT id, email, email_key, family_name, given_name, honorific, phone, locale, zone, operator, wants_digests,
                feed_token, state, created_at, version
         FROM people WHERE id IN (..)")
    .list(ids)
    .all(tx)
    .await
}

/// Whose calendar feed has this secret in its address.
pub async fn by_feed_token(tx: &mut Tx, token: &str) -> Result<Option<Person>> {
    sql("SELECT id, email, email_key, family_name, given_name, honorific, phone, locale, zone, operator, wants_digests,
                feed_token, state, created_at, version
         FROM people WHERE feed_token = $1 AND state = 'active'")
    .bind(token)
    .optional(tx)
    .await
}
