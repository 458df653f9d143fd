//! What the clock does: every few seconds each job takes one step in a transaction of its own. A job takes no input and
//! may run twice, on one node or on several.

use std::time::Duration;

use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use yunqia_domain::Timestamp;
use yunqia_web::App;

use crate::config::Jobs;

/// Runs the jobs until `stop`.
pub async fn run(app: App, jobs: Jobs, stop: CancellationToken) {
    let mut timer = tokio::time::interval(Duration::from_secs(jobs.every_seconds));
    timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = timer.tick() => {}
        }
        if let Err(error) = forget(&app, &jobs).await {
            tracing::error!(?error, "old answers are not forgotten");
        }
    }
}

/// Forgets the answers to repeated requests after a while.
async fn forget(app: &App, jobs: &Jobs) -> yunqia_store::Result<()> {
    let before = hours_before(app.now(), jobs.answers_hours);
    let mut tx = app.db.write().await?;
    yunqia_store::idempotent_answers::prune(&mut tx, before).await?;
    tx.commit().await
}

fn hours_before(now: Timestamp, hours: i64) -> Timestamp {
    now.plus_minutes(-60 * hours)
}
