//! Days of the demo: working days around the day it is started, at office hours in Sichuan.

use jiff::{
    ToSpan,
    civil::{Date, Time},
};
use yunqia_domain::{Timestamp, holidays::Calendar, zones::Zone};

/// The first working day at least `days` after (or, negative, before) the day of `now`.
pub fn working_day(now: Timestamp, days: i32) -> Date {
    let step = if days < 0 { -1 } else { 1 };
    let mut date = Zone::shanghai().date_at(now.jiff()).saturating_add(days.days());
    while !Calendar::built_in().is_working_day(date) {
        date = date.saturating_add(step.days());
    }
    date
}

/// An instant of that day in Sichuan.
pub fn at(date: Date, hour: i8, minute: i8) -> Timestamp {
    let time = Time::new(hour, minute, 0, 0).expect("hours of the demo are written with care");
    Zone::shanghai().instant_at(date.to_datetime(time)).into()
}

/// `now`, cut to a multiple of five minutes.
pub fn five_minutes_before(now: Timestamp) -> Timestamp {
    let seconds = now.jiff().as_second();
    jiff::Timestamp::from_second(seconds - seconds.rem_euclid(300)).expect("a moment before now").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weekends_and_holidays_are_left_out() {
        // A Friday; the Saturday nine days on is followed by a Monday.
        let friday: Timestamp = "2026-11-20T03:00:00Z".parse().unwrap();
        assert_eq!(working_day(friday, 1).to_string(), "2026-11-23");
        assert_eq!(working_day(friday, -5).to_string(), "2026-11-13");
        assert_eq!(at(working_day(friday, 1), 9, 30).to_string(), "2026-11-23T01:30:00.000000Z");
    }
}
