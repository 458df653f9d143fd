//! Doing a thing once however often it is asked for: the `Idempotency-Key` of POSTs that book or send.
//!
//! The answer is kept in the transaction of the act. A repeat with the same key waits for the first to end, then gets its
//! answer; nothing is done again. Refusals are not kept: a repeat may succeed.

use axum::{
    extract::FromRequestParts,
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use yunqia_domain::{Refusal, Timestamp, ids::PersonId};
use yunqia_store::{
    Tx,
    idempotent_answers::{self as answers, AnswerOf},
};

use crate::{App, problem::Fault};

/// Longest key taken.
const KEY_LENGTH_MAX: usize = 100;

/// The key of a request that must carry one.
pub struct Key(String);

impl Key {
    pub fn text(&self) -> &str {
        &self.0
    }
}

impl FromRequestParts<App> for Key {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Fault> {
        let key = parts.headers.get("idempotency-key").and_then(|key| key.to_str().ok()).unwrap_or_default();
        if key.is_empty() || key.len() > KEY_LENGTH_MAX {
            return Err(Refusal::KeyNeeded.into());
        }
        Ok(Key(key.to_owned()))
    }
}

/// A request that is being done for the first time.
pub struct Fresh {
    person: PersonId,
    key: String,
}

/// What [`begin`] finds.
pub enum Once {
    /// Go on, and [`Fresh::finish`] before the commit.
    Fresh(Fresh),
    /// It was done; this is its answer, for [`again`].
    Repeat(Response),
}

/// Claims the key inside the transaction of the act. Call it first.
pub async fn begin(tx: &mut Tx, person: PersonId, key: Key, hash: &str, now: Timestamp) -> Result<Once, Fault> {
    if answers::claim(tx, person, &key.0, hash, now).await? {
        return Ok(Once::Fresh(Fresh { person, key: key.0 }));
    }
    let kept =
        answers::find(tx, person, &key.0).await?.ok_or_else(|| Fault::Inside("a claimed key has no answer".into()))?;
    if kept.request_hash != hash {
        return Err(Refusal::KeyReused.into());
    }
    Ok(Once::Repeat(kept_response(kept.status, kept.body)))
}

/// For requests that are done together: the answer of each that was done before, None for those that are new. End the
/// transaction with a commit before answering; see [`again`].
pub async fn repeats(
    tx: &mut Tx,
    requests: &[(PersonId, &Key, &str)],
) -> Result<Vec<Option<Result<Response, Fault>>>, Fault> {
    let people = requests.iter().map(|(person, ..)| *person);
    let found = answers::find_all(tx, people, requests.iter().map(|(_, key, _)| key.text())).await?;
    let repeat = |(person, key, hash): &(PersonId, &Key, &str)| {
        let kept = found.iter().find(|kept| kept.person_id == *person && kept.key == key.0)?;
        Some(match kept.request_hash == *hash {
            true => Ok(kept_response(kept.status, kept.body.clone())),
            false => Err(Refusal::KeyReused.into()),
        })
    };
    Ok(requests.iter().map(repeat).collect())
}

/// The answer to one of them, and what is kept of it.
pub fn answer(
    person: PersonId,
    key: &Key,
    hash: &str,
    status: StatusCode,
    answer: &impl Serialize,
) -> Result<(Response, AnswerOf), Fault> {
    let body = serde_json::to_string(answer).map_err(|error| Fault::Inside(error.to_string()))?;
    let kept = AnswerOf {
        person_id: person,
        key: key.0.clone(),
        request_hash: hash.to_owned(),
        status: i64::from(status.as_u16()),
        body: body.clone(),
    };
    Ok((json_response(status, body), kept))
}

/// Keeps the answers of requests that were done together. An error where a rival has used one of the keys meanwhile.
pub async fn keep_all(tx: &mut Tx, kept: &[AnswerOf], now: Timestamp) -> Result<(), Fault> {
    match answers::insert_all(tx, kept, now).await? {
        true => Ok(()),
        false => Err(Fault::Busy(1)),
    }
}

/// Answers a repeat. Its transaction ends with a commit: the first may be done and not yet durable.
pub async fn again(tx: Tx, answer: Response) -> Result<Response, Fault> {
    tx.commit().await?;
    Ok(answer)
}

impl Fresh {
    /// Keeps the answer; commit the transaction, then send the response.
    pub async fn finish(self, tx: &mut Tx, status: StatusCode, answer: &impl Serialize) -> Result<Response, Fault> {
        let body = serde_json::to_string(answer).map_err(|error| Fault::Inside(error.to_string()))?;
        answers::keep(tx, self.person, &self.key, i64::from(status.as_u16()), &body).await?;
        Ok(json_response(status, body))
    }
}

fn kept_response(status: i64, body: String) -> Response {
    let status = u16::try_from(status).ok().and_then(|status| StatusCode::from_u16(status).ok());
    json_response(status.unwrap_or(StatusCode::OK), body)
}

fn json_response(status: StatusCode, body: String) -> Response {
    let mut response = (status, body).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
