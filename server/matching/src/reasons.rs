//! Why a meeting is held, and why another is not: what it is worth, and who stands in its way in each slot.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::event::{Event, Part};
use crate::problem::{NOBODY, NOWHERE};
use crate::state::State;
use crate::text::{Language, list};

/// Slots described in one reason; more only repeat the point.
const SLOTS_SHOWN: usize = 8;

/// Why a meeting is held or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Reason {
    /// It is held; its weight by named parts.
    Held {
        slot: usize,
        weight: u32,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        parts: Vec<Part>,
    },
    /// The two have no allowed slot in common.
    NoCommonSlot,
    /// The two organisations may meet only once, and meet in another meeting.
    OnlyOnce { meeting: usize },
    /// A participant's maximum is filled with these meetings; `lighter` of them weigh less, held for others' sake.
    Full { participant: usize, preferred: Vec<usize>, lighter: usize },
    /// In every slot somebody or something stands in the way.
    Contested { slots: Vec<Taken> },
    /// It fits, but only for a loss elsewhere, such as published meetings that would move.
    NotWorthIt { slot: usize },
}

/// What stands in the way of a meeting in one slot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Taken {
    pub slot: usize,
    /// The other meetings of its two participants in that slot.
    pub meetings: Vec<usize>,
    /// Whether every room is taken.
    pub rooms_full: bool,
    /// Whether its interpreters are taken, or its order with another meeting forbids the slot.
    pub other_rule: bool,
}

/// The reason of every meeting.
pub(crate) fn all<const W: usize>(event: &Event, state: &State<W>) -> BTreeMap<usize, Reason> {
    (0..event.meetings.len()).map(|m| (m, reason(event, state, m))).collect()
}

fn reason<const W: usize>(event: &Event, state: &State<W>, m: usize) -> Reason {
    let c = &state.problem.meetings[m];
    let meeting = &event.meetings[m];
    if state.slot[m] != NOWHERE {
        let slot = usize::from(state.slot[m]);
        return Reason::Held { slot, weight: meeting.weight, parts: meeting.parts.clone() };
    }
    if c.mask.is_empty() {
        return Reason::NoCommonSlot;
    }
    if let Some(rival) = state.rivals(m as u32).next() {
        return Reason::OnlyOnce { meeting: rival as usize };
    }
    for p in [meeting.a, meeting.b] {
        if state.degree[p] >= event.participants[p].max {
            let preferred: Vec<usize> = state.busy[p].iter().map(|t| state.meeting_at(p as u32, t) as usize).collect();
            let lighter = preferred.iter().filter(|&&other| event.meetings[other].weight < meeting.weight).count();
            return Reason::Full { participant: p, preferred, lighter };
        }
    }
    let mut slots = Vec::new();
    for slot in c.mask.iter() {
        let there = [c.a, c.b].map(|p| state.meeting_at(p, slot));
        let taken = Taken {
            slot,
            meetings: there.into_iter().filter(|&other| other != NOBODY).map(|other| other as usize).collect(),
            rooms_full: !state.open.has(slot),
            other_rule: !state.side_rules_allow(m as u32, slot),
        };
        if taken.meetings.is_empty() && !taken.rooms_full && !taken.other_rule {
            return Reason::NotWorthIt { slot };
        }
        slots.push(taken);
    }
    slots.truncate(SLOTS_SHOWN);
    Reason::Contested { slots }
}

impl Reason {
    /// The reason in words, with indices as in the input.
    pub fn text(&self, language: Language) -> String {
        match self {
            Self::Held { slot, weight, parts } => held(*slot, *weight, parts, language),
            Self::NoCommonSlot => match language {
                Language::En => "Not held: the two have no allowed slot in common.".to_owned(),
                Language::ZhHans => "未安排：双方没有共同的可用时段。".to_owned(),
                Language::ZhHant => "未安排：雙方沒有共同的可用時段。".to_owned(),
            },
            Self::OnlyOnce { meeting } => match language {
                Language::En => format!("Not held: the two organisations meet only once, in meeting {meeting}."),
                Language::ZhHans => format!("未安排：两家单位只见一次，已安排在会面 {meeting}。"),
                Language::ZhHant => format!("未安排：兩家單位只見一次，已安排在會面 {meeting}。"),
            },
            Self::Full { participant, preferred, .. } => {
                let preferred = list(preferred);
                match language {
                    Language::En => format!(
                        "Not held: participant {participant} has reached their maximum with meetings {preferred}, which are worth more together."
                    ),
                    Language::ZhHans => {
                        format!("未安排：参与方 {participant} 的场次已满（会面 {preferred}），这些会面合计更受期待。")
                    }
                    Language::ZhHant => {
                        format!("未安排：參與方 {participant} 的場次已滿（會面 {preferred}），這些會面合計更受期待。")
                    }
                }
            }
            Self::Contested { slots } => contested(slots, language),
            Self::NotWorthIt { slot } => match language {
                Language::En => format!("Not held: slot {slot} is free, but using it would cost more elsewhere."),
                Language::ZhHans => format!("未安排：时段 {slot} 虽空闲，但占用它会在别处损失更多。"),
                Language::ZhHant => format!("未安排：時段 {slot} 雖空閒，但佔用它會在別處損失更多。"),
            },
        }
    }
}

fn held(slot: usize, weight: u32, parts: &[Part], language: Language) -> String {
    let parts: Vec<String> = parts.iter().map(|part| format!("{} {:+}", part.name, part.points)).collect();
    let parts = parts.join(", ");
    let (open, close) = if parts.is_empty() { ("", "") } else { (" (", ")") };
    match language {
        Language::En => format!("Held in slot {slot}: worth {weight}{open}{parts}{close}."),
        Language::ZhHans => format!("安排在时段 {slot}：分值 {weight}{open}{parts}{close}。"),
        Language::ZhHant => format!("安排在時段 {slot}：分值 {weight}{open}{parts}{close}。"),
    }
}

fn contested(slots: &[Taken], language: Language) -> String {
    let each: Vec<String> = slots
        .iter()
        .map(|taken| {
            let meetings = list(&taken.meetings);
            let (preferred, rooms, rules, stop) = match language {
                Language::En => ("meeting", "no room left", "interpreter or order", ":"),
                Language::ZhHans => ("会面", "会议室已满", "译员或先后次序", ":"),
                Language::ZhHant => ("會面", "會議室已滿", "譯員或先後次序", ":"),
            };
            let mut ways = Vec::new();
            if !meetings.is_empty() {
                ways.push(format!("{preferred} {meetings}"));
            }
            ways.extend(taken.rooms_full.then(|| rooms.to_owned()));
            ways.extend(taken.other_rule.then(|| rules.to_owned()));
            format!("{}{stop} {}", taken.slot, ways.join(", "))
        })
        .collect();
    let each = each.join("; ");
    match language {
        Language::En => format!("Not held: in each slot others were preferred – {each}."),
        Language::ZhHans => format!("未安排：各时段均已优先安排其他会面——{each}。"),
        Language::ZhHant => format!("未安排：各時段均已優先安排其他會面——{each}。"),
    }
}
