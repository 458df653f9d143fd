//! Thousands of sockets of people who are signed in, as one program can hold them: each with its own sign-in, from several
//! addresses of loopback, reconnecting as the protocol says.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::Context;
use futures_util::{SinkExt, StreamExt};
use rand::Rng;
use serde_json::{Value, json};
use tokio::{net::TcpSocket, sync::mpsc};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{Message, client::IntoClientRequest, protocol::WebSocketConfig},
};

/// An address of loopback has about 28,000 ports for one destination; well below that each.
const PER_ADDRESS: usize = 4_000;
/// How a client waits when the server said nothing at its end.
const BACKOFF_FIRST: Duration = Duration::from_millis(500);
const BACKOFF_MAX: Duration = Duration::from_secs(20);

/// What all sockets of a crowd share.
pub struct Crowd {
    pub server: SocketAddr,
    pub topic: String,
    /// Times in messages count from here.
    pub epoch: Instant,
    /// Sockets that have the state of the hall now.
    pub there: AtomicI64,
    /// Messages that arrived.
    pub received: AtomicU64,
    /// Messages of which the number before them never came.
    pub missing: AtomicU64,
    /// How long each took, of one socket in ten.
    latencies: mpsc::UnboundedSender<Duration>,
    /// Why sockets ended that should not have.
    failures: mpsc::UnboundedSender<anyhow::Error>,
}

/// What a crowd tells.
pub struct Reports {
    pub latencies: mpsc::UnboundedReceiver<Duration>,
    pub failures: mpsc::UnboundedReceiver<anyhow::Error>,
}

impl Crowd {
    pub fn new(server: SocketAddr, topic: String, epoch: Instant) -> (Arc<Crowd>, Reports) {
        let (latencies, heard) = mpsc::unbounded_channel();
        let (failures, failed) = mpsc::unbounded_channel();
        let crowd = Crowd {
            server,
            topic,
            epoch,
            there: AtomicI64::new(0),
            received: AtomicU64::new(0),
            missing: AtomicU64::new(0),
            latencies,
            failures,
        };
        (Arc::new(crowd), Reports { latencies: heard, failures: failed })
    }

    /// Opens one socket and keeps it, through restarts of the server.
    pub fn open(self: &Arc<Self>, number: usize, cookie: String) {
        let member = Member { crowd: Arc::clone(self), number, cookie, seq: None, retry_ms: 500 };
        tokio::spawn(member.stay());
    }

    /// Waits until so many have the state of the hall.
    pub async fn wait_for(
        &self,
        sockets: usize,
        patience: Duration,
        reports: &mut Reports,
    ) -> anyhow::Result<Duration> {
        let began = Instant::now();
        while self.there.load(Ordering::Relaxed) < sockets as i64 {
            if let Ok(error) = reports.failures.try_recv() {
                return Err(error);
            }
            anyhow::ensure!(
                began.elapsed() < patience,
                "only {} of {sockets} sockets are there after {patience:?}",
                self.there.load(Ordering::Relaxed)
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(began.elapsed())
    }
}

struct Member {
    crowd: Arc<Crowd>,
    number: usize,
    cookie: String,
    /// Number of the newest event.
    seq: Option<i64>,
    retry_ms: u64,
}

type Line = WebSocketStream<tokio::net::TcpStream>;

/// How a line ended.
enum End {
    /// The server is to be asked again: at a random moment within this.
    Again(Duration),
    Broken,
}

impl Member {
    #[expect(clippy::disallowed_methods, reason = "browsers spread their coming back by chance")]
    async fn stay(mut self) {
        let mut ceiling = BACKOFF_FIRST;
        loop {
            let within = match self.connect().await {
                Ok(line) => {
                    ceiling = BACKOFF_FIRST;
                    match self.listen(line).await {
                        Ok(End::Again(within)) => within,
                        Ok(End::Broken) => Duration::from_millis(self.retry_ms),
                        Err(error) => return drop(self.crowd.failures.send(error)),
                    }
                }
                Err(_) => {
                    ceiling = (ceiling * 2).min(BACKOFF_MAX);
                    ceiling / 2
                }
            };
            let wait = rand::rng().random_range(0.0..1.0);
            tokio::time::sleep(within.mul_f64(wait)).await;
        }
    }

    async fn connect(&self) -> anyhow::Result<Line> {
        let server = self.crowd.server;
        let mut request = format!("ws://{server}/ws?locale=en").into_client_request()?;
        let headers = request.headers_mut();
        headers.insert("cookie", self.cookie.parse()?);
        headers.insert("origin", format!("http://{server}").parse()?);
        headers.insert("sec-websocket-protocol", "yunqia.v1".parse()?);
        let socket = TcpSocket::new_v4()?;
        let last = u8::try_from(self.number / PER_ADDRESS + 1).context("too many sockets for loopback")?;
        socket.bind(SocketAddr::new(IpAddr::V4(Ipv4Addr::new(127, 0, 1, last)), 0))?;
        let stream = socket.connect(server).await?;
        let config = WebSocketConfig::default().read_buffer_size(2048).write_buffer_size(0);
        Ok(client_async_with_config(request, stream, Some(config)).await?.0)
    }

    async fn listen(&mut self, mut line: Line) -> anyhow::Result<End> {
        let subscribe = json!({ "t": "subscribe", "id": "1", "topic": self.crowd.topic, "after": self.seq });
        if line.send(Message::text(subscribe.to_string())).await.is_err() {
            return Ok(End::Broken);
        }
        let mut there = None;
        loop {
            let text = match line.next().await {
                Some(Ok(Message::Text(text))) => text,
                Some(Ok(Message::Close(Some(frame)))) => {
                    let code = u16::from(frame.code);
                    anyhow::ensure!(matches!(code, 1012 | 1013 | 4008), "closed with {code} {}", frame.reason);
                    let hint = frame.reason.rsplit_once("retry_ms=").and_then(|(_, ms)| ms.parse().ok());
                    return Ok(End::Again(Duration::from_millis(hint.unwrap_or(BACKOFF_FIRST.as_millis() as u64))));
                }
                Some(Ok(_)) => continue,
                Some(Err(_)) | None => return Ok(End::Broken),
            };
            if text.starts_with("{\"t\":\"events\"") {
                self.take(&text)?;
                continue;
            }
            if text.starts_with("{\"t\":\"presence\"") {
                continue;
            }
            // The clients share the server's cores: the snapshot, which is large, is not read whole.
            if text.starts_with("{\"t\":\"subscribed\"") {
                if !text.contains("\"recovered\":true") {
                    let seq = text.split_once("\"seq\":").and_then(|(_, rest)| rest.split([',', '}']).next());
                    self.seq = Some(seq.context("a reply without a number")?.parse()?);
                }
                there.get_or_insert_with(|| There::new(&self.crowd));
                continue;
            }
            let frame: Value = serde_json::from_str(&text)?;
            match frame["t"].as_str() {
                Some("hello") => self.retry_ms = frame["retry_ms"].as_u64().unwrap_or(self.retry_ms),
                _ => anyhow::bail!("the hall refuses: {frame}"),
            }
        }
    }

    /// Counts without parsing the bodies: numbers, and the time each message was due.
    fn take(&mut self, text: &str) -> anyhow::Result<()> {
        let now = self.crowd.epoch.elapsed();
        for event in text.split("{\"seq\":").skip(1) {
            let seq: i64 = event.split(',').next().context("no number")?.parse()?;
            let known = self.seq.unwrap_or(seq - 1);
            if seq <= known {
                // Sent again after a break, or live and from history: known by its number.
                continue;
            }
            if seq > known + 1 {
                self.crowd.missing.fetch_add((seq - known - 1) as u64, Ordering::Relaxed);
            }
            self.seq = Some(seq);
            let due = event.split("\"text\":\"@").nth(1).and_then(|rest| rest.split('@').next()?.parse::<u64>().ok());
            if let Some(due) = due {
                self.crowd.received.fetch_add(1, Ordering::Relaxed);
                if self.number.is_multiple_of(10) {
                    let _ = self.crowd.latencies.send(now.saturating_sub(Duration::from_micros(due)));
                }
            }
        }
        Ok(())
    }
}

/// Counts a socket as there for as long as it lives.
struct There(Arc<Crowd>);

impl There {
    fn new(crowd: &Arc<Crowd>) -> There {
        crowd.there.fetch_add(1, Ordering::Relaxed);
        There(Arc::clone(crowd))
    }
}

impl Drop for There {
    fn drop(&mut self) {
        self.0.there.fetch_sub(1, Ordering::Relaxed);
    }
}
