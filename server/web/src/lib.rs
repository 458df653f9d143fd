//! HTTP and WebSocket: routes, extractors, problems, the built front end. No rule of the field lives here.

pub mod assets;
pub mod body;
pub mod booking_queue;
pub mod caller;
pub mod cookie;
pub mod file_store;
pub mod guard;
pub mod limits;
pub mod live;
pub mod malformed;
pub mod once;
pub mod paging;
pub mod params;
pub mod preview;
pub mod problem;
pub mod routes;
pub mod state;
pub mod tables;

pub use state::{App, Limits, Settings};
