//! Organisations: bodies that promote, and companies.

use yunqia_domain::{
    Timestamp,
    ids::{OrganisationId, PersonId},
    states::{OrganisationKind, OrganisationState, Role},
};

use crate::db::{Result, Tx, sql};

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

/// The centres a company registered interest in, itself or in a project of theirs.
pub async fn interesting(tx: &mut Tx, company: OrganisationId) -> Result<Vec<OrganisationId>> {
    let found: Vec<(Option<OrganisationId>, Option<OrganisationId>)> =
        sql("SELECT i.centre_id, o.centre_id AS project_centre_id
         FROM interests i LEFT JOIN opportunities o ON o.id = i.opportunity_id
         WHERE i.company_id = $1 AND i.state = 'open'")
        .bind(company)
        .all(tx)
        .await?;
    Ok(found.into_iter().filter_map(|(centre, project)| centre.or(project)).collect())
}
