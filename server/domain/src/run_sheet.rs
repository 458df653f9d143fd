//! Run sheets: the agendas that a session can be created from, from `data/run-sheets.json`.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{locale::LocalText, states::AgendaKind};

static RUN_SHEETS: LazyLock<Vec<RunSheet>> = LazyLock::new(|| {
    let file: File = serde_json::from_str(include_str!("../data/run-sheets.json"))
        .expect("data/run-sheets.json is checked by a test");
    file.templates.into_iter().map(RunSheet::from).collect()
});

/// An agenda to start from and, where talks follow it, the grid that suits them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RunSheet {
    pub code: String,
    pub name: LocalText,
    /// How many companies it was made for: "10-22".
    pub companies: String,
    /// In order; empty for a visit, which has days instead of an agenda.
    pub items: Vec<RunSheetItem>,
    pub talks: Option<TalksAfter>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RunSheetItem {
    pub kind: AgendaKind,
    pub minutes: i64,
    pub title: LocalText,
}

/// The one-to-one talks after the agenda.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TalksAfter {
    pub slots: i64,
    pub slot_minutes: i64,
    pub buffer_minutes: i64,
    /// Desks that talk at the same time, where the sheet says so.
    pub parallel_desks: Option<i64>,
}

impl RunSheet {
    /// From the opening of the lobby to the end.
    pub fn total_minutes(&self) -> i64 {
        self.items.iter().map(|item| item.minutes).sum()
    }

    /// Without the time in which people only arrive; this is the length a sheet is named by.
    pub fn programme_minutes(&self) -> i64 {
        self.items.iter().filter(|item| item.kind != AgendaKind::Lobby).map(|item| item.minutes).sum()
    }
}

impl TalksAfter {
    /// From the beginning of the first talk to the end of the last.
    pub fn total_minutes(&self) -> i64 {
        self.slots * self.slot_minutes + (self.slots - 1).max(0) * self.buffer_minutes
    }
}

/// The run sheets for online sessions, the usual one first.
pub fn online() -> impl Iterator<Item = &'static RunSheet> {
    RUN_SHEETS.iter().filter(|sheet| !sheet.items.is_empty())
}

/// All run sheets, also those of visits.
pub fn all() -> &'static [RunSheet] {
    &RUN_SHEETS
}

pub fn find(code: &str) -> Option<&'static RunSheet> {
    RUN_SHEETS.iter().find(|sheet| sheet.code == code)
}

#[derive(Deserialize)]
struct File {
    templates: Vec<RawSheet>,
}

#[derive(Deserialize)]
struct RawSheet {
    code: String,
    hans: String,
    hant: String,
    en: String,
    companies: String,
    #[serde(default)]
    items: Vec<RawItem>,
    followed_by: Option<TalksAfter>,
}

#[derive(Deserialize)]
struct RawItem {
    kind: AgendaKind,
    minutes: i64,
    hans: String,
    hant: String,
    en: String,
}

impl From<RawSheet> for RunSheet {
    fn from(raw: RawSheet) -> RunSheet {
        let items = raw.items.into_iter().map(|item| RunSheetItem {
            kind: item.kind,
            minutes: item.minutes,
            title: LocalText::new(item.hans, item.hant, item.en),
        });
        RunSheet {
            code: raw.code,
            name: LocalText::new(raw.hans, raw.hant, raw.en),
            companies: raw.companies,
            items: items.collect(),
            talks: raw.followed_by,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locale::Locale;

    #[test]
    fn sheets_are_as_long_as_their_names_say() {
        let county = find("county_online_90").unwrap();
        assert_eq!((county.programme_minutes(), county.total_minutes()), (90, 105));
        assert_eq!(find("series_online_120").unwrap().total_minutes(), 120);
        assert_eq!(
            online().map(|sheet| sheet.code.as_str()).collect::<Vec<_>>(),
            ["county_online_90", "series_online_120"]
        );
        assert_eq!(all().len(), 3);
    }

    #[test]
    fn talks_follow() {
        let talks = find("series_online_120").unwrap().talks.unwrap();
        assert_eq!((talks.slots, talks.parallel_desks, talks.total_minutes()), (9, Some(39), 9 * 20 + 8 * 5));
        assert_eq!(find("county_online_90").unwrap().talks.unwrap().total_minutes(), 145);
    }

    #[test]
    fn every_item_has_three_languages_and_a_length() {
        for item in all().iter().flat_map(|sheet| &sheet.items) {
            assert!(item.minutes > 0 && Locale::ALL.iter().all(|locale| item.title.get(*locale).is_some()));
        }
    }
}
