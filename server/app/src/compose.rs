//! Putting the parts together, in the order in which they need each other.

use std::sync::Arc;

use anyhow::Context;
use yunqia_domain::{Timestamp, locale::LocalText};
use yunqia_store::{Db, db::Carrier};
use yunqia_web::{
    App,
    state::{Clock, Footer, Limits, Settings},
};

use crate::{config::Config, files, post, secret};

/// The one place where the time comes from.
#[expect(clippy::disallowed_methods, reason = "everything else is given the time")]
pub fn clock() -> Clock {
    Arc::new(|| Timestamp::from(jiff::Timestamp::now()).plus_minutes(minutes_ahead()))
}

/// End-to-end tests do not wait for a talk to begin: a build for development goes by a clock that is ahead by as many
/// minutes as the file named by `TEST_CLOCK` says. A release build knows nothing of it.
#[cfg(debug_assertions)]
fn minutes_ahead() -> i64 {
    static FILE: std::sync::LazyLock<Option<std::ffi::OsString>> =
        std::sync::LazyLock::new(|| std::env::var_os("TEST_CLOCK"));
    let said = FILE.as_ref().and_then(|file| std::fs::read_to_string(file).ok());
    said.and_then(|minutes| minutes.trim().parse().ok()).unwrap_or(0)
}

#[cfg(not(debug_assertions))]
fn minutes_ahead() -> i64 {
    0
}

/// Opens the database and makes the folders it needs.
pub async fn database(config: &Config) -> anyhow::Result<Db> {
    let data = &config.data;
    std::fs::create_dir_all(&data.dir).with_context(|| format!("data.dir {} cannot be made", data.dir.display()))?;
    if let Some(folder) = data.sqlite_path().as_deref().and_then(std::path::Path::parent) {
        std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    }
    let carrier = if config.bus.is_set() { Carrier::Bus } else { Carrier::Database };
    Db::open_with(&data.url(), carrier).await.context("the database cannot be opened; `yunqia doctor` says more")
}

/// The database with this program's schema.
pub async fn migrated(config: &Config) -> anyhow::Result<Db> {
    let db = database(config).await?;
    db.migrate().await.context("the schema cannot be brought up to date")?;
    Ok(db)
}

/// What the edge needs to know.
pub fn settings(config: &Config) -> anyhow::Result<Settings> {
    let instance = config.instance.clone();
    let files = files::open(config)?;
    let [hans, hant, en] = [instance.name_hans, instance.name_hant, instance.name_en];
    Ok(Settings {
        base_url: config.server.base_url.clone(),
        demo: config.demo.enabled,
        files,
        secret: secret::load_or_make(&config.data.secret_key())?,
        behind_proxy: config.server.behind_proxy,
        footer: Footer {
            sponsor: instance.sponsor,
            contact: instance.contact,
            icp: instance.icp,
            police: instance.police,
            map_review: instance.map_review,
        },
        privacy_contact: instance.privacy_contact,
        file_bytes_max: config.data.file_bytes_max,
        name: LocalText::new(hans, hant, en),
        companies_approved_at_once: instance.companies_approved_at_once,
        limits: Limits {
            anonymous_per_second: config.limits.anonymous_per_second,
            anonymous_burst: config.limits.anonymous_burst,
            writes_per_second: config.limits.writes_per_second,
            writes_burst: config.limits.writes_burst,
            sign_in_letters_per_hour: config.limits.sign_in_letters_per_hour,
            sockets_max: config.server.sockets_max,
        },
    })
}

/// The application on an open database.
pub fn app(config: &Config, db: Db) -> anyhow::Result<App> {
    let settings = settings(config)?;
    let preview = post::Preview {
        renderer: post::renderer(config).context("the letters' texts")?,
        unsubscribe: post::unsubscribe(settings.secret.clone()),
    };
    Ok(App::new(db, clock(), settings).with_previews(Arc::new(preview)))
}
