//! The languages in which the engine gives its reasons.

/// A language for reasons; the product speaks all three everywhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// Simplified Chinese.
    ZhHans,
    /// Traditional Chinese.
    ZhHant,
    #[default]
    En,
}

impl Language {
    /// Every language, for those who want a text in all of them.
    pub const ALL: [Self; 3] = [Self::ZhHans, Self::ZhHant, Self::En];

    /// The tag of the language, such as `zh-Hans`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::ZhHans => "zh-Hans",
            Self::ZhHant => "zh-Hant",
            Self::En => "en",
        }
    }

    /// The language of a tag.
    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.tag() == tag)
    }
}

/// Indices as a short list: a long one is cut, and says so.
pub(crate) fn list(indices: &[usize]) -> String {
    const SHOWN: usize = 12;
    let shown: Vec<String> = indices.iter().take(SHOWN).map(ToString::to_string).collect();
    let more = indices.len().saturating_sub(SHOWN);
    if more > 0 { format!("{} … (+{more})", shown.join(", ")) } else { shown.join(", ") }
}
