//! What many read at the same moment is made once: the common part of a hall, per language, and its text.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use yunqia_domain::{Timestamp, ids::SessionId, locale::Locale, topics::Topic};
use yunqia_realtime::Hub;
use yunqia_store::{Tx, events, sessions::Session};
use yunqia_views::hall;

use super::{frames::Snapshot, listen::raw};
use crate::problem::Fault;

/// What is not told by events on the hall's topic (counts of the session's page) may be this old.
const SHARED_FOR: Duration = Duration::from_secs(2);
/// The text of a full hall's snapshot, with who is there, may be this old. Changes of presence follow it.
const TEXT_FOR: Duration = Duration::from_millis(250);
/// A hall with fewer people is cheap to write out for each.
const FULL: usize = 50;
/// So many people are named in a snapshot, if there are no more. The others are counted.
pub const NAMED_MAX: usize = 200;
/// And so many of those in a hall with more.
const NAMED_IN_FULL: usize = 60;
const HALLS_MAX: usize = 300;

/// The snapshots of the halls that are entered now.
#[derive(Default)]
pub struct Snapshots {
    halls: Mutex<HashMap<(SessionId, Locale), Place>>,
}

type Place = Arc<tokio::sync::Mutex<Option<Kept>>>;

struct Kept {
    at: Instant,
    shared: Arc<hall::Shared>,
    text: Option<(Instant, Snapshot)>,
}

impl Snapshots {
    /// The common part as of the newest event: made by the first who asks, while the others wait for it.
    pub async fn shared(
        &self,
        tx: &mut Tx,
        row: &Session,
        locale: Locale,
        now: Timestamp,
    ) -> Result<Arc<hall::Shared>, Fault> {
        let place = self.place(row.id, locale);
        let mut kept = place.lock().await;
        let head = events::head(tx, &Topic::Hall(row.id).to_string()).await?;
        if let Some(kept) = &*kept
            && kept.shared.seq == head
            && kept.at.elapsed() < SHARED_FOR
        {
            return Ok(Arc::clone(&kept.shared));
        }
        let shared = Arc::new(hall::shared(tx, row, locale, now).await?);
        // A reader whose view of the database is older must not put an older state in the place of a newer one.
        if kept.as_ref().is_none_or(|kept| kept.shared.seq <= shared.seq) {
            *kept = Some(Kept { at: Instant::now(), shared: Arc::clone(&shared), text: None });
        }
        Ok(shared)
    }

    /// The whole snapshot of somebody who sees nothing of their own.
    pub async fn plain(
        &self,
        hub: &Hub,
        session: SessionId,
        locale: Locale,
        shared: &Arc<hall::Shared>,
    ) -> Result<Snapshot, Fault> {
        let topic = Topic::Hall(session).to_string();
        let place = self.place(session, locale);
        let mut kept = place.lock().await;
        let kept = kept.as_mut().filter(|kept| Arc::ptr_eq(&kept.shared, shared));
        if let Some(Kept { text: Some((at, text)), .. }) = &kept
            && at.elapsed() < TEXT_FOR
        {
            return Ok(text.clone());
        }
        let present = present(hub, &topic);
        let is_full = present.count > FULL as i64;
        let text = Snapshot::from(raw(&shared.plain(present))?);
        if let Some(kept) = kept.filter(|_| is_full) {
            kept.text = Some((Instant::now(), text.clone()));
        }
        Ok(text)
    }

    fn place(&self, session: SessionId, locale: Locale) -> Place {
        let mut halls = self.halls.lock().expect("no panic under this lock");
        if halls.len() > HALLS_MAX {
            halls.clear();
        }
        Arc::clone(halls.entry((session, locale)).or_default())
    }
}

/// Who is in a hall, some of them by name.
pub fn present(hub: &Hub, topic: &str) -> hall::HallPresence {
    let (count, mut people) = hub.present(topic, NAMED_MAX);
    if count > NAMED_MAX {
        people.truncate(NAMED_IN_FULL);
    }
    hall::HallPresence { count: count as i64, people }
}
