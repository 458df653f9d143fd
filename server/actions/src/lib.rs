//! What can be done: one function per act. Each reads, asks `domain`, writes, queues letters and emits events, all on
//! one open transaction that its caller commits.

pub mod act;
pub mod bookings;
mod echo;
pub mod error;
pub mod jobs;
pub mod letters;
pub mod me;
pub mod post;
pub mod registrations;
pub mod sessions;
pub mod signing_in;
pub mod standing;
pub mod values;
mod words;

pub use act::Act;
pub use error::{Error, FieldError, Result};
