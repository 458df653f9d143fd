//! Listeners that come and go at random times, signals that get lost, old events that are deleted, nodes that restart:
//! nobody misses an event, nobody gets one twice, and all come in order.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures_util::{FutureExt, future::BoxFuture};
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::value::RawValue;
use yunqia_realtime::{Bell, Event, Fault, Hub, Settings, Source, Start, Subscription, TextFrame};

const TOPIC: &str = "hall:1";

/// A table of events in memory.
#[derive(Default)]
struct Table {
    head: Mutex<i64>,
    oldest: Mutex<i64>,
}

impl Table {
    fn head(&self) -> i64 {
        *self.head.lock().unwrap()
    }
}

impl Source for Table {
    fn since(&self, _: String, after: i64, limit: i64) -> BoxFuture<'_, Result<Vec<Event>, Fault>> {
        async move {
            // Time passes while the database works, and more may be written meanwhile.
            tokio::time::sleep(Duration::from_millis(1)).await;
            let first = (after + 1).max(*self.oldest.lock().unwrap());
            let events = (first..=self.head()).take(limit as usize);
            let body = |seq: i64| RawValue::from_string(format!("{{\"n\":{seq}}}")).unwrap();
            Ok(events.map(|seq| Event { seq, kind: "tick".into(), body: body(seq) }).collect())
        }
        .boxed()
    }

    fn heads(&self, topics: Vec<String>) -> BoxFuture<'_, Result<HashMap<String, i64>, Fault>> {
        async move {
            tokio::time::sleep(Duration::from_millis(1)).await;
            Ok(topics.into_iter().map(|topic| (topic, self.head())).collect())
        }
        .boxed()
    }
}

#[derive(Deserialize)]
struct Frame {
    topic: String,
    events: Vec<Numbered>,
}

#[derive(Deserialize)]
struct Numbered {
    seq: i64,
    body: HashMap<String, i64>,
}

/// A client as the protocol wants it: it drops what it knows by number and resumes from its last one.
#[derive(Default)]
struct Client {
    seq: Option<i64>,
    live: Option<Subscription>,
    snapshots: usize,
    waker: Arc<Bell>,
}

impl Client {
    async fn connect(&mut self, hub: &Hub, table: &Table) {
        let joined = hub.subscribe(TOPIC, self.seq, &self.waker).await.unwrap();
        let mut subscription = joined.subscription;
        match joined.start {
            Start::Resumed { missed, .. } => missed.iter().for_each(|frame| self.take(frame)),
            Start::Snapshot => {
                tokio::time::sleep(Duration::from_millis(1)).await;
                let head = table.head();
                subscription.knows(head);
                self.seq = Some(head);
                self.snapshots += 1;
            }
        }
        self.live = Some(subscription);
    }

    fn take(&mut self, text: &TextFrame) {
        let frame: Frame = serde_json::from_slice(text.text()).unwrap();
        assert_eq!(frame.topic, TOPIC);
        for event in frame.events {
            let seq = self.seq.expect("events come after a snapshot");
            assert_eq!(event.body["n"], event.seq);
            if event.seq > seq {
                assert_eq!(event.seq, seq + 1, "an event is missing");
                self.seq = Some(event.seq);
            }
        }
    }

    /// Reads what is there, at most `frames`. A reader that fell behind comes back by number.
    async fn read(&mut self, frames: usize, hub: &Hub, table: &Table) {
        for _ in 0..frames {
            let Some(live) = &mut self.live else { return };
            match live.take() {
                Ok(Some(frame)) => self.take(&frame),
                Ok(None) => return,
                Err(_) => {
                    self.live = None;
                    self.connect(hub, table).await;
                }
            }
        }
    }
}

#[derive(Clone, Debug)]
enum Step {
    Write { events: i64, signal: bool },
    Connect(usize),
    Disconnect(usize),
    Read(usize, usize),
    Wait(u64),
    Prune(i64),
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (1..20i64, any::<bool>()).prop_map(|(events, signal)| Step::Write { events, signal }),
        4 => (0..4usize).prop_map(Step::Connect),
        3 => (0..4usize).prop_map(Step::Disconnect),
        6 => (0..4usize, 1..10usize).prop_map(|(client, frames)| Step::Read(client, frames)),
        4 => (1..1500u64).prop_map(Step::Wait),
        1 => (1..40i64).prop_map(Step::Prune),
        1 => Just(Step::Restart),
    ]
}

fn settings() -> Settings {
    // Small bounds, so that every way back is taken: the ring, the source, a snapshot.
    Settings { ring_frames: 4, resume_max: 30, retire_after: Duration::from_secs(3), ..Settings::default() }
}

async fn play(steps: Vec<Step>) {
    let table = Arc::new(Table::default());
    *table.oldest.lock().unwrap() = 1;
    let mut hub = Hub::start(table.clone(), settings());
    let mut clients: Vec<Client> = (0..4).map(|_| Client::default()).collect();
    for step in steps {
        match step {
            Step::Write { events, signal } => {
                *table.head.lock().unwrap() += events;
                if signal {
                    hub.wake(TOPIC, table.head());
                }
            }
            Step::Connect(n) if clients[n].live.is_none() => clients[n].connect(&hub, &table).await,
            Step::Connect(_) => {}
            Step::Disconnect(n) => clients[n].live = None,
            Step::Read(n, frames) => clients[n].read(frames, &hub, &table).await,
            Step::Wait(ms) => tokio::time::sleep(Duration::from_millis(ms)).await,
            Step::Prune(keep) => {
                let oldest = (table.head() - keep).max(*table.oldest.lock().unwrap());
                *table.oldest.lock().unwrap() = oldest;
            }
            Step::Restart => {
                clients.iter_mut().for_each(|client| client.live = None);
                hub = Hub::start(table.clone(), settings());
            }
        }
    }
    for client in &mut clients {
        if client.live.is_none() {
            client.connect(&hub, &table).await;
        }
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    for client in &mut clients {
        client.read(usize::MAX, &hub, &table).await;
        // A reader that had fallen behind resumed just now; a moment later it has the rest as well.
        tokio::time::sleep(Duration::from_secs(3)).await;
        client.read(usize::MAX, &hub, &table).await;
        assert_eq!(client.seq, Some(table.head()), "everybody ends at the newest event");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]
    #[test]
    fn nothing_lost_nothing_twice_in_order(steps in proptest::collection::vec(step(), 1..120)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(play(steps));
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_signal_costs_a_second_and_no_message() {
    let table = Arc::new(Table::default());
    *table.oldest.lock().unwrap() = 1;
    let hub = Hub::start(table.clone(), Settings::default());
    let mut client = Client::default();
    client.connect(&hub, &table).await;
    *table.head.lock().unwrap() = 3;
    tokio::time::timeout(Duration::from_millis(1100), client.waker.rung()).await.expect("woken by the comparison");
    client.read(10, &hub, &table).await;
    assert_eq!(client.seq, Some(3));
}

#[tokio::test(start_paused = true)]
async fn a_reader_behind_the_ring_is_told_and_others_are_not() {
    let table = Arc::new(Table::default());
    *table.oldest.lock().unwrap() = 1;
    let hub = Hub::start(table.clone(), settings());
    let (mut slow, mut quick) = (Client::default(), Client::default());
    slow.connect(&hub, &table).await;
    quick.connect(&hub, &table).await;
    for head in 1..=10 {
        *table.head.lock().unwrap() = head;
        hub.wake(TOPIC, head);
        tokio::time::sleep(Duration::from_millis(10)).await;
        quick.read(10, &hub, &table).await;
    }
    assert_eq!(quick.seq, Some(10));
    assert!(slow.live.as_ref().unwrap().has_lagged());
    assert!(slow.live.as_mut().unwrap().take().is_err());
    slow.read(20, &hub, &table).await;
    assert_eq!((slow.seq, slow.snapshots), (Some(10), 1), "it resumed without a second snapshot");
}

#[tokio::test(start_paused = true)]
async fn a_number_from_another_life_gets_a_snapshot() {
    let table = Arc::new(Table::default());
    *table.oldest.lock().unwrap() = 1;
    *table.head.lock().unwrap() = 5;
    let hub = Hub::start(table.clone(), Settings::default());
    let joined = hub.subscribe(TOPIC, Some(77), &Arc::new(Bell::default())).await.unwrap();
    assert!(matches!(joined.start, Start::Snapshot));
}

#[tokio::test(start_paused = true)]
async fn presence_is_told_once_per_window_and_counts_people() {
    let table = Arc::new(Table::default());
    let hub = Hub::start(table.clone(), Settings::default());
    let card = || RawValue::from_string("{\"id\":1}".into()).unwrap();
    let waker = Arc::new(Bell::default());
    let mut watcher = hub.subscribe(TOPIC, None, &waker).await.unwrap().subscription;
    let who = uuid::Uuid::from_u128(7);
    let mut first = hub.subscribe(TOPIC, None, &waker).await.unwrap().subscription;
    let mut second = hub.subscribe(TOPIC, None, &waker).await.unwrap().subscription;
    first.enter(who, card());
    second.enter(who, card());
    tokio::time::sleep(Duration::from_secs(2)).await;
    let frame = watcher.take().unwrap().expect("told");
    assert_eq!(
        frame.text(),
        b"{\"t\":\"presence\",\"topic\":\"hall:1\",\"count\":1,\"joined\":[{\"id\":1}],\"left\":[]}"
    );
    assert_eq!(hub.present(TOPIC, 10).0, 1);
    drop((first, second));
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert!(watcher.take().unwrap().is_none(), "within the grace period nothing is said");
    tokio::time::sleep(Duration::from_secs(8)).await;
    let frame = watcher.take().unwrap().expect("told");
    assert!(std::str::from_utf8(frame.text()).unwrap().contains("\"count\":0,\"joined\":[],\"left\":[\"00000000"));
}
