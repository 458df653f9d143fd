//! The three languages of Yunqia, and text that a person writes in up to three of them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::refusal::Refusal;
use crate::text::{TextProblem, clean_line, clean_text};
use crate::text_value::{json_value, text_value};

/// A language of the interface. Traditional script is written with mainland and Hong Kong wording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, ToSchema)]
pub enum Locale {
    #[default]
    #[schema(rename = "zh-Hans")]
    ZhHans,
    #[schema(rename = "zh-Hant")]
    ZhHant,
    #[schema(rename = "en")]
    En,
}

impl Locale {
    pub const ALL: [Locale; 3] = [Locale::ZhHans, Locale::ZhHant, Locale::En];

    /// The BCP 47 tag; also the stored form and the JSON form.
    pub const fn as_str(self) -> &'static str {
        match self {
            Locale::ZhHans => "zh-Hans",
            Locale::ZhHant => "zh-Hant",
            Locale::En => "en",
        }
    }

    /// Picks one of three texts, in the order Simplified, Traditional, English.
    pub fn pick<T>(self, hans: T, hant: T, en: T) -> T {
        match self {
            Locale::ZhHans => hans,
            Locale::ZhHant => hant,
            Locale::En => en,
        }
    }

    /// The language a tag asks for: zh-TW, zh-HK, zh-MO, yue and any `Hant` are Traditional, other Chinese is
    /// Simplified, any English is English, everything else is none of ours.
    pub fn from_tag(tag: &str) -> Option<Locale> {
        let tag = tag.trim().to_ascii_lowercase().replace('_', "-");
        let mut parts = tag.split('-');
        let language = parts.next()?;
        let rest: Vec<&str> = parts.collect();
        match language {
            "en" => Some(Locale::En),
            "zh" | "cmn" | "yue" | "nan" | "hak" => {
                let traditional = match () {
                    () if rest.contains(&"hant") => true,
                    () if rest.contains(&"hans") => false,
                    () if ["tw", "hk", "mo"].iter().any(|region| rest.contains(region)) => true,
                    () if rest.contains(&"cn") || rest.contains(&"sg") => false,
                    () => language == "yue" || rest.contains(&"yue"),
                };
                Some(if traditional { Locale::ZhHant } else { Locale::ZhHans })
            }
            _ => None,
        }
    }

    /// The best of our languages for an `Accept-Language` header; `None` when it names none of them.
    /// Only the first twenty entries are read.
    pub fn from_accept_language(header: &str) -> Option<Locale> {
        let mut best: Option<(Locale, f32)> = None;
        for entry in header.split(',').take(20) {
            let mut parts = entry.split(';');
            let Some(locale) = parts.next().and_then(Locale::from_tag) else { continue };
            let weight = parts.find_map(|p| p.trim().strip_prefix("q=")).map_or(Ok(1.0), |q| q.trim().parse::<f32>());
            let Ok(weight) = weight else { continue };
            if (0.0..=1.0).contains(&weight) && weight > 0.0 && best.is_none_or(|(_, w)| weight > w) {
                best = Some((locale, weight));
            }
        }
        best.map(|(locale, _)| locale)
    }

    /// The order in which another language stands in when a text is missing in this one.
    pub const fn stand_ins(self) -> [Locale; 3] {
        match self {
            Locale::ZhHans => [Locale::ZhHans, Locale::ZhHant, Locale::En],
            Locale::ZhHant => [Locale::ZhHant, Locale::ZhHans, Locale::En],
            Locale::En => [Locale::En, Locale::ZhHans, Locale::ZhHant],
        }
    }
}

/// A tag that is not one of the three.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the language must be zh-Hans, zh-Hant or en")]
pub struct UnknownLocale;

impl FromStr for Locale {
    type Err = UnknownLocale;

    /// Strict: exactly the stored form. For what browsers send, see [`Locale::from_tag`].
    fn from_str(tag: &str) -> Result<Self, Self::Err> {
        Locale::ALL.into_iter().find(|locale| locale.as_str() == tag).ok_or(UnknownLocale)
    }
}

text_value!(Locale);

/// A text that exists in one to three languages. Whoever shows it uses [`LocalText::in_locale`] and marks a text
/// that stands in for a missing one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LocalText {
    #[serde(rename = "zh-Hans", default)]
    #[schema(required)]
    pub hans: Option<String>,
    #[serde(rename = "zh-Hant", default)]
    #[schema(required)]
    pub hant: Option<String>,
    #[serde(default)]
    #[schema(required)]
    pub en: Option<String>,
}

json_value!(LocalText);

/// A language of a [`LocalText`] that breaks a rule; `locale` is `None` when all three are empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocalTextProblem {
    pub locale: Option<Locale>,
    pub problem: TextProblem,
}

impl LocalTextProblem {
    /// Where in the JSON object the problem is: `/zh-Hans`, or an empty pointer for the whole.
    pub fn pointer(&self) -> String {
        self.locale.map(|locale| format!("/{locale}")).unwrap_or_default()
    }
}

impl fmt::Display for LocalTextProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.locale {
            Some(locale) => write!(f, "{locale}: {}", self.problem),
            None => write!(f, "{}", self.problem),
        }
    }
}

impl std::error::Error for LocalTextProblem {}

impl From<LocalTextProblem> for Refusal {
    fn from(problem: LocalTextProblem) -> Refusal {
        match problem.locale {
            Some(_) => problem.problem.into(),
            None => Refusal::LanguageNeeded,
        }
    }
}

impl From<UnknownLocale> for Refusal {
    fn from(_: UnknownLocale) -> Refusal {
        Refusal::UnknownChoice
    }
}

impl LocalText {
    pub fn new(hans: impl Into<String>, hant: impl Into<String>, en: impl Into<String>) -> LocalText {
        LocalText { hans: Some(hans.into()), hant: Some(hant.into()), en: Some(en.into()) }
    }

    /// From three columns of a row.
    pub fn from_columns(hans: Option<String>, hant: Option<String>, en: Option<String>) -> LocalText {
        LocalText { hans, hant, en }
    }

    pub fn only(locale: Locale, text: impl Into<String>) -> LocalText {
        let mut one = LocalText::default();
        *one.slot(locale) = Some(text.into());
        one
    }

    /// The text exactly in this language, if there is one.
    pub fn get(&self, locale: Locale) -> Option<&str> {
        let text = locale.pick(&self.hans, &self.hant, &self.en).as_deref()?;
        (!text.trim().is_empty()).then_some(text)
    }

    /// The text to show a reader of `locale`, and the language it is in: when that differs, the view marks it.
    pub fn in_locale(&self, locale: Locale) -> Option<(&str, Locale)> {
        locale.stand_ins().into_iter().find_map(|l| self.get(l).map(|text| (text, l)))
    }

    /// The text to show where a mark is impossible (a mail subject, a file name); empty when there is none.
    pub fn text(&self, locale: Locale) -> &str {
        self.in_locale(locale).map_or("", |(text, _)| text)
    }

    pub fn is_empty(&self) -> bool {
        self.in_locale(Locale::ZhHans).is_none()
    }

    /// Cleans all three as titles (one line each): at least one must be left, none longer than `max` characters.
    pub fn validate_line(self, max: usize) -> Result<LocalText, LocalTextProblem> {
        self.validated(max, true, clean_line)
    }

    /// Cleans all three as descriptions (several lines): at least one must be left, none longer than `max`.
    pub fn validate(self, max: usize) -> Result<LocalText, LocalTextProblem> {
        self.validated(max, true, clean_text)
    }

    /// Like [`LocalText::validate`] for a text that may be missing in all languages.
    pub fn validate_optional(self, max: usize) -> Result<LocalText, LocalTextProblem> {
        self.validated(max, false, clean_text)
    }

    fn validated(
        self,
        max: usize,
        required: bool,
        clean: impl Fn(&str, usize) -> Result<String, TextProblem>,
    ) -> Result<LocalText, LocalTextProblem> {
        let mut cleaned = LocalText::default();
        for locale in Locale::ALL {
            match locale.pick(&self.hans, &self.hant, &self.en).as_deref().map(|text| clean(text, max)) {
                None | Some(Err(TextProblem::Empty)) => {}
                Some(Ok(text)) => *cleaned.slot(locale) = Some(text),
                Some(Err(problem)) => return Err(LocalTextProblem { locale: Some(locale), problem }),
            }
        }
        if required && cleaned.is_empty() {
            return Err(LocalTextProblem { locale: None, problem: TextProblem::Empty });
        }
        Ok(cleaned)
    }

    fn slot(&mut self, locale: Locale) -> &mut Option<String> {
        match locale {
            Locale::ZhHans => &mut self.hans,
            Locale::ZhHant => &mut self.hant,
            Locale::En => &mut self.en,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_get_their_script() {
        for (tag, want) in [
            ("zh-TW", Some(Locale::ZhHant)),
            ("zh-HK", Some(Locale::ZhHant)),
            ("zh_MO", Some(Locale::ZhHant)),
            ("zh-Hant-CN", Some(Locale::ZhHant)),
            ("zh-Hans-HK", Some(Locale::ZhHans)),
            ("yue", Some(Locale::ZhHant)),
            ("zh-yue", Some(Locale::ZhHant)),
            ("zh", Some(Locale::ZhHans)),
            ("zh-CN", Some(Locale::ZhHans)),
            ("zh-SG", Some(Locale::ZhHans)),
            ("EN-gb", Some(Locale::En)),
            ("de-DE", None),
            ("", None),
        ] {
            assert_eq!(Locale::from_tag(tag), want, "{tag}");
        }
    }

    #[test]
    fn the_heaviest_known_language_wins() {
        let choose = Locale::from_accept_language;
        assert_eq!(choose("de-DE,de;q=0.9,en;q=0.8,zh-TW;q=0.7"), Some(Locale::En));
        assert_eq!(choose("zh-TW,zh;q=0.9,en-US;q=0.8"), Some(Locale::ZhHant));
        assert_eq!(choose("en;q=0.3, zh-CN;q=0.9"), Some(Locale::ZhHans));
        assert_eq!(choose("en;q=0, zh-HK;q=0.1"), Some(Locale::ZhHant));
        assert_eq!(choose("fr,*;q=0.1"), None);
        assert_eq!(choose("en;q=nonsense"), None);
        assert_eq!(choose(""), None);
    }

    #[test]
    fn a_missing_language_is_marked() {
        let text = LocalText { hans: Some("盐亭".into()), hant: Some("  ".into()), en: None };
        assert_eq!(text.in_locale(Locale::ZhHant), Some(("盐亭", Locale::ZhHans)));
        assert_eq!(text.in_locale(Locale::ZhHans), Some(("盐亭", Locale::ZhHans)));
        assert_eq!(LocalText::default().in_locale(Locale::En), None);
    }

    #[test]
    fn json_uses_language_tags() {
        let text = LocalText::new("盐亭", "鹽亭", "Yanting");
        let json = serde_json::to_string(&text).unwrap();
        assert_eq!(json, r#"{"zh-Hans":"盐亭","zh-Hant":"鹽亭","en":"Yanting"}"#);
        assert_eq!(serde_json::from_str::<LocalText>(&json).unwrap(), text);
        let one = serde_json::to_string(&LocalText::only(Locale::En, "Yanting")).unwrap();
        assert_eq!(one, r#"{"zh-Hans":null,"zh-Hant":null,"en":"Yanting"}"#);
        assert_eq!(serde_json::from_str::<LocalText>(r#"{"en":"Yanting"}"#).unwrap().get(Locale::En), Some("Yanting"));
        assert_eq!(serde_json::to_string(&Locale::ZhHant).unwrap(), r#""zh-Hant""#);
        assert!(serde_json::from_str::<Locale>(r#""fr""#).is_err());
    }

    #[test]
    fn the_schema_promises_all_three_keys() {
        let schema = serde_json::to_value(<LocalText as utoipa::PartialSchema>::schema()).unwrap();
        let mut required: Vec<&str> =
            schema["required"].as_array().unwrap().iter().filter_map(|k| k.as_str()).collect();
        required.sort_unstable();
        assert_eq!(required, ["en", "zh-Hans", "zh-Hant"]);
        assert_eq!(schema["properties"]["en"]["type"], serde_json::json!(["string", "null"]));
    }

    #[test]
    fn validation_names_the_language() {
        let long = LocalText { hant: Some("鹽".repeat(11)), ..LocalText::default() };
        assert_eq!(long.validate(10).unwrap_err().pointer(), "/zh-Hant");
        assert_eq!(LocalText::only(Locale::En, " \u{200B}").validate(10).unwrap_err().pointer(), "");
        assert!(LocalText::default().validate_optional(10).is_ok());
        assert_eq!(LocalText::only(Locale::En, " a \n b ").validate_line(10).unwrap().get(Locale::En), Some("a b"));
    }
}
