//! Runs the engine on an event file, for those who want it without the rest of the platform.
//!
//!     cargo run -p yunqia-matching --example match -- EVENT.json SECONDS SEED THREADS OUT.json

use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [input, seconds, seed, threads, output] = args.as_slice() else {
        return Err("give EVENT.json SECONDS SEED THREADS OUT.json".into());
    };
    let started = Instant::now();
    let event = yunqia_matching::Event::from_json(&std::fs::read_to_string(input)?)?;
    let options = yunqia_matching::Options {
        seconds: seconds.parse()?,
        seed: seed.parse()?,
        threads: threads.parse()?,
        rounds: None,
    };
    let outcome = yunqia_matching::solve(&event, &options, &|| started.elapsed().as_secs_f64(), &mut |_| true)?;
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
