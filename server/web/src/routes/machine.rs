//! For machines: is it alive, is it ready.

use axum::{Router, extract::State, http::StatusCode, routing::get};

use crate::App;

pub fn routes() -> Router<App> {
    Router::new().route("/healthz", get(|| async { "ok" })).route("/readyz", get(ready))
}

/// Ready when the database answers. What else the node has lost for the moment is named.
async fn ready(State(app): State<App>) -> (StatusCode, String) {
    match app.db.read().await {
        Ok(_) => {
            let without = app.without.names();
            let ready =
                if without.is_empty() { "ready".into() } else { format!("ready, without {}", without.join(", ")) };
            (StatusCode::OK, ready)
        }
        Err(error) => {
            tracing::warn!(?error, "the database does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer".into())
        }
    }
}
