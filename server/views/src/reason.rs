//! Why something is as it is, in the reader's language.
//!
//! People give reasons in their own words. Where a rule or the clock did it, the code of the [`Refusal`] is kept behind
//! an `@`, and each reader gets its sentence in their own language.

use yunqia_domain::{Refusal, locale::Locale, moderation};

/// What is stored for a reason that is a rule's.
pub fn code(refusal: Refusal) -> String {
    rule(refusal.code())
}

/// The same for a rule of moderation, by its code.
pub fn rule(code: &str) -> String {
    format!("@{code}")
}

/// The code of a message or question that is held because everything in its hall is.
pub const REVIEWED: &str = "review";

/// What a reader is shown.
pub fn text(stored: Option<&str>, locale: Locale) -> Option<String> {
    let stored = stored?;
    let Some(code) = stored.strip_prefix('@') else { return Some(stored.to_owned()) };
    let refusal = Refusal::ALL.iter().find(|refusal| refusal.code() == code).map(|refusal| refusal.text(locale));
    let moderated = || moderation::Reason::from_code(code).map(|reason| reason.text(locale));
    let reviewed = || {
        let texts = (
            "本场内容经审核后公开。",
            "本場內容經審核後公開。",
            "In this hall a moderator reads everything before it is shown.",
        );
        (code == REVIEWED).then(|| locale.pick(texts.0, texts.1, texts.2))
    };
    Some(refusal.or_else(moderated).or_else(reviewed).unwrap_or(code).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_speak_the_readers_language_and_people_their_own() {
        let stored = code(Refusal::SlotTaken);
        assert_eq!(text(Some(&stored), Locale::En).as_deref(), Some("This slot has been taken."));
        assert_eq!(text(Some(&stored), Locale::ZhHans).as_deref(), Some("该时段已被预约。"));
        assert_eq!(text(Some("暂时无法安排"), Locale::En).as_deref(), Some("暂时无法安排"));
        assert_eq!(text(None, Locale::En), None);
        let spam = text(Some(&rule("spam")), Locale::En);
        assert_eq!(spam.as_deref(), Some("It looks like spam."));
        assert!(text(Some(&rule(REVIEWED)), Locale::ZhHant).is_some_and(|text| text.contains("審核")));
    }
}
