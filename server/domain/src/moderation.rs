//! Reviews what a person writes before others see it: published at once, held for a second person, or rejected.
//!
//! Why there is a review at all, and why a host's promise of favours waits for a second person, is said in
//! `data/moderation-rules.json`, which holds all the words. The text that is published is the one that was written
//! (cleaned of what is invisible); the folded form, in which hidden words show, is for matching only.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use regex::{Regex, RegexSet};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use utoipa::ToSchema;

use crate::locale::Locale;
pub use crate::text::clean_text;
use crate::text::{TextProblem, is_invisible};

/// What becomes of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Shown at once, in this cleaned form. Markup in it is text; views show it as text.
    Publish(String),
    /// Kept for a moderator, in this cleaned form.
    Hold(String, Reason),
    /// Kept from everybody but its author and the moderators.
    Reject(String, Reason),
    /// Not taken at all: empty or too long.
    Refuse(TextProblem),
}

/// Why a text was held or rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// A host promises tax, land or subsidy favours: a second person reads it first.
    PolicyPromise,
    /// A company gives a phone number, an account or an address away in public.
    ContactDetails,
    /// The same character again and again.
    Flood,
    Spam,
    Abuse,
}

impl Reason {
    pub const ALL: [Reason; 5] =
        [Reason::PolicyPromise, Reason::ContactDetails, Reason::Flood, Reason::Spam, Reason::Abuse];

    /// Stable name, as stored.
    pub const fn code(self) -> &'static str {
        match self {
            Reason::PolicyPromise => "policy_promise",
            Reason::ContactDetails => "contact_details",
            Reason::Flood => "flood",
            Reason::Spam => "spam",
            Reason::Abuse => "abuse",
        }
    }

    pub fn from_code(code: &str) -> Option<Reason> {
        Reason::ALL.into_iter().find(|reason| reason.code() == code)
    }

    /// A sentence for the author and the moderator.
    pub fn text(self, locale: Locale) -> &'static str {
        let (hans, hant, en) = match self {
            Reason::PolicyPromise => (
                "涉及税费、土地或补贴承诺，须由另一位工作人员复核。",
                "涉及稅費、土地或補貼承諾，須由另一位工作人員覆核。",
                "It promises tax, land or subsidy favours; a second person reads it first.",
            ),
            Reason::ContactDetails => (
                "含有联系方式，须经审核后公开。",
                "含有聯絡方式，須經審核後公開。",
                "It contains contact details; a moderator reads it before it is shown.",
            ),
            Reason::Flood => ("重复内容过多。", "重複內容過多。", "It repeats the same characters over and over."),
            Reason::Spam => ("疑似垃圾信息。", "疑似垃圾信息。", "It looks like spam."),
            Reason::Abuse => ("含有辱骂内容。", "含有辱罵內容。", "It is abusive."),
        };
        locale.pick(hans, hant, en)
    }
}

/// Judges a text of at most `max` characters. `by_host` says that its author speaks for a host: hosts may give the
/// centre's contact details and must not promise favours; for companies it is the other way round.
pub fn review(typed: &str, max: usize, by_host: bool) -> Verdict {
    let text = match clean_text(typed, max) {
        Ok(text) => text,
        Err(problem) => return Verdict::Refuse(problem),
    };
    let folded = fold(&text);
    let rules = &*RULES;
    if rules.abuse.is_match(&folded) {
        return Verdict::Reject(text, Reason::Abuse);
    }
    let contact = has_contact(&folded, rules);
    let spam = rules.spam_weak.matches(&folded).iter().count();
    if rules.spam_strong.is_match(&folded) || spam > 1 {
        return Verdict::Reject(text, Reason::Spam);
    }
    let reason = match () {
        () if spam == 1 && (contact || folded.contains("http")) => Some(Reason::Spam),
        () if by_host && rules.policy.is_match(&folded) => Some(Reason::PolicyPromise),
        () if !by_host && contact => Some(Reason::ContactDetails),
        () if is_flood(&text) => Some(Reason::Flood),
        () => None,
    };
    match reason {
        Some(reason) => Verdict::Hold(text, reason),
        None => Verdict::Publish(text),
    }
}

/// The form in which words are matched: NFKC, lower case, nothing invisible, Simplified for the characters of the
/// rules, no separators between Chinese characters, Chinese numerals in long runs as digits.
pub fn fold(text: &str) -> String {
    let simplified = |c: char| RULES.simplified.get(&c).copied().unwrap_or(c);
    let folded: Vec<char> =
        text.nfkc().filter(|c| !is_invisible(*c)).flat_map(char::to_lowercase).map(simplified).collect();
    let joined = join_han(&folded);
    digits_for_numerals(&joined)
}

/// "低 息 贷 款" and "低.息.贷.款" hide a word from nobody but a program.
fn join_han(text: &[char]) -> Vec<char> {
    let mut joined: Vec<char> = Vec::with_capacity(text.len());
    let mut pending: Vec<char> = Vec::new();
    for &c in text {
        if matches!(c, '.' | '*' | '-' | '_' | '~' | '·' | '|' | '/' | '•') || c.is_whitespace() {
            pending.push(if c.is_whitespace() { ' ' } else { c });
        } else {
            let inside_word = is_han(c) && joined.last().copied().is_some_and(is_han);
            if !inside_word {
                joined.append(&mut pending);
            }
            pending.clear();
            joined.push(c);
        }
    }
    joined.append(&mut pending);
    joined
}

/// Runs of seven or more numerals and digits become digits; shorter ones are ordinary words (三台, 四川一地).
fn digits_for_numerals(text: &[char]) -> String {
    let mut result = String::with_capacity(text.len() * 3);
    let mut rest = text;
    while !rest.is_empty() {
        let run = rest.iter().take_while(|c| numeral(**c).is_some()).count();
        if run >= 7 {
            result.extend(rest[..run].iter().filter_map(|c| numeral(*c)));
        } else {
            result.extend(&rest[..run.max(1)]);
        }
        rest = &rest[run.max(1)..];
    }
    result
}

fn numeral(c: char) -> Option<char> {
    let value = match c {
        '0'..='9' => return Some(c),
        '〇' | '零' => 0,
        '一' | '壹' | '幺' => 1,
        '二' | '贰' | '貳' | '两' => 2,
        '三' | '叁' | '參' => 3,
        '四' | '肆' => 4,
        '五' | '伍' => 5,
        '六' | '陆' | '陸' => 6,
        '七' | '柒' => 7,
        '八' | '捌' => 8,
        '九' | '玖' => 9,
        _ => return None,
    };
    char::from_digit(value, 10)
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{20000}'..='\u{3134F}' | '〇')
}

/// A phone number, an account of a chat service or an e-mail address.
fn has_contact(folded: &str, rules: &Rules) -> bool {
    rules.contact.is_match(folded) || rules.number.find_iter(folded).any(|found| is_phone(folded, found, rules))
}

/// Whether a run of digits is dialled rather than counted: a mainland mobile or landline, a number with its country,
/// or any number right after a word such as "phone".
fn is_phone(folded: &str, found: regex::Match<'_>, rules: &Rules) -> bool {
    let digits: String = found.as_str().chars().filter(char::is_ascii_digit).collect();
    let national = digits.strip_prefix("0086").or_else(|| digits.strip_prefix("86")).unwrap_or(&digits);
    let mobile = |text: &str| text.len() == 11 && text.starts_with('1') && (b'3'..=b'9').contains(&text.as_bytes()[1]);
    let landline = (10..=12).contains(&digits.len()) && digits.starts_with('0') && !digits.starts_with("00");
    let hotline = digits.len() == 10 && (digits.starts_with("400") || digits.starts_with("800"));
    let abroad = found.as_str().starts_with('+') && digits.len() >= 8;
    let before: String = folded[..found.start()].chars().rev().take(12).collect::<Vec<_>>().into_iter().rev().collect();
    mobile(national) || mobile(&digits) || landline || hotline || abroad || rules.contact_word.is_match(&before)
}

/// One character a dozen times running, a longer text of two characters, or a text of little but emoji.
fn is_flood(text: &str) -> bool {
    const RUN: usize = 12;
    let visible: Vec<char> =
        text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '\u{FE00}'..='\u{FE0F}')).collect();
    // Lines of dashes and dots divide a text and are no flood while there is a text.
    let ruler = |c: char| "-=_.~*…—–·─".contains(c);
    let longest = visible.chunk_by(|a, b| a == b).filter(|run| !ruler(run[0])).map(<[char]>::len).max().unwrap_or(0);
    let distinct = visible.iter().collect::<HashSet<_>>().len();
    let emoji = visible.iter().filter(|c| matches!(c, '\u{1F000}'..='\u{1FAFF}' | '\u{2600}'..='\u{27BF}')).count();
    longest >= RUN || (visible.len() >= RUN && distinct <= 2) || (emoji > 15 && emoji * 2 > visible.len())
}

static RULES: LazyLock<Rules> = LazyLock::new(|| {
    let raw: RawRules = serde_json::from_str(include_str!("../data/moderation-rules.json"))
        .expect("data/moderation-rules.json is checked by a test");
    Rules::from(raw)
});

struct Rules {
    simplified: HashMap<char, char>,
    policy: RegexSet,
    spam_strong: RegexSet,
    spam_weak: RegexSet,
    abuse: RegexSet,
    contact: RegexSet,
    contact_word: Regex,
    number: Regex,
}

#[derive(Deserialize)]
struct RawRules {
    policy_redflag_terms: Vec<Term>,
    policy_patterns: Vec<String>,
    spam_strong: Vec<Term>,
    spam_weak: Vec<Term>,
    abuse_terms: Vec<Term>,
    abuse_patterns: Vec<String>,
    contact_words: Vec<Term>,
    contact_patterns: Vec<String>,
    traditional_to_simplified: HashMap<char, char>,
}

#[derive(Deserialize)]
struct Term {
    hans: Option<String>,
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "the Traditional form is matched after folding; a test compares")
    )]
    hant: Option<String>,
    en: Option<String>,
}

impl Term {
    /// The term in any of its languages; English words stand alone.
    fn pattern(&self) -> String {
        let hans = self.hans.as_deref().map(regex::escape);
        let en = self.en.as_deref().map(|en| format!(r"\b{}\b", regex::escape(en).replace(' ', r"\s+")));
        hans.into_iter().chain(en).collect::<Vec<_>>().join("|")
    }
}

impl From<RawRules> for Rules {
    fn from(raw: RawRules) -> Rules {
        let set = |terms: &[Term], patterns: &[String]| {
            let all = terms.iter().map(Term::pattern).chain(patterns.iter().cloned());
            RegexSet::new(all).expect("the patterns in data/ are checked by a test")
        };
        let words: Vec<String> = raw.contact_words.iter().map(Term::pattern).collect();
        Rules {
            policy: set(&raw.policy_redflag_terms, &raw.policy_patterns),
            spam_strong: set(&raw.spam_strong, &[]),
            spam_weak: set(&raw.spam_weak, &[]),
            abuse: set(&raw.abuse_terms, &raw.abuse_patterns),
            contact: set(&[], &raw.contact_patterns),
            contact_word: Regex::new(&words.join("|")).expect("the words in data/ are checked by a test"),
            number: Regex::new(r"\+?\d(?:[\s().·_*/-]{0,2}\d){6,}").expect("a literal pattern"),
            simplified: raw.traditional_to_simplified,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(text: &str, by_host: bool) -> Result<(), Reason> {
        match review(text, 2000, by_host) {
            Verdict::Publish(_) => Ok(()),
            Verdict::Hold(_, reason) | Verdict::Reject(_, reason) => Err(reason),
            Verdict::Refuse(problem) => panic!("{text}: {problem}"),
        }
    }

    #[test]
    fn traditional_words_fold_to_the_simplified_ones() {
        let raw: RawRules = serde_json::from_str(include_str!("../data/moderation-rules.json")).unwrap();
        let lists = [raw.policy_redflag_terms, raw.spam_strong, raw.spam_weak, raw.abuse_terms, raw.contact_words];
        for term in lists.iter().flatten() {
            if let (Some(hans), Some(hant)) = (&term.hans, &term.hant) {
                assert_eq!(&fold(hant), hans);
                assert_eq!(&fold(hans), hans);
            }
        }
    }

    #[test]
    fn ordinary_business_is_published() {
        for text in [
            "危险废物怎么处理?",
            "你们是废物利用项目吗?",
            "他们是垃圾处理企业,年处理 3000000 吨",
            "有没有低息贷款支持政策?",
            "总投资 120000000 元,用地 300 亩",
            "项目代码 2209-510703-04-01-123456",
            "会议定在2026年11月23日15:00-15:20",
            "2026-11-23 15:00 开始",
            "1500-2000亩可以吗",
            "三台、四川一地都可以",
            "资料见 https://www.sc.gov.cn/2026/11/23/12345678.html 谢谢",
            "WeChat meetings are fine for us. Which number of desks?",
            "----------------------\n以上是我们的需求\n----------------------",
            "好好好👍👍👍",
            "政府能不能返税?",
        ] {
            assert_eq!(verdict(text, false), Ok(()), "{text}");
        }
    }

    #[test]
    fn contact_details_of_companies_wait_however_they_are_written() {
        for text in [
            "138 0000 0000",
            "1-3-8-0-0-0-0-0-0-0-0",
            "壹叁捌零零零零零零零零",
            "0816-7220000",
            "电话 7220000",
            "QQ:12345678",
            "微信号是 zhao_gang88",
            "WeChat: zhao_gang88",
            "邮箱 zhao@company1.example",
            "call 400 800 1234",
        ] {
            assert_eq!(verdict(text, false), Err(Reason::ContactDetails), "{text}");
            assert_eq!(verdict(text, true), Ok(()), "a centre may tell its own: {text}");
        }
    }

    #[test]
    fn promises_of_hosts_wait_and_questions_of_companies_do_not() {
        for text in [
            "可以零地價供地",
            "税收前三年全额返还",
            "企業所得稅可以返還",
            "You get free land and a tax holiday",
            "先 征 后 返",
        ] {
            assert_eq!(verdict(text, true), Err(Reason::PolicyPromise), "{text}");
            assert_eq!(verdict(text, false), Ok(()), "{text}");
        }
    }

    #[test]
    fn hidden_words_are_seen() {
        assert_eq!(verdict("低\u{200B}息.贷*款,当 天 放 款", false), Err(Reason::Spam));
        assert_eq!(verdict("低息貸款，掃碼聯繫", true), Err(Reason::Spam));
        assert_eq!(verdict("低息贷款 138 0000 0000", false), Err(Reason::Spam));
        assert_eq!(verdict("你們全是廢物!", false), Err(Reason::Abuse));
        assert_eq!(verdict("You are all idiots", false), Err(Reason::Abuse));
    }

    #[test]
    fn reasons_have_names_and_sentences() {
        for reason in Reason::ALL {
            assert_eq!(Reason::from_code(reason.code()), Some(reason));
            assert_eq!(serde_json::to_string(&reason).unwrap(), format!("\"{}\"", reason.code()));
            assert!(reason.text(Locale::En).is_ascii() && !reason.text(Locale::ZhHant).is_ascii());
        }
    }
}
