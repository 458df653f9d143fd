//! A person's schedule: the sessions they attend and the talks they take part in.

use std::collections::HashMap;

use uuid::Uuid;
use yunqia_domain::{
    Timestamp,
    calendar::{self, Event, Status},
    ids::PersonId,
    locale::{LocalText, Locale},
    states::{BookingState, RegistrationState, SessionState},
};
use yunqia_store::{Result, Tx, audit, bookings as rows, registrations, sessions, sessions::Session};

use crate::{
    Reader,
    bookings::{Booking, ScheduleEntry, ScheduleKind, bookings, unique},
};

/// What has ended longer ago is not shown.
const DAYS_BACK: i64 = 31;
/// What was cancelled longer ago has been struck out by every calendar.
const DAYS_CANCELLED: i64 = 30;
/// Talks that are read at once.
const TALKS_AT_ONCE: i64 = 100;

/// Sessions and talks of a person in order of time. Talks that are off are left out.
pub async fn schedule(tx: &mut Tx, person: PersonId, reader: &Reader) -> Result<Vec<ScheduleEntry>> {
    let mut entries = sessions_of(tx, person, reader).await?;
    let on = |state: &BookingState| *state == BookingState::Requested || state.is_sold();
    let states: Vec<BookingState> = BookingState::ALL.iter().copied().filter(on).collect();
    for talk in talks_of(tx, person, &states, reader).await? {
        entries.push(ScheduleEntry {
            kind: ScheduleKind::Talk,
            session_id: talk.session_id,
            title: talk.theme.clone(),
            starts_at: talk.starts_at,
            ends_at: talk.ends_at,
            zone: talk.zone.clone(),
            booking: Some(talk),
        });
    }
    entries.sort_by_key(|entry| (entry.starts_at, entry.kind == ScheduleKind::Talk));
    Ok(entries)
}

/// The same as events of a calendar. What is off stays in it as cancelled for a month, so that calendars strike it out.
pub async fn events(tx: &mut Tx, person: PersonId, base_url: &str, reader: &Reader) -> Result<Vec<Event>> {
    let parts = parts_of(tx, person, reader).await?;
    let talks = talks_of(tx, person, BookingState::ALL, reader).await?;
    let details = rows::find_all(tx, talks.iter().map(|talk| talk.id)).await?;
    let subjects = parts.iter().flat_map(|part| [Some(part.session.id.0), part.registration.map(|one| one.id.0)]);
    let subjects: Vec<Uuid> = subjects.flatten().chain(details.iter().map(|row| row.id.0)).collect();
    let changed: HashMap<Uuid, Timestamp> = audit::last_changes(tx, subjects).await?.into_iter().collect();
    let mut events: Vec<Event> =
        parts.iter().filter_map(|part| session_event(part, &changed, person, base_url, reader)).collect();
    for talk in &talks {
        // A talk that moved lives on in the booking that followed it, under the same identity.
        let Some(row) = details.iter().find(|row| row.id == talk.id && row.state != BookingState::Moved) else {
            continue;
        };
        let later = details
            .iter()
            .any(|other| other.calendar_uid == row.calendar_uid && other.calendar_sequence > row.calendar_sequence);
        if !later {
            let stamp = changed.get(&row.id.0).copied().unwrap_or(row.created_at);
            events.push(talk_event(talk, row, stamp, person, base_url, reader));
        }
    }
    Ok(events)
}

/// "Promotion sessions and talks on 云洽".
pub fn feed_description(name: &str, locale: Locale) -> String {
    locale.pick(
        format!("{name}：我的推介会与一对一洽谈"),
        format!("{name}：我的推介會與一對一洽談"),
        format!("{name}: my promotion sessions and one-to-one talks"),
    )
}

/// A session somebody has to do with: as one who comes for a company, or at a desk.
struct Part {
    session: Session,
    registration: Option<registrations::Part>,
}

impl Part {
    fn is_off(&self) -> bool {
        let left = self.registration.is_some_and(|one| one.state == RegistrationState::Withdrawn);
        left || self.session.state == SessionState::Cancelled
    }
}

/// One for each registration that names the person; one for a session at whose desks they are beside.
async fn parts_of(tx: &mut Tx, person: PersonId, reader: &Reader) -> Result<Vec<Part>> {
    let since = since(reader);
    let registered = registrations::of_attendee(tx, person, since).await?;
    let staffed = sessions::staffed_by(tx, person, since).await?;
    let ids = unique(registered.iter().map(|part| part.session_id).chain(staffed.iter().copied()));
    let mut parts = Vec::new();
    for session in sessions::find_all(tx, ids).await? {
        if !session.state.is_public() {
            continue;
        }
        let own: Vec<_> = registered.iter().filter(|part| part.session_id == session.id).collect();
        if own.is_empty() {
            parts.push(Part { session, registration: None });
            continue;
        }
        parts.extend(own.into_iter().map(|part| Part { session: session.clone(), registration: Some(*part) }));
    }
    Ok(parts)
}

async fn sessions_of(tx: &mut Tx, person: PersonId, reader: &Reader) -> Result<Vec<ScheduleEntry>> {
    let mut entries: Vec<ScheduleEntry> = Vec::new();
    for part in parts_of(tx, person, reader).await? {
        let known = entries.iter().any(|entry| entry.session_id == part.session.id);
        if known || part.is_off() {
            continue;
        }
        entries.push(ScheduleEntry {
            kind: ScheduleKind::Session,
            session_id: part.session.id,
            booking: None,
            title: part.session.theme(),
            starts_at: part.session.starts_at,
            ends_at: part.session.ends_at,
            zone: part.session.zone,
        });
    }
    Ok(entries)
}

fn session_event(
    part: &Part,
    changed: &HashMap<Uuid, Timestamp>,
    person: PersonId,
    base_url: &str,
    reader: &Reader,
) -> Option<Event> {
    let session = &part.session;
    let own = part.registration.and_then(|one| changed.get(&one.id.0).copied());
    let stamp =
        changed.get(&session.id.0).copied().unwrap_or(session.created_at).max(own.unwrap_or(session.created_at));
    let cancelled_since = reader.now.plus_minutes(-60 * 24 * DAYS_CANCELLED);
    if part.is_off() && stamp <= cancelled_since {
        return None;
    }
    let locale = reader.locale;
    let title = session.theme().text(locale).to_owned();
    let page = if part.is_off() { "" } else { "/hall" };
    Some(Event {
        uid: part.registration.map_or_else(|| format!("{}-{person}", session.id), |one| calendar::session_uid(one.id)),
        sequence: calendar::session_sequence(session.version, part.registration.map_or(0, |one| one.version)),
        stamp,
        starts_at: session.starts_at,
        ends_at: session.ends_at,
        description: title.clone(),
        summary: locale.pick(
            format!("推介会：{title}"),
            format!("推介會：{title}"),
            format!("Promotion session: {title}"),
        ),
        location: None,
        url: Some(format!("{base_url}/sessions/{}{page}", session.id)),
        status: if part.is_off() { Status::Cancelled } else { Status::Confirmed },
        organizer: None,
        attendee: None,
        alarm_minutes: vec![10],
    })
}

/// Before what everything has ended too long ago.
fn since(reader: &Reader) -> Timestamp {
    reader.now.plus_minutes(-60 * 24 * DAYS_BACK)
}

/// All of them, however many: nobody would look for the rest of a calendar.
async fn talks_of(tx: &mut Tx, person: PersonId, states: &[BookingState], reader: &Reader) -> Result<Vec<Booking>> {
    // Only one's own: a company's other people have their own schedules.
    let wanted =
        rows::OfPerson { person, companies: Vec::new(), states: states.to_vec(), since: since(reader), session: None };
    let mut talks = Vec::new();
    let mut after = None;
    loop {
        let ids = rows::of_person(tx, &wanted, after, TALKS_AT_ONCE).await?;
        let more = ids.len() as i64 == TALKS_AT_ONCE;
        after = ids.last().copied();
        talks.extend(bookings(tx, ids, reader).await?);
        if !more {
            return Ok(talks);
        }
    }
}

fn talk_event(
    talk: &Booking,
    row: &rows::Booking,
    stamp: Timestamp,
    person: PersonId,
    base_url: &str,
    reader: &Reader,
) -> Event {
    let locale = reader.locale;
    let other = if row.staff_id == person { &talk.company.name } else { &talk.centre.name };
    let status = match talk.state {
        BookingState::Requested => Status::Tentative,
        state if state.is_sold() => Status::Confirmed,
        _ => Status::Cancelled,
    };
    let path = if status == Status::Confirmed { "talks" } else { "bookings" };
    Event {
        uid: row.calendar_uid.clone(),
        sequence: row.calendar_sequence,
        stamp,
        starts_at: talk.starts_at,
        ends_at: talk.ends_at,
        summary: summary(other, locale),
        description: [talk.theme.text(locale), &talk.subject].join("\n").trim().to_owned(),
        location: talk.room.clone(),
        url: Some(format!("{base_url}/{path}/{}", talk.id)),
        status,
        organizer: None,
        attendee: None,
        alarm_minutes: vec![10],
    }
}

fn summary(other: &LocalText, locale: Locale) -> String {
    let other = other.text(locale);
    locale.pick(format!("一对一洽谈：{other}"), format!("一對一洽談：{other}"), format!("One-to-one talk: {other}"))
}
