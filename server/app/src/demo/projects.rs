//! The province's list of projects on offer.

use anyhow::anyhow;
use yunqia_actions::Act;
use yunqia_store::{Tx, bulk};

use super::cast::{Cast, Project};
use crate::tables;

const PROJECTS: &str = include_str!("../../data/demo/projects.csv");

pub async fn load(tx: &mut Tx, act: &mut Act, cast: &mut Cast) -> anyhow::Result<()> {
    let centres = cast.centres.iter().map(|centre| (centre.division.clone(), centre.id)).collect();
    let table = tables::opportunities::read(PROJECTS, act, &centres)?;
    if let Some(bad) = table.bad.first() {
        return Err(anyhow!("projects.csv, {bad}"));
    }
    bulk::upsert_opportunities(tx, &table.rows).await?;
    for (nth, row) in table.rows.into_iter().enumerate() {
        cast.project_by_code.insert(row.code, nth);
        let open = row.status == "open";
        let project =
            Project { id: row.id, division: row.division, sector: row.sector, amount_wan: row.amount_wan, open };
        cast.projects.push(project);
    }
    Ok(())
}
