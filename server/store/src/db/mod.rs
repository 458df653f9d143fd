//! One database interface for SQLite and PostgreSQL.
//!
//! A query is a literal with `$1` placeholders and runs on whichever engine the transaction belongs to; see [`sql`].
//! Everything that differs between the two engines is in this module, and nothing outside it asks which one is in use.

mod error;
mod group;
mod postgres;
mod query;
mod schema;
mod signals;

use std::{collections::HashMap, str::FromStr, time::Duration};

use serde::Serialize;
use sqlx::{
    PgPool, Postgres, Sqlite, SqlitePool, Transaction,
    migrate::{MigrateError, Migration, Migrator},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::sync::broadcast;
use uuid::Uuid;
use yunqia_domain::Timestamp;

pub use error::{Error, Result};
pub use query::{Query, Record, Value, sql};
pub use schema::Upgrade;
pub use signals::{Carrier, Signal};

use signals::Signals;

/// What both engines run, and the few steps one of them must take differently.
static SHARED: Migrator = sqlx::migrate!("../../migrations");
static SQLITE_ONLY: Migrator = sqlx::migrate!("../../migrations/sqlite");
static POSTGRES_ONLY: Migrator = sqlx::migrate!("../../migrations/postgres");

/// Readers beside the one writer of SQLite.
const SQLITE_READERS: u32 = 6;

/// A handle on the database; cheap to clone.
#[derive(Clone)]
pub struct Db {
    engine: Engine,
    signals: Signals,
}

#[derive(Clone)]
enum Engine {
    /// SQLite allows one writer, so writes queue for one connection while reads run beside them.
    Sqlite {
        reader: SqlitePool,
        writers: group::Writers,
    },
    Postgres(PgPool),
}

impl Db {
    /// Opens `sqlite://PATH` (made if missing) or `postgres://…`. Does not migrate.
    pub async fn open(url: &str) -> Result<Db> {
        Db::open_with(url, Carrier::Database).await
    }

    /// The same, with a choice of who brings signals to the other nodes.
    pub async fn open_with(url: &str, carrier: Carrier) -> Result<Db> {
        let signals = Signals::new(carrier);
        let engine = match url.split_once(':') {
            Some(("postgres" | "postgresql", _)) => {
                let pool = postgres::open(url).await?;
                if carrier == Carrier::Database {
                    let listener = signals::listen(&pool).await?;
                    tokio::spawn(signals.clone().relay(pool.clone(), listener));
                }
                Engine::Postgres(pool)
            }
            _ => {
                let options = SqliteConnectOptions::from_str(url)?
                    .create_if_missing(true)
                    .journal_mode(SqliteJournalMode::Wal)
                    // What was acknowledged survives the loss of power.
                    .synchronous(SqliteSynchronous::Full)
                    .foreign_keys(true)
                    .busy_timeout(Duration::from_secs(10))
                    .statement_cache_capacity(512)
                    .pragma("cache_size", "-32000")
                    .pragma("temp_store", "MEMORY")
                    // PostgreSQL's name for byte order: COLLATE "C" then means the same in both.
                    .collation("C", |a, b| a.cmp(b));
                let writer = SqlitePoolOptions::new()
                    .max_connections(1)
                    .acquire_timeout(Duration::from_secs(30))
                    .test_before_acquire(false)
                    .connect_with(options.clone())
                    .await?;
                let reader = SqlitePoolOptions::new()
                    .max_connections(SQLITE_READERS)
                    .acquire_timeout(Duration::from_secs(30))
                    .test_before_acquire(false)
                    .connect_with(options.pragma("query_only", "ON"))
                    .await?;
                Engine::Sqlite { reader, writers: group::Writers::new(writer, signals.clone()) }
            }
        };
        Ok(Db { engine, signals })
    }

    /// Brings the schema to this program's version. Nodes that start together take turns; steps of newer programs are passed
    /// over where they may be (see [`Upgrade`]).
    pub async fn migrate(&self) -> Result<(), Upgrade> {
        self.migrate_to(i64::MAX).await
    }

    /// The same, but no further than to this step: for tests of upgrades.
    pub async fn migrate_to(&self, newest: i64) -> Result<(), Upgrade> {
        loop {
            let pass_over = self.may_pass_over().await?;
            let run = match &self.engine {
                Engine::Sqlite { writers, .. } => {
                    let mut alone = writers.alone().await?;
                    let mut steps = merged(&SQLITE_ONLY, newest);
                    // Not `run`: its future cannot be sent to another thread.
                    steps.set_ignore_missing(pass_over).run_direct(None, alone.connection(), false).await
                }
                Engine::Postgres(pool) => merged(&POSTGRES_ONLY, newest).set_ignore_missing(pass_over).run(pool).await,
            };
            match run {
                // A newer program was faster since we looked.
                Err(MigrateError::VersionMissing(_)) if !pass_over => {}
                run => return Ok(run?),
            }
        }
    }

    /// The newest step of the schema that was taken here; 0 before the first.
    pub async fn schema_version(&self) -> Result<i64> {
        // sqlx keeps this table; before the first migration it is not there.
        let text = "SELECT CAST(COALESCE(max(version), 0) AS BIGINT) FROM _sqlx_migrations WHERE success";
        let found = match &self.engine {
            Engine::Sqlite { reader, .. } => sqlx::query_scalar::<_, i64>(text).fetch_one(reader).await,
            Engine::Postgres(pool) => sqlx::query_scalar::<_, i64>(text).fetch_one(pool).await,
        };
        match found {
            Err(sqlx::Error::Database(_)) => Ok(0),
            found => Ok(found?),
        }
    }

    /// A snapshot, taken at the first query. The engine refuses to write through it.
    pub async fn read(&self) -> Result<Tx> {
        Ok(self.tx(match &self.engine {
            Engine::Sqlite { reader, .. } => Conn::Sqlite(reader.begin().await?),
            Engine::Postgres(pool) => {
                Conn::Postgres(postgres::begin(pool, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?)
            }
        }))
    }

    /// A transaction that may write. Dropping it without [`Tx::commit`] undoes it.
    ///
    /// SQLite takes its one write lock here: a transaction that only takes it at its first write can find that it is too
    /// late. Acts that wait for it share one flush to the disk (see `group`), so an answer that says that something is
    /// done is given after a commit, even if this act wrote nothing. PostgreSQL lets writers overlap; where that matters,
    /// see [`Tx::lock`].
    pub async fn write(&self) -> Result<Tx> {
        self.begin(false).await
    }

    /// The same for an act that may take long, as one that moves a whole session does: those who have written before it
    /// are not kept waiting for the flush that they would share with it.
    pub async fn write_long(&self) -> Result<Tx> {
        self.begin(true).await
    }

    async fn begin(&self, long: bool) -> Result<Tx> {
        Ok(self.tx(match &self.engine {
            Engine::Sqlite { writers, .. } => Conn::SqliteWriter(writers.turn(long).await?),
            Engine::Postgres(pool) => Conn::Postgres(postgres::begin(pool, "BEGIN").await?),
        }))
    }

    /// Signals of transactions that commit from now on, on any node.
    pub fn signals(&self) -> broadcast::Receiver<Signal> {
        self.signals.heard()
    }

    /// Signals of transactions that commit here from now on, for a bus to bring to the other nodes ([`Carrier::Bus`]).
    pub fn leaving(&self) -> broadcast::Receiver<Signal> {
        self.signals.leaving()
    }

    /// A bus has brought a signal of another node.
    pub fn arrived(&self, signal: Signal) {
        self.signals.arrived(signal);
    }

    /// Whether other nodes may use this database, too.
    pub fn is_shared(&self) -> bool {
        matches!(self.engine, Engine::Postgres(_))
    }

    /// What time it is where the database is; None where that is this machine's own clock. For `doctor`, never for rules.
    pub async fn clock(&self) -> Result<Option<Timestamp>> {
        match &self.engine {
            Engine::Sqlite { .. } => Ok(None),
            Engine::Postgres(pool) => Ok(Some(postgres::clock(pool).await?)),
        }
    }

    /// `sqlite` or `postgres`: for people (`doctor`, benchmarks, backup), never for queries.
    pub fn engine(&self) -> &'static str {
        match self.engine {
            Engine::Sqlite { .. } => "sqlite",
            Engine::Postgres(_) => "postgres",
        }
    }

    /// Writes a consistent copy of a SQLite database to `path` while it is in use. PostgreSQL has its own tools.
    pub async fn copy_to(&self, path: &str) -> Result<()> {
        let Engine::Sqlite { writers, .. } = &self.engine else {
            return Err(Error::Fault(sqlx::Error::Configuration(
                "only a SQLite database is copied by Yunqia; use pg_dump".into(),
            )));
        };
        let mut alone = writers.alone().await?;
        sqlx::query("VACUUM INTO $1").bind(path).execute(alone.connection()).await?;
        Ok(())
    }

    /// Waits for transactions in progress and closes every connection.
    pub async fn close(&self) {
        match &self.engine {
            Engine::Sqlite { reader, writers } => {
                reader.close().await;
                writers.close().await;
            }
            Engine::Postgres(pool) => pool.close().await,
        }
    }

    fn tx(&self, conn: Conn) -> Tx {
        Tx { conn, pending: Vec::new(), signals: self.signals.clone() }
    }
}

/// An open transaction: the only thing a query can run on.
pub struct Tx {
    conn: Conn,
    pending: Vec<Signal>,
    signals: Signals,
}

enum Conn {
    Sqlite(Transaction<'static, Sqlite>),
    SqliteWriter(group::Turn),
    Postgres(Transaction<'static, Postgres>),
}

impl Tx {
    /// Makes every other transaction that locks `key` wait until this one ends.
    ///
    /// Guards what must not change between reading and writing. SQLite has one writer anyway; PostgreSQL takes an advisory
    /// lock. This relies on its default isolation, in which each query sees what was committed before it.
    pub async fn lock(&mut self, key: impl Into<Uuid>) -> Result<()> {
        if let Conn::Postgres(tx) = &mut self.conn {
            let (high, low) = key.into().as_u64_pair();
            let key = (high ^ low).cast_signed();
            postgres::within(sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(key).execute(&mut **tx)).await?;
        }
        Ok(())
    }

    /// Marks a point to which [`Tx::back`] returns. PostgreSQL refuses everything after a failed statement, so one that may
    /// fail needs a point before it.
    pub async fn point(&mut self) -> Result<()> {
        sql("SAVEPOINT point").execute(self).await?;
        Ok(())
    }

    /// Undoes what was done since [`Tx::point`].
    pub async fn back(&mut self) -> Result<()> {
        sql("ROLLBACK TO SAVEPOINT point").execute(self).await?;
        Ok(())
    }

    /// Adds an event to a topic. It gets the topic's next number, and listeners are woken once the transaction commits.
    ///
    /// The topic's row stays locked until the end of the transaction, so numbers follow the order of commits and a reader
    /// that has seen number n has seen all before it. Locks are taken in the order of the calls: where an act writes to
    /// several topics, it does so as its last step and in a fixed order (session topics before personal ones).
    pub async fn emit(&mut self, topic: String, kind: &str, body: &impl Serialize, now: Timestamp) -> Result<i64> {
        let body = serde_json::to_value(body).map_err(|error| Error::Fault(sqlx::Error::Encode(error.into())))?;
        let seq: i64 = sql("INSERT INTO topics (topic, head) VALUES ($1, 1)
             ON CONFLICT (topic) DO UPDATE SET head = topics.head + 1
             RETURNING head")
        .bind(&topic)
        .scalar(self)
        .await?;
        sql("INSERT INTO events (topic, seq, kind, body, at) VALUES ($1, $2, $3, $4, $5)")
            .bind(&topic)
            .bind(seq)
            .bind(kind)
            .bind(sqlx::types::Json(body))
            .bind(now)
            .execute(self)
            .await?;
        // One wake-up per topic is enough: the newest number.
        match self.pending.iter_mut().find(|signal| signal.topic == topic) {
            Some(signal) => signal.seq = seq,
            None => self.pending.push(Signal { topic, seq }),
        }
        Ok(seq)
    }

    /// Wakes those who listen to something that has no events, once the transaction commits.
    pub fn wake(&mut self, topic: String) {
        self.pending.push(Signal { topic, seq: 0 });
    }

    /// Adds events to topics with two statements for all of them; see [`Tx::emit`]. Each topic comes once, in the order in
    /// which every act locks them.
    pub async fn emit_all(
        &mut self,
        topics: Vec<(String, Vec<(String, serde_json::Value)>)>,
        now: Timestamp,
    ) -> Result<()> {
        for topics in topics.chunks(4_000) {
            let heads: Vec<(String, i64)> = sql("INSERT INTO topics (topic, head) VALUES (..)
                 ON CONFLICT (topic) DO UPDATE SET head = topics.head + excluded.head
                 RETURNING topic, head")
            .rows(topics, |query, (topic, events)| query.bind(topic).bind(events.len() as i64))
            .all(self)
            .await?;
            let heads: HashMap<String, i64> = heads.into_iter().collect();
            let mut numbered = Vec::new();
            for (topic, events) in topics {
                let head = heads[topic];
                let first = head - events.len() as i64 + 1;
                numbered.extend((first..).zip(events).map(|(seq, (kind, body))| (topic, seq, kind, body)));
                // One wake-up per topic is enough: the newest number.
                match self.pending.iter_mut().find(|signal| signal.topic == *topic) {
                    Some(signal) => signal.seq = head,
                    None => self.pending.push(Signal { topic: topic.clone(), seq: head }),
                }
            }
            for events in numbered.chunks(1_000) {
                sql("INSERT INTO events (topic, seq, kind, body, at) VALUES (..)")
                    .rows(events, |query, (topic, seq, kind, body)| {
                        query.bind(*topic).bind(*seq).bind(*kind).bind(sqlx::types::Json(*body)).bind(now)
                    })
                    .execute(self)
                    .await?;
            }
        }
        Ok(())
    }

    /// Ends the transaction. On return everything in it is durable, and signals are on their way.
    pub async fn commit(self) -> Result<()> {
        match self.conn {
            Conn::Sqlite(tx) => tx.commit().await?,
            Conn::SqliteWriter(turn) => turn.commit(self.pending).await?,
            Conn::Postgres(mut tx) if self.signals.carrier == Carrier::Database => {
                postgres::within(signals::notify(&mut tx, &self.pending)).await?;
                postgres::within(tx.commit()).await?;
            }
            Conn::Postgres(tx) => {
                postgres::within(tx.commit()).await?;
                self.signals.committed(self.pending);
            }
        }
        Ok(())
    }
}

/// The newest step of the schema that this program knows.
pub fn newest_schema() -> i64 {
    [&SHARED, &SQLITE_ONLY, &POSTGRES_ONLY]
        .iter()
        .flat_map(|steps| steps.iter())
        .map(|step| step.version)
        .max()
        .unwrap_or(0)
}

fn merged(own: &Migrator, newest: i64) -> Migrator {
    let mut all: Vec<Migration> =
        SHARED.iter().chain(own.iter()).filter(|step| step.version <= newest).cloned().collect();
    all.sort_by_key(|migration| migration.version);
    Migrator::with_migrations(all)
}
