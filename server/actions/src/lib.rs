//! What can be done: one function per act. Each reads, asks `domain`, writes, queues letters and emits events, all on
//! one open transaction that its caller commits.

pub mod act;
pub mod error;
pub mod letters;
pub mod unsubscribe;

pub use act::Act;
pub use error::{Error, FieldError, Result};
