//! `[data]`: where the database, the files and the secret key are kept.

use std::path::{Path, PathBuf};

use super::section::Wrong;

/// One file of a message.
const FILE_BYTES_MOST: u64 = 200 << 20;

section! {
    /// What is kept, and where.
    Data = "data" {
        /// Holds `yunqia.db`, `files/` and `secret.key`; made if missing.
        dir: PathBuf = "var".into(), "a folder";
        /// `sqlite://PATH` or `postgres://USER:PASSWORD@HOST/DATABASE`; by default SQLite in `dir`.
        database_url: Option<String> = None, "an address such as \"sqlite://var/yunqia.db\" or \"postgres://…\"";
        /// By default `secret.key` in `dir`; all nodes have the same.
        secret_key_file: Option<PathBuf> = None, "a file";
        /// The largest file a message may carry.
        file_bytes_max: u64 = 20 << 20, "a number of bytes";
    }
}

impl Data {
    pub(super) fn judge(&self, wrong: &mut Wrong) {
        let known = ["sqlite://", "postgres://", "postgresql://"];
        if let Some(url) = &self.database_url {
            let right = known.iter().any(|scheme| url.starts_with(scheme));
            wrong.unless(right, "data.database_url", "must begin with sqlite://, postgres:// or postgresql://");
        }
        let size = (1 << 10)..=FILE_BYTES_MOST;
        wrong.unless(size.contains(&self.file_bytes_max), "data.file_bytes_max", "must be 1024 to 209715200 (200 MiB)");
    }

    pub fn url(&self) -> String {
        self.database_url.clone().unwrap_or_else(|| format!("sqlite://{}", self.dir.join("yunqia.db").display()))
    }

    /// The file of a SQLite database.
    pub fn sqlite_path(&self) -> Option<PathBuf> {
        let path = self.url().strip_prefix("sqlite://")?.to_owned();
        Some(Path::new(path.split('?').next().unwrap_or_default()).to_owned())
    }

    pub fn files(&self) -> PathBuf {
        self.dir.join("files")
    }

    /// Held by whoever works in `dir`.
    pub fn lock(&self) -> PathBuf {
        self.dir.join("yunqia.lock")
    }

    pub fn secret_key(&self) -> PathBuf {
        self.secret_key_file.clone().unwrap_or_else(|| self.dir.join("secret.key"))
    }
}
