//! One file per command; each speaks to a person at a terminal.

mod backup;
mod demo;
mod doctor;
mod import;
mod mail;
mod matching;
mod openapi;
mod operator;
mod restore;

use std::process::ExitCode;

use crate::{cli::Command, compose, config::Config, serve};

pub async fn run(command: Command, config: Config) -> anyhow::Result<ExitCode> {
    match command {
        Command::Serve => serve::run(config).await?,
        Command::Migrate => migrate(&config).await?,
        Command::Operator(command) => operator::run(command, &config).await?,
        Command::Import(command) => return import::run(command, &config).await,
        Command::Demo(how) => demo::run(how.load_only, config).await?,
        Command::Backup(what) => backup::run(&what.dest, &config).await?,
        Command::Restore(what) => restore::run(&what.src, what.replace, &config)?,
        Command::Mail => mail::run(&config).await?,
        Command::Doctor => return doctor::run(&config).await,
        Command::Match(what) => return matching::run(&what),
        Command::Openapi => openapi::run()?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn migrate(config: &Config) -> anyhow::Result<()> {
    let db = compose::migrated(config).await?;
    println!("The schema of the {} database is up to date (version {}).", db.engine(), db.schema_version().await?);
    db.close().await;
    Ok(())
}
