//! Whole events on a virtual clock: people of companies and centres do random things, refused or not, and after every few
//! steps the rules are looked at by `store::checks`, which shares nothing with the code that keeps them.
//!
//! Everything comes from the seed: the same seed is the same event, so a failure can be looked at again.

mod people;
mod steps;

use std::collections::VecDeque;

use rand::{Rng, SeedableRng, rngs::StdRng};
use yunqia_actions::Error;
use yunqia_store::checks;
use yunqia_tests_api::{Engine, Options, TestApp};

pub use people::World;

/// Steps between two looks at the rules.
const STEPS_BETWEEN_CHECKS: usize = 25;
/// Steps named when a rule is broken.
const STEPS_REMEMBERED: usize = 40;

/// How a run went, for those who want to know that it did something.
#[derive(Debug, Default)]
pub struct Tally {
    pub done: usize,
    pub refused: usize,
}

/// Plays an event of so many steps. Panics with the seed and the last steps when a rule is broken.
pub async fn play(engine: Engine, seed: u64, steps: usize) -> Option<Tally> {
    let app = TestApp::start(engine, Options::default()).await?;
    let mut chance = StdRng::seed_from_u64(seed);
    let world = World::build(&app, &mut chance).await;
    let mut last: VecDeque<String> = VecDeque::new();
    let mut tally = Tally::default();
    for step in 1..=steps {
        app.wait_seconds(chance.random_range(1..1_000));
        let (what, outcome) = world.step(&app, &mut chance).await;
        let result = match outcome {
            Ok(()) => {
                tally.done += 1;
                "done".to_owned()
            }
            Err(Error::Store(error)) => panic!("seed {seed}, step {step}: {what} failed in the database: {error:?}"),
            Err(error) => {
                tally.refused += 1;
                error.to_string()
            }
        };
        last.push_back(format!("{step} at {}: {what}: {result}", app.now()));
        if last.len() > STEPS_REMEMBERED {
            last.pop_front();
        }
        if step % STEPS_BETWEEN_CHECKS == 0 || step == steps {
            let mut tx = app.read().await;
            let broken = checks::broken_rules(&mut tx).await.expect("the database can be read");
            let story = last.make_contiguous().join("\n");
            assert!(broken.is_empty(), "seed {seed} breaks rules:\n{}\nafter\n{story}", broken.join("\n"));
        }
    }
    app.stop().await;
    Some(tally)
}
