//! The province's offices outside it and the names county bodies go by, from `data/offices.json`.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::locale::LocalText;

static TABLE: LazyLock<File> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../data/offices.json")).expect("data/offices.json is checked by a test")
});

/// An office in another place of the mainland.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Office {
    pub code: String,
    /// `provincial_office` or `county_branch`.
    pub kind: String,
    #[serde(flatten, deserialize_with = "names")]
    pub name: LocalText,
    /// The city it is in (GB/T 2260).
    pub city_code: Option<String>,
    /// The county that a branch belongs to.
    pub county_code: Option<String>,
}

/// The offices of the province and the branches of its counties.
pub fn all() -> &'static [Office] {
    &TABLE.domestic
}

/// What the body that promotes investment is called in one county or another, in Simplified Chinese. The name is data;
/// the role is the same.
pub fn county_body_names() -> &'static [String] {
    &TABLE.county_body_names
}

#[derive(Deserialize)]
struct File {
    domestic: Vec<Office>,
    county_body_names: Vec<String>,
}

/// The table has its names under short keys.
fn names<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<LocalText, D::Error> {
    #[derive(Deserialize)]
    struct Names {
        hans: String,
        hant: String,
        en: String,
    }
    Names::deserialize(deserializer).map(|names| LocalText::new(names.hans, names.hant, names.en))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::divisions;
    use crate::locale::Locale;

    #[test]
    fn offices_have_three_names_and_a_place() {
        assert_eq!(all().len(), 6);
        for office in all() {
            assert!(Locale::ALL.iter().all(|locale| office.name.get(*locale).is_some()), "{}", office.code);
            assert!(office.city_code.is_some() || office.county_code.as_deref().and_then(divisions::find).is_some());
        }
        assert!(county_body_names().contains(&"投资促进中心".to_owned()));
    }
}
