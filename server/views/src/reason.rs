//! Why something is as it is, in the reader's language.
//!
//! People give reasons in their own words. Where a rule or the clock did it, the code of the [`Refusal`] is kept behind
//! an `@`, and each reader gets its sentence in their own language.

use yunqia_domain::{Refusal, locale::Locale};

/// What is stored for a reason that is a rule's.
pub fn code(refusal: Refusal) -> String {
    format!("@{}", refusal.code())
}

/// What a reader is shown.
pub fn text(stored: Option<&str>, locale: Locale) -> Option<String> {
    let stored = stored?;
    let Some(code) = stored.strip_prefix('@') else { return Some(stored.to_owned()) };
    let refusal = Refusal::ALL.iter().find(|refusal| refusal.code() == code);
    Some(refusal.map_or_else(|| stored.to_owned(), |refusal| refusal.text(locale).to_owned()))
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
    }
}
