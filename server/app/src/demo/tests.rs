//! The demo on a database of its own.

use std::time::Instant;

use yunqia_store::db::sql;

use super::*;

async fn loaded(now: &str) -> (tempfile::TempDir, Db, Timestamp) {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open(&format!("sqlite://{}", folder.path().join("demo.db").display())).await.unwrap();
    db.migrate().await.unwrap();
    let now = now.parse().unwrap();
    let began = Instant::now();
    assert!(load(&db, now).await.unwrap());
    println!("the demo was loaded in {:?}", began.elapsed());
    (folder, db, now)
}

async fn number(tx: &mut Tx, query: &'static str) -> i64 {
    sql(query).scalar(tx).await.unwrap()
}

#[tokio::test]
async fn the_tables_are_loaded_whole_and_only_once() {
    let (_folder, db, now) = loaded("2026-11-23T02:00:00Z").await;
    assert!(!load(&db, now).await.unwrap(), "a second load is refused");
    let mut tx = db.read().await.unwrap();
    let tx = &mut tx;
    assert_eq!(number(tx, "SELECT CAST(count(*) AS BIGINT) FROM organisations WHERE kind = 'bureau'").await, 1);
    assert_eq!(number(tx, "SELECT CAST(count(*) AS BIGINT) FROM organisations WHERE kind = 'city_bureau'").await, 21);
    assert_eq!(number(tx, "SELECT CAST(count(*) AS BIGINT) FROM organisations WHERE kind = 'centre'").await, 39);
    assert_eq!(number(tx, "SELECT CAST(count(*) AS BIGINT) FROM companies").await, 300);
    assert_eq!(number(tx, "SELECT CAST(count(*) AS BIGINT) FROM opportunities").await, 2062);
    assert_eq!(number(tx, "SELECT CAST(sum(amount_wan) AS BIGINT) FROM opportunities").await, 370_000_000);
    assert!(number(tx, "SELECT CAST(count(*) AS BIGINT) FROM interests").await > 600);
    assert_eq!(number(tx, "SELECT CAST(count(*) AS BIGINT) FROM people WHERE operator").await, 1);
    let people = bulk::fact(tx, PEOPLE).await.unwrap().unwrap();
    assert!(people.as_array().unwrap().len() >= 6);
}
