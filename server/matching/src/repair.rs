//! What a new timetable changes in a published one, and why each change had to be.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::event::Event;
use crate::problem::NOWHERE;
use crate::state::State;
use crate::text::Language;

/// The new timetable against the published one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Difference {
    pub kept: Vec<usize>,
    pub moved: Vec<Change>,
    pub cancelled: Vec<Change>,
    pub added: Vec<Change>,
}

/// One meeting that was moved, cancelled or added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    pub meeting: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<usize>,
    #[serde(flatten)]
    pub why: Why,
}

/// Why a published meeting does not stay, or a new one is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Why {
    /// A participant is no longer available in the published slot, or the meeting is no longer allowed there.
    Unavailable { participants: Vec<usize> },
    /// Another meeting of a participant takes the published slot.
    MadeWay { meeting: usize },
    /// There are fewer rooms in the published slot.
    NoRoom,
    /// A participant now holds their maximum with other meetings.
    Maximum { participant: usize },
    /// The whole gains more than the change costs.
    Gain,
    /// Its slot and both participants were free.
    Freed,
}

pub(crate) fn difference<const W: usize>(
    event: &Event,
    published: &BTreeMap<usize, usize>,
    state: &State<W>,
) -> Difference {
    let mut difference = Difference::default();
    for m in 0..event.meetings.len() {
        let to = Some(state.slot[m]).filter(|&t| t != NOWHERE).map(usize::from);
        let from = published.get(&m).copied();
        match (from, to) {
            (None, None) => {}
            (Some(from), Some(to)) if from == to => difference.kept.push(m),
            (None, Some(_)) => difference.added.push(Change { meeting: m, from, to, why: Why::Freed }),
            (Some(slot), Some(_)) => {
                difference.moved.push(Change { meeting: m, from, to, why: why_left(event, state, m, slot) });
            }
            (Some(slot), None) => {
                difference.cancelled.push(Change { meeting: m, from, to, why: why_left(event, state, m, slot) });
            }
        }
    }
    difference
}

fn why_left<const W: usize>(event: &Event, state: &State<W>, m: usize, slot: usize) -> Why {
    let meeting = &event.meetings[m];
    let pair = [meeting.a, meeting.b];
    if !state.problem.meetings[m].mask.has(slot) {
        let missing = pair.into_iter().filter(|&p| !event.participants[p].available.contains(&slot));
        return Why::Unavailable { participants: missing.collect() };
    }
    for p in pair {
        let there = state.meeting_at(p as u32, slot) as usize;
        if there < event.meetings.len() && there != m {
            return Why::MadeWay { meeting: there };
        }
    }
    if !state.open.has(slot) {
        return Why::NoRoom;
    }
    let full = |p: &usize| state.slot[m] == NOWHERE && state.degree[*p] >= event.participants[*p].max;
    pair.into_iter().find(full).map_or(Why::Gain, |participant| Why::Maximum { participant })
}

impl Why {
    /// The reason in words, with indices as in the input.
    pub fn text(&self, language: Language) -> String {
        let (en, hans, hant) = match self {
            Self::Unavailable { participants } => {
                let who = crate::text::list(participants);
                (
                    format!("Participant {who} is no longer available in the published slot."),
                    format!("参与方 {who} 在原时段已无法参加。"),
                    format!("參與方 {who} 在原時段已無法參加。"),
                )
            }
            Self::MadeWay { meeting } => (
                format!("Made way for meeting {meeting}."),
                format!("为会面 {meeting} 让出时段。"),
                format!("為會面 {meeting} 讓出時段。"),
            ),
            Self::NoRoom => (
                "The published slot has fewer rooms.".to_owned(),
                "原时段的会议室减少。".to_owned(),
                "原時段的會議室減少。".to_owned(),
            ),
            Self::Maximum { participant } => (
                format!("Participant {participant} holds their maximum of meetings."),
                format!("参与方 {participant} 的场次已满。"),
                format!("參與方 {participant} 的場次已滿。"),
            ),
            Self::Gain => (
                "The timetable as a whole gains more than the change costs.".to_owned(),
                "整体收益大于变动成本。".to_owned(),
                "整體收益大於變動成本。".to_owned(),
            ),
            Self::Freed => (
                "A slot has become free for both.".to_owned(),
                "双方出现共同空闲时段。".to_owned(),
                "雙方出現共同空閒時段。".to_owned(),
            ),
        };
        match language {
            Language::En => en,
            Language::ZhHans => hans,
            Language::ZhHant => hant,
        }
    }
}
