//! Looks at the whole database and names every rule of bookings that it breaks. For tests, the simulation and `doctor`.
//!
//! It shares nothing with the code that keeps the rules but the tables: overlaps are found by comparing times, not by claims,
//! and claims are worked out anew from times. So a mistake in one is seen by the other.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sqlx::types::Json;
use uuid::Uuid;
use yunqia_domain::{
    Timestamp,
    ids::{BookingId, DeskId, OrganisationId, PersonId, SessionId, SlotId},
    states::{BookingState, RegistrationState, SessionState, WaitingState},
};

use crate::db::{Result, Tx, sql};

/// Seconds of a tick, by the schema's word (`claims.tick`).
const TICK: i64 = 300;

#[derive(sqlx::FromRow)]
struct Booking {
    id: BookingId,
    session_id: SessionId,
    slot_id: SlotId,
    desk_id: DeskId,
    centre_id: OrganisationId,
    company_id: OrganisationId,
    contact_id: PersonId,
    staff_id: PersonId,
    state: BookingState,
    hold_place: Option<i64>,
    expires_at: Option<Timestamp>,
    moved_from_id: Option<BookingId>,
    calendar_uid: String,
    calendar_sequence: i64,
    starts_at: Timestamp,
    ends_at: Timestamp,
    room_id: Option<Uuid>,
}

impl Booking {
    fn claimants(&self) -> impl Iterator<Item = Uuid> {
        [Some(self.company_id.0), Some(self.contact_id.0), Some(self.staff_id.0), Some(self.desk_id.0), self.room_id]
            .into_iter()
            .flatten()
    }

    fn meets(&self) -> bool {
        self.state == BookingState::Requested || self.state.counts_as_talk()
    }
}

#[derive(sqlx::FromRow)]
struct Session {
    id: SessionId,
    repeat_meetings: bool,
    talks_per_company_max: Option<i64>,
    talks_per_desk_max: Option<i64>,
    open_requests_max: Option<i64>,
}

/// Every broken rule in words, with the ids it concerns; empty when all is well.
pub async fn broken_rules(tx: &mut Tx) -> Result<Vec<String>> {
    let bookings: Vec<Booking> = sql("SELECT b.id, b.session_id, b.slot_id, b.desk_id, b.centre_id, b.company_id,
                b.contact_id, b.staff_id, b.state, b.hold_place, b.expires_at, b.moved_from_id, b.calendar_uid,
                b.calendar_sequence, s.starts_at, s.ends_at, d.room_id
         FROM bookings b JOIN slots s ON s.id = b.slot_id JOIN desks d ON d.id = b.desk_id ORDER BY s.starts_at, b.id")
    .all(tx)
    .await?;
    let mut wrong = Vec::new();
    no_two_at_once(&bookings, &mut wrong);
    claims_are_the_talks(tx, &bookings, &mut wrong).await?;
    slots_are_sold_once(tx, &bookings, &mut wrong).await?;
    limits_hold(tx, &bookings, &mut wrong).await?;
    both_sides_belong(tx, &bookings, &mut wrong).await?;
    moves_are_linked(&bookings, &mut wrong);
    letters_and_rooms_are_there(tx, &bookings, &mut wrong).await?;
    states_moved_legally(tx, &mut wrong).await?;
    events_are_numbered(tx, &mut wrong).await?;
    Ok(wrong)
}

/// Nobody and nothing is in two talks that overlap.
fn no_two_at_once(bookings: &[Booking], wrong: &mut Vec<String>) {
    let mut of: HashMap<Uuid, Vec<&Booking>> = HashMap::new();
    for talk in bookings.iter().filter(|booking| booking.state.is_sold()) {
        for claimant in talk.claimants() {
            of.entry(claimant).or_default().push(talk);
        }
    }
    for (claimant, talks) in of {
        // In order of their starts: each must begin when all before it have ended.
        let mut latest: Option<&Booking> = None;
        for talk in talks {
            if let Some(before) = latest.filter(|before| talk.starts_at < before.ends_at) {
                wrong.push(format!("{claimant} is in two talks at once: {} and {}", before.id, talk.id));
            }
            if latest.is_none_or(|before| before.ends_at < talk.ends_at) {
                latest = Some(talk);
            }
        }
    }
}

/// A confirmed booking owns exactly the ticks of its time for everybody in it, and nothing else owns any.
async fn claims_are_the_talks(tx: &mut Tx, bookings: &[Booking], wrong: &mut Vec<String>) -> Result<()> {
    let rows: Vec<(Uuid, i64, BookingId)> = sql("SELECT claimant_id, tick, booking_id FROM claims").all(tx).await?;
    let held: BTreeSet<(Uuid, i64, BookingId)> = rows.into_iter().collect();
    let mut due = BTreeSet::new();
    for talk in bookings.iter().filter(|booking| booking.state.is_sold()) {
        let (from, until) = (talk.starts_at.jiff().as_second() / TICK, talk.ends_at.jiff().as_second() / TICK);
        for claimant in talk.claimants() {
            due.extend((from..until).map(|tick| (claimant, tick, talk.id)));
        }
    }
    if let Some((claimant, tick, booking)) = due.difference(&held).next() {
        wrong.push(format!("talk {booking} lacks the claim of {claimant} on {tick}"));
    }
    if let Some((claimant, tick, booking)) = held.difference(&due).next() {
        wrong.push(format!("{claimant} claims {tick} for {booking}, which is no talk of theirs"));
    }
    Ok(())
}

/// A slot is sold once, softly held at most three times and not past its start, and offered to one at most.
async fn slots_are_sold_once(tx: &mut Tx, bookings: &[Booking], wrong: &mut Vec<String>) -> Result<()> {
    let mut sold: HashMap<SlotId, BookingId> = HashMap::new();
    let mut holds: HashMap<SlotId, BTreeSet<i64>> = HashMap::new();
    for booking in bookings {
        if booking.state.is_sold()
            && let Some(other) = sold.insert(booking.slot_id, booking.id)
        {
            wrong.push(format!("slot {} is sold twice: {other} and {}", booking.slot_id, booking.id));
        }
        if booking.state != BookingState::Requested {
            continue;
        }
        let place = booking.hold_place.unwrap_or(0);
        if !(1..=3).contains(&place) || !holds.entry(booking.slot_id).or_default().insert(place) {
            wrong.push(format!("request {} holds place {place} of its slot", booking.id));
        }
        if booking.expires_at.is_none_or(|at| at > booking.starts_at) {
            wrong.push(format!("request {} holds its slot past its start", booking.id));
        }
    }
    for slot in holds.keys().filter(|slot| sold.contains_key(slot)) {
        wrong.push(format!("slot {slot} is sold and still asked for"));
    }
    let offers: Vec<(SlotId, WaitingState)> =
        sql("SELECT slot_id, state FROM waiting_places WHERE state = 'offered'").all(tx).await?;
    let mut offered = BTreeSet::new();
    for (slot, _) in offers {
        if !offered.insert(slot) || sold.contains_key(&slot) || holds.contains_key(&slot) {
            wrong.push(format!("slot {slot} is on offer and somebody else's"));
        }
    }
    Ok(())
}

/// Limits of talks and requests, and the once-a-session rule of a pair.
async fn limits_hold(tx: &mut Tx, bookings: &[Booking], wrong: &mut Vec<String>) -> Result<()> {
    let sessions: Vec<Session> =
        sql("SELECT id, repeat_meetings, talks_per_company_max, talks_per_desk_max, open_requests_max FROM sessions")
            .all(tx)
            .await?;
    for session in sessions {
        let mut pairs: BTreeMap<_, (i64, bool)> = BTreeMap::new();
        let mut talks: BTreeMap<Uuid, i64> = BTreeMap::new();
        let mut at_desk: BTreeMap<Uuid, i64> = BTreeMap::new();
        let mut requests: BTreeMap<Uuid, i64> = BTreeMap::new();
        for booking in bookings.iter().filter(|booking| booking.session_id == session.id && booking.meets()) {
            let (meetings, to_come) = pairs.entry((booking.company_id, booking.centre_id)).or_default();
            *meetings += 1;
            *to_come |= !matches!(booking.state, BookingState::InTalk | BookingState::HeldDone);
            if booking.state == BookingState::Requested {
                *requests.entry(booking.company_id.0).or_default() += 1;
            } else {
                *talks.entry(booking.company_id.0).or_default() += 1;
                *at_desk.entry(booking.desk_id.0).or_default() += 1;
            }
        }
        // A pair may have met several times before the hosts ruled it out; then nothing more is to come.
        let twice = |(meetings, to_come): &(i64, bool)| *meetings > 1 && *to_come && !session.repeat_meetings;
        if let Some(((company, centre), _)) = pairs.iter().find(|(_, pair)| twice(pair)) {
            wrong.push(format!("{company} meets {centre} twice in {}", session.id));
        }
        for (counts, max, what) in [
            (talks, session.talks_per_company_max, "talks of a company"),
            (at_desk, session.talks_per_desk_max, "talks at a desk"),
            (requests, session.open_requests_max, "open requests"),
        ] {
            if let Some((whose, count)) = counts.iter().find(|(_, count)| max.is_some_and(|max| **count > max)) {
                wrong.push(format!("{whose} has {count} {what} in {}", session.id));
            }
        }
    }
    Ok(())
}

/// Who has something ahead takes part, agreed that the centre has its details, and sends people who belong to it.
async fn both_sides_belong(tx: &mut Tx, bookings: &[Booking], wrong: &mut Vec<String>) -> Result<()> {
    // The clock of the last act: what lies behind it may have changed sides since.
    let last: Option<Timestamp> = sql("SELECT max(at) AS at FROM audit").scalar(tx).await?;
    let parts: Vec<(SessionId, OrganisationId, RegistrationState)> =
        sql("SELECT session_id, company_id, state FROM registrations").all(tx).await?;
    let parts: HashMap<_, _> = parts.into_iter().map(|(session, company, state)| ((session, company), state)).collect();
    let consents: Vec<(SessionId, OrganisationId, OrganisationId)> =
        sql("SELECT session_id, company_id, centre_id FROM consents WHERE withdrawn_at IS NULL").all(tx).await?;
    let consents: BTreeSet<_> = consents.into_iter().collect();
    let attendees: Vec<(SessionId, OrganisationId, PersonId)> = sql("SELECT r.session_id, r.company_id, a.person_id
         FROM attendees a JOIN registrations r ON r.id = a.registration_id")
    .all(tx)
    .await?;
    let attendees: BTreeSet<_> = attendees.into_iter().collect();
    let states: Vec<(SessionId, SessionState)> = sql("SELECT id, state FROM sessions").all(tx).await?;
    let states: HashMap<_, _> = states.into_iter().collect();
    for booking in bookings {
        let ahead =
            matches!(booking.state, BookingState::Requested | BookingState::Confirmed | BookingState::CheckedIn)
                && last.is_some_and(|last| booking.starts_at > last);
        if !ahead {
            continue;
        }
        let mut say = |what: &str| wrong.push(format!("booking {} {what}", booking.id));
        if !parts.get(&(booking.session_id, booking.company_id)).is_some_and(|state| state.takes_part()) {
            say("is of a company that takes no part");
        }
        if !consents.contains(&(booking.session_id, booking.company_id, booking.centre_id)) {
            say("lacks the company's consent");
        }
        if !attendees.contains(&(booking.session_id, booking.company_id, booking.contact_id)) {
            say("sends somebody who does not attend");
        }
        if states.get(&booking.session_id).is_none_or(|state| state.is_over()) {
            say("is ahead in a session that is over");
        }
    }
    Ok(())
}

/// A booking that moved is followed by one with the same calendar entry, not older than it.
fn moves_are_linked(bookings: &[Booking], wrong: &mut Vec<String>) {
    for booking in bookings.iter().filter(|booking| booking.state == BookingState::Moved) {
        let next: Vec<_> = bookings.iter().filter(|next| next.moved_from_id == Some(booking.id)).collect();
        let fine = next.len() == 1
            && next[0].calendar_uid == booking.calendar_uid
            && next[0].calendar_sequence >= booking.calendar_sequence;
        if !fine {
            wrong.push(format!("moved booking {} is followed by {} others", booking.id, next.len()));
        }
    }
}

/// No talk without its room and its letters to both sides, no letter without its talk, no reminder of what is off.
async fn letters_and_rooms_are_there(tx: &mut Tx, bookings: &[Booking], wrong: &mut Vec<String>) -> Result<()> {
    let talks: Vec<(BookingId,)> = sql("SELECT booking_id FROM talks").all(tx).await?;
    let talks: BTreeSet<_> = talks.into_iter().map(|(id,)| id).collect();
    let rooms: Vec<(Option<BookingId>,)> = sql("SELECT booking_id FROM channels WHERE kind = 'talk'").all(tx).await?;
    let rooms: BTreeSet<_> = rooms.into_iter().filter_map(|(id,)| id).collect();
    let letters: Vec<(Option<BookingId>, i64)> =
        sql("SELECT booking_id, CAST(count(DISTINCT person_id) AS BIGINT) AS readers
         FROM letters WHERE kind IN ('slot_confirmed', 'slot_moved') GROUP BY booking_id")
        .all(tx)
        .await?;
    let letters: HashMap<_, _> = letters.into_iter().filter_map(|(id, count)| Some((id?, count))).collect();
    for booking in bookings.iter().filter(|booking| booking.state.is_sold()) {
        if !talks.contains(&booking.id) || !rooms.contains(&booking.id) {
            wrong.push(format!("talk {} has no room", booking.id));
        }
    }
    for talk in &talks {
        if letters.get(talk).copied().unwrap_or(0) < 2 {
            wrong.push(format!("talk {talk} has not been told to both sides"));
        }
    }
    for booking in letters.keys().filter(|booking| !talks.contains(booking)) {
        wrong.push(format!("a letter tells of {booking}, which never was a talk"));
    }
    let reminders: Vec<(BookingId,)> = sql(
        "SELECT DISTINCT b.id FROM letters l JOIN bookings b ON b.id = l.booking_id
         WHERE l.state = 'queued' AND l.kind IN ('talk_reminder_1d', 'talk_reminder_1h', 'talk_reminder_10m')
           AND b.state NOT IN ('confirmed', 'checked_in', 'in_talk', 'held_done', 'no_show_company', 'no_show_centre')",
    )
    .all(tx)
    .await?;
    wrong.extend(reminders.iter().map(|(booking,)| format!("somebody will be reminded of {booking}, which is off")));
    Ok(())
}

#[derive(sqlx::FromRow)]
struct Step {
    subject_kind: String,
    subject_id: Uuid,
    act: String,
    before: Option<Json<serde_json::Value>>,
    after: Option<Json<serde_json::Value>>,
}

/// Everything that was written down to have moved moved along its state machine.
async fn states_moved_legally(tx: &mut Tx, wrong: &mut Vec<String>) -> Result<()> {
    let steps: Vec<Step> = sql("SELECT subject_kind, subject_id, act, before, after FROM audit
         WHERE subject_kind IN ('booking', 'registration', 'session') AND before IS NOT NULL AND after IS NOT NULL")
    .all(tx)
    .await?;
    for step in steps {
        let state = |side: &Option<Json<serde_json::Value>>| side.as_ref().map(|json| json.0["state"].clone());
        let (Some(from), Some(to)) = (state(&step.before), state(&step.after)) else { continue };
        if from.is_null() || to.is_null() || from == to {
            continue;
        }
        let legal = match step.subject_kind.as_str() {
            "booking" => reaches::<BookingState>(&from, &to, BookingState::next, 1),
            "registration" => reaches::<RegistrationState>(&from, &to, RegistrationState::next, 2),
            // The clock may have passed several windows at once.
            _ => reaches::<SessionState>(&from, &to, SessionState::next, 4),
        };
        if !legal {
            wrong.push(format!("{} {} went from {from} to {to} by {}", step.subject_kind, step.subject_id, step.act));
        }
    }
    Ok(())
}

/// Whether a state leads to another in at most so many steps.
fn reaches<S: serde::de::DeserializeOwned + PartialEq + Copy + 'static>(
    from: &serde_json::Value,
    to: &serde_json::Value,
    next: fn(S) -> &'static [S],
    steps: usize,
) -> bool {
    let (Ok(from), Ok(to)) = (serde_json::from_value::<S>(from.clone()), serde_json::from_value::<S>(to.clone()))
    else {
        return false;
    };
    let mut reached = vec![from];
    for _ in 0..steps {
        let more: Vec<S> = reached.iter().flat_map(|state| next(*state).iter().copied()).collect();
        reached.extend(more);
        if reached.contains(&to) {
            return true;
        }
    }
    false
}

/// Events of a topic are numbered without a gap up to its head.
async fn events_are_numbered(tx: &mut Tx, wrong: &mut Vec<String>) -> Result<()> {
    let gaps: Vec<(String,)> = sql("SELECT t.topic FROM topics t JOIN events e ON e.topic = t.topic
         GROUP BY t.topic, t.head HAVING max(e.seq) <> t.head OR max(e.seq) - min(e.seq) + 1 <> count(*)")
    .all(tx)
    .await?;
    wrong.extend(gaps.iter().map(|(topic,)| format!("events of {topic} have gaps")));
    Ok(())
}
