//! Bookings, the claims that keep them apart, and the rooms that are made for them.

use yunqia_domain::{
    Timestamp,
    ids::{BookingId, ChannelId, DeskId, OrganisationId, PersonId, SessionId, SlotId},
    states::{BookingOrigin, BookingState},
};

use crate::db::{Result, Tx, sql};

/// A booking with the time of its slot.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Booking {
    pub id: BookingId,
    pub session_id: SessionId,
    pub desk_id: DeskId,
    pub slot_id: SlotId,
    pub centre_id: OrganisationId,
    pub company_id: OrganisationId,
    pub contact_id: PersonId,
    pub staff_id: PersonId,
    pub state: BookingState,
    pub state_reason: Option<String>,
    pub origin: BookingOrigin,
    pub subject: String,
    pub hold_place: Option<i64>,
    pub expires_at: Option<Timestamp>,
    pub proposed_slot_id: Option<SlotId>,
    pub exclusive: bool,
    pub moved_from_id: Option<BookingId>,
    pub calendar_uid: String,
    pub calendar_sequence: i64,
    pub created_by: PersonId,
    pub created_at: Timestamp,
    pub decided_at: Option<Timestamp>,
    pub version: i64,
    /// Of the slot; not written.
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
}

pub async fn find(tx: &mut Tx, id: BookingId) -> Result<Option<Booking>> {
    Ok(find_all(tx, [id]).await?.pop())
}

/// In order of time.
pub async fn find_all(tx: &mut Tx, ids: impl IntoIterator<Item = BookingId>) -> Result<Vec<Booking>> {
    sql("SELECT b.id, b.session_id, b.desk_id, b.slot_id, b.centre_id, b.company_id, b.contact_id, b.staff_id, b.state,
                b.state_reason, b.origin, b.subject, b.hold_place, b.expires_at, b.proposed_slot_id, b.exclusive,
                b.moved_from_id, b.calendar_uid, b.calendar_sequence, b.created_by, b.created_at, b.decided_at, b.version,
                s.starts_at, s.ends_at
         FROM bookings b JOIN slots s ON s.id = b.slot_id WHERE b.id IN (..) ORDER BY s.starts_at, b.id")
    .list(ids)
    .all(tx)
    .await
}

/// Writes new bookings with one statement for a thousand; false if a rule of the schema refused one of them (the slot is sold, the pair
/// meets already, the place of the hold is taken). Then nothing may be kept: the caller gives up its transaction.
pub async fn insert_all(tx: &mut Tx, bookings: &[Booking]) -> Result<bool> {
    let mut inserted = 0;
    // Twenty-three values a row, and an engine takes 32,766.
    for rows in bookings.chunks(1_000) {
        inserted += sql("INSERT INTO bookings (id, session_id, desk_id, slot_id, centre_id, company_id, contact_id, staff_id, state,
                               state_reason, origin, subject, hold_place, expires_at, proposed_slot_id, exclusive,
                               moved_from_id, calendar_uid, calendar_sequence, created_by, created_at, decided_at, version)
         VALUES (..) ON CONFLICT DO NOTHING")
    .rows(rows, |query, b| {
        query
            .bind(b.id)
            .bind(b.session_id)
            .bind(b.desk_id)
            .bind(b.slot_id)
            .bind(b.centre_id)
            .bind(b.company_id)
            .bind(b.contact_id)
            .bind(b.staff_id)
            .bind(b.state)
            .bind(&b.state_reason)
            .bind(b.origin)
            .bind(&b.subject)
            .bind(b.hold_place)
            .bind(b.expires_at)
            .bind(b.proposed_slot_id)
            .bind(b.exclusive)
            .bind(b.moved_from_id)
            .bind(&b.calendar_uid)
            .bind(b.calendar_sequence)
            .bind(b.created_by)
            .bind(b.created_at)
            .bind(b.decided_at)
            .bind(b.version)
    })
    .execute(tx)
    .await?;
    }
    Ok(inserted == bookings.len() as u64)
}

/// Writes the changeable parts and raises the version; false if `booking.version` is not the stored one.
pub async fn update(tx: &mut Tx, booking: &Booking) -> Result<bool> {
    let b = booking;
    let changed =
        sql("UPDATE bookings SET contact_id = $1, staff_id = $2, state = $3, state_reason = $4, hold_place = $5,
                              expires_at = $6, proposed_slot_id = $7, calendar_sequence = $8, decided_at = $9,
                              version = version + 1
         WHERE id = $10 AND version = $11")
        .bind(b.contact_id)
        .bind(b.staff_id)
        .bind(b.state)
        .bind(&b.state_reason)
        .bind(b.hold_place)
        .bind(b.expires_at)
        .bind(b.proposed_slot_id)
        .bind(b.calendar_sequence)
        .bind(b.decided_at)
        .bind(b.id)
        .bind(b.version)
        .execute(tx)
        .await?;
    Ok(changed == 1)
}

/// What the judgement of slots needs of a booking that occupies something.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct Occupant {
    pub id: BookingId,
    pub slot_id: SlotId,
    pub desk_id: DeskId,
    pub centre_id: OrganisationId,
    pub company_id: OrganisationId,
    pub state: BookingState,
    pub hold_place: Option<i64>,
}

/// The bookings of a session that occupy these desks, or belong to these companies.
pub async fn occupants(
    tx: &mut Tx,
    session: SessionId,
    companies: impl IntoIterator<Item = OrganisationId>,
    desks: impl IntoIterator<Item = DeskId>,
) -> Result<Vec<Occupant>> {
    sql("SELECT id, slot_id, desk_id, centre_id, company_id, state, hold_place FROM bookings
         WHERE session_id = $1
           AND state IN ('requested', 'confirmed', 'checked_in', 'in_talk', 'held_done', 'no_show_company', 'no_show_centre')
           AND (company_id IN (..) OR desk_id IN (..))")
    .bind(session)
    .list(companies)
    .list(desks)
    .all(tx)
    .await
}

/// Everything that occupies a slot of a session.
pub async fn occupants_of_session(tx: &mut Tx, session: SessionId) -> Result<Vec<Occupant>> {
    sql("SELECT id, slot_id, desk_id, centre_id, company_id, state, hold_place FROM bookings
         WHERE session_id = $1
           AND state IN ('requested', 'confirmed', 'checked_in', 'in_talk', 'held_done', 'no_show_company', 'no_show_centre')")
    .bind(session)
    .all(tx)
    .await
}

/// Everything that occupies these slots.
pub async fn occupants_of_slots(tx: &mut Tx, slots: impl IntoIterator<Item = SlotId>) -> Result<Vec<Occupant>> {
    sql("SELECT id, slot_id, desk_id, centre_id, company_id, state, hold_place FROM bookings
         WHERE slot_id IN (..)
           AND state IN ('requested', 'confirmed', 'checked_in', 'in_talk', 'held_done', 'no_show_company', 'no_show_centre')")
    .list(slots)
    .all(tx)
    .await
}

/// A booking's id.
type Id = (BookingId,);

fn ids(rows: Vec<Id>) -> Vec<BookingId> {
    rows.into_iter().map(|(id,)| id).collect()
}

/// Requests of these slots, and talks that have not begun.
pub async fn ahead_in_slots(
    tx: &mut Tx,
    slots: impl IntoIterator<Item = SlotId>,
    now: Timestamp,
) -> Result<Vec<BookingId>> {
    Ok(ids(sql("SELECT b.id FROM bookings b JOIN slots s ON s.id = b.slot_id
         WHERE (b.state = 'requested' OR (b.state IN ('confirmed', 'checked_in') AND s.starts_at > $1)) AND b.slot_id IN (..)
         ORDER BY b.id")
    .bind(now)
    .list(slots)
    .all(tx)
    .await?))
}

/// Requests at a desk, and talks that have not begun.
pub async fn ahead_at_desk(tx: &mut Tx, desk: DeskId, now: Timestamp) -> Result<Vec<BookingId>> {
    Ok(ids(sql("SELECT b.id FROM bookings b JOIN slots s ON s.id = b.slot_id
         WHERE b.desk_id = $1 AND (b.state = 'requested' OR (b.state IN ('confirmed', 'checked_in') AND s.starts_at > $2))
         ORDER BY b.id")
    .bind(desk)
    .bind(now)
    .all(tx)
    .await?))
}

/// Requests of a session, and talks that have not begun.
pub async fn ahead_in_session(tx: &mut Tx, session: SessionId, now: Timestamp) -> Result<Vec<BookingId>> {
    Ok(ids(sql("SELECT b.id FROM bookings b JOIN slots s ON s.id = b.slot_id
         WHERE b.session_id = $1 AND (b.state = 'requested' OR (b.state IN ('confirmed', 'checked_in') AND s.starts_at > $2))
         ORDER BY b.id")
    .bind(session)
    .bind(now)
    .all(tx)
    .await?))
}

/// Requests of an organisation, on either side, in a session, and talks that have not begun.
pub async fn ahead_of_organisation(
    tx: &mut Tx,
    session: SessionId,
    organisation: OrganisationId,
    now: Timestamp,
) -> Result<Vec<BookingId>> {
    Ok(ids(sql("SELECT b.id FROM bookings b JOIN slots s ON s.id = b.slot_id
         WHERE b.session_id = $1 AND (b.company_id = $2 OR b.centre_id = $2)
           AND (b.state = 'requested' OR (b.state IN ('confirmed', 'checked_in') AND s.starts_at > $3))
         ORDER BY b.id")
    .bind(session)
    .bind(organisation)
    .bind(now)
    .all(tx)
    .await?))
}

/// Requests and talks ahead in which a person speaks for an organisation, in any session.
pub async fn ahead_of_person(
    tx: &mut Tx,
    person: PersonId,
    organisation: OrganisationId,
    now: Timestamp,
) -> Result<Vec<BookingId>> {
    Ok(ids(sql("SELECT b.id FROM bookings b JOIN slots s ON s.id = b.slot_id
         WHERE ((b.contact_id = $1 AND b.company_id = $2) OR (b.staff_id = $1 AND b.centre_id = $2))
           AND (b.state = 'requested' OR (b.state IN ('confirmed', 'checked_in') AND s.starts_at > $3))
         ORDER BY b.session_id, b.id")
    .bind(person)
    .bind(organisation)
    .bind(now)
    .all(tx)
    .await?))
}

/// Talks of a session that have not come to their end.
pub async fn unfinished(tx: &mut Tx, session: SessionId, now: Timestamp) -> Result<i64> {
    sql("SELECT CAST(count(*) AS BIGINT) FROM bookings b JOIN slots s ON s.id = b.slot_id
         WHERE b.session_id = $1 AND b.state IN ('confirmed', 'checked_in', 'in_talk') AND s.ends_at > $2")
    .bind(session)
    .bind(now)
    .scalar(tx)
    .await
}

/// Sessions in which an organisation has requests or talks ahead, on either side.
pub async fn sessions_of_organisation(tx: &mut Tx, organisation: OrganisationId) -> Result<Vec<SessionId>> {
    let rows: Vec<(SessionId,)> = sql("SELECT DISTINCT session_id FROM bookings
         WHERE (company_id = $1 OR centre_id = $1) AND state IN ('requested', 'confirmed', 'checked_in') ORDER BY session_id")
    .bind(organisation)
    .all(tx)
    .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Requests for these slots, the oldest first, each with its slot.
pub async fn requests(tx: &mut Tx, slots: impl IntoIterator<Item = SlotId>) -> Result<Vec<(BookingId, SlotId)>> {
    sql("SELECT id, slot_id FROM bookings WHERE state = 'requested' AND slot_id IN (..) ORDER BY created_at, id")
        .list(slots)
        .all(tx)
        .await
}

/// Requests whose time is up, the oldest first.
pub async fn expired(tx: &mut Tx, now: Timestamp, limit: i64) -> Result<Vec<BookingId>> {
    Ok(ids(sql(
        "SELECT id FROM bookings WHERE state = 'requested' AND expires_at <= $1 ORDER BY expires_at, id LIMIT $2",
    )
    .bind(now)
    .bind(limit)
    .all(tx)
    .await?))
}

/// Talks that ended in a span of time and have no letter of this kind yet, whatever is said of them.
pub async fn ended_without_letter(
    tx: &mut Tx,
    from: Timestamp,
    until: Timestamp,
    letter: &str,
) -> Result<Vec<BookingId>> {
    Ok(ids(sql("SELECT b.id FROM bookings b JOIN slots s ON s.id = b.slot_id
         WHERE s.ends_at > $1 AND s.ends_at <= $2 AND b.state IN ('confirmed', 'checked_in', 'in_talk', 'held_done')
           AND NOT EXISTS (SELECT 1 FROM letters l WHERE l.booking_id = b.id AND l.kind = $3)
         ORDER BY b.id LIMIT 500")
    .bind(from)
    .bind(until)
    .bind(letter)
    .all(tx)
    .await?))
}

/// One page of a session's bookings in order of making, in these states, at one desk or any.
pub async fn page(
    tx: &mut Tx,
    session: SessionId,
    states: &[BookingState],
    desk: Option<DeskId>,
    after: Option<BookingId>,
    limit: i64,
) -> Result<Vec<BookingId>> {
    Ok(ids(sql("SELECT id FROM bookings
         WHERE session_id = $1 AND id > $2 AND ($3 OR desk_id = $4) AND state IN (..) ORDER BY id LIMIT $5")
    .bind(session)
    .bind(after.unwrap_or(BookingId(uuid::Uuid::nil())))
    .bind(desk.is_none())
    .bind(desk.unwrap_or(DeskId(uuid::Uuid::nil())))
    .bind(limit)
    .list(states.iter().copied())
    .all(tx)
    .await?))
}

/// The bookings that follow moved ones: (moved, what follows it).
pub async fn moved_to(tx: &mut Tx, moved: impl IntoIterator<Item = BookingId>) -> Result<Vec<(BookingId, BookingId)>> {
    sql("SELECT moved_from_id, id FROM bookings WHERE moved_from_id IN (..)").list(moved).all(tx).await
}

/// Bookings of companies in a session.
pub async fn of_companies_in(
    tx: &mut Tx,
    session: SessionId,
    companies: impl IntoIterator<Item = OrganisationId>,
) -> Result<Vec<BookingId>> {
    Ok(ids(sql("SELECT id FROM bookings WHERE session_id = $1 AND company_id IN (..)")
        .bind(session)
        .list(companies)
        .all(tx)
        .await?))
}

/// Bookings at the desks of centres in a session that occupy something.
pub async fn hosted_in(
    tx: &mut Tx,
    session: SessionId,
    centres: impl IntoIterator<Item = OrganisationId>,
) -> Result<Vec<BookingId>> {
    Ok(ids(sql("SELECT id FROM bookings
         WHERE session_id = $1
           AND state IN ('requested', 'confirmed', 'checked_in', 'in_talk', 'held_done', 'no_show_company', 'no_show_centre')
           AND centre_id IN (..)")
    .bind(session)
    .list(centres)
    .all(tx)
    .await?))
}

/// Which bookings of a person a list shows.
#[derive(Clone, Debug)]
pub struct OfPerson {
    pub person: PersonId,
    /// Also those that belong to these companies.
    pub companies: Vec<OrganisationId>,
    pub states: Vec<BookingState>,
    /// Only those that end after this.
    pub since: Timestamp,
    /// Only those of one session.
    pub session: Option<SessionId>,
}

/// Bookings a person has a part in, or that belong to their companies, in order of time; `after` is the last one of the page
/// before.
pub async fn of_person(tx: &mut Tx, wanted: &OfPerson, after: Option<BookingId>, limit: i64) -> Result<Vec<BookingId>> {
    Ok(ids(sql("SELECT b.id FROM bookings b JOIN slots s ON s.id = b.slot_id
         WHERE (b.contact_id = $1 OR b.staff_id = $1 OR b.company_id IN (..)) AND s.ends_at > $2
           AND (b.session_id = $3 OR $3 IS NULL)
           AND ((s.starts_at, b.id) > (SELECT l.starts_at, a.id FROM bookings a JOIN slots l ON l.id = a.slot_id
                                       WHERE a.id = $4) OR $4 IS NULL)
           AND b.state IN (..)
         ORDER BY s.starts_at, b.id LIMIT $5")
    .bind(wanted.person)
    .bind(wanted.since)
    .bind(wanted.session)
    .bind(after)
    .bind(limit)
    .list(wanted.companies.iter().copied())
    .list(wanted.states.iter().copied())
    .all(tx)
    .await?))
}

/// Whether a pair may meet only once, for the bookings of a session. Talks that were held or run now are not made exclusive:
/// a pair may have had several while that was allowed. They still count when the next one is judged.
pub async fn set_exclusive(tx: &mut Tx, session: SessionId, exclusive: bool) -> Result<()> {
    let query = if exclusive {
        sql(
            "UPDATE bookings SET exclusive = TRUE WHERE session_id = $1 AND state IN ('requested', 'confirmed', 'checked_in')",
        )
    } else {
        sql("UPDATE bookings SET exclusive = FALSE WHERE session_id = $1")
    };
    query.bind(session).execute(tx).await?;
    Ok(())
}

/// A five-minute step of time that somebody or something is in a talk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, sqlx::FromRow)]
pub struct Claim {
    pub claimant_id: uuid::Uuid,
    pub tick: i64,
    pub booking_id: BookingId,
}

/// What these claimants are in between two ticks (the first included, the last not).
pub async fn claims(
    tx: &mut Tx,
    claimants: impl IntoIterator<Item = uuid::Uuid>,
    from: i64,
    until: i64,
) -> Result<Vec<Claim>> {
    sql("SELECT claimant_id, tick, booking_id FROM claims WHERE tick >= $1 AND tick < $2 AND claimant_id IN (..)")
        .bind(from)
        .bind(until)
        .list(claimants)
        .all(tx)
        .await
}

/// Takes claims with one statement; false if somebody else has one of them. Then nothing may be kept: the caller gives up
/// its transaction. In one order always, so that two who want the same do not wait for each other.
pub async fn claim(tx: &mut Tx, mut claims: Vec<Claim>) -> Result<bool> {
    claims.sort();
    if claims.is_empty() {
        return Ok(true);
    }
    let mut taken = 0;
    for claims in claims.chunks(8_000) {
        taken += sql(
            "INSERT INTO claims (claimant_id, tick, booking_id) VALUES (..) ON CONFLICT (claimant_id, tick) DO NOTHING",
        )
        .rows(claims, |query, claim| query.bind(claim.claimant_id).bind(claim.tick).bind(claim.booking_id))
        .execute(tx)
        .await?;
    }
    Ok(taken == claims.len() as u64)
}

/// Gives back everything these bookings claimed.
pub async fn release(tx: &mut Tx, bookings: impl IntoIterator<Item = BookingId>) -> Result<()> {
    sql("DELETE FROM claims WHERE booking_id IN (..)").list(bookings).execute(tx).await?;
    Ok(())
}

/// Gives back what one claimant had in a booking.
pub async fn release_claimant(tx: &mut Tx, booking: BookingId, claimant: uuid::Uuid) -> Result<()> {
    sql("DELETE FROM claims WHERE booking_id = $1 AND claimant_id = $2")
        .bind(booking)
        .bind(claimant)
        .execute(tx)
        .await?;
    Ok(())
}

/// Makes the talks of confirmed bookings.
pub async fn open_talks(tx: &mut Tx, talks: &[Booking]) -> Result<()> {
    for talks in talks.chunks(4_000) {
        sql("INSERT INTO talks (booking_id, minutes, next_step, outcome_note, version) VALUES (..)")
            .rows(talks, |query, booking| query.bind(booking.id).bind("").bind("").bind("").bind(1i64))
            .execute(tx)
            .await?;
    }
    Ok(())
}

/// Makes the channels of talks.
pub async fn open_rooms(tx: &mut Tx, rooms: &[(&Booking, ChannelId)]) -> Result<()> {
    for rooms in rooms.chunks(4_000) {
        sql("INSERT INTO channels (id, kind, session_id, booking_id, company_id, centre_id, head) VALUES (..)")
            .rows(rooms, |query, (booking, channel)| {
                query
                    .bind(*channel)
                    .bind("talk")
                    .bind(booking.session_id)
                    .bind(booking.id)
                    .bind(booking.company_id)
                    .bind(booking.centre_id)
                    .bind(0i64)
            })
            .execute(tx)
            .await?;
    }
    Ok(())
}
