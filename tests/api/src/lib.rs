//! A whole server inside the test: real routes on a real socket, a database of its own, a clock that the test sets.
//!
//! ```ignore
//! on_both! {
//!     async fn a_company_is_registered_once(app) {
//!         let ann = app.sign_in("ann@acme.example").await;
//!         ann.post("/api/companies", json!({…})).await.created();
//!     }
//! }
//! ```

mod abuser;
mod browser;
mod database;
pub mod event;
mod server;
mod socket;
mod world;

pub use abuser::Abuser;
pub use browser::{Answer, Browser, Call};
pub use database::Engine;
pub use event::Event;
pub use server::{Another, Options, TestApp};
pub use socket::Socket;
pub use world::{Centre, Company, Letter};

/// A name that nobody else has, e.g. for an idempotency key.
#[expect(clippy::disallowed_methods, reason = "names of databases and keys need not repeat from run to run")]
pub fn fresh() -> String {
    uuid::Uuid::now_v7().simple().to_string()
}

/// Declares tests that run on SQLite and on PostgreSQL. The second half needs `TEST_POSTGRES_URL`, a server on which
/// databases may be made (`postgres://user@host:port`); without it that half says that it was skipped, or fails where
/// `TEST_NOTHING_SKIPPED` is set.
#[macro_export]
macro_rules! on_both {
    ($($(#[$meta:meta])* async fn $name:ident($app:ident) $body:block)*) => {
        mod body {
            #[allow(unused_imports, reason = "a module may use nothing of its parent")]
            use super::*;
            $($(#[$meta])* pub async fn $name($app: std::sync::Arc<$crate::TestApp>) $body)*
        }
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { $crate::TestApp::run($crate::Engine::Sqlite, super::body::$name).await })*
        }
        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { $crate::TestApp::run($crate::Engine::Postgres, super::body::$name).await })*
        }
    };
}
