//! Single promises of the engine, each on an event made for it.

mod checker;

use serde_json::{Value, json};
use yunqia_matching::{Cause, Event, Language, Options, Outcome, Refusal, Why, answer, offers, solve};

fn solved(event: &Value, rounds: u64, threads: usize) -> Result<Outcome, Refusal> {
    let options = Options { seed: 3, threads, seconds: 0.0, rounds: Some(rounds) };
    let outcome = solve(&Event::from_json(&event.to_string())?, &options, &|| 0.0, &mut |_| true)?;
    checker::check(event, &serde_json::to_value(&outcome).expect("an outcome is JSON"));
    Ok(outcome)
}

fn person(available: &[usize], max: u32) -> Value {
    json!({"side": "company", "available": available, "max": max})
}

fn wish(a: usize, b: usize, weight: u32) -> Value {
    json!({"a": a, "b": b, "weight": weight})
}

/// Desks and companies that wish each other in a fixed pattern; nothing about it is random.
fn fair(desks: usize, companies: usize, slots: usize) -> Value {
    let all: Vec<usize> = (0..slots).collect();
    let mut people: Vec<Value> =
        (0..desks).map(|_| json!({"side": "desk", "available": all, "max": slots - 1})).collect();
    let mut meetings = Vec::new();
    for company in 0..companies {
        let there: Vec<usize> = (0..slots).filter(|slot| (slot * 7 + company * 3) % 5 != 0).collect();
        people.push(person(&there, 4));
        meetings.extend(
            (0..5).map(|k| wish((company * k + k * k) % desks, desks + company, (1 + (company * k) % 9) as u32)),
        );
    }
    json!({"slots": slots, "rooms": vec![desks - 1; slots], "participants": people, "meetings": meetings})
}

#[test]
fn the_same_seed_and_rounds_give_the_same_timetable() {
    let event = fair(8, 24, 10);
    let (one, two) = (solved(&event, 60, 2).expect("a timetable"), solved(&event, 60, 2).expect("a timetable"));
    assert_eq!(one.schedule, two.schedule);
    assert!(one.weight_optimal && one.weight == one.weight_bound, "{} of {}", one.weight, one.weight_bound);
}

#[test]
fn a_search_can_be_stopped_and_gives_its_best_so_far() {
    let event = fair(8, 24, 10);
    let parsed = Event::from_json(&event.to_string()).expect("an event");
    let mut seen = 0;
    let options = Options { rounds: Some(1_000_000), ..Options::default() };
    let outcome = solve(&parsed, &options, &|| 0.0, &mut |progress| {
        assert_eq!((progress.schedule)().is_empty(), progress.weight == 0);
        seen += 1;
        seen < 5
    });
    checker::check(&event, &serde_json::to_value(outcome.expect("a timetable")).expect("JSON"));
    assert_eq!(seen, 5);
}

#[test]
fn two_hundred_and_fifty_six_slots_over_days_work() {
    let slots: Vec<usize> = (0..256).collect();
    let mut people = vec![json!({"side": "desk", "available": slots, "max": 200})];
    people.extend((0..150).map(|_| person(&slots, 2)));
    let meetings: Vec<Value> = (0..150).map(|company| wish(0, company + 1, 2)).collect();
    let event = json!({"slots": 256, "rooms": vec![1; 256], "days": [64, 130, 200], "participants": people, "meetings": meetings});
    let outcome = solved(&event, 30, 2).expect("a timetable");
    assert_eq!((outcome.weight, outcome.breaks, outcome.optimal), (300, 0, true));
}

#[test]
fn wrong_input_is_refused_with_the_place_of_the_value() {
    let good = fair(3, 4, 4);
    let path = |change: &dyn Fn(&mut Value)| {
        let mut event = good.clone();
        change(&mut event);
        Event::from_json(&event.to_string()).expect_err("wrong input").path
    };
    assert_eq!(path(&|event| event["slots"] = json!(0)), "/slots");
    assert_eq!(path(&|event| event["slots"] = json!("four")), "/slots");
    assert_eq!(path(&|event| event["rooms"] = json!([1])), "/rooms");
    assert_eq!(path(&|event| event["participants"][2]["available"][1] = json!(4)), "/participants/2/available/1");
    assert_eq!(path(&|event| event["meetings"][5]["weight"] = json!(0)), "/meetings/5/weight");
    assert_eq!(path(&|event| event["meetings"][5]["b"] = json!(99)), "/meetings/5/b");
    assert_eq!(path(&|event| event["meetings"][5]["wieght"] = json!(1)), "/meetings/5/wieght");
    assert_eq!(path(&|event| event["meetings"][0]["after"] = json!([0])), "/meetings/0/after");
    assert_eq!(path(&|event| event["published"] = json!({"0": 9})), "/published/0");
    assert_eq!(path(&|event| event["days"] = json!([2, 2])), "/days/1");
}

#[test]
fn must_hold_meetings_that_collide_are_named() {
    // Three companies, one desk, two slots; a fourth meeting has nothing to do with it.
    let mut event = json!({"slots": 2, "rooms": [2, 2], "participants":
        [person(&[0, 1], 3), person(&[0, 1], 1), person(&[0, 1], 1), person(&[0, 1], 1), person(&[0], 1), person(&[0], 1)],
        "meetings": [wish(0, 1, 1), wish(0, 2, 1), wish(0, 3, 1), wish(4, 5, 1)]});
    for m in 0..4 {
        event["meetings"][m]["must_hold"] = json!(true);
    }
    let Err(Refusal::Impossible(conflict)) = solved(&event, 10, 1) else { panic!("the meetings collide") };
    assert_eq!(conflict.meetings, [0, 1, 2]);
    assert_eq!(conflict.cause, Cause::Slots { participant: 0, slots: vec![0, 1] });
    // A triangle in two slots: nobody alone has too much.
    let mut event = json!({"slots": 2, "rooms": [2, 2], "participants":
        [person(&[0, 1], 3), person(&[0, 1], 3), person(&[0, 1], 3), person(&[0, 1], 3), person(&[0, 1], 3)],
        "meetings": [wish(0, 1, 1), wish(1, 2, 1), wish(2, 0, 1), wish(3, 4, 1)]});
    for m in 0..4 {
        event["meetings"][m]["must_hold"] = json!(true);
    }
    let Err(Refusal::Impossible(conflict)) = solved(&event, 10, 1) else { panic!("the meetings collide") };
    assert_eq!(conflict.meetings, [0, 1, 2]);
    for language in Language::ALL {
        assert!(conflict.text(language).contains("0, 1, 2"), "{}", conflict.text(language));
    }
}

#[test]
fn a_lower_level_never_costs_weight_and_minima_come_before_breaks() {
    // Company 1 would be served only by the second-best choice of equal weight.
    let mut event = json!({"slots": 2, "rooms": [1, 1], "participants":
        [person(&[0, 1], 2), person(&[0, 1], 2), person(&[0, 1], 1)],
        "meetings": [wish(0, 1, 4), wish(0, 1, 4), wish(0, 2, 4)]});
    event["participants"][2]["min"] = json!(1);
    let outcome = solved(&event, 20, 2).expect("a timetable");
    assert_eq!((outcome.weight, outcome.minima_met), (8, 1));
}

#[test]
fn a_drop_out_is_repaired_with_few_moves_and_each_change_is_explained() {
    let event = fair(8, 24, 10);
    let first = solved(&event, 60, 2).expect("a timetable");
    let mut changed = event.clone();
    changed["published"] = json!(first.schedule);
    changed["move_cost"] = json!(20);
    changed["now"] = json!(1);
    changed["participants"][0]["available"] = json!([]);
    let second = solved(&changed, 60, 2).expect("a timetable");
    let told = second.difference.expect("a repair says what it changed");
    assert!(!told.cancelled.is_empty());
    assert!(told.moved.is_empty(), "a move costs more than any meeting is worth: {:?}", told.moved);
    assert!(told.cancelled.iter().all(|change| change.why == Why::Unavailable { participants: vec![0] }));
    for (meeting, slot) in &first.schedule {
        assert!(*slot > 1 || second.schedule.get(meeting) == Some(slot), "what is running stays");
    }
}

#[test]
fn a_freed_slot_is_offered_to_the_pair_that_gains_most() {
    let event = json!({"slots": 3, "rooms": [1, 1, 1], "participants":
        [person(&[0, 1, 2], 3), person(&[0, 1, 2], 1), person(&[0, 1, 2], 1), person(&[1], 1)],
        "meetings": [wish(0, 1, 3), wish(0, 2, 5), wish(0, 3, 9)]});
    let parsed = Event::from_json(&event.to_string()).expect("an event");
    let schedule = [(0, 0)].into();
    let found = offers(&parsed, &schedule, None).expect("offers");
    assert_eq!(found.iter().map(|offer| (offer.meeting, offer.slot)).collect::<Vec<_>>(), [(2, 1), (1, 1)]);
    let found = offers(&parsed, &schedule, Some(2)).expect("offers");
    assert_eq!(found.iter().map(|offer| (offer.meeting, offer.breaks_added)).collect::<Vec<_>>(), [(1, 1)]);
}

#[test]
fn every_meeting_has_its_reason_in_every_language() {
    let mut event = json!({"slots": 2, "rooms": [1, 1], "participants":
        [person(&[0, 1], 2), person(&[0, 1], 1), person(&[0, 1], 1), person(&[0, 1], 1), person(&[], 1)],
        "meetings": [wish(0, 1, 9), wish(0, 2, 8), wish(0, 3, 1), wish(0, 4, 5)]});
    event["meetings"][0]["parts"] = json!([{"name": "must", "points": 10}, {"name": "met_before", "points": -1}]);
    for language in Language::ALL {
        let options = Options { rounds: Some(5), ..Options::default() };
        let found = answer(&event.to_string(), &options, language, &|| 0.0, &mut |_| true).expect("a timetable");
        let reasons = &found["reasons"];
        let kinds: Vec<&str> = (0..4).filter_map(|m| reasons[m.to_string()]["kind"].as_str()).collect();
        assert_eq!(kinds, ["held", "held", "full", "no_common_slot"]);
        assert!(reasons["0"]["text"].as_str().expect("a text").contains("met_before -1"));
    }
}
