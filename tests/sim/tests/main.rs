//! A few seeds in every run of the tests; more with `YUNQIA_SIM_SEEDS=first..last` and `YUNQIA_SIM_STEPS` (`make nightly`).
//! `YUNQIA_SIM_TELL=1` prints every act, with `-- --nocapture`.

use yunqia_tests_api::Engine;
use yunqia_tests_sim::{Run, Sabotage, Tally, play};

/// Acts of a seed: about four seasons.
const STEPS: usize = 2_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_events_break_no_rule_on_sqlite() {
    for seed in seeds(1..4) {
        let tally = run(Engine::Sqlite, seed, steps()).await.expect("SQLite is always at hand");
        println!("seed {seed}: {tally:?}");
        assert!(tally.done * 5 > steps(), "seed {seed}: almost everything was refused: {tally:?}");
        assert_eq!(tally.contended, 0, "writers queue for SQLite");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_events_break_no_rule_on_postgres() {
    for seed in seeds(101..103) {
        let Some(tally) = run(Engine::Postgres, seed, steps()).await else { return };
        println!("seed {seed}: {tally:?}");
        assert!(tally.done * 5 > steps(), "seed {seed}: almost everything was refused: {tally:?}");
    }
}

/// The same seed is the same event.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_seed_repeats_itself() {
    let first = run(Engine::Sqlite, 3, 400).await.expect("SQLite is always at hand");
    let second = run(Engine::Sqlite, 3, 400).await.expect("SQLite is always at hand");
    assert_eq!(first, second);
}

/// Faults that are put into the database behind the acts' backs are found.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn broken_rules_are_seen() {
    let faults = [
        ("DELETE FROM claims", "lacks the claim"),
        ("UPDATE claims SET tick = tick + 12", "lacks the claim"),
        ("UPDATE bookings SET contact_id = staff_id WHERE state = 'confirmed'", "sends somebody who does not attend"),
        ("UPDATE consents SET withdrawn_at = given_at WHERE withdrawn_at IS NULL", "lacks the company's consent"),
        (
            "UPDATE sessions SET talks_per_desk_max = 1 WHERE id IN (
                 SELECT session_id FROM bookings WHERE state = 'confirmed' GROUP BY session_id, desk_id HAVING count(*) > 1)",
            "talks at a desk",
        ),
        ("UPDATE bookings SET state = 'no_show_company' WHERE state = 'confirmed'", "but its history leads to"),
        ("UPDATE bookings SET state = 'moved' WHERE state = 'confirmed'", "claims"),
(
            "DELETE FROM letters WHERE kind = 'slot_cancelled' AND booking_id IN (SELECT booking_id FROM talks)",
            "in the calendar",
        ),
        ("DELETE FROM letters WHERE kind IN ('slot_confirmed', 'slot_moved')", "has not been told to both sides"),
        (
            "UPDATE letters SET booking_id = session_id WHERE kind = 'slot_request_received'",
            "tells of a booking that is not there",
        ),
        ("DELETE FROM channels WHERE kind = 'talk' AND head = 0", "has no room"),
        ("UPDATE topics SET head = head + 1", "have gaps"),
        ("UPDATE messages SET seq = seq + 1000", "messages of channel"),
        ("DELETE FROM members WHERE role = 'member'", "who is no member"),
        (
            "UPDATE slots SET removed_at = starts_at WHERE id IN (SELECT slot_id FROM bookings WHERE state = 'confirmed')",
            "at a slot that was taken away",
        ),
    ];
    for (statement, says) in faults {
        let sabotage = Some(Sabotage { statement, after: 120 });
        let found = play(Run { engine: Engine::Sqlite, seed: 5, steps: 300, sabotage, tells: false })
            .await
            .expect("SQLite is at hand");
        let story = found.expect_err(statement);
        assert!(story.contains(says), "{statement}: {story}");
        assert!(story.contains("YUNQIA_SIM_SEEDS=5..6"), "{story}");
    }
}

/// None where the engine is not at hand.
async fn run(engine: Engine, seed: u64, steps: usize) -> Option<Tally> {
    let tells = std::env::var_os("YUNQIA_SIM_TELL").is_some();
    match play(Run { engine, seed, steps, sabotage: None, tells }).await? {
        Ok(tally) => Some(tally),
        Err(story) => panic!("{story}"),
    }
}

fn seeds(few: std::ops::Range<u64>) -> std::ops::Range<u64> {
    let range = std::env::var("YUNQIA_SIM_SEEDS").ok();
    match range.as_deref().and_then(|range| range.split_once("..")) {
        Some((first, last)) => first.parse().expect("a seed")..last.parse().expect("a seed"),
        None => few,
    }
}

fn steps() -> usize {
    std::env::var("YUNQIA_SIM_STEPS").ok().map_or(STEPS, |steps| steps.parse().expect("a number of steps"))
}
