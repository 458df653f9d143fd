//! `yunqia serve`: everything in one process, until it is told to stop.

use std::time::Duration;

use anyhow::Context;
use axum::{middleware, routing::get};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio::{net::TcpListener, signal};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    accept::{self, Limits},
    bus, compose,
    config::Config,
    jobs, logs, post,
};

pub async fn run(config: Config) -> anyhow::Result<()> {
    let meters = meters()?;
    let server = &config.server;
    let db = compose::migrated(&config).await?;
    let app = compose::app(&config, db)?;
    let listener = TcpListener::bind(server.listen)
        .await
        .with_context(|| format!("server.listen: {} cannot be listened on", server.listen))?;
    let stop = CancellationToken::new();
    let tasks = TaskTracker::new();
    tasks.spawn(jobs::run(app.clone(), config.jobs.clone(), stop.clone()));
    if config.bus.is_set() {
        tasks.spawn(bus::run(config.bus.clone(), app.clone(), stop.clone()));
    }
    if config.mail.worker {
        let secret = app.settings.secret.clone();
        match post::set_up(&config, app.db.clone(), secret).await? {
            Some(post) => drop(tasks.spawn(post::run(post, app.clock.clone(), stop.clone()))),
            None => tracing::warn!("mail.way is \"wait\": letters stay in the outbox"),
        }
    }
    tokio::spawn(stop_when_told(stop.clone()));
    let (leaving, told) = (app.clone(), stop.clone());
    tokio::spawn(async move {
        told.cancelled().await;
        // Sockets never end by themselves: they are sent away, to come back to the next server.
        leaving.live().stop();
    });

    tracing::info!(address = %listener.local_addr()?, base_url = server.base_url, engine = app.db.engine(), "serving");
    let limits = Limits {
        connections: server.connections_max,
        head: Duration::from_secs(server.header_seconds),
        write: Duration::from_secs(server.write_seconds),
        shutdown: Duration::from_secs(server.shutdown_seconds),
    };
    let router = yunqia_web::routes::router(app.clone())
        .route("/metrics", get(move || async move { meters.render() }))
        .layer(middleware::from_fn(logs::request));
    accept::serve(listener, router, limits, stop).await;

    tasks.close();
    tasks.wait().await;
    app.db.close().await;
    tracing::info!("stopped");
    Ok(())
}

/// Where everything that is counted comes together, for `/metrics`.
fn meters() -> anyhow::Result<PrometheusHandle> {
    let seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
    let meters = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &seconds)?
        .install_recorder()
        .context("the meters cannot be set up")?;
    let kept = meters.clone();
    // Counts are gathered when they are asked for; without a collector they would pile up.
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_secs(10)).await;
            kept.run_upkeep();
        }
    });
    Ok(meters)
}

/// SIGTERM from the service manager, Ctrl-C from a person.
pub async fn stop_when_told(stop: CancellationToken) {
    let interrupted = signal::ctrl_c();
    #[cfg(unix)]
    {
        let mut terminated =
            signal::unix::signal(signal::unix::SignalKind::terminate()).expect("the system delivers signals");
        tokio::select! {
            _ = interrupted => {}
            _ = terminated.recv() => {}
        }
    }
    #[cfg(not(unix))]
    let _ = interrupted.await;
    tracing::info!("stopping: no new connections, what is under way is finished");
    stop.cancel();
}
