//! People.

use yunqia_domain::{Timestamp, ids::PersonId, locale::Locale, states::PersonState};

use crate::{
    db::{Result, Tx, sql},
    like,
};

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
    pub state: PersonState,
}

pub async fn names(tx: &mut Tx, ids: impl IntoIterator<Item = PersonId>) -> Result<Vec<Name>> {
    let mut ids: Vec<_> = ids.into_iter().collect();
    ids.sort();
    ids.dedup();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    sql("SELECT id, family_name, given_name, honorific, state FROM people WHERE id IN (..)").list(ids).all(tx).await
}

/// Those of these people who are operators.
pub async fn operators_among(tx: &mut Tx, ids: &[PersonId]) -> Result<Vec<(PersonId,)>> {
    sql("SELECT id FROM people WHERE operator AND id IN (..)").list(ids.iter().copied()).all(tx).await
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

/// Changes what a person may change of themselves; false if somebody did so since `version`.
pub async fn update(tx: &mut Tx, person: &Person, version: i64) -> Result<bool> {
    let changed = sql("UPDATE people
         SET family_name = $3, given_name = $4, honorific = $5, phone = $6, locale = $7, zone = $8, wants_digests = $9,
             version = version + 1
         WHERE id = $1 AND version = $2")
    .bind(person.id)
    .bind(version)
    .bind(&person.family_name)
    .bind(&person.given_name)
    .bind(&person.honorific)
    .bind(&person.phone)
    .bind(person.locale)
    .bind(&person.zone)
    .bind(person.wants_digests)
    .execute(tx)
    .await?;
    Ok(changed == 1)
}

/// Changes what the operator decides about a person; false if somebody changed the person since `version`.
pub async fn set_standing(tx: &mut Tx, id: PersonId, version: i64, operator: bool, state: PersonState) -> Result<bool> {
    let changed =
        sql("UPDATE people SET operator = $3, state = $4, version = version + 1 WHERE id = $1 AND version = $2")
            .bind(id)
            .bind(version)
            .bind(operator)
            .bind(state)
            .execute(tx)
            .await?;
    Ok(changed == 1)
}

pub async fn set_wants_digests(tx: &mut Tx, id: PersonId, wants: bool) -> Result<()> {
    sql("UPDATE people SET wants_digests = $2, version = version + 1 WHERE id = $1")
        .bind(id)
        .bind(wants)
        .execute(tx)
        .await?;
    Ok(())
}

pub async fn set_feed_token(tx: &mut Tx, id: PersonId, token: &str) -> Result<()> {
    sql("UPDATE people SET feed_token = $2 WHERE id = $1").bind(id).bind(token.to_owned()).execute(tx).await?;
    Ok(())
}

/// Adds a person unless somebody has their address.
pub async fn insert_if_new(tx: &mut Tx, person: &Person) -> Result<bool> {
    let added =
        sql("INSERT INTO people (id, email, email_key, family_name, given_name, honorific, phone, locale, zone,
                                        operator, wants_digests, feed_token, state, created_at, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) ON CONFLICT (email_key) DO NOTHING")
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
    Ok(added == 1)
}

/// People whose name or address contains `text` (in lower case), newest first; `before` is the last of the page before.
pub async fn search(tx: &mut Tx, text: &str, before: Option<PersonId>, limit: i64) -> Result<Vec<Person>> {
    sql("SELECT id, email, email_key, family_name, given_name, honorific, phone, locale, zone, operator, wants_digests,
                feed_token, state, created_at, version
         FROM people
         WHERE (email_key LIKE $1 ESCAPE '\\' OR lower(family_name || given_name) LIKE $1 ESCAPE '\\'
                OR lower(given_name || family_name) LIKE $1 ESCAPE '\\')
           AND ((created_at, id) < (SELECT p.created_at, p.id FROM people p WHERE p.id = $2) OR $2 IS NULL)
         ORDER BY created_at DESC, id DESC LIMIT $3")
    .bind(like(text))
    .bind(before)
    .bind(limit)
    .all(tx)
    .await
}
