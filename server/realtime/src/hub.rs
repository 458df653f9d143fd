//! The hub of a node: the topics that are listened to here, and the way back into one after an absence.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use serde_json::value::RawValue;
use uuid::Uuid;

use crate::{
    bell::Bell,
    frame::TextFrame,
    presence::Changes,
    source::{Fault, Source},
    topic::{Subscription, Topic, encode_events},
};

/// Bounds and periods.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Frames a reader may be behind.
    pub ring_frames: usize,
    /// Bytes a topic keeps at most (the newest frame always stays).
    pub ring_bytes: usize,
    /// Events that are sent again after an absence; above this a snapshot is cheaper.
    pub resume_max: i64,
    /// The same in bytes of their bodies.
    pub resume_bytes: usize,
    /// How often heads are compared with the source.
    pub compare_every: Duration,
    /// Changes of presence are told at most this often.
    pub presence_window: Duration,
    /// How long somebody without a socket still counts as present.
    pub grace: Duration,
    /// A topic nobody listens to is forgotten after this long.
    pub retire_after: Duration,
    /// Other nodes may have people on the same topics ([`Hub::take_changes`], [`Hub::elsewhere`]).
    pub several_nodes: bool,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            ring_frames: 1024,
            ring_bytes: 8 << 20,
            resume_max: 1000,
            resume_bytes: 1 << 20,
            compare_every: Duration::from_secs(1),
            presence_window: Duration::from_millis(1500),
            grace: Duration::from_secs(15),
            retire_after: Duration::from_secs(60),
            several_nodes: false,
        }
    }
}

/// A handle on the hub; cheap to clone.
#[derive(Clone)]
pub struct Hub {
    inner: Arc<Inner>,
}

struct Inner {
    source: Arc<dyn Source>,
    /// Set once: nothing is read any more.
    stopped: AtomicBool,
    settings: Settings,
    topics: Mutex<HashMap<String, Arc<Topic>>>,
}

/// A new listener, and how it gets to the present state.
pub struct Joined {
    pub subscription: Subscription,
    pub start: Start,
}

/// What stands between a listener and the live events.
#[derive(Debug)]
pub enum Start {
    /// Nothing was missed that the subscription will not bring, after this frame if there is one. The number is the
    /// topic's newest as far as this node knows.
    Resumed { seq: i64, missed: Option<TextFrame> },
    /// A snapshot is needed: read it now, after this, and tell the subscription its number.
    Snapshot,
}

impl Hub {
    /// Starts a hub. Its task compares heads until every handle is dropped.
    pub fn start(source: Arc<dyn Source>, settings: Settings) -> Hub {
        let inner = Arc::new(Inner { source, stopped: AtomicBool::new(false), settings, topics: Mutex::default() });
        tokio::spawn(compare(Arc::downgrade(&inner)));
        Hub { inner }
    }

    /// Somebody said that the topic has reached this number. Costs nothing if nobody listens here.
    pub fn wake(&self, topic: &str, seq: i64) {
        if let Some(topic) = self.inner.find(topic) {
            topic.wake(seq);
        }
    }

    /// Nobody listens any more, and the source is about to go: heads are compared no longer.
    pub fn stop(&self) {
        self.inner.stopped.store(true, Ordering::Relaxed);
    }

    /// Compares all heads now: wake-ups are known to have been lost.
    pub async fn catch_up(&self) {
        self.inner.compare().await;
    }

    /// Listens to a topic. The listener is attached before anything is read, so nothing can fall between what is read now
    /// and what comes live. `after` is the last number the listener has seen.
    pub async fn subscribe(&self, topic: &str, after: Option<i64>, bell: &Arc<Bell>) -> Result<Joined, Fault> {
        let inner = &self.inner;
        let (topic, mut subscription) = inner.attach(topic, bell);
        topic.ready(&*inner.source).await?;
        subscription.skip_to_end();
        let Some(after) = after else { return Ok(Joined { subscription, start: Start::Snapshot }) };
        if subscription.rewind(after) {
            let seq = subscription.position();
            return Ok(Joined { subscription, start: Start::Resumed { seq, missed: None } });
        }
        let start = inner.resume(&topic.name, after).await?;
        if let Start::Resumed { seq, .. } = &start {
            subscription.knows(*seq);
        }
        Ok(Joined { subscription, start })
    }

    /// How many people are on the topic, and up to `max` of their cards.
    pub fn present(&self, topic: &str, max: usize) -> (usize, Vec<Box<RawValue>>) {
        let Some(topic) = self.inner.find(topic) else { return (0, Vec::new()) };
        topic.presence(|presence| (presence.count(), presence.cards(max)))
    }

    /// Whether this person is on the topic, or left it less than the grace period ago.
    pub fn is_present(&self, topic: &str, who: Uuid) -> bool {
        self.inner.find(topic).is_some_and(|topic| topic.presence(|presence| presence.is_here(who)))
    }

    /// The topics that somebody listens to here, or did a moment ago.
    pub fn served(&self) -> Vec<String> {
        self.inner.all().iter().map(|topic| topic.name.clone()).collect()
    }

    /// Who came to this node's topics and who left them since the last time, to be told to other nodes.
    pub fn take_changes(&self) -> Vec<Changes> {
        self.inner
            .all()
            .iter()
            .filter_map(|topic| topic.presence(|presence| presence.take_changes(&topic.name)))
            .collect()
    }

    /// Everybody on this node is to be told to the other nodes anew.
    pub fn tell_all_changes(&self) {
        self.inner.all().iter().for_each(|topic| topic.presence(|presence| presence.tell_all_changes()));
    }

    /// Those of these people on other nodes who are not known on the topic here: their cards are needed.
    pub fn strangers(&self, topic: &str, there: &HashSet<Uuid>) -> Vec<Uuid> {
        self.inner.find(topic).map(|topic| topic.presence(|presence| presence.strangers(there))).unwrap_or_default()
    }

    /// Who is on a topic on other nodes now; `cards` are what others are shown of the strangers.
    pub fn elsewhere(&self, topic: &str, there: &HashSet<Uuid>, cards: HashMap<Uuid, Box<RawValue>>) {
        if let Some(topic) = self.inner.find(topic) {
            topic.presence(|presence| presence.elsewhere(there, cards));
            topic.look();
        }
    }

    /// Everybody with a live socket, topic by topic.
    pub fn everybody(&self) -> Vec<(String, Vec<Uuid>)> {
        let topics = self.inner.all();
        let here = topics.iter().map(|topic| (topic.name.clone(), topic.presence(|p| p.here().collect::<Vec<_>>())));
        here.filter(|(_, people)| !people.is_empty()).collect()
    }
}

impl Inner {
    fn find(&self, topic: &str) -> Option<Arc<Topic>> {
        self.topics.lock().expect("no panic under this lock").get(topic).cloned()
    }

    fn all(&self) -> Vec<Arc<Topic>> {
        self.topics.lock().expect("no panic under this lock").values().cloned().collect()
    }

    fn attach(self: &Arc<Self>, name: &str, bell: &Arc<Bell>) -> (Arc<Topic>, Subscription) {
        let mut topics = self.topics.lock().expect("no panic under this lock");
        if let Some(topic) = topics.get(name) {
            // Under the lock of the map: a topic that is about to retire looks for listeners under it too.
            return (Arc::clone(topic), topic.attach(Arc::clone(bell)));
        }
        let topic = Arc::new(Topic::new(name.to_owned(), self.settings.clone()));
        let subscription = topic.attach(Arc::clone(bell));
        topics.insert(name.to_owned(), Arc::clone(&topic));
        metrics::gauge!("yunqia_topics").set(topics.len() as f64);
        drop(topics);
        let hub = Arc::downgrade(self);
        tokio::spawn(Arc::clone(&topic).run(Arc::clone(&self.source), move |topic| match hub.upgrade() {
            Some(hub) => hub.retire(topic),
            None => true,
        }));
        (topic, subscription)
    }

    /// Forgets a topic that nobody listens to.
    fn retire(&self, topic: &Topic) -> bool {
        let mut topics = self.topics.lock().expect("no panic under this lock");
        if topic.has_listeners() || topic.presence(|presence| presence.has_ours()) {
            return false;
        }
        topics.remove(&topic.name);
        metrics::gauge!("yunqia_topics").set(topics.len() as f64);
        true
    }

    /// Reads what was missed from the source, if it is all still there and not too much.
    async fn resume(&self, topic: &str, after: i64) -> Result<Start, Fault> {
        let events = self.source.since(topic.to_owned(), after, self.settings.resume_max + 1).await?;
        match (events.first(), events.last()) {
            (Some(first), Some(last)) => {
                let bytes: usize = events.iter().map(|event| event.body.get().len()).sum();
                let few = events.len() as i64 <= self.settings.resume_max && bytes <= self.settings.resume_bytes;
                let whole = first.seq == after + 1 && few;
                let resumed = || Start::Resumed { seq: last.seq, missed: Some(encode_events(topic, &events)) };
                Ok(if whole { resumed() } else { Start::Snapshot })
            }
            _ => {
                // Nothing above it: either it is the newest number, or a number of another life of this database.
                let heads = self.source.heads(vec![topic.to_owned()]).await?;
                let head = heads.get(topic).copied().unwrap_or(0);
                Ok(if head == after { Start::Resumed { seq: after, missed: None } } else { Start::Snapshot })
            }
        }
    }

    async fn compare(&self) {
        let topics = self.all();
        for some in topics.chunks(500) {
            let names = some.iter().map(|topic| topic.name.clone()).collect();
            match self.source.heads(names).await {
                Ok(heads) => {
                    for topic in some {
                        let head = heads.get(&topic.name).copied().unwrap_or(0);
                        if head > topic.position() {
                            topic.wake(head);
                        }
                    }
                }
                // The source went while it was asked: everybody has left.
                Err(_) if self.stopped.load(Ordering::Relaxed) => {}
                Err(error) => tracing::warn!(%error, "heads could not be compared"),
            }
        }
    }
}

async fn compare(hub: Weak<Inner>) {
    let Some(every) = hub.upgrade().map(|hub| hub.settings.compare_every) else { return };
    loop {
        tokio::time::sleep(every).await;
        let Some(hub) = hub.upgrade().filter(|hub| !hub.stopped.load(Ordering::Relaxed)) else { return };
        hub.compare().await;
    }
}
