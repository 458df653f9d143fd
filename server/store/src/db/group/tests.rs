//! What a group of acts promises: each is kept whole or not at all, whatever its neighbours do, and one flush is enough
//! for many.

use std::time::Duration;

use sqlx::Executor;
use tokio::task::JoinSet;

use super::*;
use crate::db::{Db, Engine, Tx, sql};

struct Place {
    db: Db,
    _folder: tempfile::TempDir,
}

impl Place {
    async fn new() -> Place {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(&format!("sqlite://{}/test.db", folder.path().display())).await.unwrap();
        let place = Place { db, _folder: folder };
        let mut alone = place.writers().alone().await.unwrap();
        let tables = "CREATE TABLE parents (n BIGINT PRIMARY KEY);
             CREATE TABLE notes (n BIGINT PRIMARY KEY, parent BIGINT REFERENCES parents (n) DEFERRABLE INITIALLY DEFERRED)";
        alone.connection().execute(sqlx::raw_sql(tables)).await.unwrap();
        drop(alone);
        place
    }

    fn writers(&self) -> &Writers {
        match &self.db.engine {
            Engine::Sqlite { writers, .. } => writers,
            Engine::Postgres(_) => unreachable!("opened as SQLite"),
        }
    }

    /// What other connections see.
    async fn notes(&self) -> Vec<i64> {
        let mut tx = self.db.read().await.unwrap();
        let rows: Vec<(i64,)> = sql("SELECT n FROM notes ORDER BY n").all(&mut tx).await.unwrap();
        rows.into_iter().map(|(n,)| n).collect()
    }

    /// Acts that wait for their turn while this one goes on; they have it in the order of their numbers.
    async fn behind<F>(&self, first: Tx, acts: Vec<F>) -> Vec<Result<()>>
    where
        F: Future<Output = Result<()>> + Send + 'static,
    {
        let mut others = Vec::new();
        for (n, act) in acts.into_iter().enumerate() {
            others.push(tokio::spawn(act));
            while self.writers().0.waiting.load(Ordering::Relaxed) <= n {
                tokio::task::yield_now().await;
            }
        }
        let mut ends = vec![first.commit().await];
        for other in others {
            ends.push(other.await.unwrap());
        }
        ends
    }
}

async fn note(tx: &mut Tx, n: i64) -> Result<()> {
    sql("INSERT INTO notes (n) VALUES ($1)").bind(n).execute(tx).await?;
    Ok(())
}

/// Writes a note and keeps it, or gives it up.
async fn act(db: Db, n: i64, keep: bool) -> Result<()> {
    let mut tx = db.write().await?;
    note(&mut tx, n).await?;
    if keep { tx.commit().await } else { Ok(()) }
}

#[tokio::test(flavor = "multi_thread")]
async fn acts_that_wait_share_a_flush() {
    let place = Place::new().await;
    let mut acts = JoinSet::new();
    for n in 0..200 {
        acts.spawn(act(place.db.clone(), n, true));
    }
    while let Some(end) = acts.join_next().await {
        end.unwrap().unwrap();
    }
    assert_eq!(place.notes().await, (0..200).collect::<Vec<_>>());
    let (acts, flushes) = place.writers().flushes();
    assert_eq!(acts, 200);
    assert!(flushes <= 100, "{flushes} flushes for 200 acts");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_act_alone_is_flushed_at_once() {
    let place = Place::new().await;
    for n in 0..3 {
        act(place.db.clone(), n, true).await.unwrap();
        assert_eq!(place.writers().flushes(), (n as u64 + 1, n as u64 + 1));
        assert_eq!(place.notes().await.len(), n as usize + 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_up_leaves_no_trace_among_its_neighbours() {
    let place = Place::new().await;
    for first_stays in [true, false] {
        let from = if first_stays { 0 } else { 10 };
        let mut first = place.db.write().await.unwrap();
        note(&mut first, from).await.unwrap();
        let acts = (1..6).map(|n| act(place.db.clone(), from + n, n % 2 == 0)).collect();
        if first_stays {
            assert!(place.behind(first, acts).await.iter().all(Result::is_ok));
        } else {
            let ends: Vec<_> = acts.into_iter().map(tokio::spawn).collect();
            drop(first);
            for end in ends {
                end.await.unwrap().unwrap();
            }
        }
    }
    assert_eq!(place.notes().await, [0, 2, 4, 12, 14]);
}

#[tokio::test(flavor = "multi_thread")]
async fn points_inside_an_act_are_its_own() {
    let place = Place::new().await;
    let pointed = |db: Db, n: i64| async move {
        let mut tx = db.write().await?;
        note(&mut tx, n).await?;
        tx.point().await?;
        note(&mut tx, n + 100).await?;
        tx.back().await?;
        tx.commit().await
    };
    let mut first = place.db.write().await.unwrap();
    first.point().await.unwrap();
    note(&mut first, 0).await.unwrap();
    let acts = vec![pointed(place.db.clone(), 1), pointed(place.db.clone(), 2)];
    assert!(place.behind(first, acts).await.iter().all(Result::is_ok));
    assert_eq!(place.notes().await, [0, 1, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_wait_for_the_commit_has_it_all_the_same() {
    let place = Place::new().await;
    let mut signals = place.db.signals();
    let mut first = place.db.write().await.unwrap();
    note(&mut first, 1).await.unwrap();
    first.pending.push(Signal { topic: "t".into(), seq: 1 });
    let waiting = tokio::spawn(act(place.db.clone(), 2, true));
    while place.writers().0.waiting.load(Ordering::Relaxed) == 0 {
        tokio::task::yield_now().await;
    }
    // Polled once, then dropped: the client went away in the middle of the commit.
    let mut commit = Box::pin(first.commit());
    assert!(polled_once(commit.as_mut()).await.is_none());
    drop(commit);
    waiting.await.unwrap().unwrap();
    assert_eq!(place.notes().await, [1, 2]);
    assert_eq!(signals.try_recv().unwrap(), Signal { topic: "t".into(), seq: 1 });
}

#[tokio::test(flavor = "multi_thread")]
async fn an_act_dropped_in_the_middle_of_a_statement_is_undone() {
    let place = Place::new().await;
    let first = place.db.write().await.unwrap();
    let db = place.db.clone();
    let dropped = async move {
        let mut tx = db.write().await?;
        note(&mut tx, 1).await?;
        let mut second = Box::pin(note(&mut tx, 2));
        let _ = polled_once(second.as_mut()).await;
        Ok(())
    };
    let db = place.db.clone();
    let acts: Vec<std::pin::Pin<Box<dyn Future<Output = Result<()>> + Send>>> =
        vec![Box::pin(dropped), Box::pin(act(db, 3, true))];
    assert!(place.behind(first, acts).await.iter().all(Result::is_ok));
    assert_eq!(place.notes().await, [3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_gives_up_waiting_for_its_turn_holds_nobody_up() {
    let place = Place::new().await;
    let mut first = place.db.write().await.unwrap();
    note(&mut first, 1).await.unwrap();
    let waiting = tokio::spawn(act(place.db.clone(), 2, true));
    while place.writers().0.waiting.load(Ordering::Relaxed) == 0 {
        tokio::task::yield_now().await;
    }
    waiting.abort();
    let _ = waiting.await;
    tokio::time::timeout(Duration::from_secs(5), first.commit()).await.unwrap().unwrap();
    assert_eq!(place.notes().await, [1]);
    act(place.db.clone(), 3, true).await.unwrap();
    assert_eq!(place.notes().await, [1, 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_commit_fails_every_act_in_it_fails() {
    let place = Place::new().await;
    let mut signals = place.db.signals();
    let mut first = place.db.write().await.unwrap();
    note(&mut first, 1).await.unwrap();
    first.pending.push(Signal { topic: "t".into(), seq: 1 });
    let db = place.db.clone();
    let breaks = async move {
        let mut tx = db.write().await?;
        // Looked at by the engine when the transaction ends.
        sql("INSERT INTO notes (n, parent) VALUES ($1, $2)").bind(2i64).bind(99i64).execute(&mut tx).await?;
        tx.commit().await
    };
    let ends = place.behind(first, vec![breaks]).await;
    assert!(ends.iter().all(Result::is_err), "{ends:?}");
    assert!(place.notes().await.is_empty());
    assert!(signals.try_recv().is_err());
    act(place.db.clone(), 3, true).await.unwrap();
    assert_eq!(place.notes().await, [3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_disk_is_full_what_was_acknowledged_is_there_and_nothing_else() {
    let place = Place::new().await;
    let mut alone = place.writers().alone().await.unwrap();
    alone.connection().execute(sqlx::raw_sql("CREATE TABLE blobs (b BLOB); PRAGMA max_page_count = 20")).await.unwrap();
    drop(alone);
    let mut acts = JoinSet::new();
    for n in 0..40i64 {
        let db = place.db.clone();
        acts.spawn(async move {
            let work = async {
                let mut tx = db.write().await?;
                note(&mut tx, n).await?;
                sql("INSERT INTO blobs (b) VALUES ($1)").bind(vec![0u8; 3_000]).execute(&mut tx).await?;
                tx.commit().await
            };
            (n, work.await.is_ok())
        });
    }
    let mut kept = Vec::new();
    let mut lost = 0;
    while let Some(end) = acts.join_next().await {
        match end.unwrap() {
            (n, true) => kept.push(n),
            _ => lost += 1,
        }
    }
    kept.sort();
    assert!(lost > 0 && !kept.is_empty(), "{lost} lost, {} kept", kept.len());
    assert_eq!(place.notes().await, kept);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_before_a_long_act_waits_for_its_end() {
    let place = Place::new().await;
    let mut first = place.db.write().await.unwrap();
    note(&mut first, 1).await.unwrap();
    let (db, (end, ended)) = (place.db.clone(), oneshot::channel::<()>());
    let long = tokio::spawn(async move {
        let mut tx = db.write_long().await?;
        note(&mut tx, 2).await?;
        ended.await.unwrap();
        tx.commit().await
    });
    while place.writers().0.waiting.load(Ordering::Relaxed) == 0 {
        tokio::task::yield_now().await;
    }
    tokio::time::timeout(Duration::from_secs(5), first.commit()).await.unwrap().unwrap();
    assert_eq!(place.notes().await, [1]);
    end.send(()).unwrap();
    long.await.unwrap().unwrap();
    assert_eq!(place.notes().await, [1, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_made_between_acts() {
    let place = Place::new().await;
    let mut first = place.db.write().await.unwrap();
    note(&mut first, 1).await.unwrap();
    let path = place._folder.path().join("copy.db");
    let (db, to) = (place.db.clone(), path.display().to_string());
    let copy = tokio::spawn(async move { db.copy_to(&to).await });
    let acts: Vec<_> = (2..5).map(|n| act(place.db.clone(), n, true)).collect();
    assert!(place.behind(first, acts).await.iter().all(Result::is_ok));
    copy.await.unwrap().unwrap();
    let copy = Place { db: Db::open(&format!("sqlite://{}", path.display())).await.unwrap(), _folder: place._folder };
    assert!(copy.notes().await.starts_with(&[1]));
}

/// What a future gives when it is polled once; None: nothing yet.
async fn polled_once<F: Future + ?Sized>(mut future: std::pin::Pin<&mut F>) -> Option<F::Output> {
    std::future::poll_fn(move |context| match future.as_mut().poll(context) {
        std::task::Poll::Ready(value) => std::task::Poll::Ready(Some(value)),
        std::task::Poll::Pending => std::task::Poll::Ready(None),
    })
    .await
}
