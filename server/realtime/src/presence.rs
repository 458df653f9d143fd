//! Who is on a topic: people, not sockets. Changes are told in windows, and somebody whose last socket has gone is missed
//! only after a grace period, so that a reload or a short break of the network is no news.

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use serde_json::value::RawValue;
use tokio::time::Instant;
use uuid::Uuid;

/// In a rush not everybody is named: the count says how many there are.
const NAMED_MAX: usize = 50;

#[derive(Default)]
pub(crate) struct Presence {
    people: HashMap<Uuid, Person>,
    /// Came since the last window.
    fresh: Vec<Uuid>,
    /// Last socket closed, and when; in the order of time.
    leaving: VecDeque<(Instant, Uuid)>,
}

struct Person {
    sockets: u32,
    /// What others are shown of them, as JSON.
    card: Box<RawValue>,
    gone_at: Option<Instant>,
    told: bool,
}

/// What changed in a window.
pub(crate) struct Change {
    pub count: usize,
    pub joined: Vec<Box<RawValue>>,
    pub left: Vec<Uuid>,
}

impl Presence {
    pub fn enter(&mut self, who: Uuid, card: Box<RawValue>) {
        let person = self.people.entry(who).or_insert_with(|| {
            self.fresh.push(who);
            Person { sockets: 0, card, gone_at: None, told: false }
        });
        person.sockets += 1;
        person.gone_at = None;
    }

    pub fn leave(&mut self, who: Uuid, now: Instant) {
        let Some(person) = self.people.get_mut(&who) else { return };
        person.sockets = person.sockets.saturating_sub(1);
        if person.sockets == 0 {
            person.gone_at = Some(now);
            self.leaving.push_back((now, who));
        }
    }

    /// When there will next be something to tell: now for arrivals, after the grace period for departures.
    pub fn due(&self, grace: Duration) -> Option<Instant> {
        if !self.fresh.is_empty() {
            return Some(Instant::now());
        }
        self.leaving.front().map(|(at, _)| *at + grace)
    }

    /// Ends a window. The second part: everybody who left, with the time since then, told or not.
    pub fn window(&mut self, now: Instant, grace: Duration) -> (Option<Change>, Vec<(Uuid, Duration)>) {
        let mut gone = Vec::new();
        let mut left = Vec::new();
        while let Some(&(at, who)) = self.leaving.front() {
            if at + grace > now {
                break;
            }
            self.leaving.pop_front();
            // Back again, or gone again later: another entry stands for that.
            if self.people.get(&who).is_some_and(|person| person.gone_at == Some(at)) {
                let told = self.people.remove(&who).is_some_and(|person| person.told);
                gone.push((who, now - at));
                if told {
                    left.push(who);
                }
            }
        }
        let mut joined = Vec::new();
        let mut came = false;
        for who in std::mem::take(&mut self.fresh) {
            let Some(person) = self.people.get_mut(&who) else { continue };
            person.told = true;
            came = true;
            if joined.len() < NAMED_MAX {
                joined.push(person.card.clone());
            }
        }
        let change = came || !left.is_empty();
        (change.then_some(Change { count: self.people.len(), joined, left }), gone)
    }

    pub fn count(&self) -> usize {
        self.people.len()
    }

    /// Those with a live socket now.
    pub fn here(&self) -> impl Iterator<Item = Uuid> {
        self.people.iter().filter(|(_, person)| person.sockets > 0).map(|(who, _)| *who)
    }

    pub fn cards(&self, max: usize) -> Vec<Box<RawValue>> {
        self.people.values().take(max).map(|person| person.card.clone()).collect()
    }

    pub fn is_here(&self, who: Uuid) -> bool {
        self.people.contains_key(&who)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRACE: Duration = Duration::from_secs(15);

    fn card() -> Box<RawValue> {
        RawValue::from_string("{}".into()).unwrap()
    }

    #[test]
    fn two_tabs_are_one_person() {
        let mut presence = Presence::default();
        let (ann, now) = (Uuid::from_u128(1), Instant::now());
        presence.enter(ann, card());
        presence.enter(ann, card());
        let (change, _) = presence.window(now, GRACE);
        let change = change.unwrap();
        assert_eq!((change.count, change.joined.len()), (1, 1));
        presence.leave(ann, now);
        let (change, gone) = presence.window(now + GRACE * 2, GRACE);
        assert!(change.is_none() && gone.is_empty(), "one tab is still open");
    }

    #[test]
    fn a_reload_is_no_news() {
        let mut presence = Presence::default();
        let (ann, now) = (Uuid::from_u128(1), Instant::now());
        presence.enter(ann, card());
        presence.window(now, GRACE);
        presence.leave(ann, now);
        presence.enter(ann, card());
        let (change, gone) = presence.window(now + GRACE * 2, GRACE);
        assert!(change.is_none() && gone.is_empty());
    }

    #[test]
    fn who_stays_away_is_missed_after_the_grace_period() {
        let mut presence = Presence::default();
        let (ann, now) = (Uuid::from_u128(1), Instant::now());
        presence.enter(ann, card());
        presence.window(now, GRACE);
        presence.leave(ann, now);
        assert!(presence.window(now + GRACE / 2, GRACE).0.is_none());
        let (change, gone) = presence.window(now + GRACE, GRACE);
        let change = change.unwrap();
        assert_eq!((change.count, change.left), (0, vec![ann]));
        assert_eq!(gone, vec![(ann, GRACE)]);
    }

    #[test]
    fn a_second_departure_starts_a_new_grace_period() {
        let mut presence = Presence::default();
        let (ann, now) = (Uuid::from_u128(1), Instant::now());
        presence.enter(ann, card());
        presence.window(now, GRACE);
        presence.leave(ann, now);
        presence.enter(ann, card());
        presence.leave(ann, now + GRACE / 2);
        assert!(presence.window(now + GRACE, GRACE).1.is_empty());
        assert_eq!(presence.window(now + GRACE * 3 / 2, GRACE).1.len(), 1);
    }
}
