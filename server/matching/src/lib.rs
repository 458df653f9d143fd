//! Who meets whom, and when: the timetable of an event of one-to-one talks.
//!
//! Desks and companies state wishes; the engine chooses meetings and slots. It wants, in this order: the largest
//! total weight; the wished minima met by as many as possible, and the worst served as well served as possible; the
//! fewest breaks in anybody's day, and among equals the fewest idle slots. Each result says how far it is proven.
//!
//! The library does no I/O, reads no clock and takes no chance but a seed: the caller hands in a clock.
//!
//! ```
//! use yunqia_matching::{Event, Meeting, Options, Participant, Side, solve};
//!
//! let there = |side, available: &[usize]| Participant { side, available: available.to_vec(), max: 2, ..Participant::default() };
//! let wish = |a, b, weight| Meeting { a, b, weight, ..Meeting::default() };
//! let event = Event {
//!     slots: 3,
//!     rooms: vec![1, 1, 1],
//!     participants: vec![
//!         there(Side::Desk, &[0, 1, 2]),
//!         there(Side::Company, &[0, 2]),
//!         there(Side::Company, &[0, 1]),
//!     ],
//!     meetings: vec![wish(0, 1, 5), wish(0, 2, 8)],
//!     ..Event::default()
//! };
//! let options = Options { rounds: Some(20), ..Options::default() };
//! let outcome = solve(&event, &options, &|| 0.0, &mut |_| true).expect("a timetable");
//! assert_eq!((outcome.weight, outcome.breaks, outcome.optimal), (13, 0, true));
//! assert_eq!(outcome.schedule[&1], 1);
//! ```
//!
//! [`Event`] is what it is told and [`Outcome`] what it answers; both travel as JSON. [`offers`] ranks who gains most
//! from a freed slot, and [`weigh`] turns wishes and facts into the named parts of a weight. Publishing a timetable
//! and solving again with [`Event::published`] repairs it: see [`Difference`].

mod bits;
mod chance;
mod choose;
mod conflict;
mod event;
mod exact;
mod flow;
mod offers;
mod outcome;
mod prices;
mod problem;
mod prove;
mod reasons;
mod repair;
mod search;
mod solve;
mod state;
mod text;
mod wishes;

pub use conflict::{Cause, Conflict};
pub use event::{
    Event, Interpreter, MEETINGS_MAX, Meeting, PARTICIPANTS_MAX, Part, Participant, SLOTS_MAX, Side, WEIGHT_MAX, Wrong,
};
pub use offers::{Offer, offers};
pub use outcome::{Options, Outcome, Progress, Refusal};
pub use reasons::{Reason, Taken};
pub use repair::{Change, Difference, Why};
pub use text::Language;
pub use wishes::{Facts, Rules, Wish, weigh};

/// Finds a timetable.
///
/// `clock` gives the seconds since the search began. `watch` hears of each round and stops the search by answering
/// false; the best timetable so far is then the result.
pub fn solve(
    event: &Event,
    options: &Options,
    clock: &dyn Fn() -> f64,
    watch: &mut dyn FnMut(&Progress) -> bool,
) -> Result<Outcome, Refusal> {
    event.check()?;
    if event.slots <= 64 {
        solve::run::<1>(event, options, clock, watch)
    } else {
        solve::run::<{ SLOTS_MAX / 64 }>(event, options, clock, watch)
    }
}

/// From an event as JSON to its outcome as JSON, each reason also in words: what `yunqia match` does.
pub fn answer(
    event: &str,
    options: &Options,
    language: Language,
    clock: &dyn Fn() -> f64,
    watch: &mut dyn FnMut(&Progress) -> bool,
) -> Result<serde_json::Value, Refusal> {
    let outcome = solve(&Event::from_json(event)?, options, clock, watch)?;
    let mut answer = serde_json::to_value(&outcome).expect("an outcome has only numbers, texts and lists");
    for (meeting, reason) in &outcome.reasons {
        answer["reasons"][meeting.to_string()]["text"] = reason.text(language).into();
    }
    if let Some(difference) = &outcome.difference {
        for (kind, changes) in
            [("moved", &difference.moved), ("cancelled", &difference.cancelled), ("added", &difference.added)]
        {
            for (i, change) in changes.iter().enumerate() {
                answer["difference"][kind][i]["text"] = change.why.text(language).into();
            }
        }
    }
    Ok(answer)
}
