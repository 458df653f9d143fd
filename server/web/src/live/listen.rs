//! Answering `subscribe`: may they listen, what was missed, and else the state of the topic.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use bytes::Bytes;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use tokio::sync::Notify;
use yunqia_actions::{Error, parts};
use yunqia_domain::{
    Timestamp,
    ids::{BookingId, PersonId, SessionId},
    locale::Locale,
    topics::Topic,
};
use yunqia_realtime::{Start, Subscription};
use yunqia_store::{Tx, channels, events, organisations, people, sessions, sessions::Session};
use yunqia_views::{
    Reader, cards::Cards, hall, messages, people as people_views, sessions as session_views, talks, timetable,
};

use super::{frames::ServerFrame, keeper::Coming};
use crate::{App, problem::Fault};

/// Messages in the snapshot of a conversation.
const MESSAGES_SHOWN: i64 = 50;
/// People who are named in a snapshot; the others are counted.
pub const NAMED_MAX: usize = 200;

/// Who listens.
#[derive(Clone, Copy, Debug)]
pub struct Who {
    pub person: Option<PersonId>,
    pub locale: Locale,
}

/// A new subscription, and what is sent for it before its live events.
pub struct Answer {
    pub subscription: Subscription,
    pub reply: ServerFrame,
    pub missed: Option<Bytes>,
}

/// Subscribes somebody to a topic.
pub async fn subscribe(
    app: &App,
    who: Who,
    id: String,
    topic: Topic,
    after: Option<i64>,
    waker: &Arc<Notify>,
) -> Result<Answer, Fault> {
    let live = app.live();
    let now = app.now();
    let name = topic.to_string();
    let mut tx = app.db.read().await?;
    let listening = parts::may_listen(&mut tx, who.person, topic, now).await?;
    let mut card = None;
    if let (Some(person), Some(present)) = (who.person, &listening.present) {
        let cards = Cards::read(&mut tx, [person], present.organisation).await?;
        card = Some((person, raw(&cards.person(person, present.organisation))?, present.from));
    }
    // Given back before the hub reads: nobody holds one connection and waits for a second.
    drop(tx);
    let joined = live.hub.subscribe(&name, after, waker).await.map_err(|error| Fault::Inside(error.to_string()))?;
    let mut subscription = joined.subscription;
    if let Some((person, card, from)) = card {
        subscription.enter(person.0, card);
        live.comes(Coming::Entered { topic, person, from });
    }
    match joined.start {
        Start::Resumed { seq, missed } => {
            let reply = ServerFrame::Subscribed { id, topic: name, seq, recovered: true, snapshot: None };
            Ok(Answer { subscription, reply, missed })
        }
        Start::Snapshot => {
            let mut tx = app.db.read().await?;
            let reader = reader(&mut tx, who, now).await?;
            let (seq, snapshot) = snapshot(app, &mut tx, topic, &reader).await?;
            subscription.knows(seq);
            let reply = ServerFrame::Subscribed { id, topic: name, seq, recovered: false, snapshot: Some(snapshot) };
            Ok(Answer { subscription, reply, missed: None })
        }
    }
}

/// The reader of views, read afresh: memberships change while a socket is open.
pub async fn reader(tx: &mut Tx, who: Who, now: Timestamp) -> Result<Reader, Fault> {
    let nobody = Reader { locale: who.locale, ..Reader::nobody(now) };
    let Some(id) = who.person else { return Ok(nobody) };
    let person = people::find(tx, id).await?.ok_or(Fault::SignedOut)?;
    let memberships = organisations::memberships(tx, id).await?;
    Ok(Reader {
        person: Some(id),
        operator: person.operator,
        organisations: memberships.into_iter().map(|membership| membership.organisation_id).collect(),
        ..nobody
    })
}

/// The state of a topic and the number of its newest event, of one moment.
async fn snapshot(app: &App, tx: &mut Tx, topic: Topic, reader: &Reader) -> Result<(i64, Box<RawValue>), Fault> {
    let seq = events::head(tx, &topic.to_string()).await?;
    let snapshot = match topic {
        Topic::Session(session) => {
            let row = session_row(tx, session).await?;
            raw(&session_views::page(tx, &row, reader).await?)?
        }
        Topic::Hall(session) => {
            let snapshot = hall_snapshot(app, tx, session, reader).await?;
            return Ok((snapshot.seq, raw(&snapshot)?));
        }
        Topic::Timetable(session) => {
            let row = session_row(tx, session).await?;
            let own = &reader.organisations;
            raw(&timetable::timetable(tx, &row, own, own, reader).await?)?
        }
        Topic::Host(session) => {
            let row = session_row(tx, session).await?;
            let moves = yunqia_actions::sessions::judge_moves(tx, &row).await?;
            raw(&session_views::desk(tx, &row, moves, reader).await?)?
        }
        Topic::Talk(booking) => raw(&talk_room(app, tx, booking, reader).await?)?,
        Topic::Direct(channel) => {
            let channel = channels::find(tx, channel).await?.ok_or(Fault::NotFound)?;
            raw(&messages::page(tx, &channel, None, None, MESSAGES_SHOWN, reader).await?)?
        }
        Topic::Person(person) => {
            raw(&people_views::me(tx, person, &app.settings.base_url).await?.ok_or(Fault::NotFound)?)?
        }
    };
    Ok((seq, snapshot))
}

async fn session_row(tx: &mut Tx, session: SessionId) -> Result<Session, Fault> {
    Ok(sessions::find(tx, session).await?.ok_or(Error::NotFound)?)
}

/// The talk room for somebody of either side.
pub async fn talk_room(app: &App, tx: &mut Tx, booking: BookingId, reader: &Reader) -> Result<talks::TalkRoom, Fault> {
    let person = reader.person.ok_or(Fault::SignedOut)?;
    let here = parts::in_talk(tx, booking, person).await?;
    if !here.talk.state.is_sold() {
        return Err(yunqia_domain::Refusal::IllegalMove.into());
    }
    let (_, present) = app.live().hub.present(&Topic::Talk(booking).to_string(), NAMED_MAX);
    Ok(talks::room(tx, booking, here.side, present, reader).await?)
}

/// The hall for somebody who may enter it.
pub async fn hall_snapshot(
    app: &App,
    tx: &mut Tx,
    session: SessionId,
    reader: &Reader,
) -> Result<hall::HallSnapshot, Fault> {
    let person = reader.person.ok_or(Fault::SignedOut)?;
    let here = parts::in_session(tx, session, person, reader.now).await?;
    here.may_enter().map_err(Error::from)?;
    let live = app.live();
    let shared = live.snapshots.hall(tx, &here.session, reader).await?;
    let (count, people) = live.hub.present(&Topic::Hall(session).to_string(), NAMED_MAX);
    let present = hall::HallPresence { count: count as i64, people };
    Ok(hall::snapshot(tx, &here.session, &shared, here.part.moderates(), present, reader).await?)
}

pub fn raw(value: &impl Serialize) -> Result<Box<RawValue>, Fault> {
    to_raw_value(value).map_err(|error| Fault::Inside(error.to_string()))
}

/// What many read at the same moment is made once: the common part of a hall, per language.
#[derive(Default)]
pub struct Snapshots {
    halls: Mutex<HashMap<(SessionId, Locale), Place>>,
}

type Place = Arc<tokio::sync::Mutex<Option<(Instant, Arc<hall::Shared>)>>>;

/// What is not told by events on the hall's topic (counts of the session's page) may be this old.
const SHARED_FOR: Duration = Duration::from_secs(2);
const HALLS_MAX: usize = 300;

impl Snapshots {
    /// The common part as of the newest event: made by the first who asks, while the others wait for it.
    async fn hall(&self, tx: &mut Tx, row: &Session, reader: &Reader) -> Result<Arc<hall::Shared>, Fault> {
        let place = {
            let mut halls = self.halls.lock().expect("no panic under this lock");
            if halls.len() > HALLS_MAX {
                halls.clear();
            }
            Arc::clone(halls.entry((row.id, reader.locale)).or_default())
        };
        let mut kept = place.lock().await;
        let head = events::head(tx, &Topic::Hall(row.id).to_string()).await?;
        if let Some((at, shared)) = &*kept
            && shared.seq == head
            && at.elapsed() < SHARED_FOR
        {
            return Ok(Arc::clone(shared));
        }
        let shared = Arc::new(hall::shared(tx, row, reader).await?);
        // A reader whose view of the database is older must not put an older state in the place of a newer one.
        if kept.as_ref().is_none_or(|(_, kept)| kept.seq <= shared.seq) {
            *kept = Some((Instant::now(), Arc::clone(&shared)));
        }
        Ok(shared)
    }
}
