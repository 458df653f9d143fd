//! What benchmarks and fault tests share: the program as a process, a session to put load on, a browser reduced to HTTP.

pub mod client;
pub mod scene;
pub mod server;
pub mod stats;

/// A fresh id: what a browser makes for a request it may have to repeat.
#[expect(clippy::disallowed_methods, reason = "browsers make ids of their own")]
pub fn fresh() -> uuid::Uuid {
    uuid::Uuid::now_v7()
}
