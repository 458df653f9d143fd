//! Thousands of sockets in one hall, and messages in different rhythms: how long each takes to reach everybody, and what the
//! server alone spends on it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::Context;
use serde_json::{Value, json};

use yunqia_load::{
    client::Browser,
    scene::{self, Scene, Size},
    server::Server,
    stats,
};

use crate::crowd::{Crowd, Reports};

/// How messages come.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum Rhythm {
    /// One after the other, evenly
    Paced,
    /// Ten at once, twice a second for each `pace` of 20
    Bursts,
    /// The next as soon as one was acknowledged, four at a time
    Saturated,
}

pub struct Wish {
    pub sockets: usize,
    /// Tabs of one person; the server takes ten.
    pub tabs: usize,
    pub pace: u32,
    pub seconds: u32,
    pub rhythm: Rhythm,
}

/// A server with a full hall.
pub struct Hall {
    pub server: Server,
    pub scene: Scene,
    pub crowd: Arc<Crowd>,
    pub reports: Reports,
    pub joined: Value,
}

/// Opens the sockets, `at_once` a fiftieth of a second, and measures what they cost.
pub async fn fill(sockets: usize, tabs: usize, every_20_ms: usize) -> anyhow::Result<Hall> {
    let mut server = Server::start(&Server::program()?, None).await?;
    let people = sockets.div_ceil(tabs);
    let size = Size { desks: 1, slots: 1, companies: (people / 2).clamp(1, 1_000), people, live: true };
    let scene = scene::build(&server.db, &size).await?;
    // What building the scene left in the server's caches is not the sockets'.
    server.kill_and_start_again().await?;
    let host = Browser::new(server.address, scene.host.clone());
    host.get(&format!("/api/sessions/{}/hall", scene.session)).await?;
    let (crowd, mut reports) = Crowd::new(server.address, format!("hall:{}", scene.session), Instant::now());
    let (memory_before, cpu_before) = stats::usage(server.process());
    let began = Instant::now();
    for n in 0..sockets {
        crowd.open(n, scene.guests[n % scene.guests.len()].cookie.clone());
        if n % every_20_ms == every_20_ms - 1 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    crowd.wait_for(sockets, Duration::from_secs(180), &mut reports).await?;
    let seconds = began.elapsed().as_secs_f64();
    let (_, cpu_joined) = stats::usage(server.process());
    // Until stays are written and the last news of who came has gone out.
    tokio::time::sleep(Duration::from_secs(6)).await;
    let (memory_after, cpu_settled) = stats::usage(server.process());
    let each = |cpu: f64| cpu * 1e6 / sockets as f64;
    let joined = json!({
        "sockets": sockets, "people": scene.guests.len(),
        "server_memory_kb_per_socket": memory_after.saturating_sub(memory_before) as f64 / sockets as f64,
        "server_memory_kb": memory_after,
        "server_cpu_us_per_join": each(cpu_joined - cpu_before),
        "server_cpu_us_per_join_with_all_that_follows": each(cpu_settled - cpu_before),
        "seconds_until_all_joined": seconds,
    });
    Ok(Hall { server, scene, crowd, reports, joined })
}

pub async fn run(wish: Wish) -> anyhow::Result<()> {
    let Wish { sockets, tabs, pace, seconds, rhythm } = wish;
    let Hall { server, scene, crowd, mut reports, joined } = fill(sockets, tabs, 40).await?;
    let (_, cpu_before) = stats::usage(server.process());
    let began = Instant::now();
    let sent = speak(&server, &scene, &crowd, &wish).await?;
    let expected = sent * sockets as u64;
    while crowd.received.load(Ordering::Relaxed) < expected
        && began.elapsed() < Duration::from_secs(u64::from(seconds) + 30)
    {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let took = began.elapsed().as_secs_f64();
    let (_, cpu_after) = stats::usage(server.process());
    let mut samples = Vec::new();
    while let Ok(sample) = reports.latencies.try_recv() {
        samples.push(sample);
    }
    samples.sort();
    let deliveries = crowd.received.load(Ordering::Relaxed);
    let cpu = cpu_after - cpu_before;
    println!(
        "{}",
        json!({
            "benchmark": "hall", "conditions": stats::conditions(server.engine), "rhythm": format!("{rhythm:?}").to_lowercase(),
            "joined": joined, "messages_per_second": (!matches!(rhythm, Rhythm::Saturated)).then_some(pace),
            "seconds": took, "messages": sent,
            "deliveries": deliveries, "expected_deliveries": expected, "missing": crowd.missing.load(Ordering::Relaxed),
            "deliveries_per_second": deliveries as f64 / took,
            "deliveries_per_second_of_server_cpu": deliveries as f64 / cpu.max(0.01),
            "server_cpu_us_per_delivery": cpu * 1e6 / deliveries.max(1) as f64,
            "latency_ms": { "p50": stats::percentile(&samples, 0.5), "p99": stats::percentile(&samples, 0.99), "samples": samples.len() },
        })
    );
    server.stop().await
}

/// The host speaks. Each message carries the time at which it was due, so that a server that cannot keep up does not hide it.
async fn speak(server: &Server, scene: &Scene, crowd: &Crowd, wish: &Wish) -> anyhow::Result<u64> {
    let host = Browser::new(server.address, scene.host.clone());
    let hall = host.get(&format!("/api/sessions/{}/hall", scene.session)).await?;
    let path = format!("/api/channels/{}/messages", hall["channel_id"].as_str().context("the hall has no channel")?);
    let numbers = AtomicU64::new(1);
    let say = |due: Duration| {
        let (host, path) = (host.clone(), path.clone());
        // The same words twice in a row are refused.
        let number = numbers.fetch_add(1, Ordering::Relaxed);
        tokio::spawn(async move {
            let text = format!("@{}@ 欢迎各位企业家，第{number}个项目马上开始。", due.as_micros());
            let draft = json!({ "client_id": yunqia_load::fresh(), "text": text, "file_id": null });
            let (status, answer) = host.post(&path, &draft).await?;
            anyhow::ensure!(status.is_success(), "a message was answered with {status}: {answer}");
            Ok(())
        })
    };
    let mut pending = Vec::new();
    let mut sent = 0;
    let begin = crowd.epoch.elapsed();
    let end = begin + Duration::from_secs(u64::from(wish.seconds));
    match wish.rhythm {
        Rhythm::Paced | Rhythm::Bursts => {
            let together = if matches!(wish.rhythm, Rhythm::Bursts) { 10 } else { 1 };
            let mut timer = tokio::time::interval(Duration::from_secs(1) * together / wish.pace);
            timer.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Burst);
            for _ in 0..wish.pace * wish.seconds / together {
                let due = timer.tick().await.into_std().duration_since(crowd.epoch);
                pending.extend((0..together).map(|_| say(due)));
            }
        }
        Rhythm::Saturated => {
            while crowd.epoch.elapsed() < end {
                let four: Vec<_> = (0..4).map(|_| say(crowd.epoch.elapsed())).collect();
                for one in four {
                    one.await??;
                    sent += 1;
                }
                // In flight are the messages that have not reached everybody, not those that were accepted.
                let reached = (sent as u64).saturating_sub(8) * wish.sockets as u64;
                while crowd.received.load(Ordering::Relaxed) < reached && crowd.epoch.elapsed() < end {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            }
        }
    }
    for one in pending {
        one.await??;
        sent += 1;
    }
    Ok(sent as u64)
}
