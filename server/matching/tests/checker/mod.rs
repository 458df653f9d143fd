//! A checker that shares nothing with the engine: it reads the JSON of an event and of an outcome, looks for broken
//! rules and counts every figure anew, the slow and plain way.

use std::collections::BTreeMap;

use serde_json::Value;

/// The figures of a timetable, counted from nothing but the two documents.
#[derive(Clone, Debug, PartialEq)]
pub struct Figures {
    pub weight: i64,
    /// Served shares of wished minima in thousandths, the smallest first.
    pub shares: Vec<i64>,
    pub minima_met: usize,
    pub breaks: i64,
    pub idle: i64,
    /// The largest difference of breaks between two participants.
    pub apart: i64,
    pub breaks_of: Vec<i64>,
}

pub fn numbers(value: &Value) -> Vec<usize> {
    value.as_array().into_iter().flatten().map(number).collect()
}

fn number(value: &Value) -> usize {
    value.as_u64().expect("a whole number") as usize
}

/// The schedule of an outcome as meeting and slot.
pub fn schedule(outcome: &Value) -> BTreeMap<usize, usize> {
    let listed = outcome["schedule"].as_object().expect("a schedule");
    listed.iter().map(|(meeting, slot)| (meeting.parse().expect("an index"), number(slot))).collect()
}

/// Every hard rule that a timetable breaks, in words.
pub fn faults(event: &Value, held: &BTreeMap<usize, usize>) -> Vec<String> {
    let mut faults = Vec::new();
    let people = event["participants"].as_array().expect("participants");
    let meetings = event["meetings"].as_array().expect("meetings");
    let published: BTreeMap<usize, usize> = event["published"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(meeting, slot)| (meeting.parse().expect("an index"), number(slot)))
        .collect();
    let now = event["now"].as_u64().map(|now| now as usize);
    let past = |slot: usize| now.is_some_and(|now| slot <= now);
    for (&m, &slot) in &published {
        if past(slot) && held.get(&m) != Some(&slot) {
            faults.push(format!("meeting {m} has been held in {slot} and must stay"));
        }
    }
    for (&m, &slot) in held {
        let meeting = &meetings[m];
        if past(slot) {
            if published.get(&m) != Some(&slot) {
                faults.push(format!("meeting {m} is put into the past"));
            }
            continue;
        }
        for side in ["a", "b"] {
            if !numbers(&people[number(&meeting[side])]["available"]).contains(&slot) {
                faults.push(format!("meeting {m}: {side} is not there in {slot}"));
            }
        }
        if meeting["slots"].is_array() && !numbers(&meeting["slots"]).contains(&slot) {
            faults.push(format!("meeting {m} is not allowed in {slot}"));
        }
        if meeting["fixed"].as_u64().is_some_and(|fixed| fixed as usize != slot) {
            faults.push(format!("meeting {m} is fixed elsewhere than {slot}"));
        }
        for before in numbers(&meeting["after"]) {
            if held.get(&before).is_some_and(|&earlier| earlier >= slot) {
                faults.push(format!("meeting {before} must come before {m}"));
            }
        }
    }
    for (m, meeting) in meetings.iter().enumerate() {
        if meeting["must_hold"] == true && !held.contains_key(&m) {
            faults.push(format!("meeting {m} must be held"));
        }
    }
    for (p, person) in people.iter().enumerate() {
        let own: Vec<usize> = diary(event, held, p);
        if own.windows(2).any(|pair| pair[0] == pair[1]) {
            faults.push(format!("participant {p} is in two meetings at once"));
        }
        if own.len() > number(&person["max"]) {
            faults.push(format!("participant {p} has more than their maximum"));
        }
    }
    for (slot, rooms) in numbers(&event["rooms"]).into_iter().enumerate() {
        if !past(slot) && held.values().filter(|&&used| used == slot).count() > rooms {
            faults.push(format!("slot {slot} has too few rooms"));
        }
        if !past(slot) && !interpreters_suffice(event, held, slot) {
            faults.push(format!("slot {slot} has too few interpreters"));
        }
    }
    for pair in event["exclusive"].as_array().into_iter().flatten() {
        let pair = (pair[0].as_u64(), pair[1].as_u64());
        let of = |m: usize, side: &str| people[number(&meetings[m][side])]["organisation"].as_u64();
        let met = held.keys().filter(|&&m| {
            let orgs = (of(m, "a"), of(m, "b"));
            orgs == pair || orgs == (pair.1, pair.0)
        });
        if met.count() > 1 {
            faults.push(format!("organisations {pair:?} meet more than once"));
        }
    }
    faults
}

/// Tries every way of giving the interpreters of a slot to the meetings that need one.
fn interpreters_suffice(event: &Value, held: &BTreeMap<usize, usize>, slot: usize) -> bool {
    fn seat(needs: &[&str], people: &[Vec<&str>], free: &mut Vec<bool>) -> bool {
        let Some((need, rest)) = needs.split_first() else { return true };
        (0..people.len()).any(|i| {
            if !free[i] || !people[i].contains(need) {
                return false;
            }
            free[i] = false;
            let fine = seat(rest, people, free);
            free[i] = true;
            fine
        })
    }
    let needs: Vec<&str> = held
        .iter()
        .filter(|&(_, &used)| used == slot)
        .filter_map(|(&m, _)| event["meetings"][m]["interpreter"].as_str())
        .collect();
    let there = event["interpreters"].as_array().into_iter().flatten();
    let people: Vec<Vec<&str>> = there
        .filter(|interpreter| numbers(&interpreter["available"]).contains(&slot))
        .map(|interpreter| interpreter["pairs"].as_array().into_iter().flatten().filter_map(Value::as_str).collect())
        .collect();
    let mut free = vec![true; people.len()];
    seat(&needs, &people, &mut free)
}

/// The slots a participant is busy in, in order.
fn diary(event: &Value, held: &BTreeMap<usize, usize>, p: usize) -> Vec<usize> {
    let meetings = event["meetings"].as_array().expect("meetings");
    let own = held.iter().filter(|&(&m, _)| number(&meetings[m]["a"]) == p || number(&meetings[m]["b"]) == p);
    let mut slots: Vec<usize> = own.map(|(_, &slot)| slot).collect();
    slots.sort_unstable();
    slots
}

/// Counts every figure of a timetable.
pub fn figures(event: &Value, held: &BTreeMap<usize, usize>) -> Figures {
    let people = event["participants"].as_array().expect("participants");
    let weight = held.keys().map(|&m| event["meetings"][m]["weight"].as_i64().expect("a weight")).sum();
    let mut shares = Vec::new();
    let (mut breaks_of, mut idle, mut minima_met) = (Vec::new(), 0, 0);
    for (p, person) in people.iter().enumerate() {
        let own = diary(event, held, p);
        let min = person["min"].as_u64().unwrap_or(0) as i64;
        if min > 0 {
            let held = (own.len() as i64).min(min);
            minima_met += usize::from(held == min);
            shares.push(held * 1000 / min);
        }
        let (breaks, free) = breaks(event, person, &own);
        breaks_of.push(breaks);
        idle += free;
    }
    shares.sort_unstable();
    Figures {
        weight,
        shares,
        minima_met,
        breaks: breaks_of.iter().sum(),
        idle,
        apart: breaks_of.iter().max().unwrap_or(&0) - breaks_of.iter().min().unwrap_or(&0),
        breaks_of,
    }
}

/// Breaks and idle slots of one participant, read slot by slot as the documentation of the input defines them.
fn breaks(event: &Value, person: &Value, own: &[usize]) -> (i64, i64) {
    let slots = event["slots"].as_u64().expect("slots") as usize;
    let days = numbers(&event["days"]);
    let rest = numbers(&person["rest"]);
    let in_a_row = person["in_a_row"].as_i64();
    let (mut breaks, mut idle) = (0, 0);
    if !rest.is_empty() && rest.iter().all(|slot| own.contains(slot)) {
        breaks += 1;
    }
    let mut rest_due = !rest.is_empty();
    let (mut run, mut gap): (i64, Vec<usize>) = (0, Vec::new());
    for slot in 0..=slots {
        let new_day = slot == slots || days.contains(&slot);
        if new_day {
            breaks += in_a_row.filter(|_| gap.is_empty() && run > 0).map_or(0, |most| (run - 1) / most);
            (run, gap) = (0, Vec::new());
        }
        if own.contains(&slot) {
            if !gap.is_empty() {
                let rested = rest_due && gap.iter().any(|free| rest.contains(free));
                let breather = gap.len() == 1 && in_a_row.is_some_and(|most| run >= most);
                if rested {
                    rest_due = false;
                } else if !breather {
                    breaks += 1;
                    idle += gap.len() as i64;
                }
                (run, gap) = (0, Vec::new());
            }
            run += 1;
        } else if run > 0 {
            if gap.is_empty() {
                breaks += in_a_row.map_or(0, |most| (run - 1) / most);
            }
            gap.push(slot);
        }
    }
    (breaks, idle)
}

/// Checks an outcome against its event: no rule broken, every figure right, no bound on the wrong side.
pub fn check(event: &Value, outcome: &Value) -> Figures {
    let held = schedule(outcome);
    let faults = faults(event, &held);
    assert!(faults.is_empty(), "{faults:?}\n{event}\n{outcome}");
    let figures = figures(event, &held);
    let said = |name: &str| outcome[name].as_i64().unwrap_or_else(|| panic!("{name} is missing"));
    assert_eq!(figures.weight, said("weight"), "weight of {outcome}");
    assert_eq!(figures.breaks, said("breaks"), "breaks of {outcome}\n{event}");
    assert_eq!(figures.idle, said("idle"), "idle slots of {outcome}\n{event}");
    assert_eq!(figures.minima_met as i64, said("minima_met"), "minima of {outcome}");
    assert!(figures.weight <= said("weight_bound"), "the bound is below the weight: {outcome}");
    assert!(figures.breaks >= said("breaks_bound"), "the bound is above the breaks: {outcome}");
    if let Some(most) = event["fairness"].as_i64() {
        assert_eq!(outcome["fair"] == true, figures.apart <= most, "fairness of {outcome}");
    }
    assert_eq!(
        outcome["reasons"].as_object().map_or(0, |reasons| reasons.len()),
        event["meetings"].as_array().map_or(0, Vec::len)
    );
    figures
}
