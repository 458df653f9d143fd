//! What benchmarks and fault tests share: the program as a process, a session to put load on, a browser reduced to HTTP.

pub mod client;
pub mod scene;
pub mod server;
pub mod stats;
