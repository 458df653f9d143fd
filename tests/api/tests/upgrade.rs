//! While nodes are upgraded one by one, a program serves on a schema with steps that it does not know.

use yunqia_store::db::{Upgrade, newest_schema, sql};
use yunqia_tests_api::on_both;

on_both! {
    async fn a_program_serves_on_a_newer_schema_until_that_says_otherwise(app) {
        let (known, newer) = (newest_schema(), newest_schema() + 1);
        let mut tx = app.write().await;
        // What a newer program leaves behind: its step, and what the step added.
        sql("INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
             VALUES ($1, 'of a newer program', TRUE, 'x', 1)").bind(newer).execute(&mut tx).await.unwrap();
        sql("ALTER TABLE organisations ADD COLUMN shoe_size BIGINT").execute(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        app.db.migrate().await.expect("a step that only adds is passed over");
        assert_eq!(app.db.schema_version().await.unwrap(), newer);
        let old = app.another().await;
        let browser = app.company("acme").await.manager.at(old.address);
        browser.get("/api/me").await.ok();
        old.stop().await;

        for floor in [known, newer] {
            let mut tx = app.write().await;
            sql("INSERT INTO facts (name, value) VALUES ('schema_floor', $1)
                 ON CONFLICT (name) DO UPDATE SET value = excluded.value")
                .bind(yunqia_store::Json(serde_json::json!({ "version": floor }))).execute(&mut tx).await.unwrap();
            tx.commit().await.unwrap();
            match app.db.migrate().await {
                Ok(()) => assert_eq!(floor, known),
                Err(refused) => {
                    assert!(matches!(refused, Upgrade::TooNew { .. }), "{refused}");
                    assert_eq!(floor, newer, "{refused}");
                }
            }
        }
    }
}
