//! Who is on a topic: people, not sockets, here and on other nodes. Changes are told in windows, and somebody whose last socket
//! has gone is missed only after a grace period, so that a reload or a short break of the network is no news.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    time::Duration,
};

use serde_json::value::RawValue;
use tokio::time::Instant;
use uuid::Uuid;

/// In a rush not everybody is named: the count says how many there are.
const NAMED_MAX: usize = 50;
/// Where there are more people than this, nobody reads who comes and goes, and each name would be sent to all of them: fewer are
/// named.
const FULL: usize = 200;
const NAMED_IN_FULL: usize = 8;
const LEFT_IN_FULL: usize = 100;

pub(crate) struct Presence {
    /// Other nodes may have people on the topic, too.
    several_nodes: bool,
    people: HashMap<Uuid, Person>,
    /// Came since the last window.
    fresh: Vec<Uuid>,
    /// Left another node since the last window, and others had been told of them.
    missed: Vec<Uuid>,
    /// Last socket closed, and when; in the order of time.
    leaving: VecDeque<(Instant, Uuid)>,
    /// Came to this node or left it since other nodes were told.
    changed: HashSet<Uuid>,
}

struct Person {
    sockets: u32,
    /// What others are shown of them, as JSON.
    card: Box<RawValue>,
    gone_at: Option<Instant>,
    /// Another node has them.
    elsewhere: bool,
    told: bool,
}

impl Person {
    /// On this node, or a moment ago.
    fn is_ours(&self) -> bool {
        self.sockets > 0 || self.gone_at.is_some()
    }
}

/// What changed in a window.
pub(crate) struct Change {
    pub count: usize,
    pub joined: Vec<Box<RawValue>>,
    pub left: Vec<Uuid>,
}

/// Who came to a topic on this node and who left it, for the other nodes.
#[derive(Debug)]
pub struct Changes {
    pub topic: String,
    /// With what others are shown of them.
    pub came: Vec<(Uuid, Box<RawValue>)>,
    pub went: Vec<Uuid>,
}

impl Presence {
    pub fn new(several_nodes: bool) -> Presence {
        let (people, fresh, missed, leaving, changed) = Default::default();
        Presence { several_nodes, people, fresh, missed, leaving, changed }
    }

    pub fn enter(&mut self, who: Uuid, card: Box<RawValue>) {
        let person = self.people.entry(who).or_insert_with(|| {
            self.fresh.push(who);
            Person { sockets: 0, card, gone_at: None, elsewhere: false, told: false }
        });
        if self.several_nodes && !person.is_ours() {
            self.changed.insert(who);
        }
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

    /// Who is on other nodes now, and the cards of those who are strange here ([`Presence::strangers`]).
    pub fn elsewhere(&mut self, there: &HashSet<Uuid>, mut cards: HashMap<Uuid, Box<RawValue>>) {
        let Presence { people, fresh, missed, .. } = self;
        people.retain(|who, person| {
            person.elsewhere = there.contains(who);
            let stays = person.elsewhere || person.is_ours();
            if !stays && person.told {
                missed.push(*who);
            }
            stays
        });
        for who in there {
            if !people.contains_key(who)
                && let Some(card) = cards.remove(who)
            {
                people.insert(*who, Person { sockets: 0, card, gone_at: None, elsewhere: true, told: false });
                fresh.push(*who);
            }
        }
    }

    /// Those who are not known here.
    pub fn strangers(&self, there: &HashSet<Uuid>) -> Vec<Uuid> {
        there.iter().filter(|who| !self.people.contains_key(who)).copied().collect()
    }

    /// Who came to this node and who left it since the last time; None if nobody.
    pub fn take_changes(&mut self, topic: &str) -> Option<Changes> {
        if self.changed.is_empty() {
            return None;
        }
        let mut changes = Changes { topic: topic.to_owned(), came: Vec::new(), went: Vec::new() };
        for who in self.changed.drain() {
            match self.people.get(&who).filter(|person| person.is_ours()) {
                Some(person) => changes.came.push((who, person.card.clone())),
                None => changes.went.push(who),
            }
        }
        Some(changes)
    }

    /// Everybody on this node counts as a change: the other nodes may have forgotten them.
    pub fn tell_all_changes(&mut self) {
        self.changed.extend(self.people.iter().filter(|(_, person)| person.is_ours()).map(|(who, _)| *who));
    }

    /// When there will next be something to tell: now for arrivals, after the grace period for departures.
    pub fn due(&self, grace: Duration) -> Option<Instant> {
        if !self.fresh.is_empty() || !self.missed.is_empty() {
            return Some(Instant::now());
        }
        self.leaving.front().map(|(at, _)| *at + grace)
    }

    /// Ends a window. The second part: everybody who left this node and is on no other, with the time since then, told or not.
    pub fn window(&mut self, now: Instant, grace: Duration) -> (Option<Change>, Vec<(Uuid, Duration)>) {
        let mut gone = Vec::new();
        let mut left = std::mem::take(&mut self.missed);
        // Back already, on this node or another.
        left.retain(|who| !self.people.contains_key(who));
        while let Some(&(at, who)) = self.leaving.front() {
            if at + grace > now {
                break;
            }
            self.leaving.pop_front();
            // Back again, or gone again later: another entry stands for that.
            let Some(person) = self.people.get_mut(&who).filter(|person| person.gone_at == Some(at)) else { continue };
            if self.several_nodes {
                self.changed.insert(who);
            }
            if person.elsewhere {
                person.gone_at = None;
                continue;
            }
            let told = person.told;
            self.people.remove(&who);
            gone.push((who, now - at));
            if told {
                left.push(who);
            }
        }
        let full = self.people.len() > FULL;
        let someone_left = !left.is_empty();
        if full {
            left.truncate(LEFT_IN_FULL);
        }
        let named_max = if full { NAMED_IN_FULL } else { NAMED_MAX };
        let mut joined = Vec::new();
        let mut came = false;
        for who in std::mem::take(&mut self.fresh) {
            let Some(person) = self.people.get_mut(&who) else { continue };
            came |= !person.told;
            if !person.told && joined.len() < named_max {
                joined.push(person.card.clone());
            }
            person.told = true;
        }
        let change = came || someone_left;
        (change.then_some(Change { count: self.people.len(), joined, left }), gone)
    }

    pub fn count(&self) -> usize {
        self.people.len()
    }

    /// Somebody is on this node, or was a moment ago.
    pub fn has_ours(&self) -> bool {
        self.people.values().any(Person::is_ours)
    }

    /// Those with a live socket on this node now.
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
        let mut presence = Presence::new(true);
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
        let mut presence = Presence::new(true);
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
        let mut presence = Presence::new(true);
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
        let mut presence = Presence::new(true);
        let (ann, now) = (Uuid::from_u128(1), Instant::now());
        presence.enter(ann, card());
        presence.window(now, GRACE);
        presence.leave(ann, now);
        presence.enter(ann, card());
        presence.leave(ann, now + GRACE / 2);
        assert!(presence.window(now + GRACE, GRACE).1.is_empty());
        assert_eq!(presence.window(now + GRACE * 3 / 2, GRACE).1.len(), 1);
    }

    fn there(people: &[Uuid]) -> (HashSet<Uuid>, HashMap<Uuid, Box<RawValue>>) {
        (people.iter().copied().collect(), people.iter().map(|who| (*who, card())).collect())
    }

    #[test]
    fn who_is_on_another_node_is_there_and_is_missed_when_that_node_has_them_no_more() {
        let mut presence = Presence::new(true);
        let (ann, bob, now) = (Uuid::from_u128(1), Uuid::from_u128(2), Instant::now());
        presence.enter(ann, card());
        let (both, cards) = there(&[ann, bob]);
        assert_eq!(presence.strangers(&both), [bob]);
        presence.elsewhere(&both, cards);
        let (change, _) = presence.window(now, GRACE);
        assert_eq!(change.map(|change| (change.count, change.joined.len())), Some((2, 2)), "each once");
        assert!(presence.has_ours());
        presence.elsewhere(&HashSet::new(), HashMap::new());
        let (change, gone) = presence.window(now, GRACE);
        let change = change.unwrap();
        assert_eq!((change.count, change.left), (1, vec![bob]));
        assert!(gone.is_empty(), "the other node writes down when they left");
    }

    #[test]
    fn who_goes_from_this_node_to_another_has_not_left() {
        let mut presence = Presence::new(true);
        let (ann, now) = (Uuid::from_u128(1), Instant::now());
        presence.enter(ann, card());
        presence.window(now, GRACE);
        assert_eq!(presence.take_changes("hall:1").map(|changes| changes.came.len()), Some(1));
        presence.leave(ann, now);
        let (there, cards) = there(&[ann]);
        presence.elsewhere(&there, cards);
        let (change, gone) = presence.window(now + GRACE, GRACE);
        assert!(change.is_none() && gone.is_empty());
        assert_eq!(presence.take_changes("hall:1").map(|changes| changes.went), Some(vec![ann]), "not here any more");
        assert!(presence.take_changes("hall:1").is_none());
        assert_eq!((presence.count(), presence.has_ours()), (1, false));
    }

    #[test]
    fn in_a_full_place_few_are_named() {
        let mut presence = Presence::new(false);
        let now = Instant::now();
        (0..1_000).for_each(|n| presence.enter(Uuid::from_u128(n), card()));
        let change = presence.window(now, GRACE).0.unwrap();
        assert_eq!((change.count, change.joined.len()), (1_000, NAMED_IN_FULL));
        (0..500).for_each(|n| presence.leave(Uuid::from_u128(n), now));
        let (change, gone) = presence.window(now + GRACE, GRACE);
        let change = change.unwrap();
        assert_eq!((change.count, change.left.len(), gone.len()), (500, LEFT_IN_FULL, 500));
    }
}
