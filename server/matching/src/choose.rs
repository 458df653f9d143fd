//! Which meetings to hold when slots are forgotten: one min-cost flow, which also proves the bound of the weight.
//!
//! Between two sides the degree-bounded choice of meetings is integral, so the flow is exact. When meetings exist
//! within a side, the flow runs on the double cover and gives the fractional optimum, still a bound.

use crate::bits::Slots;
use crate::flow::Flow;
use crate::problem::Problem;

/// Weights are scaled by this so that wishes of a lower level can break ties without touching the bound.
const SCALE: i64 = 1 << 20;

pub(crate) struct Choice {
    /// No timetable is worth more: weights, plus what published meetings save by staying.
    pub worth: i64,
    /// Meetings of one best choice.
    pub chosen: Vec<bool>,
}

/// The best choice; with `staying`, published meetings gain what moving them would cost.
pub(crate) fn choose<const W: usize>(problem: &Problem<W>, staying: bool) -> Choice {
    let people = problem.people.len();
    let colour = two_colours(problem);
    let mut flow = Flow::new(2 * people + 3);
    let (source, sink, gate) = (2 * people, 2 * people + 1, 2 * people + 2);
    let double = colour.is_none();
    let rooms: u32 = problem.rooms.iter().map(|&r| r.min(people as u32)).sum();
    flow.arc(source, gate, if double { 2 * rooms } else { rooms }, 0);
    let served = serving(problem);
    for p in 0..people {
        let capacity = capacity(problem, p);
        let sides = colour.as_ref().map_or([true, true], |colour| [!colour[p], colour[p]]);
        for (side, _) in sides.into_iter().enumerate().filter(|&(_, on)| on) {
            let (from, to) = if side == 0 { (gate, p) } else { (people + p, sink) };
            let wished = if served { problem.people[p].min.min(capacity) } else { 0 };
            for held in 0..wished {
                flow.arc(from, to, 1, -1 - i64::from(63 * (wished - held - 1) / wished));
            }
            flow.arc(from, to, capacity - wished, 0);
        }
    }
    let bonus = must_bonus(problem);
    let arcs: Vec<Option<(usize, Option<usize>)>> = problem
        .meetings
        .iter()
        .map(|m| {
            if m.mask.is_empty() {
                return None;
            }
            let stay = if staying && m.published as usize != usize::from(u16::MAX) { problem.move_cost } else { 0 };
            let worth = m.weight + stay + if m.must { bonus } else { 0 };
            let roomy = if served || problem.meetings.len() > SCALE as usize / 64 {
                0
            } else {
                i64::from(m.mask.count().min(63))
            };
            let cost = -(worth * SCALE + roomy);
            let (a, b) = (m.a as usize, m.b as usize);
            Some(match &colour {
                Some(colour) if colour[a] => (flow.arc(b, people + a, 1, cost), None),
                Some(_) => (flow.arc(a, people + b, 1, cost), None),
                None => (flow.arc(a, people + b, 1, cost), Some(flow.arc(b, people + a, 1, cost))),
            })
        })
        .collect();
    let value = -flow.run(source, sink) / if double { 2 } else { 1 };
    let musts = problem.meetings.iter().filter(|m| m.must && !m.mask.is_empty()).count();
    let chosen = arcs
        .iter()
        .map(|arc| arc.is_some_and(|(one, two)| flow.carried(one) > 0 && two.is_none_or(|two| flow.carried(two) > 0)))
        .collect();
    let worth = (value.div_euclid(i128::from(SCALE))) as i64 - bonus * musts as i64;
    Choice { worth, chosen }
}

/// How many meetings a participant can hold at most: their maximum, or the slots any of their meetings could use.
fn capacity<const W: usize>(problem: &Problem<W>, p: usize) -> u32 {
    let usable =
        problem.of[p].iter().fold(Slots::<W>::EMPTY, |usable, &m| usable.or(problem.meetings[m as usize].mask));
    problem.people[p].max.min(usable.count())
}

/// Whether wishes for minima can be laid under the weights without their sum reaching a unit of weight.
fn serving<const W: usize>(problem: &Problem<W>) -> bool {
    let wished: i64 = problem.people.iter().map(|p| i64::from(p.min)).sum();
    wished > 0 && wished * 64 < SCALE / 2
}

/// Draws must-hold meetings into the choice; small, so that path costs stay inside 64 bits.
fn must_bonus<const W: usize>(problem: &Problem<W>) -> i64 {
    16 * (1 + problem.move_cost + problem.meetings.iter().map(|m| m.weight).max().unwrap_or(0))
}

/// Splits participants into two classes with every meeting between them, if that is possible.
pub(crate) fn two_colours<const W: usize>(problem: &Problem<W>) -> Option<Vec<bool>> {
    let mut colour: Vec<Option<bool>> = vec![None; problem.people.len()];
    for start in 0..colour.len() {
        if colour[start].is_some() {
            continue;
        }
        colour[start] = Some(false);
        let mut stack = vec![start];
        while let Some(p) = stack.pop() {
            for &m in &problem.of[p] {
                let c = &problem.meetings[m as usize];
                let other = (c.a + c.b) as usize - p;
                if colour[other].is_none() {
                    colour[other] = colour[p].map(|own| !own);
                    stack.push(other);
                } else if colour[other] == colour[p] {
                    return None;
                }
            }
        }
    }
    Some(colour.into_iter().map(|own| own == Some(true)).collect())
}
