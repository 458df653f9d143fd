//! Booking opens. A county's session: every company asks for one free slot after another, all at once, until nothing is left
//! to have. A province's: two thousand companies press within one second, and each goes on until it has a talk.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use rand::{Rng, SeedableRng, rngs::StdRng, seq::SliceRandom};
use serde_json::{Value, json};

use crate::limit;
use yunqia_load::{
    client::Browser,
    scene::{self, Size},
    server::Server,
    stats,
};

/// A rush of one kind.
pub struct Rush {
    name: &'static str,
    size: Size,
    /// Talks after which a company is content; None: all it can have.
    content_with: Option<usize>,
    /// Over which time the companies press for the first time.
    within: Duration,
    /// The engine is measured with the same rows afterwards.
    limit: bool,
}

pub const COUNTY: Rush = Rush {
    name: "rush",
    size: Size { desks: 39, slots: 9, companies: 120, people: 120, live: false },
    content_with: None,
    within: Duration::ZERO,
    limit: false,
};

pub const PROVINCE: Rush = Rush {
    name: "rush of a province",
    size: Size { desks: 183, slots: 12, companies: 2_000, people: 2_000, live: false },
    content_with: Some(1),
    within: Duration::from_secs(1),
    limit: true,
};

pub async fn run(rush: &Rush, postgres: Option<&str>) -> anyhow::Result<()> {
    let size = &rush.size;
    let mut server = Server::start(&Server::program()?, postgres).await?;
    let scene = scene::build(&server.db, size).await?;
    let path = format!("/api/sessions/{}/timetable", scene.session);
    let shared = Arc::new(Shared::default());
    let (_, cpu_before) = stats::usage(server.process());
    let mut browsers = Vec::new();
    let mut timetable = Vec::new();
    for (n, guest) in scene.guests.iter().enumerate() {
        let browser = Browser::new(server.address, guest.cookie.clone());
        // Everybody has the timetable on the screen and a warm connection before the doors open. It is the same for all,
        // so a hundred readings of it are enough.
        if n < 100 {
            timetable = cells(&browser.get(&path).await?);
        } else {
            browser.get("/api/me").await?;
        }
        let chance = &mut StdRng::seed_from_u64(n as u64);
        let mut cells = timetable.clone();
        cells.shuffle(chance);
        let pause = rush.within.mul_f64(chance.random_range(0.0..1.0));
        browsers.push((browser, guest.company, cells, pause));
    }
    let (_, cpu_open) = stats::usage(server.process());
    let opened = Instant::now();
    let companies: Vec<_> = browsers
        .into_iter()
        .map(|(browser, company, cells, pause)| {
            let shared = shared.clone();
            let content_with = rush.content_with;
            tokio::spawn(async move {
                tokio::time::sleep(pause).await;
                books_what_it_can(browser, company.to_string(), cells, content_with, shared).await
            })
        })
        .collect();
    for company in companies {
        company.await??;
    }
    let took = opened.elapsed();
    let (memory_kb, cpu) = stats::usage(server.process());
    let mut latencies = shared.booked.lock().expect("no panic under this lock").clone();
    let mut refused = shared.refused.lock().expect("no panic under this lock").clone();
    latencies.sort();
    refused.sort();
    let last = shared.last.lock().expect("no panic under this lock").map_or(took, |last| last.duration_since(opened));
    println!(
        "{}",
        json!({
            "benchmark": rush.name, "conditions": stats::conditions(server.engine),
            "desks": size.desks, "slots": size.slots, "companies": size.companies,
            "pressed_within_seconds": rush.within.as_secs_f64(),
            "booked": latencies.len(), "refused": refused.len(),
            "seconds_until_all_sold": last.as_secs_f64(), "seconds_until_every_answer": took.as_secs_f64(),
            "booked_per_second": latencies.len() as f64 / last.as_secs_f64(),
            "booked_ms": { "p50": stats::percentile(&latencies, 0.5), "p99": stats::percentile(&latencies, 0.99) },
            "refused_ms": { "p50": stats::percentile(&refused, 0.5), "p99": stats::percentile(&refused, 0.99) },
            "server_cpu_ms_per_answer": (cpu - cpu_open) * 1e3 / (latencies.len() + refused.len()).max(1) as f64,
            "server_cpu_seconds_before": cpu_open - cpu_before,
            "server_memory_kb": memory_kb,
        })
    );
    if rush.limit {
        server.rest().await?;
        match server.url().strip_prefix("sqlite://") {
            Some(path) => limit::sqlite(path.as_ref())?,
            None => limit::postgres(server.url()).await?,
        }
    }
    server.stop().await
}

#[derive(Default)]
struct Shared {
    booked: Mutex<Vec<Duration>>,
    refused: Mutex<Vec<Duration>>,
    /// Slots that somebody was told are gone: a live timetable shows that, and nobody presses on them again.
    gone: Mutex<HashSet<String>>,
    last: Mutex<Option<Instant>>,
}

/// (slot, desk, start) of the free cells.
fn cells(timetable: &Value) -> Vec<(String, String, String)> {
    let text = |cell: &Value, name: &str| cell[name].as_str().unwrap_or_default().to_owned();
    let all = timetable["cells"].as_array().cloned().unwrap_or_default();
    all.iter()
        .filter(|cell| cell["state"] == "free")
        .map(|cell| (text(cell, "slot_id"), text(cell, "desk_id"), text(cell, "starts_at")))
        .collect()
}

async fn books_what_it_can(
    browser: Browser,
    company: String,
    cells: Vec<(String, String, String)>,
    content_with: Option<usize>,
    shared: Arc<Shared>,
) -> anyhow::Result<()> {
    let (mut desks, mut times) = (HashSet::new(), HashSet::new());
    for (slot, desk, starts_at) in cells {
        if content_with.is_some_and(|enough| desks.len() >= enough) {
            break;
        }
        let gone = shared.gone.lock().expect("no panic under this lock").contains(&slot);
        // A person sees where they are busy and whom they meet already.
        if gone || desks.contains(&desk) || times.contains(&starts_at) {
            continue;
        }
        let pressed = Instant::now();
        let draft = json!({ "slot_id": slot, "company_id": company, "contact_id": null, "subject": "Benchmark" });
        let (status, answer) = browser.post("/api/bookings", &draft).await?;
        let took = pressed.elapsed();
        shared.gone.lock().expect("no panic under this lock").insert(slot);
        match status.as_u16() {
            201 => {
                desks.insert(desk);
                times.insert(starts_at);
                shared.booked.lock().expect("no panic under this lock").push(took);
                *shared.last.lock().expect("no panic under this lock") = Some(Instant::now());
            }
            409 => shared.refused.lock().expect("no panic under this lock").push(took),
            _ => anyhow::bail!("a booking was answered with {status}: {answer}"),
        }
    }
    Ok(())
}
