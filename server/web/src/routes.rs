//! All routes, grouped by who calls them, and the layers around them.

pub mod bookings;
pub mod channels;
pub mod companies;
pub mod desks;
pub mod document;
pub mod hall;
pub mod letters;
pub mod machine;
pub mod me;
pub mod members;
pub mod operator;
pub mod opportunities;
pub mod reference;
pub mod registrations;
pub mod report;
pub mod schedule;
pub mod sessions;
pub mod signing_in;
pub mod talks;

use std::time::Duration;

use axum::{Router, extract::DefaultBodyLimit, http::HeaderName, middleware};
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

/// The interface under `/api`, with its description.
pub fn api() -> OpenApiRouter<App> {
    let mut document = document::Document::openapi();
    document.merge(crate::live::document());
    OpenApiRouter::with_openapi(document)
        .merge(signing_in::routes())
        .merge(me::routes())
        .merge(companies::routes())
        .merge(members::routes())
        .merge(opportunities::routes())
        .merge(sessions::routes())
        .merge(desks::routes())
        .merge(registrations::routes())
        .merge(bookings::routes())
        .merge(schedule::routes())
        .merge(channels::routes())
        .merge(hall::routes())
        .merge(talks::routes())
        .merge(report::routes())
        .merge(reference::routes())
        .merge(operator::routes())
        .merge(letters::routes())
}

/// The description of the interface (OpenAPI 3.1).
pub fn description() -> utoipa::openapi::OpenApi {
    document::tidy(api().split_for_parts().1)
}

/// Everything the server answers.
pub fn router(app: App) -> Router {
    let (api, document) = api().split_for_parts();
    // Serves the document too, at /api/openapi.json.
    let docs = utoipa_swagger_ui::SwaggerUi::new("/api/docs").url("/api/openapi.json", document::tidy(document));
    let request_id = HeaderName::from_static("x-request-id");
    Router::new()
        .merge(api)
        .merge(docs)
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
        .layer(middleware::from_fn_with_state(app.clone(), problem::in_readers_language))
        .layer(middleware::from_fn(guard::security_headers))
        .layer(CompressionLayer::new())
        .layer(PropagateRequestIdLayer::new(request_id.clone()))
        .layer(SetRequestIdLayer::new(request_id, MakeRequestUuid))
        .with_state(app)
}
