//! The demo: a province's promotion bodies, 300 companies, all projects on offer and four sessions, made so that each
//! day it is started something is under way.
//!
//! It fills an empty database only. Everything is written in one transaction: a demo is whole or not there.

mod bodies;
mod cast;
mod companies;
mod days;
mod held;
mod interests;
mod names;
mod projects;
mod sessions;
mod stage;

use anyhow::Context;
use serde_json::json;
use yunqia_actions::Act;
use yunqia_domain::Timestamp;
use yunqia_store::{Db, Tx, bulk, facts, topics};

use cast::Cast;

/// Under this name the people of the sign-in page are kept (`facts`).
const PEOPLE: &str = "demo_people";
const LOADED: &str = "demo_loaded";

/// Fills an empty database; false if something is there already.
pub async fn load(db: &Db, now: Timestamp) -> anyhow::Result<bool> {
    let mut tx = db.write().await?;
    if !bulk::is_empty(&mut tx).await? {
        return Ok(false);
    }
    fill(&mut tx, now).await?;
    tx.commit().await?;
    Ok(true)
}

async fn fill(tx: &mut Tx, now: Timestamp) -> anyhow::Result<()> {
    // Everybody has been here for some weeks.
    let long_ago = now.plus_minutes(-60 * 24 * 60);
    let mut act = Act::unpredictable(long_ago, None);
    let mut cast = Cast::default();
    bodies::load(tx, &mut act, &mut cast).await.context("the promotion bodies")?;
    companies::load(tx, &mut act, &mut cast).await.context("the companies")?;
    projects::load(tx, &mut act, &mut cast).await.context("the projects on offer")?;
    interests::load(tx, &mut act, &cast).await.context("the interests")?;
    sessions::load(tx, &cast, now).await?;
    bulk::letters_were_sent(tx, now).await?;
    // Nobody has listened yet, so nobody has anything to catch up on.
    topics::prune(tx, now).await?;
    facts::set(tx, PEOPLE, &cast.sign_in_page()).await?;
    facts::set(tx, LOADED, &json!({ "at": now })).await?;
    Ok(())
}

#[cfg(test)]
mod tests;
