//! What a company is beside an organisation: its identifier, its trade, and what it offers and seeks.

use sqlx::types::Json;
use yunqia_domain::{
    ids::{OrganisationId, SessionId},
    states::CompanySize,
};

use crate::db::{Result, Tx, sql};

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Company {
    pub organisation_id: OrganisationId,
    pub identifier_kind: String,
    pub identifier: String,
    pub sectors: Json<Vec<String>>,
    pub size: CompanySize,
    pub website: Option<String>,
    pub contact_name: Option<String>,
    pub contact_phone: Option<String>,
    pub contact_email: Option<String>,
    pub offers_hans: Option<String>,
    pub offers_hant: Option<String>,
    pub offers_en: Option<String>,
    pub seeks_hans: Option<String>,
    pub seeks_hant: Option<String>,
    pub seeks_en: Option<String>,
}

pub async fn find(tx: &mut Tx, id: OrganisationId) -> Result<Option<Company>> {
    sql("SELECT organisation_id, identifier_kind, identifier, sectors, size, website, contact_name, contact_phone,
                contact_email, offers_hans, offers_hant, offers_en, seeks_hans, seeks_hant, seeks_en
         FROM companies WHERE organisation_id = $1")
    .bind(id)
    .optional(tx)
    .await
}

pub async fn find_all(tx: &mut Tx, ids: impl IntoIterator<Item = OrganisationId>) -> Result<Vec<Company>> {
    sql("SELECT organisation_id, identifier_kind, identifier, sectors, size, website, contact_name, contact_phone,
                contact_email, offers_hans, offers_hant, offers_en, seeks_hans, seeks_hant, seeks_en
         FROM companies WHERE organisation_id IN (..)")
    .list(ids)
    .all(tx)
    .await
}

/// The company with this identifier, in its one spelling.
pub async fn by_identifier(tx: &mut Tx, kind: &str, value: &str) -> Result<Option<OrganisationId>> {
    let found: Option<(OrganisationId,)> =
        sql("SELECT organisation_id FROM companies WHERE identifier_kind = $1 AND identifier = $2")
            .bind(kind.to_owned())
            .bind(value.to_owned())
            .optional(tx)
            .await?;
    Ok(found.map(|(id,)| id))
}

/// Adds the company beside its organisation; false if its identifier is taken.
pub async fn insert(tx: &mut Tx, row: &Company) -> Result<bool> {
    let added = sql("INSERT INTO companies (organisation_id, identifier_kind, identifier, sectors, size, website,
                                contact_name, contact_phone, contact_email, offers_hans, offers_hant, offers_en,
                                seeks_hans, seeks_hant, seeks_en)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
         ON CONFLICT (identifier_kind, identifier) DO NOTHING")
    .bind(row.organisation_id)
    .bind(&row.identifier_kind)
    .bind(&row.identifier)
    .bind(&row.sectors)
    .bind(row.size)
    .bind(&row.website)
    .bind(&row.contact_name)
    .bind(&row.contact_phone)
    .bind(&row.contact_email)
    .bind(&row.offers_hans)
    .bind(&row.offers_hant)
    .bind(&row.offers_en)
    .bind(&row.seeks_hans)
    .bind(&row.seeks_hant)
    .bind(&row.seeks_en)
    .execute(tx)
    .await?;
    Ok(added == 1)
}

pub async fn update(tx: &mut Tx, row: &Company) -> Result<()> {
    sql("UPDATE companies
         SET identifier_kind = $2, identifier = $3, sectors = $4, size = $5, website = $6, contact_name = $7,
             contact_phone = $8, contact_email = $9, offers_hans = $10, offers_hant = $11, offers_en = $12,
             seeks_hans = $13, seeks_hant = $14, seeks_en = $15
         WHERE organisation_id = $1")
    .bind(row.organisation_id)
    .bind(&row.identifier_kind)
    .bind(&row.identifier)
    .bind(&row.sectors)
    .bind(row.size)
    .bind(&row.website)
    .bind(&row.contact_name)
    .bind(&row.contact_phone)
    .bind(&row.contact_email)
    .bind(&row.offers_hans)
    .bind(&row.offers_hant)
    .bind(&row.offers_en)
    .bind(&row.seeks_hans)
    .bind(&row.seeks_hant)
    .bind(&row.seeks_en)
    .execute(tx)
    .await?;
    Ok(())
}

/// Whether the company's details may be given to one of these centres: a consent of its own that was not withdrawn (what a
/// host took down on the telephone is none).
pub async fn consents_to(
    tx: &mut Tx,
    company: OrganisationId,
    centres: impl IntoIterator<Item = OrganisationId>,
) -> Result<bool> {
    let count: i64 = sql("SELECT CAST(count(*) AS BIGINT) FROM consents
         WHERE company_id = $1 AND withdrawn_at IS NULL AND wording NOT LIKE '%+phone' AND centre_id IN (..)")
    .bind(company)
    .list(centres)
    .scalar(tx)
    .await?;
    Ok(count > 0)
}

/// Whether the company consented to a centre in a session and has not withdrawn.
pub async fn consents_in(
    tx: &mut Tx,
    company: OrganisationId,
    session: SessionId,
    centre: OrganisationId,
) -> Result<bool> {
    let count: i64 = sql("SELECT CAST(count(*) AS BIGINT) FROM consents
         WHERE session_id = $1 AND company_id = $2 AND centre_id = $3 AND withdrawn_at IS NULL
           AND wording NOT LIKE '%+phone'")
    .bind(session)
    .bind(company)
    .bind(centre)
    .scalar(tx)
    .await?;
    Ok(count > 0)
}
