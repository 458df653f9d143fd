//! What is live on this node: the hub of topics over the database, the sockets, and the record of who came and went.

mod document;
mod door;
pub mod frames;
mod keeper;
mod listen;
mod neighbours;
mod snapshots;
mod socket;
pub mod sockets;
mod source;
mod together;
pub mod upgrade;

use std::{sync::Arc, time::Duration};

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use yunqia_realtime::{Hub, Settings};

pub use keeper::Coming;
pub use sockets::{CloseCode, Sockets};

use door::Door;
use neighbours::Neighbours;
use snapshots::Snapshots;

use crate::App;

pub use document::document;
pub use listen::{hall_snapshot, talk_room};
pub use neighbours::fingerprint;
pub use socket::routes;

/// The live part of a node. Starts with the first use and ends with [`Live::stop`] or when the application is dropped.
pub struct Live {
    pub hub: Hub,
    pub sockets: Arc<Sockets>,
    pub(crate) snapshots: Arc<Snapshots>,
    pub(crate) door: Door,
    comings: mpsc::UnboundedSender<Coming>,
    stopping: CancellationToken,
}

impl Live {
    /// Starts the hub and its helpers. Call it inside the runtime.
    pub fn start(app: &App, settings: Settings) -> Live {
        let sockets = Arc::new(Sockets::new(app.settings.limits.sockets_max));
        let (comings, inbox) = mpsc::unbounded_channel();
        let stopping = CancellationToken::new();
        let source = source::StoreSource::new(app.db.clone(), Arc::clone(&sockets), comings.clone());
        let settings = Settings { several_nodes: app.db.is_shared(), ..settings };
        let hub = Hub::start(Arc::new(source), settings);
        if app.db.is_shared() {
            let neighbours = Neighbours::new(app.db.clone(), Arc::clone(&app.clock), hub.clone(), &app.settings.secret);
            tokio::spawn(stopping.clone().run_until_cancelled_owned(neighbours.run(app.db.signals())));
        }
        tokio::spawn(stopping.clone().run_until_cancelled_owned(relay(app.db.signals(), hub.clone())));
        let keeper = keeper::Keeper::new(app.db.clone(), Arc::clone(&app.clock), hub.clone(), Arc::clone(&sockets));
        tokio::spawn(stopping.clone().run_until_cancelled_owned(keeper.run(inbox)));
        tokio::spawn(stopping.clone().run_until_cancelled_owned(tick(Arc::clone(&sockets))));
        let snapshots = Arc::<Snapshots>::default();
        let door = Door::start(app.db.clone(), Arc::clone(&app.clock), Arc::clone(&snapshots));
        Live { hub, sockets, snapshots, door, comings, stopping }
    }

    /// Somebody's stay begins; written down a moment later, many at once.
    pub(crate) fn comes(&self, coming: Coming) {
        // The keeper is gone only when the node stops.
        let _ = self.comings.send(coming);
    }

    /// Sends every socket away, to come back to whoever serves next. New ones are refused from now on.
    pub fn stop(&self) {
        self.hub.stop();
        self.sockets.close_all(CloseCode::Restarting);
        self.stopping.cancel();
    }

    /// Waits until every socket has gone, but not for ever: a client may be too slow to hear that it should.
    pub async fn left(&self, within: Duration) {
        let gone = async {
            while self.sockets.count() > 0 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        if tokio::time::timeout(within, gone).await.is_err() {
            tracing::warn!(left = self.sockets.count(), "sockets were cut off");
        }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.stopping.cancel();
    }
}

/// The one timer of all sockets.
async fn tick(sockets: Arc<Sockets>) {
    let mut timer = tokio::time::interval(Duration::from_secs(1));
    timer.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    for second in 0.. {
        timer.tick().await;
        sockets.tick(second);
    }
}

/// Hands the database's signals to the hub. Missed ones are made good by comparing heads.
async fn relay(mut signals: tokio::sync::broadcast::Receiver<yunqia_store::Signal>, hub: Hub) {
    use tokio::sync::broadcast::error::RecvError;
    loop {
        match signals.recv().await {
            Ok(signal) => hub.wake(&signal.topic, signal.seq),
            Err(RecvError::Lagged(_)) => hub.catch_up().await,
            Err(RecvError::Closed) => return,
        }
    }
}
