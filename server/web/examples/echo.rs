//! An echo over the server's own handshake and frames, for the Autobahn test suite (`tests/scripts/autobahn.sh`). It listens on
//! the address that is its argument.

use std::future::poll_fn;

use axum::{Router, response::Response, routing::get};
use yunqia_realtime::{Broken, Message, Wire, frame};
use yunqia_web::live::upgrade::{Stream, Upgrade};

/// The suite sends messages of 16 MiB.
const MESSAGE_MAX: usize = 32 << 20;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:9001".into());
    let router = Router::new().route("/", get(open));
    axum::serve(tokio::net::TcpListener::bind(address).await?, router).await
}

async fn open(upgrade: Upgrade) -> Response {
    upgrade.serve("echo", MESSAGE_MAX, echo)
}

async fn echo(mut wire: Wire<Stream>) {
    while let Some(message) = poll_fn(|cx| wire.poll_next(cx)).await {
        let last = match message {
            Ok(Message::Text(text)) => {
                wire.queue(frame::message(frame::TEXT, text.as_bytes()));
                false
            }
            Ok(Message::Binary(bytes)) => {
                wire.queue(frame::message(frame::BINARY, &bytes));
                false
            }
            Ok(Message::Ping(_) | Message::Pong | Message::Part) => false,
            Ok(Message::Close(code)) => {
                wire.queue(frame::close(code.unwrap_or(1000), ""));
                true
            }
            Err(broken) => {
                let code = match broken {
                    Broken::Protocol => 1002,
                    Broken::NotText => 1007,
                    Broken::TooLarge => 1009,
                };
                wire.queue(frame::close(code, ""));
                true
            }
        };
        if poll_fn(|cx| wire.poll_flush(cx)).await.is_err() || last {
            return;
        }
    }
}
