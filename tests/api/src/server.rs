//! The server under test.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

use yunqia_actions::Act;
use yunqia_domain::{Timestamp, ids::PersonId};
use yunqia_store::{Db, Tx};
use yunqia_web::{App, Limits, Settings, file_store::FileStore};

use crate::{Browser, Engine, database::Fresh};

/// The moment at which every test begins, unless it says otherwise: a Monday morning in Chengdu.
const BEGIN: &str = "2026-11-23T01:00:00Z";

/// What a test may want different.
#[derive(Clone, Debug)]
pub struct Options {
    pub settings: Settings,
    pub begin: Timestamp,
}

impl Default for Options {
    fn default() -> Options {
        let settings = Settings { secret: b"a secret for tests".to_vec(), limits: Limits::NONE, ..Settings::default() };
        Options { settings, begin: BEGIN.parse().expect("a constant") }
    }
}

/// A running server with its database and its clock.
pub struct TestApp {
    pub app: App,
    pub db: Db,
    pub address: SocketAddr,
    /// Microseconds since 1970.
    clock: Arc<AtomicI64>,
    seed: AtomicU64,
    task: tokio::task::JoinHandle<()>,
    database: Fresh,
}

impl TestApp {
    /// Runs one test on one engine and cleans up, also when the test fails.
    pub async fn run<F: Future<Output = ()> + Send + 'static>(engine: Engine, test: impl FnOnce(Arc<TestApp>) -> F) {
        let Some(app) = TestApp::start(engine, Options::default()).await else { return };
        let app = Arc::new(app);
        let outcome = tokio::spawn(test(app.clone())).await;
        if let Some(app) = Arc::into_inner(app) {
            app.stop().await;
        }
        if let Err(failure) = outcome {
            std::panic::resume_unwind(failure.into_panic());
        }
    }

    /// Starts a server; None where the engine is not at hand.
    pub async fn start(engine: Engine, options: Options) -> Option<TestApp> {
        TestApp::start_on(engine, options, async |db, _| db.migrate().await.expect("a fresh database migrates")).await
    }

    /// The same on a database that `prepare` makes of an empty one; it is given its address, too.
    pub async fn start_on(engine: Engine, options: Options, prepare: impl AsyncFnOnce(&Db, &str)) -> Option<TestApp> {
        let database = Fresh::make(engine).await?;
        let db = Db::open(&database.url).await.expect("a fresh database opens");
        prepare(&db, &database.url).await;
        let clock = Arc::new(AtomicI64::new(options.begin.jiff().as_microsecond()));
        let settings = Settings { files: FileStore::folder(database.folder.path().join("files")), ..options.settings };
        let hands = clock.clone();
        let app = App::new(db.clone(), Arc::new(move || read(&hands)), settings);
        let (address, task) = serve(&app).await;
        Some(TestApp { app, db, address, clock, seed: AtomicU64::new(1), task, database })
    }

    /// Another server on the same database and clock: a second node, or the one that comes after a restart.
    pub async fn another(&self) -> Another {
        let db = Db::open(&self.database.url).await.expect("the database opens");
        let hands = self.clock.clone();
        let app = App::new(db, Arc::new(move || read(&hands)), (*self.app.settings).clone());
        let (address, task) = serve(&app).await;
        Another { app, address, task }
    }

    /// Ends the server and removes its database.
    pub async fn stop(self) {
        self.task.abort();
        let _ = self.task.await;
        drop(self.app);
        self.db.close().await;
        self.database.drop().await;
    }

    pub fn now(&self) -> Timestamp {
        read(&self.clock)
    }

    /// Sets the clock, e.g. `2026-11-23T07:00:00Z`.
    pub fn set_time(&self, instant: &str) {
        let instant: Timestamp = instant.parse().expect("an instant like 2026-11-23T07:00:00Z");
        self.clock.store(instant.jiff().as_microsecond(), Ordering::SeqCst);
    }

    pub fn wait_minutes(&self, minutes: i64) {
        self.clock.fetch_add(minutes * 60_000_000, Ordering::SeqCst);
    }

    pub fn wait_seconds(&self, seconds: i64) {
        self.clock.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }

    /// Where the database is, for a second connection to it.
    pub fn database_url(&self) -> &str {
        &self.database.url
    }

    /// A browser in which nobody is signed in.
    pub fn browser(&self) -> Browser {
        Browser::new(self.address)
    }

    pub async fn read(&self) -> Tx {
        self.db.read().await.expect("the database answers")
    }

    pub async fn write(&self) -> Tx {
        self.db.write().await.expect("the database answers")
    }

    /// The circumstances of an act done past the interface, with chance that repeats from run to run.
    pub fn act(&self, by: Option<PersonId>) -> Act {
        Act::new(self.now(), by, self.seed.fetch_add(1, Ordering::SeqCst))
    }
}

/// Serves an application on a port of its own.
async fn serve(app: &App) -> (SocketAddr, tokio::task::JoinHandle<()>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("loopback has free ports");
    let address = listener.local_addr().expect("a bound socket has an address");
    let service = yunqia_web::routes::router(app.clone()).into_make_service_with_connect_info::<SocketAddr>();
    (address, tokio::spawn(async move { axum::serve(listener, service).await.expect("the server runs") }))
}

/// A server beside the one under test.
pub struct Another {
    pub app: App,
    pub address: SocketAddr,
    task: tokio::task::JoinHandle<()>,
}

impl Another {
    /// Ends it as a crash would: nothing is said to anybody.
    pub async fn die(self) {
        self.task.abort();
        let _ = self.task.await;
        self.app.db.close().await;
    }

    pub async fn stop(self) {
        self.app.live().stop();
        self.task.abort();
        let _ = self.task.await;
        self.app.db.close().await;
    }
}

fn read(clock: &AtomicI64) -> Timestamp {
    jiff::Timestamp::from_microsecond(clock.load(Ordering::SeqCst)).expect("tests stay in this age").into()
}
