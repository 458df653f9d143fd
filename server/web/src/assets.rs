//! The built front end, carried in the binary and served with a strict content security policy.

use std::sync::LazyLock;

use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use rust_embed::{EmbeddedFile, RustEmbed};
use sha2::{Digest, Sha256};

use crate::{App, problem::Fault};

#[derive(RustEmbed)]
#[folder = "../../frontend/build"]
#[allow_missing = true]
struct Built;

/// Shown when the binary was built before the front end.
const NO_FRONT_END: &str = "<!doctype html><html lang=\"en\"><title>Yunqia</title><p>The front end has not been built. Run <code>make front</code> and build again.</p></html>";

/// Whether this program was built after the front end.
pub fn has_front_end() -> bool {
    Built::get("index.html").is_some()
}

/// A file of the front end, or its page: the browser's router does the rest.
pub async fn serve(State(app): State<App>, uri: Uri) -> Response {
    let path = uri.path().trim_start_matches('/');
    if path.starts_with("api/") || path == "api" || path == "ws" {
        return Fault::NotFound.into_response();
    }
    if let Some(file) = Built::get(path).filter(|_| !path.is_empty() && path != "index.html") {
        return asset(path, file);
    }
    // A missing file is an error; a missing page is the front end's business.
    if path.rsplit('/').next().is_some_and(|name| name.contains('.')) {
        return Fault::NotFound.into_response();
    }
    page(&app.settings.base_url)
}

fn asset(path: &str, file: EmbeddedFile) -> Response {
    let kind = file.metadata.mimetype().to_owned();
    let mut response = (StatusCode::OK, file.data).into_response();
    let headers = response.headers_mut();
    if let Ok(kind) = HeaderValue::from_str(&kind) {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    // Names under immutable/ carry a hash of their content.
    let caching =
        if path.contains("/immutable/") { "public, max-age=31536000, immutable" } else { "public, max-age=300" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    response
}

fn page(base_url: &str) -> Response {
    let Some(index) = Built::get("index.html") else {
        return (StatusCode::OK, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], NO_FRONT_END).into_response();
    };
    let mut response = (StatusCode::OK, index.data).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::CONTENT_SECURITY_POLICY, policy(base_url));
    response
}

/// Only our own files; the one inline script (the router's start) is allowed by its hash (CSP 3 §6.7.2).
///
/// Safari before 15.4 does not count a socket of the same host as `'self'`, so the socket's address is named.
fn policy(base_url: &str) -> HeaderValue {
    static HASHES: LazyLock<String> = LazyLock::new(|| {
        let index = Built::get("index.html").map(|file| String::from_utf8_lossy(&file.data).into_owned());
        inline_scripts(&index.unwrap_or_default())
            .map(|script| format!(" 'sha256-{}'", STANDARD.encode(Sha256::digest(script.as_bytes()))))
            .collect()
    });
    let socket = base_url.replacen("http", "ws", 1);
    let policy = format!(
        "default-src 'none'; script-src 'self'{}; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; \
         connect-src 'self' {socket}; manifest-src 'self'; media-src 'self' blob:; base-uri 'none'; form-action 'self'; \
         frame-src 'self'; frame-ancestors 'none'",
        *HASHES
    );
    HeaderValue::from_str(&policy).expect("the policy is plain ASCII, and the address was checked at start")
}

fn inline_scripts(html: &str) -> impl Iterator<Item = &str> {
    html.split("<script").skip(1).filter_map(|rest| {
        let (attributes, rest) = rest.split_once('>')?;
        let (script, _) = rest.split_once("</script>")?;
        (!attributes.contains("src=")).then_some(script)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inline_scripts_are_found_and_others_are_not() {
        let html = r#"<script src="a.js"></script><script>one()</script><script type="module">two()</script>"#;
        assert_eq!(inline_scripts(html).collect::<Vec<_>>(), ["one()", "two()"]);
    }
}
