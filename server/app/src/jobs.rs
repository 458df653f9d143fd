//! What the clock does: every few seconds each job takes one step. A job takes no input but the time and may run twice, on
//! one node or on several.

use std::{fmt::Debug, future::Future, time::Duration};

use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use yunqia_actions::jobs;
use yunqia_web::App;

use crate::config::Jobs;

/// What only takes room is thrown away every so many rounds.
const PRUNE_EVERY: u64 = 500;

/// Runs the jobs until `stop`.
pub async fn run(app: App, settings: Jobs, stop: CancellationToken) {
    let mut timer = tokio::time::interval(Duration::from_secs(settings.every_seconds));
    timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for round in 0_u64.. {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = timer.tick() => {}
        }
        let (db, now) = (&app.db, app.now());
        step("advance_sessions", jobs::advance_sessions(db, now)).await;
        step("expire_requests", jobs::expire_requests(db, now)).await;
        step("lapse_offers", jobs::lapse_offers(db, now)).await;
        step("request_feedback", jobs::request_feedback(db, now)).await;
        if round % PRUNE_EVERY == 0 {
            step("prune", jobs::prune(db, now)).await;
            step("forget_unsent_files", forget_unsent_files(&app)).await;
        }
    }
}

/// The rows go first: bytes that a killed server leaves behind harm nobody, a row without bytes could still be sent.
async fn forget_unsent_files(app: &App) -> yunqia_actions::error::Result<usize> {
    let gone = jobs::forget_unsent_files(&app.db, app.now()).await?;
    for id in &gone {
        app.settings.files.forget(*id).await;
    }
    Ok(gone.len())
}

/// One step of one job; a fault of one does not stop the others.
async fn step<N: TryInto<u64>, E: Debug>(name: &'static str, job: impl Future<Output = Result<N, E>>) {
    match job.await {
        Ok(done) => {
            let done = done.try_into().unwrap_or(u64::MAX);
            metrics::counter!("yunqia_jobs_done_total", "job" => name).increment(done);
            if done > 0 {
                tracing::debug!(job = name, done, "a job did something");
            }
        }
        Err(error) => {
            metrics::counter!("yunqia_jobs_failed_total", "job" => name).increment(1);
            tracing::error!(job = name, ?error, "a job failed; it is tried again");
        }
    }
}
