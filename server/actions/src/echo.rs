//! What an act tells those who listen, as its last step: each changed thing once, read afresh, in one order of topics.

use std::collections::{BTreeMap, BTreeSet};

use yunqia_domain::{
    Timestamp,
    ids::{AgendaItemId, BookingId, PersonId, RegistrationId, SessionId, SlotId, WaitingPlaceId},
    topics::Topic,
};
use yunqia_store::{Tx, bookings as rows, people, registrations as parts, sessions, waiting_places};
use yunqia_views::{
    Reader, bookings,
    events::{AgendaCurrent, Event},
    reason, registrations, sessions as pages, timetable,
};

use crate::error::Result;

/// Things that an act changed.
#[derive(Default)]
pub struct Echo {
    /// Everybody who looks at the session's pages is told.
    pub sessions: BTreeSet<SessionId>,
    /// The agenda moved on.
    pub agenda: BTreeMap<SessionId, (Option<AgendaItemId>, Timestamp)>,
    /// Desks or slots came or went: the timetable is read again.
    pub grids: BTreeSet<SessionId>,
    /// Numbers on the host's page changed.
    pub counts: BTreeSet<SessionId>,
    pub cells: BTreeSet<(SessionId, SlotId)>,
    pub bookings: BTreeSet<BookingId>,
    pub registrations: BTreeSet<RegistrationId>,
    pub waiting: BTreeSet<WaitingPlaceId>,
    /// People who may listen to less than before: their sockets look at it again.
    pub access: BTreeSet<PersonId>,
    /// People to be told of a booking although they are not in it any more.
    pub also: BTreeSet<(BookingId, PersonId)>,
}

/// Topics are written in one order by every act, so that two acts never wait for each other.
type Events = BTreeMap<Topic, Vec<Event>>;

impl Echo {
    /// What another act of the same transaction changed, too.
    pub fn join(&mut self, other: Echo) {
        self.sessions.extend(other.sessions);
        self.agenda.extend(other.agenda);
        self.grids.extend(other.grids);
        self.counts.extend(other.counts);
        self.cells.extend(other.cells);
        self.bookings.extend(other.bookings);
        self.registrations.extend(other.registrations);
        self.waiting.extend(other.waiting);
        self.access.extend(other.access);
        self.also.extend(other.also);
    }

    /// Tells everybody. Nothing may be changed after this in the same transaction.
    pub async fn send(self, tx: &mut Tx, now: Timestamp) -> Result<()> {
        let nobody = Reader::nobody(now);
        let mut events = Events::new();
        self.of_sessions(tx, &mut events, &nobody).await?;
        self.of_slots(tx, &mut events, now).await?;
        self.of_registrations(tx, &mut events, &nobody).await?;
        self.of_bookings(tx, &mut events, &nobody).await?;
        self.of_waiting(tx, &mut events).await?;
        for &person in &self.access {
            add(&mut events, Topic::Person(person), Event::AccessChanged {});
        }
        let told = |(topic, events): (Topic, Vec<Event>)| {
            (topic.to_string(), events.iter().map(|event| event.on(topic)).collect())
        };
        Ok(tx.emit_all(events.into_iter().map(told).collect(), now).await?)
    }

    async fn of_sessions(&self, tx: &mut Tx, events: &mut Events, nobody: &Reader) -> Result<()> {
        for session in sessions::find_all(tx, self.sessions.iter().copied()).await? {
            let page = pages::page(tx, &session, nobody).await?;
            add(events, Topic::Session(session.id), Event::SessionChanged(page.clone()));
            add(events, Topic::Hall(session.id), Event::SessionChanged(page));
        }
        for (&session, &(item_id, begun_at)) in &self.agenda {
            let current = AgendaCurrent { item_id, begun_at };
            add(events, Topic::Session(session), Event::AgendaCurrent(current));
            add(events, Topic::Hall(session), Event::AgendaCurrent(current));
        }
        for &session in &self.grids {
            add(events, Topic::Timetable(session), Event::GridChanged {});
        }
        for &session in &self.counts {
            add(events, Topic::Host(session), Event::CountsChanged {});
        }
        Ok(())
    }

    async fn of_slots(&self, tx: &mut Tx, events: &mut Events, now: Timestamp) -> Result<()> {
        if self.cells.is_empty() {
            return Ok(());
        }
        let slots: Vec<SlotId> = self.cells.iter().map(|(_, slot)| *slot).collect();
        for cell in timetable::cells_of(tx, &slots, now).await? {
            let session = self.cells.iter().find(|(_, slot)| *slot == cell.slot_id).map(|(session, _)| *session);
            if let Some(session) = session.filter(|session| !self.grids.contains(session)) {
                add(events, Topic::Timetable(session), Event::CellChanged(cell));
            }
        }
        Ok(())
    }

    async fn of_registrations(&self, tx: &mut Tx, events: &mut Events, nobody: &Reader) -> Result<()> {
        if self.registrations.is_empty() {
            return Ok(());
        }
        let people = parts::attendees(tx, self.registrations.iter().copied()).await?;
        for view in registrations::registrations(tx, self.registrations.iter().copied(), nobody).await? {
            for attendee in people.iter().filter(|attendee| attendee.registration_id == view.id) {
                add(events, Topic::Person(attendee.person_id), Event::RegistrationChanged(view.clone()));
            }
            add(events, Topic::Host(view.session_id), Event::RegistrationChanged(view));
        }
        Ok(())
    }

    async fn of_bookings(&self, tx: &mut Tx, events: &mut Events, nobody: &Reader) -> Result<()> {
        if self.bookings.is_empty() {
            return Ok(());
        }
        let rows = rows::find_all(tx, self.bookings.iter().copied()).await?;
        let mut told: BTreeSet<(BookingId, PersonId)> = self.also.clone();
        told.extend(rows.iter().flat_map(|row| [(row.id, row.contact_id), (row.id, row.staff_id)]));
        let locales: BTreeMap<PersonId, _> =
            people::find_all(tx, told.iter().map(|(_, person)| *person).collect::<BTreeSet<_>>())
                .await?
                .into_iter()
                .map(|person| (person.id, person.locale))
                .collect();
        let views = bookings::views(tx, rows, nobody).await?;
        for (view, _) in &views {
            add(events, Topic::Host(view.session_id), Event::BookingChanged(view.clone()));
        }
        let views: BTreeMap<BookingId, _> = views.into_iter().map(|(view, reason)| (view.id, (view, reason))).collect();
        for (booking, person) in told {
            let (Some((view, reason)), Some(locale)) = (views.get(&booking), locales.get(&person)) else { continue };
            // Reasons of rules are written in the reader's own language; the rest is the same for all.
            let view = bookings::Booking { state_reason: reason::text(reason.as_deref(), *locale), ..view.clone() };
            add(events, Topic::Person(person), Event::BookingChanged(view));
        }
        Ok(())
    }

    async fn of_waiting(&self, tx: &mut Tx, events: &mut Events) -> Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let rows = waiting_places::find_all(tx, self.waiting.iter().copied()).await?;
        for view in bookings::waiting_places(tx, self.waiting.iter().copied()).await? {
            if let Some(row) = rows.iter().find(|row| row.id == view.id) {
                add(events, Topic::Person(row.person_id), Event::WaitingChanged(view));
            }
        }
        Ok(())
    }
}

fn add(events: &mut Events, topic: Topic, event: Event) {
    events.entry(topic).or_default().push(event);
}
