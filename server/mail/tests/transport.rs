//! Letters to a server that takes them, refuses them, puts them off or hangs up: over STARTTLS, TLS and plain.

use std::{sync::Arc, time::Duration};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};
use tokio_rustls::TlsAcceptor;
use yunqia_domain::{
    letters::{LetterKind, Side},
    locale::Locale,
};
use yunqia_mail::{FailureKind, Message, Renderer, Security, Sender, SettingsError, SmtpSettings, Transport, samples};

fn message() -> Message {
    let renderer = Renderer::new(samples::service(), None).expect("the embedded texts compile");
    let rendered = renderer
        .render(&samples::letter(LetterKind::SlotConfirmed, Locale::ZhHans, Side::Company))
        .expect("it renders");
    let sender = Sender::new("云洽", "no-reply@yunqia.example").expect("a good address");
    let date = "2026-03-01T01:02:03Z".parse().expect("an instant");
    Message::new(&sender, None, "reader@company.example", &rendered, "letter-1@yunqia.example", date)
        .expect("a message")
}

/// A certificate authority and a certificate of it for `localhost`.
fn authority() -> (Vec<u8>, TlsAcceptor) {
    let mut params = CertificateParams::new(Vec::<String>::new()).expect("parameters");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority");
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(vec!["localhost".to_owned()]).expect("parameters");
    let certificate = params.signed_by(&key, &ca).expect("a certificate");
    let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], private)
        .expect("a server");
    (ca.pem().into_bytes(), TlsAcceptor::from(Arc::new(config)))
}

/// What the server answers to RCPT and after the letter; `""` hangs up, `"…"` says nothing more.
#[derive(Clone, Copy)]
struct Answers {
    login: &'static str,
    recipient: &'static str,
    letter: &'static str,
}

const TAKES: Answers = Answers { login: "235 ok", recipient: "250 ok", letter: "250 2.0.0 queued as 42" };

struct Server {
    port: u16,
    letters: mpsc::UnboundedReceiver<String>,
}

async fn server(security: Security, tls: Option<TlsAcceptor>, answers: Answers) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let (sent, letters) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (tls, sent) = (tls.clone(), sent.clone());
            tokio::spawn(async move { welcome(stream, security, tls, answers, sent).await });
        }
    });
    Server { port, letters }
}

async fn welcome(
    stream: TcpStream,
    security: Security,
    tls: Option<TlsAcceptor>,
    answers: Answers,
    sent: mpsc::UnboundedSender<String>,
) -> std::io::Result<()> {
    match (security, tls) {
        (Security::Tls, Some(tls)) => converse(tls.accept(stream).await?, false, true, answers, sent).await.map(|_| ()),
        (Security::Starttls, Some(tls)) => match converse(stream, true, true, answers, sent.clone()).await? {
            Some(stream) => converse(tls.accept(stream).await?, false, false, answers, sent).await.map(|_| ()),
            None => Ok(()),
        },
        _ => converse(stream, false, true, answers, sent).await.map(|_| ()),
    }
}

/// Speaks SMTP; gives the stream back when STARTTLS was asked for.
async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    offers_tls: bool,
    greets: bool,
    answers: Answers,
    sent: mpsc::UnboundedSender<String>,
) -> std::io::Result<Option<S>> {
    let mut stream = BufReader::new(stream);
    if greets {
        stream.write_all(b"220 localhost ready\r\n").await?;
    }
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(None);
        }
        let word = line.get(..4).unwrap_or_default().to_ascii_uppercase();
        let answer = match word.as_str() {
            "EHLO" if offers_tls => "250-localhost\r\n250 STARTTLS",
            "EHLO" => "250-localhost\r\n250-8BITMIME\r\n250 AUTH PLAIN",
            "STAR" => {
                stream.write_all(b"220 go\r\n").await?;
                return Ok(Some(stream.into_inner()));
            }
            "AUTH" => answers.login,
            "RCPT" => answers.recipient,
            "DATA" => {
                stream.write_all(b"354 go\r\n").await?;
                let mut letter = String::new();
                while !letter.ends_with("\r\n.\r\n") {
                    if stream.read_line(&mut letter).await? == 0 {
                        return Ok(None);
                    }
                }
                if answers.letter.starts_with('2') {
                    let _ = sent.send(letter);
                }
                answers.letter
            }
            "QUIT" => return Ok(None),
            _ => "250 ok",
        };
        if answer.is_empty() {
            return Ok(None);
        }
        if answer == "…" {
            std::future::pending::<()>().await;
        }
        stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
}

fn settings(security: Security, port: u16, roots: Option<Vec<u8>>) -> SmtpSettings {
    SmtpSettings {
        port,
        root_certificates_pem: roots,
        hello_name: Some("yunqia.example".into()),
        timeout: Duration::from_secs(5),
        ..SmtpSettings::new("localhost", security)
    }
}

#[tokio::test]
async fn letters_arrive_whole_over_each_kind_of_connection() {
    for security in [Security::Starttls, Security::Tls, Security::PlainOnLoopback] {
        let (roots, acceptor) = authority();
        let mut server = server(security, Some(acceptor), TAKES).await;
        let settings = SmtpSettings {
            login: Some(("user".into(), "secret".into())),
            ..settings(security, server.port, Some(roots))
        };
        let transport = Transport::smtp(&settings).expect("good settings");
        transport.check().await.expect("the server is there");
        for _ in 0..3 {
            let receipt = transport.send(&message()).await.expect("the letter leaves");
            assert_eq!((receipt.code, receipt.text.as_str()), (Some(250), "2.0.0 queued as 42"));
            let letter = server.letters.recv().await.expect("a letter");
            // The dot that ends a letter, and the dots doubled within it (RFC 5321 §4.5.2).
            let letter = letter.strip_suffix("\r\n.\r\n").expect("a last dot").replace("\r\n..", "\r\n.");
            assert!(letter.as_bytes() == message().bytes(), "{security:?}\n{letter}");
        }
    }
}

#[tokio::test]
async fn answers_decide_what_becomes_of_the_letter() {
    for (answers, kind, code) in [
        (Answers { recipient: "550 5.1.1 no such user", ..TAKES }, FailureKind::Permanent, Some(550)),
        (Answers { recipient: "450 4.2.1 greylisted", ..TAKES }, FailureKind::Temporary, Some(450)),
        (Answers { letter: "554 5.7.1 spam", ..TAKES }, FailureKind::Permanent, Some(554)),
        (Answers { letter: "452 4.3.1 full", ..TAKES }, FailureKind::Temporary, Some(452)),
        (Answers { recipient: "421 4.3.2 closing", ..TAKES }, FailureKind::Unavailable, Some(421)),
        (Answers { login: "535 5.7.8 wrong password", ..TAKES }, FailureKind::Unavailable, Some(535)),
    ] {
        let server = server(Security::PlainOnLoopback, None, answers).await;
        let settings = SmtpSettings {
            login: Some(("user".into(), "secret".into())),
            ..settings(Security::PlainOnLoopback, server.port, None)
        };
        let failure = Transport::smtp(&settings).expect("good settings").send(&message()).await.expect_err("a failure");
        assert_eq!((failure.kind, failure.code), (kind, code), "{failure}");
    }
}

#[tokio::test]
async fn a_line_that_drops_leaves_the_letter_for_later() {
    for answers in [Answers { recipient: "", ..TAKES }, Answers { letter: "", ..TAKES }] {
        let server = server(Security::PlainOnLoopback, None, answers).await;
        let transport =
            Transport::smtp(&settings(Security::PlainOnLoopback, server.port, None)).expect("good settings");
        let failure = transport.send(&message()).await.expect_err("a failure");
        assert_ne!(failure.kind, FailureKind::Permanent, "{failure}");
    }
}

#[tokio::test]
async fn silence_ends_and_nobody_reads_the_answer_to_another_letter() {
    for (answers, kind) in [
        // Over one letter it may be about that letter; before any it is about all.
        (Answers { letter: "…", ..TAKES }, FailureKind::Temporary),
        (Answers { recipient: "…", ..TAKES }, FailureKind::Temporary),
        (Answers { login: "…", ..TAKES }, FailureKind::Unavailable),
    ] {
        let server = server(Security::PlainOnLoopback, None, answers).await;
        let settings = SmtpSettings {
            login: Some(("user".into(), "secret".into())),
            timeout: Duration::from_millis(100),
            ..settings(Security::PlainOnLoopback, server.port, None)
        };
        let transport = Transport::smtp(&settings).expect("good settings");
        for _ in 0..2 {
            let sent = tokio::time::timeout(Duration::from_secs(20), transport.send(&message())).await;
            let failure = sent.expect("it does not wait without end").expect_err("a failure");
            assert_eq!((failure.kind, failure.code), (kind, None), "{failure}");
        }
    }
}

#[tokio::test]
async fn a_certificate_nobody_vouches_for_is_not_trusted() {
    let (_, acceptor) = authority();
    let (other_roots, _) = authority();
    let mut server = server(Security::Tls, Some(acceptor), TAKES).await;
    let transport = Transport::smtp(&settings(Security::Tls, server.port, Some(other_roots))).expect("good settings");
    let failure = transport.send(&message()).await.expect_err("no trust");
    assert_eq!(failure.kind, FailureKind::Unavailable, "{failure}");
    assert!(server.letters.try_recv().is_err(), "nothing was said to a stranger");
}

#[tokio::test]
async fn a_server_without_starttls_gets_nothing() {
    let mut server = server(Security::PlainOnLoopback, None, TAKES).await;
    let transport = Transport::smtp(&settings(Security::Starttls, server.port, None)).expect("good settings");
    assert_ne!(transport.send(&message()).await.expect_err("no TLS").kind, FailureKind::Permanent);
    assert!(server.letters.try_recv().is_err());
}

#[tokio::test]
async fn nobody_at_home_means_no_letter_can_leave() {
    let port = TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("an address").port();
    let transport = Transport::smtp(&settings(Security::PlainOnLoopback, port, None)).expect("good settings");
    assert_eq!(transport.send(&message()).await.expect_err("refused").kind, FailureKind::Unavailable);
    assert_eq!(transport.check().await.expect_err("refused").kind, FailureKind::Unavailable);
}

#[tokio::test]
async fn settings_that_cannot_work_are_found_early() {
    let far = SmtpSettings::new("mail.example", Security::PlainOnLoopback);
    assert!(matches!(Transport::smtp(&far), Err(SettingsError::PlainToFarHost(_))));
    let pem = SmtpSettings {
        root_certificates_pem: Some(b"nonsense".to_vec()),
        ..SmtpSettings::new("a.example", Security::Tls)
    };
    assert!(matches!(Transport::smtp(&pem), Err(SettingsError::Certificate(_))));
}

#[tokio::test]
async fn a_folder_keeps_each_letter_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let transport = Transport::folder(folder.path().join("letters")).expect("a folder");
    for _ in 0..2 {
        transport.send(&message()).await.expect("written");
    }
    let files: Vec<_> = std::fs::read_dir(folder.path().join("letters")).expect("a folder").collect();
    assert_eq!(files.len(), 1);
    let file = files[0].as_ref().expect("a file").path();
    assert_eq!(std::fs::read(&file).expect("a letter"), message().bytes());
    assert_eq!(file.file_name().and_then(|name| name.to_str()), Some("letter-1_yunqia_example.eml"));
    assert!(Transport::folder(file).is_err(), "a file is no folder");
}
