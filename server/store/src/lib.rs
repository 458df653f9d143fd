//! The only SQL: one text per query for SQLite and PostgreSQL, as functions on an open transaction.

pub mod audit;
pub mod db;
pub mod idempotent_answers;
pub mod letters;
pub mod organisations;
pub mod people;
pub mod sign_ins;

pub use sqlx::types::Json;

pub use db::{Db, Error, Result, Signal, Tx};
