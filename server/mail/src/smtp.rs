//! Connections to one mail server: opened, protected and logged in once, and kept a moment for the next letter.
//!
//! The library's own pool has no limit on how long an answer may take, and takes a connection back in whatever state a letter that
//! was given up left it: the next letter would read the answer to the last one.

use std::{
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use lettre::{
    address::Envelope,
    transport::smtp::{
        Error,
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::{AsyncSmtpConnection, TlsParameters},
        extension::ClientId,
        response::Response,
    },
};
use tokio::time::{Instant, sleep, timeout};

/// Providers hang up on idle clients after a minute or so; we leave before they do.
const KEPT_FOR: Duration = Duration::from_secs(30);
/// A letter is four steps (sender, recipient, announcement, content), each of which may take as long as is set, but all together
/// no longer than this: the outbox waits for them.
const STEPS: u32 = 4;
const LETTER_MAX: Duration = Duration::from_secs(120);
const OPENING_MAX: Duration = Duration::from_secs(60);

/// When TLS begins.
pub enum Tls {
    Never,
    AtOnce(TlsParameters),
    /// After a plain greeting; no TLS, no letter.
    Asked(TlsParameters),
}

/// A mail server as connections to it need it.
pub struct Server {
    pub host: String,
    pub port: u16,
    pub tls: Tls,
    /// The name we greet with.
    pub hello: ClientId,
    pub login: Option<Credentials>,
    pub timeout: Duration,
    /// Connections kept for later at most.
    pub kept_max: usize,
}

/// Where a conversation failed.
#[derive(Debug)]
pub enum Trouble {
    /// Before the letter was begun: whatever was said is not about it.
    Opening(Error),
    /// About the letter.
    Letter(Error),
    /// Nothing more was said; the letter had been begun, or not.
    Silence { begun: bool },
}

/// A connection that waits for the next letter.
struct Kept {
    connection: AsyncSmtpConnection,
    since: Instant,
}

/// Connections to one server; cheap to clone.
#[derive(Clone)]
pub struct Smtp {
    server: Arc<Server>,
    kept: Arc<Mutex<Vec<Kept>>>,
}

impl Smtp {
    pub fn new(server: Server) -> Smtp {
        Smtp { server: Arc::new(server), kept: Arc::default() }
    }

    /// Hands over one letter. Dropping the future closes its connection.
    pub async fn send(&self, envelope: &Envelope, letter: &[u8]) -> Result<Response, Trouble> {
        let mut connection = self.connection().await?;
        let within = (self.server.timeout * STEPS).min(LETTER_MAX);
        match timeout(within, connection.send(envelope, letter)).await {
            Ok(Ok(response)) => {
                self.keep(connection);
                Ok(response)
            }
            // The library has ended the connection.
            Ok(Err(error)) => Err(Trouble::Letter(error)),
            Err(_) => Err(Trouble::Silence { begun: true }),
        }
    }

    /// Opens a connection, or finds that a kept one still answers.
    pub async fn check(&self) -> Result<(), Trouble> {
        let connection = self.connection().await?;
        self.keep(connection);
        Ok(())
    }

    async fn connection(&self) -> Result<AsyncSmtpConnection, Trouble> {
        let within = self.server.timeout.min(OPENING_MAX);
        while let Some(mut connection) = self.take() {
            if timeout(within, connection.test_connected()).await.is_ok_and(|answers| answers) {
                return Ok(connection);
            }
        }
        match timeout(within, self.open()).await {
            Ok(opened) => opened.map_err(Trouble::Opening),
            Err(_) => Err(Trouble::Silence { begun: false }),
        }
    }

    async fn open(&self) -> Result<AsyncSmtpConnection, Error> {
        let server = &*self.server;
        let at_once = match &server.tls {
            Tls::AtOnce(parameters) => Some(parameters.clone()),
            Tls::Never | Tls::Asked(_) => None,
        };
        let place = (server.host.as_str(), server.port);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(place, Some(server.timeout), &server.hello, at_once, None).await?;
        if let Tls::Asked(parameters) = &server.tls {
            connection.starttls(parameters.clone(), &server.hello).await?;
        }
        if let Some(login) = &server.login {
            connection.auth(DEFAULT_MECHANISMS, login).await?;
        }
        Ok(connection)
    }

    fn take(&self) -> Option<AsyncSmtpConnection> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).pop().map(|kept| kept.connection)
    }

    /// Keeps a connection for a while, then says good-bye.
    fn keep(&self, connection: AsyncSmtpConnection) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if connection.has_broken() || kept.len() >= self.server.kept_max {
            return;
        }
        kept.push(Kept { connection, since: Instant::now() });
        tokio::spawn(tidy(Arc::downgrade(&self.kept), self.server.timeout));
    }
}

/// Ends what nobody wanted for a while. The newest are used first, so the oldest stand in front.
async fn tidy(kept: Weak<Mutex<Vec<Kept>>>, within: Duration) {
    sleep(KEPT_FOR).await;
    let Some(kept) = kept.upgrade() else { return };
    let old: Vec<Kept> = {
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        let many = kept.iter().take_while(|one| one.since.elapsed() >= KEPT_FOR).count();
        kept.drain(..many).collect()
    };
    for mut one in old {
        // Whether it answers or not: it is over.
        let _ = timeout(within, one.connection.quit()).await;
    }
}
