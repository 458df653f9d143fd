//! The four sessions: one under way, one that takes requests, a series meeting that is being booked, and one that is over.

mod requests;
mod series;

use anyhow::Context;
use yunqia_domain::Timestamp;
use yunqia_store::Tx;

use super::cast::Cast;

pub async fn load(tx: &mut Tx, cast: &Cast, now: Timestamp) -> anyhow::Result<()> {
    requests::load(tx, cast, now).await.context("the session that takes requests")?;
    series::load(tx, cast, now).await.context("the series meeting")?;
    Ok(())
}
