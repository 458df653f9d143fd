//! Stays: who was in a hall or a talk room, and for how long. Evidence, so rows are only ever added and ended.

use yunqia_domain::{
    Timestamp,
    ids::{BookingId, OrganisationId, PersonId, SessionId, StayId},
};

use crate::db::{Result, Tx, sql};

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Stay {
    pub id: StayId,
    pub session_id: SessionId,
    /// None: the hall.
    pub booking_id: Option<BookingId>,
    pub person_id: PersonId,
    pub organisation_id: Option<OrganisationId>,
    pub joined_at: Timestamp,
    pub seen_at: Timestamp,
    pub left_at: Option<Timestamp>,
}

impl Stay {
    /// Until when the person was there; a stay that is open counts until it was last confirmed.
    pub fn until(&self) -> Timestamp {
        self.left_at.unwrap_or(self.seen_at).max(self.joined_at)
    }
}

/// The open stay of a person in a place.
pub async fn open(
    tx: &mut Tx,
    session: SessionId,
    booking: Option<BookingId>,
    person: PersonId,
) -> Result<Option<Stay>> {
    sql("SELECT id, session_id, booking_id, person_id, organisation_id, joined_at, seen_at, left_at
         FROM stays
         WHERE session_id = $1 AND booking_id IS NOT DISTINCT FROM $2 AND person_id = $3 AND left_at IS NULL
         ORDER BY seen_at DESC LIMIT 1")
    .bind(session)
    .bind(booking)
    .bind(person)
    .optional(tx)
    .await
}

pub async fn insert(tx: &mut Tx, stay: &Stay) -> Result<()> {
    sql("INSERT INTO stays (id, session_id, booking_id, person_id, organisation_id, joined_at, seen_at, left_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
    .bind(stay.id)
    .bind(stay.session_id)
    .bind(stay.booking_id)
    .bind(stay.person_id)
    .bind(stay.organisation_id)
    .bind(stay.joined_at)
    .bind(stay.seen_at)
    .bind(stay.left_at)
    .execute(tx)
    .await?;
    Ok(())
}

/// Many at once.
pub async fn insert_all(tx: &mut Tx, stays: &[Stay]) -> Result<()> {
    for stays in stays.chunks(500) {
        sql("INSERT INTO stays (id, session_id, booking_id, person_id, organisation_id, joined_at, seen_at, left_at)
             VALUES (..)")
        .rows(stays, |query, stay| {
            query
                .bind(stay.id)
                .bind(stay.session_id)
                .bind(stay.booking_id)
                .bind(stay.person_id)
                .bind(stay.organisation_id)
                .bind(stay.joined_at)
                .bind(stay.seen_at)
                .bind(stay.left_at)
        })
        .execute(tx)
        .await?;
    }
    Ok(())
}

/// Ends the open stays of these people in the hall that nobody has confirmed since then, when they were last seen.
pub async fn end_unconfirmed(
    tx: &mut Tx,
    session: SessionId,
    people: &[PersonId],
    seen_before: Timestamp,
) -> Result<u64> {
    sql("UPDATE stays SET left_at = seen_at
         WHERE session_id = $1 AND booking_id IS NULL AND left_at IS NULL AND seen_at <= $2 AND person_id IN (..)")
    .bind(session)
    .bind(seen_before)
    .list(people.iter().copied())
    .execute(tx)
    .await
}

/// These people are still in the hall (no booking) or the talk room.
pub async fn renew(
    tx: &mut Tx,
    session: SessionId,
    booking: Option<BookingId>,
    people: &[PersonId],
    now: Timestamp,
) -> Result<u64> {
    sql("UPDATE stays SET seen_at = $1
         WHERE session_id = $2 AND booking_id IS NOT DISTINCT FROM $3 AND left_at IS NULL AND seen_at < $1
           AND person_id IN (..)")
    .bind(now)
    .bind(session)
    .bind(booking)
    .list(people.iter().copied())
    .execute(tx)
    .await
}

/// Those of these people who have an open stay in the hall (no booking) or the talk room.
pub async fn open_of(
    tx: &mut Tx,
    session: SessionId,
    booking: Option<BookingId>,
    people: &[PersonId],
) -> Result<Vec<(PersonId,)>> {
    sql("SELECT DISTINCT person_id FROM stays
         WHERE session_id = $1 AND booking_id IS NOT DISTINCT FROM $2 AND left_at IS NULL AND person_id IN (..)")
    .bind(session)
    .bind(booking)
    .list(people.iter().copied())
    .all(tx)
    .await
}

/// Ends the open stays of a person in a place.
pub async fn end(
    tx: &mut Tx,
    session: SessionId,
    booking: Option<BookingId>,
    person: PersonId,
    at: Timestamp,
) -> Result<u64> {
    sql("UPDATE stays SET left_at = CASE WHEN joined_at > $4 THEN joined_at ELSE $4 END
         WHERE session_id = $1 AND booking_id IS NOT DISTINCT FROM $2 AND person_id = $3 AND left_at IS NULL")
    .bind(session)
    .bind(booking)
    .bind(person)
    .bind(at)
    .execute(tx)
    .await
}

/// Ends stays that nobody has confirmed since then: their server is gone.
pub async fn end_stale(tx: &mut Tx, seen_before: Timestamp) -> Result<u64> {
    sql("UPDATE stays SET left_at = seen_at WHERE left_at IS NULL AND seen_at < $1").bind(seen_before).execute(tx).await
}

/// A person who was in a hall, and when they came first.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct Arrival {
    pub person_id: PersonId,
    pub first_at: Timestamp,
}

/// Who was in a session's hall in the order of arrival; `after` is the last one of the page before.
pub async fn arrivals(tx: &mut Tx, session: SessionId, after: Option<PersonId>, limit: i64) -> Result<Vec<Arrival>> {
    sql("SELECT s.person_id, MIN(s.joined_at) AS first_at
         FROM stays s WHERE s.session_id = $1 AND s.booking_id IS NULL
         GROUP BY s.person_id
         HAVING (MIN(s.joined_at), s.person_id) > (SELECT MIN(l.joined_at), l.person_id FROM stays l
                                                   WHERE l.session_id = $1 AND l.booking_id IS NULL AND l.person_id = $2
                                                   GROUP BY l.person_id)
             OR $2 IS NULL
         ORDER BY first_at, s.person_id LIMIT $3")
    .bind(session)
    .bind(after)
    .bind(limit)
    .all(tx)
    .await
}

/// How many people were in a session's hall.
pub async fn count_in_hall(tx: &mut Tx, session: SessionId) -> Result<i64> {
    sql("SELECT CAST(count(DISTINCT person_id) AS BIGINT) FROM stays WHERE session_id = $1 AND booking_id IS NULL")
        .bind(session)
        .scalar(tx)
        .await
}

/// The stays of these people in a session's hall, by person and time.
pub async fn in_hall_of(
    tx: &mut Tx,
    session: SessionId,
    people: impl IntoIterator<Item = PersonId>,
) -> Result<Vec<Stay>> {
    sql("SELECT id, session_id, booking_id, person_id, organisation_id, joined_at, seen_at, left_at
         FROM stays WHERE session_id = $1 AND booking_id IS NULL AND person_id IN (..)
         ORDER BY person_id, joined_at, id")
    .bind(session)
    .list(people)
    .all(tx)
    .await
}

/// All stays in a session's hall, by person and time.
pub async fn in_hall(tx: &mut Tx, session: SessionId) -> Result<Vec<Stay>> {
    sql("SELECT id, session_id, booking_id, person_id, organisation_id, joined_at, seen_at, left_at
         FROM stays WHERE session_id = $1 AND booking_id IS NULL ORDER BY person_id, joined_at, id")
    .bind(session)
    .all(tx)
    .await
}

/// All stays in a talk's room, by person and time.
pub async fn in_talk(tx: &mut Tx, booking: BookingId) -> Result<Vec<Stay>> {
    sql("SELECT s.id, s.session_id, s.booking_id, s.person_id, s.organisation_id, s.joined_at, s.seen_at, s.left_at
         FROM stays s JOIN bookings b ON b.id = s.booking_id
         WHERE s.session_id = b.session_id AND b.id = $1 ORDER BY s.person_id, s.joined_at, s.id")
    .bind(booking)
    .all(tx)
    .await
}

/// All stays in the talk rooms of a session.
pub async fn in_talks(tx: &mut Tx, session: SessionId) -> Result<Vec<Stay>> {
    sql("SELECT id, session_id, booking_id, person_id, organisation_id, joined_at, seen_at, left_at
         FROM stays WHERE session_id = $1 AND booking_id IS NOT NULL ORDER BY booking_id, person_id, joined_at, id")
    .bind(session)
    .all(tx)
    .await
}
