//! Self-service and waiting lists: who gains most from a slot that has become free.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::bits::Slots;
use crate::event::{Event, SLOTS_MAX, Wrong};
use crate::problem::{NOWHERE, Problem};
use crate::search::energy;
use crate::state::State;

/// A meeting that could be held at once without moving any other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Offer {
    pub meeting: usize,
    pub slot: usize,
    pub weight: u32,
    /// How many breaks the timetable gains by it; negative when it closes some.
    pub breaks_added: i64,
    pub idle_added: i64,
}

/// The meetings that fit into a timetable as it is, best first: by weight, by wished minima, by fewest breaks.
///
/// With `slot`, only those that fit there: offer a freed slot to the first. Each meeting is listed once, with its
/// best slot. Meetings of the timetable that break a rule are refused with the place of the value.
pub fn offers(event: &Event, schedule: &BTreeMap<usize, usize>, slot: Option<usize>) -> Result<Vec<Offer>, Wrong> {
    event.check()?;
    if event.slots <= 64 { find::<1>(event, schedule, slot) } else { find::<{ SLOTS_MAX / 64 }>(event, schedule, slot) }
}

fn find<const W: usize>(
    event: &Event,
    schedule: &BTreeMap<usize, usize>,
    only: Option<usize>,
) -> Result<Vec<Offer>, Wrong> {
    let problem = Problem::<W>::new(event);
    let mut state = State::new(&problem);
    for (&m, &t) in schedule {
        let known = m < problem.meetings.len() && t < event.slots;
        let standing = known && usize::from(state.slot[m]) == t;
        let fits = known
            && state.slot[m] == NOWHERE
            && state.free_slots(m as u32).has(t)
            && state.side_rules_allow(m as u32, t);
        if fits {
            state.place(m as u32, t as u16);
        } else if !standing {
            return Err(Wrong { path: format!("/schedule/{m}"), rule: "does not fit into the timetable".to_owned() });
        }
    }
    let before = state.score;
    let mut found = Vec::new();
    for m in state.waiting.clone() {
        let slots = state.free_slots(m).and(only.map_or(Slots::first(event.slots), |slot| Slots::of([slot])));
        let best = slots.iter().filter(|&t| state.side_rules_allow(m, t)).collect::<Vec<_>>().into_iter().map(|t| {
            let mark = state.mark();
            state.place(m, t as u16);
            let after = state.score;
            state.undo(mark);
            (t, after)
        });
        if let Some((slot, after)) = best.min_by(|x, y| energy(x.1).total_cmp(&energy(y.1)).then(x.0.cmp(&y.0))) {
            let offer = Offer {
                meeting: m as usize,
                slot,
                weight: event.meetings[m as usize].weight,
                breaks_added: before.breaks - after.breaks,
                idle_added: before.idle - after.idle,
            };
            found.push((after, offer));
        }
    }
    found.sort_by(|(x, one), (y, other)| y.cmp(x).then(one.meeting.cmp(&other.meeting)));
    Ok(found.into_iter().map(|(_, offer)| offer).collect())
}
