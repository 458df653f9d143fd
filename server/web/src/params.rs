//! The part of an address behind the `?`: what cannot be read is a problem, not a plain text.

use std::str::FromStr;

use axum::{
    extract::{FromRequestParts, Query},
    http::request::Parts,
};
use serde::de::DeserializeOwned;

use crate::{App, problem::Fault};

const LIMIT_DEFAULT: i64 = 50;
const LIMIT_MAX: i64 = 100;

/// The query of an address, read into `T`.
pub struct Params<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<App> for Params<T> {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Fault> {
        match Query::<T>::from_request_parts(parts, app).await {
            Ok(Query(value)) => Ok(Params(value)),
            Err(rejection) => Err(Fault::Malformed(rejection.body_text())),
        }
    }
}

/// How many items a page has: 50, or as many as asked for, 100 at most.
pub fn limit(asked: Option<i64>) -> Result<i64, Fault> {
    match asked {
        None => Ok(LIMIT_DEFAULT),
        Some(limit @ 1..=LIMIT_MAX) => Ok(limit),
        Some(_) => Err(Fault::Malformed(format!("limit must be between 1 and {LIMIT_MAX}"))),
    }
}

/// The place after which a page begins.
pub fn after<T: FromStr>(cursor: Option<&str>) -> Result<Option<T>, Fault> {
    let cursor = cursor.filter(|cursor| !cursor.is_empty());
    cursor
        .map(|cursor| cursor.parse().map_err(|_| Fault::Malformed("after is not a cursor of this list".into())))
        .transpose()
}

/// Words given with commas between them: `state=registered,approved`. Nothing given: `all`.
pub fn words<T: DeserializeOwned + Clone>(given: Option<&str>, all: &[T]) -> Result<Vec<T>, Fault> {
    let Some(given) = given.filter(|given| !given.is_empty()) else { return Ok(all.to_vec()) };
    given
        .split(',')
        .map(|word| {
            serde_json::from_value(serde_json::Value::String(word.trim().to_owned()))
                .map_err(|_| Fault::Malformed(format!("{word} is not a state")))
        })
        .collect()
}

/// Splits what was read with one item more than the page has: the page, and whether there is another.
pub fn page<T>(mut items: Vec<T>, limit: i64) -> (Vec<T>, bool) {
    let limit = usize::try_from(limit).unwrap_or(0);
    let more = items.len() > limit;
    items.truncate(limit);
    (items, more)
}
