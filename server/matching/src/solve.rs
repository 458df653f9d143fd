//! The course of a search: bound and choice, a first timetable, the weight, the breaks, the proof.
//!
//! Work is done in rounds of a fixed number of steps, on as many threads as asked for. Clocks and cancellation are
//! looked at between rounds only, so the same number of rounds from the same seed gives the same timetable.

use crate::bits::Slots;
use crate::choose::{self, Choice};
use crate::conflict;
use crate::event::Event;
use crate::outcome::{self, Options, Outcome, Progress, Refusal};
use crate::prices::Prices;
use crate::problem::{NOWHERE, Problem};
use crate::prove::{self, Answer, Prover};
use crate::search::Search;
use crate::state::State;

/// Steps of a thread in one round, some ten milliseconds.
const ROUND: u64 = 20_000;
/// Pairs of meeting and slot the prices work through in one round.
const PRICE_WORK: usize = 4_000_000;
/// Rounds without a gain after which prices have done their part.
const PRICES_DONE: u32 = 12;
/// Conflicts of a proof in one round, and how many rounds' worth of annealing take as long.
const PROOF_WORK: u64 = 300;
const PROOF_ROUND: u64 = 5;
/// The share of the time that weight may take before breaks get the rest.
const WEIGHT_SHARE: f64 = 0.5;
/// How often annealing is heated again when every meeting is held anyway.
const CYCLES: u64 = 4;
/// Rounds spent on idle slots after the breaks are settled.
const POLISH: u64 = 30;

pub(crate) struct Course<'a, const W: usize> {
    problem: &'a Problem<W>,
    options: &'a Options,
    clock: &'a dyn Fn() -> f64,
    watch: &'a mut dyn FnMut(&Progress) -> bool,
    rounds: u64,
    stopped: bool,
    trace: Vec<(f64, i64, i64)>,
    /// No timetable is worth more, in the units of [`Score::worth`].
    worth_bound: i64,
    breaks_bound: u32,
    breaks_proven: bool,
    /// How many meetings had been published.
    published: i64,
    best: State<'a, W>,
}

/// Runs the whole course for one width of slot sets.
pub(crate) fn run<const W: usize>(
    event: &Event,
    options: &Options,
    clock: &dyn Fn() -> f64,
    watch: &mut dyn FnMut(&Progress) -> bool,
) -> Result<Outcome, Refusal> {
    let problem = Problem::<W>::new(event);
    if let Some(found) = conflict::at_sight(event, &problem) {
        return Err(Refusal::Impossible(found));
    }
    let choice = choose::choose(&problem, true);
    let mut course = Course {
        worth_bound: choice.worth + problem.must_bonus * problem.musts as i64,
        problem: &problem,
        options,
        clock,
        watch,
        rounds: 0,
        stopped: false,
        trace: Vec::new(),
        breaks_bound: 0,
        breaks_proven: false,
        published: event.published.as_ref().map_or(0, |known| known.len() as i64),
        best: State::new(&problem),
    };
    course.first_timetable(&choice);
    course.raise_weight();
    if course.musts_missing() {
        course.hold_musts()?;
    }
    if course.musts_missing() {
        return Err(Refusal::Undecided);
    }
    course.lower_breaks();
    let weight_bound = course.weight_bound();
    Ok(outcome::describe(event, &course.best, course.summary(weight_bound)))
}

impl<'a, const W: usize> Course<'a, W> {
    fn threads(&self) -> usize {
        self.options.threads.clamp(1, 64)
    }

    /// How much of the time or of the rounds is used up, from 0 to 1.
    fn done(&self) -> f64 {
        match self.options.rounds {
            Some(most) => self.rounds as f64 / most.max(1) as f64,
            None => (self.clock)() / self.options.seconds.max(1e-3),
        }
    }

    fn over(&self) -> bool {
        self.stopped || self.done() >= 1.0
    }

    fn seed(&self, thread: usize) -> u64 {
        self.options.seed.wrapping_mul(64).wrapping_add(thread as u64)
    }

    /// Takes the best of all threads, tells whoever watches, and counts the round.
    fn close_round(&mut self, crew: &mut [Search<'a, W>]) {
        for search in crew {
            search.keep_best();
            if search.best.score > self.best.score {
                self.best.clone_from(&search.best);
            }
        }
        self.rounds += 1;
        self.report();
    }

    fn report(&mut self) {
        let seconds = (self.clock)();
        let point = (real_weight(&self.best), -self.best.score.breaks);
        if self.trace.last().is_none_or(|&(_, weight, breaks)| (weight, breaks) != point) {
            self.trace.push((seconds, point.0, point.1));
        }
        let held = self.best.slot.iter().enumerate().filter(|&(_, &t)| t != NOWHERE);
        let schedule = || held.clone().map(|(m, &t)| (m, usize::from(t))).collect();
        let progress =
            Progress { seconds, done: self.done().min(1.0), weight: point.0, breaks: point.1, schedule: &schedule };
        self.stopped |= !(self.watch)(&progress);
    }

    /// The choice of the flow, each meeting where it fits; in a repair after everything published that still stands.
    fn first_timetable(&mut self, choice: &Choice) {
        let problem = self.problem;
        let mut crew: Vec<Search<W>> =
            (0..self.threads()).map(|i| Search::new(State::new(problem), self.seed(i))).collect();
        let wanted: Vec<u32> = (0..problem.meetings.len() as u32).filter(|&m| choice.chosen[m as usize]).collect();
        let others: Vec<u32> = (0..problem.meetings.len() as u32).filter(|&m| !choice.chosen[m as usize]).collect();
        for search in &mut crew {
            search.stand(|m| problem.meetings[m as usize].published);
            search.fill(&wanted);
            search.keep_best();
        }
        self.close_round(&mut crew);
        while !self.over() && self.best.score.worth < self.worth_bound && self.rounds < 12 {
            together(&mut crew, |search| {
                search.realise(&choice.chosen, ROUND);
            });
            self.close_round(&mut crew);
        }
        let mut search = crew.swap_remove(0);
        search.state = self.best.clone();
        search.fill(&others);
        self.close_round(&mut [search]);
    }

    /// Annealing, exact moves and prices until the bound is reached or the time for it is used.
    fn raise_weight(&mut self) {
        let start = self.done();
        let end = start + (1.0 - start) * WEIGHT_SHARE;
        if self.best.score.worth >= self.worth_bound {
            return;
        }
        let problem = self.problem;
        let colour = choose::two_colours(problem);
        let mut crew: Vec<Search<W>> =
            (0..self.threads()).map(|i| Search::new(self.best.clone(), self.seed(100 + i))).collect();
        let mut prices = Prices::new(problem);
        let unit = mean_weight(problem) / 16.0;
        // In a repair prices would prove nothing: they know of no published timetable.
        let mut idle_prices = if problem.repairs { PRICES_DONE } else { 0 };
        let mut entered = 0;
        while !self.over() && self.done() < end && self.best.score.worth < self.worth_bound {
            let share = ((self.done() - start) / (end - start)).clamp(0.0, 1.0);
            let hot = if problem.repairs { 0.02 * unit } else { unit * (0.1 + 0.9 * (1.0 - share)) };
            let work = |search: &mut Search<W>| {
                for step in 0..ROUND {
                    search.step_for_weight(hot);
                    if step % 1000 == 0 {
                        search.step_exact(colour.as_deref());
                    }
                }
            };
            // One thread works on the prices until they stop falling; alone it takes turns.
            if idle_prices < PRICES_DONE && prices.size() > 0 {
                let before = prices.exact();
                let steps = (PRICE_WORK / prices.size()).clamp(20, 400) as u32;
                if crew.len() > 1 {
                    let rest = &mut crew[1..];
                    std::thread::scope(|scope| {
                        scope.spawn(|| prices.improve(steps));
                        rest.iter_mut().for_each(|search| {
                            scope.spawn(|| work(search));
                        });
                    });
                } else {
                    prices.improve(steps);
                    together(&mut crew, work);
                }
                idle_prices = if before - prices.exact() < 0.02 * unit { idle_prices + 1 } else { 0 };
                let bound = prices.bound().saturating_add(problem.must_bonus * problem.musts as i64);
                self.worth_bound = self.worth_bound.min(bound);
                entered += 1;
                if entered % 8 == 0 || idle_prices == PRICES_DONE {
                    let guide = prices.hopeful((0.6 * unit) as f32);
                    crew.iter_mut().for_each(|search| search.follow_prices(guide.clone()));
                }
            } else {
                together(&mut crew, work);
            }
            self.close_round(&mut crew);
            if self.rounds.is_multiple_of(64) {
                adopt_best(&mut crew, &self.best);
            }
        }
    }

    fn musts_missing(&self) -> bool {
        self.best.score.worth < self.problem.must_bonus * self.problem.musts as i64
    }

    /// The search could not hold every must-hold meeting: let the proof find a timetable, or say why there is none.
    fn hold_musts(&mut self) -> Result<(), Refusal> {
        let musts: Vec<u32> =
            (0..self.problem.meetings.len() as u32).filter(|&m| self.problem.meetings[m as usize].must).collect();
        if let Some(found) = conflict::explain(self.problem, &musts, &mut || !self.stopped) {
            return Err(Refusal::Impossible(found));
        }
        if prove::can_prove(self.problem, &musts) {
            let mut prover = Prover::without_breaks(self.problem, &musts, false);
            for _ in 0..400 {
                if let Answer::Found(schedule) = prover.work(PROOF_WORK * 4) {
                    let mut search = Search::new(State::new(self.problem), self.seed(200));
                    search.stand(|m| schedule.iter().find(|&&(known, _)| known == m).map_or(NOWHERE, |&(_, t)| t));
                    let all: Vec<u32> = (0..self.problem.meetings.len() as u32).collect();
                    search.fill(&all);
                    self.close_round(&mut [search]);
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Annealing on breaks with everything above them held, and beside it a proof where one is within reach.
    fn lower_breaks(&mut self) {
        let problem = self.problem;
        self.breaks_bound = outcome::breaks_bound(problem, &self.best.slot);
        let start = self.done();
        let mut crew: Vec<Search<W>> =
            (0..self.threads()).map(|i| Search::new(self.best.clone(), self.seed(300 + i))).collect();
        let meetings: Vec<u32> =
            (0..problem.meetings.len() as u32).filter(|&m| !problem.meetings[m as usize].mask.is_empty()).collect();
        let settled = meetings.iter().all(|&m| self.best.slot[m as usize] != NOWHERE) && !problem.repairs;
        let mut prover = None;
        while !self.over() && !self.breaks_settled(settled) {
            let share = ((self.done() - start) / (1.0 - start).max(1e-6)).clamp(0.0, 1.0);
            let cycles = if settled { CYCLES } else { 1 };
            let within = (share * cycles as f64).fract();
            let hot = 0.45 * (0.07f64 / 0.45).powf(within);
            let exchanges = if settled { 0.0 } else { 0.1 };
            let steps = if prover.is_some() { ROUND * PROOF_ROUND } else { ROUND };
            let work = |search: &mut Search<W>| {
                for _ in 0..steps {
                    search.step_for_breaks(hot, exchanges);
                }
            };
            if prover.is_none() && settled && self.rounds > 40 && prove::can_prove(problem, &meetings) {
                let most = (-self.best.score.breaks) as u32;
                prover = Some(Prover::new(problem, &meetings, self.breaks_bound, most, someone_has_no_break(problem)));
            }
            let mut answer = Answer::Open;
            match &mut prover {
                Some(prover) if crew.len() > 1 => {
                    let rest = &mut crew[1..];
                    std::thread::scope(|scope| {
                        scope.spawn(|| answer = prover.work(PROOF_WORK));
                        rest.iter_mut().for_each(|search| {
                            scope.spawn(|| work(search));
                        });
                    });
                }
                Some(prover) => {
                    answer = prover.work(PROOF_WORK / 2);
                    together(&mut crew, work);
                }
                None => together(&mut crew, work),
            }
            if let Answer::Found(schedule) = answer {
                let mut search = Search::new(State::new(problem), self.seed(400));
                search.stand(|m| schedule.iter().find(|&&(known, _)| known == m).map_or(NOWHERE, |&(_, t)| t));
                crew[0] = search;
            }
            if let Some(prover) = &prover {
                self.breaks_bound = self.breaks_bound.max(prover.bound);
            }
            self.close_round(&mut crew);
            if self.rounds.is_multiple_of(256) {
                adopt_best(&mut crew, &self.best);
            }
        }
        for _ in 0..POLISH {
            if self.over() || self.best.score.idle == 0 {
                break;
            }
            adopt_best(&mut crew, &self.best);
            together(&mut crew, |search| (0..ROUND).for_each(|_| search.step_for_breaks(0.02, 0.05)));
            self.close_round(&mut crew);
        }
        self.breaks_bound = self.breaks_bound.max(outcome::breaks_bound(problem, &self.best.slot));
        self.breaks_proven = self.breaks_settled(settled);
    }

    /// Whether nothing is left to gain: no fewer breaks are possible with any choice of meetings of this weight.
    fn breaks_settled(&self, settled: bool) -> bool {
        let score = self.best.score;
        let bound = if settled { i64::from(self.breaks_bound) } else { 0 };
        let firm = settled || (score.served == 0 && score.kept == self.published);
        firm && score.unfair == 0 && -score.breaks <= bound
    }

    /// The bound of the weight alone; in a repair the one above also counts what staying saves.
    fn weight_bound(&self) -> i64 {
        if self.problem.repairs {
            choose::choose(self.problem, false).worth
        } else {
            self.worth_bound - self.problem.must_bonus * self.problem.musts as i64
        }
    }

    fn summary(&self, weight_bound: i64) -> outcome::Summary {
        let worth_proven = self.best.score.worth >= self.worth_bound;
        outcome::Summary {
            weight: real_weight(&self.best),
            weight_bound,
            weight_optimal: worth_proven,
            breaks_bound: self.breaks_bound,
            breaks_optimal: self.breaks_proven,
            seconds: (self.clock)(),
            rounds: self.rounds,
            trace: self.trace.clone(),
        }
    }
}

impl<const W: usize> Search<'_, W> {
    /// One exact move at a random place.
    fn step_exact(&mut self, colour: Option<&[bool]>) {
        let (slots, people) = (self.state.problem.slots, self.state.problem.people.len());
        match colour {
            Some(colour) if self.chance.below(2) == 0 => {
                let t = self.chance.below(slots);
                self.best_of_slot(t, colour);
            }
            _ => {
                let p = self.chance.below(people);
                self.best_of_diary(p as u32);
            }
        }
    }

    /// Puts meetings into given slots as far as every rule allows.
    fn stand(&mut self, slot: impl Fn(u32) -> u16) {
        for m in 0..self.state.slot.len() as u32 {
            let t = slot(m);
            if t != NOWHERE
                && self.state.slot[m as usize] == NOWHERE
                && self.state.free_slots(m).has(t as usize)
                && self.state.side_rules_allow(m, t as usize)
            {
                self.state.place(m, t);
            }
        }
        self.state.commit();
        self.keep_best();
    }
}

/// Runs one piece of work on every search, each on its own thread.
fn together<const W: usize>(crew: &mut [Search<W>], work: impl Fn(&mut Search<W>) + Sync) {
    match crew {
        [one] => work(one),
        many => std::thread::scope(|scope| {
            for search in many {
                scope.spawn(|| work(search));
            }
        }),
    }
}

/// Searches that have fallen behind go on from the best.
fn adopt_best<'p, const W: usize>(crew: &mut [Search<'p, W>], best: &State<'p, W>) {
    for search in crew {
        if search.best.score < best.score {
            search.state.clone_from(best);
            search.best.clone_from(best);
        }
    }
}

pub(crate) fn real_weight<const W: usize>(state: &State<W>) -> i64 {
    let held = state.slot.iter().zip(&state.problem.meetings).filter(|&(&t, _)| t != NOWHERE);
    held.map(|(_, c)| c.weight).sum()
}

fn mean_weight<const W: usize>(problem: &Problem<W>) -> f64 {
    let total: i64 = problem.meetings.iter().map(|c| c.weight).sum();
    (total as f64 / problem.meetings.len().max(1) as f64).max(1.0)
}

/// Somebody who cannot have a break: then fairness means that nobody has more than so many.
fn someone_has_no_break<const W: usize>(problem: &Problem<W>) -> bool {
    let few = |meetings: &Vec<u32>| {
        meetings.iter().fold(Slots::<W>::EMPTY, |all, &m| all.or(problem.meetings[m as usize].mask)).count() < 2
            || meetings.len() < 2
    };
    problem.of.iter().any(few)
}
