//! The four sessions: one under way, one that takes requests, a series meeting that is being booked, and one that is over.

mod finished;
mod requests;
mod running;
mod series;

use anyhow::Context;
use yunqia_actions::{Act, sessions};
use yunqia_domain::{Timestamp, states::SessionState};
use yunqia_store::{Tx, sessions as rows};

use super::cast::Cast;

pub async fn load(tx: &mut Tx, cast: &Cast, now: Timestamp) -> anyhow::Result<()> {
    finished::load(tx, cast, now).await.context("the session that is over")?;
    requests::load(tx, cast, now).await.context("the session that takes requests")?;
    series::load(tx, cast, now).await.context("the series meeting")?;
    running::load(tx, cast, now).await.context("the session under way")?;
    // Where the clock has brought each of them.
    for id in rows::on_the_clock(tx, &[SessionState::RegistrationOpen, SessionState::BookingOpen]).await? {
        sessions::advance(tx, &mut Act::unpredictable(now, None), id).await?;
    }
    Ok(())
}
