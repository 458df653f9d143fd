//! What is particular to PostgreSQL: it is on another machine, which may restart, have no room, or vanish without a word.
//!
//! Nobody waits for it without end, and what was only begun is begun again elsewhere before anybody notices.

use std::{str::FromStr, time::Duration};

use sqlx::{
    Connection, Error, PgPool, Postgres, SqlStr, Transaction,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::time::{Instant, timeout, timeout_at};
use yunqia_domain::Timestamp;

const CONNECTIONS_MAX: u32 = 20;
/// How long a transaction waits for a connection, and is begun again on other ones.
const BEGIN_WITHIN: Duration = Duration::from_secs(10);
/// The pool that opens a new connection does not look at those that come back meanwhile, and PostgreSQL may have none to give:
/// after this long it is asked again.
const ASK_AGAIN_AFTER: Duration = Duration::from_secs(2);
/// A connection that does not begin in this time is dead; the next one is tried.
const FIRST_WORD_WITHIN: Duration = Duration::from_secs(3);
/// A statement or a commit that takes longer will not be answered any more.
const ANSWER_WITHIN: Duration = Duration::from_secs(15);
/// A node that vanished in the middle of a transaction holds its locks no longer than this. Ours never rest that long.
const REST_AT_MOST: &str = "15s";

/// Opens a pool of connections.
pub(super) async fn open(url: &str) -> Result<PgPool, Error> {
    let options = PgConnectOptions::from_str(url)?
        .application_name("yunqia")
        // The program has more texts than the hundred that are kept by default.
        .statement_cache_capacity(512)
        .options([("idle_in_transaction_session_timeout", REST_AT_MOST)]);
    PgPoolOptions::new()
        .max_connections(CONNECTIONS_MAX)
        .acquire_timeout(BEGIN_WITHIN)
        // Pinging before each use would double the round trips; `begin` notices a broken connection.
        .test_before_acquire(false)
        // After a transaction that was given up there is something to be said. Where nobody answers, the pool would wait for
        // it until the system gives up, a quarter of an hour later.
        .after_release(|connection, _| {
            Box::pin(async move {
                if connection.should_flush() {
                    timeout(FIRST_WORD_WITHIN, connection.ping()).await.map_err(late)??;
                }
                Ok(true)
            })
        })
        .connect_with(options)
        .await
}

/// Begins a transaction. Connections that were lost while nobody used them, as all are after a restart, are passed over:
/// nothing was done on them yet.
pub(super) async fn begin(pool: &PgPool, statement: &'static str) -> Result<Transaction<'static, Postgres>, Error> {
    let until = Instant::now() + BEGIN_WITHIN;
    loop {
        let Ok(connection) = timeout_at(until.min(Instant::now() + ASK_AGAIN_AFTER), pool.acquire()).await else {
            if Instant::now() < until {
                continue;
            }
            return Err(Error::PoolTimedOut);
        };
        let connection = connection?;
        let begun = Transaction::begin(connection, Some(SqlStr::from_static(statement)));
        match timeout(FIRST_WORD_WITHIN, begun).await.map_err(late).flatten() {
            Err(error) if is_lost(&error) && Instant::now() < until => {
                tracing::debug!(%error, "a connection to the database was lost; another one is taken");
            }
            begun => return begun,
        }
    }
}

/// The answer to a statement, or an error when it does not come.
pub(super) async fn within<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    timeout(ANSWER_WITHIN, work).await.map_err(late).flatten()
}

/// What time it is on the database's machine.
pub(super) async fn clock(pool: &PgPool) -> Result<Timestamp, Error> {
    within(sqlx::query_scalar("SELECT clock_timestamp()").fetch_one(pool)).await
}

fn late(_: tokio::time::error::Elapsed) -> Error {
    Error::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, "the database does not answer"))
}

/// Whether the line is lost or the server is going or not there yet; another connection may do.
pub(super) fn is_lost(error: &Error) -> bool {
    // Class 08: connection exceptions; 57P01 to 57P03: shut down by an administrator, by a crash, not started yet; 25P03: rested
    // too long; 53300: too many connections.
    const LOST: [&str; 5] = ["57P01", "57P02", "57P03", "25P03", "53300"];
    match error {
        Error::Io(_) | Error::Tls(_) | Error::Protocol(_) | Error::PoolTimedOut | Error::WorkerCrashed => true,
        Error::Database(database) => {
            database.code().is_some_and(|code| code.starts_with("08") || LOST.contains(&&*code))
        }
        _ => false,
    }
}
