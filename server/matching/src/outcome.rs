//! What the engine answers: the timetable, its figures, how far they are proven, and what changed and why.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::bits::Slots;
use crate::conflict::Conflict;
use crate::event::{Event, Wrong};
use crate::problem::{NOWHERE, Problem};
use crate::reasons::{self, Reason};
use crate::repair::{self, Difference};
use crate::state::State;
use crate::text::Language;

/// How long and how hard to search.
#[derive(Clone, Debug)]
pub struct Options {
    /// The only source of chance.
    pub seed: u64,
    /// Threads to search with.
    pub threads: usize,
    /// The time for the whole search, by the clock the caller gives.
    pub seconds: f64,
    /// Rounds instead of time: with the same seed and threads they give the same timetable on every machine.
    pub rounds: Option<u64>,
}

impl Default for Options {
    fn default() -> Self {
        Self { seed: 1, threads: 2, seconds: 10.0, rounds: None }
    }
}

/// Where a search stands, told between rounds to whoever watches.
pub struct Progress<'a> {
    /// Seconds by the caller's clock.
    pub seconds: f64,
    /// How much of the time or of the rounds is used up, from 0 to 1.
    pub done: f64,
    pub weight: i64,
    pub breaks: i64,
    /// The best timetable so far, meeting to slot.
    pub schedule: &'a dyn Fn() -> BTreeMap<usize, usize>,
}

/// A timetable with its figures and reasons.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// Meeting to slot; a meeting that is not listed is not held.
    pub schedule: BTreeMap<usize, usize>,
    pub weight: i64,
    /// No timetable of this event has a larger weight.
    pub weight_bound: i64,
    /// Participants whose wished minimum is met, of those who have one.
    pub minima_met: usize,
    pub minima_wished: usize,
    /// The smallest share of a wished minimum that anybody is served, from 0 to 1.
    pub least_served: f64,
    pub breaks: i64,
    /// No timetable of these meetings has fewer breaks.
    pub breaks_bound: u32,
    pub idle: i64,
    /// Whether the difference of breaks between any two participants is as small as asked for.
    pub fair: bool,
    /// Weight and breaks are proven to be the best.
    pub optimal: bool,
    /// The weight is proven to be the best (in a repair: less what moving and cancelling costs).
    pub weight_optimal: bool,
    pub seconds: f64,
    /// Rounds searched; given as [`Options::rounds`] they repeat the search.
    pub rounds: u64,
    /// Seconds, weight and breaks, each time one of the two changed.
    pub trace: Vec<(f64, i64, i64)>,
    /// For each meeting why it is held or not.
    pub reasons: BTreeMap<usize, Reason>,
    /// What changed, when a timetable had been published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub difference: Option<Difference>,
}

/// Why there is no timetable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A value of the input breaks a rule.
    #[error(transparent)]
    Wrong(#[from] Wrong),
    /// Meetings that must be held cannot all be held.
    #[error("{}", .0.text(Language::En))]
    Impossible(Conflict),
    /// No timetable with every must-hold meeting was found in the time, and none was proven impossible.
    #[error("no timetable that holds every must-hold meeting was found in the time given")]
    Undecided,
}

/// What a search knows beside the timetable itself.
pub(crate) struct Summary {
    pub weight: i64,
    pub weight_bound: i64,
    pub weight_optimal: bool,
    pub breaks_bound: u32,
    pub breaks_optimal: bool,
    pub seconds: f64,
    pub rounds: u64,
    pub trace: Vec<(f64, i64, i64)>,
}

pub(crate) fn describe<const W: usize>(event: &Event, best: &State<W>, known: Summary) -> Outcome {
    let problem = best.problem;
    let held = best.slot.iter().enumerate().filter(|&(_, &t)| t != NOWHERE);
    let wished = || problem.people.iter().zip(&best.degree).filter(|(p, _)| p.min > 0);
    let share = |(p, &held): (&crate::problem::Person<W>, &u32)| f64::from(held.min(p.min)) / f64::from(p.min);
    let minima_met = wished().filter(|(p, held)| **held >= p.min).count();
    let minima_wished = wished().count();
    let breaks: Vec<i64> = (0..problem.people.len() as u32).map(|p| i64::from(best.strain_of(p).0)).collect();
    let apart = breaks.iter().max().unwrap_or(&0) - breaks.iter().min().unwrap_or(&0);
    let fair = problem.fairness.is_none_or(|most| apart <= most);
    Outcome {
        schedule: held.map(|(m, &t)| (m, usize::from(t))).collect(),
        weight: known.weight,
        weight_bound: known.weight_bound,
        minima_met,
        minima_wished,
        least_served: wished().map(share).fold(1.0, f64::min),
        breaks: -best.score.breaks,
        breaks_bound: known.breaks_bound,
        idle: -best.score.idle,
        fair,
        optimal: known.weight_optimal && known.breaks_optimal && minima_met == minima_wished && fair,
        weight_optimal: known.weight_optimal,
        seconds: known.seconds,
        rounds: known.rounds,
        trace: known.trace,
        reasons: reasons::all(event, best),
        difference: event.published.as_ref().map(|published| repair::difference(event, published, best)),
    }
}

/// Breaks that nobody can avoid with the meetings they hold: a diary needs so many runs of usable slots.
pub(crate) fn breaks_bound<const W: usize>(problem: &Problem<W>, slot: &[u16]) -> u32 {
    let of = |p: usize| {
        let held = problem.of[p].iter().filter(|&&m| slot[m as usize] != NOWHERE);
        let usable = held.clone().fold(Slots::<W>::EMPTY, |all, &m| all.or(problem.meetings[m as usize].mask));
        if !problem.people[p].plain {
            return 0;
        }
        let mut runs: Vec<u32> = problem.days.iter().flat_map(|&day| run_lengths(usable.and(day))).collect();
        runs.sort_unstable();
        let (mut left, mut needed) = (held.count() as u32, 0u32);
        while left > 0
            && let Some(run) = runs.pop()
        {
            left = left.saturating_sub(run);
            needed += 1;
        }
        needed.saturating_sub(problem.days.len() as u32)
    };
    (0..problem.people.len()).map(of).sum()
}

fn run_lengths<const W: usize>(slots: Slots<W>) -> Vec<u32> {
    let mut runs = Vec::new();
    let mut last = None;
    for t in slots.iter() {
        match runs.last_mut() {
            Some(run) if last == Some(t.wrapping_sub(1)) => *run += 1,
            _ => runs.push(1),
        }
        last = Some(t);
    }
    runs
}
