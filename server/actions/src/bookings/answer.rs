//! Answers to requests and talks: accept, decline, cancel, propose another time, answer a proposal.

use yunqia_domain::{
    Refusal,
    booking::{self, By, Want},
    ids::{BookingId, SlotId},
    letters::{Facts, LetterKind, Side, Span},
    session::REASON_LENGTH_MAX,
    states::{BookingOrigin, BookingState},
};
use yunqia_store::{Tx, bookings::Booking, desks};
use yunqia_views::board::{Board, Guest};

use super::{
    book::{Asked, find},
    locked, must_be_version, must_become, must_lie_ahead, side,
    work::{Cause, Confirmed, New, Told, Work},
};
use crate::{
    Act,
    error::{Error, Result},
    words,
};

/// The desk takes a request: everything is looked at again, and what was asked for becomes a talk. Other requests for the
/// slot lose.
pub async fn accept(tx: &mut Tx, act: &mut Act, id: BookingId, version: Option<i64>) -> Result<()> {
    let (mut work, standing, mut booking) = locked(tx, act, id).await?;
    standing.must_speak_for(booking.centre_id)?;
    must_be_version(&booking, version)?;
    must_become(&booking, BookingState::Confirmed)?;
    if booking.state != BookingState::Requested {
        return Err(Refusal::IllegalMove.into());
    }
    if booking.expires_at.is_some_and(|at| at <= act.now) {
        return Err(Refusal::RequestExpired.into());
    }
    let slot = find(tx, booking.slot_id).await?;
    let guest = Guest { company: booking.company_id, contact: Some(booking.contact_id) };
    let board = Board::read(tx, work.session.clone(), vec![slot], &[guest]).await?;
    booking::judge(&board.ask(guest, &slot, By::Centre, Want::Talk, Some(id), act.now))?;
    let was = booking.clone();
    booking.state = BookingState::Confirmed;
    booking.hold_place = None;
    booking.proposed_slot_id = None;
    booking.decided_at = Some(act.now);
    booking.staff_id = board.free_staff(&slot, Some(booking.staff_id), Some(id)).ok_or(Refusal::StaffBusy)?;
    // The entry that was taken out of calendars when the talk was moved comes back newer.
    booking.calendar_sequence += i64::from(booking.moved_from_id.is_some());
    work.write(tx, &mut booking).await?;
    work.note(act, "booking.accept", &booking, Some(&was));
    work.changed(&booking);
    let told = Told { by: By::Centre, was: None, reason: None };
    work.confirm(tx, vec![Confirmed { act, talk: booking, told }]).await?;
    work.finish(tx, act).await
}

/// The desk declines a request, with or without a word why.
pub async fn decline(tx: &mut Tx, act: &mut Act, id: BookingId, version: Option<i64>, why: Option<&str>) -> Result<()> {
    let (mut work, standing, booking) = locked(tx, act, id).await?;
    standing.must_speak_for(booking.centre_id)?;
    must_be_version(&booking, version)?;
    must_become(&booking, BookingState::Declined)?;
    let why = words::optional_text("/reason", why, REASON_LENGTH_MAX)?;
    work.decline(tx, act, id, why).await?;
    work.finish(tx, act).await
}

/// Either side cancels, and says why; the operator may for both.
pub async fn cancel(tx: &mut Tx, act: &mut Act, id: BookingId, version: Option<i64>, why: &str) -> Result<()> {
    let (mut work, standing, booking) = locked(tx, act, id).await?;
    let by = side(tx, act, &standing, &booking).await?;
    must_be_version(&booking, version)?;
    let operator = by == By::Centre && standing.operator && !standing.is_member_of(booking.centre_id);
    let (state, side) = match by {
        By::Centre if operator => (BookingState::CancelledByOperator, Side::Operator),
        By::Centre => (BookingState::CancelledByCentre, Side::Centre),
        By::Company | By::WaitingList => (BookingState::CancelledByCompany, Side::Company),
    };
    must_become(&booking, state)?;
    must_lie_ahead(act, &booking)?;
    let why = words::reason(why, REASON_LENGTH_MAX)?;
    work.cancel_all(tx, act, &[id], &Cause { state, side, reason: Some(why) }).await?;
    work.finish(tx, act).await
}

/// The desk proposes another time for a request; it stays held until the company answers or its time is up.
pub async fn propose(
    tx: &mut Tx,
    act: &mut Act,
    id: BookingId,
    version: Option<i64>,
    slot: SlotId,
    note: Option<&str>,
) -> Result<()> {
    let (mut work, standing, mut booking) = locked(tx, act, id).await?;
    standing.must_speak_for(booking.centre_id)?;
    must_be_version(&booking, version)?;
    if booking.state != BookingState::Requested {
        return Err(Refusal::IllegalMove.into());
    }
    if booking.expires_at.is_some_and(|at| at <= act.now) {
        return Err(Refusal::RequestExpired.into());
    }
    let note = words::optional_text("/note", note, REASON_LENGTH_MAX)?;
    let (slot, ..) = other_slot(tx, act, &work, &booking, slot).await?;
    let was = booking.clone();
    booking.proposed_slot_id = Some(slot.id);
    // The company gets as long as a desk gets; neither slot is held past its start.
    let until = booking::hold_expires_at(act.now, work.session.request_minutes, booking.starts_at.min(slot.starts_at));
    booking.expires_at = Some(until);
    work.write(tx, &mut booking).await?;
    work.note(act, "booking.propose", &booking, Some(&was));
    work.changed(&booking);
    let session = work.session.clone();
    let mut facts = work.post.talk(tx, &session, &booking).await?;
    facts.was = Some(Span { starts_at: booking.starts_at, ends_at: booking.ends_at });
    if let Some(talk) = &mut facts.talk {
        talk.starts_at = slot.starts_at;
        talk.ends_at = slot.ends_at;
    }
    let facts = Facts { deadline: Some(until), note, ..facts };
    work.post.add_to_side(tx, act, LetterKind::SlotProposed, &booking, Side::Company, facts).await?;
    work.finish(tx, act).await
}

/// The company takes the proposed time, which then is a talk, or leaves the request as it is. Gives the booking that counts.
pub async fn answer_proposal(
    tx: &mut Tx,
    act: &mut Act,
    id: BookingId,
    version: Option<i64>,
    yes: bool,
) -> Result<BookingId> {
    let (mut work, _, mut booking) = locked(tx, act, id).await?;
    crate::standing::must_belong_to(tx, act, booking.company_id).await?;
    must_be_version(&booking, version)?;
    let Some(slot) = booking.proposed_slot_id.filter(|_| booking.state == BookingState::Requested) else {
        return Err(Refusal::IllegalMove.into());
    };
    if booking.expires_at.is_some_and(|at| at <= act.now) {
        return Err(Refusal::RequestExpired.into());
    }
    if !yes {
        let was = booking.clone();
        booking.proposed_slot_id = None;
        work.write(tx, &mut booking).await?;
        work.note(act, "booking.decline_proposal", &booking, Some(&was));
        work.changed(&booking);
        work.finish(tx, act).await?;
        return Ok(id);
    }
    let (slot, board, guest) = other_slot(tx, act, &work, &booking, slot).await?;
    work.end_all(tx, act, &[id], BookingState::Moved, None).await?;
    let asked = Asked { slot, by: By::Company, want: Want::Talk, guest };
    let contact = booking.contact_id;
    let new = New { origin: BookingOrigin::Company, subject: booking.subject.clone(), was: Some(booking) };
    let id = work.take(tx, act, &board, &asked, contact, new).await?;
    work.finish(tx, act).await?;
    Ok(id)
}

/// The slot a centre would have the talk in, if that can be: one of its own, of the same session.
async fn other_slot(
    tx: &mut Tx,
    act: &Act,
    work: &Work,
    booking: &Booking,
    slot: SlotId,
) -> Result<(desks::Slot, Board, Guest)> {
    let slot = find(tx, slot).await?;
    let desk = desks::find(tx, slot.desk_id).await?.ok_or(Error::NotFound)?;
    if slot.id == booking.slot_id || desk.centre_id != booking.centre_id || slot.session_id != booking.session_id {
        return Err(Refusal::OtherCentre.into());
    }
    let guest = Guest { company: booking.company_id, contact: Some(booking.contact_id) };
    let board = Board::read(tx, work.session.clone(), vec![slot], &[guest]).await?;
    booking::judge(&board.ask(guest, &slot, By::Centre, Want::Talk, Some(booking.id), act.now))?;
    Ok((slot, board, guest))
}
