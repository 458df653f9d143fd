//! Working days of mainland China: weekends, statutory holidays, and the weekends that are worked in return.
//!
//! Next year's holidays are published late in the year before, so the table is data that can be replaced. In a year
//! that the table does not cover, Monday to Friday are working days.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use serde::Deserialize;

use crate::locale::{LocalText, Locale};

static BUILT_IN: LazyLock<Calendar> = LazyLock::new(|| {
    Calendar::from_json(include_str!("../data/holidays-cn.json")).expect("data/holidays-cn.json is checked by a test")
});

/// Which days are worked.
#[derive(Debug, Clone, Default)]
pub struct Calendar {
    days: BTreeMap<Date, Day>,
    years: BTreeSet<i16>,
}

/// A day that is not what its weekday makes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day {
    /// A day off; otherwise a weekend that is worked (调休上班).
    pub off: bool,
    /// The holiday it belongs to.
    pub name: LocalText,
}

impl Calendar {
    /// The table that comes with the program.
    pub fn built_in() -> &'static Calendar {
        &BUILT_IN
    }

    /// Reads a table in the form of `data/holidays-cn.json`.
    pub fn from_json(text: &str) -> Result<Calendar, serde_json::Error> {
        let file: File = serde_json::from_str(text)?;
        let years = file.days.iter().map(|day| day.date.year()).collect();
        let days = file.days.into_iter().map(|day| (day.date, Day { off: day.off, name: day.name() }));
        Ok(Calendar { days: days.collect(), years })
    }

    /// Whether the holidays of a year are known. Where they are not, a view says so.
    pub fn covers(&self, year: i16) -> bool {
        self.years.contains(&year)
    }

    /// A holiday or a worked weekend, with its name.
    pub fn special(&self, date: Date) -> Option<&Day> {
        self.days.get(&date)
    }

    pub fn is_working_day(&self, date: Date) -> bool {
        match self.special(date) {
            Some(day) => !day.off,
            None => !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday),
        }
    }

    /// The working day that is `count` working days after `date` (before it, when negative). With 0, the date itself
    /// or the first working day after it.
    pub fn add_working_days(&self, date: Date, count: i32) -> Date {
        let step = if count < 0 { (-1).days() } else { 1.days() };
        let mut day = date;
        if count == 0 {
            while !self.is_working_day(day) {
                day = day.saturating_add(step);
            }
        }
        let mut left = count.unsigned_abs();
        // The ends of the calendar (years -9999 and 9999) hold the loop.
        while left > 0 && day != Date::MIN && day != Date::MAX {
            day = day.saturating_add(step);
            left -= u32::from(self.is_working_day(day));
        }
        day
    }

    /// Working days after `from` up to and including `to`; 0 when `to` is not later.
    pub fn working_days_between(&self, from: Date, to: Date) -> i64 {
        let days = from.series(1.day()).skip(1).take_while(|day| *day <= to);
        days.filter(|day| self.is_working_day(*day)).count() as i64
    }
}

#[derive(Deserialize)]
struct File {
    days: Vec<RawDay>,
}

#[derive(Deserialize)]
struct RawDay {
    date: Date,
    off: bool,
    name_hans: String,
    name_en: String,
}

impl RawDay {
    fn name(&self) -> LocalText {
        let mut name = LocalText { hans: Some(self.name_hans.clone()), hant: None, en: Some(self.name_en.clone()) };
        name.hant = TRADITIONAL.iter().find(|(hans, _)| *hans == self.name_hans).map(|(_, hant)| (*hant).to_owned());
        name
    }
}

/// The names of the statutory holidays in Traditional script; the table has them in Simplified and English.
const TRADITIONAL: [(&str, &str); 8] = [
    ("元旦", "元旦"),
    ("春节", "春節"),
    ("清明节", "清明節"),
    ("劳动节", "勞動節"),
    ("端午节", "端午節"),
    ("中秋节", "中秋節"),
    ("国庆节", "國慶節"),
    ("国庆节、中秋节", "國慶節、中秋節"),
];

/// "国庆节", "國慶節", "National Day", and for a worked weekend that it is one.
pub fn day_text(day: &Day, locale: Locale) -> String {
    let name = day.name.text(locale);
    match (day.off, locale) {
        (true, _) => name.to_owned(),
        (false, Locale::ZhHans) => format!("{name}调休上班"),
        (false, Locale::ZhHant) => format!("{name}調休上班"),
        (false, Locale::En) => format!("working day in return for {name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn every_holiday_has_a_name_in_three_languages() {
        let calendar = Calendar::built_in();
        assert_eq!(calendar.days.len(), 182);
        for (date, day) in &calendar.days {
            assert!(Locale::ALL.iter().all(|locale| day.name.get(*locale).is_some()), "{date}: {:?}", day.name);
        }
        assert_eq!(day_text(calendar.special(day("2026-02-14")).unwrap(), Locale::ZhHant), "春節調休上班");
    }

    #[test]
    fn worked_weekends_and_days_off() {
        let calendar = Calendar::built_in();
        for worked in ["2026-02-14", "2026-02-28", "2026-11-23"] {
            assert!(calendar.is_working_day(day(worked)), "{worked}");
        }
        for off in ["2026-02-17", "2026-10-01", "2026-11-22", "2026-01-01"] {
            assert!(!calendar.is_working_day(day(off)), "{off}");
        }
    }

    #[test]
    fn counting_skips_holidays_and_uses_worked_weekends() {
        let calendar = Calendar::built_in();
        // The Friday before Spring Festival 2026, then the worked Saturday, then the days after the holiday.
        assert_eq!(calendar.add_working_days(day("2026-02-13"), 1), day("2026-02-14"));
        assert_eq!(calendar.add_working_days(day("2026-02-14"), 1), day("2026-02-24"));
        assert_eq!(calendar.add_working_days(day("2026-02-24"), -1), day("2026-02-14"));
        assert_eq!(calendar.add_working_days(day("2026-10-01"), 0), day("2026-10-08"));
        assert_eq!(calendar.add_working_days(day("2026-11-23"), 0), day("2026-11-23"));
        assert_eq!(calendar.working_days_between(day("2026-02-13"), day("2026-02-24")), 2);
        assert_eq!(calendar.working_days_between(day("2026-02-24"), day("2026-02-13")), 0);
    }

    #[test]
    fn an_unknown_year_has_plain_weeks() {
        let calendar = Calendar::built_in();
        assert!(calendar.covers(2026) && !calendar.covers(2027));
        assert!(calendar.is_working_day(day("2027-10-01")));
        assert!(!calendar.is_working_day(day("2027-10-02")));
        assert_eq!(calendar.add_working_days(day("2027-01-01"), 5), day("2027-01-08"));
    }

    #[test]
    fn every_weekend_marked_as_worked_is_a_weekend() {
        for (date, special) in &Calendar::built_in().days {
            let weekend = matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday);
            assert!(special.off || weekend, "{date}");
        }
    }
}
