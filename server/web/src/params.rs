//! The part of an address behind the `?`: what cannot be read is a problem, not a plain text.

use std::str::FromStr;

use axum::{
    extract::{FromRequestParts, Query},
    http::request::Parts,
};
use serde::{Serialize, de::DeserializeOwned};
use yunqia_domain::Timestamp;

use crate::{
    App,
    malformed::{Malformed, Rule},
    problem::Fault,
};

const LIMIT_DEFAULT: i64 = 50;
const LIMIT_MAX: i64 = 100;

/// The query of an address, read into `T`.
pub struct Params<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<App> for Params<T> {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Fault> {
        match Query::<T>::from_request_parts(parts, app).await {
            Ok(Query(value)) => Ok(Params(value)),
            Err(rejection) => Err(Malformed::of_query(&rejection.body_text()).into()),
        }
    }
}

/// How many items a page has: 50, or as many as asked for, 100 at most.
pub fn limit(asked: Option<i64>) -> Result<i64, Fault> {
    match asked {
        None => Ok(LIMIT_DEFAULT),
        Some(limit @ 1..=LIMIT_MAX) => Ok(limit),
        Some(_) => Err(Malformed::query("limit", Rule::Between(1, LIMIT_MAX)).into()),
    }
}

/// The place after which a page begins.
pub fn after<T: FromStr>(cursor: Option<&str>) -> Result<Option<T>, Fault> {
    let cursor = cursor.filter(|cursor| !cursor.is_empty());
    cursor.map(|cursor| cursor.parse().map_err(|_| not_a_cursor())).transpose()
}

/// A cursor of a list in order of time: `2026-11-23T07:00:00.000000Z_<id>`.
pub fn time_and_id<T: FromStr>(cursor: &str) -> Result<(Timestamp, T), Fault> {
    let (at, id) = cursor.rsplit_once('_').ok_or_else(not_a_cursor)?;
    Ok((at.parse().map_err(|_| not_a_cursor())?, id.parse().map_err(|_| not_a_cursor())?))
}

/// The place in a list that was given is none of it.
pub fn not_a_cursor() -> Fault {
    Malformed::query("after", Rule::Cursor).into()
}

/// Words given with commas between them: `state=registered,approved`. Nothing given: `all`.
pub fn words<T: Serialize + DeserializeOwned + Clone>(
    name: &str,
    given: Option<&str>,
    all: &[T],
) -> Result<Vec<T>, Fault> {
    let Some(given) = given.filter(|given| !given.is_empty()) else { return Ok(all.to_vec()) };
    given
        .split(',')
        .map(|word| {
            serde_json::from_value(serde_json::Value::String(word.trim().to_owned()))
                .map_err(|_| Malformed::query(name, choice(word.trim(), all)).into())
        })
        .collect()
}

/// The rule that a word is one of a few.
fn choice(given: &str, all: &[impl Serialize]) -> Rule {
    let known = all.iter().filter_map(|one| serde_json::to_value(one).ok()?.as_str().map(str::to_owned));
    Rule::Choice { given: given.to_owned(), known: known.collect() }
}

/// Splits what was read with one item more than the page has: the page, and whether there is another.
pub fn page<T>(mut items: Vec<T>, limit: i64) -> (Vec<T>, bool) {
    let limit = usize::try_from(limit).unwrap_or(0);
    let more = items.len() > limit;
    items.truncate(limit);
    (items, more)
}
