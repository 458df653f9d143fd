//! Waiting lists of slots.

use yunqia_domain::{
    Timestamp,
    ids::{OrganisationId, PersonId, SessionId, SlotId, WaitingPlaceId},
    states::WaitingState,
};

use crate::db::{Result, Tx, sql};

/// A place on the waiting list of a slot, with the slot's time.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct WaitingPlace {
    pub id: WaitingPlaceId,
    pub slot_id: SlotId,
    pub session_id: SessionId,
    pub company_id: OrganisationId,
    pub person_id: PersonId,
    pub state: WaitingState,
    pub created_at: Timestamp,
    pub offered_at: Option<Timestamp>,
    pub lapses_at: Option<Timestamp>,
    /// Of the slot; not written.
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
}

pub async fn find(tx: &mut Tx, id: WaitingPlaceId) -> Result<Option<WaitingPlace>> {
    Ok(find_all(tx, [id]).await?.pop())
}

pub async fn find_all(tx: &mut Tx, ids: impl IntoIterator<Item = WaitingPlaceId>) -> Result<Vec<WaitingPlace>> {
    sql("SELECT w.id, w.slot_id, w.session_id, w.company_id, w.person_id, w.state, w.created_at, w.offered_at, w.lapses_at,
                s.starts_at, s.ends_at
         FROM waiting_places w JOIN slots s ON s.id = w.slot_id WHERE w.id IN (..)")
    .list(ids)
    .all(tx)
    .await
}

/// Who waits for these slots or is offered them, in order of arrival.
pub async fn of_slots(tx: &mut Tx, slots: impl IntoIterator<Item = SlotId>) -> Result<Vec<WaitingPlace>> {
    sql("SELECT w.id, w.slot_id, w.session_id, w.company_id, w.person_id, w.state, w.created_at, w.offered_at, w.lapses_at,
                s.starts_at, s.ends_at
         FROM waiting_places w JOIN slots s ON s.id = w.slot_id
         WHERE w.state IN ('waiting', 'offered') AND w.slot_id IN (..) ORDER BY w.created_at, w.id")
    .list(slots)
    .all(tx)
    .await
}

/// Everybody who waits in a session, in order of arrival.
pub async fn of_session(tx: &mut Tx, session: SessionId) -> Result<Vec<WaitingPlace>> {
    sql("SELECT w.id, w.slot_id, w.session_id, w.company_id, w.person_id, w.state, w.created_at, w.offered_at, w.lapses_at,
                s.starts_at, s.ends_at
         FROM waiting_places w JOIN slots s ON s.id = w.slot_id
         WHERE w.session_id = $1 AND w.state IN ('waiting', 'offered') ORDER BY w.created_at, w.id")
    .bind(session)
    .all(tx)
    .await
}

/// Writes a new place; false if the company waits for the slot already.
pub async fn insert(tx: &mut Tx, place: &WaitingPlace) -> Result<bool> {
    let inserted = sql("INSERT INTO waiting_places (id, slot_id, session_id, company_id, person_id, state, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING")
    .bind(place.id)
    .bind(place.slot_id)
    .bind(place.session_id)
    .bind(place.company_id)
    .bind(place.person_id)
    .bind(place.state)
    .bind(place.created_at)
    .execute(tx)
    .await?;
    Ok(inserted == 1)
}

/// Moves a place on from one state to another; false if it was not there any more.
pub async fn set_state(tx: &mut Tx, id: WaitingPlaceId, from: WaitingState, to: WaitingState) -> Result<bool> {
    let changed = sql("UPDATE waiting_places SET state = $3 WHERE id = $1 AND state = $2")
        .bind(id)
        .bind(from)
        .bind(to)
        .execute(tx)
        .await?;
    Ok(changed == 1)
}

/// Somebody else of the company waits from now on.
pub async fn set_person(tx: &mut Tx, id: WaitingPlaceId, person: PersonId) -> Result<()> {
    sql("UPDATE waiting_places SET person_id = $2 WHERE id = $1").bind(id).bind(person).execute(tx).await?;
    Ok(())
}

/// Offers the slot to one who waits; false if that one waits no more.
pub async fn offer(tx: &mut Tx, id: WaitingPlaceId, now: Timestamp, lapses_at: Timestamp) -> Result<bool> {
    let changed = sql("UPDATE waiting_places SET state = 'offered', offered_at = $2, lapses_at = $3
         WHERE id = $1 AND state = 'waiting'")
    .bind(id)
    .bind(now)
    .bind(lapses_at)
    .execute(tx)
    .await?;
    Ok(changed == 1)
}

/// Offers whose time is up, and places whose slot has begun, the oldest first.
pub async fn lapsed(tx: &mut Tx, now: Timestamp, limit: i64) -> Result<Vec<WaitingPlaceId>> {
    let ids: Vec<(WaitingPlaceId,)> = sql("SELECT w.id FROM waiting_places w JOIN slots s ON s.id = w.slot_id
         WHERE (w.state = 'offered' AND w.lapses_at <= $1) OR (w.state = 'waiting' AND s.starts_at <= $1)
         ORDER BY w.id LIMIT $2")
    .bind(now)
    .bind(limit)
    .all(tx)
    .await?;
    Ok(ids.into_iter().map(|(id,)| id).collect())
}
