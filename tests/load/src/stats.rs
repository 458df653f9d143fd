//! What is told of a run: percentiles, the server's own use of the machine, and the conditions.

use std::time::Duration;

/// Milliseconds at a share of the sorted samples, e.g. 0.99.
pub fn percentile(sorted: &[Duration], share: f64) -> f64 {
    if sorted.is_empty() {
        return 0.0;
    }
    let at = ((sorted.len() - 1) as f64 * share).round() as usize;
    (sorted[at].as_secs_f64() * 1e6).round() / 1e3
}

/// Machine and program of a run.
pub fn conditions(engine: &str) -> serde_json::Value {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let processor = std::fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| {
        text.lines()
            .find_map(|line| line.strip_prefix("model name").map(|name| name.trim_matches([' ', '\t', ':']).to_owned()))
    });
    serde_json::json!({
        "engine": engine, "cores": cores, "processor": processor, "version": env!("CARGO_PKG_VERSION"),
        "network": "loopback, server and clients on the same cores", "build": if cfg!(debug_assertions) { "dev" } else { "release" },
    })
}

/// Resident memory of a process in kB, and its CPU time in seconds (Linux; zero elsewhere).
pub fn usage(process: u32) -> (u64, f64) {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let memory = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(|rest| rest.split_whitespace().next()?.parse().ok())
        .unwrap_or(0);
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // Fields 14 and 15, counted after the name in parentheses; hundredths of a second on every usual kernel.
    let fields: Vec<&str> = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
    (memory, (ticks(11) + ticks(12)) / 100.0)
}
