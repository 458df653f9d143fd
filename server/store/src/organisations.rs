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
