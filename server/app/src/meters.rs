//! What is counted, for Prometheus: gathered in one place, and shown to this machine or to whoever has the token.

use std::{net::SocketAddr, time::Duration};

use anyhow::Context;
use axum::{
    Router,
    extract::ConnectInfo,
    http::{Extensions, HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use sha2::{Digest, Sha256};

/// Where everything that is counted comes together, for `/metrics`.
pub fn install() -> anyhow::Result<PrometheusHandle> {
    let seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
    let meters = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &seconds)?
        .install_recorder()
        .context("the meters cannot be set up")?;
    let kept = meters.clone();
    // Counts are gathered when they are asked for; without a collector they would pile up.
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_secs(10)).await;
            kept.run_upkeep();
        }
    });
    Ok(meters)
}

/// `/metrics`. Without `token`, or without the right one, only for programs on this machine.
pub fn routes(meters: PrometheusHandle, token: Option<String>) -> Router {
    let show = async move |extensions: Extensions, headers: HeaderMap| -> Response {
        let peer = extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0);
        if may_read(peer, &headers, token.as_deref()) {
            meters.render().into_response()
        } else {
            (StatusCode::FORBIDDEN, "only from this machine, or with server.metrics_token\n").into_response()
        }
    };
    Router::new().route("/metrics", get(show))
}

fn may_read(peer: Option<SocketAddr>, headers: &HeaderMap, token: Option<&str>) -> bool {
    let sent = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    if let (Some(token), Some(sent)) = (token, sent) {
        // Hashed, so that the time of the comparison tells nothing of the token.
        return Sha256::digest(token) == Sha256::digest(sent);
    }
    // A proxy on this machine is near, the one it asks for is not.
    let forwarded = ["x-forwarded-for", "forwarded", "via"].iter().any(|name| headers.contains_key(*name));
    !forwarded && peer.is_some_and(|peer| peer.ip().to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn may(peer: &str, headers: &[(&'static str, &str)], token: Option<&str>) -> bool {
        let headers = headers.iter().map(|(name, text)| ((*name).parse().unwrap(), text.parse().unwrap())).collect();
        may_read(Some(peer.parse().unwrap()), &headers, token)
    }

    #[test]
    fn this_machine_reads_and_nobody_else() {
        assert!(may("127.0.0.1:9", &[], None) && may("[::1]:9", &[], None) && may("[::ffff:127.0.0.1]:9", &[], None));
        assert!(!may("192.0.2.1:9", &[], None));
        assert!(!may("127.0.0.1:9", &[("x-forwarded-for", "127.0.0.1")], None), "a proxy asks for somebody");
        assert!(!may_read(None, &HeaderMap::new(), None));
    }

    #[test]
    fn the_token_opens_from_anywhere_and_a_wrong_one_nowhere() {
        let token = Some("0123456789abcdef");
        assert!(may("192.0.2.1:9", &[("authorization", "Bearer 0123456789abcdef")], token));
        assert!(!may("192.0.2.1:9", &[("authorization", "Bearer 0123456789abcdeX")], token));
        assert!(!may("127.0.0.1:9", &[("authorization", "Bearer nonsense")], token));
        assert!(!may("192.0.2.1:9", &[("authorization", "Bearer 0123456789abcdef")], None));
        assert!(may("127.0.0.1:9", &[], token), "the collector on this machine needs none");
    }
}
