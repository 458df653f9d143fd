//! A few seeds in every run of the tests; more with `YUNQIA_SIM_SEEDS=first..last` and `YUNQIA_SIM_STEPS`.

use yunqia_tests_api::Engine;
use yunqia_tests_sim::play;

const STEPS: usize = 1_500;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_events_break_no_rule() {
    for seed in seeds() {
        let tally = play(Engine::Sqlite, seed, steps()).await.expect("SQLite is always at hand");
        println!("seed {seed}: {tally:?}");
        assert!(tally.done * 5 > steps(), "seed {seed}: almost everything was refused: {tally:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_events_break_no_rule_on_postgres() {
    if let Some(tally) = play(Engine::Postgres, 7, steps() / 3).await {
        assert!(tally.done > 0);
    }
}

/// The same seed is the same event.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_seed_repeats_itself() {
    let first = play(Engine::Sqlite, 3, 200).await.expect("SQLite is always at hand");
    let second = play(Engine::Sqlite, 3, 200).await.expect("SQLite is always at hand");
    assert_eq!((first.done, first.refused), (second.done, second.refused));
}

fn seeds() -> std::ops::Range<u64> {
    let range = std::env::var("YUNQIA_SIM_SEEDS").ok();
    match range.as_deref().and_then(|range| range.split_once("..")) {
        Some((first, last)) => first.parse().expect("a seed")..last.parse().expect("a seed"),
        None => 1..4,
    }
}

fn steps() -> usize {
    std::env::var("YUNQIA_SIM_STEPS").ok().map_or(STEPS, |steps| steps.parse().expect("a number of steps"))
}
