//! What is true of organisations, sessions, bookings and people: rules without I/O, clock or chance.

pub mod ids;
pub mod states;
pub mod time;

pub use time::Timestamp;
