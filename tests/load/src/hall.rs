//! Thousands of sockets in one hall, and messages at a steady pace: how long each takes to reach everybody.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::Context;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_tungstenite::{
    client_async_with_config,
    tungstenite::{Message, client::IntoClientRequest, protocol::WebSocketConfig},
};

use yunqia_load::{
    client::Browser,
    scene::{self, Scene, Size},
    server::Server,
    stats,
};

/// Tabs of one person; the server takes ten.
const TABS: usize = 5;

pub async fn run(sockets: usize, pace: u32, seconds: u32) -> anyhow::Result<()> {
    let server = Server::start(&Server::program()?, None).await?;
    let people = sockets.div_ceil(TABS);
    let scene =
        scene::build(&server.db, &Size { desks: 1, slots: 1, companies: 100.min(people), people, live: true }).await?;
    let (memory_before, cpu_before) = stats::usage(server.process());
    let began = Instant::now();
    let (heard, mut latencies) = mpsc::unbounded_channel();
    let received = Arc::new(AtomicU64::new(0));
    let epoch = Instant::now();
    let (there, mut arrived) = mpsc::unbounded_channel();
    for n in 0..sockets {
        let cookie = scene.guests[n % scene.guests.len()].cookie.clone();
        let listener = Listener { address: server.address, cookie, topic: format!("hall:{}", scene.session), epoch };
        // One socket in ten reports each latency; all count what they hear.
        let report = (n % 10 == 0).then(|| heard.clone());
        tokio::spawn(listener.listen(there.clone(), report, received.clone()));
        if n % 50 == 49 {
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
    }
    for _ in 0..sockets {
        let answer: anyhow::Result<()> =
            tokio::time::timeout(Duration::from_secs(120), arrived.recv()).await?.context("no socket left")?;
        answer?;
    }
    let joined = began.elapsed();
    tokio::time::sleep(Duration::from_secs(4)).await;
    let (memory_after, cpu_joined) = stats::usage(server.process());
    let sent = speak(&server, &scene, pace, seconds, epoch).await?;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let (memory_end, cpu_end) = stats::usage(server.process());
    drop(heard);
    let mut samples = Vec::new();
    while let Ok(Some(sample)) = tokio::time::timeout(Duration::from_millis(100), latencies.recv()).await {
        samples.push(sample);
    }
    samples.sort();
    let deliveries = received.load(Ordering::Relaxed);
    println!(
        "{}",
        json!({
            "benchmark": "hall", "conditions": stats::conditions(server.engine), "sockets": sockets, "people": people,
            "messages_per_second": pace, "seconds": seconds, "messages": sent,
            "deliveries": deliveries, "expected_deliveries": sent * sockets as u64,
            "deliveries_per_second": deliveries as f64 / f64::from(seconds),
            "latency_ms": { "p50": stats::percentile(&samples, 0.5), "p99": stats::percentile(&samples, 0.99), "samples": samples.len() },
            "server_memory_kb_per_socket": memory_after.saturating_sub(memory_before) as f64 / sockets as f64,
            "server_memory_kb_at_the_end": memory_end,
            "server_cpu_us_per_join": (cpu_joined - cpu_before) * 1e6 / sockets as f64,
            "server_cpu_us_per_delivery": (cpu_end - cpu_joined) * 1e6 / deliveries.max(1) as f64,
            "seconds_until_all_joined": joined.as_secs_f64(),
        })
    );
    server.stop().await
}

/// The host says something `pace` times a second; each message carries the time at which it was due, so that a server that
/// cannot keep up does not hide it.
async fn speak(server: &Server, scene: &Scene, pace: u32, seconds: u32, epoch: Instant) -> anyhow::Result<u64> {
    let host = Browser::new(server.address, scene.host.clone());
    let hall = host.get(&format!("/api/sessions/{}/hall", scene.session)).await?;
    let path = format!("/api/channels/{}/messages", hall["channel_id"].as_str().context("the hall has no channel")?);
    let mut timer = tokio::time::interval(Duration::from_secs(1) / pace);
    timer.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Burst);
    let mut pending = Vec::new();
    for _ in 0..pace * seconds {
        let due = timer.tick().await;
        let (host, path) = (host.clone(), path.clone());
        let due = due.into_std().duration_since(epoch).as_micros();
        pending.push(tokio::spawn(async move {
            let draft = json!({ "client_id": yunqia_load::fresh(), "text": format!("@{due}@ 欢迎各位企业家，下一个项目马上开始。"), "file_id": null });
            host.post(&path, &draft).await
        }));
    }
    let mut sent = 0;
    for one in pending {
        let (status, answer) = one.await??;
        anyhow::ensure!(status.is_success(), "a message was answered with {status}: {answer}");
        sent += 1;
    }
    Ok(sent)
}

struct Listener {
    address: std::net::SocketAddr,
    cookie: String,
    topic: String,
    epoch: Instant,
}

impl Listener {
    async fn listen(
        self,
        there: mpsc::UnboundedSender<anyhow::Result<()>>,
        report: Option<mpsc::UnboundedSender<Duration>>,
        received: Arc<AtomicU64>,
    ) {
        if let Err(error) = self.hear(&there, report, &received).await {
            let _ = there.send(Err(error));
        }
    }

    async fn hear(
        &self,
        there: &mpsc::UnboundedSender<anyhow::Result<()>>,
        report: Option<mpsc::UnboundedSender<Duration>>,
        received: &AtomicU64,
    ) -> anyhow::Result<()> {
        let mut request = format!("ws://{}/ws", self.address).into_client_request()?;
        let headers = request.headers_mut();
        headers.insert("cookie", self.cookie.parse()?);
        headers.insert("origin", format!("http://{}", self.address).parse()?);
        headers.insert("sec-websocket-protocol", "yunqia.v1".parse()?);
        let stream = tokio::net::TcpStream::connect(self.address).await?;
        let config = WebSocketConfig::default().read_buffer_size(4096);
        let (mut socket, _) = client_async_with_config(request, stream, Some(config)).await?;
        let subscribe = json!({ "t": "subscribe", "id": "1", "topic": self.topic, "after": null });
        socket.send(Message::text(subscribe.to_string())).await?;
        let mut is_there = false;
        while let Some(message) = socket.next().await {
            let Message::Text(text) = message? else { continue };
            if !is_there {
                let frame: Value = serde_json::from_str(&text)?;
                if frame["t"] == "problem" {
                    anyhow::bail!("the hall refuses: {frame}");
                }
                if frame["t"] == "subscribed" {
                    is_there = true;
                    let _ = there.send(Ok(()));
                }
                continue;
            }
            // Counting without parsing: the clients share the server's cores.
            for due in text.split("\"text\":\"@").skip(1).filter_map(|rest| rest.split('@').next()?.parse::<u64>().ok())
            {
                received.fetch_add(1, Ordering::Relaxed);
                if let Some(report) = &report {
                    let _ = report.send(self.epoch.elapsed().saturating_sub(Duration::from_micros(due)));
                }
            }
        }
        Ok(())
    }
}
