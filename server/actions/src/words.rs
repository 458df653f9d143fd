//! Checking what people send: each wrong value with its place.

use yunqia_domain::{
    Refusal,
    locale::LocalText,
    text::{clean_line, clean_text},
};

use crate::error::{Error, FieldError, Result};

/// The highest number that a limit may be; beyond it, none says the same.
pub const LIMIT_MAX: i64 = 100_000;

/// Wrong values found so far.
#[derive(Default)]
pub struct Wrong(Vec<FieldError>);

impl Wrong {
    pub fn add(&mut self, pointer: impl Into<String>, refusal: Refusal) {
        self.0.push(FieldError::new(pointer, refusal));
    }

    /// A text of one line in up to three languages, at least one.
    pub fn title(&mut self, pointer: &str, text: LocalText, max: usize) -> LocalText {
        text.validate_line(max).unwrap_or_else(|problem| {
            self.add(format!("{pointer}{}", problem.pointer()), problem.into());
            LocalText::default()
        })
    }

    /// A text of several lines that may be missing.
    pub fn description(&mut self, pointer: &str, text: LocalText, max: usize) -> LocalText {
        text.validate_optional(max).unwrap_or_else(|problem| {
            self.add(format!("{pointer}{}", problem.pointer()), problem.into());
            LocalText::default()
        })
    }

    /// One line that may be missing; what is empty is missing.
    pub fn optional_line(&mut self, pointer: &str, text: Option<String>, max: usize) -> Option<String> {
        let text = text.filter(|text| !text.trim().is_empty())?;
        match clean_line(&text, max) {
            Ok(text) => Some(text),
            Err(problem) => {
                self.add(pointer, problem.into());
                None
            }
        }
    }

    pub fn range(&mut self, pointer: &str, value: i64, allowed: std::ops::RangeInclusive<i64>) -> i64 {
        if !allowed.contains(&value) {
            self.0.push(FieldError::out_of_range(pointer, allowed));
        }
        value
    }

    /// A limit: null is none, and 0 is not a limit.
    pub fn limit(&mut self, pointer: &str, value: Option<i64>) -> Option<i64> {
        value.map(|value| self.range(pointer, value, 1..=LIMIT_MAX))
    }

    pub fn done(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::Fields(self.0)) }
    }
}

/// A reason in a person's own words that must be given.
pub fn reason(text: &str, max: usize) -> Result<String> {
    clean_text(text, max).map_err(|problem| {
        let refusal = Refusal::from(problem);
        Error::field("/reason", if refusal == Refusal::TooLong { refusal } else { Refusal::ReasonNeeded })
    })
}

/// A text in a person's own words that may be left out.
pub fn optional_text(pointer: &str, text: Option<&str>, max: usize) -> Result<Option<String>> {
    match text.map(str::trim).filter(|text| !text.is_empty()) {
        None => Ok(None),
        Some(text) => {
            let cleaned = clean_text(text, max).map_err(|problem| Error::field(pointer, problem.into()))?;
            Ok(Some(cleaned))
        }
    }
}

/// The same thing twice in a list of ids.
pub fn has_twice<T: Ord + Copy>(items: &[T]) -> bool {
    let mut sorted = items.to_vec();
    sorted.sort();
    sorted.windows(2).any(|pair| pair[0] == pair[1])
}
