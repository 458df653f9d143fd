//! What the engine itself can do: the rows of the bookings that a rush has made are taken out of its database and written
//! again by the simplest program there is, into the same tables with the same indexes and keys.

use std::{
    collections::HashMap,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use rusqlite::{Connection, types::Value};
use serde_json::json;
use sqlx::{PgPool, postgres::PgPoolOptions};
use uuid::Uuid;
use yunqia_load::stats;

/// Tables with rows of bookings, each with where a row names its booking.
const TABLES: [(&str, &str); 8] = [
    ("bookings", "id"),
    ("claims", "booking_id"),
    ("talks", "booking_id"),
    ("channels", "booking_id"),
    ("letters", "booking_id"),
    ("audit", "subject_id"),
    ("events", "body"),
    ("idempotent_answers", "body"),
];
/// Acts that share a flush, as many as the program takes together.
const GROUP: usize = 64;
const CLIENTS: usize = 16;

/// Rows of one booking: statements with their values.
type Rows = Vec<(usize, Vec<Value>)>;

/// SQLite through its own library on one thread: a flush for each booking, and one for 64, each in a savepoint.
pub fn sqlite(path: &Path) -> anyhow::Result<()> {
    let database = Connection::open(path)?;
    database.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -32000; PRAGMA temp_store = MEMORY",
    )?;
    let (bookings, statements) = take_out(&database)?;
    let rows: usize = bookings.iter().map(Vec::len).sum();
    let half = bookings.len() / 2;
    let (alone, together) = bookings.split_at(half);
    let mut statements = statements.iter().map(|text| database.prepare(text)).collect::<Result<Vec<_>, _>>()?;
    let mut write = |booking: &Rows| -> rusqlite::Result<()> {
        for (table, values) in booking {
            statements[*table].execute(rusqlite::params_from_iter(values))?;
        }
        Ok(())
    };
    let begun = Instant::now();
    for booking in alone {
        database.execute_batch("BEGIN IMMEDIATE")?;
        write(booking)?;
        database.execute_batch("COMMIT")?;
    }
    let one_flush_each = begun.elapsed();
    let begun = Instant::now();
    for group in together.chunks(GROUP) {
        database.execute_batch("BEGIN IMMEDIATE")?;
        for booking in group {
            database.execute_batch("SAVEPOINT act")?;
            write(booking)?;
            database.execute_batch("RELEASE SAVEPOINT act")?;
        }
        database.execute_batch("COMMIT")?;
    }
    let shared_flush = begun.elapsed();
    println!(
        "{}",
        json!({
            "benchmark": "limit of the engine", "conditions": stats::conditions("sqlite"),
            "bookings": bookings.len(), "rows_per_booking": rows as f64 / bookings.len() as f64,
            "one_flush_each_per_second": per_second(alone.len(), one_flush_each),
            "flush_shared_by_64_per_second": per_second(together.len(), shared_flush),
        })
    );
    Ok(())
}

/// PostgreSQL with one statement for a booking, from 16 clients.
pub async fn postgres(url: &str) -> anyhow::Result<()> {
    let pool = PgPoolOptions::new().max_connections(CLIENTS as u32).test_before_acquire(false).connect(url).await?;
    let mut bookings: HashMap<Uuid, Vec<Vec<serde_json::Value>>> = HashMap::new();
    for (n, (table, key)) in TABLES.iter().enumerate() {
        let key =
            if *key == "body" { "CAST(body AS JSONB) ->> 'id'".to_owned() } else { format!("CAST({key} AS TEXT)") };
        let text = format!(
            "SELECT {key} AS key, to_jsonb(t) AS row FROM {table} t WHERE {key} IN (SELECT CAST(id AS TEXT) FROM bookings)"
        );
        let found: Vec<(String, serde_json::Value)> =
            sqlx::query_as(sqlx::AssertSqlSafe(text)).fetch_all(&pool).await?;
        for (key, row) in found {
            bookings.entry(key.parse()?).or_insert_with(|| vec![Vec::new(); TABLES.len()])[n].push(row);
        }
    }
    for (table, _) in TABLES {
        sqlx::query(sqlx::AssertSqlSafe(format!("TRUNCATE {table} CASCADE"))).execute(&pool).await?;
    }
    let inserts: Vec<String> = (1..)
        .zip(TABLES)
        .map(|(n, (table, _))| {
            format!("t{n} AS (INSERT INTO {table} SELECT * FROM jsonb_populate_recordset(NULL::{table}, ${n}))")
        })
        .collect();
    let statement = Arc::new(format!("WITH {} SELECT 1", inserts.join(", ")));
    let rows: usize = bookings.values().flatten().map(Vec::len).sum();
    let bookings: Vec<_> = bookings.into_values().collect();
    let count = bookings.len();
    let queue = Arc::new(std::sync::Mutex::new(bookings));
    let begun = Instant::now();
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let (pool, queue, statement) = (pool.clone(), queue.clone(), statement.clone());
            tokio::spawn(client(pool, queue, statement))
        })
        .collect();
    let mut latencies = Vec::new();
    for client in clients {
        latencies.extend(client.await??);
    }
    let took = begun.elapsed();
    latencies.sort();
    pool.close().await;
    println!(
        "{}",
        json!({
            "benchmark": "limit of the engine", "conditions": stats::conditions("postgres"),
            "bookings": count, "rows_per_booking": rows as f64 / count as f64, "clients": CLIENTS,
            "one_statement_each_per_second": per_second(count, took),
            "ms": { "p50": stats::percentile(&latencies, 0.5), "p99": stats::percentile(&latencies, 0.99) },
        })
    );
    Ok(())
}

type Queue = Arc<std::sync::Mutex<Vec<Vec<Vec<serde_json::Value>>>>>;

async fn client(pool: PgPool, queue: Queue, statement: Arc<String>) -> anyhow::Result<Vec<Duration>> {
    let mut latencies = Vec::new();
    loop {
        let Some(booking) = queue.lock().expect("no panic under this lock").pop() else { return Ok(latencies) };
        let begun = Instant::now();
        let mut query = sqlx::query(sqlx::AssertSqlSafe(statement.as_str().to_owned()));
        for rows in booking {
            query = query.bind(serde_json::Value::Array(rows));
        }
        query.execute(&pool).await?;
        latencies.push(begun.elapsed());
    }
}

fn per_second(count: usize, took: Duration) -> f64 {
    (count as f64 / took.as_secs_f64()).round()
}

/// The rows of every booking, which are there no more afterwards, and a statement for each table.
fn take_out(database: &Connection) -> anyhow::Result<(Vec<Rows>, Vec<String>)> {
    let mut bookings: HashMap<Vec<u8>, Rows> = HashMap::new();
    let mut statements = Vec::new();
    for (n, (table, key)) in TABLES.iter().enumerate() {
        let mut select = database.prepare(&format!("SELECT * FROM {table}"))?;
        let columns = select.column_count();
        let at = select.column_index(key)?;
        let mut found = select.query([])?;
        while let Some(row) = found.next()? {
            let values = (0..columns).map(|n| row.get(n)).collect::<Result<Vec<Value>, _>>()?;
            let id = match &values[at] {
                Value::Blob(id) => id.clone(),
                Value::Text(body) => match serde_json::from_str::<serde_json::Value>(body)
                    .ok()
                    .and_then(|body| body["id"].as_str().and_then(|id| id.parse::<Uuid>().ok()))
                {
                    Some(id) => id.as_bytes().to_vec(),
                    None => continue,
                },
                _ => continue,
            };
            if n == 0 {
                bookings.insert(id, vec![(n, values)]);
            } else if let Some(rows) = bookings.get_mut(&id) {
                rows.push((n, values));
            }
        }
        statements.push(format!("INSERT INTO {table} VALUES ({})", vec!["?"; columns].join(", ")));
    }
    for (table, _) in TABLES.iter().rev() {
        database.execute(&format!("DELETE FROM {table}"), [])?;
    }
    Ok((bookings.into_values().collect(), statements))
}
