//! Who is on this node's topics on other nodes. Each node writes down who it has, as rows that count while the node confirms that
//! it lives; the others are woken and read the rows of the topics they serve themselves. Nothing of this happens where no other
//! node can be (SQLite).

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    time::Duration,
};

use jiff::SignedDuration;
use sha2::{Digest, Sha256};
use tokio::{sync::broadcast, time::MissedTickBehavior};
use uuid::Uuid;
use yunqia_domain::{ids::PersonId, topics::Topic};
use yunqia_realtime::{Changes, Hub};
use yunqia_store::{Db, Result, Signal, presences};

use crate::state::Clock;

/// Changes are written and read at most this often.
const EVERY: Duration = Duration::from_millis(1500);
/// A node confirms that it lives every so many rounds.
const CONFIRM_ROUNDS: u32 = 2;
/// Everything is read afresh every so many rounds: a signal may be lost.
const READ_ROUNDS: u32 = 10;
/// A node that has confirmed nothing for so long is gone, and nobody is there any more.
const LEASE: SignedDuration = SignedDuration::from_secs(20);
/// Signals about who is on a topic are about this prefix and the topic.
const PREFIX: &str = "present:";

pub struct Neighbours {
    node: Uuid,
    /// What this node's secret key looks like.
    key: String,
    db: Db,
    clock: Clock,
    hub: Hub,
    /// The other nodes that live, as of the last look.
    others: BTreeSet<Uuid>,
    /// Topics that were read since somebody listens to them here.
    known: HashSet<String>,
    /// Topics to read.
    stale: HashSet<String>,
    /// This node's row is there.
    entered: bool,
}

impl Neighbours {
    #[expect(clippy::disallowed_methods, reason = "a node's name is nobody's secret and nobody's test")]
    pub fn new(db: Db, clock: Clock, hub: Hub, secret: &[u8]) -> Neighbours {
        let (others, known, stale) = Default::default();
        let key = fingerprint(secret);
        Neighbours { node: Uuid::now_v7(), key, db, clock, hub, others, known, stale, entered: false }
    }

    pub async fn run(mut self, mut signals: broadcast::Receiver<Signal>) {
        let mut timer = tokio::time::interval(EVERY);
        timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for round in 0u32.. {
            timer.tick().await;
            self.take_signals(&mut signals);
            if round.is_multiple_of(READ_ROUNDS) {
                self.known.clear();
            }
            if let Err(error) = self.round(round.is_multiple_of(CONFIRM_ROUNDS)).await {
                tracing::warn!(%error, "who is on other nodes could not be told or learnt");
                // What was not written is lost to the others: everything is written anew.
                self.entered = false;
            }
        }
    }

    fn take_signals(&mut self, signals: &mut broadcast::Receiver<Signal>) {
        loop {
            match signals.try_recv() {
                Ok(signal) => self.stale.extend(signal.topic.strip_prefix(PREFIX).map(str::to_owned)),
                Err(broadcast::error::TryRecvError::Lagged(_)) => self.known.clear(),
                Err(_) => return,
            }
        }
    }

    async fn round(&mut self, confirm: bool) -> Result<()> {
        if confirm || !self.entered {
            self.confirm().await?;
        }
        self.tell().await?;
        self.learn().await
    }

    /// This node lives; those that have not said so for a while do not.
    async fn confirm(&mut self) -> Result<()> {
        let now = (self.clock)();
        let mut tx = self.db.write().await?;
        let was_there = presences::confirm(&mut tx, self.node, &self.key, now).await?;
        presences::remove_silent(&mut tx, now.plus(-LEASE)).await?;
        let others: BTreeSet<Uuid> =
            presences::nodes(&mut tx).await?.into_iter().map(|(id,)| id).filter(|id| *id != self.node).collect();
        tx.commit().await?;
        if !was_there || !self.entered {
            // New, or taken for dead meanwhile: what it had written may be gone.
            self.hub.tell_all_changes();
            self.entered = true;
        }
        if others != self.others {
            self.known.clear();
            self.others = others;
        }
        Ok(())
    }

    /// Writes down who came and went here.
    async fn tell(&mut self) -> Result<()> {
        let changes = self.hub.take_changes();
        if changes.is_empty() {
            return Ok(());
        }
        let mut tx = self.db.write().await?;
        for Changes { topic, came, went } in changes {
            presences::remove(&mut tx, self.node, &topic, &went).await?;
            presences::insert(&mut tx, self.node, &topic, &came).await?;
            tx.wake(format!("{PREFIX}{topic}"));
        }
        tx.commit().await
    }

    /// Reads who is elsewhere on the topics that are served here and have changed.
    async fn learn(&mut self) -> Result<()> {
        let served: HashSet<String> = self.hub.served().into_iter().filter(|topic| has_presence(topic)).collect();
        self.known.retain(|topic| served.contains(topic));
        let mut topics = std::mem::take(&mut self.stale);
        topics.retain(|topic| served.contains(topic));
        topics.extend(served.iter().filter(|topic| !self.known.contains(*topic)).cloned());
        if topics.is_empty() {
            return Ok(());
        }
        let mut tx = self.db.read().await?;
        for topic in topics {
            let elsewhere: HashSet<Uuid> = match self.others.is_empty() {
                true => HashSet::new(),
                false => {
                    presences::elsewhere(&mut tx, self.node, &topic).await?.into_iter().map(|(id,)| id.0).collect()
                }
            };
            let new: Vec<PersonId> = self.hub.strangers(&topic, &elsewhere).into_iter().map(PersonId).collect();
            let mut cards = HashMap::new();
            for some in new.chunks(500) {
                let rows = presences::cards(&mut tx, &topic, some).await?;
                cards.extend(rows.into_iter().map(|row| (row.person_id.0, row.card.0)));
            }
            self.hub.elsewhere(&topic, &elsewhere, cards);
            self.known.insert(topic);
        }
        Ok(())
    }
}

/// What a secret key looks like from outside: the same for the same key, and no way back.
pub fn fingerprint(secret: &[u8]) -> String {
    let hash = Sha256::new().chain_update(b"yunqia node").chain_update(secret).finalize();
    hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

fn has_presence(topic: &str) -> bool {
    matches!(topic.parse(), Ok(Topic::Hall(_) | Topic::Talk(_)))
}
