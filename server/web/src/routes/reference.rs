//! What every page needs and what does not change while the server runs. Browsers keep it and ask whether it is still true.

use std::sync::LazyLock;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa_axum::{router::OpenApiRouter, routes};
use yunqia_views::reference::{
    Division, Footer, Instance, RunSheet, Sector, all_divisions, all_run_sheets, all_sectors,
};

use crate::App;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(instance))
        .routes(routes!(divisions))
        .routes(routes!(sectors))
        .routes(routes!(run_sheets))
        .routes(routes!(zones))
}

/// This installation: its name, what its footer must show, the server's time.
#[utoipa::path(get, path = "/api/instance", tag = "reference", responses((status = 200, body = Instance)))]
async fn instance(State(app): State<App>) -> Response {
    let settings = &app.settings;
    let footer = &settings.footer;
    let view = Instance {
        name: settings.name.clone(),
        demo: settings.demo,
        version: env!("CARGO_PKG_VERSION").into(),
        now: app.now(),
        footer: Footer {
            sponsor: footer.sponsor.clone(),
            contact: footer.contact.clone(),
            icp: footer.icp.clone(),
            police: footer.police.clone(),
            map_review: footer.map_review.clone(),
        },
        file_bytes_max: settings.file_bytes_max,
        privacy_contact: settings.privacy_contact.clone(),
    };
    ([(header::CACHE_CONTROL, "no-store")], Json(view)).into_response()
}

/// Sichuan, its 21 cities and 183 counties.
#[utoipa::path(get, path = "/api/divisions", tag = "reference", responses((status = 200, body = Vec<Division>), (status = 304)))]
async fn divisions(headers: HeaderMap) -> Response {
    static KEPT: LazyLock<Kept> = LazyLock::new(|| Kept::of(&all_divisions()));
    KEPT.answer(&headers)
}

/// Sectors and subsectors of the promoted industries.
#[utoipa::path(get, path = "/api/sectors", tag = "reference", responses((status = 200, body = Vec<Sector>), (status = 304)))]
async fn sectors(headers: HeaderMap) -> Response {
    static KEPT: LazyLock<Kept> = LazyLock::new(|| Kept::of(&all_sectors()));
    KEPT.answer(&headers)
}

/// Programmes from which a session can be made.
#[utoipa::path(get, path = "/api/run-sheets", tag = "reference", responses((status = 200, body = Vec<RunSheet>), (status = 304)))]
async fn run_sheets(headers: HeaderMap) -> Response {
    static KEPT: LazyLock<Kept> = LazyLock::new(|| Kept::of(&all_run_sheets()));
    KEPT.answer(&headers)
}

/// Names of time zones (IANA).
#[utoipa::path(get, path = "/api/zones", tag = "reference", responses((status = 200, body = Vec<String>), (status = 304)))]
async fn zones(headers: HeaderMap) -> Response {
    static KEPT: LazyLock<Kept> = LazyLock::new(|| {
        let all = jiff::tz::db().available().map(|name| name.to_string());
        // Places have a slash; without one, or under these, are abbreviations and offsets.
        let place = |name: &String| {
            name.contains('/')
                && !["Etc/", "SystemV/", "posix/", "right/", "US/"].iter().any(|head| name.starts_with(head))
        };
        let mut names: Vec<String> = all.filter(place).collect();
        names.sort();
        Kept::of(&names)
    });
    KEPT.answer(&headers)
}

/// An answer that is written once, with a tag of its content.
struct Kept {
    body: Bytes,
    tag: HeaderValue,
}

impl Kept {
    fn of(view: &impl Serialize) -> Kept {
        let body = serde_json::to_vec(view).expect("views are plain data");
        let digest: String = Sha256::digest(&body).iter().take(12).map(|byte| format!("{byte:02x}")).collect();
        // Weak: what travels may be compressed.
        let tag = HeaderValue::from_str(&format!("W/\"{digest}\"")).expect("hexadecimal digits");
        Kept { body: body.into(), tag }
    }

    fn answer(&self, headers: &HeaderMap) -> Response {
        let caching = [
            (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600")),
            (header::ETAG, self.tag.clone()),
        ];
        let known = headers.get_all(header::IF_NONE_MATCH).iter().any(|value| {
            value.to_str().is_ok_and(|tags| tags.split(',').any(|tag| tag.trim().as_bytes() == self.tag.as_bytes()))
        });
        if known {
            return (StatusCode::NOT_MODIFIED, caching).into_response();
        }
        (caching, [(header::CONTENT_TYPE, "application/json")], self.body.clone()).into_response()
    }
}
