//! `yunqia import`: tables into the database, all of a file or nothing of it, and the same file twice changes nothing.

use std::{path::Path, process::ExitCode};

use anyhow::Context;
use yunqia_actions::{Act, act::Note};
use yunqia_store::{Tx, bulk, companies};

use crate::{
    cli, compose,
    config::Config,
    tables::{self, BadLine},
};

/// So many wrong lines are shown; the rest is counted.
const SHOWN: usize = 50;

pub async fn run(command: cli::Import, config: &Config) -> anyhow::Result<ExitCode> {
    match command {
        cli::Import::Opportunities(table) => opportunities(&table, config).await,
        cli::Import::Companies(table) => companies(&table, config).await,
        cli::Import::DivisionsCheck(file) => divisions_check(&file.file),
    }
}

async fn opportunities(from: &cli::Table, config: &Config) -> anyhow::Result<ExitCode> {
    let text = text_of(&from.file)?;
    let db = compose::migrated(config).await?;
    let mut act = Act::unpredictable((compose::clock())(), None);
    let mut tx = db.write().await?;
    let centres = bulk::centres_by_division(&mut tx).await?.into_iter().collect();
    let table = tables::opportunities::read(&text, &mut act, &centres)?;
    if !may_go_on(&table.bad, from.skip_bad) {
        return Ok(ExitCode::FAILURE);
    }
    let changed = bulk::upsert_opportunities(&mut tx, &table.rows).await?;
    note(&mut tx, &mut act, "opportunities.import", table.rows.len(), changed).await?;
    tx.commit().await?;
    println!("{} projects read, {changed} added or changed.", table.rows.len());
    db.close().await;
    Ok(ExitCode::SUCCESS)
}

async fn companies(from: &cli::Table, config: &Config) -> anyhow::Result<ExitCode> {
    let text = text_of(&from.file)?;
    let db = compose::migrated(config).await?;
    let mut act = Act::unpredictable((compose::clock())(), None);
    let table = tables::companies::read(&text, &mut act)?;
    if !may_go_on(&table.bad, from.skip_bad) {
        return Ok(ExitCode::FAILURE);
    }
    let read = table.rows.len();
    let mut tx = db.write().await?;
    let (mut organisations, mut new) = (Vec::new(), Vec::new());
    for (organisation, company) in table.rows {
        // What a company says of itself goes before a table.
        if companies::by_identifier(&mut tx, &company.identifier_kind, &company.identifier).await?.is_none() {
            organisations.push(organisation);
            new.push(company);
        }
    }
    bulk::organisations(&mut tx, &organisations).await?;
    bulk::companies(&mut tx, &new).await?;
    note(&mut tx, &mut act, "companies.import", read, new.len() as u64).await?;
    tx.commit().await?;
    println!("{read} companies read, {} added, {} known already.", new.len(), read - new.len());
    db.close().await;
    Ok(ExitCode::SUCCESS)
}

fn divisions_check(file: &Path) -> anyhow::Result<ExitCode> {
    let differences = tables::divisions::compare(&text_of(file)?)?;
    for difference in &differences {
        println!("{difference}");
    }
    if differences.is_empty() {
        println!("The table agrees with the divisions that Yunqia knows.");
        return Ok(ExitCode::SUCCESS);
    }
    Ok(ExitCode::FAILURE)
}

fn text_of(file: &Path) -> anyhow::Result<String> {
    let bytes = std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    String::from_utf8(bytes).with_context(|| format!("{} is not UTF-8; save it as \"CSV UTF-8\"", file.display()))
}

fn may_go_on(bad: &[BadLine], skip_bad: bool) -> bool {
    for line in bad.iter().take(SHOWN) {
        eprintln!("{line}");
    }
    if bad.len() > SHOWN {
        eprintln!("… and {} more", bad.len() - SHOWN);
    }
    if bad.is_empty() || skip_bad {
        return true;
    }
    eprintln!("{} lines are wrong, nothing was read. Mend them, or leave them out with --skip-bad.", bad.len());
    false
}

async fn note(tx: &mut Tx, act: &mut Act, what: &str, read: usize, changed: u64) -> anyhow::Result<()> {
    if changed == 0 {
        return Ok(());
    }
    let note = Note {
        act: what,
        kind: "table",
        subject: act.id(),
        session: None,
        before: None,
        after: Some(serde_json::json!({ "read": read, "changed": changed })),
    };
    Ok(act.note(tx, note).await?)
}
