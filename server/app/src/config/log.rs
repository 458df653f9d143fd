//! `[log]`: what is written to standard error.

use serde::Deserialize;

use super::section::Wrong;

/// For people, or for a collector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    Text,
    Json,
}

section! {
    /// The log.
    Log = "log" {
        format: Format = Format::Text, "one of \"text\", \"json\"";
        /// A level, or levels per module as tracing's EnvFilter writes them.
        level: String = "info".into(), "a level such as \"info\" or \"info,sqlx=warn\"";
    }
}

impl Log {
    pub(super) fn judge(&self, wrong: &mut Wrong) {
        wrong.unless(
            self.level.split(',').all(is_level),
            "log.level",
            "must be off, error, warn, info, debug or trace, or a list of MODULE=LEVEL",
        );
    }
}

/// A level, or a module and its level. EnvFilter takes any other word for the name of a module and then writes nothing.
fn is_level(directive: &str) -> bool {
    let level = directive.rsplit_once('=').map_or(directive, |(_, level)| level);
    // Nothing at all would be read as "error".
    !level.trim().is_empty() && level.trim().parse::<tracing_subscriber::filter::LevelFilter>().is_ok()
}
