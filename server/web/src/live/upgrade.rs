//! From a request to a socket (RFC 6455 §4): the handshake, after which the connection is a stream of frames.

use axum::{
    body::Body,
    extract::FromRequestParts,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
    response::Response,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use sha1::{Digest, Sha1};
use yunqia_realtime::Wire;

use crate::problem::Fault;

const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// The stream of a connection that has become a socket.
pub type Stream = TokioIo<Upgraded>;

/// A request to become a socket.
pub struct Upgrade {
    connection: OnUpgrade,
    accept: HeaderValue,
    protocols: Vec<String>,
}

impl<S: Sync> FromRequestParts<S> for Upgrade {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Upgrade, Fault> {
        let headers = &parts.headers;
        let asks = parts.method == Method::GET
            && lists(headers, header::CONNECTION).any(|word| word.eq_ignore_ascii_case("upgrade"))
            && lists(headers, header::UPGRADE).any(|word| word.eq_ignore_ascii_case("websocket"))
            && lists(headers, header::SEC_WEBSOCKET_VERSION).eq(["13"]);
        let key = headers.get(header::SEC_WEBSOCKET_KEY).filter(|_| asks);
        let key = key.ok_or(Fault::Protocol(StatusCode::UPGRADE_REQUIRED))?;
        let hash = Sha1::new().chain_update(key.as_bytes()).chain_update(GUID).finalize();
        let accept = HeaderValue::try_from(STANDARD.encode(hash)).expect("base64 is plain ASCII");
        let protocols = lists(headers, header::SEC_WEBSOCKET_PROTOCOL).map(str::to_owned).collect();
        let connection = parts.extensions.remove::<OnUpgrade>();
        // HTTP/1.1 alone can be upgraded so.
        let connection = connection.ok_or(Fault::Protocol(StatusCode::UPGRADE_REQUIRED))?;
        Ok(Upgrade { connection, accept, protocols })
    }
}

impl Upgrade {
    /// Whether the client speaks this protocol.
    pub fn offers(&self, protocol: &str) -> bool {
        self.protocols.iter().any(|offered| offered == protocol)
    }

    /// Agrees, and has the socket served by a task of its own. `message_max`: bytes of a message of the client.
    pub fn serve<F: Future<Output = ()> + Send + 'static>(
        self,
        protocol: &'static str,
        message_max: usize,
        serve: impl FnOnce(Wire<Stream>) -> F + Send + 'static,
    ) -> Response {
        let speaks = self.offers(protocol);
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(header::SEC_WEBSOCKET_ACCEPT, self.accept);
        if speaks {
            headers.insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(protocol));
        }
        tokio::spawn(async move {
            // The client may go before it has read the answer.
            if let Ok(stream) = self.connection.await {
                serve(Wire::new(TokioIo::new(stream), message_max)).await;
            }
        });
        response
    }
}

/// The words of a header that is a list.
fn lists(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn upgrade(change: impl FnOnce(&mut HeaderMap)) -> Result<Upgrade, Fault> {
        let request = axum::http::Request::get("/ws")
            .header("connection", "keep-alive, Upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        change(&mut parts.headers);
        Upgrade::from_request_parts(&mut parts, &()).await
    }

    #[tokio::test]
    async fn only_a_whole_request_on_a_plain_connection_is_agreed_to() {
        for (name, value) in [("upgrade", "h2c"), ("connection", "close"), ("sec-websocket-version", "8")] {
            let refused = upgrade(|headers| drop(headers.insert(name, HeaderValue::from_static(value)))).await;
            assert!(matches!(refused, Err(Fault::Protocol(StatusCode::UPGRADE_REQUIRED))), "{name}");
        }
        assert!(upgrade(|headers| drop(headers.remove("sec-websocket-key"))).await.is_err());
        assert!(upgrade(|_| {}).await.is_err(), "a request without a connection behind it");
    }

    #[test]
    fn the_key_is_answered_as_the_standard_says() {
        // The example of RFC 6455 §1.3.
        let hash = Sha1::new().chain_update(b"dGhlIHNhbXBsZSBub25jZQ==").chain_update(GUID).finalize();
        assert_eq!(STANDARD.encode(hash), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }
}
