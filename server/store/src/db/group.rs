//! Group commit: acts that wait for SQLite's one writer share a transaction, and with it one flush to the disk.
//!
//! Each act runs in a savepoint of its own. When it is done and others wait, it leaves the transaction open and passes it
//! on; it is acknowledged, and its signals leave, when the COMMIT of the whole group has reached the disk. An act that is
//! given up goes back to its savepoint and leaves no trace among its neighbours. If the COMMIT fails, every act in it fails.
//!
//! Whoever waits for its turn sees what the group has written so far. So an answer that reports something as done is given
//! after a commit, also where the act itself wrote nothing: only a refusal may be answered before.

#[cfg(test)]
mod tests;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use sqlx::{Executor, Sqlite, SqliteConnection, SqlitePool, pool::PoolConnection};
use tokio::{
    runtime::Handle,
    sync::{Mutex, OwnedMutexGuard, oneshot},
};

use super::{Error, Result, Signal, signals::Signals};

/// Acts of one group at most.
const ACTS_MAX: usize = 64;
/// A group that is open for as long as the last flush took is flushed: then the disk is idle for half the time at most, and
/// nobody waits much longer than for a flush of their own. Within these bounds; tests run on machines that are busy.
const PATIENCE: std::ops::Range<Duration> = match cfg!(test) {
    true => Duration::from_secs(10)..Duration::from_secs(10),
    false => Duration::from_millis(2)..Duration::from_millis(50),
};
/// How long an act waits for its turn.
const TURN_TIMEOUT: Duration = Duration::from_secs(30);

const SAVEPOINT: &str = "SAVEPOINT act";
const RELEASE: &str = "RELEASE SAVEPOINT act";
const UNDO: &str = "ROLLBACK TO SAVEPOINT act; RELEASE SAVEPOINT act";

/// Those who write to one SQLite database; cheap to clone.
#[derive(Clone)]
pub(super) struct Writers(Arc<Shared>);

struct Shared {
    /// Of one connection.
    pool: SqlitePool,
    /// Fair: turns come in the order in which they were asked for.
    desk: Arc<Mutex<Desk>>,
    /// Acts that wait for their turn.
    waiting: AtomicUsize,
    /// Of the last flush, in microseconds.
    flush_micros: AtomicU64,
    acts: AtomicU64,
    flushes: AtomicU64,
    signals: Signals,
}

/// What the one whose turn it is finds.
#[derive(Default)]
struct Desk {
    /// Kept from act to act: a pool would ping it each time. None before the first act and after a fault.
    connection: Option<PoolConnection<Sqlite>>,
    group: Option<Group>,
}

/// An open transaction with the acts in it that are done.
struct Group {
    /// Tells a group from those after it.
    number: u64,
    opened: Instant,
    done: Vec<Done>,
}

/// An act that waits for its group's COMMIT.
struct Done {
    signals: Vec<Signal>,
    told: oneshot::Sender<Result<()>>,
}

/// The right to write, until [`Turn::commit`]; dropping it undoes the act.
pub(super) struct Turn {
    writers: Writers,
    desk: Option<OwnedMutexGuard<Desk>>,
    /// False for the first act of a group: it goes back by ending the transaction.
    savepoint: bool,
}

impl Writers {
    pub fn new(pool: SqlitePool, signals: Signals) -> Writers {
        Writers(Arc::new(Shared {
            pool,
            desk: Arc::default(),
            waiting: AtomicUsize::new(0),
            flush_micros: AtomicU64::new(0),
            acts: AtomicU64::new(0),
            flushes: AtomicU64::new(0),
            signals,
        }))
    }

    /// Waits for the right to write. A long act begins a group of its own, so that nobody before it waits for its end.
    pub async fn turn(&self, long: bool) -> Result<Turn> {
        let waiting = Waiting::begins(&self.0.waiting);
        let mut desk = self.desk().await?;
        drop(waiting);
        if long {
            desk = self.flush(desk).await;
        }
        let savepoint = desk.group.is_some();
        if !savepoint {
            self.connect(&mut desk).await?;
            let number = self.0.flushes.load(Ordering::Relaxed);
            desk.group = Some(Group { number, opened: Instant::now(), done: Vec::new() });
        }
        // Given up from here on, it is undone.
        let mut turn = Turn { writers: self.clone(), desk: Some(desk), savepoint };
        run(Some(turn.connection()), if savepoint { SAVEPOINT } else { "BEGIN IMMEDIATE" }).await?;
        Ok(turn)
    }

    /// The connection outside any transaction, once what is open has been flushed. Others wait until it is dropped.
    pub async fn alone(&self) -> Result<Alone> {
        let desk = self.desk().await?;
        let mut desk = self.flush(desk).await;
        self.connect(&mut desk).await?;
        Ok(Alone(desk))
    }

    /// Flushes what is open and closes the connection.
    pub async fn close(&self) {
        if let Ok(desk) = self.desk().await {
            self.flush(desk).await.connection = None;
        }
        self.0.pool.close().await;
    }

    /// Acts that were committed, and flushes they took.
    #[cfg(test)]
    pub fn flushes(&self) -> (u64, u64) {
        (self.0.acts.load(Ordering::Relaxed), self.0.flushes.load(Ordering::Relaxed))
    }

    async fn desk(&self) -> Result<OwnedMutexGuard<Desk>> {
        let turn = self.0.desk.clone().lock_owned();
        tokio::time::timeout(TURN_TIMEOUT, turn).await.map_err(|_| sqlx::Error::PoolTimedOut.into())
    }

    async fn connect(&self, desk: &mut Desk) -> Result<()> {
        if desk.connection.is_none() {
            desk.connection = Some(self.0.pool.acquire().await?);
        }
        Ok(())
    }

    /// The act is done. Runs to its end whether or not somebody still waits for it.
    async fn finish(self, mut desk: OwnedMutexGuard<Desk>, savepoint: bool, done: Done) {
        if savepoint && let Err(error) = run(desk.connection.as_deref_mut(), RELEASE).await {
            // The engine gave up the whole transaction (the disk is full): nobody in it has anything.
            fail(&mut desk, Some(done), &error);
            return;
        }
        let Some(group) = &mut desk.group else {
            fail(&mut desk, Some(done), &Error::Fault(sqlx::Error::WorkerCrashed));
            return;
        };
        group.done.push(done);
        let (number, first) = (group.number, group.done.len() == 1);
        let full = group.done.len() >= ACTS_MAX || group.opened.elapsed() >= self.patience();
        if full || self.0.waiting.load(Ordering::Relaxed) == 0 {
            self.flush_now(desk).await;
            return;
        }
        // The next one has it. A group that was passed on is flushed after those who wait now, at the latest.
        drop(desk);
        if first {
            let desk = self.0.desk.clone().lock_owned().await;
            if desk.group.as_ref().is_some_and(|group| group.number == number) {
                self.flush_now(desk).await;
            }
        }
    }

    /// [`Writers::flush_now`] in a task of its own, which is not given up half-way.
    async fn flush(&self, desk: OwnedMutexGuard<Desk>) -> OwnedMutexGuard<Desk> {
        let writers = self.clone();
        let flushing = tokio::spawn(async move { writers.flush_now(desk).await });
        match flushing.await {
            Ok(desk) => desk,
            // The runtime ends.
            Err(_) => self.0.desk.clone().lock_owned().await,
        }
    }

    /// Makes what is open durable and tells those who wait for it.
    async fn flush_now(self, mut desk: OwnedMutexGuard<Desk>) -> OwnedMutexGuard<Desk> {
        let begun = Instant::now();
        if desk.group.is_none() {
            return desk;
        }
        if let Err(error) = run(desk.connection.as_deref_mut(), "COMMIT").await {
            fail(&mut desk, None, &error);
            return desk;
        }
        self.0.flush_micros.store(begun.elapsed().as_micros().try_into().unwrap_or(u64::MAX), Ordering::Relaxed);
        self.0.flushes.fetch_add(1, Ordering::Relaxed);
        for Done { signals, told } in desk.group.take().map(|group| group.done).unwrap_or_default() {
            self.0.acts.fetch_add(1, Ordering::Relaxed);
            self.0.signals.committed(signals);
            // Who does not wait any more has it all the same.
            let _ = told.send(Ok(()));
        }
        desk
    }

    async fn undo(mut desk: OwnedMutexGuard<Desk>, savepoint: bool) {
        let undone = run(desk.connection.as_deref_mut(), if savepoint { UNDO } else { "ROLLBACK" }).await;
        match undone {
            Ok(()) if savepoint => {}
            Ok(()) => desk.group = None,
            Err(error) => fail(&mut desk, None, &error),
        }
    }

    fn patience(&self) -> Duration {
        Duration::from_micros(self.0.flush_micros.load(Ordering::Relaxed)).clamp(PATIENCE.start, PATIENCE.end)
    }
}

/// The writer's connection, without a transaction.
pub(super) struct Alone(OwnedMutexGuard<Desk>);

impl Alone {
    pub fn connection(&mut self) -> &mut SqliteConnection {
        self.0.connection.as_deref_mut().expect("connected when it was given")
    }
}

impl Turn {
    pub fn connection(&mut self) -> &mut SqliteConnection {
        let desk = self.desk.as_mut().expect("held until the turn is over");
        desk.connection.as_deref_mut().expect("a group has a connection")
    }

    /// Ends the act. On return it is durable, and its signals are on their way.
    pub async fn commit(mut self, signals: Vec<Signal>) -> Result<()> {
        let desk = self.desk.take().expect("held until the turn is over");
        let (told, answer) = oneshot::channel();
        // Who gives up waiting here leaves an act that is wholly done, with its signals.
        tokio::spawn(self.writers.clone().finish(desk, self.savepoint, Done { signals, told }));
        answer.await.unwrap_or(Err(Error::Fault(sqlx::Error::WorkerCrashed)))
    }
}

/// An act that is given up, by an error, a panic or a client that left, is undone before the next one has its turn.
impl Drop for Turn {
    fn drop(&mut self) {
        let Some(mut desk) = self.desk.take() else { return };
        match Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn(Writers::undo(desk, self.savepoint))),
            // Nobody is left to wait for it: the connection goes, and the transaction with it.
            Err(_) => fail(&mut desk, None, &Error::Fault(sqlx::Error::WorkerCrashed)),
        }
    }
}

/// The group is lost, and so is everybody in it. The connection is not used again: it may still be in the transaction.
fn fail(desk: &mut Desk, last: Option<Done>, error: &Error) {
    let done = desk.group.take().map(|group| group.done).unwrap_or_default();
    if !done.is_empty() {
        tracing::error!(%error, acts = done.len(), "a group of acts could not be committed");
    }
    if let Some(connection) = desk.connection.take() {
        drop(connection.detach());
    }
    for Done { told, .. } in done.into_iter().chain(last) {
        let lost = sqlx::Error::AnyDriverError(format!("the transaction was lost: {error}").into());
        // Nothing of it was done, so all of it may be sent again; with a full disk only when there is room.
        let _ = told.send(Err(match error {
            Error::Full(_) => Error::Full(lost),
            _ => Error::Unavailable(lost),
        }));
    }
}

/// Statements without values, past the cache of prepared ones.
async fn run(connection: Option<&mut SqliteConnection>, statements: &'static str) -> Result<()> {
    let connection = connection.ok_or(Error::Fault(sqlx::Error::WorkerCrashed))?;
    connection.execute(sqlx::raw_sql(statements)).await?;
    Ok(())
}

/// Counts one that waits, until its turn comes or it gives up.
struct Waiting<'a>(&'a AtomicUsize);

impl Waiting<'_> {
    fn begins(count: &AtomicUsize) -> Waiting<'_> {
        count.fetch_add(1, Ordering::Relaxed);
        Waiting(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
