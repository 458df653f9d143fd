//! What must hold for any event, tried on random small ones against exhaustive search and the independent checker.

mod checker;

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};
use yunqia_matching::{Event, Options, Outcome, Refusal, solve};

fn options(rounds: u64) -> Options {
    Options { seed: 7, threads: 2, seconds: 0.0, rounds: Some(rounds) }
}

fn run(event: &Value, rounds: u64) -> Result<Outcome, Refusal> {
    let event = Event::from_json(&event.to_string()).expect("a valid event");
    solve(&event, &options(rounds), &|| 0.0, &mut |_| true)
}

fn outcome_json(outcome: &Outcome) -> Value {
    serde_json::to_value(outcome).expect("an outcome is JSON")
}

/// The objective, larger is better, as one comparable value.
fn merit(event: &Value, held: &BTreeMap<usize, usize>) -> (i64, usize, Vec<i64>, i64, i64, i64) {
    let figures = checker::figures(event, held);
    let most = event["fairness"].as_i64().unwrap_or(i64::MAX);
    let unfair: i64 = figures.breaks_of.iter().map(|&breaks| (breaks - most).max(0)).sum();
    (figures.weight, figures.minima_met, figures.shares, -unfair, -figures.breaks, -figures.idle)
}

/// The best timetable by trying all; none when the must-hold meetings collide.
fn best_of_all(event: &Value) -> Option<BTreeMap<usize, usize>> {
    fn go(
        event: &Value,
        m: usize,
        held: &mut BTreeMap<usize, usize>,
        best: &mut Option<(Merit, BTreeMap<usize, usize>)>,
    ) {
        let meetings = event["meetings"].as_array().expect("meetings");
        if m == meetings.len() {
            if checker::faults(event, held).is_empty() {
                let merit = merit(event, held);
                if best.as_ref().is_none_or(|(known, _)| merit > *known) {
                    *best = Some((merit, held.clone()));
                }
            }
            return;
        }
        let (a, b) = (meetings[m]["a"].clone(), meetings[m]["b"].clone());
        let collides = |held: &BTreeMap<usize, usize>, slot: usize| {
            held.iter()
                .any(|(&o, &t)| t == slot && [&meetings[o]["a"], &meetings[o]["b"]].iter().any(|&p| *p == a || *p == b))
        };
        for slot in 0..event["slots"].as_u64().expect("slots") as usize {
            if !collides(held, slot) {
                held.insert(m, slot);
                go(event, m + 1, held, best);
                held.remove(&m);
            }
        }
        go(event, m + 1, held, best);
    }
    let mut best = None;
    go(event, 0, &mut BTreeMap::new(), &mut best);
    best.map(|(_, held)| held)
}

type Merit = (i64, usize, Vec<i64>, i64, i64, i64);

fn slots_of(slots: usize) -> impl Strategy<Value = Vec<usize>> {
    prop::collection::btree_set(0..slots, 1..=slots).prop_map(|set| set.into_iter().collect())
}

prop_compose! {
    fn participant(slots: usize)(
        side in prop::bool::ANY,
        available in slots_of(slots),
        max in 1..=3u32,
        min in 0..=2u32,
        organisation in prop::option::weighted(0.3, 0..2u32),
        rest in prop::option::weighted(0.2, slots_of(slots)),
        in_a_row in prop::option::weighted(0.2, 1..=2u32),
    ) -> Value {
        json!({
            "side": if side { "desk" } else { "company" }, "available": available, "max": max, "min": min.min(max),
            "organisation": organisation, "rest": rest.unwrap_or_default(), "in_a_row": in_a_row,
        })
    }
}

prop_compose! {
    fn meeting(people: usize, slots: usize, index: usize)(
        a in 0..people,
        apart in 1..people,
        weight in 1..=6u32,
        allowed in prop::option::weighted(0.2, slots_of(slots)),
        fixed in prop::option::weighted(0.1, 0..slots),
        after in prop::option::weighted(0.2, 0..index.max(1)),
        must in prop::bool::weighted(0.08),
        pair in prop::option::weighted(0.2, prop::sample::select(vec!["zh-ja", "zh-de"])),
    ) -> Value {
        let after: Vec<usize> = after.into_iter().filter(|&before| before < index).collect();
        json!({
            "a": a, "b": (a + apart) % people, "weight": weight, "slots": allowed, "fixed": fixed, "after": after,
            "must_hold": must, "interpreter": pair,
        })
    }
}

/// An event that a failing test prints as JSON, ready for the command.
struct Small(Value);

impl std::fmt::Debug for Small {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}", self.0)
    }
}

/// A random event with every kind of rule. Its last participant has no meetings, so that somebody has no break.
fn small_event() -> impl Strategy<Value = Small> {
    (3..=5usize, 2..=4usize, 1..=6usize).prop_flat_map(|(people, slots, count)| {
        let meetings: Vec<_> = (0..count).map(|index| meeting(people, slots, index)).collect();
        (
            prop::collection::vec(participant(slots), people),
            meetings,
            prop::collection::vec(0..=2u32, slots),
            prop::option::weighted(0.3, 0..=1u32),
            prop::option::weighted(0.3, 1..slots),
            prop::option::weighted(0.5, (slots_of(slots), slots_of(slots))),
        )
            .prop_map(move |(mut people, meetings, rooms, fairness, day, interpreters)| {
                people.push(json!({"side": "company", "available": [], "max": 0}));
                let interpreters = interpreters.map_or(json!([]), |(one, two)| {
                    json!([{"pairs": ["zh-ja"], "available": one}, {"pairs": ["zh-ja", "zh-de"], "available": two}])
                });
                Small(json!({
                    "slots": slots, "rooms": rooms, "participants": people, "meetings": meetings,
                    "fairness": fairness, "days": day.into_iter().collect::<Vec<_>>(),
                    "interpreters": interpreters, "exclusive": [[0, 1]],
                }))
            })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn a_small_event_gets_the_best_timetable_there_is(Small(event) in small_event()) {
        let best = best_of_all(&event);
        match run(&event, 30) {
            Ok(outcome) => {
                let said = outcome_json(&outcome);
                checker::check(&event, &said);
                let best = best.expect("the engine found a timetable that exhaustive search did not");
                prop_assert_eq!(merit(&event, &checker::schedule(&said)), merit(&event, &best));
                if outcome.weight_optimal {
                    prop_assert_eq!(outcome.weight, merit(&event, &best).0);
                }
            }
            Err(Refusal::Impossible(conflict)) => {
                prop_assert!(best.is_none());
                let musts = event["meetings"].as_array().expect("meetings");
                prop_assert!(conflict.meetings.iter().all(|&m| musts[m]["must_hold"] == true));
                // Keeping only the named meetings as musts must still be impossible.
                let mut smaller = event.clone();
                for (m, meeting) in smaller["meetings"].as_array_mut().expect("meetings").iter_mut().enumerate() {
                    meeting["must_hold"] = json!(conflict.meetings.contains(&m));
                }
                prop_assert!(best_of_all(&smaller).is_none(), "{:?} is no conflict", conflict);
            }
            Err(other) => prop_assert!(false, "{other}"),
        }
    }

    #[test]
    fn a_repair_with_no_change_changes_nothing(Small(event) in small_event(), cost in 0..=3u32) {
        let Ok(first) = run(&event, 30) else { return Ok(()) };
        let mut again = event.clone();
        again["published"] = outcome_json(&first)["schedule"].clone();
        again["move_cost"] = json!(cost);
        let second = run(&again, 20).expect("what was possible stays possible");
        prop_assert_eq!(&second.schedule, &first.schedule);
        let difference = second.difference.expect("a repair says what it changed");
        prop_assert!(difference.moved.is_empty() && difference.cancelled.is_empty() && difference.added.is_empty());
    }

    #[test]
    fn a_repair_breaks_no_rule_and_says_all_it_did(Small(event) in small_event(), lost in 0..3usize, now in prop::option::of(0..2usize)) {
        let Ok(first) = run(&event, 10) else { return Ok(()) };
        let mut again = event.clone();
        again["published"] = outcome_json(&first)["schedule"].clone();
        again["now"] = json!(now);
        again["move_cost"] = json!(2);
        again["participants"][lost]["available"] = json!([]);
        let Ok(second) = run(&again, 10) else { return Ok(()) };
        checker::check(&again, &outcome_json(&second));
        let told = second.difference.expect("a repair says what it changed");
        prop_assert_eq!(told.kept.len() + told.moved.len() + told.cancelled.len(), first.schedule.len());
        prop_assert_eq!(told.kept.len() + told.moved.len() + told.added.len(), second.schedule.len());
    }

    #[test]
    fn more_availability_never_lowers_the_bound(Small(event) in small_event(), who in 0..3usize) {
        let mut wider = event.clone();
        let slots = event["slots"].as_u64().expect("slots");
        wider["participants"][who]["available"] = json!((0..slots).collect::<Vec<_>>());
        if let (Ok(before), Ok(after)) = (run(&event, 30), run(&wider, 30)) {
            prop_assert!(after.weight_bound >= before.weight_bound, "{} < {}", after.weight_bound, before.weight_bound);
        }
    }
}
