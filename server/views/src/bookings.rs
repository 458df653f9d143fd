//! Bookings, places on waiting lists and schedules, as they are shown.

use serde::Serialize;
use utoipa::ToSchema;
use yunqia_domain::{
    Timestamp,
    ids::{BookingId, DeskId, SessionId, SlotId, WaitingPlaceId},
    locale::LocalText,
    states::{BookingOrigin, BookingState, WaitingState},
    zones::Zone,
};
use yunqia_store::{Result, Tx, bookings, desks, sessions, waiting_places};

use crate::{
    Reader,
    board::free_slot,
    cards::{Cards, OrganisationCard, PersonCard},
    common::FreeSlot,
    reason,
};

/// The talk room opens this long before the talk.
pub const ROOM_OPENS_MINUTES: i64 = 5;

/// A booking: a company's request for a slot, or its talk.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Booking {
    pub id: BookingId,
    pub session_id: SessionId,
    pub desk_id: DeskId,
    pub slot_id: SlotId,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    pub zone: Zone,
    pub centre: OrganisationCard,
    pub company: OrganisationCard,
    pub contact: PersonCard,
    pub staff: PersonCard,
    pub state: BookingState,
    pub state_reason: Option<String>,
    pub origin: BookingOrigin,
    pub subject: String,
    /// Of a request: until when it holds its slot.
    pub expires_at: Option<Timestamp>,
    /// Another time the centre proposes, waiting for the company's word.
    pub proposed: Option<FreeSlot>,
    pub room: Option<String>,
    pub room_opens_at: Timestamp,
    pub moved_from_id: Option<BookingId>,
    /// Of a moved booking: the one that followed it.
    pub moved_to_id: Option<BookingId>,
    pub theme: LocalText,
    /// What the reader may do with it now.
    pub may: Vec<BookingAct>,
    pub created_at: Timestamp,
    pub version: i64,
}

/// What can be done with a booking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BookingAct {
    Accept,
    Decline,
    Cancel,
    Move,
    Propose,
    AnswerProposal,
    Reassign,
    Enter,
}

/// A place on the waiting list of a slot.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WaitingPlace {
    pub id: WaitingPlaceId,
    pub slot_id: SlotId,
    pub desk_id: DeskId,
    pub session_id: SessionId,
    pub company: OrganisationCard,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    pub state: WaitingState,
    /// 1 is the next to be offered the slot; 0 when the place is no longer in the list.
    pub place: i64,
    pub lapses_at: Option<Timestamp>,
}

/// A line of a person's schedule.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ScheduleEntry {
    pub kind: ScheduleKind,
    pub session_id: SessionId,
    pub booking: Option<Booking>,
    pub title: LocalText,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    pub zone: Zone,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScheduleKind {
    Session,
    Talk,
}

/// One booking for a reader. The caller has made sure that the reader may see it.
pub async fn booking(tx: &mut Tx, id: BookingId, reader: &Reader) -> Result<Booking> {
    bookings(tx, [id], reader).await?.pop().ok_or(yunqia_store::Error::NotFound)
}

/// Bookings in order of time.
pub async fn bookings(tx: &mut Tx, ids: impl IntoIterator<Item = BookingId>, reader: &Reader) -> Result<Vec<Booking>> {
    let rows = bookings::find_all(tx, ids).await?;
    Ok(views(tx, rows, reader).await?.into_iter().map(|(view, _)| view).collect())
}

/// One booking for each of several readers, with one reading for all. The caller has made sure that each may see theirs.
pub async fn for_readers(tx: &mut Tx, wanted: &[(BookingId, Reader)]) -> Result<Vec<Booking>> {
    let rows = bookings::find_all(tx, wanted.iter().map(|(id, _)| *id)).await?;
    let scene = Scene::read(tx, &rows).await?;
    let view = |(id, reader): &(BookingId, Reader)| {
        let row = rows.iter().find(|row| row.id == *id)?;
        scene.show(row.clone(), reader)
    };
    wanted.iter().map(view).collect::<Option<_>>().ok_or(yunqia_store::Error::NotFound)
}

/// Rows as a reader sees them, in their order, each with its reason as it is stored.
pub async fn views(
    tx: &mut Tx,
    rows: Vec<bookings::Booking>,
    reader: &Reader,
) -> Result<Vec<(Booking, Option<String>)>> {
    let scene = Scene::read(tx, &rows).await?;
    let show = |row: bookings::Booking| {
        let reason = row.state_reason.clone();
        Some((scene.show(row, reader)?, reason))
    };
    Ok(rows.into_iter().filter_map(show).collect())
}

/// What stands around bookings, read once for all of them.
#[derive(Default)]
struct Scene {
    cards: Cards,
    sessions: Vec<sessions::Session>,
    desks: Vec<desks::Desk>,
    proposed: Vec<desks::Slot>,
    /// Of moved ones: what followed each.
    followers: Vec<(BookingId, BookingId)>,
}

impl Scene {
    async fn read(tx: &mut Tx, rows: &[bookings::Booking]) -> Result<Scene> {
        if rows.is_empty() {
            return Ok(Scene::default());
        }
        let proposed = unique(rows.iter().filter_map(|row| row.proposed_slot_id));
        let moved = unique(rows.iter().filter(|row| row.state == BookingState::Moved).map(|row| row.id));
        Ok(Scene {
            cards: Cards::read(
                tx,
                rows.iter().flat_map(|row| [row.contact_id, row.staff_id]),
                rows.iter().flat_map(|row| [row.company_id, row.centre_id]),
            )
            .await?,
            sessions: sessions::find_all(tx, unique(rows.iter().map(|row| row.session_id))).await?,
            desks: desks::find_all(tx, unique(rows.iter().map(|row| row.desk_id))).await?,
            proposed: if proposed.is_empty() { Vec::new() } else { desks::slots(tx, proposed).await? },
            followers: if moved.is_empty() { Vec::new() } else { bookings::moved_to(tx, moved).await? },
        })
    }

    fn show(&self, row: bookings::Booking, reader: &Reader) -> Option<Booking> {
        let session = self.sessions.iter().find(|session| session.id == row.session_id)?;
        let desk = self.desks.iter().find(|desk| desk.id == row.desk_id)?;
        Some(Booking {
            may: may(&row, session.lead_centre_id, session.state_at(reader.now).is_over(), reader),
            state_reason: reason::text(row.state_reason.as_deref(), reader.locale),
            centre: self.cards.organisation(row.centre_id),
            company: self.cards.organisation(row.company_id),
            contact: self.cards.person(row.contact_id, Some(row.company_id)),
            staff: self.cards.person(row.staff_id, Some(row.centre_id)),
            proposed: self.proposed.iter().find(|slot| Some(slot.id) == row.proposed_slot_id).map(free_slot),
            room: desk.room.clone(),
            room_opens_at: row.starts_at.plus_minutes(-ROOM_OPENS_MINUTES),
            zone: session.zone.clone(),
            theme: session.theme(),
            id: row.id,
            session_id: row.session_id,
            desk_id: row.desk_id,
            slot_id: row.slot_id,
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            state: row.state,
            origin: row.origin,
            subject: row.subject,
            expires_at: row.expires_at.filter(|_| row.state == BookingState::Requested),
            moved_from_id: row.moved_from_id,
            moved_to_id: self.followers.iter().find(|(moved, _)| *moved == row.id).map(|(_, follower)| *follower),
            created_at: row.created_at,
            version: row.version,
        })
    }
}

/// The acts open to the reader. The acts themselves decide; this only spares people buttons that would be refused.
fn may(
    row: &bookings::Booking,
    lead: yunqia_domain::ids::OrganisationId,
    over: bool,
    reader: &Reader,
) -> Vec<BookingAct> {
    use BookingAct::*;
    let company = reader.is_member_of(row.company_id);
    let centre = reader.is_member_of(row.centre_id) || reader.is_member_of(lead) || reader.operator;
    let begun = row.starts_at <= reader.now;
    let mut acts = Vec::new();
    let mut when = |possible: bool, act: BookingAct| {
        if possible {
            acts.push(act);
        }
    };
    let requested = row.state == BookingState::Requested;
    let talk = matches!(row.state, BookingState::Confirmed | BookingState::CheckedIn);
    let open = !over && !begun;
    let unexpired = row.expires_at.is_none_or(|at| at > reader.now);
    when(requested && centre && open && unexpired, Accept);
    when(requested && centre && open, Decline);
    when((requested || talk) && (company || centre) && open, Cancel);
    when(((requested && company) || (row.state == BookingState::Confirmed && (company || centre))) && open, Move);
    when(requested && centre && open && unexpired, Propose);
    when(requested && company && open && row.proposed_slot_id.is_some(), AnswerProposal);
    when((requested || talk) && centre && open, Reassign);
    let room = row.starts_at.plus_minutes(-ROOM_OPENS_MINUTES) <= reader.now;
    let part = company || reader.is_member_of(row.centre_id);
    when(row.state.is_sold() && part && room, Enter);
    acts
}

/// Places on waiting lists, with how far they are from the front.
pub async fn waiting_places(tx: &mut Tx, ids: impl IntoIterator<Item = WaitingPlaceId>) -> Result<Vec<WaitingPlace>> {
    let rows = waiting_places::find_all(tx, ids).await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let queues = waiting_places::of_slots(tx, unique(rows.iter().map(|row| row.slot_id))).await?;
    let slots = desks::slots(tx, unique(rows.iter().map(|row| row.slot_id))).await?;
    let cards = Cards::read(tx, [], rows.iter().map(|row| row.company_id)).await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            let queue: Vec<_> = queues.iter().filter(|place| place.slot_id == row.slot_id).collect();
            let place = queue.iter().position(|place| place.id == row.id).map_or(0, |before| before + 1);
            Some(WaitingPlace {
                company: cards.organisation(row.company_id),
                desk_id: slots.iter().find(|slot| slot.id == row.slot_id)?.desk_id,
                place: i64::try_from(place).unwrap_or(i64::MAX),
                lapses_at: row.lapses_at.filter(|_| row.state == WaitingState::Offered),
                id: row.id,
                slot_id: row.slot_id,
                session_id: row.session_id,
                starts_at: row.starts_at,
                ends_at: row.ends_at,
                state: row.state,
            })
        })
        .collect())
}

pub async fn waiting_place(tx: &mut Tx, id: WaitingPlaceId) -> Result<WaitingPlace> {
    waiting_places(tx, [id]).await?.pop().ok_or(yunqia_store::Error::NotFound)
}

pub(crate) fn unique<T: Ord>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut items: Vec<T> = items.collect();
    items.sort();
    items.dedup();
    items
}
