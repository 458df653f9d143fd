//! Cleans text that people write: nothing invisible gets in, one spelling per character, and a length limit.
//!
//! Every text a person enters passes here once, before it is checked, stored or shown. What is taken out: control
//! characters, direction controls (they can make a line read backwards), zero-width characters (they hide words from
//! a search and from moderation), and stacks of combining marks. Joiners inside emoji and variation selectors stay.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::refusal::Refusal;

/// More combining marks than this on one letter are dropped; no written language needs more.
const MAX_MARKS: usize = 3;

/// Why a text is refused before anybody reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextProblem {
    /// Nothing is left after cleaning.
    #[error("the text is empty")]
    Empty,
    /// Longer than `max` characters (Unicode scalar values).
    #[error("the text has {got} characters, {max} are allowed")]
    TooLong { max: usize, got: usize },
}

impl From<TextProblem> for Refusal {
    fn from(problem: TextProblem) -> Refusal {
        match problem {
            TextProblem::Empty => Refusal::Required,
            TextProblem::TooLong { .. } => Refusal::TooLong,
        }
    }
}

/// Cleans a text of several lines and holds it to `max` characters.
pub fn clean_text(raw: &str, max: usize) -> Result<String, TextProblem> {
    bounded(raw, max, |raw| squeeze_blank_lines(&visible(raw)))
}

/// Cleans a text of one line (a name, a title): line breaks and tabs become single spaces.
pub fn clean_line(raw: &str, max: usize) -> Result<String, TextProblem> {
    bounded(raw, max, |raw| visible(raw).split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Whether a character is one that hides or turns text: direction controls, zero-width characters, fillers, tags.
pub fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FEFF}'
        | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}'
        | '\u{E0000}'..='\u{E0FFF}')
}

fn bounded(raw: &str, max: usize, clean: impl Fn(&str) -> String) -> Result<String, TextProblem> {
    // A text that is far too long is refused before work is spent on it.
    if raw.len() > max.saturating_mul(16).saturating_add(1024) {
        return Err(TextProblem::TooLong { max, got: raw.chars().count() });
    }
    let text = clean(raw);
    let got = text.chars().count();
    match got {
        0 => Err(TextProblem::Empty),
        _ if got > max => Err(TextProblem::TooLong { max, got }),
        _ => Ok(text),
    }
}

/// The visible characters of a text in NFC, with line breaks as `\n`.
fn visible(raw: &str) -> String {
    let raw = raw.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}', '\u{0085}'], "\n");
    let mut kept = String::with_capacity(raw.len());
    let mut chars = raw.chars().peekable();
    let mut before = None;
    let mut marks = 0;
    while let Some(c) = chars.next() {
        let joins =
            c == '\u{200D}' && before.is_some_and(is_pictograph) && chars.peek().copied().is_some_and(is_pictograph);
        marks = if is_combining_mark(c) && !is_variation(c) { marks + 1 } else { 0 };
        let control = c.is_control() && c != '\n' && c != '\t';
        if joins || !(is_invisible(c) || control || marks > MAX_MARKS) {
            kept.push(c);
            before = Some(c);
        }
    }
    kept.nfc().collect::<String>().trim().to_owned()
}

/// Trailing blanks go, and more than one empty line in a row becomes one.
fn squeeze_blank_lines(text: &str) -> String {
    let mut lines = Vec::new();
    for line in text.lines().map(str::trim_end) {
        if !(line.is_empty() && lines.last().is_none_or(|last: &&str| last.is_empty())) {
            lines.push(line);
        }
    }
    lines.join("\n").trim_end().to_owned()
}

fn is_variation(c: char) -> bool {
    matches!(c, '\u{FE00}'..='\u{FE0F}')
}

/// Characters that take part in joined emoji; wide enough for all of them, far from any letter.
fn is_pictograph(c: char) -> bool {
    is_variation(c) || matches!(c, '\u{2190}'..='\u{2BFF}' | '\u{1F000}'..='\u{1FAFF}')
}

/// A room's name made comparable: half width, lower case, without the spaces that people put or leave out. A space between
/// two Latin letters or digits counts: `Room 1 2` is not `Room 12`.
pub fn room_key(name: &str) -> String {
    let folded: Vec<char> = name.nfkc().flat_map(char::to_lowercase).collect();
    let mut key = String::new();
    let mut gap = false;
    for c in folded {
        if c.is_whitespace() {
            gap = true;
            continue;
        }
        if gap && c.is_ascii_alphanumeric() && key.ends_with(|last: char| last.is_ascii_alphanumeric()) {
            key.push(' ');
        }
        gap = false;
        key.push(c);
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invisible_characters_are_taken_out() {
        assert_eq!(clean_text("盐亭县\u{200B}标准\u{200D}化厂房", 100).unwrap(), "盐亭县标准化厂房");
        assert_eq!(clean_text("\u{202E}盐亭县项目", 100).unwrap(), "盐亭县项目");
        assert_eq!(clean_text("a\u{0}b\u{7}c\u{feff}", 100).unwrap(), "abc");
    }

    #[test]
    fn joined_emoji_stay_whole() {
        let family = "👨\u{200D}👩\u{200D}👧 ❤\u{FE0F}\u{200D}🔥";
        assert_eq!(clean_text(family, 100).unwrap(), family);
    }

    #[test]
    fn one_spelling_per_character() {
        assert_eq!(clean_line("Zoige\u{302}", 10).unwrap(), "Zoigê");
        let stacked = format!("a{}", "\u{316}".repeat(40));
        assert!(clean_line(&stacked, 100).unwrap().chars().count() <= 1 + MAX_MARKS);
    }

    #[test]
    fn lines_are_kept_or_joined() {
        assert_eq!(clean_text("  a \r\n\r\n\r\n\r\n b\t", 100).unwrap(), "a\n\n b");
        assert_eq!(clean_line("a \r\n b\tc", 100).unwrap(), "a b c");
    }

    #[test]
    fn limits_are_counted_in_characters_after_cleaning() {
        assert_eq!(clean_text("盐亭盐亭", 4).unwrap(), "盐亭盐亭");
        assert_eq!(clean_text("盐亭盐亭盐", 4), Err(TextProblem::TooLong { max: 4, got: 5 }));
        assert_eq!(clean_text(" \u{200B}\u{202E} ", 4), Err(TextProblem::Empty));
        assert!(matches!(clean_text(&"x".repeat(1_000_000), 4), Err(TextProblem::TooLong { got: 1_000_000, .. })));
    }

    #[test]
    fn cleaning_twice_changes_nothing() {
        for raw in ["a\u{301}\u{200B}b", " x\n\n\n\ny ", "👨\u{200D}👩", "ﬁ Ａ", "\u{1100}\u{1161}"] {
            let once = clean_text(raw, 100).unwrap();
            assert_eq!(clean_text(&once, 100).unwrap(), once);
        }
    }

    #[test]
    fn one_room_has_one_key_however_it_is_typed() {
        for name in ["会议室 A", "会议室A", " 会议室　Ａ ", "会议室a"] {
            assert_eq!(room_key(name), "会议室a", "{name}");
        }
        assert_eq!(room_key("Room  301"), room_key("ROOM 301"));
        assert_ne!(room_key("Room 1 2"), room_key("Room 12"));
        assert_ne!(room_key("1-2"), room_key("12"));
    }
}
