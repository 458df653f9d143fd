//! What every handler can reach: the database, the clock, and the settings the edge needs.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, OnceLock},
};

use yunqia_actions::Act;
use yunqia_domain::{Timestamp, ids::PersonId, locale::LocalText};
use yunqia_store::Db;

use crate::{
    booking_queue::BookingQueue,
    file_store::FileStore,
    limits::Rates,
    live::Live,
    preview::{LetterPreview, NoPreview},
};

/// Where the time comes from; tests and simulations bring their own.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The application, shared by all requests; cheap to clone.
#[derive(Clone)]
pub struct App {
    pub db: Db,
    pub clock: Clock,
    pub settings: Arc<Settings>,
    /// Turns rows of the outbox into what their readers see.
    pub previews: Arc<dyn LetterPreview>,
    pub rates: Rates,
    /// Bookings that are under way or wait.
    pub bookings: BookingQueue,
    pub without: Without,
    live: Arc<OnceLock<Live>>,
}

/// What this node has lost for the moment and serves without, by name; `/readyz` tells it.
#[derive(Clone, Default)]
pub struct Without(Arc<Mutex<BTreeSet<&'static str>>>);

impl Without {
    /// Says whether `what` is lost now.
    pub fn set(&self, what: &'static str, lost: bool) {
        let mut names = self.0.lock().expect("no panic under this lock");
        if lost {
            names.insert(what)
        } else {
            names.remove(what)
        };
    }

    pub fn names(&self) -> Vec<&'static str> {
        self.0.lock().expect("no panic under this lock").iter().copied().collect()
    }
}

/// What the edge has to know of the configuration.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Public address without a trailing slash, e.g. `https://yunqia.example`; links in letters begin with it.
    pub base_url: String,
    /// The demo's sign-in page and mailbox are served.
    pub demo: bool,
    /// Where uploaded files lie; never served as pages.
    pub files: FileStore,
    /// Key for hashes of short codes (HMAC-SHA256): 32 random bytes kept with the database.
    pub secret: Vec<u8>,
    /// Trust `X-Forwarded-For` of the proxy in front.
    pub behind_proxy: bool,
    pub footer: Footer,
    /// Shown in consent texts as the contact for questions of personal data.
    pub privacy_contact: Option<String>,
    /// Letters and messages: how many bytes a file may have.
    pub file_bytes_max: u64,
    /// Name of this installation, as its users know it.
    pub name: LocalText,
    /// New companies may act at once; otherwise the operator approves each.
    pub companies_approved_at_once: bool,
    pub limits: Limits,
}

/// How often one address or one person may ask. The defaults are for people; benchmarks and tests raise them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Requests a second from one IP address without a sign-in, and how many may come at once.
    pub anonymous_per_second: u32,
    pub anonymous_burst: u32,
    /// Changes a second by one signed-in person, and how many may come at once.
    pub writes_per_second: u32,
    pub writes_burst: u32,
    /// Sign-in letters an hour that one IP address may ask for; a county office shares one address.
    pub sign_in_letters_per_hour: u32,
    /// Sockets that one node serves; above that it is safer to refuse than to fail.
    pub sockets_max: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            anonymous_per_second: 50,
            anonymous_burst: 1000,
            writes_per_second: 5,
            writes_burst: 60,
            sign_in_letters_per_hour: 60,
            sockets_max: 50_000,
        }
    }
}

impl Limits {
    /// Practically none, for benchmarks and tests of other things.
    pub const NONE: Limits = Limits {
        anonymous_per_second: 1_000_000,
        anonymous_burst: 1_000_000,
        writes_per_second: 1_000_000,
        writes_burst: 1_000_000,
        sign_in_letters_per_hour: 1_000_000,
        sockets_max: 1_000_000,
    };
}

impl Default for Settings {
    /// What a server on loopback without a configuration has. The secret is empty: whoever serves people sets one.
    fn default() -> Settings {
        Settings {
            base_url: "http://127.0.0.1:8080".into(),
            demo: false,
            files: FileStore::folder("files"),
            secret: Vec::new(),
            behind_proxy: false,
            footer: Footer::default(),
            privacy_contact: None,
            file_bytes_max: 20 * 1024 * 1024,
            name: LocalText::new("云洽", "雲洽", "Yunqia"),
            companies_approved_at_once: false,
            limits: Limits::default(),
        }
    }
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
    /// The application without previews of letters; `with_…` adds parts.
    pub fn new(db: Db, clock: Clock, settings: Settings) -> App {
        App {
            db,
            clock,
            rates: Rates::new(settings.limits),
            settings: Arc::new(settings),
            previews: Arc::new(NoPreview),
            bookings: BookingQueue::default(),
            without: Without::default(),
            live: Arc::default(),
        }
    }

    pub fn with_previews(self, previews: Arc<dyn LetterPreview>) -> App {
        App { previews, ..self }
    }

    /// What is live on this node; begins with the first use, inside the runtime.
    pub fn live(&self) -> &Live {
        self.live_with(yunqia_realtime::Settings::default())
    }

    /// The same with other bounds, if nothing is live yet.
    pub fn live_with(&self, settings: yunqia_realtime::Settings) -> &Live {
        self.live.get_or_init(|| Live::start(self, settings))
    }

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
