//! Where a company is at home: a division of mainland China by its GB/T 2260 code, or a country or region by its
//! ISO 3166-1 alpha-2 code (Hong Kong HK, Macao MO and Taiwan TW are regions in that list).

use std::str::FromStr;

use utoipa::ToSchema;

use crate::divisions;
use crate::locale::Locale;
use crate::refusal::Refusal;
use crate::text_value::text_value;

/// The officially assigned codes of ISO 3166-1 alpha-2.
const COUNTRIES: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS \
    BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ \
    FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT \
    JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP \
    MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE \
    RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV \
    TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

/// The provincial divisions of the mainland: first two digits of a code, names in three languages.
const PROVINCES: [(&str, &str, &str, &str); 31] = [
    ("11", "北京市", "北京市", "Beijing"),
    ("12", "天津市", "天津市", "Tianjin"),
    ("13", "河北省", "河北省", "Hebei"),
    ("14", "山西省", "山西省", "Shanxi"),
    ("15", "内蒙古自治区", "內蒙古自治區", "Inner Mongolia"),
    ("21", "辽宁省", "遼寧省", "Liaoning"),
    ("22", "吉林省", "吉林省", "Jilin"),
    ("23", "黑龙江省", "黑龍江省", "Heilongjiang"),
    ("31", "上海市", "上海市", "Shanghai"),
    ("32", "江苏省", "江蘇省", "Jiangsu"),
    ("33", "浙江省", "浙江省", "Zhejiang"),
    ("34", "安徽省", "安徽省", "Anhui"),
    ("35", "福建省", "福建省", "Fujian"),
    ("36", "江西省", "江西省", "Jiangxi"),
    ("37", "山东省", "山東省", "Shandong"),
    ("41", "河南省", "河南省", "Henan"),
    ("42", "湖北省", "湖北省", "Hubei"),
    ("43", "湖南省", "湖南省", "Hunan"),
    ("44", "广东省", "廣東省", "Guangdong"),
    ("45", "广西壮族自治区", "廣西壯族自治區", "Guangxi"),
    ("46", "海南省", "海南省", "Hainan"),
    ("50", "重庆市", "重慶市", "Chongqing"),
    ("51", "四川省", "四川省", "Sichuan"),
    ("52", "贵州省", "貴州省", "Guizhou"),
    ("53", "云南省", "雲南省", "Yunnan"),
    ("54", "西藏自治区", "西藏自治區", "Xizang"),
    ("61", "陕西省", "陝西省", "Shaanxi"),
    ("62", "甘肃省", "甘肅省", "Gansu"),
    ("63", "青海省", "青海省", "Qinghai"),
    ("64", "宁夏回族自治区", "寧夏回族自治區", "Ningxia"),
    ("65", "新疆维吾尔自治区", "新疆維吾爾自治區", "Xinjiang"),
];

/// A company's home: `510723`, `440100`, `HK`, `DE`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, ToSchema)]
#[schema(value_type = String, example = "510723")]
pub struct Region(String);

/// Not a code of a division or of a country or region.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the region must be a six-digit division code or a two-letter country code")]
pub struct UnknownRegion;

impl From<UnknownRegion> for Refusal {
    fn from(_: UnknownRegion) -> Refusal {
        Refusal::CountryUnknown
    }
}

impl Region {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The country or region code; mainland divisions are in `CN`.
    pub fn country(&self) -> &str {
        if self.is_division() { "CN" } else { &self.0 }
    }

    pub fn is_division(&self) -> bool {
        self.0.len() == 6
    }

    /// A name as exact as our tables are: the county within Sichuan, the province elsewhere on the mainland, the code
    /// of a country (whose name the reader's own system knows).
    pub fn name_in(&self, locale: Locale) -> String {
        if let Some(division) = divisions::find(&self.0) {
            return division.full_name(locale);
        }
        match province(&self.0) {
            Some((_, hans, hant, en)) if self.is_division() => locale.pick(*hans, *hant, *en).to_owned(),
            _ => self.0.clone(),
        }
    }
}

impl FromStr for Region {
    type Err = UnknownRegion;

    fn from_str(code: &str) -> Result<Self, Self::Err> {
        let known = match code.len() {
            2 => is_country(code),
            6 => code.bytes().all(|c| c.is_ascii_digit()) && province(code).is_some() && in_our_tables(code),
            _ => false,
        };
        if known { Ok(Region(code.to_owned())) } else { Err(UnknownRegion) }
    }
}

text_value!(Region);

/// Whether two upper-case letters are a code of ISO 3166-1.
pub fn is_country(code: &str) -> bool {
    code.len() == 2 && countries().any(|known| known == code)
}

/// The codes of all countries and regions, for a list to choose from.
pub fn countries() -> impl Iterator<Item = &'static str> {
    COUNTRIES.split_ascii_whitespace()
}

fn province(code: &str) -> Option<&'static (&'static str, &'static str, &'static str, &'static str)> {
    PROVINCES.iter().find(|(prefix, ..)| code.starts_with(prefix))
}

/// Codes of Sichuan are all known, so a wrong one is refused; elsewhere the form must do.
fn in_our_tables(code: &str) -> bool {
    !code.starts_with("51") || divisions::find(code).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn homes_at_home_and_abroad() {
        let region = |code: &str| code.parse::<Region>();
        assert_eq!(region("510723").unwrap().name_in(Locale::ZhHans), "绵阳市盐亭县");
        assert_eq!(region("440100").unwrap().name_in(Locale::ZhHant), "廣東省");
        assert_eq!(region("HK").unwrap().country(), "HK");
        assert_eq!(region("110105").unwrap().country(), "CN");
        for wrong in ["", "hk", "XX", "510101", "999999", "51072", "５10723", "abcdef"] {
            assert!(region(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_country_list_is_whole() {
        assert_eq!(countries().count(), 249);
        assert!(countries().zip(countries().skip(1)).all(|(a, b)| a < b));
    }
}
