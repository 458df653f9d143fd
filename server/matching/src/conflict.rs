//! Why meetings that must be held cannot all be held: a small part of them that already collide.

use serde::Serialize;

use crate::bits::Slots;
use crate::event::Event;
use crate::problem::Problem;
use crate::prove::{PAIRS_MAX, Prover};
use crate::text::{Language, list};

/// How much work finding and shrinking a part may take, in conflicts of the solver.
const WORK: u64 = 20_000;

/// Meetings that must be held and cannot all be held; leaving any one out may help.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Conflict {
    /// The meetings, by index.
    pub meetings: Vec<usize>,
    #[serde(flatten)]
    pub cause: Cause,
}

/// What the meetings of a [`Conflict`] collide over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "cause", rename_all = "snake_case")]
pub enum Cause {
    /// The meeting has no slot in which both participants are available and it is allowed.
    NoSlot,
    /// One participant has more of them than their maximum.
    Maximum { participant: usize, max: u32 },
    /// One participant has more of them than slots to hold them in.
    Slots { participant: usize, slots: Vec<usize> },
    /// Together they collide over diaries, rooms, interpreters or their order.
    Together { slots: Vec<usize> },
}

impl Conflict {
    /// The conflict in words, with indices as in the input.
    pub fn text(&self, language: Language) -> String {
        let meetings = list(&self.meetings);
        match (&self.cause, language) {
            (Cause::NoSlot, Language::En) => {
                format!("Meeting {meetings} must be held, but its participants have no allowed slot in common.")
            }
            (Cause::NoSlot, Language::ZhHans) => format!("会面 {meetings} 必须举行，但双方没有共同的可用时段。"),
            (Cause::NoSlot, Language::ZhHant) => format!("會面 {meetings} 必須舉行，但雙方沒有共同的可用時段。"),
            (Cause::Maximum { participant, max }, Language::En) => {
                format!(
                    "Participant {participant} may hold {max} meetings at most, but meetings {meetings} must be held."
                )
            }
            (Cause::Maximum { participant, max }, Language::ZhHans) => {
                format!("参与方 {participant} 最多可举行 {max} 场会面，但会面 {meetings} 都必须举行。")
            }
            (Cause::Maximum { participant, max }, Language::ZhHant) => {
                format!("參與方 {participant} 最多可舉行 {max} 場會面，但會面 {meetings} 都必須舉行。")
            }
            (Cause::Slots { participant, slots }, Language::En) => format!(
                "Participant {participant} must hold meetings {meetings}, but only has the slots {} for them.",
                list(slots)
            ),
            (Cause::Slots { participant, slots }, Language::ZhHans) => {
                format!("参与方 {participant} 必须举行会面 {meetings}，但可用时段只有 {}。", list(slots))
            }
            (Cause::Slots { participant, slots }, Language::ZhHant) => {
                format!("參與方 {participant} 必須舉行會面 {meetings}，但可用時段只有 {}。", list(slots))
            }
            (Cause::Together { slots }, Language::En) => {
                format!("Meetings {meetings} must all be held, but do not fit into the slots {} together.", list(slots))
            }
            (Cause::Together { slots }, Language::ZhHans) => {
                format!("会面 {meetings} 都必须举行，但无法同时排入时段 {}。", list(slots))
            }
            (Cause::Together { slots }, Language::ZhHant) => {
                format!("會面 {meetings} 都必須舉行，但無法同時排入時段 {}。", list(slots))
            }
        }
    }
}

/// Conflicts that counting finds: a meeting without a slot, a participant with too many.
pub(crate) fn at_sight<const W: usize>(event: &Event, problem: &Problem<W>) -> Option<Conflict> {
    let must = |m: usize| problem.meetings[m].must && !problem.meetings[m].locked;
    if let Some(m) = (0..problem.meetings.len()).find(|&m| must(m) && problem.meetings[m].mask.is_empty()) {
        return Some(Conflict { meetings: vec![m], cause: Cause::NoSlot });
    }
    for (p, of) in problem.of.iter().enumerate() {
        let own: Vec<usize> = of.iter().map(|&m| m as usize).filter(|&m| must(m)).collect();
        let max = event.participants[p].max;
        if own.len() > max as usize {
            return Some(Conflict { meetings: own, cause: Cause::Maximum { participant: p, max } });
        }
        let slots = own.iter().fold(Slots::<W>::EMPTY, |all, &m| all.or(problem.meetings[m].mask));
        if own.len() > slots.count() as usize {
            let slots = slots.iter().collect();
            return Some(Conflict { meetings: own, cause: Cause::Slots { participant: p, slots } });
        }
    }
    None
}

/// A small part of the must-hold meetings that cannot be held together, if the solver finds one in time.
pub(crate) fn explain<const W: usize>(
    problem: &Problem<W>,
    musts: &[u32],
    go_on: &mut dyn FnMut() -> bool,
) -> Option<Conflict> {
    let pairs: u32 = musts.iter().map(|&m| problem.meetings[m as usize].mask.count()).sum();
    if pairs as usize > PAIRS_MAX {
        return None;
    }
    let mut prover = Prover::without_breaks(problem, musts, true);
    let mut part = prover.core(musts, WORK * 5)?.err()?;
    // Leave out one after the other; what can be left out was not needed.
    let mut i = 0;
    while i < part.len() && go_on() {
        let mut fewer = part.clone();
        fewer.remove(i);
        match prover.core(&fewer, WORK / 10) {
            Some(Err(smaller)) => part = smaller,
            _ => i += 1,
        }
    }
    let slots = part.iter().fold(Slots::<W>::EMPTY, |all, &m| all.or(problem.meetings[m as usize].mask));
    Some(Conflict {
        meetings: part.into_iter().map(|m| m as usize).collect(),
        cause: Cause::Together { slots: slots.iter().collect() },
    })
}
