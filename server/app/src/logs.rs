//! The log: lines for people or JSON for a collector, with request ids and without personal data.
//!
//! A request is logged by its route (`/api/bookings/{id}`), never by its path or query, which may hold secrets.

use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use tracing::Instrument;
use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};
use uuid::Uuid;

use crate::config::{Format, Log};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Starts the log on standard error. Commands that answer at once only warn.
pub fn start(log: &Log, service: bool) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(if service { &log.level } else { "warn" })?;
    let registry = tracing_subscriber::registry().with(filter);
    match log.format {
        Format::Json => registry.with(fmt::layer().json().flatten_event(true).with_writer(std::io::stderr)).init(),
        Format::Text => registry.with(fmt::layer().with_target(false).with_writer(std::io::stderr)).init(),
    }
    Ok(())
}

/// Gives the request an id of our own, counts it and logs its end.
#[expect(clippy::disallowed_methods, reason = "a request's id is for the log alone")]
pub async fn request(mut request: Request, next: Next) -> Response {
    let id = Uuid::now_v7().to_string();
    request.headers_mut().insert(REQUEST_ID, HeaderValue::from_str(&id).expect("an id is plain ASCII"));
    let method = method_of(&request);
    let route = request.extensions().get::<MatchedPath>().map_or("(page)", |path| path.as_str()).to_owned();
    let span = tracing::info_span!("request", %id, method, route);
    let began = Instant::now();
    let response = next.run(request).instrument(span.clone()).await;
    let took = began.elapsed();
    let status = response.status().as_u16();
    metrics::counter!("yunqia_requests_total", "method" => method, "route" => route.clone(), "status" => status.to_string())
        .increment(1);
    metrics::histogram!("yunqia_request_seconds", "route" => route.clone()).record(took.as_secs_f64());
    let _entered = span.enter();
    let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    match status {
        500.. => tracing::error!(status, ms, "answered"),
        // Pages and probes are many and say little.
        _ if route == "(page)" || route == "/healthz" || route == "/readyz" || route == "/metrics" => {
            tracing::debug!(status, ms, "answered");
        }
        _ => tracing::info!(status, ms, "answered"),
    }
    response
}

/// A method as a label: strange ones are one label, so that nobody can make many.
fn method_of(request: &Request) -> &'static str {
    match request.method().as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}
