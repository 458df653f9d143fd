//! Database errors, told apart as far as a caller can act on them.

use sqlx::{error::ErrorKind, sqlite::SqliteError};

/// What a query gives.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong in the database.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("no such row")]
    NotFound,
    #[error("unique constraint violated")]
    Duplicate(#[source] sqlx::Error),
    #[error("foreign key violated")]
    Dangling(#[source] sqlx::Error),
    #[error("check constraint violated")]
    Invalid(#[source] sqlx::Error),
    /// Another transaction was in the way; the whole of this one may be retried.
    #[error("could not serialize access")]
    Contended(#[source] sqlx::Error),
    /// The database is not there or has no connection for us now. What was being done may be tried again as a whole; after a
    /// commit it is unknown whether it was done, which is why acts are done once however often they are asked for.
    #[error("the database is not there")]
    Unavailable(#[source] sqlx::Error),
    /// There is no room to write. Reading goes on.
    #[error("the disk is full")]
    Full(#[source] sqlx::Error),
    #[error(transparent)]
    Fault(sqlx::Error),
}

const POSTGRES_CONTENDED: [&str; 2] = ["40001", "40P01"];
const POSTGRES_FULL: &str = "53100";
const SQLITE_BUSY: i32 = 5;
const SQLITE_FULL: i32 = 13;

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Error {
        if super::postgres::is_lost(&error) {
            return Error::Unavailable(error);
        }
        let sqlx::Error::Database(database) = &error else {
            return match error {
                sqlx::Error::RowNotFound => Error::NotFound,
                error => Error::Fault(error),
            };
        };
        let code = database.code().unwrap_or_default();
        // Codes of both engines can be all digits (SQLSTATE 22021), so ask whose it is.
        let of_sqlite = |wanted| code.parse::<i32>().is_ok_and(|code| code & 0xff == wanted);
        let (contended, full) = match database.try_downcast_ref::<SqliteError>() {
            Some(_) => (of_sqlite(SQLITE_BUSY), of_sqlite(SQLITE_FULL)),
            None => (POSTGRES_CONTENDED.contains(&&*code), code == POSTGRES_FULL),
        };
        match database.kind() {
            ErrorKind::UniqueViolation => Error::Duplicate(error),
            ErrorKind::ForeignKeyViolation => Error::Dangling(error),
            ErrorKind::CheckViolation => Error::Invalid(error),
            _ if full => Error::Full(error),
            _ if contended => Error::Contended(error),
            _ => Error::Fault(error),
        }
    }
}
