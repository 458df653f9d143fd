//! A fresh database for one test.

use tempfile::TempDir;

/// The engine a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// A database that goes away with the test.
pub(crate) struct Fresh {
    pub url: String,
    /// Holds the SQLite file, and the files of the server under test.
    pub folder: TempDir,
    postgres: Option<(String, String)>,
}

impl Fresh {
    /// None: this engine is not at hand here.
    pub async fn make(engine: Engine) -> Option<Fresh> {
        let folder = tempfile::tempdir().expect("the system has room for temporary files");
        match engine {
            Engine::Sqlite => {
                let url = format!("sqlite://{}/test.db", folder.path().display());
                Some(Fresh { url, folder, postgres: None })
            }
            Engine::Postgres => {
                let server = postgres_server()?;
                let name = format!("yunqia_{}", crate::fresh());
                // A locale that does not sort like bytes, as in most installations.
                admin(
                    &server,
                    format!("CREATE DATABASE {name} TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'"),
                )
                .await;
                Some(Fresh { url: format!("{server}/{name}"), folder, postgres: Some((server, name)) })
            }
        }
    }

    pub async fn drop(self) {
        if let Some((server, name)) = self.postgres {
            admin(&server, format!("DROP DATABASE {name} WITH (FORCE)")).await;
        }
    }
}

/// The server named by `TEST_POSTGRES_URL`.
fn postgres_server() -> Option<String> {
    let server = std::env::var("TEST_POSTGRES_URL").ok().filter(|url| !url.is_empty());
    if server.is_none() {
        assert!(std::env::var_os("TEST_NOTHING_SKIPPED").is_none(), "TEST_POSTGRES_URL is not set");
        eprintln!("skipped: TEST_POSTGRES_URL is not set");
    }
    server
}

async fn admin(server: &str, statement: String) {
    use sqlx::{AssertSqlSafe, Connection};
    let mut connection =
        sqlx::PgConnection::connect(&format!("{server}/postgres")).await.expect("TEST_POSTGRES_URL names a server");
    sqlx::query(AssertSqlSafe(statement)).execute(&mut connection).await.expect("databases may be made and dropped");
    let _ = connection.close().await;
}
