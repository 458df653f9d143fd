//! The slots of a session, worked out from what a host enters: blocks of wall time on days, the length of a talk, the
//! pause between talks, and breaks.
//!
//! Every slot begins and ends on a five-minute mark, slots of one grid never overlap, the pause is kept between any two
//! of them (also across blocks), and none touches a break. Wall times are read in the session's zone; lengths are real
//! minutes, so a block over a change of clocks has as many slots as there really is time.

use jiff::civil::{Date, Time};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::refusal::Refusal;
use crate::zones::{Reading, Zone};

/// Claims count time in steps of five minutes, and so do grids.
pub const TICK_MINUTES: i64 = 5;
const TICK_SECONDS: i64 = TICK_MINUTES * 60;

pub const SLOT_MINUTES: std::ops::RangeInclusive<i64> = 5..=240;
pub const BUFFER_MINUTES: std::ops::RangeInclusive<i64> = 0..=120;
pub const MAX_BLOCKS: usize = 60;
pub const MAX_BREAKS: usize = 20;
/// Slots of one grid; with 39 desks this is already 19,500 cells.
pub const MAX_SLOTS: usize = 500;

/// A slot grid as a host enters it. Times are wall times of the session's zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GridDraft {
    /// Length of a talk.
    pub slot_minutes: i64,
    /// Pause between two talks of a desk.
    pub buffer_minutes: i64,
    pub blocks: Vec<BlockDraft>,
}

/// A stretch of one day: "2026-11-23" from "14:00" until "17:30"; "00:00" as end is midnight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BlockDraft {
    pub date: String,
    pub from: String,
    pub until: String,
    #[serde(default)]
    pub breaks: Vec<BreakDraft>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BreakDraft {
    pub from: String,
    pub until: String,
}

/// One slot of a grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SlotTime {
    pub start: Timestamp,
    pub end: Timestamp,
}

/// A value of a grid that breaks a rule, with its place as a JSON pointer into the [`GridDraft`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{pointer}: {rule}")]
pub struct GridProblem {
    pub pointer: String,
    pub rule: GridRule,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GridRule {
    #[error("must be between {min} and {max} minutes")]
    Minutes { min: i64, max: i64 },
    #[error("must be a multiple of five minutes")]
    FiveMinutes,
    #[error("must be a date such as 2026-11-23")]
    Date,
    #[error("must be a time such as 14:30")]
    Time,
    #[error("must be later than the beginning")]
    Order,
    #[error("this time does not exist on that day: clocks are put forward")]
    SkippedTime,
    #[error("lies outside its block")]
    OutsideBlock,
    #[error("overlaps block {other}")]
    Overlap { other: usize },
    #[error("has no room for a single slot")]
    NoRoom,
    #[error("more than {max}")]
    TooMany { max: usize },
}

impl From<GridRule> for Refusal {
    fn from(rule: GridRule) -> Refusal {
        match rule {
            GridRule::Minutes { .. } => Refusal::OutOfRange,
            GridRule::FiveMinutes => Refusal::NotFiveMinutes,
            GridRule::Date => Refusal::DateWrong,
            GridRule::Time => Refusal::TimeWrong,
            GridRule::Order => Refusal::TimeOrder,
            GridRule::SkippedTime => Refusal::TimeSkipped,
            GridRule::OutsideBlock => Refusal::BreakOutside,
            GridRule::Overlap { .. } => Refusal::BlocksOverlap,
            GridRule::NoRoom => Refusal::NoSlotFits,
            GridRule::TooMany { .. } => Refusal::TooMany,
        }
    }
}

impl GridDraft {
    /// The slots in order of time, or everything that is wrong with the grid.
    pub fn slots(&self, zone: &Zone) -> Result<Vec<SlotTime>, Vec<GridProblem>> {
        let mut problems = Problems::default();
        problems.check_minutes("/slot_minutes", self.slot_minutes, SLOT_MINUTES);
        problems.check_minutes("/buffer_minutes", self.buffer_minutes, BUFFER_MINUTES);
        if self.blocks.len() > MAX_BLOCKS {
            problems.add("/blocks", GridRule::TooMany { max: MAX_BLOCKS });
            return Err(problems.0);
        }
        let mut blocks: Vec<Block> = self
            .blocks
            .iter()
            .enumerate()
            .filter_map(|(index, draft)| problems.read_block(index, draft, zone))
            .collect();
        blocks.sort_by_key(|block| (block.span.start, block.index));
        for pair in blocks.windows(2) {
            if pair[0].span.overlaps(pair[1].span) {
                problems.add(format!("/blocks/{}", pair[1].index), GridRule::Overlap { other: pair[0].index });
            }
        }
        if !problems.0.is_empty() {
            return Err(problems.0);
        }
        self.fill(&blocks)
    }

    fn fill(&self, blocks: &[Block]) -> Result<Vec<SlotTime>, Vec<GridProblem>> {
        let mut problems = Problems::default();
        let mut slots: Vec<SlotTime> = Vec::new();
        for block in blocks {
            let before = slots.len();
            let earliest = slots.last().map(|slot| later(slot.end, self.buffer_minutes));
            let mut start = earliest.map_or(block.span.start, |earliest| earliest.max(block.span.start));
            while let Some(slot) = block.fit(start, self.slot_minutes) {
                if slots.len() == MAX_SLOTS {
                    problems.add("/blocks", GridRule::TooMany { max: MAX_SLOTS });
                    return Err(problems.0);
                }
                slots.push(slot);
                start = later(slot.end, self.buffer_minutes);
            }
            if slots.len() == before {
                problems.add(format!("/blocks/{}", block.index), GridRule::NoRoom);
            }
        }
        if problems.0.is_empty() { Ok(slots) } else { Err(problems.0) }
    }
}

impl SlotTime {
    pub fn overlaps(self, other: SlotTime) -> bool {
        self.start < other.end && other.start < self.end
    }

    pub fn minutes(self) -> i64 {
        self.end.duration_since(self.start).as_mins()
    }

    /// The ticks this slot covers.
    pub fn ticks(self) -> Vec<i64> {
        ticks(self.start, self.end)
    }
}

/// The numbers of the five-minute steps (seconds since 1970 / 300) that a span of time touches. Two spans overlap
/// exactly when they share a tick, provided both begin and end on five-minute marks; claims are keyed by them.
pub fn ticks(start: impl Into<Timestamp>, end: impl Into<Timestamp>) -> Vec<i64> {
    let first = start.into().as_second().div_euclid(TICK_SECONDS);
    let end = end.into();
    let whole = end.as_second().div_euclid(TICK_SECONDS);
    let begun = end.as_second().rem_euclid(TICK_SECONDS) > 0 || end.subsec_nanosecond() > 0;
    (first..if begun { whole + 1 } else { whole }).collect()
}

/// A block with its instants; breaks in order of time.
struct Block {
    index: usize,
    span: SlotTime,
    breaks: Vec<SlotTime>,
}

impl Block {
    /// The first slot from `start` on that lies in the block and touches no break.
    fn fit(&self, mut start: Timestamp, minutes: i64) -> Option<SlotTime> {
        loop {
            let slot = SlotTime { start, end: later(start, minutes) };
            if slot.end > self.span.end {
                return None;
            }
            match self.breaks.iter().find(|pause| pause.overlaps(slot)) {
                Some(pause) => start = pause.end,
                None => return Some(slot),
            }
        }
    }
}

#[derive(Default)]
struct Problems(Vec<GridProblem>);

impl Problems {
    fn add(&mut self, pointer: impl Into<String>, rule: GridRule) {
        self.0.push(GridProblem { pointer: pointer.into(), rule });
    }

    fn check_minutes(&mut self, pointer: &str, minutes: i64, allowed: std::ops::RangeInclusive<i64>) {
        if !allowed.contains(&minutes) {
            self.add(pointer, GridRule::Minutes { min: *allowed.start(), max: *allowed.end() });
        } else if minutes % TICK_MINUTES != 0 {
            self.add(pointer, GridRule::FiveMinutes);
        }
    }

    fn read_block(&mut self, index: usize, draft: &BlockDraft, zone: &Zone) -> Option<Block> {
        let place = format!("/blocks/{index}");
        let date = self.read_date(&format!("{place}/date"), &draft.date);
        let from = self.read_time(&format!("{place}/from"), &draft.from);
        let until = self.read_time(&format!("{place}/until"), &draft.until);
        let (date, from, until) = (date?, from?, until?);
        if until <= from && until != Time::midnight() {
            self.add(format!("{place}/until"), GridRule::Order);
            return None;
        }
        let start = self.read_instant(&format!("{place}/from"), date, from, zone)?;
        let end_date = if until == Time::midnight() { date.tomorrow().ok()? } else { date };
        let end = self.read_instant(&format!("{place}/until"), end_date, until, zone)?;
        if end <= start {
            self.add(format!("{place}/until"), GridRule::Order);
            return None;
        }
        let span = SlotTime { start, end };
        let breaks = self.read_breaks(&place, draft, date, span, zone);
        Some(Block { index, span, breaks })
    }

    fn read_breaks(
        &mut self,
        place: &str,
        draft: &BlockDraft,
        date: Date,
        block: SlotTime,
        zone: &Zone,
    ) -> Vec<SlotTime> {
        if draft.breaks.len() > MAX_BREAKS {
            self.add(format!("{place}/breaks"), GridRule::TooMany { max: MAX_BREAKS });
            return Vec::new();
        }
        let mut breaks = Vec::new();
        for (index, pause) in draft.breaks.iter().enumerate() {
            let place = format!("{place}/breaks/{index}");
            let from = self.read_time(&format!("{place}/from"), &pause.from);
            let until = self.read_time(&format!("{place}/until"), &pause.until);
            let (Some(from), Some(until)) = (from, until) else { continue };
            let end_date = if until == Time::midnight() { date.tomorrow().unwrap_or(date) } else { date };
            // A break in an hour that comes twice holds both times.
            let (start, end) = (earliest(zone, date, from), latest(zone, end_date, until));
            match () {
                () if until <= from && until != Time::midnight() => self.add(format!("{place}/until"), GridRule::Order),
                () if start < block.start || end > block.end => self.add(place, GridRule::OutsideBlock),
                () => breaks.push(SlotTime { start, end }),
            }
        }
        breaks.sort();
        breaks
    }

    fn read_date(&mut self, pointer: &str, text: &str) -> Option<Date> {
        let date = text.parse::<Date>().ok().filter(|date| text.len() == 10 && (2000..=2999).contains(&date.year()));
        if date.is_none() {
            self.add(pointer, GridRule::Date);
        }
        date
    }

    fn read_time(&mut self, pointer: &str, text: &str) -> Option<Time> {
        let time = (text.len() == 5).then(|| Time::strptime("%H:%M", text).ok()).flatten();
        match time {
            None => self.add(pointer, GridRule::Time),
            Some(time) if i64::from(time.minute()) % TICK_MINUTES != 0 => self.add(pointer, GridRule::FiveMinutes),
            Some(_) => return time,
        }
        None
    }

    fn read_instant(&mut self, pointer: &str, date: Date, time: Time, zone: &Zone) -> Option<Timestamp> {
        match zone.reading(date.to_datetime(time)) {
            Reading::Once(instant) | Reading::Twice { first: instant, .. } => Some(instant),
            Reading::Skipped { .. } => {
                self.add(pointer, GridRule::SkippedTime);
                None
            }
        }
    }
}

fn earliest(zone: &Zone, date: Date, time: Time) -> Timestamp {
    zone.instant_at(date.to_datetime(time))
}

fn latest(zone: &Zone, date: Date, time: Time) -> Timestamp {
    match zone.reading(date.to_datetime(time)) {
        Reading::Twice { second, .. } => second,
        Reading::Once(instant) | Reading::Skipped { moved: instant } => instant,
    }
}

fn later(instant: Timestamp, minutes: i64) -> Timestamp {
    instant.saturating_add(SignedDuration::from_mins(minutes)).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(date: &str, from: &str, until: &str, breaks: &[(&str, &str)]) -> BlockDraft {
        let breaks = breaks.iter().map(|(from, until)| BreakDraft { from: (*from).into(), until: (*until).into() });
        BlockDraft { date: date.into(), from: from.into(), until: until.into(), breaks: breaks.collect() }
    }

    fn grid(slot_minutes: i64, buffer_minutes: i64, blocks: Vec<BlockDraft>) -> GridDraft {
        GridDraft { slot_minutes, buffer_minutes, blocks }
    }

    fn walls(grid: &GridDraft, zone: &Zone) -> Vec<String> {
        grid.slots(zone).unwrap().iter().map(|slot| zone.wall_at(slot.start).strftime("%H:%M").to_string()).collect()
    }

    fn problems(grid: &GridDraft, zone: &Zone) -> Vec<(String, GridRule)> {
        grid.slots(zone).unwrap_err().into_iter().map(|problem| (problem.pointer, problem.rule)).collect()
    }

    #[test]
    fn a_county_afternoon() {
        let afternoon = grid(20, 5, vec![block("2026-11-23", "14:00", "17:00", &[("15:15", "15:30")])]);
        let starts = ["14:00", "14:25", "14:50", "15:30", "15:55", "16:20"];
        assert_eq!(walls(&afternoon, &Zone::shanghai()), starts);
    }

    #[test]
    fn the_pause_is_kept_across_blocks() {
        let touching =
            grid(30, 10, vec![block("2026-11-23", "10:00", "11:00", &[]), block("2026-11-23", "09:00", "10:00", &[])]);
        assert_eq!(walls(&touching, &Zone::shanghai()), ["09:00", "10:00"]);
        let tight =
            grid(30, 10, vec![block("2026-11-23", "09:00", "09:30", &[]), block("2026-11-23", "09:30", "11:00", &[])]);
        assert_eq!(walls(&tight, &Zone::shanghai()), ["09:00", "09:40", "10:20"]);
    }

    #[test]
    fn blocks_may_end_at_midnight_and_span_days() {
        let late =
            grid(30, 0, vec![block("2026-11-23", "23:00", "00:00", &[]), block("2026-11-24", "00:00", "00:30", &[])]);
        assert_eq!(walls(&late, &Zone::shanghai()), ["23:00", "23:30", "00:00"]);
    }

    #[test]
    fn a_block_over_a_change_of_clocks_has_as_many_slots_as_there_is_time() {
        let berlin: Zone = "Europe/Berlin".parse().unwrap();
        let count = |date: &str| grid(30, 0, vec![block(date, "01:00", "04:00", &[])]).slots(&berlin).unwrap().len();
        assert_eq!((count("2026-03-29"), count("2026-10-25"), count("2026-11-01")), (4, 8, 6));
        let pause = grid(30, 0, vec![block("2026-10-25", "01:00", "04:00", &[("02:00", "02:30")])]);
        // 02:00 to 02:30 comes twice; the break holds from the first to the last of it.
        assert_eq!(walls(&pause, &berlin), ["01:00", "01:30", "02:30", "03:00", "03:30"]);
    }

    #[test]
    fn every_wrong_value_is_named_with_its_place() {
        let zone = Zone::shanghai();
        let wrong = grid(
            7,
            -5,
            vec![
                block("2026-02-30", "9:00", "10:02", &[]),
                block("2026-11-23", "10:00", "09:00", &[]),
                block("2026-11-23", "14:00", "15:00", &[("13:00", "14:30"), ("14:30", "14:10"), ("x", "14:10")]),
            ],
        );
        assert_eq!(
            problems(&wrong, &zone),
            [
                ("/slot_minutes".into(), GridRule::FiveMinutes),
                ("/buffer_minutes".into(), GridRule::Minutes { min: 0, max: 120 }),
                ("/blocks/0/date".into(), GridRule::Date),
                ("/blocks/0/from".into(), GridRule::Time),
                ("/blocks/0/until".into(), GridRule::FiveMinutes),
                ("/blocks/1/until".into(), GridRule::Order),
                ("/blocks/2/breaks/0".into(), GridRule::OutsideBlock),
                ("/blocks/2/breaks/1/until".into(), GridRule::Order),
                ("/blocks/2/breaks/2/from".into(), GridRule::Time),
            ]
        );
        let overlap =
            grid(20, 0, vec![block("2026-11-23", "10:00", "11:00", &[]), block("2026-11-23", "09:00", "10:05", &[])]);
        assert_eq!(problems(&overlap, &zone), [("/blocks/0".into(), GridRule::Overlap { other: 1 })]);
        let narrow = grid(30, 0, vec![block("2026-11-23", "10:00", "10:25", &[])]);
        assert_eq!(problems(&narrow, &zone), [("/blocks/0".into(), GridRule::NoRoom)]);
        let berlin = "Europe/Berlin".parse().unwrap();
        let skipped = grid(30, 0, vec![block("2026-03-29", "02:30", "05:00", &[])]);
        assert_eq!(problems(&skipped, &berlin), [("/blocks/0/from".into(), GridRule::SkippedTime)]);
    }

    #[test]
    fn limits_hold() {
        let days: Vec<BlockDraft> =
            (1..=28).map(|day| block(&format!("2026-11-{day:02}"), "00:00", "23:55", &[])).collect();
        assert_eq!(
            problems(&grid(5, 0, days.clone()), &Zone::shanghai()),
            [("/blocks".into(), GridRule::TooMany { max: MAX_SLOTS })]
        );
        let many = days.iter().cycle().take(MAX_BLOCKS + 1).cloned().collect();
        assert_eq!(problems(&grid(5, 0, many), &Zone::shanghai())[0].1, GridRule::TooMany { max: MAX_BLOCKS });
        assert!(grid(20, 5, Vec::new()).slots(&Zone::shanghai()).unwrap().is_empty());
    }

    #[test]
    fn ticks_are_shared_exactly_by_spans_that_overlap() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(ticks(at("1970-01-01T00:00:00Z"), at("1970-01-01T00:20:00Z")), [0, 1, 2, 3]);
        assert_eq!(ticks(at("1970-01-01T00:04:59Z"), at("1970-01-01T00:05:00.5Z")), [0, 1]);
        assert_eq!(ticks(at("1969-12-31T23:55:00Z"), at("1970-01-01T00:00:00Z")), [-1]);
        assert!(ticks(at("1970-01-01T00:00:00Z"), at("1970-01-01T00:00:00Z")).is_empty());
    }
}
