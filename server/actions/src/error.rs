//! Why an act did not happen, without a word of HTTP.

use std::ops::RangeInclusive;

use yunqia_domain::{Refusal, locale::Locale, refusal::range_text};
use yunqia_views::{
    cards::OrganisationCard,
    common::{FreeSlot, ImpactItem},
};

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why an act did not happen. Nothing was changed: the caller drops the transaction.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A rule says no.
    #[error("refused: {}", .0.refusal.code())]
    Refused(Box<No>),
    /// Values that were sent are wrong, each with its place.
    #[error("{} fields are wrong", .0.len())]
    Fields(Vec<FieldError>),
    /// There is no such thing, or the reader may not know that there is.
    #[error("no such thing")]
    NotFound,
    #[error(transparent)]
    Store(yunqia_store::Error),
}

/// A refusal and what helps the person go on.
#[derive(Debug)]
pub struct No {
    pub refusal: Refusal,
    pub impact: Vec<ImpactItem>,
    pub free_slots: Vec<FreeSlot>,
    pub organisation: Option<OrganisationCard>,
}

/// A wrong value: where (RFC 6901 pointer into the body), which rule, and what numbers would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    pub pointer: String,
    pub refusal: Refusal,
    /// With [`Refusal::OutOfRange`].
    pub allowed: Option<RangeInclusive<i64>>,
}

impl FieldError {
    pub fn new(pointer: impl Into<String>, refusal: Refusal) -> FieldError {
        FieldError { pointer: pointer.into(), refusal, allowed: None }
    }

    pub fn out_of_range(pointer: impl Into<String>, allowed: RangeInclusive<i64>) -> FieldError {
        FieldError { pointer: pointer.into(), refusal: Refusal::OutOfRange, allowed: Some(allowed) }
    }

    /// The rule in a language, with the range where there is one.
    pub fn text(&self, locale: Locale) -> String {
        match &self.allowed {
            Some(allowed) => range_text(allowed, locale),
            None => self.refusal.text(locale).to_owned(),
        }
    }
}

impl Error {
    /// A change that hurts bookings and was not confirmed yet.
    pub fn impact(impact: Vec<ImpactItem>) -> Error {
        Error::Refused(Box::new(No { refusal: Refusal::Impact, impact, free_slots: Vec::new(), organisation: None }))
    }

    /// A no to a booking, with times that are free instead.
    pub fn with_free_slots(refusal: Refusal, free_slots: Vec<FreeSlot>) -> Error {
        Error::Refused(Box::new(No { refusal, impact: Vec::new(), free_slots, organisation: None }))
    }

    /// The company is there already; it can be joined.
    pub fn company_exists(organisation: OrganisationCard) -> Error {
        let refusal = Refusal::CompanyExists;
        Error::Refused(Box::new(No {
            refusal,
            impact: Vec::new(),
            free_slots: Vec::new(),
            organisation: Some(organisation),
        }))
    }

    pub fn field(pointer: impl Into<String>, refusal: Refusal) -> Error {
        Error::Fields(vec![FieldError::new(pointer, refusal)])
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Error {
        Error::Refused(Box::new(No { refusal, impact: Vec::new(), free_slots: Vec::new(), organisation: None }))
    }
}

impl From<yunqia_store::Error> for Error {
    fn from(error: yunqia_store::Error) -> Error {
        match error {
            yunqia_store::Error::NotFound => Error::NotFound,
            error => Error::Store(error),
        }
    }
}
