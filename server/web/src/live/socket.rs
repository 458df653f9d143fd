//! `/ws`: one socket per tab, all topics on it. One task serves a socket: it reads commands, and writes whatever is ready
//! on its topics in one flush.

use std::{ops::ControlFlow, pin::pin, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{
        Query, State,
        ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade},
    },
    http::HeaderMap,
    response::{IntoResponse, Response},
    routing::get,
};
use futures_util::{SinkExt, future::BoxFuture};
use serde::Deserialize;
use tokio::time::{Instant, sleep_until, timeout};
use yunqia_actions::{hall, messages, parts};
use yunqia_domain::{Refusal, locale::Locale, topics::Topic};
use yunqia_realtime::Subscription;
use yunqia_views::{hall as hall_views, messages as message_views};

use super::{
    frames::{ClientFrame, ServerFrame},
    listen::{self, Who},
    sockets::{CloseCode, Line, Order, Sockets},
};
use crate::{
    App,
    caller::Caller,
    guard::is_own_origin,
    limits::Ip,
    problem::{self, Fault},
};

/// Largest frame taken.
const FRAME_BYTES_MAX: usize = 16 * 1024;
const SUBSCRIPTIONS_MAX: usize = 64;
/// Longest id a client may give to a frame.
const ID_LENGTH_MAX: usize = 64;
const PING_EVERY: Duration = Duration::from_secs(25);
/// Who answers no ping in this time is gone.
const SILENT_MAX: Duration = Duration::from_secs(65);
/// Whether somebody may still listen is asked again after so many pings.
const PINGS_PER_CHECK: u32 = 12;
/// What a reader who fell behind is given to take what was sent and learn that it is to resume.
const CLOSE_WITHIN: Duration = Duration::from_secs(15);
/// Frames handed to the network before it is flushed.
const BATCH: usize = 128;
/// A restart sends everybody away at once; each comes back at a random moment of this time.
const RETRY_MS: u64 = 5_000;

pub fn routes() -> Router<App> {
    Router::new().route("/ws", get(open))
}

#[derive(Deserialize)]
struct Wishes {
    locale: Option<String>,
}

/// Opens a socket, with or without a sign-in. Browsers send cookies along from everywhere, so the origin is checked.
async fn open(
    State(app): State<App>,
    Query(wishes): Query<Wishes>,
    headers: HeaderMap,
    caller: Option<Caller>,
    Ip(address): Ip,
    upgrade: WebSocketUpgrade,
) -> Response {
    if !is_own_origin(&app, &headers) {
        return Fault::ForeignOrigin.into_response();
    }
    let locale = wishes
        .locale
        .as_deref()
        .and_then(Locale::from_tag)
        .unwrap_or_else(|| caller.as_ref().map_or_else(|| problem::locale_of(&headers), |caller| caller.locale));
    let who = Who { person: caller.as_ref().map(Caller::id), locale };
    let sign_in = caller.map(|caller| caller.sign_in);
    upgrade
        .protocols(["yunqia.v1"])
        // Commands are small and sockets are many.
        .read_buffer_size(4096)
        .write_buffer_size(4096)
        .max_frame_size(FRAME_BYTES_MAX)
        .max_message_size(FRAME_BYTES_MAX)
        .on_upgrade(move |mut socket| async move {
            let sockets = Arc::clone(&app.live().sockets);
            match sockets.open(address, who.person, sign_in) {
                Ok(line) => {
                    let _counted = Counted { sockets, line: Arc::clone(&line) };
                    let mut connection = Connection::new(app, who, line, socket);
                    if let ControlFlow::Break(Some(code)) = connection.serve().await {
                        connection.close(code).await;
                    }
                }
                Err(code) => {
                    let _ = timeout(CLOSE_WITHIN, socket.send(close_frame(code))).await;
                }
            }
        })
}

/// Counts a socket out however its task ends.
struct Counted {
    sockets: Arc<Sockets>,
    line: Arc<Line>,
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.sockets.close(&self.line);
    }
}

/// Breaks with the code to close with, or with None when the other end has gone.
type Flow = ControlFlow<Option<CloseCode>>;

const GONE: Flow = ControlFlow::Break(None);

struct Connection {
    app: App,
    who: Who,
    line: Arc<Line>,
    socket: WebSocket,
    listening: Vec<(Topic, Subscription)>,
    heard_at: Instant,
    pings: u32,
    commands: Measure,
    frames: Measure,
}

impl Connection {
    fn new(app: App, who: Who, line: Arc<Line>, socket: WebSocket) -> Connection {
        Connection {
            app,
            who,
            line,
            socket,
            listening: Vec::new(),
            heard_at: Instant::now(),
            pings: 0,
            commands: Measure::new(20.0, 2.0),
            frames: Measure::new(200.0, 20.0),
        }
    }

    async fn serve(&mut self) -> Flow {
        let hello = ServerFrame::Hello { person_id: self.who.person, now: self.app.now(), retry_ms: RETRY_MS };
        self.say(&hello).await?;
        let mut next_ping = Instant::now() + PING_EVERY;
        loop {
            let line = Arc::clone(&self.line);
            tokio::select! {
                message = self.socket.recv() => match message {
                    Some(Ok(message)) => self.hear(message).await?,
                    Some(Err(error)) => return refused(&error),
                    None => return GONE,
                },
                () = line.waker.notified() => {}
                () = sleep_until(next_ping) => {
                    next_ping = Instant::now() + PING_EVERY;
                    self.ping().await?;
                }
            }
            self.obey().await?;
            self.deliver().await?;
        }
    }

    /// Takes one message of the client.
    async fn hear(&mut self, message: Message) -> Flow {
        self.heard_at = Instant::now();
        if !self.frames.take(1.0) {
            return ControlFlow::Break(Some(CloseCode::TooManyFrames));
        }
        let text = match message {
            Message::Text(text) => text,
            Message::Ping(_) | Message::Pong(_) => return ControlFlow::Continue(()),
            Message::Close(_) => return GONE,
            Message::Binary(_) => return ControlFlow::Break(Some(CloseCode::NotUnderstood)),
        };
        let Ok(frame) = serde_json::from_str::<ClientFrame>(&text) else {
            return ControlFlow::Break(Some(CloseCode::NotUnderstood));
        };
        if frame.id().len() > ID_LENGTH_MAX {
            return ControlFlow::Break(Some(CloseCode::NotUnderstood));
        }
        self.act(frame).await
    }

    /// On the heap: an idle socket does not keep room for the largest command.
    fn act(&mut self, frame: ClientFrame) -> BoxFuture<'_, Flow> {
        Box::pin(self.act_on(frame))
    }

    async fn act_on(&mut self, frame: ClientFrame) -> Flow {
        let id = frame.id().to_owned();
        let outcome = match frame {
            ClientFrame::Ping { id } => {
                let now = self.app.now();
                return self.say(&ServerFrame::Pong { id, now }).await;
            }
            ClientFrame::Subscribe { id, topic, after } => self.subscribe(id, &topic, after).await,
            ClientFrame::Unsubscribe { id, topic } => {
                self.listening.retain(|(_, subscription)| subscription.topic() != topic);
                Ok(Said::Reply(ServerFrame::Ack { id, body: serde_json::Value::Object(Default::default()) }))
            }
            command if !self.commands.take(1.0) => {
                drop(command);
                Err(Fault::TooMany(1))
            }
            command => obeyed(&self.app, self.who, command)
                .await
                .map(|body| Said::Reply(ServerFrame::Ack { id: id.clone(), body })),
        };
        match outcome {
            Ok(Said::Reply(frame)) => self.say(&frame).await,
            Ok(Said::Start(reply, missed)) => {
                self.say(&reply).await?;
                match missed {
                    Some(frame) => self.send(vec![text(frame)]).await,
                    None => ControlFlow::Continue(()),
                }
            }
            Err(fault) => self.complain(Some(id), &fault).await,
        }
    }

    async fn subscribe(&mut self, id: String, name: &str, after: Option<i64>) -> Result<Said, Fault> {
        let topic: Topic = name.parse().map_err(|_| Fault::NotFound)?;
        let known = self.listening.iter().position(|(known, _)| *known == topic);
        if known.is_none() && self.listening.len() >= SUBSCRIPTIONS_MAX {
            return Err(Refusal::TooMany.into());
        }
        let answer = listen::subscribe(&self.app, self.who, id, topic, after, &self.line.waker).await?;
        match known {
            // The old one goes after the new one has come, so presence does not flicker.
            Some(place) => self.listening[place].1 = answer.subscription,
            None => self.listening.push((topic, answer.subscription)),
        }
        Ok(Said::Start(answer.reply, answer.missed))
    }

    /// Pings, and ends sockets of which nothing was heard. Now and then asks whether they may still listen.
    async fn ping(&mut self) -> Flow {
        if self.heard_at.elapsed() > SILENT_MAX {
            return ControlFlow::Break(Some(CloseCode::Idle));
        }
        self.pings += 1;
        if self.pings.is_multiple_of(PINGS_PER_CHECK) {
            Box::pin(self.check()).await?;
        }
        self.send(vec![Message::Ping(Default::default())]).await
    }

    /// Leaves the topics that the person may not listen to any more.
    async fn check(&mut self) -> Flow {
        let now = self.app.now();
        let mut lost = Vec::new();
        match self.app.db.read().await {
            Ok(mut tx) => {
                for (topic, _) in &self.listening {
                    if let Err(error) = parts::may_listen(&mut tx, self.who.person, *topic, now).await
                        && !matches!(error, yunqia_actions::Error::Store(_))
                    {
                        lost.push((*topic, Fault::from(error)));
                    }
                }
            }
            Err(error) => tracing::warn!(?error, "listeners were not checked"),
        }
        for (topic, fault) in lost {
            self.listening.retain(|(known, _)| *known != topic);
            self.complain(None, &fault).await?;
        }
        ControlFlow::Continue(())
    }

    /// Does what others ordered.
    async fn obey(&mut self) -> Flow {
        for order in self.line.take_orders() {
            match order {
                Order::Close(code) => return ControlFlow::Break(Some(code)),
                Order::Check => Box::pin(self.check()).await?,
                Order::Leave(topic) => {
                    // What led to it is said first: the client learns why.
                    self.deliver().await?;
                    self.listening.retain(|(_, subscription)| subscription.topic() != topic);
                    self.complain(None, &Refusal::Blocked.into()).await?;
                }
            }
        }
        ControlFlow::Continue(())
    }

    /// Writes everything that is ready on all topics; one flush per batch.
    async fn deliver(&mut self) -> Flow {
        loop {
            let mut batch = Vec::new();
            for (_, subscription) in &mut self.listening {
                while batch.len() < BATCH {
                    match subscription.take() {
                        Ok(Some(frame)) => batch.push(text(frame)),
                        Ok(None) => break,
                        Err(_) => return behind(),
                    }
                }
            }
            if batch.is_empty() {
                return ControlFlow::Continue(());
            }
            self.send(batch).await?;
        }
    }

    async fn say(&mut self, frame: &ServerFrame) -> Flow {
        let text = serde_json::to_string(frame).expect("frames are plain data");
        self.send(vec![Message::Text(text.into())]).await
    }

    async fn complain(&mut self, id: Option<String>, fault: &Fault) -> Flow {
        let problem = Box::new(problem::document(fault, self.who.locale, None));
        self.say(&ServerFrame::Problem { id, problem }).await
    }

    /// Hands messages to the network and flushes once. A reader that does not take them is watched: when a topic's ring
    /// has moved on past it, waiting has no sense any more.
    async fn send(&mut self, messages: Vec<Message>) -> Flow {
        let Connection { socket, listening, line, .. } = self;
        let mut written = pin!(async {
            for message in messages {
                socket.feed(message).await?;
            }
            socket.flush().await
        });
        loop {
            tokio::select! {
                biased;
                outcome = &mut written => return if outcome.is_ok() { ControlFlow::Continue(()) } else { GONE },
                () = line.waker.notified() => {
                    if listening.iter().any(|(_, subscription)| subscription.has_lagged()) {
                        return behind();
                    }
                    // Woken for something else: it is looked at after this.
                    match line.take_orders().first() {
                        Some(Order::Close(code)) => return ControlFlow::Break(Some(*code)),
                        // Stuck in the middle of a frame: coming back is the way to leave a topic.
                        Some(Order::Leave(_) | Order::Check) => return ControlFlow::Break(Some(CloseCode::FellBehind)),
                        None => {}
                    }
                }
            }
        }
    }

    /// Says why, and gives the other end some time to take it.
    async fn close(mut self, code: CloseCode) {
        self.listening.clear();
        let farewell = async {
            let _ = self.socket.send(close_frame(code)).await;
            // Until the other end has closed too; then nothing that was sent is lost on the way.
            while let Some(Ok(_)) = self.socket.recv().await {}
        };
        let _ = timeout(CLOSE_WITHIN, farewell).await;
    }
}

/// Does a command in a transaction of its own; what is acknowledged is durable.
async fn obeyed(app: &App, who: Who, frame: ClientFrame) -> Result<serde_json::Value, Fault> {
    let person = who.person.ok_or(Fault::SignedOut)?;
    let mut act = app.act(person);
    let mut tx = app.db.write().await?;
    let reader = listen::reader(&mut tx, who, act.now).await?;
    let body = match frame {
        ClientFrame::MessageSend { channel, client_id, text, file_id, .. } => {
            let draft = messages::Draft { client_id, text, file: file_id };
            let row = messages::send(&mut tx, &mut act, channel, draft).await?;
            json(&message_views::message(&mut tx, row, &reader, false).await?)?
        }
        ClientFrame::QuestionAsk { session, client_id, text, .. } => {
            let row = hall::ask(&mut tx, &mut act, session, client_id, &text).await?;
            json(&hall_views::question(&mut tx, row, &reader, false).await?)?
        }
        ClientFrame::QuestionVote { question, on, .. } => {
            let row = hall::vote(&mut tx, &mut act, question, on).await?;
            json(&hall_views::question(&mut tx, row, &reader, false).await?)?
        }
        ClientFrame::Read { channel, seq, .. } => json(&messages::read(&mut tx, &mut act, channel, seq).await?)?,
        ClientFrame::Subscribe { .. } | ClientFrame::Unsubscribe { .. } | ClientFrame::Ping { .. } => {
            return Err(Fault::Inside("not a command".into()));
        }
    };
    tx.commit().await?;
    Ok(body)
}

/// What a command leads to.
enum Said {
    Reply(ServerFrame),
    Start(ServerFrame, Option<bytes::Bytes>),
}

fn behind() -> Flow {
    metrics::counter!("yunqia_lagged_total").increment(1);
    ControlFlow::Break(Some(CloseCode::FellBehind))
}

/// A frame that is too large or not well-formed is told; on a broken line nobody hears it.
fn refused(error: &axum::Error) -> Flow {
    tracing::debug!(%error, "a socket broke");
    ControlFlow::Break(Some(CloseCode::NotUnderstood))
}

fn close_frame(code: CloseCode) -> Message {
    Message::Close(Some(CloseFrame { code: code.number(), reason: Utf8Bytes::from_static(code.reason()) }))
}

/// Encoded frames are JSON, which is text.
fn text(frame: bytes::Bytes) -> Message {
    Message::Text(Utf8Bytes::try_from(frame).expect("JSON is UTF-8"))
}

fn json(value: &impl serde::Serialize) -> Result<serde_json::Value, Fault> {
    serde_json::to_value(value).map_err(|error| Fault::Inside(error.to_string()))
}

/// A measure that fills again with time.
struct Measure {
    level: f32,
    max: f32,
    per_second: f32,
    at: Instant,
}

impl Measure {
    fn new(max: f32, per_second: f32) -> Measure {
        Measure { level: max, max, per_second, at: Instant::now() }
    }

    fn take(&mut self, amount: f32) -> bool {
        let now = Instant::now();
        self.level = (self.level + (now - self.at).as_secs_f32() * self.per_second).min(self.max);
        self.at = now;
        let enough = self.level >= amount;
        if enough {
            self.level -= amount;
        }
        enough
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn twenty_commands_at_once_and_two_a_second_after() {
        let mut measure = Measure::new(20.0, 2.0);
        assert_eq!((0..30).filter(|_| measure.take(1.0)).count(), 20);
        tokio::time::advance(Duration::from_secs(5)).await;
        assert_eq!((0..30).filter(|_| measure.take(1.0)).count(), 10);
    }
}
