//! Many rows at once, for imports and the demo: one statement for hundreds of rows.

use yunqia_domain::{
    Timestamp,
    ids::{InterestId, OpportunityId, OrganisationId, PersonId},
    locale::LocalText,
    states::{Horizon, Priority, Role},
};

use crate::{
    companies::Company,
    db::{Result, Tx, sql},
    organisations::Organisation,
    people::Person,
};

/// Rows of one statement: 400 rows of 20 columns stay below the engines' limits on bound values (32,766 and 65,535).
const ROWS: usize = 400;

pub async fn organisations(tx: &mut Tx, rows: &[Organisation]) -> Result<()> {
    for rows in rows.chunks(ROWS) {
        sql("INSERT INTO organisations (id, kind, parent_id, division, country, name_hans, name_hant, name_en, name_key,
                                        state, state_reason, created_at, version) VALUES (..)")
        .rows(rows, |query, row| {
            query
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
        })
        .execute(tx)
        .await?;
    }
    Ok(())
}

pub async fn companies(tx: &mut Tx, rows: &[Company]) -> Result<()> {
    for rows in rows.chunks(ROWS) {
        sql(
            "INSERT INTO companies (organisation_id, identifier_kind, identifier, sectors, size, website, contact_name,
                                    contact_phone, contact_email, offers_hans, offers_hant, offers_en, seeks_hans,
                                    seeks_hant, seeks_en) VALUES (..)",
        )
        .rows(rows, |query, row| {
            query
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
        })
        .execute(tx)
        .await?;
    }
    Ok(())
}

pub async fn people(tx: &mut Tx, rows: &[Person]) -> Result<()> {
    for rows in rows.chunks(ROWS) {
        sql("INSERT INTO people (id, email, email_key, family_name, given_name, honorific, phone, locale, zone, operator,
                                 wants_digests, feed_token, state, created_at, version) VALUES (..)")
        .rows(rows, |query, row| {
            query
                .bind(row.id)
                .bind(&row.email)
                .bind(&row.email_key)
                .bind(&row.family_name)
                .bind(&row.given_name)
                .bind(&row.honorific)
                .bind(&row.phone)
                .bind(row.locale)
                .bind(&row.zone)
                .bind(row.operator)
                .bind(row.wants_digests)
                .bind(&row.feed_token)
                .bind(row.state)
                .bind(row.created_at)
                .bind(row.version)
        })
        .execute(tx)
        .await?;
    }
    Ok(())
}

/// A person's place in an organisation.
#[derive(Clone, Debug)]
pub struct NewMember {
    pub organisation_id: OrganisationId,
    pub person_id: PersonId,
    pub role: Role,
    pub title: Option<String>,
    pub joined_at: Timestamp,
}

pub async fn members(tx: &mut Tx, rows: &[NewMember]) -> Result<()> {
    for rows in rows.chunks(ROWS) {
        sql("INSERT INTO members (organisation_id, person_id, role, title, joined_at, version) VALUES (..)")
            .rows(rows, |query, row| {
                let query = query.bind(row.organisation_id).bind(row.person_id).bind(row.role);
                query.bind(&row.title).bind(row.joined_at).bind(1_i64)
            })
            .execute(tx)
            .await?;
    }
    Ok(())
}

/// A project on offer as a table brings it.
#[derive(Clone, Debug)]
pub struct NewOpportunity {
    pub id: OpportunityId,
    pub code: String,
    pub division: String,
    pub city: String,
    pub centre_id: Option<OrganisationId>,
    pub sector: String,
    pub subsector: String,
    pub gbt4754: String,
    pub title: LocalText,
    pub title_key: String,
    pub amount_wan: i64,
    pub land_mu: i64,
    pub mode: String,
    pub status: String,
    pub created_at: Timestamp,
}

/// Adds projects, or brings those whose code is known to the table's state. Returns how many were added or changed: a
/// table that is read again changes none. Which centre a project belongs to is not a table's to say once it is set.
pub async fn upsert_opportunities(tx: &mut Tx, rows: &[NewOpportunity]) -> Result<u64> {
    let mut changed = 0;
    for rows in rows.chunks(ROWS) {
        changed += sql(
            "INSERT INTO opportunities (id, code, division, city, centre_id, sector, subsector, gbt4754, title_hans,
                                        title_hant, title_en, title_key, amount_wan, land_mu, mode, status, created_at,
                                        version) VALUES (..)
             ON CONFLICT (code) DO UPDATE
             SET division = excluded.division, city = excluded.city, sector = excluded.sector,
                 subsector = excluded.subsector, gbt4754 = excluded.gbt4754, title_hans = excluded.title_hans,
                 title_hant = excluded.title_hant, title_en = excluded.title_en, title_key = excluded.title_key,
                 amount_wan = excluded.amount_wan, land_mu = excluded.land_mu, mode = excluded.mode,
                 status = excluded.status, version = opportunities.version + 1
             WHERE (opportunities.division, opportunities.sector, opportunities.subsector, opportunities.gbt4754,
                    opportunities.amount_wan, opportunities.land_mu, opportunities.mode, opportunities.status)
                   <> (excluded.division, excluded.sector, excluded.subsector, excluded.gbt4754,
                       excluded.amount_wan, excluded.land_mu, excluded.mode, excluded.status)
                OR opportunities.title_hans IS DISTINCT FROM excluded.title_hans
                OR opportunities.title_hant IS DISTINCT FROM excluded.title_hant
                OR opportunities.title_en IS DISTINCT FROM excluded.title_en",
        )
        .rows(rows, |query, row| {
            query
                .bind(row.id)
                .bind(&row.code)
                .bind(&row.division)
                .bind(&row.city)
                .bind(row.centre_id)
                .bind(&row.sector)
                .bind(&row.subsector)
                .bind(&row.gbt4754)
                .bind(&row.title.hans)
                .bind(&row.title.hant)
                .bind(&row.title.en)
                .bind(&row.title_key)
                .bind(row.amount_wan)
                .bind(row.land_mu)
                .bind(&row.mode)
                .bind(&row.status)
                .bind(row.created_at)
                .bind(1_i64)
        })
        .execute(tx)
        .await?;
    }
    Ok(changed)
}

/// A company's interest in a centre or in a project.
#[derive(Clone, Debug)]
pub struct NewInterest {
    pub id: InterestId,
    pub company_id: OrganisationId,
    pub centre_id: Option<OrganisationId>,
    pub opportunity_id: Option<OpportunityId>,
    pub priority: Priority,
    pub planned_wan: Option<i64>,
    pub horizon: Horizon,
    pub note: String,
    pub created_by: PersonId,
    pub created_at: Timestamp,
}

/// Open interests; one that a company has already is left alone.
pub async fn interests(tx: &mut Tx, rows: &[NewInterest]) -> Result<u64> {
    let mut added = 0;
    for rows in rows.chunks(ROWS) {
        added +=
            sql("INSERT INTO interests (id, company_id, centre_id, opportunity_id, session_id, priority, planned_wan,
                                    horizon, note, state, created_by, created_at, version) VALUES (..)
             ON CONFLICT DO NOTHING")
            .rows(rows, |query, row| {
                query
                    .bind(row.id)
                    .bind(row.company_id)
                    .bind(row.centre_id)
                    .bind(row.opportunity_id)
                    .bind(None::<uuid::Uuid>)
                    .bind(row.priority)
                    .bind(row.planned_wan)
                    .bind(row.horizon)
                    .bind(&row.note)
                    .bind("open".to_owned())
                    .bind(row.created_by)
                    .bind(row.created_at)
                    .bind(1_i64)
            })
            .execute(tx)
            .await?;
    }
    Ok(added)
}

/// Codes of all centres by their division: the division's own centre, the oldest where there are several.
pub async fn centres_by_division(tx: &mut Tx) -> Result<Vec<(String, OrganisationId)>> {
    sql("SELECT division, id FROM organisations WHERE kind = 'centre' AND division IS NOT NULL ORDER BY created_at DESC, id DESC")
        .all(tx)
        .await
}

/// Whether anything is in the database that the demo would disturb.
pub async fn is_empty(tx: &mut Tx) -> Result<bool> {
    let organisations: i64 = sql("SELECT CAST(count(*) AS BIGINT) FROM organisations").scalar(tx).await?;
    Ok(organisations == 0)
}

/// Marks every letter that was due as sent when it was due: a history that is made up has no post of its own.
pub async fn letters_were_sent(tx: &mut Tx, now: Timestamp) -> Result<u64> {
    sql("UPDATE letters SET state = 'sent', sent_at = due_at, attempts = 1 WHERE state = 'queued' AND due_at <= $1")
        .bind(now)
        .execute(tx)
        .await
}
