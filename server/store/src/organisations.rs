//! Organisations: bodies that promote, and companies.

use yunqia_domain::{
    Timestamp,
    ids::{OrganisationId, PersonId},
    states::{OrganisationKind, OrganisationState, Role},
};

use crate::{
    db::{Result, Tx, sql},
    like,
};

/// What a card shows.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Line {
    pub id: OrganisationId,
    pub kind: OrganisationKind,
    pub name_hans: Option<String>,
    pub name_hant: Option<String>,
    pub name_en: Option<String>,
    pub division: Option<String>,
    pub country: String,
}

pub async fn lines(tx: &mut Tx, ids: impl IntoIterator<Item = OrganisationId>) -> Result<Vec<Line>> {
    let mut ids: Vec<_> = ids.into_iter().collect();
    ids.sort();
    ids.dedup();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    sql("SELECT id, kind, name_hans, name_hant, name_en, division, country FROM organisations WHERE id IN (..)")
        .list(ids)
        .all(tx)
        .await
}

/// A person's place in an organisation.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Membership {
    pub organisation_id: OrganisationId,
    pub kind: OrganisationKind,
    pub state: OrganisationState,
    pub role: Role,
    pub title: Option<String>,
    pub joined_at: Timestamp,
}

pub async fn memberships(tx: &mut Tx, person: PersonId) -> Result<Vec<Membership>> {
    sql("SELECT m.organisation_id, o.kind, o.state, m.role, m.title, m.joined_at
         FROM members m JOIN organisations o ON o.id = m.organisation_id
         WHERE m.person_id = $1 ORDER BY m.joined_at, m.organisation_id")
    .bind(person)
    .all(tx)
    .await
}

/// The state of an organisation's account, if there is such an organisation of this kind.
pub async fn state_of(tx: &mut Tx, id: OrganisationId, kind: OrganisationKind) -> Result<Option<OrganisationState>> {
    let state: Option<(OrganisationState,)> =
        sql("SELECT state FROM organisations WHERE id = $1 AND kind = $2").bind(id).bind(kind).optional(tx).await?;
    Ok(state.map(|(state,)| state))
}

/// Those of these companies whose accounts are verified and not suspended.
pub async fn active_companies(
    tx: &mut Tx,
    ids: impl IntoIterator<Item = OrganisationId>,
) -> Result<Vec<(OrganisationId,)>> {
    sql("SELECT id FROM organisations WHERE kind = 'company' AND state = 'approved' AND id IN (..)")
        .list(ids)
        .all(tx)
        .await
}

/// Who belongs to an organisation.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct Belonging {
    pub organisation_id: OrganisationId,
    pub person_id: PersonId,
    pub role: Role,
}

/// The people of organisations, those who joined first come first.
pub async fn people_of(tx: &mut Tx, organisations: impl IntoIterator<Item = OrganisationId>) -> Result<Vec<Belonging>> {
    sql("SELECT m.organisation_id, m.person_id, m.role FROM members m
         WHERE m.organisation_id IN (..) ORDER BY m.joined_at, m.person_id")
    .list(organisations)
    .all(tx)
    .await
}

/// The centres in which companies registered interest, in themselves or in a project of theirs: each with its company.
pub async fn interesting(
    tx: &mut Tx,
    companies: impl IntoIterator<Item = OrganisationId>,
) -> Result<Vec<(OrganisationId, OrganisationId)>> {
    let found: Vec<(OrganisationId, Option<OrganisationId>, Option<OrganisationId>)> =
        sql("SELECT i.company_id, i.centre_id, o.centre_id AS project_centre_id
         FROM interests i LEFT JOIN opportunities o ON o.id = i.opportunity_id
         WHERE i.state = 'open' AND i.company_id IN (..)")
        .list(companies)
        .all(tx)
        .await?;
    Ok(found.into_iter().filter_map(|(company, centre, project)| Some((company, centre.or(project)?))).collect())
}

/// An organisation as it is stored; a company has a [`crate::companies::Company`] beside it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Organisation {
    pub id: OrganisationId,
    pub kind: OrganisationKind,
    pub parent_id: Option<OrganisationId>,
    pub division: Option<String>,
    pub country: String,
    pub name_hans: Option<String>,
    pub name_hant: Option<String>,
    pub name_en: Option<String>,
    /// Made by [`yunqia_domain::search::key`].
    pub name_key: String,
    pub state: OrganisationState,
    pub state_reason: Option<String>,
    pub created_at: Timestamp,
    pub version: i64,
}

pub async fn find(tx: &mut Tx, id: OrganisationId) -> Result<Option<Organisation>> {
    sql("SELECT id, kind, parent_id, division, country, name_hans, name_hant, name_en, name_key, state, state_reason,
                created_at, version
         FROM organisations WHERE id = $1")
    .bind(id)
    .optional(tx)
    .await
}

pub async fn insert(tx: &mut Tx, row: &Organisation) -> Result<()> {
    sql("INSERT INTO organisations (id, kind, parent_id, division, country, name_hans, name_hant, name_en, name_key, state,
                                    state_reason, created_at, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)")
    .bind(row.id)
    .bind(row.kind)
    .bind(row.parent_id)
    .bind(&row.division)
    .bind(&row.country)
    .bind(&row.name_hans)
    .bind(&row.name_hant)
    .bind(&row.name_en)
    .bind(&row.name_key)
    .bind(row.state)
    .bind(&row.state_reason)
    .bind(row.created_at)
    .bind(row.version)
    .execute(tx)
    .await?;
    Ok(())
}

/// Changes what a person may change; false if somebody did so since `version`.
pub async fn update(tx: &mut Tx, row: &Organisation, version: i64) -> Result<bool> {
    let changed = sql("UPDATE organisations
         SET parent_id = $3, division = $4, country = $5, name_hans = $6, name_hant = $7, name_en = $8, name_key = $9,
             state = $10, state_reason = $11, version = version + 1
         WHERE id = $1 AND version = $2")
    .bind(row.id)
    .bind(version)
    .bind(row.parent_id)
    .bind(&row.division)
    .bind(&row.country)
    .bind(&row.name_hans)
    .bind(&row.name_hant)
    .bind(&row.name_en)
    .bind(&row.name_key)
    .bind(row.state)
    .bind(&row.state_reason)
    .execute(tx)
    .await?;
    Ok(changed == 1)
}

/// Which organisations a list shows; what is None or empty does not narrow it.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    pub kind: Option<OrganisationKind>,
    pub state: Option<OrganisationState>,
    pub division: Option<String>,
    /// Folded by [`yunqia_domain::search::fold`].
    pub text: String,
}

/// Organisations by name; `after` is the last one of the page before.
pub async fn list(
    tx: &mut Tx,
    wanted: &Wanted,
    after: Option<OrganisationId>,
    limit: i64,
) -> Result<Vec<Organisation>> {
    sql("SELECT id, kind, parent_id, division, country, name_hans, name_hant, name_en, name_key, state, state_reason,
                created_at, version
         FROM organisations
         WHERE (CAST($1 AS TEXT) IS NULL OR kind = $1)
           AND (CAST($2 AS TEXT) IS NULL OR state = $2)
           AND (CAST($3 AS TEXT) IS NULL OR division = $3)
           AND (CAST($4 AS TEXT) = '' OR name_key LIKE $5 ESCAPE '\\')
           AND ((name_key COLLATE \"C\", id) >
                (SELECT o.name_key COLLATE \"C\", o.id FROM organisations o WHERE o.id = $6) OR $6 IS NULL)
         ORDER BY name_key COLLATE \"C\", id LIMIT $7")
    .bind(wanted.kind)
    .bind(wanted.state)
    .bind(&wanted.division)
    .bind(&wanted.text)
    .bind(like(&wanted.text))
    .bind(after)
    .bind(limit)
    .all(tx)
    .await
}

/// Adds a person; false if they are a member already.
pub async fn add_member(
    tx: &mut Tx,
    organisation: OrganisationId,
    person: PersonId,
    role: Role,
    title: Option<&str>,
    now: Timestamp,
) -> Result<bool> {
    let added = sql("INSERT INTO members (organisation_id, person_id, role, title, joined_at, version)
         VALUES ($1, $2, $3, $4, $5, 1) ON CONFLICT (organisation_id, person_id) DO NOTHING")
    .bind(organisation)
    .bind(person)
    .bind(role)
    .bind(title.map(str::to_owned))
    .bind(now)
    .execute(tx)
    .await?;
    Ok(added == 1)
}

/// A membership with whose it is.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct MembershipOf {
    pub person_id: PersonId,
    pub organisation_id: OrganisationId,
    pub kind: OrganisationKind,
    pub state: OrganisationState,
    pub role: Role,
    pub title: Option<String>,
}

pub async fn memberships_of(tx: &mut Tx, people: impl IntoIterator<Item = PersonId>) -> Result<Vec<MembershipOf>> {
    sql("SELECT m.person_id, m.organisation_id, o.kind, o.state, m.role, m.title
         FROM members m JOIN organisations o ON o.id = m.organisation_id
         WHERE m.person_id IN (..) ORDER BY m.joined_at, m.organisation_id")
    .list(people)
    .all(tx)
    .await
}

/// How many people each organisation has; those without any are missing.
pub async fn member_counts(
    tx: &mut Tx,
    organisations: impl IntoIterator<Item = OrganisationId>,
) -> Result<Vec<(OrganisationId, i64)>> {
    sql("SELECT organisation_id, CAST(count(*) AS BIGINT) AS count FROM members WHERE organisation_id IN (..)
         GROUP BY organisation_id")
    .list(organisations)
    .all(tx)
    .await
}
