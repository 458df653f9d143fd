//! Visitors as browsers are: they press "book" and speak in the hall, on any node that answers, and when a line breaks they
//! come again by themselves with what was not acknowledged. They remember what was acknowledged and what they heard.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, bail};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{
    net::TcpStream,
    sync::{Semaphore, watch},
    time::{Instant, sleep, timeout},
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Message, client::IntoClientRequest},
};

use crate::{client::Browser, scene::Guest};

/// Between two presses of one company, and between two messages of one speaker.
const PRESS_EVERY: Duration = Duration::from_millis(60);
const SPEAK_EVERY: Duration = Duration::from_millis(700);
/// A line on which nothing came back for so long is dead, whatever the system says.
const SILENCE: Duration = Duration::from_secs(5);
const PING_EVERY: Duration = Duration::from_secs(1);
/// What is not acknowledged after so long is sent again on the same line.
const SEND_AGAIN: Duration = Duration::from_secs(3);
/// Whatever happens, a node must answer again within this.
const PATIENCE: Duration = Duration::from_secs(90);

/// What the visitors are to do now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Phase {
    /// Come in and wait.
    Gather,
    Act,
    /// Begin nothing new; go on until all is acknowledged.
    Finish,
    /// Go home when the hall's event of this number was heard.
    HearUntil(i64),
}

/// The nodes behind the load balancer, in no order.
pub type Nodes = Arc<Vec<SocketAddr>>;

/// Presses on one slot after another until told to finish; the ids of the bookings that were acknowledged.
pub async fn books(
    nodes: Nodes,
    guest: Guest,
    slots: Vec<String>,
    begin_at: usize,
    mut phase: watch::Receiver<Phase>,
) -> anyhow::Result<BTreeSet<String>> {
    let browsers: Vec<_> = nodes.iter().map(|node| Browser::new(*node, guest.cookie.clone())).collect();
    let mut node = begin_at;
    let mut acknowledged = BTreeSet::new();
    phase.wait_for(|now| *now != Phase::Gather).await?;
    for slot in slots.iter().cycle().skip(begin_at * 7).take(slots.len()) {
        if *phase.borrow() != Phase::Act {
            break;
        }
        let draft = json!({ "slot_id": slot, "company_id": guest.company, "contact_id": null, "subject": "Storm" });
        // One press has one key, however often it is sent.
        let key = crate::fresh().to_string();
        let began = Instant::now();
        loop {
            match browsers[node % browsers.len()].post_once("/api/bookings", &key, &draft).await {
                Ok((status, booking)) if status.as_u16() == 201 => {
                    acknowledged.insert(booking["id"].as_str().context("a booking has an id")?.to_owned());
                    break;
                }
                Ok((status, _)) if status.as_u16() == 409 => break,
                // The balancer goes on to another node.
                Ok((status, _)) if status.is_server_error() => node += 1,
                Err(_) => node += 1,
                Ok((status, answer)) => bail!("a booking was answered with {status}: {answer}"),
            }
            anyhow::ensure!(began.elapsed() < PATIENCE, "no node has answered a booking for {PATIENCE:?}");
            sleep(a_little()).await;
        }
        sleep(PRESS_EVERY).await;
    }
    Ok(acknowledged)
}

/// What somebody in the hall knows at the end.
#[derive(Debug, Default)]
pub struct Heard {
    /// Own messages that were acknowledged: the client's id and the server's.
    pub acknowledged: BTreeMap<String, String>,
    /// Messages that came as events, by the server's id.
    pub messages: HashSet<String>,
    /// How often the line was opened.
    pub lines: usize,
}

/// Somebody in the hall.
pub struct Speaker {
    pub nodes: Nodes,
    pub cookie: String,
    pub topic: String,
    pub channel: String,
    /// Tells visitors apart; the first node they try.
    pub number: usize,
}

/// What is known across lines.
struct Memory {
    heard: Heard,
    /// The hall's newest number that was heard; None before the first snapshot.
    last: Option<i64>,
    unacknowledged: BTreeMap<String, Option<Instant>>,
    spoken: usize,
    there: Option<Arc<Semaphore>>,
    done: Option<Arc<Semaphore>>,
}

type Socket = WebSocketStream<TcpStream>;

impl Speaker {
    /// Speaks and listens until told to go home.
    ///
    /// `there` gets a permit when they are in the hall for the first time, `done` when all they said is acknowledged.
    pub async fn speaks(
        self,
        there: Arc<Semaphore>,
        done: Arc<Semaphore>,
        phase: watch::Receiver<Phase>,
    ) -> anyhow::Result<Heard> {
        let (there, done) = (Some(there), Some(done));
        let mut memory =
            Memory { last: None, unacknowledged: BTreeMap::new(), spoken: 0, heard: Heard::default(), there, done };
        let mut node = self.number;
        let mut well = Instant::now();
        loop {
            memory.heard.lines += 1;
            let line = timeout(SILENCE, self.line(self.nodes[node % self.nodes.len()], memory.last)).await;
            if let Ok(Ok((socket, replied))) = line {
                if self.stay(socket, &replied, &mut memory, phase.clone()).await? {
                    return Ok(memory.heard);
                }
                well = Instant::now();
            }
            anyhow::ensure!(well.elapsed() < PATIENCE, "no node has let a speaker in for {PATIENCE:?}");
            node += 1;
            sleep(a_little()).await;
        }
    }

    /// Opens a line and asks for the hall from the last known number; the reply to it.
    async fn line(&self, node: SocketAddr, after: Option<i64>) -> anyhow::Result<(Socket, Value)> {
        let mut request = format!("ws://{node}/ws?locale=en").into_client_request()?;
        let headers = request.headers_mut();
        headers.insert("cookie", self.cookie.parse()?);
        headers.insert("origin", format!("http://{node}").parse()?);
        headers.insert("sec-websocket-protocol", "yunqia.v1".parse()?);
        let (mut socket, _) = client_async(request, TcpStream::connect(node).await?).await?;
        let subscribe = json!({ "t": "subscribe", "id": "hall", "topic": self.topic, "after": after });
        socket.send(Message::text(subscribe.to_string())).await?;
        loop {
            let Message::Text(text) = socket.next().await.context("the line broke")?? else { continue };
            let frame: Value = serde_json::from_str(&text)?;
            if frame["t"] == "subscribed" {
                return Ok((socket, frame));
            }
            anyhow::ensure!(frame["t"] != "problem", "not let in: {frame}");
        }
    }

    /// Stays on a line until it breaks (false) or it is time to go home (true). What breaks a promise is an error.
    async fn stay(
        &self,
        mut socket: Socket,
        replied: &Value,
        memory: &mut Memory,
        mut phase: watch::Receiver<Phase>,
    ) -> anyhow::Result<bool> {
        match memory.last {
            None => memory.last = replied["seq"].as_i64(),
            Some(last) => anyhow::ensure!(replied["recovered"] == true, "not resumed after {last}: {replied}"),
        }
        if let Some(there) = memory.there.take() {
            there.add_permits(1);
        }
        memory.unacknowledged.values_mut().for_each(|sent| *sent = None);
        let mut speak = tokio::time::interval(SPEAK_EVERY);
        let mut ping = tokio::time::interval(PING_EVERY);
        let mut heard_at = Instant::now();
        loop {
            let now = *phase.borrow_and_update();
            if now == Phase::Finish
                && memory.unacknowledged.is_empty()
                && let Some(done) = memory.done.take()
            {
                done.add_permits(1);
            }
            if let Phase::HearUntil(head) = now
                && memory.last >= Some(head)
            {
                return Ok(true);
            }
            tokio::select! {
                message = socket.next() => match message {
                    Some(Ok(Message::Text(text))) => {
                        heard_at = Instant::now();
                        self.hear(&serde_json::from_str(&text)?, memory)?;
                    }
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return Ok(false),
                    Some(Ok(_)) => heard_at = Instant::now(),
                },
                _ = speak.tick() => {
                    if now == Phase::Act {
                        memory.unacknowledged.insert(crate::fresh().to_string(), None);
                    }
                    if !self.send(&mut socket, memory).await {
                        return Ok(false);
                    }
                }
                _ = ping.tick() => {
                    let sent = socket.send(Message::text(r#"{"t":"ping","id":"p"}"#)).await;
                    if sent.is_err() || heard_at.elapsed() > SILENCE {
                        return Ok(false);
                    }
                }
                _ = phase.changed() => {}
            }
        }
    }

    /// Sends what is not acknowledged and not on its way. False: the line is broken.
    async fn send(&self, socket: &mut Socket, memory: &mut Memory) -> bool {
        for (client_id, sent) in &mut memory.unacknowledged {
            if sent.is_some_and(|at| at.elapsed() < SEND_AGAIN) {
                continue;
            }
            memory.spoken += 1;
            let text = format!("Visitor {} says word {}.", self.number, memory.spoken);
            let frame = json!({ "t": "message.send", "id": client_id, "channel": self.channel, "client_id": client_id,
                "text": text, "file_id": null });
            if socket.send(Message::text(frame.to_string())).await.is_err() {
                return false;
            }
            *sent = Some(Instant::now());
        }
        true
    }

    fn hear(&self, frame: &Value, memory: &mut Memory) -> anyhow::Result<()> {
        match frame["t"].as_str() {
            Some("events") if frame["topic"] == self.topic => {
                for event in frame["events"].as_array().context("events")? {
                    let seq = event["seq"].as_i64().context("a number")?;
                    let last = memory.last.context("events come after the reply")?;
                    if seq <= last {
                        continue;
                    }
                    anyhow::ensure!(seq == last + 1, "visitor {}: {seq} came after {last}", self.number);
                    memory.last = Some(seq);
                    if event["kind"] == "message.published" {
                        let id = event["body"]["id"].as_str().context("a message has an id")?;
                        anyhow::ensure!(memory.heard.messages.insert(id.to_owned()), "message {id} came twice");
                    }
                }
            }
            Some("ack") => {
                let client_id = frame["id"].as_str().unwrap_or_default();
                if memory.unacknowledged.remove(client_id).is_some() {
                    let id = frame["body"]["id"].as_str().context("a message has an id")?;
                    memory.heard.acknowledged.insert(client_id.to_owned(), id.to_owned());
                }
            }
            Some("problem") => {
                let status = frame["problem"]["status"].as_u64().unwrap_or_default();
                // Too fast, or the server cannot now: the message is sent again later.
                anyhow::ensure!(status == 429 || status >= 500, "visitor {}: {frame}", self.number);
            }
            _ => {}
        }
        Ok(())
    }
}

/// A moment that is not the same for everybody, so that nobody comes back in one rush.
fn a_little() -> Duration {
    Duration::from_millis(rand::random_range(50..300))
}
