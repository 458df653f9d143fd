//! What the engine is told: participants, candidate meetings, rooms, and the wishes of the host.
//!
//! These are the public input types, readable from JSON. Indices count from 0 throughout. [`Event::from_json`]
//! refuses input of the wrong shape and [`Event::check`] input of the wrong meaning, both with the path of the
//! wrong value as a JSON pointer.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The most slots an event may have.
pub const SLOTS_MAX: usize = 256;
/// The most participants an event may have.
pub const PARTICIPANTS_MAX: usize = 20_000;
/// The most candidate meetings an event may have.
pub const MEETINGS_MAX: usize = 200_000;
/// The largest weight of one meeting; keeps every sum of the search inside 64 bits.
pub const WEIGHT_MAX: u32 = 1_000_000;

/// One event of one-to-one talks: who could meet whom, when, and what the host wishes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// How many slots the event has, over all its days.
    pub slots: usize,
    /// How many talks can be held at the same time, one number per slot.
    pub rooms: Vec<u32>,
    /// The first slot of each day after the first. The night between two days is never a break.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub days: Vec<usize>,
    pub participants: Vec<Participant>,
    /// The candidate meetings, of which the engine chooses.
    pub meetings: Vec<Meeting>,
    /// A third resource: a meeting that names a language pair needs one of these people for its slot.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub interpreters: Vec<Interpreter>,
    /// Pairs of organisations that may meet only once, whoever represents them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclusive: Vec<(u32, u32)>,
    /// The timetable that participants have already been told: meeting to slot. Its meetings are moved or
    /// cancelled only if something better than `move_cost` is gained or a rule demands it.
    #[serde(default)]
    pub published: Option<BTreeMap<usize, usize>>,
    /// The slot that is running. Published meetings up to and including it stay as they are; no other is put there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<usize>,
    /// What moving or cancelling one published meeting costs, in units of weight.
    #[serde(default)]
    pub move_cost: u32,
    /// The largest difference of breaks between any two participants.
    #[serde(default)]
    pub fairness: Option<u32>,
}

/// Somebody who can be in one meeting at a time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Participant {
    pub side: Side,
    /// The slots this participant can take a meeting in.
    pub available: Vec<usize>,
    /// The most meetings.
    pub max: u32,
    /// The fewest meetings that are wished; 0 when no wish was stated.
    #[serde(default)]
    pub min: u32,
    /// Whom this participant represents, for [`Event::exclusive`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation: Option<u32>,
    /// Slots of which at least one should stay free, such as lunch. Filling all of them counts as a break, and the
    /// free run that honours the wish does not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rest: Vec<usize>,
    /// The most meetings in a row. Each excess counts as a break; a single free slot after that many does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_a_row: Option<u32>,
}

/// The side a participant sits on. Bounds and reasons speak of sides; meetings within one side are allowed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    Desk,
    #[default]
    Company,
}

/// A meeting that could be held.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Meeting {
    pub a: usize,
    pub b: usize,
    /// How much it is wanted: positive, the sum of `parts` when those are given.
    pub weight: u32,
    /// Why it is wanted, by named parts. Only reasons use them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
    /// The slots it may be held in; none given means all. A part of the day is a set of slots.
    #[serde(default)]
    pub slots: Option<Vec<usize>>,
    /// The only slot it may be held in.
    #[serde(default)]
    pub fixed: Option<usize>,
    /// Meetings that must come before it, in an earlier slot, when both are held.
    #[serde(default)]
    pub after: Vec<usize>,
    /// It must be held: with `fixed` too, it is pinned.
    #[serde(default)]
    pub must_hold: bool,
    /// The language pair it needs an interpreter for, such as `zh-ja`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interpreter: Option<String>,
}

/// One named part of a weight.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    pub name: String,
    pub points: i32,
}

/// Somebody who can interpret in one meeting at a time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interpreter {
    /// The language pairs, named as meetings name them.
    pub pairs: Vec<String>,
    pub available: Vec<usize>,
}

/// Input that is wrong: where, and which rule it breaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{path}: {rule}")]
pub struct Wrong {
    /// A JSON pointer to the wrong value.
    pub path: String,
    /// The rule, in English.
    pub rule: String,
}

impl Event {
    /// Reads an event and checks it.
    pub fn from_json(text: &str) -> Result<Self, Wrong> {
        let mut reader = serde_json::Deserializer::from_str(text);
        let event: Self = serde_path_to_error::deserialize(&mut reader)
            .map_err(|error| Wrong { path: pointer(error.path()), rule: error.inner().to_string() })?;
        reader.end().map_err(|error| Wrong { path: String::new(), rule: error.to_string() })?;
        event.check()?;
        Ok(event)
    }

    /// Finds the first value that breaks a rule.
    pub fn check(&self) -> Result<(), Wrong> {
        self.check_frame()?;
        for (p, participant) in self.participants.iter().enumerate() {
            self.check_participant(participant, &format!("/participants/{p}"))?;
        }
        for (m, meeting) in self.meetings.iter().enumerate() {
            self.check_meeting(meeting, &format!("/meetings/{m}"))?;
        }
        self.check_order()?;
        for (i, interpreter) in self.interpreters.iter().enumerate() {
            self.check_slots(&interpreter.available, &format!("/interpreters/{i}/available"))?;
        }
        for (&meeting, &slot) in self.published.iter().flatten() {
            let path = format!("/published/{meeting}");
            ensure(meeting < self.meetings.len(), &path, "names no meeting of this event")?;
            ensure(slot < self.slots, &path, "is not a slot of this event")?;
        }
        Ok(())
    }

    fn check_frame(&self) -> Result<(), Wrong> {
        ensure((1..=SLOTS_MAX).contains(&self.slots), "/slots", "must be from 1 to 256")?;
        ensure(self.rooms.len() == self.slots, "/rooms", "must hold one number for each slot")?;
        ensure(self.participants.len() <= PARTICIPANTS_MAX, "/participants", "must be 20,000 at most")?;
        ensure(self.meetings.len() <= MEETINGS_MAX, "/meetings", "must be 200,000 at most")?;
        ensure(self.move_cost <= WEIGHT_MAX, "/move_cost", "must be 1,000,000 at most")?;
        for (i, &day) in self.days.iter().enumerate() {
            let rising = day > i.checked_sub(1).map_or(0, |before| self.days[before]);
            ensure(rising && day < self.slots, &format!("/days/{i}"), "must be a slot after the one before it")?;
        }
        ensure(self.now.is_none_or(|now| now < self.slots), "/now", "is not a slot of this event")
    }

    fn check_participant(&self, participant: &Participant, path: &str) -> Result<(), Wrong> {
        self.check_slots(&participant.available, &format!("{path}/available"))?;
        self.check_slots(&participant.rest, &format!("{path}/rest"))?;
        ensure(participant.min <= participant.max, &format!("{path}/min"), "must not be above max")?;
        ensure(participant.in_a_row != Some(0), &format!("{path}/in_a_row"), "must be at least 1")
    }

    fn check_meeting(&self, meeting: &Meeting, path: &str) -> Result<(), Wrong> {
        let known = 0..self.participants.len();
        ensure(known.contains(&meeting.a), &format!("{path}/a"), "names no participant of this event")?;
        ensure(known.contains(&meeting.b), &format!("{path}/b"), "names no participant of this event")?;
        ensure(meeting.a != meeting.b, &format!("{path}/b"), "must be somebody else than a")?;
        let weight = 1..=WEIGHT_MAX;
        ensure(weight.contains(&meeting.weight), &format!("{path}/weight"), "must be from 1 to 1,000,000")?;
        let sum: i64 = meeting.parts.iter().map(|part| i64::from(part.points)).sum();
        let summed = meeting.parts.is_empty() || sum == i64::from(meeting.weight);
        ensure(summed, &format!("{path}/parts"), "must add up to the weight")?;
        self.check_slots(meeting.slots.as_deref().unwrap_or_default(), &format!("{path}/slots"))?;
        let fixed = meeting.fixed.is_none_or(|slot| slot < self.slots);
        ensure(fixed, &format!("{path}/fixed"), "is not a slot of this event")?;
        for (i, &before) in meeting.after.iter().enumerate() {
            let path = format!("{path}/after/{i}");
            ensure(before < self.meetings.len(), &path, "names no meeting of this event")?;
        }
        Ok(())
    }

    fn check_slots(&self, slots: &[usize], path: &str) -> Result<(), Wrong> {
        match slots.iter().position(|&slot| slot >= self.slots) {
            Some(i) => ensure(false, &format!("{path}/{i}"), "is not a slot of this event"),
            None => Ok(()),
        }
    }

    /// An order that runs in a circle could only be kept by holding none of its meetings; it is a mistake.
    fn check_order(&self) -> Result<(), Wrong> {
        let mut waiting: Vec<usize> = self.meetings.iter().map(|meeting| meeting.after.len()).collect();
        let mut followers = vec![Vec::new(); self.meetings.len()];
        for (m, meeting) in self.meetings.iter().enumerate() {
            for &before in &meeting.after {
                followers[before].push(m);
            }
        }
        let mut ready: Vec<usize> = (0..waiting.len()).filter(|&m| waiting[m] == 0).collect();
        while let Some(m) = ready.pop() {
            for &next in &followers[m] {
                waiting[next] -= 1;
                if waiting[next] == 0 {
                    ready.push(next);
                }
            }
        }
        match waiting.iter().position(|&left| left > 0) {
            Some(m) => ensure(false, &format!("/meetings/{m}/after"), "is part of an order that runs in a circle"),
            None => Ok(()),
        }
    }
}

fn ensure(holds: bool, path: &str, rule: &str) -> Result<(), Wrong> {
    if holds { Ok(()) } else { Err(Wrong { path: path.to_owned(), rule: rule.to_owned() }) }
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter().fold(String::new(), |mut pointer, segment| {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } => pointer.push_str(&format!("/{}", key.replace('~', "~0").replace('/', "~1"))),
            Segment::Enum { variant } => pointer.push_str(&format!("/{variant}")),
            Segment::Unknown => {}
        }
        pointer
    })
}
