//! The national classification of industries GB/T 4754-2017: 20 sections and their 97 divisions, from
//! `data/gbt4754-2017.json`.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::locale::LocalText;

static TABLE: LazyLock<(Vec<Industry>, Vec<Industry>)> = LazyLock::new(|| {
    let file: File = serde_json::from_str(include_str!("../data/gbt4754-2017.json"))
        .expect("data/gbt4754-2017.json is checked by a test");
    let read = |rows: Vec<Raw>| rows.into_iter().map(Industry::from).collect();
    (read(file.sections), read(file.divisions))
});

/// A section (门类, `C`) or a division (大类, `C39`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Industry {
    pub code: String,
    pub name: LocalText,
    /// The section of a division; none for a section.
    pub section: Option<String>,
}

/// The 20 sections, A to T.
pub fn sections() -> &'static [Industry] {
    &TABLE.0
}

/// The 97 divisions in the order of their codes.
pub fn divisions() -> &'static [Industry] {
    &TABLE.1
}

/// A section or division by its code.
pub fn find(code: &str) -> Option<&'static Industry> {
    sections().iter().chain(divisions()).find(|industry| industry.code == code)
}

#[derive(Deserialize)]
struct File {
    sections: Vec<Raw>,
    divisions: Vec<Raw>,
}

#[derive(Deserialize)]
struct Raw {
    code: String,
    hans: String,
    hant: String,
    en: String,
    section: Option<String>,
}

impl From<Raw> for Industry {
    fn from(raw: Raw) -> Industry {
        Industry { code: raw.code, name: LocalText::new(raw.hans, raw.hant, raw.en), section: raw.section }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locale::Locale;

    #[test]
    fn the_classification_is_whole() {
        assert_eq!((sections().len(), divisions().len()), (20, 97));
        for division in divisions() {
            let section = division.section.as_deref().unwrap();
            assert!(division.code.starts_with(section) && find(section).is_some(), "{}", division.code);
        }
        assert_eq!(find("C39").unwrap().section.as_deref(), Some("C"));
        assert_eq!(find("C").unwrap().name.text(Locale::En), "Manufacturing");
        assert!(find("C99").is_none());
    }
}
