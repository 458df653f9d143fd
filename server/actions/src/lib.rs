//! What can be done: one function per act. Each reads, asks `domain`, writes, queues letters and emits events, all on
//! one open transaction that its caller commits.

pub mod act;
pub mod attendance;
pub mod authority;
pub mod bookings;
pub mod closing;
pub mod companies;
pub mod digests;
mod echo;
pub mod error;
pub mod hall;
pub mod interests;
pub mod jobs;
pub mod letters;
pub mod me;
pub mod members;
pub mod messages;
pub mod operator;
pub mod organisations;
pub mod parts;
pub mod post;
pub mod registrations;
pub mod sessions;
pub mod signing_in;
pub mod standing;
pub mod talks;
mod tell;
pub mod values;
mod words;

pub use act::Act;
pub use error::{Error, FieldError, Result};
