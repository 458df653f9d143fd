//! What is true of organisations, sessions, bookings and people: rules without I/O, clock or chance.

pub mod attendance;
pub mod booking;
pub mod calendar;
pub mod company;
pub mod contact;
pub mod divisions;
pub mod files;
pub mod hall;
pub mod holidays;
pub mod identifiers;
pub mod ids;
pub mod industries;
pub mod letters;
pub mod links;
pub mod locale;
pub mod moderation;
pub mod money;
pub mod names;
pub mod offices;
pub mod refusal;
pub mod regions;
pub mod run_sheet;
pub mod search;
pub mod sectors;
pub mod session;
pub mod slot_grid;
pub mod states;
pub mod talk;
pub mod text;
mod text_value;
pub mod time;
pub mod topics;
pub mod zones;

pub use refusal::Refusal;
pub use time::Timestamp;
