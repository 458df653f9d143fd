//! The only SQL: one text per query for SQLite and PostgreSQL, as functions on an open transaction.

pub mod db;

pub use db::{Db, Error, Result, Signal, Tx};
