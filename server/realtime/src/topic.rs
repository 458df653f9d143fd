//! One topic: its ring, its listeners, its people, and the task that fills it.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, RwLock,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

use serde::Serialize;
use serde_json::value::RawValue;
use tokio::{
    sync::{Notify, OnceCell},
    time::Instant,
};
use uuid::Uuid;

use crate::{
    bell::Bell,
    frame::TextFrame,
    hub::Settings,
    presence::{Change, Presence},
    ring::{Frame, Ring},
    source::{Event, Fault, Source},
};

/// Most events read and encoded at once.
const BATCH: i64 = 256;
/// Newest events that a topic begins with.
const RECENT: i64 = 64;

pub(crate) struct Topic {
    pub name: String,
    settings: Settings,
    /// Set once the newest number is known; nobody reads before.
    ring: OnceCell<RwLock<Ring>>,
    /// Index of the next frame, to see without a lock that there is nothing new.
    next: AtomicU64,
    /// The newest number that was heard of.
    wanted: AtomicI64,
    wake: Notify,
    listeners: Mutex<HashMap<u64, Arc<Bell>>>,
    listener_ids: AtomicU64,
    presence: Mutex<Presence>,
}

/// The reader fell behind the ring; it resumes by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lagged;

impl Topic {
    pub fn new(name: String, settings: Settings) -> Topic {
        let several_nodes = settings.several_nodes;
        Topic {
            name,
            settings,
            ring: OnceCell::new(),
            next: AtomicU64::new(0),
            wanted: AtomicI64::new(0),
            wake: Notify::new(),
            listeners: Mutex::default(),
            listener_ids: AtomicU64::new(0),
            presence: Mutex::new(Presence::new(several_nodes)),
        }
    }

    /// Adds a listener, to be woken from now on. Its cursor is set by [`Topic::ready`].
    pub fn attach(self: &Arc<Self>, bell: Arc<Bell>) -> Subscription {
        let id = self.listener_ids.fetch_add(1, Ordering::Relaxed);
        self.listeners.lock().expect("no panic under this lock").insert(id, bell);
        Subscription { topic: Arc::clone(self), id, cursor: 0, known: 0, who: None }
    }

    /// Waits until the topic knows its newest number, which the first listener reads.
    pub async fn ready(&self, source: &dyn Source) -> Result<(), Fault> {
        let ring = async {
            let heads = source.heads(vec![self.name.clone()]).await?;
            let head = heads.get(&self.name).copied().unwrap_or(0);
            // Whoever was here before a restart comes back now, and has missed a little: it is read once for all of them.
            let events = match head {
                0 => Vec::new(),
                head => source.since(self.name.clone(), (head - RECENT).max(0), RECENT).await?,
            };
            let floor = events.first().map_or(head, |event| event.seq - 1);
            let mut ring = Ring::new(floor, self.settings.ring_frames, self.settings.ring_bytes);
            for event in &events {
                ring.push(Frame { text: encode_events(&self.name, std::slice::from_ref(event)), last: event.seq });
            }
            self.next.store(ring.next(), Ordering::Release);
            Ok::<_, Fault>(RwLock::new(ring))
        };
        self.ring.get_or_try_init(|| ring).await?;
        Ok(())
    }

    pub fn wake(&self, seq: i64) {
        self.wanted.fetch_max(seq, Ordering::Relaxed);
        self.wake.notify_one();
    }

    /// Lets the task look at what is due.
    pub fn look(&self) {
        self.wake.notify_one();
    }

    pub fn has_listeners(&self) -> bool {
        !self.listeners.lock().expect("no panic under this lock").is_empty()
    }

    pub fn position(&self) -> i64 {
        self.ring.get().map_or(0, |ring| ring.read().expect("no panic under this lock").position())
    }

    pub fn presence<T>(&self, look: impl FnOnce(&mut Presence) -> T) -> T {
        look(&mut self.presence.lock().expect("no panic under this lock"))
    }

    /// The topic's task: delivers what is new, and tells of presence. Ends when `retire` agrees that nobody listens.
    pub async fn run(self: Arc<Self>, source: Arc<dyn Source>, retire: impl Fn(&Topic) -> bool) {
        let mut window = Instant::now();
        loop {
            let due = self.presence(|presence| presence.due(self.settings.grace)).map(|due| due.max(window));
            let idle = Instant::now() + self.settings.retire_after;
            tokio::select! {
                () = self.wake.notified() => {}
                () = tokio::time::sleep_until(due.unwrap_or(idle).min(idle)) => {}
            }
            if let Err(error) = self.deliver(&*source).await {
                // The comparison of heads tries again within a second.
                tracing::warn!(topic = self.name, %error, "events could not be read");
            }
            let now = Instant::now();
            if due.is_some_and(|due| due <= now) {
                window = now + self.settings.presence_window;
                self.tell_presence(&*source, now);
            }
            if now >= idle && retire(&self) {
                return;
            }
        }
    }

    /// Reads what is new, encodes it once, and puts it where all listeners find it.
    async fn deliver(&self, source: &dyn Source) -> Result<(), Fault> {
        let Some(ring) = self.ring.get() else { return Ok(()) };
        loop {
            let position = ring.read().expect("no panic under this lock").position();
            if self.wanted.load(Ordering::Relaxed) <= position {
                return Ok(());
            }
            let events = source.since(self.name.clone(), position, BATCH).await?;
            let (Some(first), Some(last)) = (events.first(), events.last()) else { return Ok(()) };
            if first.seq != position + 1 {
                // Deleted before they were read: nobody may believe to have seen everything.
                tracing::error!(topic = self.name, position, first = first.seq, "events are missing");
                let mut ring = ring.write().expect("no panic under this lock");
                ring.tear(last.seq);
                self.next.store(ring.next(), Ordering::Release);
                drop(ring);
                self.wake_listeners();
                continue;
            }
            source.passing(&self.name, &events);
            let last = last.seq;
            self.push(Frame { text: encode_events(&self.name, &events), last });
        }
    }

    fn push(&self, frame: Frame) {
        let Some(ring) = self.ring.get() else { return };
        let mut ring = ring.write().expect("no panic under this lock");
        ring.push(frame);
        self.next.store(ring.next(), Ordering::Release);
        drop(ring);
        self.wake_listeners();
    }

    fn wake_listeners(&self) {
        let listeners = self.listeners.lock().expect("no panic under this lock");
        for listener in listeners.values() {
            listener.ring();
        }
        metrics::counter!("yunqia_deliveries_total").increment(listeners.len() as u64);
    }

    fn tell_presence(&self, source: &dyn Source, now: Instant) {
        let (change, gone) = self.presence(|presence| presence.window(now, self.settings.grace));
        for (who, ago) in gone {
            source.left(&self.name, who, ago);
        }
        if let Some(change) = change {
            self.push(Frame { text: encode_presence(&self.name, &change), last: 0 });
        }
    }
}

/// One listener's place in a topic. Dropping it ends the listening.
pub struct Subscription {
    topic: Arc<Topic>,
    id: u64,
    /// Index of the next frame to read.
    cursor: u64,
    /// Events up to this number are known to the reader.
    known: i64,
    who: Option<Uuid>,
}

impl Subscription {
    pub fn topic(&self) -> &str {
        &self.topic.name
    }

    /// Counts the reader as present, with the JSON that others are shown.
    pub fn enter(&mut self, who: Uuid, card: Box<RawValue>) {
        if self.who.replace(who).is_none() {
            self.topic.presence(|presence| presence.enter(who, card));
            self.topic.wake.notify_one();
        }
    }

    /// The reader has the state as of `seq`: frames that only hold older events are left out.
    pub fn knows(&mut self, seq: i64) {
        self.known = seq;
    }

    /// The next frame that is ready; never waits.
    pub fn take(&mut self) -> Result<Option<TextFrame>, Lagged> {
        while self.topic.next.load(Ordering::Acquire) > self.cursor {
            let Some(ring) = self.topic.ring.get() else { return Ok(None) };
            let ring = ring.read().expect("no panic under this lock");
            let Some(frame) = ring.get(self.cursor).map_err(|()| Lagged)? else { return Ok(None) };
            self.cursor += 1;
            if frame.last == 0 || frame.last > self.known {
                self.known = self.known.max(frame.last);
                return Ok(Some(frame.text.clone()));
            }
        }
        Ok(None)
    }

    /// The reader has the state as of `seq`, from a moment ago: goes on with what came after it. False if that cannot be had.
    pub fn follow(&mut self, seq: i64) -> bool {
        if self.rewind(seq) {
            return true;
        }
        // Newer than what has been read here: all of that is to come, and what is older is left out.
        let ahead = seq > self.topic.position();
        if ahead {
            self.known = seq;
        }
        ahead
    }

    /// Whether the ring has moved on past this reader.
    pub fn has_lagged(&self) -> bool {
        self.topic
            .ring
            .get()
            .is_some_and(|ring| ring.read().expect("no panic under this lock").get(self.cursor).is_err())
    }

    /// Reads on from the newest frame.
    pub(crate) fn skip_to_end(&mut self) {
        self.cursor = self.topic.next.load(Ordering::Acquire);
    }

    /// Reads on from the first event above `after`, if the ring still holds all of them.
    pub(crate) fn rewind(&mut self, after: i64) -> bool {
        let index = self.topic.ring.get().and_then(|ring| ring.read().expect("no panic").index_after(after));
        match index {
            Some(index) => {
                self.cursor = index;
                self.known = after;
                true
            }
            None => false,
        }
    }

    pub(crate) fn position(&self) -> i64 {
        self.topic.position()
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.topic.listeners.lock().expect("no panic under this lock").remove(&self.id);
        if let Some(who) = self.who {
            self.topic.presence(|presence| presence.leave(who, Instant::now()));
            self.topic.wake.notify_one();
        }
    }
}

#[derive(Serialize)]
struct EventsFrame<'a> {
    t: &'static str,
    topic: &'a str,
    events: Vec<EventPart<'a>>,
}

#[derive(Serialize)]
struct EventPart<'a> {
    seq: i64,
    kind: &'a str,
    body: &'a RawValue,
}

#[derive(Serialize)]
struct PresenceFrame<'a> {
    t: &'static str,
    topic: &'a str,
    count: usize,
    joined: &'a [Box<RawValue>],
    left: &'a [Uuid],
}

pub(crate) fn encode_events(topic: &str, events: &[Event]) -> TextFrame {
    let events =
        events.iter().map(|event| EventPart { seq: event.seq, kind: &event.kind, body: &event.body }).collect();
    TextFrame::json(&EventsFrame { t: "events", topic, events })
}

fn encode_presence(topic: &str, change: &Change) -> TextFrame {
    let Change { count, joined, left } = change;
    TextFrame::json(&PresenceFrame { t: "presence", topic, count: *count, joined, left })
}
