//! `yunqia restore`: puts a backup back. What was there is kept under another name.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::backup::{DATABASE, FILES, KEY, MANIFEST, Manifest, copy_tree};
use crate::{config::Config, data_lock, files};

pub fn run(src: &Path, replace: bool, config: &Config) -> anyhow::Result<()> {
    let manifest = std::fs::read_to_string(src.join(MANIFEST))
        .with_context(|| format!("{} is not a backup: it has no {MANIFEST}", src.display()))?;
    let manifest: Manifest = serde_json::from_str(&manifest).context("the backup's description cannot be read")?;
    let database = config.data.sqlite_path();
    let engine = if database.is_some() { "sqlite" } else { "postgres" };
    if manifest.engine != engine {
        bail!("the backup is of a {} database, the configuration names {engine}", manifest.engine);
    }
    let _lock = data_lock::alone(&config.data)?;
    let mut places = vec![(src.join(KEY), config.data.secret_key())];
    if let Some(folder) = files::folder(config) {
        places.push((src.join(FILES), folder));
    }
    if let Some(database) = &database {
        places.push((src.join(DATABASE), database.clone()));
    }
    if let Some((_, taken)) = places.iter().find(|(_, to)| is_taken(to))
        && !replace
    {
        bail!("{} is there already; --replace keeps it under another name", taken.display());
    }
    std::fs::create_dir_all(&config.data.dir)?;
    for (from, to) in &places {
        put_back(from, to)?;
    }
    println!("Restored the backup of {} (schema {}).", manifest.made_at, manifest.schema);
    if database.is_none() {
        println!("The database itself is restored with pg_restore from the dump made with it.");
    }
    println!("Start the server, or look first: yunqia doctor");
    Ok(())
}

fn is_taken(path: &Path) -> bool {
    match std::fs::read_dir(path) {
        Ok(mut entries) => entries.next().is_some(),
        Err(_) => path.exists(),
    }
}

fn put_back(from: &Path, to: &Path) -> anyhow::Result<()> {
    if !from.exists() {
        return Ok(());
    }
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder)?;
    }
    // The write-ahead log belongs to the database beside it and must not meet another one.
    for path in [to.to_owned(), beside(to, "-wal"), beside(to, "-shm")] {
        if path.exists() {
            set_aside(&path)?;
        }
    }
    let copied = if from.is_dir() {
        copy_tree(from, to).map(drop)
    } else {
        std::fs::copy(from, to).map(drop).map_err(Into::into)
    };
    copied.with_context(|| format!("{} cannot be written", to.display()))
}

/// Moves out of the way, over what an earlier restore moved there.
fn set_aside(path: &Path) -> anyhow::Result<()> {
    let aside = beside(path, ".before-restore");
    if aside.is_dir() {
        std::fs::remove_dir_all(&aside)?;
    }
    std::fs::rename(path, &aside).with_context(|| format!("{} cannot be moved aside", path.display()))
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}
