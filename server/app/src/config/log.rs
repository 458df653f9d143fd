//! `[log]`: what is written to standard error.

use serde::Deserialize;

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
