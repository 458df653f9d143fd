//! `/ws`: one socket per tab, all topics on it. One task serves a socket: it reads commands, and writes whatever is ready
//! on its topics in one flush.

use std::{
    future::poll_fn,
    ops::ControlFlow,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    Router,
    extract::{Query, State},
    http::HeaderMap,
    response::{IntoResponse, Response},
    routing::get,
};
use axum_extra::extract::CookieJar;
use futures_util::future::BoxFuture;
use serde::Deserialize;
use tokio::time::{Instant, timeout};
use yunqia_actions::{act::hash, hall, messages, parts};
use yunqia_domain::{Refusal, locale::Locale, states::PersonState, topics::Topic};
use yunqia_realtime::{Broken, Message, Subscription, TextFrame, Wire, frame};
use yunqia_views::{hall as hall_views, messages as message_views};

use super::{
    frames::{ClientFrame, ServerFrame},
    listen::{self, Who},
    sockets::{CloseCode, Line, Order, Sockets},
    together::Full,
    upgrade::{Stream, Upgrade},
};
use crate::{
    App,
    caller::COOKIE,
    guard::is_own_origin,
    limits::Ip,
    malformed::{Malformed, Place, Rule},
    problem::{self, Fault},
};

/// What is spoken (`docs/socket.md`).
const PROTOCOL: &str = "yunqia.v1";
/// Largest frame taken.
const FRAME_BYTES_MAX: usize = 16 * 1024;
const SUBSCRIPTIONS_MAX: usize = 64;
/// Longest id a client may give to a frame.
const ID_LENGTH_MAX: usize = 64;
/// Who answers no ping in this time is gone.
const SILENT_MAX: Duration = Duration::from_secs(65);
/// Whether somebody may still listen is asked again after so many pings.
const PINGS_PER_CHECK: u32 = 12;
/// What a reader who fell behind is given to take what was sent and learn that it is to resume.
const CLOSE_WITHIN: Duration = Duration::from_secs(15);
/// Frames handed to the network before it is flushed.
const BATCH: usize = 128;

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
    Ip(address): Ip,
    upgrade: Upgrade,
) -> Response {
    if !is_own_origin(&app, &headers) {
        return Fault::ForeignOrigin.into_response();
    }
    // Who speaks something else would not understand a word (RFC 6455 §4.2.2 leaves it to the server to go on without).
    if !upgrade.offers(PROTOCOL) {
        let place = Place::Header("Sec-WebSocket-Protocol");
        return Fault::from(Malformed::new(place, Rule::Missing(PROTOCOL.into()))).into_response();
    }
    let holder = match CookieJar::from_headers(&headers).get(COOKIE) {
        None => None,
        Some(cookie) => match app.live().door.holder(hash(cookie.value())).await {
            Ok(Ok(holder)) => holder,
            Ok(Err(fault)) => return fault.into_response(),
            // Told after the handshake: a browser shows a page nothing of an answer without one.
            Err(Full) => {
                let retry_ms = app.live().sockets.retry_ms();
                return upgrade.serve(PROTOCOL, FRAME_BYTES_MAX, move |wire| close(wire, CloseCode::Busy, retry_ms));
            }
        },
    };
    if holder.as_ref().is_some_and(|holder| holder.state != PersonState::Active) {
        return Fault::from(Refusal::AccountSuspended).into_response();
    }
    let wished = wishes.locale.as_deref().and_then(Locale::from_tag).or_else(|| problem::chosen_locale(&headers));
    let own = || holder.as_ref().map_or_else(|| problem::locale_of(&headers), |holder| holder.locale);
    let locale = wished.unwrap_or_else(own);
    let who = Who { person: holder.as_ref().map(|holder| holder.person_id), locale };
    let sign_in = holder.map(|holder| holder.id);
    let request_id = headers.get("x-request-id").and_then(|id| id.to_str().ok()).map(Box::from);
    upgrade.serve(PROTOCOL, FRAME_BYTES_MAX, move |wire| async move {
        let sockets = Arc::clone(&app.live().sockets);
        match sockets.open(address, who.person, sign_in) {
            Ok(line) => {
                let _counted = Counted { sockets, line: Arc::clone(&line) };
                let mut connection = Connection::new(app, who, line, wire, request_id);
                if let ControlFlow::Break(Some(code)) = connection.serve().await {
                    connection.listening.clear();
                    let retry_ms = connection.app.live().sockets.retry_ms();
                    Box::pin(close(connection.wire, code, retry_ms)).await;
                }
            }
            Err(code) => Box::pin(close(wire, code, sockets.retry_ms())).await,
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
    wire: Wire<Stream>,
    /// Of the request that opened the socket: by it a problem that a person reports is found in the log.
    request_id: Option<Box<str>>,
    listening: Vec<(Topic, Subscription)>,
    heard_at: Instant,
    pings: u32,
    commands: Measure,
    frames: Measure,
}

impl Connection {
    fn new(app: App, who: Who, line: Arc<Line>, wire: Wire<Stream>, request_id: Option<Box<str>>) -> Connection {
        Connection {
            app,
            who,
            line,
            wire,
            request_id,
            listening: Vec::new(),
            heard_at: Instant::now(),
            pings: 0,
            commands: Measure::new(20.0, 2.0),
            frames: Measure::new(200.0, 20.0),
        }
    }

    async fn serve(&mut self) -> Flow {
        let hello = ServerFrame::Hello {
            person_id: self.who.person,
            now: self.app.now(),
            retry_ms: self.app.live().sockets.retry_ms(),
        };
        self.say(&hello).await?;
        loop {
            match poll_fn(|cx| self.poll_turn(cx)).await {
                Turn::Rung => {}
                Turn::Heard(Some(Ok(message))) => self.hear(message).await?,
                Turn::Heard(Some(Err(broken))) => return refused(broken),
                Turn::Heard(None) => return GONE,
            }
            if self.line.take_tick() {
                self.ping().await?;
            }
            self.obey().await?;
            self.deliver().await?;
        }
    }

    fn poll_turn(&mut self, cx: &mut Context<'_>) -> Poll<Turn> {
        if self.line.bell.poll_rung(cx).is_ready() {
            return Poll::Ready(Turn::Rung);
        }
        self.wire.poll_next(cx).map(Turn::Heard)
    }

    /// Takes one message of the client.
    async fn hear(&mut self, message: Message) -> Flow {
        self.heard_at = Instant::now();
        if !self.frames.take(1.0) {
            return ControlFlow::Break(Some(CloseCode::TooManyFrames));
        }
        let text = match message {
            Message::Text(text) => text,
            // The answer is in the queue already.
            Message::Ping(_) => return self.flush().await,
            Message::Pong | Message::Part => return ControlFlow::Continue(()),
            Message::Close(code) => return ControlFlow::Break(Some(CloseCode::Answer(code))),
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
                    Some(frame) => self.send(&frame).await,
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
        let answer = listen::subscribe(&self.app, self.who, id, topic, after, &self.line.bell).await?;
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
        self.wire.queue(frame::ping());
        self.flush().await
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
            let mut count = 0;
            for (_, subscription) in &mut self.listening {
                while count < BATCH {
                    match subscription.take() {
                        Ok(Some(frame)) => self.wire.queue(frame.wire()),
                        Ok(None) => break,
                        Err(_) => return behind(),
                    }
                    count += 1;
                }
            }
            if count == 0 {
                return ControlFlow::Continue(());
            }
            self.flush().await?;
        }
    }

    async fn say(&mut self, frame: &ServerFrame) -> Flow {
        self.send(&TextFrame::json(frame)).await
    }

    async fn send(&mut self, frame: &TextFrame) -> Flow {
        self.wire.queue(frame.wire());
        self.flush().await
    }

    async fn complain(&mut self, id: Option<String>, fault: &Fault) -> Flow {
        let request_id = self.request_id.as_deref().map(str::to_owned);
        // What goes to the log with it carries the id, too.
        let span = tracing::info_span!("socket", id = request_id);
        let problem = Box::new(span.in_scope(|| problem::document(fault, self.who.locale, request_id)));
        self.say(&ServerFrame::Problem { id, problem }).await
    }

    /// Hands everything that waits to the network. A reader that does not take it is watched: when a topic's ring has moved
    /// on past it, waiting has no sense any more.
    async fn flush(&mut self) -> Flow {
        poll_fn(|cx| self.poll_flush(cx)).await
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Flow> {
        if let Poll::Ready(outcome) = self.wire.poll_flush(cx) {
            return Poll::Ready(if outcome.is_ok() { ControlFlow::Continue(()) } else { GONE });
        }
        while self.line.bell.poll_rung(cx).is_ready() {
            if self.listening.iter().any(|(_, subscription)| subscription.has_lagged()) {
                return Poll::Ready(behind());
            }
            // Rung for something else: it is looked at after this.
            match self.line.take_orders().first() {
                Some(Order::Close(code)) => return Poll::Ready(ControlFlow::Break(Some(*code))),
                // Stuck in the middle of a frame: coming back is the way to leave a topic.
                Some(Order::Leave(_) | Order::Check) => {
                    return Poll::Ready(ControlFlow::Break(Some(CloseCode::FellBehind)));
                }
                None => {}
            }
        }
        Poll::Pending
    }
}

/// What a socket woke up for.
enum Turn {
    /// Something may be ready for it.
    Rung,
    /// The client said something, or has gone.
    Heard(Option<Result<Message, Broken>>),
}

/// Says why, and gives the other end some time to take it. What had not begun to go is left out.
async fn close(mut wire: Wire<Stream>, code: CloseCode, retry_ms: u64) {
    wire.abandon();
    wire.queue(frame::close(code.number(), &code.reason(retry_ms)));
    let farewell = async {
        let flushed = poll_fn(|cx| wire.poll_flush(cx)).await;
        // Until the other end has closed too; then nothing that was sent is lost on the way.
        let answered = matches!(code, CloseCode::Answer(_));
        while flushed.is_ok() && !answered {
            match poll_fn(|cx| wire.poll_next(cx)).await {
                Some(Ok(Message::Close(_))) | None => return,
                Some(Ok(_)) => {}
                // Nothing that comes after nonsense can be told apart, but it has to be taken for the code to arrive.
                Some(Err(_)) => wire.drain().await,
            }
        }
    };
    let _ = timeout(CLOSE_WITHIN, farewell).await;
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
    Start(ServerFrame, Option<TextFrame>),
}

fn behind() -> Flow {
    metrics::counter!("yunqia_lagged_total").increment(1);
    ControlFlow::Break(Some(CloseCode::FellBehind))
}

fn refused(broken: Broken) -> Flow {
    tracing::debug!(?broken, "a socket broke");
    ControlFlow::Break(Some(CloseCode::NotUnderstood))
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
