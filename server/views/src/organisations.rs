//! Organisations: companies as their own people see them, and every body as the operator does.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use yunqia_domain::{
    Timestamp,
    identifiers::CompanyIdKind,
    ids::OrganisationId,
    locale::{LocalText, Locale},
    states::{CompanySize, OrganisationKind, OrganisationState},
};
use yunqia_store::{Result, Tx, companies, organisations};

use crate::reason;

/// A registration number as it was typed; it is checked with the company.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Identifier {
    pub kind: CompanyIdKind,
    pub value: String,
}

/// What a company's people tell of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CompanyDraft {
    pub name: LocalText,
    pub identifier: Identifier,
    /// GB/T 2260 code; null for a company from abroad.
    pub division: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    pub sectors: Vec<String>,
    pub size: CompanySize,
    pub website: Option<String>,
    pub contact_name: Option<String>,
    pub contact_phone: Option<String>,
    pub contact_email: Option<String>,
    pub offers: LocalText,
    pub seeks: LocalText,
}

/// A company as its own people and those who work with it see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Company {
    #[serde(flatten)]
    pub draft: CompanyDraft,
    pub id: OrganisationId,
    pub state: OrganisationState,
    pub state_reason: Option<String>,
    pub created_at: Timestamp,
    pub version: i64,
}

/// None if there is no such company.
pub async fn company(tx: &mut Tx, id: OrganisationId, locale: Locale) -> Result<Option<Company>> {
    let Some(row) = organisations::find(tx, id).await? else { return Ok(None) };
    let Some(more) = companies::find(tx, id).await? else { return Ok(None) };
    let kind = more.identifier_kind.parse().unwrap_or(CompanyIdKind::ForeignReg);
    let draft = CompanyDraft {
        name: LocalText::from_columns(row.name_hans, row.name_hant, row.name_en),
        identifier: Identifier { kind, value: more.identifier },
        division: row.division,
        country: row.country,
        sectors: more.sectors.0,
        size: more.size,
        website: more.website,
        contact_name: more.contact_name,
        contact_phone: more.contact_phone,
        contact_email: more.contact_email,
        offers: LocalText::from_columns(more.offers_hans, more.offers_hant, more.offers_en),
        seeks: LocalText::from_columns(more.seeks_hans, more.seeks_hant, more.seeks_en),
    };
    Ok(Some(Company {
        draft,
        id,
        state: row.state,
        state_reason: reason::text(row.state_reason.as_deref(), locale),
        created_at: row.created_at,
        version: row.version,
    }))
}

/// An organisation in the operator's list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Organisation {
    pub id: OrganisationId,
    pub kind: OrganisationKind,
    /// The body above it.
    pub parent_id: Option<OrganisationId>,
    pub name: LocalText,
    pub division: Option<String>,
    pub country: String,
    pub state: OrganisationState,
    pub state_reason: Option<String>,
    /// How many people belong to it.
    pub members: i64,
    pub created_at: Timestamp,
    pub version: i64,
}

/// What the operator tells of a body.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrganisationDraft {
    pub kind: OrganisationKind,
    pub parent_id: Option<OrganisationId>,
    pub name: LocalText,
    pub division: Option<String>,
}

pub async fn organisation_rows(
    tx: &mut Tx,
    rows: Vec<organisations::Organisation>,
    locale: Locale,
) -> Result<Vec<Organisation>> {
    let counts = organisations::member_counts(tx, rows.iter().map(|row| row.id)).await?;
    let view = |row: organisations::Organisation| Organisation {
        members: counts.iter().find(|(id, _)| *id == row.id).map_or(0, |(_, count)| *count),
        id: row.id,
        kind: row.kind,
        parent_id: row.parent_id,
        name: LocalText::from_columns(row.name_hans, row.name_hant, row.name_en),
        division: row.division,
        country: row.country,
        state: row.state,
        state_reason: reason::text(row.state_reason.as_deref(), locale),
        created_at: row.created_at,
        version: row.version,
    };
    Ok(rows.into_iter().map(view).collect())
}
