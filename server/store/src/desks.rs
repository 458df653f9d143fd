//! Desks of a session, their staff, and their slots.

use yunqia_domain::{
    Timestamp,
    ids::{DeskId, OrganisationId, PersonId, RoomId, SessionId, SlotId},
    locale::LocalText,
};

use crate::db::{Result, Tx, sql};

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Desk {
    pub id: DeskId,
    pub session_id: SessionId,
    pub centre_id: OrganisationId,
    pub position: i64,
    pub name_hans: Option<String>,
    pub name_hant: Option<String>,
    pub name_en: Option<String>,
    pub room: Option<String>,
    pub room_id: Option<RoomId>,
    pub removed_at: Option<Timestamp>,
    pub version: i64,
}

impl Desk {
    pub fn name(&self) -> LocalText {
        LocalText::from_columns(self.name_hans.clone(), self.name_hant.clone(), self.name_en.clone())
    }
}

pub async fn find(tx: &mut Tx, id: DeskId) -> Result<Option<Desk>> {
    Ok(find_all(tx, [id]).await?.pop())
}

/// Also those that were taken away.
pub async fn find_all(tx: &mut Tx, ids: impl IntoIterator<Item = DeskId>) -> Result<Vec<Desk>> {
    sql("SELECT id, session_id, centre_id, position, name_hans, name_hant, name_en, room, room_id, removed_at, version
         FROM desks WHERE id IN (..)")
    .list(ids)
    .all(tx)
    .await
}

/// The desks that stand, in order.
pub async fn of_session(tx: &mut Tx, session: SessionId) -> Result<Vec<Desk>> {
    sql("SELECT id, session_id, centre_id, position, name_hans, name_hant, name_en, room, room_id, removed_at, version
         FROM desks WHERE session_id = $1 AND removed_at IS NULL ORDER BY position")
    .bind(session)
    .all(tx)
    .await
}

pub async fn insert(tx: &mut Tx, desk: &Desk) -> Result<()> {
    sql(
        "INSERT INTO desks (id, session_id, centre_id, position, name_hans, name_hant, name_en, room, room_id, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(desk.id)
    .bind(desk.session_id)
    .bind(desk.centre_id)
    .bind(desk.position)
    .bind(&desk.name_hans)
    .bind(&desk.name_hant)
    .bind(&desk.name_en)
    .bind(&desk.room)
    .bind(desk.room_id)
    .bind(desk.version)
    .execute(tx)
    .await?;
    Ok(())
}

/// Writes name, room and version; false if `desk.version` is not the stored one.
pub async fn update(tx: &mut Tx, desk: &Desk) -> Result<bool> {
    let changed = sql("UPDATE desks SET name_hans = $1, name_hant = $2, name_en = $3, room = $4, room_id = $5,
                              version = version + 1
         WHERE id = $6 AND version = $7")
    .bind(&desk.name_hans)
    .bind(&desk.name_hant)
    .bind(&desk.name_en)
    .bind(&desk.room)
    .bind(desk.room_id)
    .bind(desk.id)
    .bind(desk.version)
    .execute(tx)
    .await?;
    Ok(changed == 1)
}

pub async fn remove(tx: &mut Tx, desk: DeskId, now: Timestamp) -> Result<()> {
    sql("UPDATE slots SET removed_at = $2 WHERE desk_id = $1 AND removed_at IS NULL")
        .bind(desk)
        .bind(now)
        .execute(tx)
        .await?;
    sql("UPDATE desks SET removed_at = $2, version = version + 1 WHERE id = $1")
        .bind(desk)
        .bind(now)
        .execute(tx)
        .await?;
    Ok(())
}

/// The room of a centre under this key; the first desk that names it makes it, with `id`.
pub async fn room(tx: &mut Tx, centre: OrganisationId, key: &str, id: RoomId) -> Result<RoomId> {
    sql("INSERT INTO rooms (id, centre_id, name_key) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
        .bind(id)
        .bind(centre)
        .bind(key)
        .execute(tx)
        .await?;
    sql("SELECT id FROM rooms WHERE centre_id = $1 AND name_key = $2").bind(centre).bind(key).scalar(tx).await
}

#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct Staff {
    pub desk_id: DeskId,
    pub person_id: PersonId,
    pub position: i64,
}

/// The people of desks, in order; the first who is free takes a talk.
pub async fn staff(tx: &mut Tx, desks: impl IntoIterator<Item = DeskId>) -> Result<Vec<Staff>> {
    sql("SELECT desk_id, person_id, position FROM desk_staff WHERE desk_id IN (..) ORDER BY desk_id, position")
        .list(desks)
        .all(tx)
        .await
}

/// Everybody at the desks of a session that stand.
pub async fn staff_of_session(tx: &mut Tx, session: SessionId) -> Result<Vec<Staff>> {
    sql("SELECT s.desk_id, s.person_id, s.position FROM desk_staff s JOIN desks d ON d.id = s.desk_id
         WHERE d.session_id = $1 AND d.removed_at IS NULL ORDER BY s.desk_id, s.position")
    .bind(session)
    .all(tx)
    .await
}

pub async fn set_staff(tx: &mut Tx, desk: DeskId, people: &[PersonId]) -> Result<()> {
    sql("DELETE FROM desk_staff WHERE desk_id = $1").bind(desk).execute(tx).await?;
    if people.is_empty() {
        return Ok(());
    }
    sql("INSERT INTO desk_staff (desk_id, person_id, position) VALUES (..)")
        .rows(people.iter().zip(1i64..), |query, (person, position)| query.bind(desk).bind(*person).bind(position))
        .execute(tx)
        .await?;
    Ok(())
}

/// Takes a person off the desks of a centre in a session.
pub async fn take_off(tx: &mut Tx, session: SessionId, person: PersonId, centre: OrganisationId) -> Result<()> {
    sql("DELETE FROM desk_staff WHERE person_id = $1
         AND desk_id IN (SELECT id FROM desks WHERE session_id = $2 AND centre_id = $3)")
    .bind(person)
    .bind(session)
    .bind(centre)
    .execute(tx)
    .await?;
    Ok(())
}

#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct Slot {
    pub id: SlotId,
    pub session_id: SessionId,
    pub desk_id: DeskId,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    pub open: bool,
    pub removed_at: Option<Timestamp>,
}

pub async fn slot(tx: &mut Tx, id: SlotId) -> Result<Option<Slot>> {
    Ok(slots(tx, [id]).await?.pop())
}

/// Also those that were taken away.
pub async fn slots(tx: &mut Tx, ids: impl IntoIterator<Item = SlotId>) -> Result<Vec<Slot>> {
    sql("SELECT id, session_id, desk_id, starts_at, ends_at, open, removed_at FROM slots WHERE id IN (..)")
        .list(ids)
        .all(tx)
        .await
}

/// The slots of the session that this one belongs to, also those that were taken away, with the session.
pub async fn slots_beside(tx: &mut Tx, slot: SlotId) -> Result<Vec<(SlotId, SessionId)>> {
    sql("SELECT id, session_id FROM slots WHERE session_id = (SELECT session_id FROM slots WHERE id = $1)")
        .bind(slot)
        .all(tx)
        .await
}

/// The slots that stand, in order of time.
pub async fn slots_of_session(tx: &mut Tx, session: SessionId) -> Result<Vec<Slot>> {
    sql("SELECT id, session_id, desk_id, starts_at, ends_at, open, removed_at FROM slots
         WHERE session_id = $1 AND removed_at IS NULL ORDER BY starts_at, desk_id")
    .bind(session)
    .all(tx)
    .await
}

/// The open slots of a session that begin after `now` and that no talk has, in order of time. Requests may hold them.
pub async fn unsold_slots(tx: &mut Tx, session: SessionId, now: Timestamp) -> Result<Vec<Slot>> {
    sql("SELECT s.id, s.session_id, s.desk_id, s.starts_at, s.ends_at, s.open, s.removed_at FROM slots s
         WHERE s.session_id = $1 AND s.removed_at IS NULL AND s.open AND s.starts_at > $2
           AND NOT EXISTS (SELECT 1 FROM bookings b WHERE b.slot_id = s.id
                           AND b.state IN ('confirmed', 'checked_in', 'in_talk', 'held_done', 'no_show_company', 'no_show_centre'))
         ORDER BY s.starts_at, s.desk_id")
    .bind(session)
    .bind(now)
    .all(tx)
    .await
}

pub async fn insert_slots(tx: &mut Tx, slots: &[Slot]) -> Result<()> {
    // Seven values a row, and an engine takes 32,766.
    for slots in slots.chunks(4_000) {
        sql("INSERT INTO slots (id, session_id, desk_id, starts_at, ends_at, open) VALUES (..)")
            .rows(slots, |query, slot| {
                query
                    .bind(slot.id)
                    .bind(slot.session_id)
                    .bind(slot.desk_id)
                    .bind(slot.starts_at)
                    .bind(slot.ends_at)
                    .bind(slot.open)
            })
            .execute(tx)
            .await?;
    }
    Ok(())
}

pub async fn remove_slots(tx: &mut Tx, ids: &[SlotId], now: Timestamp) -> Result<()> {
    for ids in ids.chunks(10_000) {
        sql("UPDATE slots SET removed_at = $1 WHERE id IN (..)")
            .bind(now)
            .list(ids.iter().copied())
            .execute(tx)
            .await?;
    }
    Ok(())
}

pub async fn open_slots(tx: &mut Tx, ids: &[SlotId], open: bool) -> Result<()> {
    for ids in ids.chunks(10_000) {
        sql("UPDATE slots SET open = $1 WHERE id IN (..)").bind(open).list(ids.iter().copied()).execute(tx).await?;
    }
    Ok(())
}
