//! One SQL text for two engines: every query is prepared on both and gives the same columns, and the two schemas are one.

use std::str::FromStr;

use sqlx::{Column, Executor, SqlSafeStr, Statement, sqlite::SqliteConnectOptions};
use yunqia_store::db::sql;
use yunqia_tests_api::{Engine, Options, TestApp};
use yunqia_tests_parity::{queries, texts};

/// Words that only the engine room may use: they differ between the engines or hide columns.
const FORBIDDEN: [&str; 7] = ["SELECT *", " now()", "ILIKE", "FOR UPDATE", " ANY(", "::", "DEFAULT"];

#[tokio::test]
async fn every_query_prepares_on_both_engines_with_the_same_columns() {
    let all = queries();
    assert!(all.len() > 20, "only {} queries were found", all.len());
    let here = TestApp::start(Engine::Sqlite, Options::default()).await.expect("SQLite is always at hand");
    let there = TestApp::start(Engine::Postgres, Options::default()).await;
    let lite = sqlx::SqlitePool::connect_with(sqlite(here.database_url())).await.expect("the database opens");
    let postgres = match &there {
        Some(app) => Some(sqlx::PgPool::connect(app.database_url()).await.expect("the database opens")),
        None => None,
    };
    let mut wrong = Vec::new();
    for (file, text) in &all {
        let statement = || sqlx::AssertSqlSafe(text.clone()).into_sql_str();
        let on_sqlite = match lite.acquire().await.expect("a connection").prepare(statement()).await {
            Ok(prepared) => Ok(names(&prepared)),
            Err(error) => Err(error.to_string()),
        };
        let on_postgres = match &postgres {
            Some(pool) => match pool.acquire().await.expect("a connection").prepare(statement()).await {
                Ok(prepared) => Ok(names(&prepared)),
                Err(error) => Err(error.to_string()),
            },
            None => on_sqlite.clone(),
        };
        if !agree(&on_sqlite, &on_postgres) {
            wrong.push(format!("{}: {text}\n  sqlite {on_sqlite:?}\n  postgres {on_postgres:?}", file.display()));
        }
        if let Some(word) = FORBIDDEN.iter().find(|word| text.contains(**word)) {
            wrong.push(format!("{}: {text}\n  says {word}", file.display()));
        }
    }
    if let Some(pool) = postgres {
        pool.close().await;
    }
    lite.close().await;
    here.stop().await;
    if let Some(app) = there {
        app.stop().await;
    }
    assert!(wrong.is_empty(), "{} of {} queries:\n{}", wrong.len(), all.len(), wrong.join("\n"));
}

/// The migrations of the two engines must add up to one schema.
#[tokio::test]
async fn both_engines_have_the_same_columns() {
    let Some(there) = TestApp::start(Engine::Postgres, Options::default()).await else { return };
    let here = TestApp::start(Engine::Sqlite, Options::default()).await.expect("SQLite is always at hand");
    let on_sqlite: Vec<(String, String, bool)> =
        sql("SELECT m.name, c.name, c.\"notnull\" = 0 FROM sqlite_schema m, pragma_table_info(m.name) c
         WHERE m.type = 'table' AND m.name NOT LIKE '\\_%' ESCAPE '\\' AND m.name NOT LIKE 'sqlite%' ORDER BY 1, 2")
        .all(&mut here.read().await)
        .await
        .expect("the query runs");
    let on_postgres: Vec<(String, String, bool)> = sql(
        "SELECT CAST(table_name AS TEXT) COLLATE \"C\", CAST(column_name AS TEXT) COLLATE \"C\", is_nullable = 'YES'
         FROM information_schema.columns
         WHERE table_schema = 'public' AND table_name NOT LIKE '\\_%' ORDER BY 1, 2",
    )
    .all(&mut there.read().await)
    .await
    .expect("the query runs");
    here.stop().await;
    there.stop().await;
    assert!(on_sqlite.len() > 200, "only {} columns were found", on_sqlite.len());
    assert_eq!(on_sqlite, on_postgres);
}

#[test]
fn texts_are_read_as_the_compiler_reads_them() {
    let source = "sql(\"SELECT \\\"a\\\" FROM t WHERE id IN (..) AND x = $1 ESCAPE '\\\\'\") sql(\n  \"INSERT INTO t (a, b) VALUES (..)\")";
    assert_eq!(
        texts(source),
        ["SELECT \"a\" FROM t WHERE id IN ($2) AND x = $1 ESCAPE '\\'", "INSERT INTO t (a, b) VALUES ($1, $2)"]
    );
}

/// As the server opens it: with PostgreSQL's name for byte order.
fn sqlite(url: &str) -> SqliteConnectOptions {
    SqliteConnectOptions::from_str(url).expect("a SQLite address").collation("C", |a, b| a.cmp(b))
}

/// Single values are read by position, so the name an engine makes up for one does not matter.
fn agree(here: &Result<Vec<String>, String>, there: &Result<Vec<String>, String>) -> bool {
    match (here, there) {
        (Ok(here), Ok(there)) => here == there || (here.len() == 1 && there.len() == 1),
        _ => false,
    }
}

fn names<S: Statement>(statement: &S) -> Vec<String>
where
    S::Database: sqlx::Database,
{
    statement.columns().iter().map(|column| column.name().to_owned()).collect()
}
