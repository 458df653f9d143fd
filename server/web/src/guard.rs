//! What stands before every route: the origin of unsafe requests, and the headers that tell browsers what a page may do.

use axum::{
    extract::{Request, State},
    http::{HeaderValue, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::{App, problem::Fault};

/// Refuses unsafe requests from other sites. Browsers always send `Origin` with them (Fetch Standard §3.2); a request
/// without one carries no cookie worth stealing unless it comes from a program that has it anyway.
pub async fn own_origin(State(app): State<App>, request: Request, next: Next) -> Response {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    // Mail programs unsubscribe with a bare POST (RFC 8058); no cookie is looked at there.
    let one_click = request.uri().path().starts_with("/unsubscribe/");
    if safe || one_click || is_own_origin(&app, request.headers()) {
        return next.run(request).await;
    }
    Fault::ForeignOrigin.into_response()
}

/// Whether `Origin` is this server, by its configured address or by the host it was asked under.
pub fn is_own_origin(app: &App, headers: &axum::http::HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok()) else {
        return false;
    };
    if origin == app.settings.base_url {
        return true;
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    // Plain http only where the server itself is plain (development and tests on loopback).
    !app.is_https() && host.is_some_and(|host| origin.strip_prefix("http://") == Some(host))
}

/// Security headers of every answer. The policy of pages is set with them (`assets`). What the interface answers is kept
/// nowhere unless the route says that it may be: most of it is for one reader.
pub async fn security_headers(request: Request, next: Next) -> Response {
    // The readable page of the interface brings its own script and style; nothing from elsewhere.
    let policy = match request.uri().path().starts_with("/api/docs") {
        true => {
            "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"
        }
        false => "default-src 'none'; frame-ancestors 'none'",
    };
    let for_one_reader = request.uri().path().starts_with("/api/");
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    headers.insert("permissions-policy", HeaderValue::from_static("camera=(self), microphone=(self), geolocation=()"));
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(policy));
    if for_one_reader {
        headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    }
    response
}
