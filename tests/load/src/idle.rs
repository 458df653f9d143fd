//! A hall full of people who do nothing, and a server that is restarted under them: what each costs, and how long it takes until
//! all are back with nothing missed.

use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use serde_json::json;
use yunqia_load::{client::Browser, stats};

use crate::hall::{self, Hall};

pub async fn run(sockets: usize, tabs: usize) -> anyhow::Result<()> {
    let Hall { mut server, scene, crowd, mut reports, joined } = hall::fill(sockets, tabs, 60).await?;
    let (_, cpu_before) = stats::usage(server.process());
    tokio::time::sleep(Duration::from_secs(10)).await;
    let (_, cpu_after) = stats::usage(server.process());
    // An orderly restart first: the server sends everybody away and says over what time to come back.
    let mut restarts = Vec::new();
    for orderly in [true, false] {
        let received = crowd.received.load(Ordering::Relaxed);
        let began = Instant::now();
        if orderly {
            server.stop_and_start_again().await?;
        } else {
            server.kill_and_start_again().await?;
        }
        let serves_again = began.elapsed();
        // Said while most of them are away: everybody hears it, once.
        let host = Browser::new(server.address, scene.host.clone());
        let hall = host.get(&format!("/api/sessions/{}/hall", scene.session)).await?;
        let path = format!("/api/channels/{}/messages", hall["channel_id"].as_str().unwrap_or_default());
        let text = format!("@{}@ 我们回来了。", crowd.epoch.elapsed().as_micros());
        host.post(&path, &json!({ "client_id": yunqia_load::fresh(), "text": text, "file_id": null })).await?;
        while crowd.received.load(Ordering::Relaxed) - received < sockets as u64
            && began.elapsed() < Duration::from_secs(120)
        {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        crowd.wait_for(sockets, Duration::from_secs(60), &mut reports).await?;
        let all_back = began.elapsed();
        let (memory, cpu) = stats::usage(server.process());
        restarts.push(json!({
            "orderly": orderly, "seconds_until_it_serves": serves_again.as_secs_f64(),
            "seconds_until_all_are_back": all_back.as_secs_f64(),
            "heard_by": crowd.received.load(Ordering::Relaxed) - received,
            "missing": crowd.missing.load(Ordering::Relaxed),
            "server_cpu_us_per_return": cpu * 1e6 / sockets as f64,
            "server_memory_kb_per_socket": memory as f64 / sockets as f64,
        }));
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
    println!(
        "{}",
        json!({
            "benchmark": "idle", "conditions": stats::conditions(server.engine), "joined": joined,
            "server_cpu_percent_while_nothing_happens": (cpu_after - cpu_before) * 10.0,
            "restarts": restarts,
        })
    );
    server.stop().await
}
