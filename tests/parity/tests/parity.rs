//! One SQL text for two engines: every query is prepared on both and gives the same columns, and the two schemas are one.

use std::str::FromStr;

use sqlx::{
    Column, Connection, Executor, PgPool, SqlSafeStr, Statement,
    postgres::{PgTypeInfo, types::Oid},
    sqlite::SqliteConnectOptions,
};
use yunqia_tests_api::{Engine, Options, TestApp};
use yunqia_tests_parity::{
    queries,
    schema::{self, Schema, Words, differences},
    texts,
};

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
            Some(pool) => {
                let types = types_before_in(pool, text).await;
                match pool.acquire().await.expect("a connection").prepare_with(statement(), &types).await {
                    Ok(prepared) => Ok(names(&prepared)),
                    Err(error) => Err(error.to_string()),
                }
            }
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
async fn both_engines_have_the_same_schema() {
    let Some(mut both) = Both::start().await else { return };
    let (sqlite, postgres) = both.schemas().await;
    both.stop().await;
    // What the comparison stands on: these sentences are there, in these words.
    for fact in [
        "people.email: text, not null, default none",
        "bookings.hold_place: bigint, null, default none",
        "claims: primary key (claimant_id, tick)",
        "companies: unique (identifier_kind, identifier)",
        "waiting_places: unique index waiting_places_one_offer (slot_id) where (state = 'offered'::text)",
        "claims: foreign key (booking_id) to bookings (id), on delete no action, on update no action",
        "sessions: check sessions_slot_minutes ((slot_minutes >= 5) AND (slot_minutes <= 240))",
    ] {
        assert!(sqlite.contains(fact), "SQLite does not say: {fact}");
        assert!(postgres.contains(fact), "PostgreSQL does not say: {fact}");
    }
    assert!(sqlite.len() > 600, "only {} sentences were found", sqlite.len());
    assert_eq!(differences(&sqlite, &postgres), Vec::<String>::new());
}

/// Each kind of difference is seen when one side alone is changed.
#[tokio::test]
async fn a_schema_that_was_changed_on_one_side_is_seen() {
    let Some(mut both) = Both::start().await else { return };
    for (change, says) in [
        ("ALTER TABLE people ADD COLUMN nickname TEXT", "people.nickname: text, null"),
        ("ALTER TABLE people ADD COLUMN age BIGINT DEFAULT 7", "people.age: bigint, null, default"),
        ("CREATE TABLE guests (id UUID NOT NULL PRIMARY KEY)", "table guests"),
        ("DROP INDEX bookings_slot_sold_once", "unique index bookings_slot_sold_once (slot_id) where"),
        ("CREATE INDEX more ON bookings (created_at DESC, id)", "index more (created_at desc, id)"),
        ("CREATE INDEX more ON people (lower(email))", "index more (lower(email))"),
        ("CREATE INDEX more ON people (email COLLATE \"C\")", "index more (email collate C)"),
        (
            "CREATE UNIQUE INDEX more ON claims (booking_id) WHERE tick > 5",
            "unique index more (booking_id) where (tick > 5)",
        ),
        ("CREATE VIEW later AS SELECT id FROM people", "view later"),
        (
            "CREATE TABLE more (id UUID NOT NULL PRIMARY KEY REFERENCES people (id) ON DELETE CASCADE,
                 n BIGINT CONSTRAINT more_n CHECK (n BETWEEN 1 AND 3 OR n IN (7, 9)))",
            "more: foreign key (id) to people (id), on delete cascade",
        ),
    ] {
        for engine in [Engine::Sqlite, Engine::Postgres] {
            let seen = both.differences_after(engine, change).await;
            assert!(seen.iter().any(|one| one.contains(says)), "{engine:?}: {change}: {seen:?}");
        }
    }
    // Changes for which SQLite has no statement.
    for (change, says) in [
        ("ALTER TABLE people ALTER COLUMN email DROP NOT NULL", "people.email: text, null"),
        ("ALTER TABLE people ALTER COLUMN version TYPE INTEGER", "people.version: integer"),
        ("ALTER TABLE people ALTER COLUMN version SET DEFAULT 1", "people.version: bigint, not null, default 1"),
        ("ALTER TABLE people ALTER COLUMN email TYPE TEXT COLLATE \"C\"", "default none, collate C"),
        ("ALTER TABLE people DROP CONSTRAINT people_locale", "people: check people_locale"),
        ("ALTER TABLE people DROP CONSTRAINT people_email_key", "people: unique (email_key)"),
        ("ALTER TABLE claims DROP CONSTRAINT claims_key", "claims: primary key"),
        ("ALTER TABLE claims DROP CONSTRAINT claims_booking_id_fkey", "claims: foreign key"),
        (
            "ALTER TABLE slots DROP CONSTRAINT slots_order;
             ALTER TABLE slots ADD CONSTRAINT slots_order CHECK (starts_at <= ends_at)",
            "check slots_order (starts_at <= ends_at)",
        ),
    ] {
        let seen = both.differences_after(Engine::Postgres, change).await;
        assert!(seen.iter().any(|one| one.contains(says)), "{change}: {seen:?}");
    }
    let (sqlite, postgres) = both.schemas().await;
    both.stop().await;
    assert_eq!(differences(&sqlite, &postgres), Vec::<String>::new(), "every change was taken back");
}

/// A fresh database on each engine, open for changes.
struct Both {
    here: TestApp,
    there: TestApp,
    lite: sqlx::SqliteConnection,
    postgres: sqlx::PgConnection,
    /// Says how PostgreSQL understands a text; never changed.
    words: Words,
}

impl Both {
    /// None: PostgreSQL is not at hand here.
    async fn start() -> Option<Both> {
        let there = TestApp::start(Engine::Postgres, Options::default()).await?;
        let here = TestApp::start(Engine::Sqlite, Options::default()).await.expect("SQLite is always at hand");
        let lite = sqlx::SqliteConnection::connect_with(&sqlite(here.database_url())).await.expect("it opens");
        let postgres = sqlx::PgConnection::connect(there.database_url()).await.expect("it opens");
        let words = Words::of(sqlx::PgConnection::connect(there.database_url()).await.expect("it opens"));
        Some(Both { here, there, lite, postgres, words })
    }

    async fn schemas(&mut self) -> (Schema, Schema) {
        (schema::of_sqlite(&mut self.lite, &mut self.words).await, schema::of_postgres(&mut self.postgres).await)
    }

    /// What is seen while one side is changed; then the change is taken back. The changed side is read first and let go, since
    /// PostgreSQL locks what it changes.
    async fn differences_after(&mut self, engine: Engine, change: &'static str) -> Vec<String> {
        let back = "ROLLBACK";
        let change = format!("BEGIN; {change}");
        let change = sqlx::raw_sql(sqlx::AssertSqlSafe(change));
        match engine {
            Engine::Sqlite => {
                change.execute(&mut self.lite).await.expect("SQLite takes the change");
                let changed = schema::of_sqlite(&mut self.lite, &mut self.words).await;
                sqlx::raw_sql(back).execute(&mut self.lite).await.expect("it is taken back");
                differences(&changed, &schema::of_postgres(&mut self.postgres).await)
            }
            Engine::Postgres => {
                change.execute(&mut self.postgres).await.expect("PostgreSQL takes the change");
                let changed = schema::of_postgres(&mut self.postgres).await;
                sqlx::raw_sql(back).execute(&mut self.postgres).await.expect("it is taken back");
                differences(&schema::of_sqlite(&mut self.lite, &mut self.words).await, &changed)
            }
        }
    }

    async fn stop(self) {
        for connection in [self.postgres, self.words.into_inner()] {
            let _ = connection.close().await;
        }
        let _ = self.lite.close().await;
        self.here.stop().await;
        self.there.stop().await;
    }
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

/// What the store says when it binds rows that stand before `IN`, as in `(a, b) IN (VALUES ($2, $3))`: PostgreSQL guesses
/// the types of all other values from the columns they meet, and takes these for text.
async fn types_before_in(pool: &PgPool, text: &str) -> Vec<PgTypeInfo> {
    let Some((head, values)) = text.split_once(") IN (VALUES ($") else { return Vec::new() };
    let columns = head.rsplit_once('(').expect("a row opens").1;
    let first: usize = values.split([',', ')']).next().and_then(|n| n.parse().ok()).expect("a number");
    let unsaid = Oid(0);
    let mut types = vec![unsaid; first - 1];
    for column in columns.split(", ") {
        let of = "SELECT DISTINCT atttypid FROM pg_attribute WHERE attname = $1 AND attrelid >= 16384";
        types.push(sqlx::query_scalar(of).bind(column).fetch_one(pool).await.expect("a column of this name"));
    }
    types.into_iter().map(PgTypeInfo::with_oid).collect()
}

fn names<S: Statement>(statement: &S) -> Vec<String>
where
    S::Database: sqlx::Database,
{
    statement.columns().iter().map(|column| column.name().to_owned()).collect()
}
