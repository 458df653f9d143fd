//! What every handler can reach: the database, the clock, and the settings the edge needs.

use std::{path::PathBuf, sync::Arc};

use yunqia_actions::Act;
use yunqia_domain::{Timestamp, ids::PersonId};
use yunqia_store::Db;

/// Where the time comes from; tests and simulations bring their own.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The application, shared by all requests; cheap to clone.
#[derive(Clone)]
pub struct App {
    pub db: Db,
    pub clock: Clock,
    pub settings: Arc<Settings>,
}

/// What the edge has to know of the configuration.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Public address without a trailing slash, e.g. `https://yunqia.example`; links in letters begin with it.
    pub base_url: String,
    /// The demo's sign-in page and mailbox are served.
    pub demo: bool,
    /// Where uploaded files lie; never served as pages.
    pub files: PathBuf,
    /// Key for hashes of short codes (HMAC-SHA256): 32 random bytes kept with the database.
    pub secret: Vec<u8>,
    /// Trust `X-Forwarded-For` of the proxy in front.
    pub behind_proxy: bool,
    pub footer: Footer,
    /// Shown in consent texts as the contact for questions of personal data.
    pub privacy_contact: Option<String>,
    /// Letters and messages: how many bytes a file may have.
    pub file_bytes_max: u64,
}

/// Lines that a public body must show; empty ones are not shown.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct Footer {
    pub sponsor: Option<String>,
    pub contact: Option<String>,
    pub icp: Option<String>,
    pub police: Option<String>,
    pub map_review: Option<String>,
}

impl App {
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// The circumstances of an act by this person.
    pub fn act(&self, by: impl Into<Option<PersonId>>) -> Act {
        Act::unpredictable(self.now(), by.into())
    }

    pub fn is_https(&self) -> bool {
        self.settings.base_url.starts_with("https://")
    }
}
