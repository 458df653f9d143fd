//! Several nodes on a PostgreSQL and a NATS of their own, each node's lines to both through a link that can be made bad; visitors
//! who book and speak; and the judgement afterwards: nothing acknowledged is lost or doubled, no rule is broken, every letter
//! was handed over.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::Context;
use serde_json::Value;
use tokio::{
    sync::{Semaphore, watch},
    task::JoinHandle,
    time::timeout,
};
use yunqia_store::{
    Db, checks,
    db::{Carrier, sql},
    events,
};

use crate::{
    client::Browser,
    engines::{Nats, Postgres},
    link::Link,
    node::Node,
    scene::{self, Scene, Size},
    visitors::{self, Heard, Nodes, Phase, Speaker},
};

/// How many visitors there are.
const SIZE: Size = Size { desks: 8, slots: 12, companies: 24, people: 24, live: true };
const SPEAKERS: usize = 9;
const LONG: Duration = Duration::from_secs(120);

pub struct Stage {
    pub nodes: Vec<Node>,
    /// Each node's line to PostgreSQL.
    pub database: Vec<Link>,
    /// Each node's line to NATS.
    pub bus: Vec<Link>,
    pub postgres: Postgres,
    pub nats: Option<Nats>,
    /// Past every link.
    pub db: Db,
    letters: PathBuf,
    _folder: tempfile::TempDir,
}

/// How signals travel on a stage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum By {
    Nats,
    Notify,
}

impl Stage {
    /// Starts engines and nodes. None, said aloud, where an engine is missing.
    pub async fn set(program: &Path, nodes: usize, by: By, connections_max: u32) -> anyhow::Result<Option<Stage>> {
        let nats = match by {
            By::Notify => None,
            By::Nats => match Nats::start().await? {
                Some(nats) => Some(nats),
                None => return Ok(None),
            },
        };
        let Some(postgres) = Postgres::start(connections_max)? else { return Ok(None) };
        let url = postgres.database("stage")?;
        // First, so that it has its connection whatever the nodes take.
        let db = Db::open_with(&url, Carrier::Bus).await?;
        let folder = tempfile::tempdir()?;
        let letters = folder.path().join("letters");
        let (mut database, mut bus, mut starting) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..nodes {
            let link = Link::to(postgres.address()?).await?;
            let mut settings = Node::settings(folder.path(), &postgres.url_by(link.address, "stage"));
            database.push(link);
            let mut set = |name: &str, value: String| settings.push((format!("YUNQIA_{name}"), value));
            set("MAIL_WAY", "folder".into());
            set("MAIL_FOLDER", letters.display().to_string());
            set("MAIL_PER_DOMAIN_PER_MINUTE", "1000000".into());
            set("MAIL_PER_DOMAIN_BURST", "1000000".into());
            set("SERVER_SHUTDOWN_SECONDS", "3".into());
            if let Some(nats) = &nats {
                let link = Link::to(nats.address).await?;
                set("BUS_URLS", format!("[\"nats://{}\"]", link.address));
                bus.push(link);
            }
            // Together, so that they also race for the first migration.
            starting.push(Node::start(program, settings));
        }
        let nodes = futures_util::future::try_join_all(starting).await?;
        let stage = Stage { nodes, database, bus, postgres, nats, db, letters, _folder: folder };
        for node in &stage.nodes {
            node.says("ready").await?;
        }
        Ok(Some(stage))
    }

    /// Lets the visitors in; on return all are there, and act.
    pub async fn visitors(&self) -> anyhow::Result<Visitors> {
        let scene = scene::build(&self.db, &SIZE).await?;
        let nodes: Nodes = Arc::new(self.nodes.iter().map(|node| node.address).collect());
        let Scene { session, guests, host } = scene;
        let host = Browser::new(nodes[0], host);
        let hall = host.get(&format!("/api/sessions/{session}/hall")).await?;
        let channel = hall["channel_id"].as_str().context("a hall has a channel")?.to_owned();
        let timetable = host.get(&format!("/api/sessions/{session}/timetable")).await?;
        let slots = slots(&timetable)?;
        let topic = format!("hall:{session}");
        let (phase, watched) = watch::channel(Phase::Gather);
        let (there, done) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
        let speaking = guests.iter().take(SPEAKERS).enumerate().map(|(number, guest)| {
            let (nodes, cookie) = (nodes.clone(), guest.cookie.clone());
            let speaker = Speaker { nodes, cookie, topic: topic.clone(), channel: channel.clone(), number };
            tokio::spawn(speaker.speaks(there.clone(), done.clone(), watched.clone()))
        });
        let speaking: Vec<_> = speaking.collect();
        let booking = guests.into_iter().enumerate().map(|(number, guest)| {
            tokio::spawn(visitors::books(nodes.clone(), guest, slots.clone(), number, watched.clone()))
        });
        let booking = booking.collect();
        let all = timeout(LONG, there.acquire_many(SPEAKERS as u32)).await;
        all.context("not everybody is there in time")??.forget();
        phase.send_replace(Phase::Act);
        Ok(Visitors { topic, phase, done, booking, speaking })
    }

    /// Waits until the visitors have what they were promised, then looks whether it is so.
    pub async fn judge(&self, visitors: Visitors) -> anyhow::Result<Outcome> {
        let Visitors { topic, phase, done, booking, speaking } = visitors;
        phase.send_replace(Phase::Finish);
        let mut booked = BTreeSet::new();
        for company in booking {
            let one = timeout(LONG, company).await.context("a company does not finish")???;
            let before = booked.len() + one.len();
            booked.extend(one);
            anyhow::ensure!(booked.len() == before, "one booking was acknowledged to two companies");
        }
        let all = timeout(LONG, done.acquire_many(SPEAKERS as u32)).await;
        all.context("not all that was said is acknowledged in time")??.forget();
        let mut tx = self.db.read().await?;
        let head = events::head(&mut tx, &topic).await?;
        drop(tx);
        phase.send_replace(Phase::HearUntil(head));
        let mut heard = Vec::new();
        for speaker in speaking {
            heard.push(timeout(LONG, speaker).await.context("a speaker does not finish")???);
        }
        self.letters_leave().await?;
        let mut tx = self.db.read().await?;
        let broken = checks::broken_rules(&mut tx).await?;
        anyhow::ensure!(broken.is_empty(), "rules are broken: {broken:#?}");
        let kept: Vec<(uuid::Uuid,)> = sql("SELECT id FROM bookings WHERE state = 'confirmed'").all(&mut tx).await?;
        let kept: BTreeSet<_> = kept.into_iter().map(|(id,)| id.to_string()).collect();
        let lost: Vec<_> = booked.difference(&kept).collect();
        anyhow::ensure!(lost.is_empty(), "bookings were acknowledged and lost: {lost:?}");
        // Everybody repeats a press until it is answered, so nothing is there that was not told.
        let untold: Vec<_> = kept.difference(&booked).collect();
        anyhow::ensure!(untold.is_empty(), "bookings are there of which nobody was told: {untold:?}");
        let messages = self.judge_messages(&mut tx, &heard).await?;
        let letters = self.judge_letters(&mut tx).await?;
        let lines = heard.iter().map(|one| one.lines).sum();
        Ok(Outcome { bookings: booked.len(), messages, letters, lines })
    }

    async fn judge_messages(&self, tx: &mut yunqia_store::Tx, heard: &[Heard]) -> anyhow::Result<usize> {
        let rows: Vec<(uuid::Uuid, uuid::Uuid)> = sql("SELECT client_id, id FROM messages").all(tx).await?;
        let count = rows.len();
        let kept: BTreeMap<_, _> = rows.into_iter().map(|(client, id)| (client.to_string(), id.to_string())).collect();
        anyhow::ensure!(kept.len() == count, "a message is there twice");
        let mut acknowledged = 0;
        for one in heard {
            for (client, id) in &one.acknowledged {
                anyhow::ensure!(kept.get(client) == Some(id), "message {client} was acknowledged as {id} and lost");
            }
            acknowledged += one.acknowledged.len();
        }
        anyhow::ensure!(acknowledged == count, "{count} messages are there, {acknowledged} were acknowledged");
        let all: HashSet<_> = kept.into_values().collect();
        for (number, one) in heard.iter().enumerate() {
            let missed = all.difference(&one.messages).count();
            anyhow::ensure!(missed == 0, "visitor {number} did not hear {missed} messages");
        }
        Ok(count)
    }

    async fn judge_letters(&self, tx: &mut yunqia_store::Tx) -> anyhow::Result<usize> {
        let rows: Vec<(String, String)> = sql("SELECT message_id, state FROM letters").all(tx).await?;
        let known: HashSet<_> = rows.iter().map(|(id, _)| id.clone()).collect();
        anyhow::ensure!(known.len() == rows.len(), "two letters have one Message-ID");
        let mut handed_over = HashSet::new();
        for file in std::fs::read_dir(&self.letters)? {
            let text = std::fs::read_to_string(file?.path())?;
            let line = text.lines().find_map(|line| line.strip_prefix("Message-ID: "));
            // The same on every node: the row's id and the sender's domain.
            let id = line.and_then(|line| line.trim().strip_prefix('<')?.strip_suffix("@localhost>"));
            let id = id.with_context(|| format!("a letter left with Message-ID {line:?}"))?;
            anyhow::ensure!(known.contains(id), "a letter left that is not in the outbox: {id}");
            handed_over.insert(id.to_owned());
        }
        for (id, state) in &rows {
            anyhow::ensure!(
                state != "sent" || handed_over.contains(id),
                "letter {id} counts as sent and was not handed over"
            );
            anyhow::ensure!(state != "undeliverable", "letter {id} is undeliverable");
        }
        Ok(handed_over.len())
    }

    /// Waits until no letter is due. A lease of a killed worker has to run out first.
    async fn letters_leave(&self) -> anyhow::Result<()> {
        let began = std::time::Instant::now();
        loop {
            let mut tx = self.db.write().await?;
            // So that nobody waits minutes for the leases of those who were killed; two workers on one letter are allowed.
            if began.elapsed() > Duration::from_secs(8) {
                sql("UPDATE letters SET leased_until = NULL WHERE state = 'queued'").execute(&mut tx).await?;
            }
            let now = yunqia_domain::Timestamp::from(scene::now());
            let (_, due) = yunqia_store::outbox::waiting(&mut tx, now).await?;
            tx.commit().await?;
            if due == 0 {
                return Ok(());
            }
            anyhow::ensure!(began.elapsed() < LONG, "{due} letters do not leave");
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    /// Ends nodes and engines.
    pub async fn strike(mut self) -> anyhow::Result<()> {
        self.db.close().await;
        self.nodes.iter_mut().try_for_each(Node::kill)
    }
}

/// Those who book and those who speak.
pub struct Visitors {
    topic: String,
    phase: watch::Sender<Phase>,
    done: Arc<Semaphore>,
    booking: Vec<JoinHandle<anyhow::Result<BTreeSet<String>>>>,
    speaking: Vec<JoinHandle<anyhow::Result<Heard>>>,
}

/// What the visitors did; all of it is there, once.
#[derive(Debug)]
pub struct Outcome {
    pub bookings: usize,
    pub messages: usize,
    pub letters: usize,
    /// Lines that were opened to the hall.
    pub lines: usize,
}

fn slots(timetable: &Value) -> anyhow::Result<Vec<String>> {
    let cells = timetable["cells"].as_array().context("a timetable has cells")?;
    cells.iter().map(|cell| Ok(cell["slot_id"].as_str().context("a cell has a slot")?.to_owned())).collect()
}
