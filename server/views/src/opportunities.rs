//! Projects on offer, and what companies are interested in.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use yunqia_domain::{
    Timestamp,
    ids::{InterestId, OpportunityId, OrganisationId, SessionId},
    locale::LocalText,
    states::{Horizon, InterestState, Priority},
};
use yunqia_store::{Result, Tx, interests, opportunities};

use crate::cards::{Cards, OrganisationCard};

/// A project on offer. Amounts are in 万元 (10,000 CNY), land in 亩 (15 亩 are a hectare).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Opportunity {
    pub id: OpportunityId,
    pub code: String,
    pub title: LocalText,
    /// GB/T 2260 codes of the place and of the city it lies in.
    pub division: String,
    pub city: String,
    pub centre: Option<OrganisationCard>,
    pub sector: String,
    pub subsector: String,
    /// Class of GB/T 4754, the national classification of industries.
    pub gbt4754: String,
    pub amount_wan: i64,
    pub land_mu: i64,
    /// `sole`, `joint_venture`, `cooperation`.
    pub mode: String,
    /// `open`, `in_talks`, `signed`.
    pub status: String,
    pub version: i64,
}

/// How many of the wanted projects there are, in all and per sector and city; the largest groups first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OpportunityFacets {
    pub total: i64,
    pub amount_wan: i64,
    pub by_sector: Vec<Facet>,
    pub by_city: Vec<Facet>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Facet {
    pub code: String,
    pub count: i64,
}

pub async fn views(tx: &mut Tx, rows: Vec<opportunities::Opportunity>) -> Result<Vec<Opportunity>> {
    let cards = Cards::read(tx, [], rows.iter().filter_map(|row| row.centre_id)).await?;
    Ok(rows.into_iter().map(|row| view(row, &cards)).collect())
}

fn view(row: opportunities::Opportunity, cards: &Cards) -> Opportunity {
    Opportunity {
        id: row.id,
        code: row.code,
        title: LocalText::from_columns(row.title_hans, row.title_hant, row.title_en),
        division: row.division,
        city: row.city,
        centre: row.centre_id.map(|id| cards.organisation(id)),
        sector: row.sector,
        subsector: row.subsector,
        gbt4754: row.gbt4754,
        amount_wan: row.amount_wan,
        land_mu: row.land_mu,
        mode: row.mode,
        status: row.status,
        version: row.version,
    }
}

pub async fn facets(tx: &mut Tx, wanted: &opportunities::Wanted) -> Result<OpportunityFacets> {
    let groups = opportunities::groups(tx, wanted).await?;
    let count = |code: fn(&opportunities::Group) -> &String| {
        let mut counts: HashMap<&String, i64> = HashMap::new();
        for group in &groups {
            *counts.entry(code(group)).or_default() += group.count;
        }
        let mut facets: Vec<Facet> =
            counts.into_iter().map(|(code, count)| Facet { code: code.clone(), count }).collect();
        facets.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.code.cmp(&b.code)));
        facets
    };
    Ok(OpportunityFacets {
        total: groups.iter().map(|group| group.count).sum(),
        amount_wan: groups.iter().map(|group| group.amount_wan).sum(),
        by_sector: count(|group| &group.sector),
        by_city: count(|group| &group.city),
    })
}

/// What a company tells of its interest. Exactly one of centre and project is named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InterestDraft {
    pub company_id: OrganisationId,
    pub centre_id: Option<OrganisationId>,
    pub opportunity_id: Option<OpportunityId>,
    /// The session at which it came up.
    pub session_id: Option<SessionId>,
    pub priority: Priority,
    /// Planned investment in 万元.
    pub planned_wan: Option<i64>,
    pub horizon: Horizon,
    pub note: String,
}

/// A registered interest.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Interest {
    #[serde(flatten)]
    pub draft: InterestDraft,
    pub id: InterestId,
    pub state: InterestState,
    pub company: OrganisationCard,
    pub centre: Option<OrganisationCard>,
    pub opportunity: Option<Opportunity>,
    pub created_at: Timestamp,
    pub version: i64,
}

pub async fn interest_views(tx: &mut Tx, rows: Vec<interests::Interest>) -> Result<Vec<Interest>> {
    let projects = opportunities::find_all(tx, rows.iter().filter_map(|row| row.opportunity_id)).await?;
    let organisations = rows.iter().flat_map(|row| [Some(row.company_id), row.centre_id]).flatten();
    let organisations = organisations.chain(projects.iter().filter_map(|project| project.centre_id));
    let cards = Cards::read(tx, [], organisations.collect::<Vec<_>>()).await?;
    let project = |id: OpportunityId| projects.iter().find(|row| row.id == id).map(|row| view(row.clone(), &cards));
    let view = |row: interests::Interest| Interest {
        id: row.id,
        state: row.state,
        company: cards.organisation(row.company_id),
        centre: row.centre_id.map(|id| cards.organisation(id)),
        opportunity: row.opportunity_id.and_then(project),
        created_at: row.created_at,
        version: row.version,
        draft: InterestDraft {
            company_id: row.company_id,
            centre_id: row.centre_id,
            opportunity_id: row.opportunity_id,
            session_id: row.session_id,
            priority: row.priority,
            planned_wan: row.planned_wan,
            horizon: row.horizon,
            note: row.note,
        },
    };
    Ok(rows.into_iter().map(view).collect())
}
