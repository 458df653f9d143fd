//! The administrative divisions of Sichuan: 1 province, 21 cities and prefectures, 183 counties, county-level cities
//! and districts (GB/T 2260), from `data/sichuan-divisions.json`.
//!
//! Names are not unique (市中区 is in Neijiang and in Leshan), so a county is shown with its city and everything is
//! keyed by code. Lists from elsewhere hold codes that are no division (statistical 市辖区, zones) or no longer one;
//! [`DivisionCode`] refuses them and says why.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use utoipa::ToSchema;

use crate::locale::{LocalText, Locale};
use crate::refusal::Refusal;
use crate::text_value::text_value;

static TABLE: LazyLock<Vec<Division>> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct File {
        divisions: Vec<Division>,
    }
    let file: File = serde_json::from_str(include_str!("../data/sichuan-divisions.json"))
        .expect("data/sichuan-divisions.json is checked by a test");
    file.divisions
});
static BY_CODE: LazyLock<HashMap<&'static str, &'static Division>> =
    LazyLock::new(|| TABLE.iter().map(|division| (division.code.as_str(), division)).collect());
static SUCCESSORS: LazyLock<Vec<FormerDivision>> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct File {
        successors: Vec<FormerDivision>,
    }
    let file: File = serde_json::from_str(include_str!("../data/division-successors.json"))
        .expect("data/division-successors.json is checked by a test");
    file.successors
});

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    Province,
    City,
    County,
}

/// What a division is called by law. All county-level kinds have the same rights in Yunqia.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DivisionKind {
    Province,
    PrefectureCity,
    AutonomousPrefecture,
    District,
    CountyCity,
    County,
    AutonomousCounty,
}

/// One of the five economic regions of 一干多支、五区协同.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EconomicZone {
    ChengduPlain,
    Northeast,
    South,
    Panxi,
    NorthwestEco,
}

/// A division as the table has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Division {
    pub code: String,
    pub level: Level,
    pub kind: DivisionKind,
    /// The code of the division above; none for the province.
    pub parent: Option<String>,
    pub name_hans: String,
    pub name_hant: String,
    /// Without 县 and the like where that leaves a name people use: 盐亭.
    pub short_hans: String,
    pub short_hant: String,
    pub name_en: String,
    pub short_en: String,
    /// Another English name in use: Dardo for Kangding.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alt_en: Option<String>,
    /// Without tones and spaces: yanting.
    pub pinyin: String,
    /// yt
    pub initials: String,
    /// Where a label stands on a map, in degrees; not the seat of government.
    pub lon: f64,
    pub lat: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub econ_zone: Option<EconomicZone>,
    /// One of the 39 less developed counties 欠发达县域.
    #[serde(default)]
    pub less_developed_39: bool,
}

/// A code that was valid once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FormerDivision {
    pub code: String,
    pub hans: String,
    pub hant: String,
    pub en: String,
    /// The year in which the code ended.
    pub until: i16,
    pub successor: String,
}

/// A code of the table.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, ToSchema)]
#[schema(value_type = String, example = "510723")]
pub struct DivisionCode(String);

/// Why a code is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DivisionProblem {
    #[error("a division code has six digits")]
    Form,
    #[error("not a division of Sichuan")]
    OtherProvince,
    #[error("a code of statistics (市辖区), not a division")]
    Statistical,
    #[error("a code of a development zone, not a division")]
    Zone,
    #[error("the code ended in {until}; use {successor}")]
    Former { until: i16, successor: String },
    #[error("no division has this code")]
    Unknown,
}

impl From<DivisionProblem> for Refusal {
    fn from(problem: DivisionProblem) -> Refusal {
        match problem {
            DivisionProblem::Statistical | DivisionProblem::Zone => Refusal::DivisionPseudo,
            DivisionProblem::Former { .. } => Refusal::DivisionFormer,
            DivisionProblem::Form | DivisionProblem::OtherProvince | DivisionProblem::Unknown => {
                Refusal::DivisionUnknown
            }
        }
    }
}

impl DivisionCode {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn division(&self) -> &'static Division {
        find(&self.0).expect("a DivisionCode is only made from the table")
    }
}

impl FromStr for DivisionCode {
    type Err = DivisionProblem;

    fn from_str(code: &str) -> Result<Self, DivisionProblem> {
        if find(code).is_some() {
            return Ok(DivisionCode(code.to_owned()));
        }
        if code.len() != 6 || !code.bytes().all(|c| c.is_ascii_digit()) {
            return Err(DivisionProblem::Form);
        }
        if !code.starts_with("51") {
            return Err(DivisionProblem::OtherProvince);
        }
        if let Some(former) = SUCCESSORS.iter().find(|former| former.code == code) {
            return Err(DivisionProblem::Former { until: former.until, successor: former.successor.clone() });
        }
        // Only here, after the table: 513201, 513301 and 513401 are county-level cities of the prefectures.
        Err(match &code[4..] {
            "01" => DivisionProblem::Statistical,
            zone if ("71"..="79").contains(&zone) => DivisionProblem::Zone,
            _ => DivisionProblem::Unknown,
        })
    }
}

text_value!(DivisionCode);

impl Division {
    /// 盐亭县, 鹽亭縣, Yanting County.
    pub fn name(&self, locale: Locale) -> &str {
        locale.pick(&self.name_hans, &self.name_hant, &self.name_en)
    }

    /// 盐亭, 鹽亭, Yanting.
    pub fn short(&self, locale: Locale) -> &str {
        locale.pick(&self.short_hans, &self.short_hant, &self.short_en)
    }

    /// The name in all three languages, to travel.
    pub fn names(&self) -> LocalText {
        LocalText::new(&self.name_hans, &self.name_hant, &self.name_en)
    }

    /// The short name in all three languages, to travel.
    pub fn shorts(&self) -> LocalText {
        LocalText::new(&self.short_hans, &self.short_hant, &self.short_en)
    }

    /// A name that nothing else has: 绵阳市盐亭县, "Yanting County, Mianyang".
    pub fn full_name(&self, locale: Locale) -> String {
        match (self.level, self.above()) {
            (Level::County, Some(city)) if locale == Locale::En => format!("{}, {}", self.name_en, city.short_en),
            (Level::County, Some(city)) => format!("{}{}", city.name(locale), self.name(locale)),
            _ => self.name(locale).to_owned(),
        }
    }

    pub fn above(&self) -> Option<&'static Division> {
        find(self.parent.as_deref()?)
    }

    /// This division, its city, the province: as far up as there is.
    pub fn chain(&'static self) -> Vec<&'static Division> {
        std::iter::successors(Some(self), |division| division.above()).collect()
    }

    /// The divisions directly below, in the order of their codes.
    pub fn below(&self) -> Vec<&'static Division> {
        TABLE.iter().filter(|division| division.parent.as_deref() == Some(&self.code)).collect()
    }

    /// Whether this is `other` or lies in it.
    pub fn is_within(&'static self, other: &str) -> bool {
        self.chain().iter().any(|division| division.code == other)
    }
}

/// All divisions, the province first, in the order of their codes within each level.
pub fn all() -> &'static [Division] {
    &TABLE
}

pub fn find(code: &str) -> Option<&'static Division> {
    BY_CODE.get(code).copied()
}

/// What is valid today for a code that may be an old one.
pub fn current(code: &str) -> Option<&'static Division> {
    find(code)
        .or_else(|| SUCCESSORS.iter().find(|former| former.code == code).and_then(|former| find(&former.successor)))
}

pub fn former() -> &'static [FormerDivision] {
    &SUCCESSORS
}

/// Finds divisions by what a person types: 盐亭, 鹽亭县, yanting, yt, 510723, "内江市市中区", "Neijiang Shizhong".
/// The best matches come first; within equals, cities before counties and then by code.
pub fn search(typed: &str, limit: usize) -> Vec<&'static Division> {
    let wanted = fold(typed.chars().take(60));
    if wanted.is_empty() {
        return Vec::new();
    }
    let mut found: Vec<(u8, &Division)> =
        KEYS.iter().filter_map(|keys| Some((keys.rank(&wanted)?, keys.division))).collect();
    found.sort_by_key(|(rank, division)| (*rank, division.level, &division.code));
    found.into_iter().take(limit).map(|(_, division)| division).collect()
}

static KEYS: LazyLock<Vec<SearchKeys>> = LazyLock::new(|| TABLE.iter().map(SearchKeys::of).collect());

/// The folded names of a division, those that stand for it alone and those with its city before them.
struct SearchKeys {
    division: &'static Division,
    own: Vec<String>,
    with_city: Vec<String>,
    initials: Vec<String>,
}

impl SearchKeys {
    fn of(division: &'static Division) -> SearchKeys {
        let names = |d: &'static Division| {
            let texts = [&d.name_hans, &d.name_hant, &d.short_hans, &d.short_hant, &d.pinyin, &d.name_en, &d.short_en];
            texts.into_iter().chain(&d.alt_en).map(|text| fold(text.chars())).collect::<Vec<_>>()
        };
        let city = division.above().filter(|above| above.level == Level::City);
        let with_city = city.map_or(Vec::new(), |city| {
            names(city)
                .iter()
                .flat_map(|city| names(division).into_iter().map(move |own| format!("{city}{own}")))
                .collect()
        });
        let mut initials = vec![division.initials.clone()];
        initials.extend(city.map(|city| format!("{}{}", city.initials, division.initials)));
        SearchKeys { division, own: names(division), with_city, initials }
    }

    /// 0 is the best match; `None` is none.
    fn rank(&self, wanted: &str) -> Option<u8> {
        let any = |keys: &[String], fits: &dyn Fn(&String) -> bool| keys.iter().any(fits);
        let rules: [&dyn Fn() -> bool; 7] = [
            &|| self.division.code == wanted || any(&self.own, &|key| key == wanted),
            &|| any(&self.with_city, &|key| key == wanted),
            &|| any(&self.initials, &|key| key == wanted),
            &|| any(&self.own, &|key| key.starts_with(wanted)) || self.division.code.starts_with(wanted),
            &|| any(&self.with_city, &|key| key.starts_with(wanted)),
            &|| any(&self.initials, &|key| key.starts_with(wanted)),
            &|| any(&self.own, &|key| key.contains(wanted)),
        ];
        rules.iter().position(|rule| rule()).map(|rank| rank as u8)
    }
}

/// Half-width, lower case, without accents, spaces and punctuation.
fn fold(text: impl Iterator<Item = char>) -> String {
    text.nfkd().filter(|c| !is_combining_mark(*c) && c.is_alphanumeric()).nfkc().flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole() {
        let count = |level| all().iter().filter(|division| division.level == level).count();
        assert_eq!((count(Level::Province), count(Level::City), count(Level::County)), (1, 21, 183));
        assert_eq!(all().iter().filter(|division| division.less_developed_39).count(), 39);
        for division in all() {
            let chain: Vec<Level> = division.chain().iter().map(|division| division.level).collect();
            let want = [Level::County, Level::City, Level::Province];
            assert_eq!(chain, want[want.len() - chain.len()..], "{}", division.code);
            assert_eq!(chain[0], division.level);
        }
        assert_eq!(find("510000").unwrap().below().len(), 21);
    }

    #[test]
    fn full_names_are_unique_in_every_language() {
        for locale in Locale::ALL {
            let mut names: Vec<String> = all().iter().map(|division| division.full_name(locale)).collect();
            names.sort();
            names.dedup();
            assert_eq!(names.len(), all().len(), "{locale}");
        }
        assert_eq!(find("511002").unwrap().full_name(Locale::ZhHans), "内江市市中区");
        assert_eq!(find("511102").unwrap().full_name(Locale::En), "Shizhong District, Leshan");
        assert_eq!(find("510000").unwrap().full_name(Locale::ZhHant), "四川省");
    }

    #[test]
    fn codes_that_are_no_division_are_refused_with_the_reason() {
        let problem = |code: &str| code.parse::<DivisionCode>().unwrap_err();
        assert_eq!(problem("510101"), DivisionProblem::Statistical);
        assert_eq!(problem("511071"), DivisionProblem::Zone);
        assert_eq!(problem("510922"), DivisionProblem::Former { until: 2019, successor: "510981".into() });
        assert_eq!(problem("513425"), DivisionProblem::Former { until: 2021, successor: "513402".into() });
        assert_eq!(problem("440106"), DivisionProblem::OtherProvince);
        assert_eq!(problem("510799"), DivisionProblem::Unknown);
        for wrong in ["", "51072", "5107230", "51072a", "盐亭", "５１０７２３"] {
            assert_eq!(problem(wrong), DivisionProblem::Form, "{wrong}");
        }
        for real in ["513201", "513301", "513401", "510723"] {
            assert_eq!(real.parse::<DivisionCode>().unwrap().division().code, real);
        }
    }

    #[test]
    fn every_old_code_leads_to_a_valid_one() {
        for former in former() {
            assert!(find(&former.code).is_none() && find(&former.successor).is_some(), "{}", former.code);
            assert_eq!(current(&former.code).unwrap().code, former.successor);
        }
        assert_eq!(current("510922").unwrap().name_hans, "射洪市");
        assert!(current("510101").is_none());
    }

    #[test]
    fn yanting_is_found_however_it_is_typed() {
        for typed in
            ["盐亭", "盐亭县", "鹽亭", "yanting", "Yan Ting", "YANTING", "510723", "绵阳市盐亭县", "mianyang yanting"]
        {
            assert_eq!(search(typed, 5).first().map(|division| division.code.as_str()), Some("510723"), "{typed}");
        }
        for initials in ["yt", "ＹＴ", "myyt"] {
            assert!(search(initials, 5).iter().any(|division| division.code == "510723"), "{initials}");
        }
    }

    #[test]
    fn search_tells_namesakes_apart_and_reads_accents() {
        let codes = |typed: &str| search(typed, 10).iter().map(|d| d.code.as_str()).collect::<Vec<_>>();
        assert!(codes("市中区").starts_with(&["511002", "511102"]));
        assert_eq!(codes("乐山市市中区"), ["511102"]);
        assert_eq!(codes("Zoige")[0], "513232");
        assert_eq!(codes("Ya'an")[0], "511800");
        assert_eq!(codes("Dardo")[0], "513301");
        assert_eq!(codes("chengdu")[0], "510100");
        assert!(codes("").is_empty() && codes("'-  ").is_empty() && codes("东京").is_empty());
        assert_eq!(search("s", 3).len(), 3);
    }

    #[test]
    fn counties_lie_in_their_city_and_province() {
        let yanting = find("510723").unwrap();
        assert!(yanting.is_within("510700") && yanting.is_within("510000") && yanting.is_within("510723"));
        assert!(!yanting.is_within("510600"));
    }
}
