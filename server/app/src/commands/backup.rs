//! `yunqia backup`: a consistent copy of everything that cannot be made again, taken while the server runs.

use std::{
    io,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};

use crate::{compose, config::Config, files};

pub const DATABASE: &str = "yunqia.db";
pub const FILES: &str = "files";
pub const KEY: &str = "secret.key";
pub const MANIFEST: &str = "backup.json";

/// What a backup says of itself; written last, so that a folder without one is no backup.
#[derive(Debug, Serialize, Deserialize)]
pub struct Manifest {
    pub program: String,
    pub schema: i64,
    pub engine: String,
    pub made_at: String,
    pub files: u64,
    pub file_bytes: u64,
}

pub async fn run(dest: &Path, config: &Config) -> anyhow::Result<()> {
    std::fs::create_dir(dest)
        .with_context(|| format!("{} must be a folder that does not exist yet", dest.display()))?;
    make_private(dest)?;
    let db = compose::database(config).await?;
    if db.engine() == "sqlite" {
        let target = dest.join(DATABASE);
        let Some(target) = target.to_str() else { bail!("{} is not a readable name", dest.display()) };
        db.copy_to(target).await.context("the database cannot be copied")?;
    }
    // After the database: a file is written before the message that names it.
    let folder = files::folder(config);
    let (files, file_bytes) = match &folder {
        Some(folder) => copy_tree(folder, &dest.join(FILES))?,
        None => (0, 0),
    };
    let key = config.data.secret_key();
    if key.exists() {
        std::fs::copy(&key, dest.join(KEY)).with_context(|| format!("{} cannot be copied", key.display()))?;
    }
    let manifest = Manifest {
        program: env!("CARGO_PKG_VERSION").into(),
        schema: db.schema_version().await?,
        engine: db.engine().into(),
        made_at: (compose::clock())().to_string(),
        files,
        file_bytes,
    };
    std::fs::write(dest.join(MANIFEST), serde_json::to_string_pretty(&manifest)? + "\n")?;
    println!("{}: schema {}, {files} files ({file_bytes} bytes), the secret key.", dest.display(), manifest.schema);
    if db.engine() == "postgres" {
        let dump = dest.join("yunqia.dump");
        println!(
            "The database is on PostgreSQL and not in this folder. It is dumped with PostgreSQL's own tool, before the"
        );
        println!("files are copied, so that they have all that it names (deploy/backup.sh does both):");
        println!("  pg_dump --format=custom --file={} \"$YUNQIA_DATA_DATABASE_URL\"", dump.display());
    }
    if folder.is_none() {
        println!("The files are in a bucket and not in this folder: it is copied with the tools of its storage.");
    }
    db.close().await;
    Ok(())
}

/// A backup holds personal data and the key: for its owner only.
fn make_private(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    std::fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
    Ok(())
}

/// Copies a folder with everything in it; a missing one is empty. Returns the number of files and of bytes.
pub fn copy_tree(from: &Path, to: &Path) -> anyhow::Result<(u64, u64)> {
    std::fs::create_dir_all(to)?;
    let (mut files, mut bytes) = (0, 0);
    let mut folders: Vec<(PathBuf, PathBuf)> = vec![(from.to_owned(), to.to_owned())];
    while let Some((from, to)) = folders.pop() {
        let entries = match std::fs::read_dir(&from) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error).with_context(|| format!("{} cannot be read", from.display())),
        };
        for entry in entries {
            let entry = entry?;
            let target = to.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                std::fs::create_dir_all(&target)?;
                folders.push((entry.path(), target));
            } else {
                bytes += std::fs::copy(entry.path(), &target)
                    .with_context(|| format!("{} cannot be copied", entry.path().display()))?;
                files += 1;
            }
        }
    }
    Ok((files, bytes))
}
