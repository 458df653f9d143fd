//! `[bus]`: the NATS servers that wake the other nodes, where there are several.

use std::path::PathBuf;

use super::section::Wrong;

section! {
    /// The bus between nodes. Without an address, PostgreSQL's NOTIFY takes its place.
    Bus = "bus" {
        /// Servers of one NATS cluster; any of them will do.
        urls: Vec<String> = Vec::new(), "a list of addresses such as [\"nats://127.0.0.1:4222\"]";
        /// Two installations on one NATS have two subjects.
        subject: String = "yunqia.signals".into(), "a subject such as \"yunqia.signals\"";
        username: Option<String> = None, "a text";
        password: Option<String> = None, "a text";
        token: Option<String> = None, "a text";
        /// A `.creds` file as NATS's tools write it (JWT and NKey).
        credentials_file: Option<PathBuf> = None, "a file";
        /// PEM file with a certificate authority to trust in place of the system's.
        root_certificates: Option<PathBuf> = None, "a file";
    }
}

impl Bus {
    pub(super) fn judge(&self, wrong: &mut Wrong, database_url: &str) {
        for url in &self.urls {
            let right = ["nats://", "tls://"].iter().any(|scheme| url.starts_with(scheme))
                && url.parse::<async_nats::ServerAddr>().is_ok();
            wrong.unless(right, "bus.urls", "must be nats:// or tls:// and a host each");
        }
        let plain =
            |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
        wrong.unless(
            self.subject.split('.').all(plain),
            "bus.subject",
            "must be words of a-z, 0-9, - and _ between dots",
        );
        wrong.unless(
            self.username.is_some() == self.password.is_some(),
            "bus.username",
            "and a password are set together or not at all",
        );
        let ways = [self.username.is_some(), self.token.is_some(), self.credentials_file.is_some()];
        wrong.unless(
            ways.into_iter().filter(|&set| set).count() <= 1,
            "bus.token",
            "is one of three ways to sign in (username, token, credentials_file): set one",
        );
        wrong.unless(
            !self.is_set() || !database_url.starts_with("sqlite:"),
            "bus.urls",
            "need data.database_url on PostgreSQL: SQLite has one node, which needs no bus",
        );
    }

    /// Whether there is a bus at all.
    pub fn is_set(&self) -> bool {
        !self.urls.is_empty()
    }
}
