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
    assert_eq!(
        number(tx, "SELECT CAST(count(*) AS BIGINT) FROM letters WHERE state = 'queued' AND due_at < '2026-11-23'")
            .await,
        0
    );
    let people = facts::find(tx, PEOPLE).await.unwrap().unwrap();
    assert!(people.as_array().unwrap().len() >= 6);
}

/// The series meeting: 39 desks × 9 slots, 120 companies, 55 to 70 in a hundred slots booked.
#[tokio::test]
async fn the_series_meeting_is_partly_booked() {
    let (_folder, db, _) = loaded("2026-11-20T15:30:00Z").await;
    let mut tx = db.read().await.unwrap();
    let tx = &mut tx;
    let series = "SELECT CAST(count(*) AS BIGINT) FROM desks d JOIN sessions s ON s.id = d.session_id WHERE s.series IS NOT NULL";
    assert_eq!(number(tx, series).await, 39);
    let slots = "SELECT CAST(count(*) AS BIGINT) FROM slots l JOIN sessions s ON s.id = l.session_id WHERE s.series IS NOT NULL";
    assert_eq!(number(tx, slots).await, 351);
    let approved = "SELECT CAST(count(*) AS BIGINT) FROM registrations r JOIN sessions s ON s.id = r.session_id
                    WHERE s.series IS NOT NULL AND r.state = 'approved'";
    assert_eq!(number(tx, approved).await, 120);
    let booked = "SELECT CAST(count(*) AS BIGINT) FROM bookings b JOIN sessions s ON s.id = b.session_id
                  WHERE s.series IS NOT NULL AND b.state = 'confirmed'";
    let booked = number(tx, booked).await;
    assert!((194..=245).contains(&booked), "{booked} of 351");
    let open = "SELECT CAST(count(*) AS BIGINT) FROM bookings WHERE state = 'requested'";
    assert_eq!(number(tx, open).await, 10);
}

/// Near midnight, in the middle of the day and on a holiday: one session is always under way, with talks done and ahead.
#[tokio::test]
async fn a_session_is_under_way_at_any_hour() {
    for now in ["2026-11-23T02:04:00Z", "2026-10-01T16:10:00Z"] {
        let (_folder, db, _) = loaded(now).await;
        let mut tx = db.read().await.unwrap();
        let tx = &mut tx;
        let live = "SELECT CAST(count(*) AS BIGINT) FROM sessions WHERE state = 'live' AND current_item_id IS NOT NULL";
        assert_eq!(number(tx, live).await, 1, "{now}");
        let over = "SELECT CAST(count(*) AS BIGINT) FROM sessions WHERE state = 'closed'";
        assert_eq!(number(tx, over).await, 1, "{now}");
        let open = "SELECT CAST(count(*) AS BIGINT) FROM sessions WHERE state = 'booking_open'";
        assert_eq!(number(tx, open).await, 2, "{now}");
        let held = "SELECT CAST(count(*) AS BIGINT) FROM bookings WHERE state = 'held_done'";
        assert_eq!(number(tx, held).await, 12, "{now}");
        let wished = "SELECT CAST(count(*) AS BIGINT) FROM interests i JOIN sessions s ON s.id = i.session_id WHERE s.state = 'closed'";
        assert!(number(tx, wished).await > 3, "{now}");
        let said = "SELECT CAST(count(*) AS BIGINT) FROM messages m JOIN channels c ON c.id = m.channel_id WHERE c.kind = 'hall'";
        assert!(number(tx, said).await > 40, "{now}");
        let unanswered = "SELECT CAST(count(*) AS BIGINT) FROM stays WHERE left_at IS NULL";
        assert_eq!(number(tx, unanswered).await, 0, "{now}");
        // What the demo shows is what the rules allow.
        assert_eq!(yunqia_store::checks::broken_rules(tx).await.unwrap(), Vec::<String>::new(), "{now}");
    }
}
