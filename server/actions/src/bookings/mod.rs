//! Acts on bookings. Whether a company may have a slot is decided in `domain::booking`; here it is asked, and what follows
//! is done: rows, claims, rooms, letters and events, in one transaction under the session's lock.
//!
//! | act | file |
//! |---|---|
//! | book, also on behalf of a company; many at once, or one | `book` |
//! | accept, decline, cancel, propose another time, answer a proposal | `answer` |
//! | move to another slot | `reschedule` |
//! | hand to a colleague, drop out | `hand_on` |
//! | waiting lists | `waiting` |
//! | what all of them do in the end: take a slot, end a booking | `work` |

mod answer;
mod book;
mod hand_on;
mod reschedule;
mod waiting;
mod work;

pub use answer::{accept, answer_proposal, cancel, decline, propose};
pub use book::{Wish, book, book_all, check, instead, slots_beside};
pub use hand_on::{Leave, drop_out_company, drop_out_person, reassign};
pub(crate) use hand_on::{ahead_of, leave_session, leave_waiting_lists, lock_sessions_of, replace_contacts};
pub use reschedule::reschedule;
pub use waiting::{join_waiting, leave_waiting, take_offer};
pub(crate) use work::{Cause, Work, impact_of};

use yunqia_domain::{Refusal, booking::By, ids::BookingId, letters::Side, states::BookingState};
use yunqia_store::{
    Tx,
    bookings::{self, Booking},
};

use crate::{
    Act,
    error::{Error, Result},
    sessions,
    standing::{Standing, must_belong_to},
};

/// A booking under its session's lock, and what the one who acts is in that session.
async fn locked(tx: &mut Tx, act: &Act, id: BookingId) -> Result<(Work, Standing, Booking)> {
    let session = bookings::find(tx, id).await?.ok_or(Error::NotFound)?.session_id;
    let session = sessions::locked(tx, session).await?;
    // Read again: it may have changed before the lock was had.
    let booking = bookings::find(tx, id).await?.ok_or(Error::NotFound)?;
    let standing = Standing::read(tx, act, &session).await?;
    Ok((Work::on(session), standing, booking))
}

/// On which side of a booking somebody acts; who is on neither may not.
async fn side(tx: &mut Tx, act: &Act, standing: &Standing, booking: &Booking) -> Result<By> {
    if must_belong_to(tx, act, booking.company_id).await.is_ok() {
        return Ok(By::Company);
    }
    standing.must_speak_for(booking.centre_id)?;
    Ok(By::Centre)
}

/// Refuses moves that the booking's state machine does not know.
fn must_become(booking: &Booking, next: BookingState) -> Result<()> {
    if booking.state.may_become(next) { Ok(()) } else { Err(Refusal::IllegalMove.into()) }
}

/// A talk that has begun cannot be taken back; what became of it is said afterwards.
fn must_lie_ahead(act: &Act, booking: &Booking) -> Result<()> {
    if booking.starts_at > act.now { Ok(()) } else { Err(Refusal::SlotPast.into()) }
}

fn must_be_version(booking: &Booking, version: Option<i64>) -> Result<()> {
    match version {
        Some(version) if version != booking.version => Err(Refusal::OldVersion.into()),
        _ => Ok(()),
    }
}

fn side_of(by: By) -> Side {
    match by {
        By::Centre => Side::Centre,
        By::Company | By::WaitingList => Side::Company,
    }
}
