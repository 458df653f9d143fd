//! The hub's source of events: the database.

use std::{collections::HashMap, sync::Arc, time::Duration};

use futures_util::{FutureExt, future::BoxFuture};
use tokio::sync::mpsc;
use uuid::Uuid;
use yunqia_domain::{ids::PersonId, states::SanctionKind, topics::Topic};
use yunqia_realtime::{Event, Fault, Source};
use yunqia_store::{Db, events};
use yunqia_views::events::{SanctionChange, SignInsEnded};

use super::{keeper::Coming, sockets::Sockets};

pub struct StoreSource {
    db: Db,
    sockets: Arc<Sockets>,
    comings: mpsc::UnboundedSender<Coming>,
}

impl StoreSource {
    pub fn new(db: Db, sockets: Arc<Sockets>, comings: mpsc::UnboundedSender<Coming>) -> StoreSource {
        StoreSource { db, sockets, comings }
    }
}

impl StoreSource {
    fn sanctioned(&self, topic: &str, body: &str) -> Result<(), serde_json::Error> {
        let sanctioned: SanctionChange = serde_json::from_str(body)?;
        if sanctioned.active && sanctioned.kind == SanctionKind::Block {
            self.sockets.expel(sanctioned.person_id, topic);
        }
        Ok(())
    }

    fn signed_out(&self, body: &str) -> Result<(), serde_json::Error> {
        let SignInsEnded { sign_ins } = serde_json::from_str(body)?;
        sign_ins.into_iter().for_each(|sign_in| self.sockets.end_sign_in(sign_in));
        Ok(())
    }
}

impl Source for StoreSource {
    fn since(&self, topic: String, after: i64, limit: i64) -> BoxFuture<'_, Result<Vec<Event>, Fault>> {
        async move {
            let mut tx = self.db.read().await?;
            let events = events::since(&mut tx, &topic, after, limit).await?;
            Ok(events.into_iter().map(|row| Event { seq: row.seq, kind: row.kind, body: row.body.0 }).collect())
        }
        .boxed()
    }

    fn heads(&self, topics: Vec<String>) -> BoxFuture<'_, Result<HashMap<String, i64>, Fault>> {
        async move {
            let mut tx = self.db.read().await?;
            Ok(events::heads(&mut tx, &topics).await?.into_iter().collect())
        }
        .boxed()
    }

    /// Who was removed from a hall leaves it at once, who left an organisation hears no more of it, and who signed out loses
    /// their sockets, on whichever node they are.
    fn passing(&self, topic: &str, events: &[Event]) {
        for event in events {
            let done = match event.kind.as_str() {
                "sanction.changed" => self.sanctioned(topic, event.body.get()),
                "sign_in.ended" => self.signed_out(event.body.get()),
                "access.changed" => {
                    if let Ok(Topic::Person(person)) = topic.parse() {
                        self.sockets.recheck(person);
                    }
                    Ok(())
                }
                _ => Ok(()),
            };
            if let Err(error) = done {
                tracing::error!(%error, kind = event.kind, "an event could not be read");
            }
        }
    }

    fn left(&self, topic: &str, who: Uuid, ago: Duration) {
        if let Ok(topic @ (Topic::Hall(_) | Topic::Talk(_))) = topic.parse() {
            let _ = self.comings.send(Coming::Left { topic, person: PersonId(who), ago });
        }
    }
}
