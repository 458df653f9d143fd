//! Times as letters show them: on the session's clock, and on the reader's own when the two differ.

use serde::Serialize;
use yunqia_domain::{
    Timestamp,
    locale::Locale,
    zones::{Zone, both_spans, time_text},
};

/// The clocks of one letter.
pub(crate) struct Clocks<'a> {
    pub(crate) session: &'a Zone,
    pub(crate) own: &'a Zone,
    pub(crate) locale: Locale,
}

/// A span of time in words.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct SpanWords {
    /// With date, weekday and zone, on the session's clock.
    when: String,
    /// On the reader's clock; null when both clocks agree.
    when_yours: Option<String>,
    /// For a subject: day, start and zone.
    short: String,
}

/// A moment in words.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct MomentWords {
    at: String,
    at_yours: Option<String>,
}

impl Clocks<'_> {
    pub(crate) fn span(&self, starts_at: Timestamp, ends_at: Timestamp) -> SpanWords {
        let both = both_spans(starts_at.jiff(), ends_at.jiff(), self.session, self.own, self.locale);
        SpanWords { when: both.session, when_yours: both.own, short: self.short(starts_at) }
    }

    pub(crate) fn moment(&self, at: Timestamp) -> MomentWords {
        let both = both_spans(at.jiff(), at.jiff(), self.session, self.own, self.locale);
        MomentWords { at: both.session, at_yours: both.own }
    }

    /// "3月12日 14:00（北京时间）", "12 Mar, 14:00 (Beijing time)": a subject has no room for year and weekday.
    fn short(&self, at: Timestamp) -> String {
        let wall = self.session.wall_at(at.jiff());
        let (month, day, time) = (wall.month(), wall.day(), time_text(wall.time()));
        let zone = self.session.name_in(self.locale);
        match self.locale {
            Locale::En => format!("{}, {time} ({zone})", wall.date().strftime("%-d %b")),
            Locale::ZhHans | Locale::ZhHant => format!("{month}月{day}日 {time}（{zone}）"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guest_abroad_sees_both_clocks_and_a_neighbour_one() {
        let (shanghai, berlin): (Zone, Zone) = (Zone::shanghai(), "Europe/Berlin".parse().unwrap());
        let (start, end) = ("2026-03-30T07:00:00Z".parse().unwrap(), "2026-03-30T07:20:00Z".parse().unwrap());
        let abroad = Clocks { session: &shanghai, own: &berlin, locale: Locale::En }.span(start, end);
        assert_eq!(abroad.when, "Mon 30 Mar 2026, 15:00–15:20 (Beijing time)");
        assert_eq!(abroad.when_yours.as_deref(), Some("09:00–09:20 (Berlin time)"), "summer time began the day before");
        assert_eq!(abroad.short, "30 Mar, 15:00 (Beijing time)");
        let near = Clocks { session: &shanghai, own: &shanghai, locale: Locale::ZhHant }.span(start, end);
        assert_eq!((near.when_yours, near.short.as_str()), (None, "3月30日 15:00（北京時間）"));
    }
}
