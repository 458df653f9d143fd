//! Moving a booking to another slot: the old one is freed and the new one taken in one transaction.

use yunqia_domain::{
    Refusal,
    booking::{self, By, Want},
    calendar::Method,
    ids::{BookingId, SlotId},
    letters::{Handover, LetterKind, Side},
    session::REASON_LENGTH_MAX,
    states::BookingState,
};
use yunqia_store::{
    Tx,
    bookings::{self, Booking},
    desks,
};
use yunqia_views::board::{Board, Guest};

use super::{
    book::{Asked, find},
    locked, must_be_version, must_lie_ahead, side, side_of,
    work::{New, Work},
};
use crate::{
    Act,
    error::{Error, Result},
    post::{About, by as actor, display, invite},
    words,
};

/// Moves a booking; gives the one that follows it. By the company, in request mode, it is asked for again; by the centre a
/// talk stays a talk. The calendar entry keeps its identity and grows newer.
pub async fn reschedule(
    tx: &mut Tx,
    act: &mut Act,
    id: BookingId,
    version: Option<i64>,
    slot: SlotId,
    why: Option<&str>,
) -> Result<BookingId> {
    let (mut work, standing, booking) = locked(tx, act, id).await?;
    let by = side(tx, act, &standing, &booking).await?;
    must_be_version(&booking, version)?;
    match booking.state {
        BookingState::Confirmed => {}
        BookingState::Requested if by == By::Company => {}
        _ => return Err(Refusal::IllegalMove.into()),
    }
    must_lie_ahead(act, &booking)?;
    let why = words::optional_text("/reason", why, REASON_LENGTH_MAX)?;
    let slot = find(tx, slot).await?;
    let desk = desks::find(tx, slot.desk_id).await?.ok_or(Error::NotFound)?;
    if slot.id == booking.slot_id || slot.session_id != booking.session_id || desk.centre_id != booking.centre_id {
        return Err(Refusal::OtherCentre.into());
    }
    let want = booking::want(by, work.session.booking_mode);
    let contact = booking.contact_id;
    let guest = Guest { company: booking.company_id, contact: Some(contact) };
    let board = Board::read(tx, work.session.clone(), vec![slot], &[guest]).await?;
    let asked = Asked { slot, by, want, guest };
    asked.judge(&board, act, Some(id))?;
    let moved = work.end_all(tx, act, &[id], BookingState::Moved, why.clone()).await?;
    // Moved back to being asked for: the old time leaves the calendars until the desk has answered.
    if want == Want::Request && booking.state.is_sold() {
        for (_, gone) in &moved {
            let session = work.session.clone();
            let mut facts = work.post.talk(tx, &session, gone).await?;
            facts.by = Some(actor(side_of(by), facts.company.clone()));
            facts.reason = why.clone();
            facts.calendar = Some(invite(gone, Method::Cancel, act.now));
            work.post.add_to_both(tx, act, LetterKind::SlotCancelled, gone, facts).await?;
        }
    }
    let new = New { origin: booking.origin, subject: booking.subject.clone(), was: Some(booking.clone()) };
    let id = work.take(tx, act, &board, &asked, contact, new).await?;
    if want == Want::Talk && booking.state.is_sold() {
        for (_, gone) in &moved {
            tell_who_gave(tx, act, &mut work, gone, id, by, why.clone()).await?;
        }
    }
    work.finish(tx, act).await?;
    Ok(id)
}

/// At the new time a colleague may have the talk: then it leaves the calendar of the one who had it.
async fn tell_who_gave(
    tx: &mut Tx,
    act: &mut Act,
    work: &mut Work,
    gone: &Booking,
    next: BookingId,
    by: By,
    why: Option<String>,
) -> Result<()> {
    let next = bookings::find(tx, next).await?.ok_or(Error::NotFound)?;
    if next.staff_id == gone.staff_id {
        return Ok(());
    }
    let session = work.session.clone();
    let (old, new) = (work.post.person(tx, gone.staff_id).await?, work.post.person(tx, next.staff_id).await?);
    let mut facts = work.post.talk(tx, &session, gone).await?;
    let side = side_of(by);
    facts.by = Some(actor(side, if side == Side::Company { facts.company.clone() } else { facts.centre.clone() }));
    facts.reader = Some(Side::Centre);
    facts.person = Some(display(&new));
    facts.handover = Some(Handover::Gives);
    facts.reason = why;
    facts.calendar = Some(invite(gone, Method::Cancel, act.now));
    work.post.add(act, LetterKind::SlotReassigned, &old, &About::booking(gone), facts);
    Ok(())
}
