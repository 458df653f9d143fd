//! `yunqia demo`: a server with made-up people, and how to look at it.

use std::time::Instant;

use crate::{compose, config::Config, config::Way, demo, serve};

pub async fn run(load_only: bool, mut config: Config) -> anyhow::Result<()> {
    config.demo.enabled = true;
    // Nobody of the demo can be written to; their letters are read in the demo's mailbox.
    if config.mail.way == Way::Wait {
        config.mail.way = Way::Show;
    }
    let db = compose::migrated(&config).await?;
    let began = Instant::now();
    if demo::load(&db, (compose::clock())()).await? {
        eprintln!("The demo was loaded in {:.1} s.", began.elapsed().as_secs_f64());
    } else {
        eprintln!("The database has data already; the demo is not loaded again. For a fresh one: make clean-data");
    }
    db.close().await;
    if load_only {
        return Ok(());
    }
    eprintln!("Open {0}  and sign in at {0}/demo as one of its people.", config.server.base_url);
    serve::run(config).await
}
