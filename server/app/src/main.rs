//! The binary `yunqia`: configuration, composition, command line.

use std::sync::Arc;

use yunqia_domain::Timestamp;
use yunqia_web::{App, state::Settings};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let db = yunqia_store::Db::open("sqlite://var/yunqia.db").await?;
    db.migrate().await?;
    let settings = Settings {
        base_url: "http://localhost:8080".into(),
        demo: false,
        files: "var/files".into(),
        secret: Vec::new(),
        behind_proxy: false,
        footer: Default::default(),
        privacy_contact: None,
        file_bytes_max: 20 << 20,
    };
    let app = App { db, clock: Arc::new(|| Timestamp::from(jiff::Timestamp::now())), settings: Arc::new(settings) };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
    axum::serve(listener, yunqia_web::routes::router(app)).await?;
    Ok(())
}
