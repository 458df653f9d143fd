//! `yunqia serve`: everything in one process, until it is told to stop.

use std::time::Duration;

use anyhow::Context;
use axum::middleware;
use tokio::{net::TcpListener, signal};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    accept::{self, Limits},
    bus, compose,
    config::Config,
    data_lock, descriptors, jobs, logs, meters, post,
};

pub async fn run(config: Config) -> anyhow::Result<()> {
    let _lock = data_lock::share(&config.data)?;
    let meters = meters::install()?;
    let server = &config.server;
    descriptors::raise(server);
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
        match post::set_up(&config, app.db.clone(), secret)? {
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
        .merge(meters::routes(meters, server.metrics_token.clone()))
        .layer(middleware::from_fn(logs::request));
    accept::serve(listener, router, limits, stop).await;
    // Sockets hear why, and over what time to come back, before the process ends.
    app.live().left(limits.shutdown).await;

    tasks.close();
    tasks.wait().await;
    app.db.close().await;
    tracing::info!("stopped");
    Ok(())
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
