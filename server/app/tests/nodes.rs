//! Several nodes as processes, under bookings and chat, while a node is killed, the bus is stopped, the database is restarted or
//! has no room, and lines are cut. Afterwards everything that was acknowledged is there once, and no rule is broken.
//!
//! Short times are for every day; with `TEST_LONG` set (`make nightly`) a line is bad for 30 seconds and nodes are killed 20 times.

use std::{path::Path, time::Duration};

use tokio::time::sleep;
use yunqia_load::{
    link::Weather,
    stage::{By, Outcome, Stage},
};

/// One at a time: each has engines and nodes of its own, and the machine is small.
static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

fn long() -> bool {
    std::env::var_os("TEST_LONG").is_some()
}

/// How long a line is bad.
fn bad() -> Duration {
    Duration::from_secs(if long() { 30 } else { 4 })
}

/// Between two faults the visitors act a moment.
const MOMENT: Duration = Duration::from_millis(1500);

async fn stage(nodes: usize, by: By) -> Option<Stage> {
    stage_with(nodes, by, 100).await
}

/// `connections_max`: how many PostgreSQL takes in all.
async fn stage_with(nodes: usize, by: By, connections_max: u32) -> Option<Stage> {
    let program = Path::new(env!("CARGO_BIN_EXE_yunqia"));
    Stage::set(program, nodes, by, connections_max).await.expect("the stage is set")
}

/// The visitors act while `fault` happens, and for a moment before and after it.
async fn under<F: AsyncFnOnce(&mut Stage)>(stage: &mut Stage, fault: F) -> Outcome {
    let visitors = stage.visitors().await.expect("the visitors are there");
    sleep(MOMENT).await;
    fault(stage).await;
    sleep(MOMENT).await;
    let outcome = stage.judge(visitors).await.unwrap_or_else(|error| panic!("{error:#}"));
    eprintln!("{outcome:?}");
    assert!(outcome.bookings > 10 && outcome.messages > 10, "hardly anything happened: {outcome:?}");
    outcome
}

/// Nodes die one after another, and those who were on them go on elsewhere.
#[tokio::test(flavor = "multi_thread")]
async fn a_node_is_killed() {
    let _turn = TURN.lock().await;
    let Some(mut stage) = stage(3, By::Nats).await else { return };
    let kills = if long() { 20 } else { 3 };
    let outcome = under(&mut stage, async |stage| {
        for kill in 0..kills {
            let node = &mut stage.nodes[kill % 3];
            node.kill().expect("it is killed");
            sleep(Duration::from_millis(700)).await;
            node.start_again().await.expect("it starts again");
            sleep(Duration::from_millis(300)).await;
        }
    })
    .await;
    assert!(outcome.lines >= 9 + 3 * kills.min(3), "those on a killed node came back: {outcome:?}");
    stage.strike().await.expect("the stage is struck");
}

/// A restart for an upgrade: each node is told to stop in turn.
#[tokio::test(flavor = "multi_thread")]
async fn nodes_are_restarted_one_by_one() {
    let _turn = TURN.lock().await;
    let Some(mut stage) = stage(2, By::Notify).await else { return };
    under(&mut stage, async |stage| {
        for node in &mut stage.nodes {
            node.stop().await.expect("it stops when it is told to");
            node.start_again().await.expect("it starts again");
        }
    })
    .await;
    stage.strike().await.expect("the stage is struck");
}

/// NATS dies and comes back: nodes go on, say so, and heal. Then one node alone is without it, by a cut and by a silent line.
#[tokio::test(flavor = "multi_thread")]
async fn the_bus_is_lost_and_found() {
    let _turn = TURN.lock().await;
    let Some(mut stage) = stage(3, By::Nats).await else { return };
    under(&mut stage, async |stage| {
        let heard = stage.nodes[1].counts("yunqia_bus_signals_total{way=\"in\"}").await.expect("/metrics answers");
        assert!(heard > 0.0, "signals come by the bus");
        stage.nats.as_mut().expect("a bus").kill();
        for node in &stage.nodes {
            node.says("ready, without nats").await.expect("it says so");
            assert_eq!(node.counts("yunqia_bus_up").await.expect("/metrics answers"), 0.0);
        }
        sleep(bad()).await;
        stage.nats.as_mut().expect("a bus").start_again().await.expect("it starts again");
        for node in &stage.nodes {
            node.says("ready").await.expect("it heals");
            assert_eq!(node.counts("yunqia_bus_up").await.expect("/metrics answers"), 1.0);
        }
        for weather in [Weather::Cut, Weather::Silent] {
            stage.bus[0].set(weather);
            stage.nodes[0].says("ready, without nats").await.expect("it says so");
            sleep(bad() / 2).await;
            stage.bus[0].set(Weather::Fair);
            stage.nodes[0].says("ready").await.expect("it heals");
        }
    })
    .await;
    stage.strike().await.expect("the stage is struck");
}

/// PostgreSQL crashes and comes back at once, then stays away a while: nodes say so, wait, and go on.
#[tokio::test(flavor = "multi_thread")]
async fn the_database_is_restarted() {
    let _turn = TURN.lock().await;
    let Some(mut stage) = stage(2, By::Notify).await else { return };
    under(&mut stage, async |stage| {
        stage.postgres.control("restart").await.expect("it starts again");
        sleep(MOMENT).await;
        stage.postgres.control("stop").await.expect("it stops");
        let (status, _) = stage.nodes[0].asks("/readyz").await.expect("the node answers");
        assert_eq!(status, 503);
        sleep(bad() / 2).await;
        stage.postgres.control("start").await.expect("it starts again");
        for node in &stage.nodes {
            node.says("ready").await.expect("it heals");
        }
    })
    .await;
    stage.strike().await.expect("the stage is struck");
}

/// PostgreSQL takes fewer connections than the nodes want: some wait or are told to come again, and nothing is lost.
#[tokio::test(flavor = "multi_thread")]
async fn the_database_has_no_connections_left() {
    let _turn = TURN.lock().await;
    let Some(mut stage) = stage_with(2, By::Nats, 14).await else { return };
    under(&mut stage, async |_| sleep(bad()).await).await;
    stage.strike().await.expect("the stage is struck");
}

/// One node's line to the database is cut, silent, late, slow; the others serve on, and it heals.
#[tokio::test(flavor = "multi_thread")]
async fn a_line_to_the_database_is_bad() {
    let _turn = TURN.lock().await;
    let Some(mut stage) = stage(2, By::Nats).await else { return };
    under(&mut stage, async |stage| {
        for weather in [Weather::Cut, Weather::Silent] {
            stage.database[0].set(weather);
            sleep(bad()).await;
            let (status, _) = stage.nodes[0].asks("/readyz").await.expect("the node answers");
            assert_eq!(status, 503, "{weather:?}");
            stage.nodes[1].says("ready").await.expect("the other node serves on");
            stage.database[0].set(Weather::Fair);
            stage.nodes[0].says("ready").await.expect("it heals");
        }
        let late = Weather::Delayed(Duration::from_millis(40));
        for weather in [late, Weather::Slow(100_000)] {
            stage.database[0].set_for(weather, bad() / 2).await;
        }
    })
    .await;
    stage.strike().await.expect("the stage is struck");
}
