//! Properties of slot grids, for many grids in zones with and without changes of clocks.

use proptest::prelude::*;
use yunqia_domain::slot_grid::{BlockDraft, BreakDraft, GridDraft, SlotTime};
use yunqia_domain::zones::Zone;

/// A wall time in steps of five minutes.
fn wall(step: u32) -> String {
    format!("{:02}:{:02}", step / 12, step % 12 * 5)
}

fn block() -> impl Strategy<Value = BlockDraft> {
    let days =
        prop_oneof![Just("2026-03-08"), Just("2026-03-29"), Just("2026-10-25"), Just("2026-11-01"), Just("2026-11-23")];
    (days, 0u32..280, 6u32..120, proptest::collection::vec((0u32..100, 1u32..12), 0..3)).prop_map(
        |(date, from, length, pauses)| {
            let until = (from + length).min(287);
            let breaks = pauses.into_iter().map(|(offset, length)| {
                let start = (from + offset).min(until - 1);
                BreakDraft { from: wall(start), until: wall((start + length).min(until)) }
            });
            BlockDraft { date: date.into(), from: wall(from), until: wall(until), breaks: breaks.collect() }
        },
    )
}

fn grid() -> impl Strategy<Value = GridDraft> {
    (1i64..12, 0i64..5, proptest::collection::vec(block(), 1..4)).prop_map(|(slot, buffer, blocks)| GridDraft {
        slot_minutes: slot * 5,
        buffer_minutes: buffer * 5,
        blocks,
    })
}

fn zone() -> impl Strategy<Value = Zone> {
    let names = ["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"];
    proptest::sample::select(names.to_vec()).prop_map(|name| name.parse().unwrap())
}

fn within(slot: SlotTime, block: &BlockDraft, zone: &Zone) -> bool {
    let at = |time: &str| zone.instant_at(format!("{}T{time}", block.date).parse().unwrap());
    slot.start >= at(&block.from) && slot.end <= at(&block.until)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn slots_keep_every_rule(grid in grid(), zone in zone()) {
        let Ok(slots) = grid.slots(&zone) else { return Ok(()) };
        prop_assert!(!slots.is_empty());
        for pair in slots.windows(2) {
            prop_assert!(!pair[0].overlaps(pair[1]));
            prop_assert!(pair[1].start.duration_since(pair[0].end).as_mins() >= grid.buffer_minutes);
        }
        for slot in &slots {
            prop_assert_eq!(slot.minutes(), grid.slot_minutes);
            prop_assert_eq!(slot.start.as_second() % 300, 0);
            prop_assert_eq!(slot.ticks().len() as i64 * 5, grid.slot_minutes);
            let block = grid.blocks.iter().find(|block| within(*slot, block, &zone));
            prop_assert!(block.is_some());
            for pause in &block.unwrap().breaks {
                let at = |time: &str| zone.instant_at(format!("{}T{time}", block.unwrap().date).parse().unwrap());
                let pause = SlotTime { start: at(&pause.from), end: at(&pause.until) };
                prop_assert!(pause.start >= pause.end || !slot.overlaps(pause));
            }
        }
    }

    #[test]
    fn two_slots_share_a_tick_exactly_when_they_overlap(a in 0i64..60, b in 0i64..60, la in 1i64..12, lb in 1i64..12) {
        let slot = |start: i64, length: i64| SlotTime {
            start: jiff::Timestamp::from_second(1_800_000_000 + start * 300).unwrap(),
            end: jiff::Timestamp::from_second(1_800_000_000 + (start + length) * 300).unwrap(),
        };
        let (one, two) = (slot(a, la), slot(b, lb));
        let shared = one.ticks().iter().any(|tick| two.ticks().contains(tick));
        prop_assert_eq!(shared, one.overlaps(two));
    }
}

/// How often the random grids are accepted: a property over refusals alone would prove nothing.
#[test]
fn most_random_grids_are_accepted() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let accepted =
        (0..200).filter(|_| grid().new_tree(&mut runner).unwrap().current().slots(&Zone::shanghai()).is_ok()).count();
    assert!(accepted > 60, "{accepted} of 200");
}
