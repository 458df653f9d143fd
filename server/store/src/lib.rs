//! The only SQL: one text per query for SQLite and PostgreSQL, as functions on an open transaction.

pub mod agenda;
pub mod audit;
pub mod bookings;
pub mod bulk;
pub mod channels;
pub mod checks;
pub mod companies;
pub mod db;
pub mod desks;
pub mod events;
pub mod facts;
pub mod files;
pub mod halls;
pub mod idempotent_answers;
pub mod interests;
pub mod letters;
pub mod members;
pub mod messages;
pub mod operators;
pub mod opportunities;
pub mod organisations;
pub mod outbox;
pub mod parts;
pub mod people;
pub mod personal;
pub mod presences;
pub mod registrations;
pub mod report;
pub mod sessions;
pub mod sign_in_letters;
pub mod sign_ins;
pub mod stays;
pub mod talks;
pub mod topics;
pub mod unread;
pub mod waiting_places;

pub use sqlx::types::Json;

pub use db::{Db, Error, Result, Signal, Tx};

/// A pattern that finds `words` anywhere; what LIKE reads as a sign stands for itself. Use with `ESCAPE '\\'`.
pub fn like(words: &str) -> String {
    let escaped = words.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
}
