//! All routes, grouped by who calls them, and the layers around them.

pub mod bookings;
pub mod channels;
pub mod desks;
pub mod hall;
pub mod machine;
pub mod me;
pub mod registrations;
pub mod schedule;
pub mod sessions;
pub mod signing_in;
pub mod talks;

use std::time::Duration;

use axum::{Router, extract::DefaultBodyLimit, http::HeaderName, middleware, response::IntoResponse, routing::get};
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::CompressionLayer,
    request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer},
    timeout::TimeoutLayer,
};
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::{App, assets, guard, limits, problem};

/// Largest JSON body; uploads set their own limit.
const BODY_BYTES_MAX: usize = 256 * 1024;
const REQUEST_SECONDS_MAX: u64 = 30;

#[derive(OpenApi)]
#[openapi(info(
    title = "Yunqia 云洽",
    description = "Online promotion sessions: registration, one-to-one bookings, the hall, talks and letters."
))]
struct Document;

/// The interface under `/api`, with its description.
pub fn api() -> OpenApiRouter<App> {
    let mut document = Document::openapi();
    document.merge(crate::live::document());
    OpenApiRouter::with_openapi(document)
        .merge(signing_in::routes())
        .merge(me::routes())
        .merge(sessions::routes())
        .merge(desks::routes())
        .merge(registrations::routes())
        .merge(bookings::routes())
        .merge(schedule::routes())
        .merge(channels::routes())
        .merge(hall::routes())
        .merge(talks::routes())
}

/// Everything the server answers.
pub fn router(app: App) -> Router {
    let (api, document) = api().split_for_parts();
    let document = axum::Json(document);
    let request_id = HeaderName::from_static("x-request-id");
    Router::new()
        .merge(api)
        .route("/api/openapi.json", get(move || async move { document.clone().into_response() }))
        .merge(machine::routes())
        .merge(crate::live::routes())
        .fallback(assets::serve)
        .layer(middleware::from_fn_with_state(app.clone(), guard::own_origin))
        .layer(middleware::from_fn_with_state(app.clone(), limits::per_address))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(TimeoutLayer::with_status_code(
            axum::http::StatusCode::GATEWAY_TIMEOUT,
            Duration::from_secs(REQUEST_SECONDS_MAX),
        ))
        .layer(CatchPanicLayer::new())
        .layer(middleware::from_fn(problem::in_readers_language))
        .layer(middleware::from_fn(guard::security_headers))
        .layer(CompressionLayer::new())
        .layer(PropagateRequestIdLayer::new(request_id.clone()))
        .layer(SetRequestIdLayer::new(request_id, MakeRequestUuid))
        .with_state(app)
}
