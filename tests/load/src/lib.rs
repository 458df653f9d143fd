//! What benchmarks and fault tests share: the program as a process, engines and links that fail on demand, a session to put load
//! on, a browser reduced to HTTP, and visitors who find their way back by themselves.

pub mod client;
pub mod engines;
pub mod link;
pub mod node;
pub mod scene;
pub mod server;
pub mod stage;
pub mod stats;
pub mod visitors;

/// A fresh id: what a browser makes for a request it may have to repeat.
#[expect(clippy::disallowed_methods, reason = "browsers make ids of their own")]
pub fn fresh() -> uuid::Uuid {
    uuid::Uuid::now_v7()
}
