//! Answering `subscribe`: may they listen, what was missed, and else the state of the topic.

use std::sync::Arc;

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use yunqia_actions::{Error, parts};
use yunqia_domain::{
    Timestamp,
    ids::{BookingId, PersonId, SessionId},
    locale::Locale,
    topics::Topic,
};
use yunqia_realtime::{Bell, Start, Subscription, TextFrame};
use yunqia_store::{Tx, channels, events, organisations, people, sessions, sessions::Session};
use yunqia_views::{
    Reader, cards::Cards, hall, messages, people as people_views, sessions as session_views, talks, timetable,
};

use super::{
    door::Guest,
    frames::ServerFrame,
    keeper::Coming,
    snapshots::{self, NAMED_MAX},
};
use crate::{App, problem::Fault};

/// Messages in the snapshot of a conversation.
const MESSAGES_SHOWN: i64 = 50;

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
    pub missed: Option<TextFrame>,
}

/// Subscribes somebody to a topic.
pub async fn subscribe(
    app: &App,
    who: Who,
    id: String,
    topic: Topic,
    after: Option<i64>,
    bell: &Arc<Bell>,
) -> Result<Answer, Fault> {
    match (topic, who.person) {
        (Topic::Hall(session), Some(person)) => {
            enter(app, Guest { session, person, locale: who.locale }, id, after, bell).await
        }
        _ => listen(app, who, id, topic, after, bell).await,
    }
}

/// Into a hall, where thousands may come at the same moment.
async fn enter(app: &App, guest: Guest, id: String, after: Option<i64>, bell: &Arc<Bell>) -> Result<Answer, Fault> {
    let live = app.live();
    let topic = Topic::Hall(guest.session);
    let name = topic.to_string();
    let Ok(welcome) = live.door.enter(guest).await else { return Err(Fault::TooMany(1)) };
    let welcome = welcome?;
    let joined = live.hub.subscribe(&name, after, bell).await.map_err(|error| Fault::Inside(error.to_string()))?;
    let mut subscription = joined.subscription;
    subscription.enter(guest.person.0, welcome.card);
    live.comes(Coming::Entered { topic, person: guest.person, from: app.now() });
    let (seq, snapshot) = match joined.start {
        Start::Resumed { seq, missed } => {
            let reply = ServerFrame::Subscribed { id, topic: name, seq, recovered: true, snapshot: None };
            return Ok(Answer { subscription, reply, missed });
        }
        // What happened after the kept state is still in the ring, which this listener then reads from there.
        Start::Snapshot if welcome.plain && subscription.follow(welcome.shared.seq) => {
            let text = live.snapshots.plain(&live.hub, guest.session, guest.locale, &welcome.shared).await?;
            (welcome.shared.seq, text)
        }
        Start::Snapshot => {
            let who = Who { person: Some(guest.person), locale: guest.locale };
            let mut tx = app.db.read().await?;
            let reader = reader(&mut tx, who, app.now()).await?;
            let snapshot = hall_snapshot(app, &mut tx, guest.session, &reader).await?;
            subscription.knows(snapshot.seq);
            (snapshot.seq, raw(&snapshot)?.into())
        }
    };
    let reply = ServerFrame::Subscribed { id, topic: name, seq, recovered: false, snapshot: Some(snapshot) };
    Ok(Answer { subscription, reply, missed: None })
}

/// To any topic.
async fn listen(
    app: &App,
    who: Who,
    id: String,
    topic: Topic,
    after: Option<i64>,
    bell: &Arc<Bell>,
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
    let joined = live.hub.subscribe(&name, after, bell).await.map_err(|error| Fault::Inside(error.to_string()))?;
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
            let reply =
                ServerFrame::Subscribed { id, topic: name, seq, recovered: false, snapshot: Some(snapshot.into()) };
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
    let shared = live.snapshots.shared(tx, &here.session, reader.locale, reader.now).await?;
    let present = snapshots::present(&live.hub, &Topic::Hall(session).to_string());
    Ok(hall::snapshot(tx, &here.session, &shared, here.part.moderates(), present, reader).await?)
}

pub fn raw(value: &impl Serialize) -> Result<Box<RawValue>, Fault> {
    to_raw_value(value).map_err(|error| Fault::Inside(error.to_string()))
}
