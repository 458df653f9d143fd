//! Time zones: an instant is one and the same for everybody, the clock on the wall is not.
//!
//! A session has a zone and every reader has one; pages and letters show both times, never a bare "15:00".
//! Zone rules come with the program (the IANA database inside jiff), so that every node reads the same clock.
//!
//! One rule reads a wall time that is skipped or that comes twice when clocks change, everywhere
//! ([`Zone::instant_at`], the rule of RFC 5545): a skipped time moves forward by the length of the gap, of a time that
//! comes twice the first one counts. [`Zone::reading`] tells the three cases apart for a form that wants to ask.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::locale::Locale;
use crate::refusal::Refusal;
use crate::text_value::text_value;

static DATABASE: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);
static NAMES: LazyLock<Vec<ZoneName>> = LazyLock::new(load_names);
static BY_NAME: LazyLock<HashMap<&'static str, &'static ZoneName>> =
    LazyLock::new(|| NAMES.iter().map(|name| (name.tz.as_str(), name)).collect());

/// The hours in which no reminder is sent (local time): from 22:00 to 08:00.
pub const QUIET_FROM: Time = Time::constant(22, 0, 0, 0);
pub const QUIET_UNTIL: Time = Time::constant(8, 0, 0, 0);

/// A time zone by its IANA name, for example `Asia/Shanghai`.
#[derive(Debug, Clone, PartialEq, Eq, ToSchema)]
#[schema(value_type = String, example = "Asia/Shanghai")]
pub struct Zone(TimeZone);

/// A name that is no zone of the IANA database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not the name of a time zone, such as Asia/Shanghai")]
pub struct UnknownZone;

impl From<UnknownZone> for Refusal {
    fn from(_: UnknownZone) -> Refusal {
        Refusal::ZoneUnknown
    }
}

/// How the clocks of a zone know a wall time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// The ordinary case.
    Once(Timestamp),
    /// Clocks jump over it; `moved` is the time as far after the jump as the wall time was into the gap.
    Skipped { moved: Timestamp },
    /// Clocks are put back and show it twice.
    Twice { first: Timestamp, second: Timestamp },
}

/// What a zone is called in three languages, for a list to choose from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ZoneName {
    pub tz: String,
    pub hans: String,
    pub hant: String,
    pub en: String,
}

/// A moment as the session's clock and the reader's clock show it. `own` is `None` when both clocks agree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct BothTimes {
    /// "2026年11月23日 星期一 15:00（北京时间）"
    pub session: String,
    /// "08:00（柏林时间）"; with its date when that differs from the session's.
    pub own: Option<String>,
    #[serde(skip)]
    locale: Locale,
}

impl Zone {
    /// The zone of sessions unless their host says otherwise: UTC+8, no daylight saving.
    pub fn shanghai() -> Zone {
        "Asia/Shanghai".parse().expect("the bundled database has Asia/Shanghai")
    }

    pub fn as_str(&self) -> &str {
        self.0.iana_name().expect("a Zone is only made from a name")
    }

    pub fn tz(&self) -> &TimeZone {
        &self.0
    }

    /// The instant of a wall time, by the rule at the head of this file.
    pub fn instant_at(&self, wall: DateTime) -> Timestamp {
        match self.reading(wall) {
            Reading::Once(instant) | Reading::Skipped { moved: instant } | Reading::Twice { first: instant, .. } => {
                instant
            }
        }
    }

    /// How the clocks of this zone know a wall time. Times outside the years -9999 to 9999 are held to that range.
    pub fn reading(&self, wall: DateTime) -> Reading {
        let at = |offset: jiff::tz::Offset| {
            offset.to_timestamp(wall).unwrap_or(if wall.year() < 0 { Timestamp::MIN } else { Timestamp::MAX })
        };
        match self.0.to_ambiguous_timestamp(wall).offset() {
            AmbiguousOffset::Unambiguous { offset } => Reading::Once(at(offset)),
            // Read with the offset from before the jump, the time lands after it.
            AmbiguousOffset::Gap { before, .. } => Reading::Skipped { moved: at(before) },
            AmbiguousOffset::Fold { before, after } => Reading::Twice { first: at(before), second: at(after) },
        }
    }

    /// What the clock on the wall shows at an instant.
    pub fn wall_at(&self, instant: impl Into<Timestamp>) -> DateTime {
        self.0.to_datetime(instant.into())
    }

    /// The calendar day of an instant in this zone.
    pub fn date_at(&self, instant: impl Into<Timestamp>) -> Date {
        self.wall_at(instant).date()
    }

    /// Midnight, or the first instant of a day that has none.
    pub fn day_start(&self, date: Date) -> Timestamp {
        self.instant_at(date.at(0, 0, 0, 0))
    }

    /// The difference to UTC at an instant: "UTC+8", "UTC-3:30".
    pub fn offset_text(&self, instant: impl Into<Timestamp>) -> String {
        let minutes = self.0.to_offset(instant.into()).seconds() / 60;
        let sign = if minutes < 0 { '-' } else { '+' };
        match (minutes.abs() / 60, minutes.abs() % 60) {
            (0, 0) => "UTC".into(),
            (hours, 0) => format!("UTC{sign}{hours}"),
            (hours, rest) => format!("UTC{sign}{hours}:{rest:02}"),
        }
    }

    /// What people call this zone: "北京时间", "Beijing time". A zone without a name of ours shows its city.
    pub fn name_in(&self, locale: Locale) -> String {
        if let Some(name) = BY_NAME.get(self.as_str()) {
            return locale.pick(&name.hans, &name.hant, &name.en).clone();
        }
        let city = self.as_str().rsplit('/').next().unwrap_or_default().replace('_', " ");
        locale.pick(format!("{city} 时间"), format!("{city} 時間"), format!("{city} time"))
    }

    /// When quiet hours (22:00 to 08:00) hold at an instant: the instant at which they end. Otherwise `None`.
    pub fn quiet_until(&self, instant: impl Into<Timestamp>) -> Option<Timestamp> {
        let wall = self.wall_at(instant);
        if wall.time() < QUIET_UNTIL {
            Some(self.instant_at(wall.date().to_datetime(QUIET_UNTIL)))
        } else if wall.time() >= QUIET_FROM {
            let tomorrow = wall.date().tomorrow().unwrap_or(wall.date());
            Some(self.instant_at(tomorrow.to_datetime(QUIET_UNTIL)))
        } else {
            None
        }
    }
}

impl FromStr for Zone {
    type Err = UnknownZone;

    /// Upper and lower case do not matter; the name is kept as the database spells it.
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let plausible = name.len() <= 64 && (name.contains('/') || name.eq_ignore_ascii_case("UTC"));
        let zone = plausible.then(|| DATABASE.get(name).ok()).flatten().ok_or(UnknownZone)?;
        match zone.iana_name() {
            Some("Etc/Unknown") | None => Err(UnknownZone),
            Some(_) => Ok(Zone(zone)),
        }
    }
}

impl Hash for Zone {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

text_value!(Zone);

/// Stored instants can be given wherever this file asks for an instant.
impl From<crate::Timestamp> for Timestamp {
    fn from(instant: crate::Timestamp) -> Timestamp {
        instant.jiff()
    }
}

/// The zones that have a name in three languages, the likely ones first.
pub fn named_zones() -> &'static [ZoneName] {
    &NAMES
}

/// "2026年11月23日 星期一", "Mon 23 Nov 2026".
pub fn date_text(date: Date, locale: Locale) -> String {
    let (year, month, day, weekday) = (date.year(), date.month(), date.day(), weekday_text(date.weekday(), locale));
    match locale {
        Locale::ZhHans | Locale::ZhHant => format!("{year}年{month}月{day}日 {weekday}"),
        Locale::En => format!("{weekday} {day} {} {year}", month_text(month)),
    }
}

/// "15:00"
pub fn time_text(time: Time) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

/// "星期一", "Mon"
pub fn weekday_text(weekday: Weekday, locale: Locale) -> &'static str {
    let index = weekday.to_monday_zero_offset() as usize;
    match locale {
        Locale::En => ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][index],
        _ => ["星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日"][index],
    }
}

/// An instant with everything a reader needs: "2026年11月23日 星期一 15:00（北京时间）",
/// "Mon 23 Nov 2026, 15:00 (Beijing time)".
pub fn instant_text(instant: impl Into<Timestamp>, zone: &Zone, locale: Locale) -> String {
    let instant = instant.into();
    span_text(instant, instant, zone, locale)
}

/// A span of time: "2026年11月23日 星期一 15:00–15:20（北京时间）"; the end has its date when the day changes.
pub fn span_text(start: impl Into<Timestamp>, end: impl Into<Timestamp>, zone: &Zone, locale: Locale) -> String {
    let (start, end) = (zone.wall_at(start), zone.wall_at(end));
    let clock = format!("{}{}", dated(start, locale), until(start, end, locale));
    in_zone(&clock, zone, locale)
}

/// An instant on the session's clock and on the reader's own.
pub fn both_times(instant: impl Into<Timestamp>, session_zone: &Zone, own_zone: &Zone, locale: Locale) -> BothTimes {
    let instant = instant.into();
    both_spans(instant, instant, session_zone, own_zone, locale)
}

/// A span of time on the session's clock and on the reader's own.
pub fn both_spans(
    start: impl Into<Timestamp>,
    end: impl Into<Timestamp>,
    session_zone: &Zone,
    own_zone: &Zone,
    locale: Locale,
) -> BothTimes {
    let (start, end) = (start.into(), end.into());
    let session = span_text(start, end, session_zone, locale);
    let (here, own_start, own_end) = (session_zone.wall_at(start), own_zone.wall_at(start), own_zone.wall_at(end));
    let same_clock = here == own_start && session_zone.wall_at(end) == own_end;
    let own = (!same_clock).then(|| {
        let from = if here.date() == own_start.date() { time_text(own_start.time()) } else { dated(own_start, locale) };
        in_zone(&format!("{from}{}", until(own_start, own_end, locale)), own_zone, locale)
    });
    BothTimes { session, own, locale }
}

impl std::fmt::Display for BothTimes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.session)?;
        match &self.own {
            Some(own) => write!(f, "{}{own}", self.locale.pick("，", "，", ", ")),
            None => Ok(()),
        }
    }
}

fn dated(wall: DateTime, locale: Locale) -> String {
    format!("{}{}{}", date_text(wall.date(), locale), locale.pick(" ", " ", ", "), time_text(wall.time()))
}

fn until(start: DateTime, end: DateTime, locale: Locale) -> String {
    match () {
        () if end == start => String::new(),
        () if end.date() == start.date() => format!("–{}", time_text(end.time())),
        () => format!(" – {}", dated(end, locale)),
    }
}

fn in_zone(clock: &str, zone: &Zone, locale: Locale) -> String {
    let name = zone.name_in(locale);
    locale.pick(format!("{clock}（{name}）"), format!("{clock}（{name}）"), format!("{clock} ({name})"))
}

fn month_text(month: i8) -> &'static str {
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][(month - 1) as usize]
}

fn load_names() -> Vec<ZoneName> {
    #[derive(Deserialize)]
    struct File {
        zones: Vec<ZoneName>,
    }
    let read = |text| serde_json::from_str::<File>(text).expect("the zone tables in data/ are checked by a test").zones;
    let mut names = read(include_str!("../data/time-zones.json"));
    names.extend(read(include_str!("../data/zone-names.json")));
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> Zone {
        name.parse().unwrap()
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn names_are_checked_and_spelled_as_the_database_does() {
        assert_eq!(zone("asia/shanghai").as_str(), "Asia/Shanghai");
        assert_eq!(zone("utc").as_str(), "UTC");
        for wrong in ["", "Shanghai", "Asia/Chengdu", "+08:00", "CST", "../etc/passwd", "Etc/Unknown", "Local/Time"] {
            assert!(wrong.parse::<Zone>().is_err(), "{wrong}");
        }
        assert!(serde_json::from_str::<Zone>(r#""Mars/Olympus""#).is_err());
        assert_eq!(serde_json::to_string(&zone("Europe/Berlin")).unwrap(), r#""Europe/Berlin""#);
    }

    #[test]
    fn every_named_zone_exists_once_and_has_three_names() {
        for name in named_zones() {
            assert_eq!(zone(&name.tz).as_str(), name.tz);
            assert!(![&name.hans, &name.hant, &name.en].iter().any(|text| text.is_empty()));
            assert_eq!(named_zones().iter().filter(|other| other.tz == name.tz).count(), 1, "{}", name.tz);
        }
    }

    #[test]
    fn an_instant_reads_well_in_three_languages() {
        let (moment, shanghai) = (at("2026-11-23T07:00:00Z"), Zone::shanghai());
        let text = |locale| instant_text(moment, &shanghai, locale);
        assert_eq!(text(Locale::ZhHans), "2026年11月23日 星期一 15:00（北京时间）");
        assert_eq!(text(Locale::ZhHant), "2026年11月23日 星期一 15:00（北京時間）");
        assert_eq!(text(Locale::En), "Mon 23 Nov 2026, 15:00 (Beijing time)");
    }

    #[test]
    fn a_zone_without_a_name_of_ours_shows_its_city() {
        assert_eq!(zone("America/Port-au-Prince").name_in(Locale::En), "Port-au-Prince time");
        assert_eq!(zone("Africa/El_Aaiun").name_in(Locale::ZhHans), "El Aaiun 时间");
    }

    #[test]
    fn both_clocks_are_shown_unless_they_agree() {
        let shanghai = Zone::shanghai();
        let show = |t: &str, own: &str, l| both_times(at(t), &shanghai, &zone(own), l).to_string();
        assert_eq!(
            show("2026-11-23T07:00:00Z", "Europe/Berlin", Locale::ZhHans),
            "2026年11月23日 星期一 15:00（北京时间），08:00（柏林时间）"
        );
        assert_eq!(
            show("2025-03-12T01:00:00Z", "America/Los_Angeles", Locale::En),
            "Wed 12 Mar 2025, 09:00 (Beijing time), Tue 11 Mar 2025, 18:00 (Los Angeles time)"
        );
        assert_eq!(
            show("2026-11-23T07:00:00Z", "Asia/Hong_Kong", Locale::ZhHant),
            "2026年11月23日 星期一 15:00（北京時間）"
        );
    }

    #[test]
    fn spans_name_the_second_day_when_there_is_one() {
        let shanghai = Zone::shanghai();
        assert_eq!(
            span_text(at("2026-11-23T07:00:00Z"), at("2026-11-23T07:20:00Z"), &shanghai, Locale::ZhHans),
            "2026年11月23日 星期一 15:00–15:20（北京时间）"
        );
        assert_eq!(
            span_text(at("2026-11-23T15:50:00Z"), at("2026-11-23T16:10:00Z"), &shanghai, Locale::En),
            "Mon 23 Nov 2026, 23:50 – Tue 24 Nov 2026, 00:10 (Beijing time)"
        );
    }

    #[test]
    fn offsets_are_written_short() {
        let now = at("2026-07-01T00:00:00Z");
        for (name, want) in [("Asia/Shanghai", "UTC+8"), ("America/St_Johns", "UTC-2:30"), ("UTC", "UTC")] {
            assert_eq!(zone(name).offset_text(now), want);
        }
    }

    #[test]
    fn quiet_hours_end_at_eight() {
        let shanghai = Zone::shanghai();
        let quiet = |wall: &str| shanghai.quiet_until(shanghai.instant_at(wall.parse().unwrap()));
        let eight = |wall: &str| Some(shanghai.instant_at(wall.parse().unwrap()));
        assert_eq!(quiet("2026-11-23T21:59"), None);
        assert_eq!(quiet("2026-11-23T22:00"), eight("2026-11-24T08:00"));
        assert_eq!(quiet("2026-11-24T00:30"), eight("2026-11-24T08:00"));
        assert_eq!(quiet("2026-11-24T08:00"), None);
    }
}
