//! JSON bodies and versions of requests; what cannot be read is a problem that says where.

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request},
    http::{header, request::Parts},
};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use utoipa::{
    IntoParams,
    openapi::{
        Object, Required, Type,
        path::{Parameter, ParameterBuilder, ParameterIn},
    },
};

use crate::{
    App,
    malformed::{Malformed, Place, Rule},
    problem::Fault,
};

/// A JSON body that has been read into `T`, and the hash of its bytes (for [`crate::once`]).
pub struct Body<T> {
    pub value: T,
    pub hash: String,
}

impl<T: DeserializeOwned> FromRequest<App> for Body<T> {
    type Rejection = Fault;

    async fn from_request(request: Request, app: &App) -> Result<Self, Fault> {
        let is_json = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.split(';').next().is_some_and(|kind| kind.trim() == "application/json"));
        if !is_json {
            return Err(Fault::Protocol(axum::http::StatusCode::UNSUPPORTED_MEDIA_TYPE));
        }
        let place = format!("{} {}", request.method(), request.uri().path());
        let bytes = Bytes::from_request(request, app).await.map_err(|rejection| Fault::Protocol(rejection.status()))?;
        let mut hasher = Sha256::new();
        // The same key on another address is another request.
        hasher.update(place.as_bytes());
        hasher.update(&bytes);
        let hash = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        let mut reader = serde_json::Deserializer::from_slice(&bytes);
        let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| Malformed::of_json(&error))?;
        // Nothing may follow the one value.
        reader.end().map_err(|error| {
            Malformed::new(
                Place::Body { pointer: String::new(), line: error.line(), column: error.column() },
                Rule::Json,
            )
        })?;
        Ok(Body { value, hash })
    }
}

/// The version in `If-Match`, where a change must name the version it was made on.
pub struct Version(pub i64);

impl FromRequestParts<App> for Version {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Fault> {
        let value = parts.headers.get(header::IF_MATCH).ok_or(Fault::VersionNeeded)?;
        let text = value.to_str().unwrap_or_default();
        text.trim_start_matches("W/")
            .trim_matches('"')
            .parse()
            .map(Version)
            .map_err(|_| Malformed::new(Place::Header("If-Match"), Rule::Version).into())
    }
}

/// The version in `If-Match` where naming it is left to the client.
pub struct OptionalVersion(pub Option<i64>);

impl FromRequestParts<App> for OptionalVersion {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Fault> {
        if !parts.headers.contains_key(header::IF_MATCH) {
            return Ok(OptionalVersion(None));
        }
        let Version(version) = Version::from_request_parts(parts, app).await?;
        Ok(OptionalVersion(Some(version)))
    }
}

impl IntoParams for Version {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![if_match(Required::True, "The `version` that was changed, in quotes; 428 without it.")]
    }
}

impl IntoParams for OptionalVersion {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![if_match(Required::False, "The `version` this was decided on, in quotes; without it any will do.")]
    }
}

/// How the interface's description names the header.
fn if_match(required: Required, text: &str) -> Parameter {
    let name = ParameterBuilder::new().name("If-Match").parameter_in(ParameterIn::Header).required(required);
    name.description(Some(text)).schema(Some(Object::with_type(Type::String))).build()
}
