//! A database as text: what a whole event left behind in one version of the schema, kept so that later versions are tried on it.
//!
//! The first line names the schema and the time; each further line is a table with its columns and rows. Values are texts or null,
//! whatever their type: UUIDs and instants as they are read, truth as 0 and 1. Both engines are filled from the same file.

use std::{fmt::Write, path::PathBuf};

use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row, SqliteConnection};
use yunqia_domain::Timestamp;
use yunqia_store::db::newest_schema;
use yunqia_tests_api::{Engine, TestApp};

/// A table, and the declared types of its columns.
struct Table {
    name: String,
    columns: Vec<(String, String)>,
}

/// Where the fixture of a schema lies.
pub fn path(schema: i64) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/schema-{schema}.jsonl"))
}

/// Every fixture there is, oldest schema first.
pub fn all() -> Vec<(i64, PathBuf)> {
    let mut found: Vec<(i64, PathBuf)> = (1..=newest_schema()).map(|schema| (schema, path(schema))).collect();
    found.retain(|(_, path)| path.exists());
    found
}

/// What stands in a SQLite database now.
pub async fn dump(app: &TestApp) -> String {
    let mut from = SqliteConnection::connect(app.database_url()).await.expect("the database opens");
    let head = json!({ "schema": newest_schema(), "now": app.now().to_string() });
    let mut text = format!("{head}\n");
    for table in tables(&mut from).await {
        let columns: Vec<String> = table
            .columns
            .iter()
            .map(|(name, kind)| match kind.as_str() {
                "UUID" => format!("lower(hex({name}))"),
                _ => format!("CAST({name} AS TEXT)"),
            })
            .collect();
        // Empty is not missing: hex makes no difference between them.
        let present: Vec<String> = table.columns.iter().map(|(name, _)| format!("{name} IS NULL")).collect();
        let query = format!("SELECT {}, {} FROM {} ORDER BY rowid", columns.join(", "), present.join(", "), table.name);
        let rows = sqlx::query(AssertSqlSafe(query)).fetch_all(&mut from).await.expect("a table can be read");
        let width = table.columns.len();
        let value = |row: &sqlx::sqlite::SqliteRow, at: usize| match row.get::<bool, _>(width + at) {
            true => Value::Null,
            false => Value::String(row.get::<String, _>(at)),
        };
        let rows: Vec<Vec<Value>> = rows.iter().map(|row| (0..width).map(|at| value(row, at)).collect()).collect();
        let names: Vec<&String> = table.columns.iter().map(|(name, _)| name).collect();
        writeln!(text, "{}", json!({ "table": table.name, "columns": names, "rows": rows })).expect("memory");
    }
    from.close().await.expect("it closes");
    text
}

/// Fills an empty database that has the fixture's schema; the time the fixture was made at.
pub async fn load(text: &str, engine: Engine, url: &str) -> Timestamp {
    let mut lines = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("a line of JSON"));
    let head = lines.next().expect("a first line");
    let tables: Vec<Value> = lines.collect();
    match engine {
        Engine::Sqlite => into_sqlite(&tables, url).await,
        Engine::Postgres => into_postgres(&tables, url).await,
    }
    head["now"].as_str().expect("a time").parse().expect("an instant")
}

async fn into_sqlite(tables: &[Value], url: &str) {
    let mut into = SqliteConnection::connect(url).await.expect("the database opens");
    // Rows name rows that come later.
    sqlx::query("PRAGMA foreign_keys = OFF").execute(&mut into).await.expect("a pragma");
    let known = self::tables(&mut into).await;
    for table in tables {
        let (name, columns) = names(table);
        let types: Vec<String> = columns.iter().map(|column| declared(&known, name, column)).collect();
        let places: Vec<String> = (1..=columns.len()).map(|n| format!("${n}")).collect();
        let insert = format!("INSERT INTO {name} ({}) VALUES ({})", columns.join(", "), places.join(", "));
        for row in rows(table) {
            let mut query = sqlx::query(AssertSqlSafe(insert.clone()));
            for (value, kind) in row.iter().zip(&types) {
                query = match (value.as_str(), kind.as_str()) {
                    (None, _) => query.bind(None::<String>),
                    (Some(text), "UUID") => query.bind(text.parse::<uuid::Uuid>().expect("a UUID")),
                    (Some(text), "BIGINT" | "BOOLEAN") => query.bind(text.parse::<i64>().expect("a number")),
                    (Some(text), _) => query.bind(text.to_owned()),
                };
            }
            query.execute(&mut into).await.unwrap_or_else(|error| refused(name, &error));
        }
    }
    let dangling = sqlx::query("PRAGMA foreign_key_check").fetch_all(&mut into).await.expect("a pragma");
    assert!(dangling.is_empty(), "{} rows name rows that are not there", dangling.len());
    into.close().await.expect("it closes");
}

async fn into_postgres(tables: &[Value], url: &str) {
    let mut into = PgConnection::connect(url).await.expect("the database opens");
    // Rows name rows that come later; only who owns the server may say so, as in every test.
    sqlx::query("SET session_replication_role = replica").execute(&mut into).await.expect("it may be set");
    let kinds: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT table_name::text, column_name::text, data_type::text FROM information_schema.columns
         WHERE table_schema = 'public'",
    )
    .fetch_all(&mut into)
    .await
    .expect("the catalog can be read");
    for table in tables {
        let (name, columns) = names(table);
        let places: Vec<String> = (1..)
            .zip(&columns)
            .map(|(n, column)| {
                let kind = kinds.iter().find(|(table, known, _)| table == name && known == column);
                let (.., kind) = kind.unwrap_or_else(|| panic!("there is no {name}.{column}"));
                format!("CAST(${n} AS {kind})")
            })
            .collect();
        let insert = format!("INSERT INTO {name} ({}) VALUES ({})", columns.join(", "), places.join(", "));
        for row in rows(table) {
            let mut query = sqlx::query(AssertSqlSafe(insert.clone()));
            for value in row {
                query = query.bind(value.as_str().map(str::to_owned));
            }
            query.execute(&mut into).await.unwrap_or_else(|error| refused(name, &error));
        }
    }
    into.close().await.expect("it closes");
}

/// Until the first release the first step of the schema is changed in place, and its fixture with it.
fn refused<T>(table: &str, error: &sqlx::Error) -> T {
    panic!(
        "{table}: {error}\nIf the schema's first step was changed in place before a release, write the fixture anew:\n  \
         YUNQIA_WRITE_FIXTURE=1 cargo test -p yunqia-tests-sim --test upgrade"
    )
}

async fn tables(from: &mut SqliteConnection) -> Vec<Table> {
    let names: Vec<(String,)> = sqlx::query_as(
        "SELECT name FROM sqlite_schema
         WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite%' ORDER BY name",
    )
    .fetch_all(&mut *from)
    .await
    .expect("the schema can be read");
    let mut tables = Vec::new();
    for (name,) in names {
        let columns = sqlx::query_as("SELECT name, type FROM pragma_table_info($1) ORDER BY cid")
            .bind(&name)
            .fetch_all(&mut *from)
            .await
            .expect("the columns can be read");
        tables.push(Table { name, columns });
    }
    tables
}

fn declared(known: &[Table], table: &str, column: &str) -> String {
    let table = known.iter().find(|known| known.name == table).unwrap_or_else(|| panic!("there is no {table}"));
    let found = table.columns.iter().find(|(name, _)| name == column);
    found.unwrap_or_else(|| panic!("there is no {}.{column}", table.name)).1.clone()
}

fn names(table: &Value) -> (&str, Vec<&str>) {
    let columns = table["columns"].as_array().expect("columns").iter();
    (table["table"].as_str().expect("a name"), columns.map(|one| one.as_str().expect("a name")).collect())
}

fn rows(table: &Value) -> impl Iterator<Item = &Vec<Value>> {
    table["rows"].as_array().expect("rows").iter().map(|row| row.as_array().expect("a row"))
}
