//! Looks at the database and names every rule of bookings that it breaks. For tests, the simulation and the load test.
//!
//! It shares nothing with the code that keeps the rules but the tables: overlaps are found by comparing times, not by claims,
//! and claims are worked out anew from times. So a mistake in one is seen by the other.
//!
//! There are two looks. [`broken_rules`] reads everything. [`broken_rules_since`] costs the same on the first day and on the
//! last, so that it can follow every act: it reads wholly what can still be broken (sessions with slots to come and sessions
//! that were touched, with all their bookings that hold something), and of the history only what was written since a moment:
//! bookings that ended, letters, steps in the audit log, events, messages.

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
/// Ids named in one query, so that no engine has too many values to bind.
const IDS_AT_ONCE: usize = 500;

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
    look(tx, "1970-01-01T00:00:00Z".parse().expect("an instant")).await
}

/// The same of what can be broken by what was done since a moment. The moment is that of the acts' clock (`Act::now`), which
/// must not have gone back since.
pub async fn broken_rules_since(tx: &mut Tx, since: Timestamp) -> Result<Vec<String>> {
    look(tx, since).await
}

async fn look(tx: &mut Tx, since: Timestamp) -> Result<Vec<String>> {
    let sessions: Vec<(SessionId,)> = sql("SELECT id FROM sessions
         WHERE id IN (SELECT session_id FROM slots WHERE ends_at >= $1) OR id IN (SELECT session_id FROM audit WHERE at >= $1)")
    .bind(since)
    .all(tx)
    .await?;
    let sessions: Vec<SessionId> = sessions.into_iter().map(|(id,)| id).collect();
    let touched: Vec<(BookingId,)> =
        sql("SELECT DISTINCT subject_id FROM audit WHERE at >= $1 AND subject_kind = 'booking'")
            .bind(since)
            .all(tx)
            .await?;
    let touched: BTreeSet<BookingId> = touched.into_iter().map(|(id,)| id).collect();
    // A booking that has ended holds nothing any more: it is read when it was touched.
    let bookings: Vec<Booking> = sql("SELECT b.id, b.session_id, b.slot_id, b.desk_id, b.centre_id, b.company_id,
                b.contact_id, b.staff_id, b.state, b.hold_place, b.expires_at, b.moved_from_id, b.calendar_uid,
                b.calendar_sequence, s.starts_at, s.ends_at, d.room_id
         FROM bookings b JOIN slots s ON s.id = b.slot_id JOIN desks d ON d.id = b.desk_id
         WHERE (b.session_id IN (..) AND b.state IN ('requested', 'confirmed', 'checked_in', 'in_talk', 'held_done',
                                                     'no_show_company', 'no_show_centre'))
            OR b.id IN (SELECT subject_id FROM audit WHERE at >= $1 AND subject_kind = 'booking')
         ORDER BY s.starts_at, b.id")
    .bind(since)
    .list(sessions.iter().copied())
    .all(tx)
    .await?;
    let mut wrong = Vec::new();
    no_two_at_once(&bookings, &mut wrong);
    claims_are_the_talks(tx, &sessions, &bookings, &mut wrong).await?;
    slots_are_sold_once(tx, &sessions, &bookings, &mut wrong).await?;
    limits_hold(tx, &sessions, &bookings, &mut wrong).await?;
    both_sides_belong(tx, &sessions, &bookings, &mut wrong).await?;
    waiting_lists_are_true(tx, &sessions, &mut wrong).await?;
    moves_are_linked(&bookings, &touched, &mut wrong);
    rooms_are_there(tx, &bookings, &mut wrong).await?;
    letters_are_there(tx, since, &bookings, &touched, &mut wrong).await?;
    calendars_are_true(tx, &bookings, &touched, &mut wrong).await?;
    states_moved_legally(tx, since, &mut wrong).await?;
    history_leads_to_now(tx, &bookings, &touched, &mut wrong).await?;
    events_are_numbered(tx, since, &mut wrong).await?;
    messages_are_numbered(tx, since, &mut wrong).await?;
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
async fn claims_are_the_talks(
    tx: &mut Tx,
    sessions: &[SessionId],
    bookings: &[Booking],
    wrong: &mut Vec<String>,
) -> Result<()> {
    let rows: Vec<(Uuid, i64, BookingId)> =
        sql("SELECT c.claimant_id, c.tick, c.booking_id FROM claims c JOIN bookings b ON b.id = c.booking_id
         WHERE b.session_id IN (..)")
        .list(sessions.iter().copied())
        .all(tx)
        .await?;
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
async fn slots_are_sold_once(
    tx: &mut Tx,
    sessions: &[SessionId],
    bookings: &[Booking],
    wrong: &mut Vec<String>,
) -> Result<()> {
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
    let offers: Vec<(SlotId,)> =
        sql("SELECT slot_id FROM waiting_places WHERE state = 'offered' AND session_id IN (..)")
            .list(sessions.iter().copied())
            .all(tx)
            .await?;
    let mut offered = BTreeSet::new();
    for (slot,) in offers {
        if !offered.insert(slot) || sold.contains_key(&slot) || holds.contains_key(&slot) {
            wrong.push(format!("slot {slot} is on offer and somebody else's"));
        }
    }
    Ok(())
}

/// Limits of talks and requests, and the once-a-session rule of a pair.
async fn limits_hold(tx: &mut Tx, sessions: &[SessionId], bookings: &[Booking], wrong: &mut Vec<String>) -> Result<()> {
    let sessions: Vec<Session> =
        sql("SELECT id, repeat_meetings, talks_per_company_max, talks_per_desk_max, open_requests_max
         FROM sessions WHERE id IN (..)")
        .list(sessions.iter().copied())
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
async fn both_sides_belong(
    tx: &mut Tx,
    sessions: &[SessionId],
    bookings: &[Booking],
    wrong: &mut Vec<String>,
) -> Result<()> {
    // The clock of the last act: what lies behind it may have changed sides since.
    let last: Option<Timestamp> = sql("SELECT max(at) AS at FROM audit").scalar(tx).await?;
    let parts: Vec<(SessionId, OrganisationId, RegistrationState)> =
        sql("SELECT session_id, company_id, state FROM registrations WHERE session_id IN (..)")
            .list(sessions.iter().copied())
            .all(tx)
            .await?;
    let parts: HashMap<_, _> = parts.into_iter().map(|(session, company, state)| ((session, company), state)).collect();
    let consents: Vec<(SessionId, OrganisationId, OrganisationId)> =
        sql("SELECT session_id, company_id, centre_id FROM consents WHERE withdrawn_at IS NULL AND session_id IN (..)")
            .list(sessions.iter().copied())
            .all(tx)
            .await?;
    let consents: BTreeSet<_> = consents.into_iter().collect();
    let attendees: Vec<(SessionId, OrganisationId, PersonId)> = sql("SELECT r.session_id, r.company_id, a.person_id
         FROM attendees a JOIN registrations r ON r.id = a.registration_id WHERE r.session_id IN (..)")
    .list(sessions.iter().copied())
    .all(tx)
    .await?;
    let attendees: BTreeSet<_> = attendees.into_iter().collect();
    let states: Vec<(SessionId, SessionState)> =
        sql("SELECT id, state FROM sessions WHERE id IN (..)").list(sessions.iter().copied()).all(tx).await?;
    let states: HashMap<_, _> = states.into_iter().collect();
    let sides: BTreeSet<OrganisationId> = bookings.iter().flat_map(|b| [b.company_id, b.centre_id]).collect();
    let members: Vec<(OrganisationId, PersonId)> =
        sql("SELECT organisation_id, person_id FROM members WHERE organisation_id IN (..)")
            .list(sides.iter().copied())
            .all(tx)
            .await?;
    let members: BTreeSet<_> = members.into_iter().collect();
    let active: Vec<(OrganisationId,)> =
        sql("SELECT id FROM organisations WHERE state = 'approved' AND id IN (..)").list(sides).all(tx).await?;
    let active: BTreeSet<_> = active.into_iter().map(|(id,)| id).collect();
    let hosts: Vec<(SessionId, OrganisationId)> =
        sql("SELECT session_id, centre_id FROM session_hosts WHERE session_id IN (..)")
            .list(sessions.iter().copied())
            .all(tx)
            .await?;
    let hosts: BTreeSet<_> = hosts.into_iter().collect();
    let gone: Vec<(SlotId,)> = sql("SELECT s.id FROM slots s JOIN desks d ON d.id = s.desk_id
         WHERE s.session_id IN (..) AND (s.removed_at IS NOT NULL OR d.removed_at IS NOT NULL)")
    .list(sessions.iter().copied())
    .all(tx)
    .await?;
    let gone: BTreeSet<_> = gone.into_iter().map(|(id,)| id).collect();
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
        if !members.contains(&(booking.company_id, booking.contact_id)) {
            say("sends somebody who is no member of the company");
        }
        if !members.contains(&(booking.centre_id, booking.staff_id)) {
            say("is with somebody who is no member of the centre");
        }
        if !active.contains(&booking.company_id) || !active.contains(&booking.centre_id) {
            say("is ahead of an organisation that is not active");
        }
        if !hosts.contains(&(booking.session_id, booking.centre_id)) {
            say("is with a centre that is no host");
        }
        if gone.contains(&booking.slot_id) {
            say("is at a slot that was taken away");
        }
    }
    Ok(())
}

/// Who waits does so for a slot that stands, in a session that goes on, as a company that takes part; an offer ends before
/// its slot begins.
async fn waiting_lists_are_true(tx: &mut Tx, sessions: &[SessionId], wrong: &mut Vec<String>) -> Result<()> {
    #[derive(sqlx::FromRow)]
    struct Place {
        id: Uuid,
        state: WaitingState,
        lapses_at: Option<Timestamp>,
        starts_at: Timestamp,
        stands: bool,
        session: SessionState,
        part: Option<RegistrationState>,
    }
    let places: Vec<Place> = sql("SELECT w.id, w.state, w.lapses_at, s.starts_at,
                s.removed_at IS NULL AND d.removed_at IS NULL AS stands, e.state AS session, r.state AS part
         FROM waiting_places w JOIN slots s ON s.id = w.slot_id JOIN desks d ON d.id = s.desk_id
              JOIN sessions e ON e.id = w.session_id
              LEFT JOIN registrations r ON r.session_id = w.session_id AND r.company_id = w.company_id
         WHERE w.state IN ('waiting', 'offered') AND w.session_id IN (..)")
    .list(sessions.iter().copied())
    .all(tx)
    .await?;
    for place in places {
        let mut say = |what: &str| wrong.push(format!("waiting place {} {what}", place.id));
        if !place.stands {
            say("is of a slot that was taken away");
        }
        if place.session.is_over() {
            say("is in a session that is over");
        }
        if !place.part.is_some_and(|state| state.takes_part()) {
            say("is of a company that takes no part");
        }
        if place.state == WaitingState::Offered && place.lapses_at.is_none_or(|at| at >= place.starts_at) {
            say("is on offer until its slot begins or longer");
        }
    }
    Ok(())
}

/// A booking that moved is followed by one with the same calendar entry, not older than it.
fn moves_are_linked(bookings: &[Booking], touched: &BTreeSet<BookingId>, wrong: &mut Vec<String>) {
    let mut next_of: HashMap<BookingId, Vec<&Booking>> = HashMap::new();
    for next in bookings {
        if let Some(was) = next.moved_from_id {
            next_of.entry(was).or_default().push(next);
        }
    }
    for booking in bookings.iter().filter(|booking| booking.state == BookingState::Moved) {
        if !touched.contains(&booking.id) {
            continue;
        }
        let next = next_of.get(&booking.id).map_or(&[][..], Vec::as_slice);
        let fine = next.len() == 1
            && next[0].calendar_uid == booking.calendar_uid
            && next[0].calendar_sequence >= booking.calendar_sequence;
        if !fine {
            wrong.push(format!("moved booking {} is followed by {} others", booking.id, next.len()));
        }
    }
}

/// No talk without its record and its room.
async fn rooms_are_there(tx: &mut Tx, bookings: &[Booking], wrong: &mut Vec<String>) -> Result<()> {
    let ids = || bookings.iter().filter(|booking| booking.state.is_sold()).map(|booking| booking.id);
    let mut whole = BTreeSet::new();
    for ids in ids().collect::<Vec<_>>().chunks(IDS_AT_ONCE) {
        let found: Vec<(BookingId,)> = sql("SELECT t.booking_id FROM talks t
             WHERE t.booking_id IN (..) AND EXISTS (SELECT 1 FROM channels c WHERE c.kind = 'talk' AND c.booking_id = t.booking_id)")
        .list(ids.iter().copied())
        .all(tx)
        .await?;
        whole.extend(found.into_iter().map(|(id,)| id));
    }
    wrong.extend(ids().filter(|id| !whole.contains(id)).map(|id| format!("talk {id} has no room")));
    Ok(())
}

/// No booking without a letter, no talk without its letters to both sides, no letter without its booking or talk, and no
/// reminder of what is off.
async fn letters_are_there(
    tx: &mut Tx,
    since: Timestamp,
    bookings: &[Booking],
    touched: &BTreeSet<BookingId>,
    wrong: &mut Vec<String>,
) -> Result<()> {
    let lost: Vec<(String,)> = sql("SELECT l.dedup_key FROM letters l
         WHERE l.created_at >= $1 AND l.booking_id IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM bookings b WHERE b.id = l.booking_id)")
    .bind(since)
    .all(tx)
    .await?;
    wrong.extend(lost.iter().map(|(key,)| format!("letter {key} tells of a booking that is not there")));
    #[derive(sqlx::FromRow)]
    struct Told {
        id: BookingId,
        letters: i64,
        /// People who were told of the talk.
        readers: i64,
        talk: bool,
        reminders: i64,
    }
    let state_of: HashMap<BookingId, BookingState> = bookings.iter().map(|b| (b.id, b.state)).collect();
    for ids in touched.iter().copied().collect::<Vec<_>>().chunks(IDS_AT_ONCE) {
        let told: Vec<Told> = sql("SELECT b.id, CAST(count(l.id) AS BIGINT) AS letters,
                    CAST(count(DISTINCT CASE WHEN l.kind IN ('slot_confirmed', 'slot_moved') THEN l.person_id END) AS BIGINT) AS readers,
                    EXISTS (SELECT 1 FROM talks t WHERE t.booking_id = b.id) AS talk,
                    CAST(count(CASE WHEN l.state = 'queued' AND l.kind IN ('talk_reminder_1d', 'talk_reminder_1h', 'talk_reminder_10m')
                               THEN 1 END) AS BIGINT) AS reminders
             FROM bookings b LEFT JOIN letters l ON l.booking_id = b.id WHERE b.id IN (..) GROUP BY b.id")
        .list(ids.iter().copied())
        .all(tx)
        .await?;
        for Told { id, letters, readers, talk, reminders } in told {
            let state = state_of.get(&id);
            if letters == 0 {
                wrong.push(format!("nobody was written to about booking {id}"));
            }
            if talk && readers < 2 {
                wrong.push(format!("talk {id} has not been told to both sides"));
            }
            if !talk && readers > 0 {
                wrong.push(format!("a letter tells of {id}, which never was a talk"));
            }
            if reminders > 0 && !state.is_some_and(|state| state.is_sold()) {
                wrong.push(format!("somebody will be reminded of {id}, which is off"));
            }
        }
    }
    Ok(())
}

/// What stands in people's calendars is what was agreed. By the letters with a calendar part, in the order in which they were
/// written: an entry's sequence only grows; who is in a talk that is to come has it, as it is now, and who was in one that is
/// off has its cancellation.
async fn calendars_are_true(
    tx: &mut Tx,
    bookings: &[Booking],
    touched: &BTreeSet<BookingId>,
    wrong: &mut Vec<String>,
) -> Result<()> {
    #[derive(sqlx::FromRow)]
    struct Letter {
        calendar_uid: String,
        person_id: Option<PersonId>,
        facts: Json<serde_json::Value>,
    }
    let mut uids: Vec<&str> =
        bookings.iter().filter(|booking| touched.contains(&booking.id)).map(|b| b.calendar_uid.as_str()).collect();
    uids.sort_unstable();
    uids.dedup();
    // By entry and reader: the newest sequence and whether it is a cancellation.
    let mut newest: HashMap<(String, PersonId), (i64, bool)> = HashMap::new();
    for some in uids.chunks(IDS_AT_ONCE) {
        let letters: Vec<Letter> = sql("SELECT b.calendar_uid, l.person_id, l.facts
             FROM bookings b JOIN letters l ON l.booking_id = b.id
             WHERE b.calendar_uid IN (..) AND l.kind IN ('slot_confirmed', 'slot_moved', 'slot_cancelled', 'slot_reassigned')
             ORDER BY l.created_at, l.id")
        .list(some.iter().copied())
        .all(tx)
        .await?;
        for letter in letters {
            let calendar = &letter.facts.0["calendar"];
            let (Some(person), Some(sequence)) = (letter.person_id, calendar["sequence"].as_i64()) else { continue };
            if calendar["uid"] != letter.calendar_uid.as_str() {
                wrong.push(format!("a letter about entry {} carries {}", letter.calendar_uid, calendar["uid"]));
            }
            let entry = newest.entry((letter.calendar_uid, person)).or_insert((-1, false));
            let cancels = calendar["method"] == "CANCEL";
            // Within one moment the order of letters is not known: the higher number is the later one.
            if (sequence, cancels) > *entry {
                *entry = (sequence, cancels);
            }
        }
    }
    // The newest booking of each entry is what it stands for.
    let mut last: HashMap<&str, &Booking> = HashMap::new();
    for booking in bookings.iter().filter(|booking| touched.contains(&booking.id)) {
        let known = last.entry(&booking.calendar_uid).or_insert(booking);
        if booking.calendar_sequence > known.calendar_sequence || booking.moved_from_id == Some(known.id) {
            *known = booking;
        }
    }
    for (uid, booking) in last {
        for ((_, person), (sequence, cancelled)) in newest.iter().filter(|((of, _), _)| of == uid) {
            let comes = booking.state.is_sold() && [booking.contact_id, booking.staff_id].contains(person);
            if comes && (*cancelled || *sequence != booking.calendar_sequence) {
                wrong.push(format!(
                    "{person} has entry {uid} at sequence {sequence}, cancelled: {cancelled}; talk {} is at {}",
                    booking.id, booking.calendar_sequence
                ));
            }
            if !comes && !*cancelled {
                wrong.push(format!("{person} still has entry {uid} of {} in the calendar", booking.id));
            }
        }
        for person in [booking.contact_id, booking.staff_id] {
            if booking.state.is_sold() && !newest.contains_key(&(uid.to_owned(), person)) {
                wrong.push(format!("{person} was never sent entry {uid} of talk {}", booking.id));
            }
        }
    }
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
async fn states_moved_legally(tx: &mut Tx, since: Timestamp, wrong: &mut Vec<String>) -> Result<()> {
    let steps: Vec<Step> = sql("SELECT subject_kind, subject_id, act, before, after FROM audit
         WHERE at >= $1 AND subject_kind IN ('booking', 'registration', 'session')
           AND before IS NOT NULL AND after IS NOT NULL")
    .bind(since)
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

/// The steps that were written down of a booking lead, one after the other, from nothing to the state it is in: each state is
/// left as often as it is reached, but for the one it is in.
async fn history_leads_to_now(
    tx: &mut Tx,
    bookings: &[Booking],
    touched: &BTreeSet<BookingId>,
    wrong: &mut Vec<String>,
) -> Result<()> {
    let mut reached: HashMap<BookingId, BTreeMap<String, i64>> = HashMap::new();
    for ids in touched.iter().copied().collect::<Vec<_>>().chunks(IDS_AT_ONCE) {
        let steps: Vec<Step> = sql("SELECT subject_kind, subject_id, act, before, after FROM audit
             WHERE subject_kind = 'booking' AND subject_id IN (..)")
        .list(ids.iter().copied())
        .all(tx)
        .await?;
        for step in steps {
            let counts = reached.entry(BookingId(step.subject_id)).or_default();
            for (side, by) in [(&step.before, -1), (&step.after, 1)] {
                if let Some(state) = side.as_ref().and_then(|json| json.0["state"].as_str()) {
                    *counts.entry(state.to_owned()).or_default() += by;
                }
            }
        }
    }
    for booking in bookings.iter().filter(|booking| touched.contains(&booking.id)) {
        let state = serde_json::to_value(booking.state).unwrap_or_default();
        let open: Vec<_> = reached.get(&booking.id).into_iter().flatten().filter(|(_, count)| **count != 0).collect();
        if !matches!(open.as_slice(), [(last, 1)] if state == last.as_str()) {
            wrong.push(format!("booking {} is {state}, but its history leads to {open:?}", booking.id));
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
async fn events_are_numbered(tx: &mut Tx, since: Timestamp, wrong: &mut Vec<String>) -> Result<()> {
    let gaps: Vec<(String,)> = sql("SELECT t.topic FROM topics t JOIN events e ON e.topic = t.topic
         WHERE e.at >= $1
         GROUP BY t.topic, t.head HAVING max(e.seq) <> t.head OR max(e.seq) - min(e.seq) + 1 <> count(*)")
    .bind(since)
    .all(tx)
    .await?;
    wrong.extend(gaps.iter().map(|(topic,)| format!("events of {topic} have gaps")));
    Ok(())
}

/// Messages of a channel are numbered without a gap up to its head; one that was held and then published went to the end and
/// left its first number behind.
async fn messages_are_numbered(tx: &mut Tx, since: Timestamp, wrong: &mut Vec<String>) -> Result<()> {
    let channels: Vec<(Uuid, i64, i64, i64)> =
        sql("SELECT c.id, c.head, max(m.seq) AS newest, CAST(count(*) AS BIGINT) AS messages
         FROM channels c JOIN messages m ON m.channel_id = c.id
         WHERE c.id IN (SELECT channel_id FROM messages WHERE created_at >= $1) GROUP BY c.id, c.head")
        .bind(since)
        .all(tx)
        .await?;
    let decided: Vec<(Uuid, Option<Json<serde_json::Value>>)> = sql("SELECT m.channel_id, a.after
         FROM audit a JOIN messages m ON m.id = a.subject_id WHERE a.act = 'message.decide'")
    .all(tx)
    .await?;
    for (channel, head, newest, messages) in channels {
        let published = |after: &Option<Json<serde_json::Value>>| {
            after.as_ref().is_some_and(|after| after.0["state"] == "published")
        };
        let late = decided.iter().filter(|(of, after)| *of == channel && published(after)).count();
        if newest != head || messages + i64::try_from(late).unwrap_or(0) != head {
            wrong.push(format!("messages of channel {channel} have gaps"));
        }
    }
    Ok(())
}
