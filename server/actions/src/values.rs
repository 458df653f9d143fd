//! Checking what was sent: every wrong value is named, not only the first.

use yunqia_domain::{
    Refusal,
    contact::{Email, Phone},
    locale::{LocalText, LocalTextProblem},
    text::{TextProblem, clean_line, clean_text},
};

use crate::error::{Error, FieldError, Result};

/// Collects wrong values with their places.
#[derive(Debug, Default)]
pub struct Values {
    wrong: Vec<FieldError>,
}

impl Values {
    pub fn new() -> Values {
        Values::default()
    }

    /// Names a wrong value.
    pub fn refuse(&mut self, pointer: impl Into<String>, refusal: Refusal) {
        self.wrong.push(FieldError::new(pointer, refusal));
    }

    /// Names a number that is not among those allowed.
    pub fn range(&mut self, pointer: &str, value: Option<i64>, allowed: std::ops::RangeInclusive<i64>) {
        if value.is_some_and(|value| !allowed.contains(&value)) {
            self.wrong.push(FieldError::out_of_range(pointer, allowed));
        }
    }

    /// The value, or None after naming what is wrong with it.
    pub fn take<T>(&mut self, pointer: &str, value: Result<T, impl Into<Refusal>>) -> Option<T> {
        match value {
            Ok(value) => Some(value),
            Err(problem) => {
                self.refuse(pointer, problem.into());
                None
            }
        }
    }

    /// One line that must not be empty.
    pub fn line(&mut self, pointer: &str, text: &str, max: usize) -> String {
        self.take(pointer, clean_line(text, max)).unwrap_or_default()
    }

    /// One line that may be empty.
    pub fn optional_line(&mut self, pointer: &str, text: Option<&str>, max: usize) -> Option<String> {
        self.optional(pointer, text, |text| clean_line(text, max))
    }

    /// Several lines that may be empty.
    pub fn optional_text(&mut self, pointer: &str, text: Option<&str>, max: usize) -> Option<String> {
        self.optional(pointer, text, |text| clean_text(text, max))
    }

    /// A name in at least one language.
    pub fn local_line(&mut self, pointer: &str, text: LocalText, max: usize) -> LocalText {
        let checked = text.validate_line(max);
        self.local(pointer, checked)
    }

    /// A description in any number of languages.
    pub fn optional_local(&mut self, pointer: &str, text: LocalText, max: usize) -> LocalText {
        let checked = text.validate_optional(max);
        self.local(pointer, checked)
    }

    pub fn optional_phone(&mut self, pointer: &str, text: Option<&str>) -> Option<String> {
        let text = text.map(str::trim).filter(|text| !text.is_empty())?;
        self.take(pointer, text.parse::<Phone>()).map(|phone| phone.as_str().to_owned())
    }

    pub fn optional_email(&mut self, pointer: &str, text: Option<&str>) -> Option<String> {
        let text = text.map(str::trim).filter(|text| !text.is_empty())?;
        self.take(pointer, text.parse::<Email>()).map(|email| email.as_str().to_owned())
    }

    /// All is well, or every wrong value.
    pub fn finish(self) -> Result<()> {
        if self.wrong.is_empty() { Ok(()) } else { Err(Error::Fields(self.wrong)) }
    }

    fn optional(
        &mut self,
        pointer: &str,
        text: Option<&str>,
        clean: impl Fn(&str) -> Result<String, TextProblem>,
    ) -> Option<String> {
        match text.map(clean)? {
            Ok(text) => Some(text),
            Err(TextProblem::Empty) => None,
            Err(problem) => {
                self.refuse(pointer, problem.into());
                None
            }
        }
    }

    fn local(&mut self, pointer: &str, checked: Result<LocalText, LocalTextProblem>) -> LocalText {
        checked.unwrap_or_else(|problem| {
            self.refuse(format!("{pointer}{}", problem.pointer()), problem.into());
            LocalText::default()
        })
    }
}

/// The reason of a refusal or suspension: needed, one paragraph.
pub fn reason(text: Option<&str>) -> Result<String> {
    let mut values = Values::new();
    let text = values.optional_text("/reason", text, 500);
    if text.is_none() {
        values.refuse("/reason", Refusal::ReasonNeeded);
    }
    values.finish()?;
    Ok(text.unwrap_or_default())
}
