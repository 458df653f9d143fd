//! The sectors of the opportunity list, from `data/sectors.json`.
//!
//! A taxonomy has an id and dates, because the province renames its sectors: eight sectors in 2022, six leading
//! industries from 2023. A project keeps the code it was published under; the first taxonomy, which has sub-sectors,
//! is the one that companies and projects choose from.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::locale::LocalText;

static TAXONOMIES: LazyLock<Vec<Taxonomy>> = LazyLock::new(|| {
    let file: File =
        serde_json::from_str(include_str!("../data/sectors.json")).expect("data/sectors.json is checked by a test");
    file.taxonomy.into_iter().map(Taxonomy::from).collect()
});

/// A list of sectors that was in force for a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taxonomy {
    pub id: String,
    /// First and last day in force; no last day while it is.
    pub valid_from: String,
    pub valid_to: Option<String>,
    pub sectors: Vec<Sector>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Sector {
    pub code: String,
    pub name: LocalText,
    /// `#rrggbb`, for charts and maps; empty in a taxonomy without colours.
    pub colour: String,
    /// Divisions of GB/T 4754 that belong to it: `C39`.
    pub gbt4754: Vec<String>,
    pub subsectors: Vec<Subsector>,
    /// What this sector took over from the first taxonomy: a sector's code, or `sector/subsector` for a part of one.
    pub maps_from: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Subsector {
    pub code: String,
    pub name: LocalText,
}

/// All taxonomies, the one to choose from first.
pub fn taxonomies() -> &'static [Taxonomy] {
    &TAXONOMIES
}

/// The sectors that companies and projects choose from, in their official order.
pub fn all() -> &'static [Sector] {
    &TAXONOMIES[0].sectors
}

pub fn find(code: &str) -> Option<&'static Sector> {
    all().iter().find(|sector| sector.code == code)
}

pub fn subsector(sector: &str, code: &str) -> Option<&'static Subsector> {
    find(sector)?.subsectors.iter().find(|subsector| subsector.code == code)
}

#[derive(Deserialize)]
struct File {
    taxonomy: Vec<RawTaxonomy>,
}

#[derive(Deserialize)]
struct RawTaxonomy {
    id: String,
    valid_from: String,
    valid_to: Option<String>,
    sectors: Vec<RawSector>,
}

#[derive(Deserialize)]
struct RawSector {
    code: String,
    hans: String,
    hant: String,
    en: String,
    #[serde(default)]
    colour: String,
    #[serde(default)]
    gbt4754: Vec<String>,
    #[serde(default)]
    subsectors: Vec<RawSubsector>,
    #[serde(default)]
    maps_from: Vec<String>,
}

#[derive(Deserialize)]
struct RawSubsector {
    code: String,
    hans: String,
    hant: String,
    en: String,
}

impl From<RawTaxonomy> for Taxonomy {
    fn from(raw: RawTaxonomy) -> Taxonomy {
        let sectors = raw.sectors.into_iter().map(|sector| Sector {
            code: sector.code,
            name: LocalText::new(sector.hans, sector.hant, sector.en),
            colour: sector.colour,
            gbt4754: sector.gbt4754,
            maps_from: sector.maps_from,
            subsectors: sector
                .subsectors
                .into_iter()
                .map(|sub| Subsector { code: sub.code, name: LocalText::new(sub.hans, sub.hant, sub.en) })
                .collect(),
        });
        Taxonomy { id: raw.id, valid_from: raw.valid_from, valid_to: raw.valid_to, sectors: sectors.collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::industries;
    use crate::locale::Locale;

    #[test]
    fn eight_sectors_with_subsectors_and_names() {
        assert_eq!(all().len(), 8);
        for sector in all() {
            assert!(!sector.subsectors.is_empty() && sector.colour.len() == 7, "{}", sector.code);
            let names = sector.subsectors.iter().map(|sub| &sub.name).chain([&sector.name]);
            for name in names {
                assert!(Locale::ALL.iter().all(|locale| name.get(*locale).is_some()), "{}", sector.code);
            }
        }
        assert_eq!(find("electronics").unwrap().name.text(Locale::ZhHant), "電子信息");
        assert!(subsector("digital", "platforms").is_some() && subsector("digital", "new_display").is_none());
    }

    #[test]
    fn sectors_point_at_industries_and_sectors_that_exist() {
        for sector in all() {
            for code in &sector.gbt4754 {
                assert!(industries::find(code).is_some(), "{code}");
            }
        }
        let later = taxonomies()[1].sectors.iter().flat_map(|sector| &sector.maps_from);
        assert!(later.clone().count() > 0);
        for code in later {
            let known = match code.split_once('/') {
                Some((sector, part)) => subsector(sector, part).is_some(),
                None => find(code).is_some(),
            };
            assert!(known, "{code}");
        }
    }
}
