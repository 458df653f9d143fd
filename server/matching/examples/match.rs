//! Runs the engine on an event file, for those who want it without the rest of the platform.
//!
//!     cargo run -p yunqia-matching --example match -- EVENT.json SECONDS SEED THREADS OUT.json [cpu]
//!
//! With `cpu` the seconds are those of the processor per thread, for measuring on a machine that is busy otherwise.

use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [input, seconds, seed, threads, output, rest @ ..] = args.as_slice() else {
        return Err("give EVENT.json SECONDS SEED THREADS OUT.json [cpu]".into());
    };
    let started = Instant::now();
    let event = yunqia_matching::Event::from_json(&std::fs::read_to_string(input)?)?;
    let options = yunqia_matching::Options {
        seconds: seconds.parse()?,
        seed: seed.parse()?,
        threads: threads.parse()?,
        rounds: None,
    };
    let (busy, threads) = (rest.first().is_some_and(|how| how == "cpu"), options.threads as f64);
    let clock = || if busy { processor_seconds() / threads } else { started.elapsed().as_secs_f64() };
    let outcome = yunqia_matching::solve(&event, &options, &clock, &mut |_| true)?;
    std::fs::write(output, serde_json::to_string(&outcome)?)?;
    println!(
        "weight {} of {} · breaks {} (at least {}) · idle {} · optimal {} · {:.2} s · {} rounds",
        outcome.weight,
        outcome.weight_bound,
        outcome.breaks,
        outcome.breaks_bound,
        outcome.idle,
        outcome.optimal,
        outcome.seconds,
        outcome.rounds
    );
    Ok(())
}

/// The processor time of this process in seconds, as Linux tells it.
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks: f64 = after_name.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum();
    ticks / 100.0
}
