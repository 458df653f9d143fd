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
use yunqia_store::{Tx, idempotent_answers as answers};

use crate::{App, problem::Fault};

/// Longest key taken.
const KEY_LENGTH_MAX: usize = 100;

/// The key of a request that must carry one.
pub struct Key(String);

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
    /// It was done; this is its answer.
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
    let status = u16::try_from(kept.status).ok().and_then(|status| StatusCode::from_u16(status).ok());
    Ok(Once::Repeat(json_response(status.unwrap_or(StatusCode::OK), kept.body)))
}

impl Fresh {
    /// Keeps the answer; commit the transaction, then send the response.
    pub async fn finish(self, tx: &mut Tx, status: StatusCode, answer: &impl Serialize) -> Result<Response, Fault> {
        let body = serde_json::to_string(answer).map_err(|error| Fault::Inside(error.to_string()))?;
        answers::keep(tx, self.person, &self.key, i64::from(status.as_u16()), &body).await?;
        Ok(json_response(status, body))
    }
}

fn json_response(status: StatusCode, body: String) -> Response {
    let mut response = (status, body).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
