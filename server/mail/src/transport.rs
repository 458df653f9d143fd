//! The way out: an SMTP server, a folder of `.eml` files, or nowhere.
//!
//! What matters to the outbox is the kind of a failure: whether this letter will never arrive, may arrive later, or
//! whether no letter can leave now because the server or our own settings are at fault.

use std::{net::IpAddr, path::PathBuf, time::Duration};

use lettre::transport::smtp::{
    authentication::Credentials,
    client::{Certificate, TlsParameters, TlsVersion},
    extension::ClientId,
};

use crate::{
    message::Message,
    smtp::{Server, Smtp, Tls, Trouble},
};

/// How the connection to the mail server is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Security {
    /// Plain at first, then TLS before anything is said (usually port 587). No TLS, no letter.
    #[default]
    Starttls,
    /// TLS from the first byte (usually port 465).
    Tls,
    /// No TLS; accepted for a server on this machine only.
    PlainOnLoopback,
}

/// A mail server to hand letters to.
#[derive(Clone)]
pub struct SmtpSettings {
    pub host: String,
    pub port: u16,
    pub security: Security,
    /// User name and password, when the server asks for them.
    pub login: Option<(String, String)>,
    /// Further roots to trust, as PEM (a provincial or test certificate authority); added to the public ones.
    pub root_certificates_pem: Option<Vec<u8>>,
    /// The name we greet with; the machine's own when `None`.
    pub hello_name: Option<String>,
    /// Each step of the conversation may take this long.
    pub timeout: Duration,
    /// Connections kept open for the next letters at most.
    pub connections_max: u32,
}

impl SmtpSettings {
    /// Settings with the usual port of `security`, no login, 30 seconds a step and four connections.
    pub fn new(host: impl Into<String>, security: Security) -> Self {
        let port = match security {
            Security::Starttls => 587,
            Security::Tls => 465,
            Security::PlainOnLoopback => 25,
        };
        Self {
            host: host.into(),
            port,
            security,
            login: None,
            root_certificates_pem: None,
            hello_name: None,
            timeout: Duration::from_secs(30),
            connections_max: 4,
        }
    }
}

/// Settings that cannot work, found before the first letter.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    #[error("mail to `{0}` must be encrypted: only a server on this machine may be spoken to without TLS")]
    PlainToFarHost(String),
    #[error("the certificates to trust cannot be read as PEM: {0}")]
    Certificate(String),
    #[error("TLS cannot be prepared for `{host}`: {reason}")]
    Tls { host: String, reason: String },
    #[error("the folder for letters `{path}` cannot be written: {reason}")]
    Folder { path: PathBuf, reason: String },
}

/// Where letters go.
#[derive(Clone)]
pub enum Transport {
    Smtp(Smtp),
    /// One `.eml` file a letter, named by its Message-ID: a repeat replaces the file.
    Folder(PathBuf),
    /// Letters are rendered and counted as sent; a demo shows them from the outbox.
    Null,
}

/// What the receiving side said when it took the letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// SMTP reply code; `None` where no server was involved.
    pub code: Option<u16>,
    /// The reply's text (often the server's queue number), or where the file lies.
    pub text: String,
}

/// Whom a failure is about, which decides what happens to the letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// This letter will never be taken (unknown address, refused content): keep it as undeliverable.
    Permanent,
    /// This letter was put off (greylisting, full mailbox, rate): try it again later.
    Temporary,
    /// No letter can leave now: no connection, no TLS, wrong login. Rest the whole transport; the letter has not
    /// used up an attempt.
    Unavailable,
}

/// Why a letter did not leave. `text` may name the address: it belongs in the outbox, not in the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct Failure {
    pub kind: FailureKind,
    pub code: Option<u16>,
    pub text: String,
}

impl Transport {
    /// Looks whether the settings can work; connects only when the first letter leaves.
    pub fn smtp(settings: &SmtpSettings) -> Result<Self, SettingsError> {
        let tls = match settings.security {
            Security::Starttls => Tls::Asked(tls_parameters(settings)?),
            Security::Tls => Tls::AtOnce(tls_parameters(settings)?),
            Security::PlainOnLoopback if is_loopback(&settings.host) => Tls::Never,
            Security::PlainOnLoopback => return Err(SettingsError::PlainToFarHost(settings.host.clone())),
        };
        Ok(Self::Smtp(Smtp::new(Server {
            host: settings.host.clone(),
            port: settings.port,
            tls,
            hello: settings.hello_name.clone().map_or_else(ClientId::default, ClientId::Domain),
            login: settings.login.clone().map(|(user, password)| Credentials::new(user, password)),
            timeout: settings.timeout,
            kept_max: settings.connections_max.max(1) as usize,
        })))
    }

    /// Makes sure the folder exists and can be written.
    pub fn folder(path: impl Into<PathBuf>) -> Result<Self, SettingsError> {
        let path = path.into();
        // Each process its own: nodes that start together would take it away from each other.
        let probe = path.join(format!(".write-test-{}", std::process::id()));
        std::fs::create_dir_all(&path)
            .and_then(|()| std::fs::write(&probe, b""))
            .and_then(|()| std::fs::remove_file(&probe))
            .map_err(|error| SettingsError::Folder { path: path.clone(), reason: error.to_string() })?;
        Ok(Self::Folder(path))
    }

    /// Hands over one letter. Dropping the future may leave it unknown whether the letter left; sending it again
    /// carries the same Message-ID, by which receivers recognise the repeat.
    pub async fn send(&self, message: &Message) -> Result<Receipt, Failure> {
        match self {
            Self::Smtp(smtp) => {
                let reply = smtp.send(message.envelope(), message.bytes()).await.map_err(failed)?;
                Ok(Receipt { code: Some(reply.code().into()), text: reply.message().collect::<Vec<_>>().join(" ") })
            }
            Self::Folder(folder) => write_file(folder, message).await,
            Self::Null => Ok(Receipt { code: None, text: "not sent: no way out is configured".to_owned() }),
        }
    }

    /// Whether a letter could leave now: connects, protects, logs in and says NOOP. For `doctor` and readiness.
    pub async fn check(&self) -> Result<(), Failure> {
        match self {
            Self::Smtp(smtp) => smtp.check().await.map_err(failed),
            Self::Folder(folder) => tokio::fs::metadata(folder).await.map(|_| ()).map_err(|e| unwritten(&e)),
            Self::Null => Ok(()),
        }
    }
}

const MARK: &[u8] = b"-----BEGIN CERTIFICATE-----";

fn tls_parameters(settings: &SmtpSettings) -> Result<TlsParameters, SettingsError> {
    let mut builder = TlsParameters::builder(settings.host.clone()).set_min_tls_version(TlsVersion::Tlsv12);
    if let Some(pem) = &settings.root_certificates_pem {
        // An empty file would be read as "no further roots" and fail at the first letter only.
        if !pem.windows(MARK.len()).any(|part| part == MARK) {
            return Err(SettingsError::Certificate("it has no BEGIN CERTIFICATE line".to_owned()));
        }
        builder = builder.add_root_certificate(
            Certificate::from_pem(pem).map_err(|error| SettingsError::Certificate(error.to_string()))?,
        );
    }
    builder.build().map_err(|error| SettingsError::Tls { host: settings.host.clone(), reason: error.to_string() })
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Reply codes that speak about our login or our right to send at all, not about this letter (RFC 4954 §6), though
/// they begin with a 5.
const ABOUT_US: [u16; 5] = [503, 530, 534, 535, 538];

/// What a broken conversation means for the letter.
fn failed(trouble: Trouble) -> Failure {
    match trouble {
        Trouble::Letter(error) => failure(&error),
        // Nothing that was said before a letter is about it.
        Trouble::Opening(error) => Failure { kind: FailureKind::Unavailable, ..failure(&error) },
        // A filter may hang over this letter alone: it counts as an attempt of the letter, and the others leave meanwhile.
        Trouble::Silence { begun: true } => {
            let text = "the mail server fell silent in the middle of the letter".to_owned();
            Failure { kind: FailureKind::Temporary, code: None, text }
        }
        Trouble::Silence { begun: false } => {
            let text = "the mail server is silent".to_owned();
            Failure { kind: FailureKind::Unavailable, code: None, text }
        }
    }
}

fn failure(error: &lettre::transport::smtp::Error) -> Failure {
    let code = error.status().map(u16::from);
    let kind = match code {
        // 421: the service is closing the connection, whatever the letter.
        Some(421 | 454) => FailureKind::Unavailable,
        Some(code) if ABOUT_US.contains(&code) => FailureKind::Unavailable,
        Some(_) if error.is_permanent() => FailureKind::Permanent,
        Some(_) => FailureKind::Temporary,
        // An answer we could not read, or a connection that broke in the middle: the letter may be the cause
        // (a filter that hangs up), so it counts as an attempt of this letter.
        None if error.is_response() => FailureKind::Temporary,
        None => FailureKind::Unavailable,
    };
    Failure { kind, code, text: with_sources(error) }
}

fn with_sources(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        let more = inner.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        source = inner.source();
    }
    text.chars().take(1000).collect()
}

/// Written beside and renamed, so a reader of the folder never meets half a letter.
async fn write_file(folder: &std::path::Path, message: &Message) -> Result<Receipt, Failure> {
    let path = folder.join(format!("{}.eml", message.file_stem()));
    let part = folder.join(format!(".{}.part", message.file_stem()));
    tokio::fs::write(&part, message.bytes()).await.map_err(|e| unwritten(&e))?;
    tokio::fs::rename(&part, &path).await.map_err(|e| unwritten(&e))?;
    Ok(Receipt { code: None, text: path.display().to_string() })
}

fn unwritten(error: &std::io::Error) -> Failure {
    Failure { kind: FailureKind::Unavailable, code: None, text: error.to_string() }
}
