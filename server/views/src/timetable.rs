//! All desks × all slots of a session at a glance, and why one slot is or is not to be had.

use std::collections::HashMap;

use serde::Serialize;
use utoipa::ToSchema;
use yunqia_domain::{
    Timestamp,
    booking::{self, By},
    ids::{DeskId, OrganisationId, SessionId, SlotId},
    states::{BookingState, WaitingState},
};
use yunqia_store::{
    Result, Tx,
    bookings::{self, Occupant},
    desks::{self, Slot},
    sessions::Session,
    topics,
    waiting_places::{self, WaitingPlace as Place},
};

use crate::{
    Reader,
    board::{Board, Guest},
    bookings::{Booking, WaitingPlace},
    common::{FreeSlot, Judgement},
    sessions::{DeskCard, desk_cards},
};

/// How many other times a reader is shown when a slot is not to be had.
pub const FREE_SLOTS_SHOWN: usize = 6;

/// The timetable of a session.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Timetable {
    pub session_id: SessionId,
    /// Number of the topic's newest event that this timetable already shows.
    pub seq: i64,
    pub desks: Vec<DeskCard>,
    pub times: Vec<TimetableTime>,
    pub cells: Vec<Cell>,
    /// Bookings of the reader's companies.
    pub mine: Vec<Booking>,
    pub waiting: Vec<WaitingPlace>,
    /// For hosts: bookings at their desks.
    pub hosted: Vec<Booking>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
pub struct TimetableTime {
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
}

/// One slot of one desk.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Cell {
    pub slot_id: SlotId,
    pub desk_id: DeskId,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    pub state: CellState,
    /// Requests that hold it softly, at most three.
    pub holds: i64,
    pub waiting: i64,
}

/// free: can be taken; requested: somebody asked; offered: on offer to the waiting list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CellState {
    Free,
    Requested,
    Offered,
    Taken,
    Closed,
    Past,
}

/// Why a slot is or is not available to a company.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SlotWhy {
    pub slot_id: SlotId,
    pub book: Judgement,
    pub wait: Judgement,
    /// Everything that stands in the way of booking it.
    pub reasons: Vec<WhyReason>,
    /// Other times the company could have.
    pub free_slots: Vec<FreeSlot>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WhyReason {
    pub code: String,
    pub text: String,
}

/// The timetable as `companies` (the reader's, or one a host asks for) and `centres` (the reader's hosts) see it.
pub async fn timetable(
    tx: &mut Tx,
    session: &Session,
    companies: &[OrganisationId],
    centres: &[OrganisationId],
    reader: &Reader,
) -> Result<Timetable> {
    let seq = topics::head(tx, &format!("timetable:{}", session.id)).await?;
    let slots = desks::slots_of_session(tx, session.id).await?;
    let occupants = bookings::occupants_of_session(tx, session.id).await?;
    let places = waiting_places::of_session(tx, session.id).await?;
    let mine = bookings::of_companies_in(tx, session.id, companies.iter().copied()).await?;
    let hosted = bookings::hosted_in(tx, session.id, centres.iter().copied()).await?;
    let waiting = places.iter().filter(|place| companies.contains(&place.company_id)).map(|place| place.id);
    let mut times: Vec<_> =
        slots.iter().map(|slot| TimetableTime { starts_at: slot.starts_at, ends_at: slot.ends_at }).collect();
    times.sort();
    times.dedup();
    Ok(Timetable {
        session_id: session.id,
        seq,
        desks: desk_cards(tx, session.id).await?,
        times,
        cells: cells(&slots, &occupants, &places, reader.now),
        mine: crate::bookings::bookings(tx, mine, reader).await?,
        waiting: crate::bookings::waiting_places(tx, waiting.collect::<Vec<_>>()).await?,
        hosted: crate::bookings::bookings(tx, hosted, reader).await?,
    })
}

/// The cells of some slots, for events.
pub async fn cells_of(tx: &mut Tx, slots: &[SlotId], now: Timestamp) -> Result<Vec<Cell>> {
    let slots = desks::slots(tx, slots.iter().copied()).await?;
    let standing: Vec<Slot> = slots.into_iter().filter(|slot| slot.removed_at.is_none()).collect();
    let occupants = bookings::occupants_of_slots(tx, standing.iter().map(|slot| slot.id)).await?;
    let places = waiting_places::of_slots(tx, standing.iter().map(|slot| slot.id)).await?;
    Ok(cells(&standing, &occupants, &places, now))
}

/// What the company could do with a slot, everything that stands in its way, and other times.
pub async fn why(
    tx: &mut Tx,
    session: &Session,
    slot: &Slot,
    company: OrganisationId,
    by: By,
    reader: &Reader,
) -> Result<SlotWhy> {
    let guest = Guest { company, contact: reader.person.filter(|_| by == By::Company) };
    let board = Board::read(tx, session.clone(), vec![*slot], &[guest]).await?;
    let want = booking::want(by, session.booking_mode);
    let ask = board.ask(guest, slot, by, want, None, reader.now);
    let reasons = booking::reasons(&ask);
    let others = Board::read_unsold(tx, session.clone(), &[guest], reader.now).await?;
    let free = others.free_slots(guest, by, Some(slot.desk_id), reader.now, FREE_SLOTS_SHOWN + 1);
    Ok(SlotWhy {
        slot_id: slot.id,
        book: Judgement::of(booking::judge(&ask), reader.locale),
        wait: Judgement::of(board.may_wait(guest, slot, reader.now), reader.locale),
        reasons: reasons
            .into_iter()
            .map(|refusal| WhyReason { code: refusal.code().into(), text: refusal.text(reader.locale).into() })
            .collect(),
        free_slots: free.into_iter().filter(|free| free.slot_id != slot.id).take(FREE_SLOTS_SHOWN).collect(),
    })
}

fn cells(slots: &[Slot], occupants: &[Occupant], places: &[Place], now: Timestamp) -> Vec<Cell> {
    let mut sold: HashMap<SlotId, bool> = HashMap::new();
    let mut holds: HashMap<SlotId, i64> = HashMap::new();
    for occupant in occupants {
        match occupant.state {
            BookingState::Requested => *holds.entry(occupant.slot_id).or_default() += 1,
            state => *sold.entry(occupant.slot_id).or_default() |= state.is_sold(),
        }
    }
    let mut waiting: HashMap<SlotId, (bool, i64)> = HashMap::new();
    for place in places {
        let (offered, count) = waiting.entry(place.slot_id).or_default();
        *offered |= place.state == WaitingState::Offered;
        *count += 1;
    }
    slots
        .iter()
        .map(|slot| {
            let holds = holds.get(&slot.id).copied().unwrap_or(0);
            let (offered, waiting) = waiting.get(&slot.id).copied().unwrap_or_default();
            let state = match () {
                () if sold.get(&slot.id) == Some(&true) => CellState::Taken,
                () if slot.starts_at <= now => CellState::Past,
                () if !slot.open => CellState::Closed,
                () if offered => CellState::Offered,
                () if holds > 0 => CellState::Requested,
                () => CellState::Free,
            };
            Cell {
                slot_id: slot.id,
                desk_id: slot.desk_id,
                starts_at: slot.starts_at,
                ends_at: slot.ends_at,
                state,
                holds,
                waiting,
            }
        })
        .collect()
}
