//! The bus between nodes: NATS brings each node's signals to the others. It wakes and is never the truth.
//!
//! A signal that is lost costs the time until heads are compared (`realtime::Settings::compare_every`), never an event. While
//! its own link is down a node compares more often, says so on `/readyz` and `/metrics`, and heals when the link returns.

use std::time::Duration;

use anyhow::Context;
use async_nats::{Client, ConnectOptions, Event, ServerAddr};
use futures_util::StreamExt;
use tokio::{
    sync::{broadcast, mpsc},
    time::{MissedTickBehavior, timeout},
};
use tokio_util::sync::CancellationToken;
use yunqia_store::Signal;
use yunqia_web::App;

use crate::config::Bus;

/// The name of a lost bus on `/readyz`.
const NAME: &str = "nats";
/// Two pings without an answer end a link, so that one that was cut without a word is noticed in seconds.
const PING: Duration = Duration::from_secs(2);
const CONNECT: Duration = Duration::from_secs(3);
/// Between two tries to connect: a little, and a little by chance.
const AGAIN_MS: std::ops::Range<u64> = 300..900;
/// How often heads are compared while the link is down.
const COMPARE_WHILE_DOWN: Duration = Duration::from_millis(250);
/// A link that takes nothing for so long is as good as cut; the signals are lost.
const PUBLISH: Duration = Duration::from_millis(100);
/// Signals in one message; a rush makes few messages.
const TOGETHER_MAX: usize = 256;

/// Carries signals both ways until `stop`.
pub async fn run(bus: Bus, app: App, stop: CancellationToken) {
    let gauge = metrics::gauge!("yunqia_bus_up");
    gauge.set(0.0);
    app.without.set(NAME, true);
    loop {
        // Ends by itself only when the servers refuse us for good, such as a wrong password: then begin again.
        if let Err(error) = link(&bus, &app, &stop).await {
            tracing::error!(%error, "the bus cannot be used; it is tried again");
        }
        if stop.is_cancelled() {
            return;
        }
        app.without.set(NAME, true);
        gauge.set(0.0);
        let again = tokio::time::sleep(Duration::from_secs(2));
        tokio::select! {
            () = stop.cancelled() => return,
            () = again => app.live().hub.catch_up().await,
        }
    }
}

/// One client's life: it connects and connects again by itself.
async fn link(bus: &Bus, app: &App, stop: &CancellationToken) -> anyhow::Result<()> {
    let (told, mut events) = mpsc::channel(64);
    let client = connect(bus, told, true).await?;
    let mut heard = client.subscribe(bus.subject.clone()).await.context("nothing can be heard")?;
    let mut leaving = app.db.leaving();
    let mut hurry = tokio::time::interval(COMPARE_WHILE_DOWN);
    hurry.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut up = false;
    loop {
        tokio::select! {
            () = stop.cancelled() => {
                // What was committed last is told, too.
                let _ = timeout(PUBLISH, client.flush()).await;
                return Ok(());
            }
            event = events.recv() => match event {
                Some(Event::Connected) => {
                    up = true;
                    tracing::info!("the bus is there");
                }
                Some(Event::Disconnected) => {
                    up = false;
                    tracing::warn!("the bus is lost; heads are compared until it returns");
                }
                Some(Event::Closed) | None => anyhow::bail!("the link was closed for good"),
                // The server dropped what we did not take in time.
                Some(Event::SlowConsumer(_)) => {}
                Some(other) => {
                    tracing::warn!(%other, "the bus");
                    continue;
                }
            },
            message = heard.next() => {
                let Some(message) = message else { anyhow::bail!("the link was closed for good") };
                let mut count = 0;
                for signal in read(&message.payload) {
                    app.db.arrived(signal);
                    count += 1;
                }
                metrics::counter!("yunqia_bus_signals_total", "way" => "in").increment(count);
                continue;
            }
            signal = leaving.recv() => {
                match signal {
                    Ok(signal) => send(&client, bus, up, signal, &mut leaving).await,
                    Err(broadcast::error::RecvError::Lagged(lost)) => count_lost(lost),
                    Err(broadcast::error::RecvError::Closed) => return Ok(()),
                }
                continue;
            }
            _ = hurry.tick(), if !up => {}
        }
        // The link is down, or was until now, or dropped something: what was not heard is looked up.
        app.without.set(NAME, !up);
        metrics::gauge!("yunqia_bus_up").set(if up { 1.0 } else { 0.0 });
        app.live().hub.catch_up().await;
    }
}

/// Sends a signal and those that wait behind it, as one message.
async fn send(client: &Client, bus: &Bus, up: bool, first: Signal, leaving: &mut broadcast::Receiver<Signal>) {
    let mut text = String::new();
    let mut count = 0;
    let mut next = Some(first);
    while let Some(Signal { topic, seq }) = next {
        text.push_str(&format!("{seq} {topic}\n"));
        count += 1;
        next = if count < TOGETHER_MAX as u64 { leaving.try_recv().ok() } else { None };
    }
    // While the link is down the client would keep them for later, when nobody needs them any more.
    let sent = up && matches!(timeout(PUBLISH, client.publish(bus.subject.clone(), text.into())).await, Ok(Ok(())));
    if sent {
        metrics::counter!("yunqia_bus_signals_total", "way" => "out").increment(count);
    } else {
        count_lost(count);
    }
}

fn count_lost(count: u64) {
    metrics::counter!("yunqia_bus_signals_total", "way" => "lost").increment(count);
}

/// The signals of a message: one line each, the number and the topic. What is not one is left out.
fn read(payload: &[u8]) -> impl Iterator<Item = Signal> {
    let text = std::str::from_utf8(payload).unwrap_or_default();
    text.lines().filter_map(|line| {
        let (seq, topic) = line.split_once(' ')?;
        Some(Signal { topic: topic.to_owned(), seq: seq.parse().ok()? })
    })
}

/// A client of the configured servers. `patient`: it is given back before it is connected, and keeps trying.
async fn connect(bus: &Bus, told: mpsc::Sender<Event>, patient: bool) -> anyhow::Result<Client> {
    let mut options = ConnectOptions::new()
        .name("yunqia")
        .no_echo()
        .ping_interval(PING)
        .connection_timeout(CONNECT)
        .reconnect_delay_callback(|_| Duration::from_millis(rand::random_range(AGAIN_MS)))
        .event_callback(move |event| {
            let told = told.clone();
            async move {
                let _ = told.send(event).await;
            }
        });
    if patient {
        options = options.retry_on_initial_connect();
    }
    if let (Some(username), Some(password)) = (&bus.username, &bus.password) {
        options = options.user_and_password(username.clone(), password.clone());
    }
    if let Some(token) = &bus.token {
        options = options.token(token.clone());
    }
    if let Some(file) = &bus.credentials_file {
        options = options
            .credentials_file(file)
            .await
            .with_context(|| format!("bus.credentials_file {} cannot be used", file.display()))?;
    }
    if let Some(file) = &bus.root_certificates {
        options = options.add_root_certificates(file.clone());
    }
    let urls = bus.urls.iter().map(|url| url.parse::<ServerAddr>()).collect::<Result<Vec<_>, _>>()?;
    Ok(options.connect(urls).await?)
}

/// Goes as far as a signal would: connects and signs in. Says who answered.
pub async fn check(bus: &Bus) -> anyhow::Result<String> {
    let (told, _events) = mpsc::channel(64);
    let client = timeout(CONNECT * 2, connect(bus, told, false)).await.context("no answer")??;
    timeout(CONNECT, client.flush()).await.context("no answer")??;
    let info = client.server_info();
    Ok(format!("nats-server {} answers", info.version))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_signal_is_left_out() {
        let payload = b"7 hall:x\nnonsense\n\n12 person:y z\nx hall:x\n";
        let signals: Vec<_> = read(payload).map(|signal| (signal.seq, signal.topic)).collect();
        assert_eq!(signals, [(7, "hall:x".to_owned()), (12, "person:y z".to_owned())]);
        assert_eq!(read(&[0xff, 0xfe]).count(), 0);
    }
}
