//! How signals reach those who listen. On PostgreSQL its own NOTIFY carries them to every node, this one too; beside a bus
//! they are heard here at once, and the program hands them over to the other nodes.

use std::time::Duration;

use sqlx::{Postgres, Transaction, postgres::PgListener};
use tokio::sync::broadcast;

/// How many signals a listener may fall behind before it must read afresh.
const BACKLOG: usize = 16 * 1024;
const CHANNEL: &str = "yunqia";
/// A listener that has heard nothing for so long asks whether the line is still there.
const QUIET: Duration = Duration::from_secs(15);
const ANSWER: Duration = Duration::from_secs(5);

/// A topic has reached a number: a wake-up for those who listen, never the data itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signal {
    pub topic: String,
    pub seq: i64,
}

/// Who brings signals to the other nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// The database: NOTIFY of PostgreSQL. SQLite has one node, which hears itself.
    Database,
    /// Somebody who listens to [`super::Db::leaving`] and calls [`super::Db::arrived`].
    Bus,
}

/// Both ends of the signals of a node; cheap to clone.
#[derive(Clone)]
pub(super) struct Signals {
    pub carrier: Carrier,
    heard: broadcast::Sender<Signal>,
    leaving: broadcast::Sender<Signal>,
}

impl Signals {
    pub fn new(carrier: Carrier) -> Signals {
        Signals { carrier, heard: broadcast::channel(BACKLOG).0, leaving: broadcast::channel(BACKLOG).0 }
    }

    pub fn heard(&self) -> broadcast::Receiver<Signal> {
        self.heard.subscribe()
    }

    pub fn leaving(&self) -> broadcast::Receiver<Signal> {
        self.leaving.subscribe()
    }

    /// A signal from another node.
    pub fn arrived(&self, signal: Signal) {
        // No listener is no error.
        let _ = self.heard.send(signal);
    }

    /// Signals of a transaction that is now committed here.
    pub fn committed(&self, signals: Vec<Signal>) {
        for signal in signals {
            if self.carrier == Carrier::Bus {
                let _ = self.leaving.send(signal.clone());
            }
            let _ = self.heard.send(signal);
        }
    }

    /// Hands what PostgreSQL tells to the listeners, for as long as its pool is open.
    pub async fn relay(self, pool: sqlx::PgPool, mut listener: PgListener) {
        loop {
            match tokio::time::timeout(QUIET, listener.recv()).await {
                Ok(Ok(notification)) => {
                    if let Some((seq, topic)) = notification.payload().split_once(' ')
                        && let Ok(seq) = seq.parse()
                    {
                        self.arrived(Signal { topic: topic.to_owned(), seq });
                    }
                }
                Ok(Err(sqlx::Error::PoolClosed)) => return,
                // `recv` connects again by itself; signals sent meanwhile are lost, so listeners also compare heads.
                Ok(Err(error)) => {
                    tracing::warn!(%error, "the database's signals are interrupted");
                    tokio::time::sleep(Duration::from_millis(500)).await;
                }
                // A line that was cut without a word is silent for ever.
                Err(_) => {
                    let asked = tokio::time::timeout(ANSWER, sqlx::query("SELECT 1").execute(&mut listener)).await;
                    if !matches!(asked, Ok(Ok(_))) {
                        match listen(&pool).await {
                            Ok(fresh) => listener = fresh,
                            Err(sqlx::Error::PoolClosed) => return,
                            Err(error) => tracing::warn!(%error, "the database's signals are interrupted"),
                        }
                    }
                }
            }
        }
    }
}

/// A listener for what NOTIFY tells.
pub(super) async fn listen(pool: &sqlx::PgPool) -> Result<PgListener, sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    Ok(listener)
}

/// Gives signals to NOTIFY: the server tells them when the transaction commits, here too, so that there is one path for all
/// nodes.
pub(super) async fn notify(tx: &mut Transaction<'static, Postgres>, signals: &[Signal]) -> Result<(), sqlx::Error> {
    if signals.is_empty() {
        return Ok(());
    }
    let told: Vec<String> = signals.iter().map(|Signal { topic, seq }| format!("{seq} {topic}")).collect();
    sqlx::query("SELECT pg_notify($1, told) FROM unnest($2) AS t (told)")
        .bind(CHANNEL)
        .bind(told)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signal(seq: i64) -> Signal {
        Signal { topic: "hall:x".into(), seq }
    }

    #[test]
    fn beside_a_bus_own_signals_are_heard_and_leave_and_foreign_ones_are_only_heard() {
        let signals = Signals::new(Carrier::Bus);
        let (mut heard, mut leaving) = (signals.heard(), signals.leaving());
        signals.committed(vec![signal(1)]);
        signals.arrived(signal(2));
        assert_eq!((heard.try_recv().unwrap(), heard.try_recv().unwrap()), (signal(1), signal(2)));
        assert_eq!(leaving.try_recv().unwrap(), signal(1));
        assert!(leaving.try_recv().is_err(), "what came from elsewhere is not sent round in circles");
    }
}
