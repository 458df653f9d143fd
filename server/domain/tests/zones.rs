//! Clock changes: the cases of data/time-zones.json and the hours that are skipped or come twice.

use jiff::Timestamp;
use jiff::civil::DateTime;
use yunqia_domain::zones::{Reading, Zone};

fn zone(name: &str) -> Zone {
    name.parse().unwrap()
}

fn wall(text: &str) -> DateTime {
    text.parse().unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn the_cases_of_the_table_hold() {
    let table: serde_json::Value = serde_json::from_str(include_str!("../data/time-zones.json")).unwrap();
    let zones = [("shanghai", "Asia/Shanghai"), ("berlin", "Europe/Berlin"), ("los_angeles", "America/Los_Angeles")];
    let mut checked = 0;
    for case in table["test_cases"].as_array().unwrap() {
        let instant = at(case["session_utc"].as_str().unwrap());
        for (key, name) in zones {
            if let Some(expected) = case[key].as_str() {
                let shown = zone(name).wall_at(instant).strftime("%Y-%m-%d %H:%M").to_string();
                assert_eq!(shown, expected, "{name} at {instant}");
                assert_eq!(zone(name).instant_at(wall(&expected.replace(' ', "T"))), instant);
                checked += 1;
            }
        }
    }
    assert_eq!(checked, 6);
}

#[test]
fn the_table_says_rightly_which_zones_change_their_clocks() {
    let table: serde_json::Value = serde_json::from_str(include_str!("../data/time-zones.json")).unwrap();
    for row in table["zones"].as_array().unwrap() {
        let zone = zone(row["tz"].as_str().unwrap());
        let (winter, summer) = (at("2026-01-15T00:00:00Z"), at("2026-07-15T00:00:00Z"));
        let changes = zone.tz().to_offset(winter) != zone.tz().to_offset(summer);
        assert_eq!(changes, row["dst"].as_bool().unwrap(), "{zone}");
    }
}

/// Every hour of the changeover weeks: an instant shown on a wall clock and read back is the same instant, or, in
/// the hour that comes twice, one of the two.
#[test]
fn changeover_weeks_of_europe_and_america() {
    let weeks = [
        ("Europe/Berlin", "2026-03-26T00:00:00Z"),
        ("Europe/Berlin", "2026-10-22T00:00:00Z"),
        ("Europe/London", "2026-03-26T00:00:00Z"),
        ("Europe/London", "2026-10-22T00:00:00Z"),
        ("America/New_York", "2026-03-05T00:00:00Z"),
        ("America/New_York", "2026-10-29T00:00:00Z"),
        ("America/Los_Angeles", "2026-03-05T00:00:00Z"),
        ("America/Los_Angeles", "2026-10-29T00:00:00Z"),
        ("Australia/Lord_Howe", "2026-04-01T00:00:00Z"),
        ("Australia/Lord_Howe", "2026-10-01T00:00:00Z"),
    ];
    for (name, from) in weeks {
        let (zone, from) = (zone(name), at(from));
        let mut changes = 0;
        for quarter in 0..7 * 24 * 4 {
            let instant = from + jiff::SignedDuration::from_mins(15 * quarter);
            match zone.reading(zone.wall_at(instant)) {
                Reading::Once(read) => assert_eq!(read, instant, "{name}"),
                Reading::Twice { first, second } => {
                    changes += 1;
                    assert!(first < second && (instant == first || instant == second), "{name} at {instant}");
                }
                Reading::Skipped { .. } => panic!("{name}: a clock never shows a skipped time ({instant})"),
            }
        }
        let autumn = from.to_string().contains("-10-") != name.starts_with("Australia")
            || (name.starts_with("Australia") && from.to_string().contains("-04-"));
        assert_eq!(changes > 0, autumn, "{name} from {from}");
    }
}

#[test]
fn a_skipped_time_moves_forward_by_the_gap() {
    for (name, skipped, moved) in [
        ("Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:30:00Z"),
        ("Europe/London", "2026-03-29T01:00", "2026-03-29T01:00:00Z"),
        ("America/New_York", "2026-03-08T02:59", "2026-03-08T07:59:00Z"),
        ("America/Los_Angeles", "2026-03-08T02:00", "2026-03-08T10:00:00Z"),
        ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:45:00Z"),
    ] {
        let zone = zone(name);
        assert_eq!(zone.reading(wall(skipped)), Reading::Skipped { moved: at(moved) }, "{name} {skipped}");
        assert_eq!(zone.instant_at(wall(skipped)), at(moved));
    }
}

#[test]
fn of_a_time_that_comes_twice_the_first_counts() {
    for (name, twice, first, second) in [
        ("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"),
        ("Europe/London", "2026-10-25T01:59", "2026-10-25T00:59:00Z", "2026-10-25T01:59:00Z"),
        ("America/New_York", "2026-11-01T01:00", "2026-11-01T05:00:00Z", "2026-11-01T06:00:00Z"),
        ("Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45:00Z", "2026-04-04T15:15:00Z"),
    ] {
        let zone = zone(name);
        assert_eq!(
            zone.reading(wall(twice)),
            Reading::Twice { first: at(first), second: at(second) },
            "{name} {twice}"
        );
        assert_eq!(zone.instant_at(wall(twice)), at(first));
    }
}

/// Office hours shared with Shanghai (09:00-18:00) move by an hour when Europe changes its clocks.
#[test]
fn the_shared_office_hour_with_berlin_moves() {
    let (shanghai, berlin) = (Zone::shanghai(), zone("Europe/Berlin"));
    let berlin_hour = |day: &str| berlin.wall_at(shanghai.instant_at(wall(&format!("{day}T16:00")))).hour();
    assert_eq!(berlin_hour("2026-03-27"), 9);
    assert_eq!(berlin_hour("2026-03-30"), 10);
    assert_eq!(berlin_hour("2026-10-23"), 10);
    assert_eq!(berlin_hour("2026-10-26"), 9);
}

#[test]
fn shanghai_has_had_no_change_since_1991() {
    let shanghai = Zone::shanghai();
    for day in (0..365 * 40).step_by(7) {
        let instant = at("1992-01-01T00:00:00Z") + jiff::SignedDuration::from_hours(24 * day);
        assert_eq!(shanghai.offset_text(instant), "UTC+8");
    }
}
