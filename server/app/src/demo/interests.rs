//! What the companies are interested in: a centre, where the demo has one, or a project on offer.

use anyhow::{Context, anyhow};
use jiff::SignedDuration;
use yunqia_actions::Act;
use yunqia_domain::{ids::OpportunityId, states::Priority};
use yunqia_store::{Tx, bulk, bulk::NewInterest};

use super::cast::Cast;
use crate::tables::{self, Line};

const INTERESTS: &str = include_str!("../../data/demo/interests.csv");

pub async fn load(tx: &mut Tx, act: &mut Act, cast: &Cast) -> anyhow::Result<()> {
    let mut nth = 0;
    let table = tables::read(INTERESTS, &["id", "company", "target_kind", "target"], |line| {
        nth += 1;
        interest(line, act, cast, nth).map_err(|error| format!("{error:#}"))
    })?;
    if let Some(bad) = table.bad.first() {
        return Err(anyhow!("interests.csv, {bad}"));
    }
    bulk::interests(tx, &table.rows).await?;
    Ok(())
}

fn interest(line: &Line, act: &mut Act, cast: &Cast, nth: i64) -> anyhow::Result<NewInterest> {
    let company = &cast.companies[*cast.company_by_code.get(line.get("company")).context("no such company")?];
    let project = match line.get("target_kind") {
        "project" => Some(cast.projects[*cast.project_by_code.get(line.get("target")).context("no such project")?].id),
        _ => None,
    };
    let county = line.get("county");
    let centre = cast.centres.iter().find(|centre| centre.division == county).map(|centre| centre.id);
    // A county without a centre of its own is represented by one of its projects.
    let opportunity = match (project, centre) {
        (Some(project), _) => Some(project),
        (None, Some(_)) => None,
        (None, None) => Some(first_project(cast, county, line.get("sector")).context("the county has no project")?),
    };
    Ok(NewInterest {
        id: act.id(),
        company_id: company.id,
        centre_id: if opportunity.is_none() { centre } else { None },
        opportunity_id: opportunity,
        priority: [Priority::WouldLike, Priority::Must, Priority::Watching][usize::try_from(nth % 3)?],
        planned_wan: line.get("planned_wan").parse().ok(),
        horizon: serde_json::from_value(line.get("horizon").into())?,
        note: String::new(),
        created_by: company.people[0].id,
        // Spread over the weeks since the companies came.
        created_at: act.now.plus(SignedDuration::from_mins(60 * 24 + nth * 97)),
    })
}

/// The first project of a county, of the sector if there is one.
fn first_project(cast: &Cast, county: &str, sector: &str) -> Option<OpportunityId> {
    let mut here = cast.projects.iter().filter(|project| project.division == county);
    let fallback = here.clone().next();
    here.find(|project| project.sector == sector).or(fallback).map(|project| project.id)
}
