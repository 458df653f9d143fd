//! How people are named and addressed. In Chinese a letter opens with family name and title (尊敬的赵总：), so the
//! family name and the honorific are kept apart; in English a title that tells no gender makes no "Mr" of anybody.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::locale::{LocalText, Locale};

/// How a person is addressed after (in Chinese) or before (in English) the family name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Honorific {
    /// 总, for anybody who leads a company or a part of it.
    Zong,
    /// 主任, director of an office or centre.
    Zhuren,
    /// 局长, director of a bureau.
    Juzhang,
    /// 经理, manager.
    Jingli,
    /// 董事长, chair of the board.
    Dongshizhang,
    /// 先生
    Mr,
    /// 女士
    Ms,
}

impl Honorific {
    pub const ALL: [Honorific; 7] = [
        Honorific::Zong,
        Honorific::Zhuren,
        Honorific::Juzhang,
        Honorific::Jingli,
        Honorific::Dongshizhang,
        Honorific::Mr,
        Honorific::Ms,
    ];

    /// The word as it follows a family name in Chinese, or as a list of choices shows it in English.
    pub fn word(self, locale: Locale) -> &'static str {
        let (hans, hant, en) = match self {
            Honorific::Zong => ("总", "總", "President"),
            Honorific::Zhuren => ("主任", "主任", "Director"),
            Honorific::Juzhang => ("局长", "局長", "Bureau Director"),
            Honorific::Jingli => ("经理", "經理", "Manager"),
            Honorific::Dongshizhang => ("董事长", "董事長", "Chair"),
            Honorific::Mr => ("先生", "先生", "Mr"),
            Honorific::Ms => ("女士", "女士", "Ms"),
        };
        locale.pick(hans, hant, en)
    }

    pub fn words(self) -> LocalText {
        LocalText::new(self.word(Locale::ZhHans), self.word(Locale::ZhHant), self.word(Locale::En))
    }

    /// What stands before a family name in an English letter. Offices are used as titles; a position in a company is
    /// not, and it does not tell whether to write Mr or Ms.
    fn english_title(self) -> Option<&'static str> {
        match self {
            Honorific::Zhuren | Honorific::Juzhang => Some("Director"),
            Honorific::Mr => Some("Mr"),
            Honorific::Ms => Some("Ms"),
            Honorific::Zong | Honorific::Jingli | Honorific::Dongshizhang => None,
        }
    }
}

/// A person's name in the script they wrote it in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PersonName<'a> {
    pub family: &'a str,
    pub given: &'a str,
    pub honorific: Option<Honorific>,
}

impl<'a> PersonName<'a> {
    pub fn new(family: &'a str, given: &'a str, honorific: Option<Honorific>) -> PersonName<'a> {
        PersonName { family: family.trim(), given: given.trim(), honorific }
    }

    /// The name in a list. East Asian names run family first without a space, others given name first, in every
    /// language; a Chinese name in an English list keeps its characters, because nobody else may spell it for them.
    pub fn display(&self) -> String {
        match (self.family, self.given) {
            (family, "") => family.to_owned(),
            ("", given) => given.to_owned(),
            (family, given) if is_cjk(family) && is_cjk(given) => format!("{family}{given}"),
            (family, given) if is_cjk(family) => format!("{family} {given}"),
            (family, given) => format!("{given} {family}"),
        }
    }

    /// The name with its title, as in a list of people in a talk: 赵总, 趙總, "Mr Zhao". Without a title, the name.
    pub fn address(&self, locale: Locale) -> String {
        match (self.honorific, locale) {
            (Some(honorific), Locale::En) => match (honorific.english_title(), self.family_in(locale)) {
                (Some(title), Some(family)) => format!("{title} {family}"),
                _ => self.display(),
            },
            (Some(honorific), _) if !self.family.is_empty() => {
                let family = self.family_in(locale).unwrap_or_else(|| self.family.to_owned());
                let space = if is_cjk(&family) { "" } else { " " };
                format!("{family}{space}{}", honorific.word(locale))
            }
            _ => self.display(),
        }
    }

    /// The first line of a letter: "尊敬的赵总：", "尊敬的趙總：", "Dear Mr Zhao,". Of a title that tells no gender the
    /// English letter makes "Dear Mr/Ms Zhao," (or the whole name, where it is written in Latin letters).
    pub fn salutation(&self, locale: Locale) -> String {
        if self.family.is_empty() && self.given.is_empty() {
            return locale.pick("尊敬的嘉宾：", "尊敬的嘉賓：", "Dear guest,").to_owned();
        }
        if locale != Locale::En {
            let address = self.address(locale);
            let space = if address.starts_with(is_cjk_char) { "" } else { " " };
            return format!("尊敬的{space}{address}：");
        }
        let title = self.honorific.and_then(Honorific::english_title);
        match (title, self.family_in(Locale::En)) {
            (Some(title), Some(family)) => format!("Dear {title} {family},"),
            (None, Some(family)) if is_cjk(self.family) => format!("Dear Mr/Ms {family},"),
            _ => format!("Dear {},", self.display()),
        }
    }

    /// The family name as a letter in `locale` writes it: Chinese names in the letter's script, in English by their
    /// reading. `None` when that is not known (a Chinese name that is not in the table, in English).
    fn family_in(&self, locale: Locale) -> Option<String> {
        if self.family.is_empty() || !is_cjk(self.family) {
            return (!self.family.is_empty()).then(|| self.family.to_owned());
        }
        let known = FAMILY_NAMES.get(self.family);
        match locale {
            Locale::ZhHans => Some(known.map_or(self.family, |name| &name.hans).to_owned()),
            Locale::ZhHant => Some(known.map_or(self.family, |name| &name.hant).to_owned()),
            Locale::En => known.map(|name| name.latin.clone()),
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
struct FamilyName {
    hans: String,
    hant: String,
    latin: String,
}

/// By the Simplified and by the Traditional form.
static FAMILY_NAMES: LazyLock<HashMap<String, FamilyName>> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct File {
        names: Vec<FamilyName>,
    }
    let file: File = serde_json::from_str(include_str!("../data/family-names.json"))
        .expect("data/family-names.json is checked by a test");
    let both = file.names.into_iter().flat_map(|name| [(name.hant.clone(), name.clone()), (name.hans.clone(), name)]);
    both.collect()
});

fn is_cjk(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| is_cjk_char(c) || c == '·')
}

/// Han characters, kana and Hangul: scripts whose names run family first without a space.
fn is_cjk_char(c: char) -> bool {
    matches!(c, '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}'
        | '\u{AC00}'..='\u{D7AF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3134F}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn salutations(family: &str, given: &str, honorific: Option<Honorific>) -> [String; 3] {
        Locale::ALL.map(|locale| PersonName::new(family, given, honorific).salutation(locale))
    }

    #[test]
    fn letters_open_with_family_name_and_title() {
        assert_eq!(salutations("赵", "刚", Some(Honorific::Mr)), ["尊敬的赵先生：", "尊敬的趙先生：", "Dear Mr Zhao,"]);
        assert_eq!(
            salutations("赵", "刚", Some(Honorific::Zong)),
            ["尊敬的赵总：", "尊敬的趙總：", "Dear Mr/Ms Zhao,"]
        );
        assert_eq!(
            salutations("谢", "", Some(Honorific::Zhuren)),
            ["尊敬的谢主任：", "尊敬的謝主任：", "Dear Director Xie,"]
        );
        assert_eq!(
            salutations("王", "", Some(Honorific::Juzhang)),
            ["尊敬的王局长：", "尊敬的王局長：", "Dear Director Wang,"]
        );
        assert_eq!(
            salutations("歐陽", "明", Some(Honorific::Ms)),
            ["尊敬的欧阳女士：", "尊敬的歐陽女士：", "Dear Ms Ouyang,"]
        );
    }

    #[test]
    fn without_title_the_name_stands_as_it_was_written() {
        assert_eq!(salutations("赵", "刚", None), ["尊敬的赵刚：", "尊敬的赵刚：", "Dear Mr/Ms Zhao,"]);
        assert_eq!(salutations("Müller", "Hans", None)[2], "Dear Hans Müller,");
        assert_eq!(salutations("", "", Some(Honorific::Zong)), ["尊敬的嘉宾：", "尊敬的嘉賓：", "Dear guest,"]);
    }

    #[test]
    fn foreign_names_keep_their_letters_in_chinese_letters() {
        let name = PersonName::new("Müller", "Hans", Some(Honorific::Mr));
        assert_eq!(name.salutation(Locale::ZhHans), "尊敬的 Müller 先生：");
        assert_eq!(name.salutation(Locale::En), "Dear Mr Müller,");
        assert_eq!(
            PersonName::new("Müller", "Hans", Some(Honorific::Zong)).salutation(Locale::En),
            "Dear Hans Müller,"
        );
    }

    #[test]
    fn a_reading_that_is_not_known_is_not_guessed() {
        let name = PersonName::new("覃", "刚", Some(Honorific::Mr));
        assert_eq!(name.salutation(Locale::En), "Dear 覃刚,");
        assert_eq!(name.salutation(Locale::ZhHant), "尊敬的覃先生：");
    }

    #[test]
    fn lists_show_names_in_their_own_order() {
        let display = |family, given| PersonName::new(family, given, None).display();
        assert_eq!(display("赵", "刚"), "赵刚");
        assert_eq!(display("欧阳", " 明 "), "欧阳明");
        assert_eq!(display("Müller", "Hans"), "Hans Müller");
        assert_eq!(display("陳", "David"), "陳 David");
        assert_eq!(display("阿沙", ""), "阿沙");
        assert_eq!(PersonName::new("赵", "刚", Some(Honorific::Mr)).address(Locale::En), "Mr Zhao");
        assert_eq!(PersonName::new("赵", "刚", Some(Honorific::Zong)).address(Locale::ZhHant), "趙總");
        assert_eq!(PersonName::new("赵", "刚", Some(Honorific::Zong)).address(Locale::En), "赵刚");
    }

    #[test]
    fn titles_have_their_contract_names() {
        let names: Vec<String> = Honorific::ALL.iter().map(|h| serde_json::to_string(h).unwrap()).collect();
        assert_eq!(names.join(" "), r#""zong" "zhuren" "juzhang" "jingli" "dongshizhang" "mr" "ms""#);
        assert!(Honorific::ALL.iter().all(|h| Locale::ALL.iter().all(|locale| !h.word(*locale).is_empty())));
    }

    #[test]
    fn the_family_names_are_plausible() {
        assert!(FAMILY_NAMES.len() > 400);
        for (key, name) in FAMILY_NAMES.iter() {
            assert!(is_cjk(key) && name.latin.chars().next().is_some_and(|c| c.is_ascii_uppercase()), "{key}");
            assert_eq!(name.hans.chars().count(), name.hant.chars().count(), "{key}");
        }
    }
}
