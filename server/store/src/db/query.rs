//! A query written once: a literal text, the values for both engines, and ways to run it.

use std::{borrow::Cow, fmt::Write};

use sqlx::{
    Arguments, AssertSqlSafe, Encode, FromRow, Postgres, Sqlite, Type,
    error::BoxDynError,
    postgres::{PgArguments, PgRow},
    sqlite::{SqliteArguments, SqliteRow},
};

use super::{Conn, Error, Result, Tx};

/// A value that can be bound in either engine.
pub trait Value: Type<Sqlite> + Type<Postgres> + for<'q> Encode<'q, Sqlite> + for<'q> Encode<'q, Postgres> {}
impl<T> Value for T where T: Type<Sqlite> + Type<Postgres> + for<'q> Encode<'q, Sqlite> + for<'q> Encode<'q, Postgres> {}

/// A row that can be read from either engine; `#[derive(sqlx::FromRow)]` is enough.
pub trait Record: Send + Unpin + for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> {}
impl<T> Record for T where T: Send + Unpin + for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> {}

/// Starts a query. The text is a literal, so that no input can become SQL and a
/// test can prepare every text on both engines.
pub fn sql(text: &'static str) -> Query {
    Query { text: text.into(), sqlite: SqliteArguments::default(), postgres: PgArguments::default(), error: None }
}

/// A text with the values bound so far.
#[must_use = "a query does nothing until it is run"]
pub struct Query {
    text: Cow<'static, str>,
    // Both are filled and one is used, so that a query need not know its engine
    // before it runs. Encoding twice costs far less than one round trip.
    sqlite: SqliteArguments,
    postgres: PgArguments,
    error: Option<BoxDynError>,
}

impl Query {
    /// Binds the next `$n`.
    pub fn bind(mut self, value: impl Value) -> Query {
        let encoded = self.sqlite.add(&value).and_then(|()| self.postgres.add(&value));
        if let Err(error) = encoded {
            self.error.get_or_insert(error);
        }
        self
    }

    /// Fills the next `(..)` of the text with one value per item, as in `id IN (..)`.
    pub fn list<V: Value>(self, values: impl IntoIterator<Item = V>) -> Query {
        let before = self.sqlite.len();
        let query = values.into_iter().fold(self, Query::bind);
        let after = query.sqlite.len();
        // Nothing is IN (NULL); an empty pair of parentheses is an error in PostgreSQL.
        let group = if before == after { "(NULL)".to_owned() } else { placeholders(before, after) };
        query.fill(&group)
    }

    /// Fills the next `(..)` of the text with one group per item, as in `VALUES (..)`.
    pub fn rows<I>(self, items: impl IntoIterator<Item = I>, bind: impl Fn(Query, I) -> Query) -> Query {
        let mut query = self;
        let mut groups = Vec::new();
        for item in items {
            let before = query.sqlite.len();
            query = bind(query, item);
            groups.push(placeholders(before, query.sqlite.len()));
        }
        query.fill(&groups.join(", "))
    }

    /// Runs the statement; returns the number of rows it changed.
    pub async fn execute(self, tx: &mut Tx) -> Result<u64> {
        let (text, query) = self.ready()?;
        Ok(match &mut tx.conn {
            Conn::Sqlite(tx) => sqlx::query_with(text, query.sqlite).execute(&mut **tx).await?.rows_affected(),
            Conn::Postgres(tx) => sqlx::query_with(text, query.postgres).execute(&mut **tx).await?.rows_affected(),
        })
    }

    /// Every row.
    pub async fn all<R: Record>(self, tx: &mut Tx) -> Result<Vec<R>> {
        let (text, query) = self.ready()?;
        Ok(match &mut tx.conn {
            Conn::Sqlite(tx) => sqlx::query_as_with(text, query.sqlite).fetch_all(&mut **tx).await?,
            Conn::Postgres(tx) => sqlx::query_as_with(text, query.postgres).fetch_all(&mut **tx).await?,
        })
    }

    /// The first row, if there is one.
    pub async fn optional<R: Record>(self, tx: &mut Tx) -> Result<Option<R>> {
        let (text, query) = self.ready()?;
        Ok(match &mut tx.conn {
            Conn::Sqlite(tx) => sqlx::query_as_with(text, query.sqlite).fetch_optional(&mut **tx).await?,
            Conn::Postgres(tx) => sqlx::query_as_with(text, query.postgres).fetch_optional(&mut **tx).await?,
        })
    }

    /// The first row; [`Error::NotFound`] if there is none.
    pub async fn one<R: Record>(self, tx: &mut Tx) -> Result<R> {
        self.optional(tx).await?.ok_or(Error::NotFound)
    }

    /// The single column of the single row.
    pub async fn scalar<T>(self, tx: &mut Tx) -> Result<T>
    where
        (T,): Record,
    {
        let (value,) = self.one(tx).await?;
        Ok(value)
    }

    fn fill(mut self, with: &str) -> Query {
        assert!(self.text.contains("(..)"), "no `(..)` to fill in: {}", self.text);
        self.text = self.text.replacen("(..)", with, 1).into();
        self
    }

    fn ready(mut self) -> Result<(AssertSqlSafe<String>, Query)> {
        if let Some(error) = self.error.take() {
            return Err(Error::Fault(sqlx::Error::Encode(error)));
        }
        // Safe: a literal in which only placeholders were filled in.
        let text = AssertSqlSafe(std::mem::take(&mut self.text).into_owned());
        Ok((text, self))
    }
}

/// `($4, $5)` for the arguments from the fourth up to the fifth: `placeholders(3, 5)`.
fn placeholders(before: usize, after: usize) -> String {
    let mut group = String::from("(");
    for n in before + 1..=after {
        let comma = if n == before + 1 { "" } else { ", " };
        write!(group, "{comma}${n}").expect("writing to a String cannot fail");
    }
    group.push(')');
    group
}
