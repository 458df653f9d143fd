//! What does not change while the server runs: divisions, sectors, run sheets, and the installation itself.

use serde::Serialize;
use utoipa::ToSchema;
use yunqia_domain::{Timestamp, divisions, locale::LocalText, run_sheet, sectors, states::AgendaKind};

/// This installation, for the frame of every page.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Instance {
    pub name: LocalText,
    pub demo: bool,
    pub version: String,
    /// The server's clock, so that a page can count down rightly on a computer whose clock is wrong.
    pub now: Timestamp,
    pub footer: Footer,
    pub file_bytes_max: u64,
    pub privacy_contact: Option<String>,
}

/// Lines that a public body must show; empty ones are not shown.
#[derive(Clone, Debug, Default, Serialize, serde::Deserialize, ToSchema)]
pub struct Footer {
    pub sponsor: Option<String>,
    pub contact: Option<String>,
    pub icp: Option<String>,
    pub police: Option<String>,
    pub map_review: Option<String>,
}

/// A division of Sichuan.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Division {
    /// GB/T 2260.
    pub code: String,
    pub level: divisions::Level,
    pub parent: Option<String>,
    pub name: LocalText,
    pub short: LocalText,
    pub pinyin: String,
    pub initials: String,
}

pub fn all_divisions() -> Vec<Division> {
    let view = |division: &divisions::Division| Division {
        code: division.code.clone(),
        level: division.level,
        parent: division.parent.clone(),
        name: division.names(),
        short: division.shorts(),
        pinyin: division.pinyin.clone(),
        initials: division.initials.clone(),
    };
    divisions::all().iter().map(view).collect()
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Sector {
    pub code: String,
    pub name: LocalText,
    /// `#rrggbb`, for charts and marks beside the name, never alone.
    pub colour: String,
    pub subsectors: Vec<Subsector>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Subsector {
    pub code: String,
    pub name: LocalText,
}

pub fn all_sectors() -> Vec<Sector> {
    let view = |sector: &sectors::Sector| Sector {
        code: sector.code.clone(),
        name: sector.name.clone(),
        colour: sector.colour.clone(),
        subsectors: sector
            .subsectors
            .iter()
            .map(|subsector| Subsector { code: subsector.code.clone(), name: subsector.name.clone() })
            .collect(),
    };
    sectors::all().iter().map(view).collect()
}

/// A programme from which a session can be made.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RunSheet {
    pub code: String,
    pub name: LocalText,
    pub items: Vec<RunSheetItem>,
    /// One-to-one talks after the programme; null where it has none.
    pub slots: Option<i64>,
    pub slot_minutes: Option<i64>,
    pub buffer_minutes: Option<i64>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RunSheetItem {
    pub kind: AgendaKind,
    pub minutes: i64,
    pub title: LocalText,
}

/// The run sheets for sessions held online.
pub fn all_run_sheets() -> Vec<RunSheet> {
    let view = |sheet: &run_sheet::RunSheet| RunSheet {
        code: sheet.code.clone(),
        name: sheet.name.clone(),
        items: sheet
            .items
            .iter()
            .map(|item| RunSheetItem { kind: item.kind, minutes: item.minutes, title: item.title.clone() })
            .collect(),
        slots: sheet.talks.as_ref().map(|talks| talks.slots),
        slot_minutes: sheet.talks.as_ref().map(|talks| talks.slot_minutes),
        buffer_minutes: sheet.talks.as_ref().map(|talks| talks.buffer_minutes),
    };
    run_sheet::online().map(view).collect()
}
