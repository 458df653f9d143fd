//! A timetable under change: who is where, what it is worth, and how to take a change back.

use crate::bits::Slots;
use crate::problem::{NOBODY, NOWHERE, Problem};

/// How good a timetable is. Compared field by field: more is better everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Score {
    /// Level (1): weights, bonuses of must-hold meetings, and what published meetings save by staying.
    pub worth: i64,
    /// Level (2): minima met and leximin of served shares.
    pub served: i64,
    /// Published meetings that were neither moved nor cancelled.
    pub kept: i64,
    /// Breaks of single participants beyond what fairness allows, negative.
    pub unfair: i64,
    /// Level (3), negative.
    pub breaks: i64,
    /// Idle slots, negative.
    pub idle: i64,
}

impl Score {
    /// What smoothing must never give away, in order.
    pub fn firm(&self) -> (i64, i64, i64) {
        (self.worth, self.served, self.kept)
    }
}

#[derive(Clone)]
pub(crate) struct State<'p, const W: usize> {
    pub problem: &'p Problem<W>,
    /// The slot of each meeting, `NOWHERE` when it is not held.
    pub slot: Vec<u16>,
    pub busy: Vec<Slots<W>>,
    /// The meeting of a participant in a slot, `NOBODY` when free; row by participant.
    pub at: Vec<u32>,
    pub degree: Vec<u32>,
    pub count: Vec<u32>,
    /// Slots that have a room left.
    pub open: Slots<W>,
    pub in_slot: Vec<Vec<u32>>,
    /// Meetings that could be held but are not.
    pub waiting: Vec<u32>,
    /// Participants with at least one break.
    pub broken: Vec<u32>,
    pub score: Score,
    place_in_slot: Vec<u32>,
    place_waiting: Vec<u32>,
    place_broken: Vec<u32>,
    strain: Vec<(i32, i32)>,
    needs: Vec<u32>,
    log: Vec<(u32, u16)>,
}

impl<'p, const W: usize> State<'p, W> {
    pub fn new(problem: &'p Problem<W>) -> Self {
        let (people, meetings, slots) = (problem.people.len(), problem.meetings.len(), problem.slots);
        let mut state = Self {
            problem,
            slot: vec![NOWHERE; meetings],
            busy: vec![Slots::EMPTY; people],
            at: vec![NOBODY; people * slots],
            degree: vec![0; people],
            count: vec![0; slots],
            open: Slots::of((0..slots).filter(|&t| problem.rooms[t] > 0)),
            in_slot: vec![Vec::new(); slots],
            waiting: Vec::new(),
            broken: Vec::new(),
            score: Score { worth: 0, served: 0, kept: 0, unfair: 0, breaks: 0, idle: 0 },
            place_in_slot: vec![0; meetings],
            place_waiting: vec![NOBODY; meetings],
            place_broken: vec![NOBODY; people],
            strain: vec![(0, 0); people],
            needs: vec![0; slots * problem.pairs],
            log: Vec::new(),
        };
        state.score.served = problem.people.iter().map(|p| p.served.first().copied().unwrap_or(0)).sum();
        for p in 0..people as u32 {
            state.refresh(p);
        }
        for m in 0..meetings as u32 {
            if !problem.meetings[m as usize].mask.is_empty() {
                state.wait(m);
            }
        }
        for m in 0..meetings as u32 {
            if problem.meetings[m as usize].locked {
                state.place(m, problem.meetings[m as usize].published);
            }
        }
        state.log.clear();
        state
    }

    #[inline]
    pub fn meeting_at(&self, person: u32, slot: usize) -> u32 {
        self.at[person as usize * self.problem.slots + slot]
    }

    pub fn place(&mut self, m: u32, t: u16) {
        debug_assert_eq!(self.slot[m as usize], NOWHERE);
        self.log.push((m, NOWHERE));
        self.put(m, t);
    }

    pub fn lift(&mut self, m: u32) {
        self.log.push((m, self.slot[m as usize]));
        self.take(m);
    }

    /// Where the log stands; pass it to [`Self::undo`] to come back here.
    pub fn mark(&self) -> usize {
        self.log.len()
    }

    pub fn undo(&mut self, mark: usize) {
        while self.log.len() > mark {
            let Some((m, was)) = self.log.pop() else { break };
            if self.slot[m as usize] != NOWHERE {
                self.take(m);
            }
            if was != NOWHERE {
                self.put(m, was);
            }
        }
    }

    /// Forgets how to take changes back.
    pub fn commit(&mut self) {
        self.log.clear();
    }

    fn put(&mut self, m: u32, t: u16) {
        let c = &self.problem.meetings[m as usize];
        let slot = t as usize;
        self.slot[m as usize] = t;
        self.place_in_slot[m as usize] = self.in_slot[slot].len() as u32;
        self.in_slot[slot].push(m);
        self.count[slot] += 1;
        if self.count[slot] >= self.problem.rooms[slot] {
            self.open.remove(slot);
        }
        if c.pair != NOBODY {
            self.needs[slot * self.problem.pairs + c.pair as usize] += 1;
        }
        self.score.worth += self.problem.worth(m, t);
        self.score.kept += i64::from(c.published == t);
        let place = self.place_waiting[m as usize];
        if place != NOBODY {
            self.waiting.swap_remove(place as usize);
            if let Some(&moved) = self.waiting.get(place as usize) {
                self.place_waiting[moved as usize] = place;
            }
            self.place_waiting[m as usize] = NOBODY;
        }
        for p in [c.a, c.b] {
            self.at[p as usize * self.problem.slots + slot] = m;
            self.busy[p as usize].insert(slot);
            self.set_degree(p, self.degree[p as usize] + 1);
            self.refresh(p);
        }
    }

    fn take(&mut self, m: u32) {
        let c = &self.problem.meetings[m as usize];
        let t = self.slot[m as usize];
        let slot = t as usize;
        self.slot[m as usize] = NOWHERE;
        let place = self.place_in_slot[m as usize] as usize;
        self.in_slot[slot].swap_remove(place);
        if let Some(&moved) = self.in_slot[slot].get(place) {
            self.place_in_slot[moved as usize] = place as u32;
        }
        self.count[slot] -= 1;
        if self.count[slot] < self.problem.rooms[slot] {
            self.open.insert(slot);
        }
        if c.pair != NOBODY {
            self.needs[slot * self.problem.pairs + c.pair as usize] -= 1;
        }
        self.score.worth -= self.problem.worth(m, t);
        self.score.kept -= i64::from(c.published == t);
        self.wait(m);
        for p in [c.a, c.b] {
            self.at[p as usize * self.problem.slots + slot] = NOBODY;
            self.busy[p as usize].remove(slot);
            self.set_degree(p, self.degree[p as usize] - 1);
            self.refresh(p);
        }
    }

    fn wait(&mut self, m: u32) {
        self.place_waiting[m as usize] = self.waiting.len() as u32;
        self.waiting.push(m);
    }

    fn set_degree(&mut self, p: u32, degree: u32) {
        let served = &self.problem.people[p as usize].served;
        if let Some(&last) = served.last() {
            let value = |d: u32| served.get(d as usize).copied().unwrap_or(last);
            self.score.served += value(degree) - value(self.degree[p as usize]);
        }
        self.degree[p as usize] = degree;
    }

    /// Counts a participant's breaks anew after their diary changed.
    #[inline]
    fn refresh(&mut self, p: u32) {
        let new = self.problem.strain(p, self.busy[p as usize]);
        let old = self.strain[p as usize];
        if new == old {
            return;
        }
        self.strain[p as usize] = new;
        self.score.breaks -= i64::from(new.0 - old.0);
        self.score.idle -= i64::from(new.1 - old.1);
        if let Some(most) = self.problem.fairness {
            self.score.unfair -= (i64::from(new.0) - most).max(0) - (i64::from(old.0) - most).max(0);
        }
        let place = self.place_broken[p as usize];
        if new.0 > 0 && place == NOBODY {
            self.place_broken[p as usize] = self.broken.len() as u32;
            self.broken.push(p);
        } else if new.0 == 0 && place != NOBODY {
            self.broken.swap_remove(place as usize);
            if let Some(&moved) = self.broken.get(place as usize) {
                self.place_broken[moved as usize] = place;
            }
            self.place_broken[p as usize] = NOBODY;
        }
    }

    /// Breaks and idle slots of a participant now.
    #[inline]
    pub fn strain_of(&self, p: u32) -> (i32, i32) {
        self.strain[p as usize]
    }

    /// The slots in which a waiting meeting collides with nobody's diary, maximum or room.
    #[inline]
    pub fn free_slots(&self, m: u32) -> Slots<W> {
        let c = &self.problem.meetings[m as usize];
        let full = |p: u32| self.degree[p as usize] >= self.problem.people[p as usize].max;
        if full(c.a) || full(c.b) {
            return Slots::EMPTY;
        }
        c.mask.minus(self.busy[c.a as usize].or(self.busy[c.b as usize])).and(self.open)
    }

    /// Whether order, exclusive pairs and interpreters allow a waiting meeting in a slot.
    #[inline]
    pub fn side_rules_allow(&self, m: u32, t: usize) -> bool {
        let c = &self.problem.meetings[m as usize];
        (!self.problem.ordered || self.out_of_order(m, t).next().is_none())
            && (c.group == NOBODY || self.rivals(m).next().is_none())
            && (c.pair == NOBODY || self.interpreters_suffice(t, c.pair))
    }

    /// Held meetings whose order with this one would be broken in slot `t`.
    pub fn out_of_order(&self, m: u32, t: usize) -> impl Iterator<Item = u32> + '_ {
        let c = &self.problem.meetings[m as usize];
        let before = c.before.iter().filter(move |&&o| {
            let s = self.slot[o as usize];
            s != NOWHERE && s as usize >= t
        });
        let followers = c.followers.iter().filter(move |&&o| (self.slot[o as usize] as usize) <= t);
        before.chain(followers).copied()
    }

    /// Held meetings of the same two organisations, where those may meet only once.
    pub fn rivals(&self, m: u32) -> impl Iterator<Item = u32> + '_ {
        let group = self.problem.meetings[m as usize].group;
        let members = self.problem.groups.get(group as usize).map_or(&[][..], Vec::as_slice);
        members.iter().copied().filter(move |&o| o != m && self.slot[o as usize] != NOWHERE)
    }

    /// Whether one more meeting of a language pair (or `NOBODY` for none more) finds its interpreter in a slot.
    pub fn interpreters_suffice(&self, t: usize, extra: u32) -> bool {
        let row = &self.needs[t * self.problem.pairs..(t + 1) * self.problem.pairs];
        let mut needs: Vec<u32> = Vec::new();
        for (pair, &count) in row.iter().enumerate() {
            needs.extend(std::iter::repeat_n(pair as u32, count as usize));
        }
        needs.extend((extra != NOBODY).then_some(extra));
        interpreters_match(self.problem, t, &needs)
    }
}

/// Whether each needed language pair can be given its own interpreter in a slot: augmenting paths.
pub(crate) fn interpreters_match<const W: usize>(problem: &Problem<W>, t: usize, needs: &[u32]) -> bool {
    fn seat(needs: &[u32], who: &[&Vec<u32>], taken: &mut [usize], seen: &mut [bool], need: usize) -> bool {
        for i in 0..who.len() {
            if seen[i] || !who[i].contains(&needs[need]) {
                continue;
            }
            seen[i] = true;
            if taken[i] == usize::MAX || seat(needs, who, taken, seen, taken[i]) {
                taken[i] = need;
                return true;
            }
        }
        false
    }
    let who: Vec<&Vec<u32>> = problem.interpreters.iter().filter(|i| i.available.has(t)).map(|i| &i.pairs).collect();
    let mut taken = vec![usize::MAX; who.len()];
    needs.len() <= who.len()
        && (0..needs.len()).all(|need| seat(needs, &who, &mut taken, &mut vec![false; who.len()], need))
}
