//! A person's schedule: the sessions they attend and the talks they take part in.

use yunqia_domain::{
    calendar::{Event, Status},
    ids::PersonId,
    locale::{LocalText, Locale},
    states::{BookingState, SessionState},
};
use yunqia_store::{Result, Tx, bookings as rows, registrations, sessions};

use crate::{
    Reader,
    bookings::{Booking, ScheduleEntry, ScheduleKind, bookings, unique},
};

/// What has ended longer ago is not shown.
const DAYS_BACK: i64 = 31;

/// Sessions and talks of a person in order of time. Talks that are off are left out.
pub async fn schedule(tx: &mut Tx, person: PersonId, reader: &Reader) -> Result<Vec<ScheduleEntry>> {
    let mut entries = sessions_of(tx, person, reader).await?;
    for talk in talks_of(tx, person, reader).await? {
        if talk.state == BookingState::Requested || talk.state.is_sold() {
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
    }
    entries.sort_by_key(|entry| (entry.starts_at, entry.kind == ScheduleKind::Talk));
    Ok(entries)
}

/// The same as events of a calendar. What is off stays in it as cancelled, so that calendars strike it out.
pub async fn events(tx: &mut Tx, person: PersonId, base_url: &str, reader: &Reader) -> Result<Vec<Event>> {
    let locale = reader.locale;
    let mut events = Vec::new();
    for entry in sessions_of(tx, person, reader).await? {
        let title = entry.title.text(locale).to_owned();
        events.push(Event {
            uid: format!("{}-{person}", entry.session_id),
            sequence: 0,
            stamp: reader.now,
            starts_at: entry.starts_at,
            ends_at: entry.ends_at,
            description: title.clone(),
            summary: title,
            location: None,
            url: Some(format!("{base_url}/sessions/{}/hall", entry.session_id)),
            status: Status::Confirmed,
            organizer: None,
            attendee: None,
            alarm_minutes: vec![10],
        });
    }
    let talks = talks_of(tx, person, reader).await?;
    let details = rows::find_all(tx, talks.iter().map(|talk| talk.id)).await?;
    for talk in &talks {
        // A talk that moved lives on in the booking that followed it, under the same identity.
        let Some(row) = details.iter().find(|row| row.id == talk.id && row.state != BookingState::Moved) else {
            continue;
        };
        let later = details
            .iter()
            .any(|other| other.calendar_uid == row.calendar_uid && other.calendar_sequence > row.calendar_sequence);
        if !later {
            events.push(event(talk, row, person, base_url, reader));
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

async fn sessions_of(tx: &mut Tx, person: PersonId, reader: &Reader) -> Result<Vec<ScheduleEntry>> {
    let since = reader.now.plus_minutes(-60 * 24 * DAYS_BACK);
    let mut ids = registrations::sessions_of_attendee(tx, person).await?;
    ids.extend(sessions::staffed_by(tx, person).await?);
    let rows = sessions::find_all(tx, unique(ids.into_iter())).await?;
    Ok(rows
        .into_iter()
        .filter(|row| row.ends_at > since && row.state.is_public() && row.state != SessionState::Cancelled)
        .map(|row| ScheduleEntry {
            kind: ScheduleKind::Session,
            session_id: row.id,
            booking: None,
            title: row.theme(),
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            zone: row.zone,
        })
        .collect())
}

async fn talks_of(tx: &mut Tx, person: PersonId, reader: &Reader) -> Result<Vec<Booking>> {
    let since = reader.now.plus_minutes(-60 * 24 * DAYS_BACK);
    // Only one's own: a company's other people have their own schedules.
    let ids = rows::of_person(tx, person, [], BookingState::ALL, since).await?;
    bookings(tx, ids, reader).await
}

fn event(talk: &Booking, row: &rows::Booking, person: PersonId, base_url: &str, reader: &Reader) -> Event {
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
        stamp: row.decided_at.unwrap_or(row.created_at),
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
