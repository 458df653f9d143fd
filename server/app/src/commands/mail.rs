//! `yunqia mail`: a post of its own, for a machine that serves no pages.

use anyhow::{Context, bail};
use tokio_util::sync::CancellationToken;

use crate::{compose, config::Config, data_lock, post, serve::stop_when_told};

pub async fn run(config: &Config) -> anyhow::Result<()> {
    let _lock = data_lock::share(&config.data)?;
    let db = compose::migrated(config).await?;
    let secret = compose::settings(config)?.secret;
    let Some(post) = post::set_up(config, db.clone(), secret).context("the post cannot be set up")? else {
        bail!("mail.way is \"wait\": letters stay in the outbox. Set it to \"smtp\" or \"folder\"");
    };
    let stop = CancellationToken::new();
    tokio::spawn(stop_when_told(stop.clone()));
    tracing::info!("sending letters");
    post::run(post, compose::clock(), stop).await;
    db.close().await;
    Ok(())
}
