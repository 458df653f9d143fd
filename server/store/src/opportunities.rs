//! Projects on offer, as imported.

use yunqia_domain::{
    Timestamp,
    ids::{OpportunityId, OrganisationId},
};

use crate::{
    db::{Result, Tx, sql},
    like,
};

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Opportunity {
    pub id: OpportunityId,
    pub code: String,
    pub division: String,
    pub city: String,
    pub centre_id: Option<OrganisationId>,
    pub sector: String,
    pub subsector: String,
    pub gbt4754: String,
    pub title_hans: Option<String>,
    pub title_hant: Option<String>,
    pub title_en: Option<String>,
    /// Made by [`yunqia_domain::search::key`] of title and division.
    pub title_key: String,
    pub amount_wan: i64,
    pub land_mu: i64,
    pub mode: String,
    pub status: String,
    pub created_at: Timestamp,
    pub version: i64,
}

pub async fn find(tx: &mut Tx, id: OpportunityId) -> Result<Option<Opportunity>> {
    Ok(find_all(tx, [id]).await?.pop())
}

pub async fn find_all(tx: &mut Tx, ids: impl IntoIterator<Item = OpportunityId>) -> Result<Vec<Opportunity>> {
    sql("SELECT id, code, division, city, centre_id, sector, subsector, gbt4754, title_hans, title_hant, title_en, title_key,
                amount_wan, land_mu, mode, status, created_at, version
         FROM opportunities WHERE id IN (..)")
    .list(ids)
    .all(tx)
    .await
}

/// The projects of a session, in its order.
pub async fn of_session(tx: &mut Tx, session: yunqia_domain::ids::SessionId) -> Result<Vec<Opportunity>> {
    sql("SELECT o.id, o.code, o.division, o.city, o.centre_id, o.sector, o.subsector, o.gbt4754, o.title_hans, o.title_hant,
                o.title_en, o.title_key, o.amount_wan, o.land_mu, o.mode, o.status, o.created_at, o.version
         FROM session_projects s JOIN opportunities o ON o.id = s.opportunity_id
         WHERE s.session_id = $1 ORDER BY s.position, o.id")
    .bind(session)
    .all(tx)
    .await
}

/// Which projects a list shows; what is None or empty does not narrow it.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Words folded by [`yunqia_domain::search::words`]; up to three, all must be found.
    pub words: Vec<String>,
    pub sector: Option<String>,
    pub city: Option<String>,
    pub division: Option<String>,
    pub min_wan: Option<i64>,
    pub max_wan: Option<i64>,
}

impl Wanted {
    fn pattern(&self, n: usize) -> String {
        like(self.words.get(n).map_or("", String::as_str))
    }
}

/// Projects, the largest first; `after` is the last one of the page before.
pub async fn largest_first(
    tx: &mut Tx,
    wanted: &Wanted,
    after: Option<OpportunityId>,
    limit: i64,
) -> Result<Vec<Opportunity>> {
    sql("SELECT id, code, division, city, centre_id, sector, subsector, gbt4754, title_hans, title_hant, title_en, title_key,
                amount_wan, land_mu, mode, status, created_at, version
         FROM opportunities
         WHERE (CAST($1 AS TEXT) IS NULL OR sector = $1)
           AND (CAST($2 AS TEXT) IS NULL OR city = $2)
           AND (CAST($3 AS TEXT) IS NULL OR division = $3)
           AND (amount_wan >= $4) AND (amount_wan <= $5)
           AND title_key LIKE $6 ESCAPE '\\' AND title_key LIKE $7 ESCAPE '\\' AND title_key LIKE $8 ESCAPE '\\'
           AND ((amount_wan, id) < (SELECT o.amount_wan, o.id FROM opportunities o WHERE o.id = $9) OR $9 IS NULL)
         ORDER BY amount_wan DESC, id DESC LIMIT $10")
    .bind(&wanted.sector)
    .bind(&wanted.city)
    .bind(&wanted.division)
    .bind(wanted.min_wan.unwrap_or(0))
    .bind(wanted.max_wan.unwrap_or(i64::MAX))
    .bind(wanted.pattern(0))
    .bind(wanted.pattern(1))
    .bind(wanted.pattern(2))
    .bind(after)
    .bind(limit)
    .all(tx)
    .await
}

/// A group of projects.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Group {
    pub sector: String,
    pub city: String,
    pub count: i64,
    pub amount_wan: i64,
}

/// How many of the wanted projects there are per sector and city.
pub async fn groups(tx: &mut Tx, wanted: &Wanted) -> Result<Vec<Group>> {
    sql("SELECT sector, city, CAST(count(*) AS BIGINT) AS count, CAST(sum(amount_wan) AS BIGINT) AS amount_wan
         FROM opportunities
         WHERE (CAST($1 AS TEXT) IS NULL OR sector = $1)
           AND (CAST($2 AS TEXT) IS NULL OR city = $2)
           AND (CAST($3 AS TEXT) IS NULL OR division = $3)
           AND (amount_wan >= $4) AND (amount_wan <= $5)
           AND title_key LIKE $6 ESCAPE '\\' AND title_key LIKE $7 ESCAPE '\\' AND title_key LIKE $8 ESCAPE '\\'
         GROUP BY sector, city")
    .bind(&wanted.sector)
    .bind(&wanted.city)
    .bind(&wanted.division)
    .bind(wanted.min_wan.unwrap_or(0))
    .bind(wanted.max_wan.unwrap_or(i64::MAX))
    .bind(wanted.pattern(0))
    .bind(wanted.pattern(1))
    .bind(wanted.pattern(2))
    .all(tx)
    .await
}

/// Adds projects; those whose code is there already are left as they are. Says how many were added.
pub async fn insert_all(tx: &mut Tx, rows: &[Opportunity]) -> Result<u64> {
    let mut added = 0;
    for rows in rows.chunks(1_000) {
        added += sql(
            "INSERT INTO opportunities (id, code, division, city, centre_id, sector, subsector, gbt4754, title_hans,
                                                title_hant, title_en, title_key, amount_wan, land_mu, mode, status,
                                                created_at, version)
             VALUES (..) ON CONFLICT (code) DO NOTHING",
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
                .bind(&row.title_hans)
                .bind(&row.title_hant)
                .bind(&row.title_en)
                .bind(&row.title_key)
                .bind(row.amount_wan)
                .bind(row.land_mu)
                .bind(&row.mode)
                .bind(&row.status)
                .bind(row.created_at)
                .bind(row.version)
        })
        .execute(tx)
        .await?;
    }
    Ok(added)
}
