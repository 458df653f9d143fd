//! What part a person has in a session or a talk: the facts on which all access to live things is decided.

use yunqia_domain::{
    Timestamp,
    ids::{BookingId, DeskId, OrganisationId, PersonId, RegistrationId, SessionId, SlotId},
    states::{BookingState, RegistrationState},
    zones::Zone,
};

use crate::db::{Result, Tx, sql};

/// A company's registration that names the person among its attendees.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Attendance {
    pub person_id: PersonId,
    pub registration_id: RegistrationId,
    pub company_id: OrganisationId,
    pub state: RegistrationState,
}

/// The first host centre (in the session's order) that the person belongs to.
pub async fn host_centre(tx: &mut Tx, session: SessionId, person: PersonId) -> Result<Option<OrganisationId>> {
    let centre: Option<(OrganisationId,)> = sql("SELECT h.centre_id FROM session_hosts h
         JOIN members m ON m.organisation_id = h.centre_id
         JOIN organisations o ON o.id = h.centre_id
         WHERE h.session_id = $1 AND m.person_id = $2 AND o.state = 'approved'
         ORDER BY h.position LIMIT 1")
    .bind(session)
    .bind(person)
    .optional(tx)
    .await?;
    Ok(centre.map(|(centre,)| centre))
}

/// Sessions that are not over in which a person has a part for an organisation: a talk, a request, a desk, a place among
/// those who come or who wait, or the organisation hosts. In the order in which they are locked.
pub async fn sessions_ahead(tx: &mut Tx, person: PersonId, organisation: OrganisationId) -> Result<Vec<SessionId>> {
    let ids: Vec<(SessionId,)> = sql("SELECT s.id FROM sessions s
         WHERE s.state NOT IN ('closed', 'archived', 'cancelled') AND s.id IN (
             SELECT b.session_id FROM bookings b WHERE b.contact_id = $1 AND b.company_id = $2
             UNION SELECT b.session_id FROM bookings b WHERE b.staff_id = $1 AND b.centre_id = $2
             UNION SELECT r.session_id FROM attendees a JOIN registrations r ON r.id = a.registration_id
                   WHERE a.person_id = $1 AND r.company_id = $2
             UNION SELECT d.session_id FROM desk_staff t JOIN desks d ON d.id = t.desk_id
                   WHERE t.person_id = $1 AND d.centre_id = $2
             UNION SELECT w.session_id FROM waiting_places w WHERE w.person_id = $1 AND w.company_id = $2
             UNION SELECT h.session_id FROM session_hosts h WHERE h.centre_id = $2)
         ORDER BY s.id")
    .bind(person)
    .bind(organisation)
    .all(tx)
    .await?;
    Ok(ids.into_iter().map(|(id,)| id).collect())
}

/// Sessions that are not over and that a centre hosts, in the order in which they are locked.
pub async fn sessions_hosted(tx: &mut Tx, centre: OrganisationId) -> Result<Vec<SessionId>> {
    let ids: Vec<(SessionId,)> = sql("SELECT s.id FROM sessions s JOIN session_hosts h ON h.session_id = s.id
         WHERE h.centre_id = $1 AND s.state NOT IN ('closed', 'archived', 'cancelled') ORDER BY s.id")
    .bind(centre)
    .all(tx)
    .await?;
    Ok(ids.into_iter().map(|(id,)| id).collect())
}

/// The host centres that these people belong to, in the session's order.
pub async fn host_centres(
    tx: &mut Tx,
    session: SessionId,
    people: &[PersonId],
) -> Result<Vec<(PersonId, OrganisationId)>> {
    sql("SELECT m.person_id, h.centre_id FROM session_hosts h
         JOIN members m ON m.organisation_id = h.centre_id
         JOIN organisations o ON o.id = h.centre_id
         WHERE h.session_id = $1 AND o.state = 'approved' AND m.person_id IN (..) ORDER BY h.position")
    .bind(session)
    .list(people.iter().copied())
    .all(tx)
    .await
}

/// The registrations of a session that name these people, the oldest first. Who has left the company is in those of the past
/// by name only.
pub async fn attendances(tx: &mut Tx, session: SessionId, people: &[PersonId]) -> Result<Vec<Attendance>> {
    sql("SELECT a.person_id, r.id AS registration_id, r.company_id, r.state
         FROM registrations r JOIN attendees a ON a.registration_id = r.id
              JOIN members m ON m.organisation_id = r.company_id AND m.person_id = a.person_id
         WHERE r.session_id = $1 AND a.person_id IN (..) ORDER BY r.created_at, r.id")
    .bind(session)
    .list(people.iter().copied())
    .all(tx)
    .await
}

/// The state of the registration of one of the person's companies, whoever attends for it.
pub async fn company_registrations(
    tx: &mut Tx,
    session: SessionId,
    person: PersonId,
) -> Result<Vec<(OrganisationId, RegistrationState)>> {
    sql("SELECT r.company_id, r.state FROM registrations r JOIN members m ON m.organisation_id = r.company_id
         WHERE r.session_id = $1 AND m.person_id = $2")
    .bind(session)
    .bind(person)
    .all(tx)
    .await
}

/// The people of the host centres, for letters and personal events.
pub async fn hosts(tx: &mut Tx, session: SessionId) -> Result<Vec<(PersonId,)>> {
    sql("SELECT DISTINCT m.person_id FROM session_hosts h JOIN members m ON m.organisation_id = h.centre_id
         WHERE h.session_id = $1 ORDER BY m.person_id LIMIT 500")
    .bind(session)
    .all(tx)
    .await
}

pub async fn is_member(tx: &mut Tx, organisation: OrganisationId, person: PersonId) -> Result<bool> {
    let found: Option<(PersonId,)> = sql("SELECT person_id FROM members WHERE organisation_id = $1 AND person_id = $2")
        .bind(organisation)
        .bind(person)
        .optional(tx)
        .await?;
    Ok(found.is_some())
}

/// The people of an organisation, in the order in which they joined.
pub async fn members(tx: &mut Tx, organisation: OrganisationId, limit: i64) -> Result<Vec<(PersonId,)>> {
    sql("SELECT person_id FROM members WHERE organisation_id = $1 ORDER BY joined_at, person_id LIMIT $2")
        .bind(organisation)
        .bind(limit)
        .all(tx)
        .await
}

/// A booking as its room needs it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Talk {
    pub booking_id: BookingId,
    pub session_id: SessionId,
    pub desk_id: DeskId,
    pub slot_id: SlotId,
    pub company_id: OrganisationId,
    pub centre_id: OrganisationId,
    pub contact_id: PersonId,
    pub staff_id: PersonId,
    pub state: BookingState,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    pub zone: Zone,
}

pub async fn talk(tx: &mut Tx, booking: BookingId) -> Result<Option<Talk>> {
    sql("SELECT b.id AS booking_id, b.session_id, b.desk_id, b.slot_id, b.company_id, b.centre_id, b.contact_id,
                b.staff_id, b.state, s.starts_at, s.ends_at, e.zone
         FROM bookings b JOIN slots s ON s.id = b.slot_id JOIN sessions e ON e.id = b.session_id WHERE b.id = $1")
    .bind(booking)
    .optional(tx)
    .await
}

/// The next agreed talk of a person that begins at or after `from`, other than `except`.
pub async fn next_talk(
    tx: &mut Tx,
    person: PersonId,
    from: Timestamp,
    except: BookingId,
) -> Result<Option<(BookingId,)>> {
    sql("SELECT b.id FROM bookings b JOIN slots s ON s.id = b.slot_id
         WHERE (b.contact_id = $1 OR b.staff_id = $1) AND b.state IN ('confirmed', 'checked_in', 'in_talk')
           AND s.starts_at >= $2 AND b.id <> $3
         ORDER BY s.starts_at, b.id LIMIT 1")
    .bind(person)
    .bind(from)
    .bind(except)
    .optional(tx)
    .await
}
