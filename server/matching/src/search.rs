//! The moves of the search: insertion with ejection, two-slot Kempe swaps, and annealing over both.

use crate::bits::Slots;
use crate::chance::Chance;
use crate::problem::{NOBODY, NOWHERE};
use crate::state::{Score, State};

/// What an idle slot weighs against a break while annealing; the final comparison is exact.
const IDLE: f64 = 0.02;
/// A participant beyond the fair number of breaks.
const UNFAIR: f64 = 2.0;
/// Kempe chains longer than this are not worth following.
const CHAIN_MAX: usize = 400;
/// How many meetings one exchange may force in.
const EXCHANGE_DEPTH: usize = 3;
/// How many second chains are tried when rooms are full.
const PARTNERS: usize = 4;

pub(crate) struct Search<'p, const W: usize> {
    pub state: State<'p, W>,
    pub chance: Chance,
    pub best: State<'p, W>,
    person_seen: Vec<u32>,
    meeting_seen: Vec<u32>,
    stamp: u32,
    stack: Vec<u32>,
    moved: Vec<(u32, u16)>,
    spare: Vec<(u32, u16)>,
    ejected: Vec<u32>,
    /// The slots in which a best timetable can hold each meeting, as far as prices tell; empty without prices.
    guide: Vec<Slots<W>>,
    /// Meetings with such a slot.
    hopeful: Vec<u32>,
}

/// What a Kempe swap would change.
struct Swap {
    worth: i64,
    kept: i64,
    energy: f64,
}

impl<'p, const W: usize> Search<'p, W> {
    pub fn new(state: State<'p, W>, seed: u64) -> Self {
        let problem = state.problem;
        Self {
            best: state.clone(),
            chance: Chance::new(seed),
            person_seen: vec![0; problem.people.len()],
            meeting_seen: vec![0; problem.meetings.len()],
            stamp: 0,
            stack: Vec::new(),
            moved: Vec::new(),
            spare: Vec::new(),
            ejected: Vec::new(),
            guide: Vec::new(),
            hopeful: Vec::new(),
            state,
        }
    }

    /// Confines the search for weight to the slots that prices leave.
    pub fn follow_prices(&mut self, guide: Vec<Slots<W>>) {
        self.hopeful = (0..guide.len() as u32).filter(|&m| !guide[m as usize].is_empty()).collect();
        self.guide = guide;
    }

    pub fn keep_best(&mut self) {
        if self.state.score > self.best.score {
            self.best.clone_from(&self.state);
        }
    }

    /// Places meetings one by one, those with the fewest free slots first, each where it adds the fewest breaks.
    pub fn fill(&mut self, meetings: &[u32]) {
        let mut order: Vec<(u32, i64, u64, u32)> = meetings
            .iter()
            .map(|&m| {
                let c = &self.state.problem.meetings[m as usize];
                (c.mask.count(), -c.worth, self.chance.next(), m)
            })
            .collect();
        order.sort_unstable();
        for (_, _, _, m) in order {
            if self.state.slot[m as usize] == NOWHERE {
                self.insert_free(m);
            }
        }
        self.state.commit();
    }

    /// Holds a waiting meeting in the free slot that adds the fewest breaks, if there is one.
    pub fn insert_free(&mut self, m: u32) -> bool {
        match self.best_free(m) {
            Some(t) => {
                self.state.place(m, t);
                true
            }
            None => false,
        }
    }

    fn best_free(&mut self, m: u32) -> Option<u16> {
        let free = self.state.free_slots(m);
        if free.is_empty() {
            return None;
        }
        let problem = self.state.problem;
        let c = &problem.meetings[m as usize];
        let mut best: Option<(i64, i32, u32, u16)> = None;
        for t in free.iter() {
            if !self.state.side_rules_allow(m, t) {
                continue;
            }
            let cost = self.added(c.a, t) + self.added(c.b, t);
            let room = self.state.count[t] * 1024 / problem.rooms[t].max(1) * 16 + (self.chance.next() & 15) as u32;
            let key = (-problem.worth(m, t as u16), cost, room, t as u16);
            if best.is_none_or(|known| key < known) {
                best = Some(key);
            }
        }
        best.map(|(.., t)| t)
    }

    fn added(&self, p: u32, t: usize) -> i32 {
        let mut busy = self.state.busy[p as usize];
        busy.insert(t);
        let (new, old) = (self.state.problem.strain(p, busy), self.state.strain_of(p));
        (new.0 - old.0) * 64 + (new.1 - old.1)
    }

    /// Holds a waiting meeting in a slot whatever stands there, then finds the ejected meetings another slot.
    ///
    /// Gives false, with the timetable as it was, when a locked meeting is in the way.
    pub fn force(&mut self, m: u32, t: usize) -> bool {
        let problem = self.state.problem;
        let c = &problem.meetings[m as usize];
        let mark = self.state.mark();
        self.ejected.clear();
        for p in [c.a, c.b] {
            let there = self.state.meeting_at(p, t);
            if there != NOBODY && !self.eject(there, mark) {
                return false;
            }
        }
        for p in [c.a, c.b] {
            if self.state.degree[p as usize] >= problem.people[p as usize].max {
                let busy = self.state.busy[p as usize];
                if busy.is_empty() {
                    return self.give_up(mark);
                }
                let pick = busy.nth(self.chance.below(busy.count() as usize) as u32);
                if !self.eject(self.state.meeting_at(p, pick), mark) {
                    return false;
                }
            }
        }
        if problem.ordered {
            let others: Vec<u32> = self.state.out_of_order(m, t).collect();
            if !others.into_iter().all(|other| self.eject(other, mark)) {
                return false;
            }
        }
        if c.group != NOBODY {
            let others: Vec<u32> = self.state.rivals(m).collect();
            if !others.into_iter().all(|other| self.eject(other, mark)) {
                return false;
            }
        }
        while c.pair != NOBODY && !self.state.interpreters_suffice(t, c.pair) {
            let there = &self.state.in_slot[t];
            let users: Vec<u32> =
                there.iter().copied().filter(|&o| problem.meetings[o as usize].pair != NOBODY).collect();
            if users.is_empty() {
                return self.give_up(mark);
            }
            let pick = users[self.chance.below(users.len())];
            if !self.eject(pick, mark) {
                return false;
            }
        }
        if self.state.count[t] >= problem.rooms[t] {
            if self.state.in_slot[t].is_empty() {
                return self.give_up(mark);
            }
            let pick = self.state.in_slot[t][self.chance.below(self.state.in_slot[t].len())];
            if !self.eject(pick, mark) {
                return false;
            }
        }
        self.state.place(m, t as u16);
        for i in 0..self.ejected.len() {
            self.insert_free(self.ejected[i]);
        }
        true
    }

    fn eject(&mut self, m: u32, mark: usize) -> bool {
        if self.state.problem.meetings[m as usize].locked {
            return self.give_up(mark);
        }
        self.state.lift(m);
        self.ejected.push(m);
        true
    }

    fn give_up(&mut self, mark: usize) -> bool {
        self.state.undo(mark);
        false
    }

    /// Where to force a meeting in: of a few random slots, the one whose present meetings are worth least.
    pub fn aim(&mut self, m: u32) -> usize {
        let problem = self.state.problem;
        let c = &problem.meetings[m as usize];
        let slots = match self.guide.get(m as usize) {
            Some(guide) if !guide.is_empty() => *guide,
            _ => c.mask,
        };
        let count = slots.count();
        let mut best = (i64::MAX, 0);
        for _ in 0..3 {
            let t = slots.nth(self.chance.below(count as usize) as u32);
            let worth = |m: u32| if m == NOBODY { 0 } else { problem.meetings[m as usize].worth };
            let loss = worth(self.state.meeting_at(c.a, t))
                + worth(self.state.meeting_at(c.b, t))
                + if self.state.open.has(t) { 0 } else { 1 };
            if loss < best.0 {
                best = (loss, t);
            }
        }
        best.1
    }

    /// Tries to hold exactly the meetings of a choice; gives the steps it took.
    ///
    /// Each step takes a meeting that has no slot yet: a free slot, else a Kempe swap that frees one, else a forced
    /// insertion that loses nothing. Stops when all are held or after `steps`.
    pub fn realise(&mut self, wanted: &[bool], steps: u64) -> u64 {
        let mut missing: Vec<u32> = self.state.waiting.iter().copied().filter(|&m| wanted[m as usize]).collect();
        missing.sort_unstable();
        for step in 0..steps {
            if missing.is_empty() {
                return step;
            }
            let place = self.chance.below(missing.len());
            let m = missing[place];
            if self.state.slot[m as usize] != NOWHERE || self.insert_free(m) || self.insert_by_swap(m) {
                missing.swap_remove(place);
                self.state.commit();
                continue;
            }
            let before = self.state.score;
            let mark = self.state.mark();
            let t = self.aim(m);
            if !self.force(m, t) {
                continue;
            }
            let daring = !self.state.problem.repairs && self.chance.unit() < 0.002;
            if self.state.score < before
                && !(daring || self.state.score.worth >= before.worth && !self.state.problem.repairs)
            {
                self.state.undo(mark);
                continue;
            }
            missing.swap_remove(place);
            missing
                .extend(self.ejected.iter().filter(|&&m| self.state.slot[m as usize] == NOWHERE && wanted[m as usize]));
            self.state.commit();
            if self.chance.below(4) == 0 {
                self.step_sideways();
            }
        }
        steps
    }

    /// Frees one slot for both participants of a meeting by a Kempe swap, as in the proof of König's theorem.
    fn insert_by_swap(&mut self, m: u32) -> bool {
        let problem = self.state.problem;
        let c = &problem.meetings[m as usize];
        let full = |p: u32| self.state.degree[p as usize] >= problem.people[p as usize].max;
        if full(c.a) || full(c.b) || problem.repairs {
            return false;
        }
        for _ in 0..4 {
            let (near, far) = if self.chance.below(2) == 0 { (c.a, c.b) } else { (c.b, c.a) };
            let here = c.mask.minus(self.state.busy[near as usize]).and(self.state.busy[far as usize]);
            let there = problem.people[far as usize].available.minus(self.state.busy[far as usize]);
            if here.is_empty() || there.is_empty() {
                continue;
            }
            let s = here.nth(self.chance.below(here.count() as usize) as u32);
            let t = there.nth(self.chance.below(there.count() as usize) as u32);
            if s == t || self.swap(self.state.meeting_at(far, s), t).is_none() {
                continue;
            }
            let mark = self.state.mark();
            self.carry_out();
            if self.state.free_slots(m).has(s) && self.state.side_rules_allow(m, s) {
                self.state.place(m, s as u16);
                return true;
            }
            self.state.undo(mark);
        }
        false
    }

    /// One step of annealing on the weight: `hot` is the temperature in units of weight.
    pub fn step_for_weight(&mut self, hot: f64) {
        if self.state.waiting.is_empty() || self.chance.below(4) == 0 {
            return self.step_sideways();
        }
        let guided = !self.hopeful.is_empty() && self.chance.below(16) > 0;
        let m = if guided {
            self.hopeful[self.chance.below(self.hopeful.len())]
        } else {
            self.state.waiting[self.chance.below(self.state.waiting.len())]
        };
        if self.state.slot[m as usize] != NOWHERE {
            return;
        }
        let problem = self.state.problem;
        let free = self.best_free(m);
        let before = self.state.score;
        let mark = self.state.mark();
        if let Some(t) = free {
            self.state.place(m, t);
        } else {
            let t = self.aim(m);
            if !self.force(m, t) {
                return;
            }
        }
        let gain = self.state.score.worth - before.worth;
        let fine = match gain {
            0 if problem.repairs => self.state.score.firm() >= before.firm(),
            0 => self.state.score.served >= before.served || self.chance.below(8) == 0,
            gain => gain > 0 || (gain as f64) > hot * self.chance.unit().ln(),
        };
        if fine {
            self.state.commit();
        } else {
            self.state.undo(mark);
        }
    }

    /// A random Kempe swap that keeps the worth, so that a new arrangement opens other slots.
    fn step_sideways(&mut self) {
        let Some((m, t)) = self.random_shift() else { return };
        if let Some(swap) = self.swap(m, t)
            && swap.worth >= 0
            && swap.kept >= 0
            && swap.energy <= 2.0 * self.chance.unit()
        {
            self.apply_swap();
        }
    }

    /// One step of annealing on breaks: worth, service and kept meetings never get worse.
    pub fn step_for_breaks(&mut self, hot: f64, exchanges: f64) {
        if exchanges > 0.0 && self.chance.unit() < exchanges && !self.state.waiting.is_empty() {
            return self.step_exchange(hot);
        }
        let Some((m, t)) = self.shift_to_mend() else { return };
        let Some(swap) = self.swap(m, t) else { return };
        if swap.worth > 0
            || (swap.worth == 0 && swap.kept >= 0 && (swap.kept > 0 || self.cool_enough(swap.energy, hot)))
        {
            self.apply_swap();
        }
    }

    #[inline]
    fn cool_enough(&mut self, energy: f64, hot: f64) -> bool {
        energy <= 0.0 || (energy < hot * 14.0 && self.chance.unit() < (-energy / hot).exp())
    }

    /// Keeps a change that loses nothing firm, by the temperature; else takes it back.
    fn settle(&mut self, before: Score, mark: usize, hot: f64) {
        let after = self.state.score;
        let fine = after.firm() > before.firm()
            || (after.firm() == before.firm() && self.cool_enough(energy(after) - energy(before), hot));
        if fine {
            self.state.commit();
        } else {
            self.state.undo(mark);
        }
    }

    /// Holds a waiting meeting instead of others; where that loses weight, a few more may win it back.
    fn step_exchange(&mut self, hot: f64) {
        let mut m = self.state.waiting[self.chance.below(self.state.waiting.len())];
        let before = self.state.score;
        let mark = self.state.mark();
        for _ in 0..EXCHANGE_DEPTH {
            if let Some(t) = self.best_free(m) {
                self.state.place(m, t);
            } else {
                let t = self.aim(m);
                if !self.force(m, t) {
                    return self.state.undo(mark);
                }
            }
            if self.state.score.worth >= before.worth {
                break;
            }
            match self.someone_left_out(m) {
                Some(next) => m = next,
                None => break,
            }
        }
        self.settle(before, mark, hot);
    }

    /// A waiting meeting of a participant who has just lost one.
    fn someone_left_out(&mut self, forced: u32) -> Option<u32> {
        let problem = self.state.problem;
        let lost = *self.ejected.iter().find(|&&e| self.state.slot[e as usize] == NOWHERE)?;
        let c = &problem.meetings[lost as usize];
        for _ in 0..4 {
            let p = if self.chance.below(2) == 0 { c.a } else { c.b };
            let of = &problem.of[p as usize];
            let m = of[self.chance.below(of.len())];
            let waits = self.state.slot[m as usize] == NOWHERE && !problem.meetings[m as usize].mask.is_empty();
            if waits && m != forced && m != lost {
                return Some(m);
            }
        }
        None
    }

    fn random_shift(&mut self) -> Option<(u32, usize)> {
        let p = self.chance.below(self.state.busy.len());
        let busy = self.state.busy[p];
        let count = busy.count() as usize;
        if count == 0 {
            return None;
        }
        let m = self.state.meeting_at(p as u32, busy.nth(self.chance.below(count) as u32));
        let others =
            self.state.problem.meetings[m as usize].mask.minus(Slots::of([self.state.slot[m as usize] as usize]));
        let count = others.count() as usize;
        (count > 0).then(|| (m, others.nth(self.chance.below(count) as u32)))
    }

    /// A meeting and a slot for it next to another of the same participant, mostly of one who has a break.
    fn shift_to_mend(&mut self) -> Option<(u32, usize)> {
        let broken = self.state.broken.len();
        let p = if broken > 0 && self.chance.below(8) < 5 {
            self.state.broken[self.chance.below(broken)] as usize
        } else {
            self.chance.below(self.state.busy.len())
        };
        let busy = self.state.busy[p];
        let count = busy.count() as usize;
        if count == 0 {
            return None;
        }
        let from = busy.nth(self.chance.below(count) as u32);
        let m = self.state.meeting_at(p as u32, from);
        let mut others = self.state.problem.meetings[m as usize].mask;
        others.remove(from);
        if self.chance.below(8) < 6 {
            let mut rest = busy;
            rest.remove(from);
            let near = rest.later().or(rest.earlier()).minus(rest).and(others);
            if !near.is_empty() {
                others = near;
            }
        }
        let count = others.count() as usize;
        (count > 0).then(|| (m, others.nth(self.chance.below(count) as u32)))
    }

    /// Follows the Kempe chain of a meeting between its slot and another, and says what swapping it would change.
    ///
    /// When the rooms do not allow that swap alone, a second chain between the same slots that moves one meeting
    /// the other way is looked for, and the two are swapped together.
    fn swap(&mut self, m: u32, t: usize) -> Option<Swap> {
        let problem = self.state.problem;
        let s = self.state.slot[m as usize] as usize;
        self.stamp += 1;
        self.moved.clear();
        let mut energy = self.follow(m, t)?;
        let surplus = self.surplus(0, t);
        let (over, under) = if surplus > 0 { (t, s) } else { (s, t) };
        if surplus != 0 && self.state.count[over] + surplus.unsigned_abs() > problem.rooms[over] {
            energy += self.counterweight(surplus, over, under)?;
        }
        if (problem.ordered || problem.pairs > 0) && !self.swap_fits(s, t) {
            return None;
        }
        let (mut worth, mut kept) = (0, 0);
        if problem.repairs {
            for &(m, to) in &self.moved {
                let from = self.state.slot[m as usize];
                worth += problem.worth(m, to) - problem.worth(m, from);
                let published = problem.meetings[m as usize].published;
                kept += i64::from(published == to) - i64::from(published == from);
            }
        }
        Some(Swap { worth, kept, energy })
    }

    /// How many more meetings come to slot `t` than leave it, of those laid out since `from`.
    fn surplus(&self, from: usize, t: usize) -> i32 {
        self.moved[from..].iter().map(|&(_, to)| if to as usize == t { 1 } else { -1 }).sum()
    }

    /// A second chain that takes back the surplus of the first: of a few random ones the best.
    fn counterweight(&mut self, surplus: i32, over: usize, under: usize) -> Option<f64> {
        if surplus.abs() > 1 {
            return None;
        }
        let first = self.moved.len();
        let mut best: Option<f64> = None;
        self.spare.clear();
        for _ in 0..PARTNERS {
            let there = &self.state.in_slot[over];
            if there.is_empty() {
                break;
            }
            let m = there[self.chance.below(there.len())];
            if self.meeting_seen[m as usize] == self.stamp {
                continue;
            }
            self.moved.truncate(first);
            let Some(energy) = self.follow(m, under) else { continue };
            if self.surplus(first, over) == -1 && best.is_none_or(|known| energy < known) {
                best = Some(energy);
                self.spare.clear();
                self.spare.extend_from_slice(&self.moved[first..]);
            }
        }
        self.moved.truncate(first);
        self.moved.append(&mut self.spare);
        best
    }

    /// Lays out one Kempe chain from a meeting to another slot, and says what swapping it adds to the energy.
    fn follow(&mut self, m: u32, t: usize) -> Option<f64> {
        let problem = self.state.problem;
        let s = self.state.slot[m as usize] as usize;
        let c = &problem.meetings[m as usize];
        if !c.mask.has(t) {
            return None;
        }
        let stamp = self.stamp;
        self.meeting_seen[m as usize] = stamp;
        self.moved.push((m, t as u16));
        self.stack.clear();
        self.stack.push(c.a);
        self.stack.push(c.b);
        let (mut breaks, mut idle, mut unfair) = (0i32, 0i32, 0i64);
        while let Some(p) = self.stack.pop() {
            if self.person_seen[p as usize] == stamp {
                continue;
            }
            self.person_seen[p as usize] = stamp;
            let mut held = 0;
            for (here, there) in [(s, t), (t, s)] {
                let m = self.state.meeting_at(p, here);
                if m == NOBODY {
                    continue;
                }
                held += 1;
                if self.meeting_seen[m as usize] == stamp {
                    continue;
                }
                let c = &problem.meetings[m as usize];
                if !c.mask.has(there) {
                    return None;
                }
                self.meeting_seen[m as usize] = stamp;
                self.moved.push((m, there as u16));
                self.stack.push(c.a + c.b - p);
            }
            if held == 1 {
                let mut busy = self.state.busy[p as usize];
                let (from, to) = if busy.has(s) { (s, t) } else { (t, s) };
                busy.remove(from);
                busy.insert(to);
                let (new, old) = (problem.strain(p, busy), self.state.strain_of(p));
                breaks += new.0 - old.0;
                idle += new.1 - old.1;
                if let Some(most) = problem.fairness {
                    unfair += (i64::from(new.0) - most).max(0) - (i64::from(old.0) - most).max(0);
                }
            }
            if self.moved.len() > CHAIN_MAX {
                return None;
            }
        }
        Some(f64::from(breaks) + IDLE * f64::from(idle) + UNFAIR * unfair as f64)
    }

    /// Whether interpreters and orders allow the swap that [`Self::swap`] has laid out.
    fn swap_fits(&mut self, s: usize, t: usize) -> bool {
        let problem = self.state.problem;
        if problem.ordered && !self.swap_keeps_order() {
            return false;
        }
        if problem.pairs == 0 || self.moved.iter().all(|&(m, _)| problem.meetings[m as usize].pair == NOBODY) {
            return true;
        }
        let mark = self.state.mark();
        self.carry_out();
        let fine = self.state.interpreters_suffice(s, NOBODY) && self.state.interpreters_suffice(t, NOBODY);
        self.state.undo(mark);
        fine
    }

    fn swap_keeps_order(&self) -> bool {
        let problem = self.state.problem;
        let after = |m: u32| match self.meeting_seen[m as usize] == self.stamp {
            true => self.moved.iter().find(|&&(o, _)| o == m).map_or(NOWHERE, |&(_, to)| to),
            false => self.state.slot[m as usize],
        };
        self.moved.iter().all(|&(m, to)| {
            let c = &problem.meetings[m as usize];
            let before = c.before.iter().all(|&o| after(o) == NOWHERE || after(o) < to);
            before && c.followers.iter().all(|&o| after(o) > to)
        })
    }

    fn apply_swap(&mut self) {
        self.carry_out();
        self.state.commit();
    }

    fn carry_out(&mut self) {
        for i in 0..self.moved.len() {
            self.state.lift(self.moved[i].0);
        }
        for i in 0..self.moved.len() {
            let (m, to) = self.moved[i];
            self.state.place(m, to);
        }
    }
}

/// Level (3) as one number for annealing; lower is better.
pub(crate) fn energy(score: Score) -> f64 {
    -(score.breaks as f64) - IDLE * score.idle as f64 - UNFAIR * score.unfair as f64
}
