//! Large moves that are exact: the best use of one slot, and the best diary of one participant, by a small flow.
//!
//! Both never lose weight. Equals are told apart at random, so that repeating them walks along plateaus.

use crate::flow::Flow;
use crate::problem::{NOBODY, NOWHERE};
use crate::search::Search;

/// Whole weights are scaled by this, and chance decides below it.
const SCALE: i64 = 1 << 12;

impl<const W: usize> Search<'_, W> {
    /// Chooses anew which meetings are held in a slot, with everything else as it is.
    ///
    /// `colour` splits participants into two classes without a meeting inside one.
    pub fn best_of_slot(&mut self, t: usize, colour: &[bool]) {
        let problem = self.state.problem;
        let people = problem.people.len();
        let mut node = vec![usize::MAX; people];
        let mut arcs: Vec<(u32, usize)> = Vec::new();
        let here: Vec<u32> = self.state.in_slot[t].clone();
        let locked = here.iter().filter(|&&m| problem.meetings[m as usize].locked).count() as u32;
        let bound_to_stay = |m: u32| problem.meetings[m as usize].locked;
        let mut candidates: Vec<u32> = here.iter().copied().filter(|&m| !bound_to_stay(m)).collect();
        candidates.extend(self.state.waiting.iter().copied().filter(|&m| {
            let c = &problem.meetings[m as usize];
            c.mask.has(t)
                && c.group == NOBODY
                && c.pair == NOBODY
                && self.able(c.a, t)
                && self.able(c.b, t)
                && (!problem.ordered || (c.before.is_empty() && c.followers.is_empty()))
        }));
        let mut flow = Flow::new(3);
        let (source, gate, sink) = (0, 1, 2);
        flow.arc(source, gate, problem.rooms[t].saturating_sub(locked), 0);
        for &m in &candidates {
            let c = &problem.meetings[m as usize];
            for p in [c.a as usize, c.b as usize] {
                if node[p] == usize::MAX {
                    node[p] = flow.node();
                    if colour[p] {
                        flow.arc(node[p], sink, 1, 0)
                    } else {
                        flow.arc(gate, node[p], 1, 0)
                    };
                }
            }
            let (from, to) = if colour[c.a as usize] { (c.b, c.a) } else { (c.a, c.b) };
            let cost = -self.noisy(m, t);
            arcs.push((m, flow.arc(node[from as usize], node[to as usize], 1, cost)));
        }
        flow.run(source, sink);
        let wanted: Vec<(u32, u16)> =
            arcs.into_iter().filter(|&(_, arc)| flow.carried(arc) > 0).map(|(m, _)| (m, t as u16)).collect();
        let keep: Vec<u32> = here.into_iter().filter(|&m| bound_to_stay(m)).collect();
        self.rearrange(t as u32, &keep, wanted, false);
    }

    /// Arranges the diary of one participant anew, with everybody else's other meetings as they are.
    pub fn best_of_diary(&mut self, p: u32) {
        let problem = self.state.problem;
        if self.state.busy[p as usize].is_empty() && self.state.degree[p as usize] >= problem.people[p as usize].max {
            return;
        }
        let mut flow = Flow::new(3);
        let (source, gate, sink) = (0, 1, 2);
        let mut node = vec![usize::MAX; problem.slots];
        let mut arcs = Vec::new();
        let mut fixed = 0;
        for &m in &problem.of[p as usize] {
            let c = &problem.meetings[m as usize];
            let held = self.state.slot[m as usize];
            if c.locked {
                fixed += 1;
                continue;
            }
            let other = c.a + c.b - p;
            if c.group != NOBODY
                || c.pair != NOBODY
                || (problem.ordered && !(c.before.is_empty() && c.followers.is_empty()))
            {
                if held != NOWHERE {
                    return;
                }
                continue;
            }
            if held == NOWHERE && self.state.degree[other as usize] >= problem.people[other as usize].max {
                continue;
            }
            let mut place = usize::MAX;
            for t in c.mask.iter() {
                let mine = self.state.meeting_at(p, t);
                let theirs = self.state.meeting_at(other, t);
                let open = mine != NOBODY || self.state.open.has(t);
                if !open
                    || (theirs != NOBODY && theirs != m)
                    || (mine != NOBODY && problem.meetings[mine as usize].locked)
                {
                    continue;
                }
                if place == usize::MAX {
                    place = flow.node();
                    flow.arc(gate, place, 1, 0);
                }
                if node[t] == usize::MAX {
                    node[t] = flow.node();
                    flow.arc(node[t], sink, 1, 0);
                }
                let cost = -self.noisy(m, t);
                arcs.push((m, t as u16, flow.arc(place, node[t], 1, cost)));
            }
        }
        flow.arc(source, gate, problem.people[p as usize].max.saturating_sub(fixed), 0);
        flow.run(source, sink);
        let wanted: Vec<(u32, u16)> =
            arcs.into_iter().filter(|&(.., arc)| flow.carried(arc) > 0).map(|(m, t, _)| (m, t)).collect();
        self.rearrange(p, &[], wanted, true);
    }

    /// Whether a participant could take a meeting in a slot if that slot were emptied.
    fn able(&self, p: u32, t: usize) -> bool {
        let there = self.state.meeting_at(p, t);
        let problem = self.state.problem;
        (there == NOBODY || !problem.meetings[there as usize].locked)
            && self.state.degree[p as usize] - u32::from(there != NOBODY) < problem.people[p as usize].max
    }

    fn noisy(&mut self, m: u32, t: usize) -> i64 {
        // A must-hold meeting is worth more than all others; scaled down it still is within one slot or diary.
        let problem = self.state.problem;
        let c = &problem.meetings[m as usize];
        let worth = problem.worth(m, t as u16) - if c.must { problem.must_bonus - (1 << 26) } else { 0 };
        worth * SCALE + (self.chance.next() % SCALE as u64 / 8) as i64
    }

    /// Replaces the meetings of a slot (or of a participant) by others, if that loses nothing.
    fn rearrange(&mut self, of: u32, keep: &[u32], wanted: Vec<(u32, u16)>, diary: bool) {
        let mark = self.state.mark();
        let before = self.state.score;
        let old: Vec<u32> = if diary {
            self.state.busy[of as usize].iter().map(|t| self.state.meeting_at(of, t)).collect()
        } else {
            self.state.in_slot[of as usize].clone()
        };
        for m in old {
            let c = &self.state.problem.meetings[m as usize];
            if !c.locked && !keep.contains(&m) && !wanted.contains(&(m, self.state.slot[m as usize])) {
                self.state.lift(m);
            }
        }
        for (m, t) in wanted {
            if self.state.slot[m as usize] == NOWHERE {
                self.state.place(m, t);
            }
        }
        if (self.state.score.worth, self.state.score.served) < (before.worth, before.served) {
            self.state.undo(mark);
        } else {
            self.state.commit();
        }
    }
}
