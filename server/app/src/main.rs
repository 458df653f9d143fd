//! The binary `yunqia`: reads the configuration, puts the parts together, and runs one command.

mod accept;
mod bus;
mod cli;
mod commands;
mod compose;
mod config;
mod data_lock;
mod demo;
mod descriptors;
mod files;
mod jobs;
mod logs;
mod meters;
mod post;
mod secret;
mod serve;
mod tables;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    let config = match config::Config::load(cli.config.as_deref()) {
        Ok(config) => config,
        Err(unusable) => {
            eprintln!("yunqia: {unusable}");
            return ExitCode::from(2);
        }
    };
    if let Err(error) = logs::start(&config.log, cli.command.is_service()) {
        eprintln!("yunqia: log.level: {error}");
        return ExitCode::from(2);
    }
    let runtime = tokio::runtime::Runtime::new().expect("the system gives threads to a starting program");
    match runtime.block_on(commands::run(cli.command, config)) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("yunqia: {error:#}");
            ExitCode::FAILURE
        }
    }
}
