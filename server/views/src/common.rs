//! Small shapes that many views share.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use yunqia_domain::{
    Refusal, Timestamp,
    ids::{BookingId, DeskId, SlotId},
    locale::Locale,
    states::BookingState,
};

use crate::cards::OrganisationCard;

/// One page of a list; `next` is the cursor of the page after it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Page<T> {
    pub items: Vec<T>,
    pub next: Option<String>,
    /// The number of all items, only where counting is cheap.
    pub total: Option<i64>,
}

/// A yes, or a no with its reason in the reader's language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Judgement {
    pub ok: bool,
    pub code: Option<String>,
    pub reason: Option<String>,
}

impl Judgement {
    pub fn of(result: Result<(), Refusal>, locale: Locale) -> Judgement {
        match result {
            Ok(()) => Judgement { ok: true, code: None, reason: None },
            Err(refusal) => {
                Judgement { ok: false, code: Some(refusal.code().into()), reason: Some(refusal.text(locale).into()) }
            }
        }
    }
}

/// A slot that the reader could book.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FreeSlot {
    pub slot_id: SlotId,
    pub desk_id: DeskId,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
}

/// What a change would do to a booking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImpactKind {
    Cancelled,
    SlotRemoved,
    OutsideWindow,
    OverLimit,
    /// A colleague takes it over; where none is free it is cancelled.
    HandedOn,
    /// The hall would take place at its time.
    HallThen,
    /// It keeps its time, while the hall around it moves.
    Kept,
}

/// A booking that a change would hurt.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ImpactItem {
    pub booking_id: BookingId,
    pub company: OrganisationCard,
    pub centre: OrganisationCard,
    pub desk_id: DeskId,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    pub state: BookingState,
    pub what: ImpactKind,
}
