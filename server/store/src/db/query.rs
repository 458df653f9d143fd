//! A query written once: a literal text, the values for both engines, and ways to run it.

use std::{borrow::Cow, fmt::Write};

use sqlx::{
    Arguments, AssertSqlSafe, Encode, FromRow, PgConnection, Postgres, SqlSafeStr, SqlStr, Sqlite, SqliteConnection,
    Type,
    error::BoxDynError,
    postgres::{PgArguments, PgRow},
    sqlite::{SqliteArguments, SqliteRow},
};

use super::{Conn, Error, Result, Tx, postgres::within};

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
    ///
    /// The last value is repeated up to a power of two, so that lists of all lengths make a dozen texts and not thousands:
    /// each text is prepared once per connection and kept.
    pub fn list<V: Value + Clone>(self, values: impl IntoIterator<Item = V>) -> Query {
        let mut values: Vec<V> = values.into_iter().collect();
        // Nothing is IN (NULL); an empty pair of parentheses is an error in PostgreSQL.
        let Some(last) = values.last().cloned() else { return self.fill("(NULL)") };
        values.resize(values.len().next_power_of_two(), last);
        let before = self.sqlite.len();
        let query = values.into_iter().fold(self, Query::bind);
        let after = query.sqlite.len();
        query.fill(&placeholders(before, after))
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
        Ok(match self.ready(&mut tx.conn)? {
            Ready::Sqlite(conn, text, values) => sqlx::query_with(text, values).execute(conn).await?.rows_affected(),
            Ready::Postgres(conn, text, values) => {
                within(sqlx::query_with(text, values).execute(conn)).await?.rows_affected()
            }
        })
    }

    /// Every row.
    pub async fn all<R: Record>(self, tx: &mut Tx) -> Result<Vec<R>> {
        Ok(match self.ready(&mut tx.conn)? {
            Ready::Sqlite(conn, text, values) => sqlx::query_as_with(text, values).fetch_all(conn).await?,
            Ready::Postgres(conn, text, values) => within(sqlx::query_as_with(text, values).fetch_all(conn)).await?,
        })
    }

    /// The first row, if there is one.
    pub async fn optional<R: Record>(self, tx: &mut Tx) -> Result<Option<R>> {
        Ok(match self.ready(&mut tx.conn)? {
            Ready::Sqlite(conn, text, values) => sqlx::query_as_with(text, values).fetch_optional(conn).await?,
            Ready::Postgres(conn, text, values) => {
                within(sqlx::query_as_with(text, values).fetch_optional(conn)).await?
            }
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

    fn ready(self, conn: &mut Conn) -> Result<Ready<'_>> {
        if let Some(error) = self.error {
            return Err(Error::Fault(sqlx::Error::Encode(error)));
        }
        // Safe: a literal in which only placeholders were filled in.
        let safe = |text: Cow<'static, str>| match text {
            Cow::Borrowed(text) => text.into_sql_str(),
            Cow::Owned(text) => AssertSqlSafe(text).into_sql_str(),
        };
        let sqlite = |text: Cow<'static, str>| match text {
            Cow::Owned(text) => safe(Cow::Owned(unnumbered(&text).unwrap_or(text))),
            text => safe(text),
        };
        Ok(match conn {
            Conn::Sqlite(tx) => Ready::Sqlite(tx, sqlite(self.text), self.sqlite),
            Conn::SqliteWriter(turn) => Ready::Sqlite(turn.connection(), sqlite(self.text), self.sqlite),
            Conn::Postgres(tx) => Ready::Postgres(tx, safe(self.text), self.postgres),
        })
    }
}

/// A query, and the connection it runs on.
enum Ready<'c> {
    Sqlite(&'c mut SqliteConnection, SqlStr, SqliteArguments),
    Postgres(&'c mut PgConnection, SqlStr, PgArguments),
}

/// The text with `?` for each `$n`, where these stand in order and each once.
///
/// SQLite keeps a list of the names of parameters and walks it for each of them, when it reads the text and when it is
/// given the value: with the thousands of a statement for many rows that is most of its time. A `?` has no name.
fn unnumbered(text: &str) -> Option<String> {
    let mut plain = String::with_capacity(text.len());
    let mut parts = text.split('$');
    plain.push_str(parts.next()?);
    for (expected, part) in (1..).zip(parts) {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        if part[..digits].parse() != Ok::<usize, _>(expected) {
            return None;
        }
        plain.push('?');
        plain.push_str(&part[digits..]);
    }
    Some(plain)
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

#[cfg(test)]
mod tests {
    use super::unnumbered;

    #[test]
    fn only_numbers_in_order_may_go() {
        assert_eq!(unnumbered("VALUES ($1, $2), ($3, $4)").as_deref(), Some("VALUES (?, ?), (?, ?)"));
        assert_eq!(unnumbered("a = $1 AND b IN ($2, $3)").as_deref(), Some("a = ? AND b IN (?, ?)"));
        assert_eq!(unnumbered("a IN ($2, $3) AND b = $1"), None);
        assert_eq!(unnumbered("a = $1 OR b = $1"), None);
        assert_eq!(unnumbered("json ->> '$.x' = $1"), None);
    }
}
