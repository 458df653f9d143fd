//! A proof that fewer breaks are impossible, or that fewer are possible, for timetables whose meetings are settled.
//!
//! The timetable becomes a satisfiability problem: which slot each meeting takes, where each participant has a
//! break, and at most so many breaks in all. Solved with one more break allowed each time, the first answer that
//! can be satisfied is the optimum, and every refusal before it is a proof.

use batsat::{Callbacks, Lit, Solver, SolverInterface, SolverOpts, clause, lbool};

use crate::problem::{NOBODY, Problem};

/// Above this many pairs of meeting and slot a proof is out of reach and not tried.
pub(crate) const PAIRS_MAX: usize = 20_000;

pub(crate) struct Prover<'p, const W: usize> {
    problem: &'p Problem<W>,
    solver: Solver<Conflicts>,
    /// The literal by which a meeting is asked for, when meetings are optional.
    wanted: Vec<(u32, Lit)>,
    /// The variable of a meeting in a slot.
    held: Vec<Vec<(usize, Lit)>>,
    /// `most[k]` is true when more than `k` breaks occur; assuming it false allows `k`.
    most: Vec<Lit>,
    /// Fewer breaks than this are proven impossible.
    pub bound: u32,
    /// The meetings cannot all be held.
    pub impossible: bool,
}

pub(crate) enum Answer {
    /// Undecided within the conflicts allowed.
    Open,
    /// The bound has risen by one.
    Raised,
    /// A timetable with as many breaks as the bound: optimal.
    Found(Vec<(u32, u16)>),
}

/// Counts conflicts and stops the solver after a number of them, so that a proof's course depends on nothing else.
#[derive(Default)]
struct Conflicts {
    left: u64,
}

impl Callbacks for Conflicts {
    fn on_new_clause(&mut self, _: &[Lit], source: clause::Kind) {
        if source == clause::Kind::Learnt {
            self.left = self.left.saturating_sub(1);
        }
    }

    fn stop(&self) -> bool {
        self.left == 0
    }
}

impl<'p, const W: usize> Prover<'p, W> {
    /// Writes down the rules for meetings that are all held; `breaks_max` is the number of breaks of a known timetable.
    pub fn new(problem: &'p Problem<W>, meetings: &[u32], bound: u32, breaks_max: u32, fair: bool) -> Self {
        let mut prover = Self::without_breaks(problem, meetings, false);
        prover.bound = bound;
        let mut breaks = Vec::new();
        for p in 0..problem.people.len() {
            let own = prover.state_breaks(p);
            if fair
                && let Some(most) = problem.fairness
                && own.len() as i64 > most
            {
                let counted = prover.count(&own, most as usize + 1);
                prover.clause(&[!counted[most as usize]]);
            }
            breaks.extend(own);
        }
        prover.most = prover.count(&breaks, breaks_max as usize + 1);
        prover
    }

    /// Every rule but those on breaks. With `optional`, each meeting is held only if its own literal is assumed.
    pub fn without_breaks(problem: &'p Problem<W>, meetings: &[u32], optional: bool) -> Self {
        let solver = Solver::new(options(), Conflicts::default());
        let held = vec![Vec::new(); problem.meetings.len()];
        let mut prover =
            Self { problem, solver, held, wanted: Vec::new(), most: Vec::new(), bound: 0, impossible: false };
        for &m in meetings {
            let slots = problem.meetings[m as usize].mask;
            let pairs: Vec<(usize, Lit)> = slots.iter().map(|t| (t, prover.new_lit())).collect();
            let mut lits: Vec<Lit> = pairs.iter().map(|&(_, lit)| lit).collect();
            prover.at_most_one(&lits);
            if optional {
                let wanted = prover.new_lit();
                prover.wanted.push((m, wanted));
                lits.push(!wanted);
            }
            prover.clause(&lits);
            prover.held[m as usize] = pairs;
        }
        prover.state_rooms();
        prover.state_order(meetings);
        prover.state_interpreters(meetings);
        prover.state_groups(meetings);
        for p in 0..problem.people.len() {
            prover.state_diary(p);
        }
        prover
    }

    /// Whether these meetings can all be held; if not, a part of them that cannot. Nothing when undecided.
    pub fn core(&mut self, meetings: &[u32], conflicts: u64) -> Option<Result<(), Vec<u32>>> {
        self.solver.cb_mut().left = conflicts.max(1);
        let chosen: Vec<(u32, Lit)> = self.wanted.iter().copied().filter(|(m, _)| meetings.contains(m)).collect();
        let assumed: Vec<Lit> = chosen.iter().map(|&(_, lit)| lit).collect();
        let answer = self.solver.solve_limited(&assumed);
        if answer == lbool::TRUE {
            return Some(Ok(()));
        }
        let part = chosen.iter().filter(|(_, lit)| self.solver.unsat_core_contains_var(lit.var())).map(|&(m, _)| m);
        (answer == lbool::FALSE).then(|| Err(part.collect()))
    }

    /// Works on the question whether `bound` breaks suffice, for so many conflicts.
    pub fn work(&mut self, conflicts: u64) -> Answer {
        self.solver.cb_mut().left = conflicts.max(1);
        let assumed: Vec<Lit> = self.most.get(self.bound as usize).map(|&lit| !lit).into_iter().collect();
        let answer = self.solver.solve_limited(&assumed);
        if answer == lbool::TRUE {
            return Answer::Found(self.found());
        }
        if answer == lbool::FALSE {
            if assumed.is_empty() || !self.solver.is_ok() || self.solver.unsat_core().is_empty() {
                self.impossible = true;
                return Answer::Open;
            }
            self.bound += 1;
            return Answer::Raised;
        }
        Answer::Open
    }

    fn found(&self) -> Vec<(u32, u16)> {
        let held = self.held.iter().enumerate().filter_map(|(m, pairs)| {
            let held = pairs.iter().find(|&&(_, lit)| self.solver.value_lit(lit) == lbool::TRUE)?;
            Some((m as u32, held.0 as u16))
        });
        held.collect()
    }

    fn new_lit(&mut self) -> Lit {
        Lit::new(self.solver.new_var_default(), true)
    }

    fn clause(&mut self, lits: &[Lit]) {
        self.solver.add_clause_reuse(&mut lits.to_vec());
    }

    fn at_most_one(&mut self, lits: &[Lit]) {
        if lits.len() <= 6 {
            for (i, &x) in lits.iter().enumerate() {
                for &y in &lits[i + 1..] {
                    self.clause(&[!x, !y]);
                }
            }
            return;
        }
        // Three at a time, linked by a variable that says "one of those so far".
        let link = self.new_lit();
        let mut head = lits[..4].to_vec();
        head.push(link);
        self.at_most_one(&head);
        let mut tail = lits[4..].to_vec();
        tail.push(!link);
        self.at_most_one(&tail);
    }

    /// Literals that rise with the number of true ones: the `k`th is true when more than `k` are. Counts to `most`.
    fn count(&mut self, lits: &[Lit], most: usize) -> Vec<Lit> {
        if lits.len() <= 1 {
            return lits.to_vec();
        }
        let (left, right) = lits.split_at(lits.len() / 2);
        let (left, right) = (self.count(left, most), self.count(right, most));
        let sum: Vec<Lit> = (0..(left.len() + right.len()).min(most)).map(|_| self.new_lit()).collect();
        for i in 0..=left.len() {
            for j in 0..=right.len() {
                if i + j == 0 {
                    continue;
                }
                let mut lits = vec![sum[(i + j).min(sum.len()) - 1]];
                lits.extend((i > 0).then(|| !left[i - 1]));
                lits.extend((j > 0).then(|| !right[j - 1]));
                self.clause(&lits);
            }
        }
        sum
    }

    fn state_rooms(&mut self) {
        for t in 0..self.problem.slots {
            let here: Vec<Lit> =
                self.held.iter().flatten().filter(|&&(slot, _)| slot == t).map(|&(_, lit)| lit).collect();
            let rooms = self.problem.rooms[t] as usize;
            if here.len() > rooms {
                let counted = self.count(&here, rooms + 1);
                self.clause(&[!counted[rooms]]);
            }
        }
    }

    fn state_order(&mut self, meetings: &[u32]) {
        for &m in meetings {
            for &before in &self.problem.meetings[m as usize].before {
                for (t, late) in self.held[m as usize].clone() {
                    let earlier: Vec<Lit> =
                        self.held[before as usize].iter().filter(|&&(s, _)| s < t).map(|&(_, lit)| lit).collect();
                    if !self.held[before as usize].is_empty() {
                        let lits: Vec<Lit> = earlier.into_iter().chain([!late]).collect();
                        self.clause(&lits);
                    }
                }
            }
        }
    }

    fn state_interpreters(&mut self, meetings: &[u32]) {
        for t in 0..self.problem.slots {
            let mut of: Vec<Vec<Lit>> = vec![Vec::new(); self.problem.interpreters.len()];
            for &m in meetings.iter().filter(|&&m| self.problem.meetings[m as usize].pair != NOBODY) {
                let pair = self.problem.meetings[m as usize].pair;
                let Some(&(_, held)) = self.held[m as usize].iter().find(|&&(slot, _)| slot == t) else { continue };
                let mut lits = vec![!held];
                for (i, own) in of.iter_mut().enumerate() {
                    let interpreter = &self.problem.interpreters[i];
                    if interpreter.available.has(t) && interpreter.pairs.contains(&pair) {
                        let lit = self.new_lit();
                        own.push(lit);
                        lits.push(lit);
                    }
                }
                self.clause(&lits);
            }
            for own in of {
                self.at_most_one(&own);
            }
        }
    }

    /// Organisations that may meet only once: two such meetings are never both asked for.
    fn state_groups(&mut self, meetings: &[u32]) {
        let group = |m: u32| self.problem.meetings[m as usize].group;
        for (i, &x) in meetings.iter().enumerate().filter(|&(_, &m)| group(m) != NOBODY) {
            for &y in meetings[i + 1..].iter().filter(|&&y| group(y) == group(x)) {
                let lits: Vec<Lit> =
                    self.wanted.iter().filter(|(m, _)| *m == x || *m == y).map(|&(_, lit)| !lit).collect();
                self.clause(&lits);
            }
        }
    }

    /// The meetings of a participant that could be in each slot.
    fn possible(&self, p: usize) -> Vec<Vec<Lit>> {
        let mut at: Vec<Vec<Lit>> = vec![Vec::new(); self.problem.slots];
        for &m in &self.problem.of[p] {
            for &(t, lit) in &self.held[m as usize] {
                at[t].push(lit);
            }
        }
        at
    }

    /// One meeting of a participant at a time, and no more than their maximum.
    fn state_diary(&mut self, p: usize) {
        for here in self.possible(p) {
            self.at_most_one(&here);
        }
        let own: Vec<u32> = self.problem.of[p].iter().copied().filter(|&m| !self.held[m as usize].is_empty()).collect();
        let most = self.problem.people[p].max as usize;
        if own.len() > most {
            let lits: Vec<Lit> = match self.wanted.is_empty() {
                true => own.iter().flat_map(|&m| self.held[m as usize].iter().map(|&(_, lit)| lit)).collect(),
                false => self.wanted.iter().filter(|(m, _)| own.contains(m)).map(|&(_, lit)| lit).collect(),
            };
            let counted = self.count(&lits, most + 1);
            if let Some(&over) = counted.get(most) {
                self.clause(&[!over]);
            }
        }
    }

    /// Where a participant, all of whose meetings are held, has a break: one literal for each slot one may begin in.
    fn state_breaks(&mut self, p: usize) -> Vec<Lit> {
        let slots = self.problem.slots;
        let at = self.possible(p);
        let degree = self.problem.of[p].iter().filter(|&&m| !self.held[m as usize].is_empty()).count();
        if degree < 2 {
            return Vec::new();
        }
        let busy: Vec<Option<Lit>> = at.iter().map(|here| (!here.is_empty()).then(|| self.new_lit())).collect();
        for (here, busy) in at.iter().zip(&busy) {
            let Some(busy) = *busy else { continue };
            for &lit in here {
                self.clause(&[!lit, busy]);
            }
            let lits: Vec<Lit> = here.iter().copied().chain([!busy]).collect();
            self.clause(&lits);
        }
        let possible: Vec<Lit> = busy.iter().flatten().copied().collect();
        if degree == possible.len() {
            // Every usable slot is used; what breaks there are is known.
            possible.iter().for_each(|&busy| self.clause(&[busy]));
        } else if degree < possible.len() {
            self.exactly(&possible, degree);
        }
        // A break begins where a busy slot is followed by a free one and a later busy one.
        let mut later: Vec<Option<Lit>> = vec![None; slots + 1];
        for t in (0..slots).rev() {
            let Some(busy) = busy[t] else {
                later[t] = later[t + 1];
                continue;
            };
            let lit = self.new_lit();
            self.clause(&[!busy, lit]);
            if let Some(next) = later[t + 1] {
                self.clause(&[!next, lit]);
            }
            later[t] = Some(lit);
        }
        let mut breaks = Vec::new();
        for t in 0..slots.saturating_sub(2) {
            let (Some(here), Some(after)) = (busy[t], later[t + 2]) else { continue };
            let gap = self.new_lit();
            let lits: Vec<Lit> = [!here, !after, gap].into_iter().chain(busy[t + 1]).collect();
            self.clause(&lits);
            breaks.push(gap);
        }
        breaks
    }

    /// A redundant rule that shortens proofs: a participant is busy in exactly as many slots as they have meetings.
    fn exactly(&mut self, lits: &[Lit], count: usize) {
        let free: Vec<Lit> = lits.iter().map(|&lit| !lit).collect();
        let spare = lits.len() - count;
        let counted = self.count(&free, spare + 1);
        self.clause(&[!counted[spare]]);
        let counted = self.count(lits, count + 1);
        if let Some(&over) = counted.get(count) {
            self.clause(&[!over]);
        }
    }
}

/// Whether every rule of an event can be written down here.
pub(crate) fn can_prove<const W: usize>(problem: &Problem<W>, meetings: &[u32]) -> bool {
    let pairs: u32 = meetings.iter().map(|&m| problem.meetings[m as usize].mask.count()).sum();
    let plain = problem.people.iter().all(|p| p.plain) && problem.days.len() == 1;
    let free = meetings.iter().all(|&m| problem.meetings[m as usize].group == NOBODY);
    plain && free && pairs as usize <= PAIRS_MAX
}

/// Longer stretches between restarts than usual suit these problems.
fn options() -> SolverOpts {
    SolverOpts { restart_first: 1000, ..SolverOpts::default() }
}
