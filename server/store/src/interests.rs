//! What companies are interested in: a centre, or a project on offer.

use yunqia_domain::{
    Timestamp,
    ids::{InterestId, OpportunityId, OrganisationId, PersonId, SessionId},
    states::{Horizon, InterestState, Priority},
};

use crate::db::{Result, Tx, sql};

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Interest {
    pub id: InterestId,
    pub company_id: OrganisationId,
    pub centre_id: Option<OrganisationId>,
    pub opportunity_id: Option<OpportunityId>,
    pub session_id: Option<SessionId>,
    pub priority: Priority,
    pub planned_wan: Option<i64>,
    pub horizon: Horizon,
    pub note: String,
    pub state: InterestState,
    pub created_by: PersonId,
    pub created_at: Timestamp,
    pub version: i64,
}

pub async fn find(tx: &mut Tx, id: InterestId) -> Result<Option<Interest>> {
    sql("SELECT id, company_id, centre_id, opportunity_id, session_id, priority, planned_wan, horizon, note, state, created_by,
                created_at, version
         FROM interests WHERE id = $1")
    .bind(id)
    .optional(tx)
    .await
}

/// A company's interests, newest first; `before` is the last one of the page before.
pub async fn of_company(
    tx: &mut Tx,
    company: OrganisationId,
    before: Option<InterestId>,
    limit: i64,
) -> Result<Vec<Interest>> {
    sql("SELECT id, company_id, centre_id, opportunity_id, session_id, priority, planned_wan, horizon, note, state, created_by,
                created_at, version
         FROM interests i
         WHERE company_id = $1
           AND ((created_at, id) < (SELECT b.created_at, b.id FROM interests b WHERE b.id = $2) OR $2 IS NULL)
         ORDER BY created_at DESC, id DESC LIMIT $3")
    .bind(company)
    .bind(before)
    .bind(limit)
    .all(tx)
    .await
}

/// Open interests in a centre and its projects, of one company or of all, newest first; `before` is the last one of the page
/// before.
pub async fn of_centre(
    tx: &mut Tx,
    centre: OrganisationId,
    company: Option<OrganisationId>,
    before: Option<InterestId>,
    limit: i64,
) -> Result<Vec<Interest>> {
    sql("SELECT i.id, i.company_id, i.centre_id, i.opportunity_id, i.session_id, i.priority, i.planned_wan, i.horizon, i.note,
                i.state, i.created_by, i.created_at, i.version
         FROM interests i LEFT JOIN opportunities o ON o.id = i.opportunity_id
         WHERE i.state = 'open' AND (i.centre_id = $1 OR o.centre_id = $1) AND (i.company_id = $4 OR $4 IS NULL)
           AND ((i.created_at, i.id) < (SELECT b.created_at, b.id FROM interests b WHERE b.id = $2) OR $2 IS NULL)
         ORDER BY i.created_at DESC, i.id DESC LIMIT $3")
    .bind(centre)
    .bind(before)
    .bind(limit)
    .bind(company)
    .all(tx)
    .await
}

/// Adds an interest; false if the company has an open one in the same target.
pub async fn insert(tx: &mut Tx, row: &Interest) -> Result<bool> {
    let added = sql(
        "INSERT INTO interests (id, company_id, centre_id, opportunity_id, session_id, priority, planned_wan, horizon,
                                note, state, created_by, created_at, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT DO NOTHING",
    )
    .bind(row.id)
    .bind(row.company_id)
    .bind(row.centre_id)
    .bind(row.opportunity_id)
    .bind(row.session_id)
    .bind(row.priority)
    .bind(row.planned_wan)
    .bind(row.horizon)
    .bind(&row.note)
    .bind(row.state)
    .bind(row.created_by)
    .bind(row.created_at)
    .bind(row.version)
    .execute(tx)
    .await?;
    Ok(added == 1)
}

/// Changes an interest; false if somebody did so since `version`.
pub async fn update(tx: &mut Tx, row: &Interest, version: i64) -> Result<bool> {
    let changed = sql("UPDATE interests
         SET priority = $3, planned_wan = $4, horizon = $5, note = $6, state = $7, version = version + 1
         WHERE id = $1 AND version = $2")
    .bind(row.id)
    .bind(version)
    .bind(row.priority)
    .bind(row.planned_wan)
    .bind(row.horizon)
    .bind(&row.note)
    .bind(row.state)
    .execute(tx)
    .await?;
    Ok(changed == 1)
}
