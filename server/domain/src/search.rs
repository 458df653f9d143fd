//! Text made comparable for search: one folded key per row, in which a person finds what they type in any of the three
//! languages, half or full width, with or without accents and spaces.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use crate::{
    divisions::{self, Division},
    locale::{LocalText, Locale},
};

/// Longest text that is searched for; what is longer finds nothing that a shorter one does not.
const TYPED_CHARS_MAX: usize = 60;

/// Half-width, lower case, without accents, spaces and punctuation.
pub fn fold(text: &str) -> String {
    text.nfkd().filter(|c| !is_combining_mark(*c) && c.is_alphanumeric()).nfkc().flat_map(char::to_lowercase).collect()
}

/// What a person typed into a search box, folded.
pub fn typed(text: &str) -> String {
    fold(&text.chars().take(TYPED_CHARS_MAX).collect::<String>())
}

/// The words a person typed, each folded; at most three, because more tell nothing more.
pub fn words(text: &str) -> Vec<String> {
    let text: String = text.chars().take(TYPED_CHARS_MAX).collect();
    text.split_whitespace().map(fold).filter(|word| !word.is_empty()).take(3).collect()
}

/// The search key of a name in up to three languages, with the names of its division in all their forms: 盐亭, 鹽亭,
/// yanting, yt and the city's.
pub fn key(name: &LocalText, division: Option<&str>) -> String {
    let mut parts: Vec<String> = Locale::ALL.iter().filter_map(|locale| name.get(*locale)).map(fold).collect();
    for division in division.and_then(divisions::find).map(Division::chain).unwrap_or_default() {
        // The province is in every key and would tell nothing apart.
        if division.parent.is_some() {
            parts.extend(names(division));
        }
    }
    // Its own code only: with the city's, every number with zeros in it would be found everywhere.
    parts.extend(division.map(str::to_owned));
    let mut seen = Vec::new();
    for part in parts {
        if !part.is_empty() && !seen.contains(&part) {
            seen.push(part);
        }
    }
    seen.join(" ")
}

fn names(division: &Division) -> Vec<String> {
    let texts = [&division.name_hans, &division.name_hant, &division.pinyin, &division.name_en];
    let mut names: Vec<String> = texts.into_iter().chain(&division.alt_en).map(|text| fold(text)).collect();
    names.push(fold(&division.initials));
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_county_is_found_in_every_form() {
        let key = key(&LocalText::only(Locale::ZhHans, "绿色食品加工园"), Some("510723"));
        for text in ["盐亭", "鹽亭", "YanTing", "yan ting", "yt", "绵阳", "綿陽", "５１０７２３", "食品 加工"]
        {
            assert!(key.contains(&typed(text)), "{text}: {key}");
        }
        assert!(!key.contains(&typed("三台")));
    }

    #[test]
    fn folding_forgets_width_case_accents_and_signs() {
        assert_eq!(fold("Ａ-Ｂ Zoigê《若尔盖》"), "abzoige若尔盖");
        assert_eq!(typed(&"盐".repeat(1000)).chars().count(), 60);
    }
}
