//! Writes down who came and went, confirms who is still there, and ends the sockets of sign-ins that have ended.
//!
//! Arrivals are written many at once: a hall that fills in a minute must not wait for a flush of the disk per person.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
    time::Duration,
};

use tokio::{sync::mpsc, time::MissedTickBehavior};
use yunqia_actions::{Act, Error, attendance};
use yunqia_domain::{
    Timestamp,
    ids::{PersonId, SessionId},
    topics::Topic,
};
use yunqia_realtime::Hub;
use yunqia_store::{Db, Tx, sign_ins};

use super::sockets::Sockets;
use crate::state::Clock;

/// How often it is confirmed that somebody is still there; a killed server loses less than this and its grace.
const CONFIRM_EVERY: Duration = Duration::from_secs(20);
/// How often sign-ins are looked at; those that end on this node are ended at once.
const SIGN_INS_EVERY: Duration = Duration::from_secs(5);
/// Arrivals are gathered this long.
const GATHER: Duration = Duration::from_millis(100);
const TOGETHER_MAX: usize = 200;

/// Somebody came or went.
#[derive(Clone, Debug)]
pub enum Coming {
    /// `from`: when the stay begins; a talk room may be listened to before it opens.
    Entered { topic: Topic, person: PersonId, from: Timestamp },
    /// Their last socket closed that long ago.
    Left { topic: Topic, person: PersonId, ago: Duration },
}

pub struct Keeper {
    db: Db,
    clock: Clock,
    hub: Hub,
    sockets: Arc<Sockets>,
    /// In front of rooms that are not open yet.
    waiting: Vec<(Timestamp, Topic, PersonId)>,
}

impl Keeper {
    pub fn new(db: Db, clock: Clock, hub: Hub, sockets: Arc<Sockets>) -> Keeper {
        Keeper { db, clock, hub, sockets, waiting: Vec::new() }
    }

    pub async fn run(mut self, mut inbox: mpsc::UnboundedReceiver<Coming>) {
        let every = |period| {
            let mut timer = tokio::time::interval(period);
            timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
            timer
        };
        let mut second = every(Duration::from_secs(1));
        let mut confirm = every(CONFIRM_EVERY);
        let mut look = every(SIGN_INS_EVERY);
        let mut batch = Vec::new();
        loop {
            tokio::select! {
                count = inbox.recv_many(&mut batch, TOGETHER_MAX) => {
                    if count == 0 {
                        return;
                    }
                    tokio::time::sleep(GATHER).await;
                    while batch.len() < TOGETHER_MAX && let Ok(more) = inbox.try_recv() {
                        batch.push(more);
                    }
                    self.write_all(std::mem::take(&mut batch)).await;
                }
                _ = second.tick() => self.open_rooms().await,
                _ = confirm.tick() => self.confirm().await,
                _ = look.tick() => self.look_at_sign_ins().await,
            }
        }
    }

    /// Writes a batch in one transaction; if the database refuses, each by itself, so that one cannot spoil the others.
    async fn write_all(&mut self, batch: Vec<Coming>) {
        let now = (self.clock)();
        let (ready, early): (Vec<_>, Vec<_>) =
            batch.into_iter().partition(|coming| !matches!(coming, Coming::Entered { from, .. } if *from > now));
        for coming in early {
            if let Coming::Entered { topic, person, from } = coming {
                self.waiting.push((from, topic, person));
            }
        }
        if ready.is_empty() || self.write(&ready, now).await.is_ok() {
            return;
        }
        for coming in ready {
            if let Err(error) = self.write(std::slice::from_ref(&coming), now).await {
                tracing::error!(?coming, ?error, "an arrival or departure was not written down");
            }
        }
    }

    async fn write(&self, batch: &[Coming], now: Timestamp) -> Result<(), Error> {
        let mut tx = self.db.write().await?;
        for coming in batch {
            match write_one(&mut tx, coming, now).await {
                Ok(()) => {}
                // Not allowed any more between asking and arriving: nothing to write down.
                Err(Error::Refused(no)) => tracing::debug!(?coming, refusal = ?no.refusal, "no stay"),
                Err(Error::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        for (session, people) in into_halls(batch) {
            match attendance::enter_hall(&mut tx, &mut Act::unpredictable(now, None), session, &people).await {
                Ok(()) | Err(Error::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        tx.commit().await?;
        Ok(())
    }

    /// Those who waited in front of a room come in when it opens.
    async fn open_rooms(&mut self) {
        let now = (self.clock)();
        if self.waiting.iter().all(|(from, ..)| *from > now) {
            return;
        }
        let (open, waiting) = std::mem::take(&mut self.waiting).into_iter().partition(|(from, ..)| *from <= now);
        self.waiting = waiting;
        let here =
            |(_, topic, person): &(Timestamp, Topic, PersonId)| self.hub.is_present(&topic.to_string(), person.0);
        let open: Vec<(Timestamp, Topic, PersonId)> = open;
        let comings = open.into_iter().filter(here);
        let comings = comings.map(|(from, topic, person)| Coming::Entered { topic, person, from }).collect();
        self.write_all(comings).await;
    }

    async fn confirm(&mut self) {
        let now = (self.clock)();
        match self.confirm_all(now).await {
            Ok(missing) if !missing.is_empty() => self.write_all(missing).await,
            Ok(_) => {}
            Err(error) => tracing::error!(?error, "who is there was not confirmed"),
        }
    }

    /// Confirms everybody with a live socket, then ends the stays that nobody has confirmed. Returns those who are here
    /// without a stay.
    async fn confirm_all(&self, now: Timestamp) -> Result<Vec<Coming>, Error> {
        let mut missing = Vec::new();
        let mut tx = self.db.write().await?;
        for (name, people) in self.hub.everybody() {
            let Ok(topic @ (Topic::Hall(_) | Topic::Talk(_))) = name.parse::<Topic>() else { continue };
            let people: Vec<PersonId> = people.into_iter().map(PersonId).collect();
            for people in people.chunks(500) {
                let open: HashSet<PersonId> = attendance::confirm(&mut tx, topic, people, now).await?;
                let without = people.iter().filter(|person| !open.contains(person));
                missing.extend(without.map(|person| Coming::Entered { topic, person: *person, from: now }));
            }
        }
        attendance::end_stale(&mut tx, now).await?;
        tx.commit().await?;
        Ok(missing)
    }

    /// Sign-ins may end on another node, run out, or their person may be suspended.
    async fn look_at_sign_ins(&self) {
        let held = self.sockets.sign_ins();
        let now = (self.clock)();
        for some in held.chunks(500) {
            let live = async {
                let mut tx = self.db.read().await?;
                sign_ins::live(&mut tx, some, now).await
            };
            match live.await {
                Ok(live) => {
                    let live: HashSet<_> = live.into_iter().map(|(id,)| id).collect();
                    some.iter().filter(|id| !live.contains(id)).for_each(|id| self.sockets.end_sign_in(*id));
                }
                Err(error) => tracing::warn!(?error, "sign-ins were not looked at"),
            }
        }
    }
}

/// Who came into which hall, in the order of arrival. They come in after others have left: somebody who is back after a break is
/// there, not gone.
fn into_halls(batch: &[Coming]) -> BTreeMap<SessionId, Vec<PersonId>> {
    let mut halls: BTreeMap<SessionId, Vec<PersonId>> = BTreeMap::new();
    for coming in batch {
        if let Coming::Entered { topic: Topic::Hall(session), person, .. } = coming {
            halls.entry(*session).or_default().push(*person);
        }
    }
    halls
}

async fn write_one(tx: &mut Tx, coming: &Coming, now: Timestamp) -> Result<(), Error> {
    match coming {
        Coming::Entered { topic: Topic::Talk(booking), person, .. } => {
            attendance::enter_talk(tx, &mut Act::unpredictable(now, Some(*person)), *booking).await
        }
        // Halls are entered by many together.
        Coming::Entered { .. } => Ok(()),
        Coming::Left { topic, person, ago } => {
            let ago = jiff::SignedDuration::try_from(*ago).unwrap_or_default();
            attendance::leave(tx, *topic, *person, now.plus(-ago)).await
        }
    }
}
