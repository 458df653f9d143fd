//! Doing a thing once however often it is asked for: the `Idempotency-Key` of POSTs that make, send or decide something.
//!
//! The answer is kept in the transaction of the act. A repeat with the same key waits for the first to end, then gets its
//! answer; nothing is done again. Refusals are not kept: a repeat may succeed.

use axum::{
    extract::FromRequestParts,
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::{
    IntoParams,
    openapi::{
        Object, Required, Type,
        path::{Parameter, ParameterBuilder, ParameterIn},
    },
};
use yunqia_actions::Act;
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

/// How the interface's description names the header.
impl IntoParams for Key {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let text = "Made by the client, for what its user wants done: the same key with the same request is done once, and \
            gets the first answer again. Kept for two days.";
        let name = ParameterBuilder::new().name("Idempotency-Key").parameter_in(ParameterIn::Header);
        let schema = Object::with_type(Type::String);
        vec![name.required(Required::True).description(Some(text)).schema(Some(schema)).build()]
    }
}

/// A request that is being done for the first time.
pub struct Fresh {
    person: PersonId,
    key: String,
}

/// Why a handler ends before its act: the act was done before, and here is its answer; or a fault.
#[derive(Debug)]
pub enum Early {
    Again(Box<Response>),
    Fault(Fault),
}

impl<E: Into<Fault>> From<E> for Early {
    fn from(error: E) -> Early {
        Early::Fault(error.into())
    }
}

impl IntoResponse for Early {
    fn into_response(self) -> Response {
        match self {
            Early::Again(answer) => *answer,
            Early::Fault(fault) => fault.into_response(),
        }
    }
}

/// Claims the key inside the transaction of the act. Call it first, and end with [`Fresh::answer`]. `hash` is of what is
/// asked for. A repeat ends here, and its transaction with a commit: the first may be done and not yet durable.
pub async fn begin(mut tx: Tx, act: &Act, key: Key, hash: &str) -> Result<(Tx, Fresh), Early> {
    let person = act.person()?;
    if answers::claim(&mut tx, person, &key.0, hash, act.now).await? {
        return Ok((tx, Fresh { person, key: key.0 }));
    }
    let kept = answers::find(&mut tx, person, &key.0).await?;
    let kept = kept.ok_or_else(|| Fault::Inside("a claimed key has no answer".into()))?;
    if kept.request_hash != hash {
        return Err(Refusal::KeyReused.into());
    }
    tx.commit().await?;
    Err(Early::Again(Box::new(kept_response(kept.status, kept.body))))
}

/// For requests that are done together: the answer of each that was done before, None for those that are new. End the
/// transaction with a commit before answering, as [`begin`] does.
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

impl Fresh {
    /// Keeps the answer, ends the act, and answers.
    pub async fn answer(self, tx: Tx, status: StatusCode, answer: &impl Serialize) -> Result<Response, Early> {
        let body = serde_json::to_string(answer).map_err(|error| Fault::Inside(error.to_string()))?;
        self.end(tx, status, body).await
    }

    /// The same where the status says all.
    pub async fn bare_answer(self, tx: Tx, status: StatusCode) -> Result<Response, Early> {
        self.end(tx, status, String::new()).await
    }

    async fn end(self, mut tx: Tx, status: StatusCode, body: String) -> Result<Response, Early> {
        answers::keep(&mut tx, self.person, &self.key, i64::from(status.as_u16()), &body).await?;
        tx.commit().await?;
        Ok(json_response(status, body))
    }
}

fn kept_response(status: i64, body: String) -> Response {
    let status = u16::try_from(status).ok().and_then(|status| StatusCode::from_u16(status).ok());
    json_response(status.unwrap_or(StatusCode::OK), body)
}

fn json_response(status: StatusCode, body: String) -> Response {
    if body.is_empty() {
        return status.into_response();
    }
    let mut response = (status, body).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
