//! The configuration: defaults that work, then one TOML file, then environment variables `YUNQIA_SECTION_KEY`.
//!
//! Everything wrong is told at once, each with its key and the rule it breaks, before anything is opened. Every key is
//! described in `deploy/yunqia.example.toml`.

#[macro_use]
mod section;

mod bus;
mod data;
mod demo;
mod files;
mod instance;
mod jobs;
mod limits;
mod log;
mod mail;
mod server;
#[cfg(test)]
mod tests;

use std::{
    fmt,
    path::{Path, PathBuf},
};

pub use bus::Bus;
pub use data::Data;
pub use demo::Demo;
pub use files::{Files, Place};
pub use instance::Instance;
pub use jobs::Jobs;
pub use limits::Limits;
pub use log::{Format, Log};
pub use mail::{Mail, Way};
pub use server::Server;

use section::Wrong;

/// Everything that can be set.
#[derive(Clone, Debug)]
pub struct Config {
    /// The file that was read; None when there is none.
    pub file: Option<PathBuf>,
    pub server: Server,
    pub data: Data,
    pub files: Files,
    pub bus: Bus,
    pub mail: Mail,
    pub instance: Instance,
    pub jobs: Jobs,
    pub limits: Limits,
    pub log: Log,
    pub demo: Demo,
}

/// The names of environment variables that are ours but no setting.
const NOT_SETTINGS: [&str; 1] = ["YUNQIA_CONFIG"];

impl Config {
    /// Reads the file (`--config`, else `YUNQIA_CONFIG`, else `yunqia.toml` if it is there) and the environment.
    pub fn load(file: Option<&Path>) -> Result<Config, Unusable> {
        let usual = Path::new("yunqia.toml");
        let file = file.or_else(|| usual.is_file().then_some(usual));
        let text = match file {
            Some(path) => std::fs::read_to_string(path)
                .map_err(|error| Unusable(vec![format!("{}: cannot be read: {error}", path.display())]))?,
            None => String::new(),
        };
        let mut config = Config::read(&text, std::env::vars())?;
        config.file = file.map(Path::to_owned);
        Ok(config)
    }

    /// The configuration that a file's text and environment variables make.
    pub fn read(text: &str, environment: impl Iterator<Item = (String, String)>) -> Result<Config, Unusable> {
        let table: toml::Table = text.parse().map_err(|error| Unusable(vec![format!("not TOML: {error}")]))?;
        let environment = environment
            .filter(|(name, _)| name.starts_with("YUNQIA_") && !NOT_SETTINGS.contains(&name.as_str()))
            .collect();
        let mut source = section::Source { table, environment, wrong: Wrong::default() };
        let config = Config {
            file: None,
            server: Server::read(&mut source),
            data: Data::read(&mut source),
            files: Files::read(&mut source),
            bus: Bus::read(&mut source),
            mail: Mail::read(&mut source),
            instance: Instance::read(&mut source),
            jobs: Jobs::read(&mut source),
            limits: Limits::read(&mut source),
            log: Log::read(&mut source),
            demo: Demo::read(&mut source),
        };
        source.refuse_the_rest();
        let mut wrong = source.wrong;
        config.server.judge(&mut wrong);
        config.data.judge(&mut wrong);
        config.files.judge(&mut wrong);
        config.bus.judge(&mut wrong, &config.data.url());
        config.mail.judge(&mut wrong);
        config.jobs.judge(&mut wrong);
        config.limits.judge(&mut wrong);
        config.log.judge(&mut wrong);
        if wrong.0.is_empty() { Ok(config) } else { Err(Unusable(wrong.0)) }
    }
}

/// What is wrong with a configuration, one line each.
#[derive(Debug)]
pub struct Unusable(pub Vec<String>);

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the configuration cannot be used:")?;
        for line in &self.0 {
            write!(f, "\n  - {line}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Unusable {}
