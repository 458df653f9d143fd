//! An event prepared for the search: masks, effective weights and neighbour lists.

use std::collections::HashMap;

use crate::bits::Slots;
use crate::event::Event;

pub(crate) const NOWHERE: u16 = u16::MAX;
pub(crate) const NOBODY: u32 = u32::MAX;

pub(crate) struct Problem<const W: usize> {
    pub slots: usize,
    pub people: Vec<Person<W>>,
    pub meetings: Vec<Candidate<W>>,
    /// Candidate meetings of each participant.
    pub of: Vec<Vec<u32>>,
    pub rooms: Vec<u32>,
    pub days: Vec<Slots<W>>,
    pub fairness: Option<i64>,
    pub move_cost: i64,
    pub repairs: bool,
    /// Meetings that may not be held together, by group.
    pub groups: Vec<Vec<u32>>,
    pub pairs: usize,
    pub interpreters: Vec<Helper<W>>,
    pub ordered: bool,
    /// What holding a must-hold meeting is worth above its weight: more than everything else together.
    pub must_bonus: i64,
    pub musts: usize,
}

pub(crate) struct Person<const W: usize> {
    pub available: Slots<W>,
    pub max: u32,
    pub min: u32,
    /// Level (2) of the objective by number of meetings held; empty when no minimum is wished.
    pub served: Vec<i64>,
    pub rest: Slots<W>,
    pub in_a_row: Option<u32>,
    /// Neither a rest nor a limit in a row is wished, so breaks can be counted on bits alone.
    pub plain: bool,
}

pub(crate) struct Candidate<const W: usize> {
    pub a: u32,
    pub b: u32,
    /// The weight, with the bonus of a must-hold meeting.
    pub worth: i64,
    pub weight: i64,
    /// The slots it can be held in, as far as the meeting and its two participants decide.
    pub mask: Slots<W>,
    pub must: bool,
    /// It has been held or is running: it can be neither moved nor cancelled.
    pub locked: bool,
    pub published: u16,
    pub before: Vec<u32>,
    pub followers: Vec<u32>,
    pub group: u32,
    pub pair: u32,
}

pub(crate) struct Helper<const W: usize> {
    pub pairs: Vec<u32>,
    pub available: Slots<W>,
}

impl<const W: usize> Problem<W> {
    pub fn new(event: &Event) -> Self {
        let past = Slots::first(event.now.map_or(0, |now| now + 1));
        let mut people: Vec<Person<W>> = event
            .participants
            .iter()
            .map(|p| Person {
                available: Slots::of(p.available.iter().copied()),
                max: p.max,
                min: p.min,
                served: Vec::new(),
                rest: Slots::of(p.rest.iter().copied()),
                in_a_row: p.in_a_row,
                plain: p.rest.is_empty() && p.in_a_row.is_none(),
            })
            .collect();
        served_tables(&mut people);
        let (groups, group_of) = groups(event);
        let total: i64 = event.meetings.iter().map(|m| i64::from(m.weight) + i64::from(event.move_cost)).sum();
        let mut pair_numbers = HashMap::new();
        let mut number = |name: &String| {
            let next = pair_numbers.len() as u32;
            *pair_numbers.entry(name.clone()).or_insert(next)
        };
        let interpreters = event
            .interpreters
            .iter()
            .map(|i| Helper {
                pairs: i.pairs.iter().map(&mut number).collect(),
                available: Slots::of(i.available.iter().copied()),
            })
            .collect();
        let mut meetings: Vec<Candidate<W>> = Vec::with_capacity(event.meetings.len());
        let mut of = vec![Vec::new(); people.len()];
        for (m, meeting) in event.meetings.iter().enumerate() {
            of[meeting.a].push(m as u32);
            of[meeting.b].push(m as u32);
            let published = event.published.as_ref().and_then(|known| known.get(&m)).copied();
            let locked = published.is_some_and(|slot| past.has(slot));
            let mut mask = people[meeting.a].available.and(people[meeting.b].available).minus(past);
            if let Some(slots) = &meeting.slots {
                mask = mask.and(Slots::of(slots.iter().copied()));
            }
            if let Some(slot) = meeting.fixed {
                mask = mask.and(Slots::of([slot]));
            }
            if locked {
                mask = Slots::of(published);
            }
            let must = meeting.must_hold || locked;
            meetings.push(Candidate {
                a: meeting.a as u32,
                b: meeting.b as u32,
                weight: i64::from(meeting.weight),
                worth: i64::from(meeting.weight) + if must { total + 1 } else { 0 },
                mask,
                must,
                locked,
                published: published.map_or(NOWHERE, |slot| slot as u16),
                before: meeting.after.iter().map(|&m| m as u32).collect(),
                followers: Vec::new(),
                group: group_of[m],
                pair: meeting.interpreter.as_ref().map_or(NOBODY, &mut number),
            });
        }
        for m in 0..meetings.len() {
            for before in meetings[m].before.clone() {
                meetings[before as usize].followers.push(m as u32);
            }
        }
        let starts: Vec<usize> = std::iter::once(0).chain(event.days.iter().copied()).collect();
        let ends = event.days.iter().copied().chain([event.slots]);
        Self {
            slots: event.slots,
            rooms: event.rooms.clone(),
            days: starts.iter().zip(ends).map(|(&start, end)| Slots::of(start..end)).collect(),
            fairness: event.fairness.map(i64::from),
            move_cost: i64::from(event.move_cost),
            repairs: event.published.is_some(),
            groups,
            pairs: pair_numbers.len(),
            interpreters,
            ordered: event.meetings.iter().any(|m| !m.after.is_empty()),
            must_bonus: total + 1,
            musts: meetings.iter().filter(|m| m.must).count(),
            people,
            meetings,
            of,
        }
    }

    /// What a meeting is worth in a slot: a published one loses `move_cost` elsewhere, so it gains it where it was.
    #[inline]
    pub fn worth(&self, meeting: u32, slot: u16) -> i64 {
        let m = &self.meetings[meeting as usize];
        m.worth + if m.published == slot && self.repairs { self.move_cost } else { 0 }
    }

    /// Breaks and idle slots of a participant who is busy in these slots.
    #[inline(always)]
    pub fn strain(&self, person: u32, busy: Slots<W>) -> (i32, i32) {
        let person = &self.people[person as usize];
        if person.plain && self.days.len() == 1 {
            let Some(low) = busy.lowest() else { return (0, 0) };
            let high = busy.highest().unwrap_or(low);
            let blocks = busy.minus(busy.later()).count() as i32;
            return (blocks - 1, (high - low + 1) as i32 - busy.count() as i32);
        }
        self.strain_in_full(person, busy)
    }

    fn strain_in_full(&self, person: &Person<W>, busy: Slots<W>) -> (i32, i32) {
        let (mut breaks, mut idle) = (0, 0);
        let mut rest_due = !person.rest.is_empty();
        if rest_due && person.rest.minus(busy).is_empty() {
            breaks += 1;
        }
        for &day in &self.days {
            let busy = busy.and(day);
            let (Some(low), Some(high)) = (busy.lowest(), busy.highest()) else { continue };
            let mut slot = low;
            while slot <= high {
                let start = slot;
                while slot <= high && busy.has(slot) {
                    slot += 1;
                }
                let run = (slot - start) as i32;
                breaks += person.in_a_row.map_or(0, |most| (run - 1) / most as i32);
                let start = slot;
                while slot <= high && !busy.has(slot) {
                    slot += 1;
                }
                let free = (slot - start) as i32;
                if free == 0 {
                    break;
                }
                let rested = rest_due && !person.rest.and(Slots::of(start..slot)).is_empty();
                if rested {
                    rest_due = false;
                } else if !(free == 1 && person.in_a_row.is_some_and(|most| run >= most as i32)) {
                    breaks += 1;
                    idle += free;
                }
            }
        }
        (breaks, idle)
    }
}

/// Level (2) as one number per participant: first how many minima are met, then leximin on the served share.
///
/// A digit per distinct share, the worst share in the highest place, in a base above the number of participants with
/// a wish, makes sums compare as leximin. With so many shares that this leaves 61 bits, the base is cut.
fn served_tables<const W: usize>(people: &mut [Person<W>]) {
    let wishes = people.iter().filter(|p| p.min > 0).count() as u64;
    let mut shares: Vec<(u32, u32)> = Vec::new();
    for p in people.iter().filter(|p| p.min > 0) {
        shares.extend((0..p.min).map(|held| reduced(held, p.min)));
    }
    shares.sort_by(|x, y| (x.0 * y.1).cmp(&(y.0 * x.1)));
    shares.dedup();
    if shares.is_empty() {
        return;
    }
    let levels = shares.len() as u32;
    let base = (2..=wishes + 1).rev().find(|base| base.checked_pow(levels + 1).is_some_and(|most| most < 1 << 61));
    let base = base.unwrap_or(2) as i64;
    let places: Vec<i64> = (0..levels).rev().map(|place| base.saturating_pow(place.min(40))).collect();
    let met = base.saturating_pow(levels.min(40));
    for p in people.iter_mut().filter(|p| p.min > 0) {
        let value = |held: u32| {
            let place = shares.binary_search_by(|s| (s.0 * p.min).cmp(&(held * s.1))).expect("the share was listed");
            -places[place] - met
        };
        p.served = (0..p.min).map(value).chain([0]).collect();
    }
}

fn reduced(mut top: u32, mut bottom: u32) -> (u32, u32) {
    let (whole_top, whole_bottom) = (top, bottom);
    while top > 0 {
        (top, bottom) = (bottom % top, top);
    }
    (whole_top / bottom, whole_bottom / bottom)
}

/// Meetings between organisations that may meet only once, and each meeting's group.
fn groups(event: &Event) -> (Vec<Vec<u32>>, Vec<u32>) {
    let mut numbers: HashMap<(u32, u32), u32> = HashMap::new();
    for &(x, y) in &event.exclusive {
        let next = numbers.len() as u32;
        numbers.entry((x.min(y), x.max(y))).or_insert(next);
    }
    let mut groups = vec![Vec::new(); numbers.len()];
    let group_of = event.meetings.iter().enumerate().map(|(m, meeting)| {
        let of = |p: usize| event.participants[p].organisation;
        let (Some(x), Some(y)) = (of(meeting.a), of(meeting.b)) else { return NOBODY };
        let Some(&group) = numbers.get(&(x.min(y), x.max(y))) else { return NOBODY };
        groups[group as usize].push(m as u32);
        group
    });
    let group_of = group_of.collect();
    (groups, group_of)
}
