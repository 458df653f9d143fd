//! Booking a slot: at once, or as a request where the desk wants to be asked.

use yunqia_domain::{
    Refusal,
    booking::{self, By, SUBJECT_LENGTH_MAX, Want},
    ids::{BookingId, OrganisationId, PersonId, SlotId},
    states::BookingOrigin,
};
use yunqia_store::{
    Tx,
    desks::{self, Slot},
    registrations,
};
use yunqia_views::{board::Board, drafts::BookingDraft, timetable::FREE_SLOTS_SHOWN};

use super::work::{New, Work};
use crate::{
    Act,
    error::{Error, Result},
    sessions,
    standing::{Standing, must_belong_to},
    words::optional_text,
};

/// A booking that may be made: everything is known and nothing stands in its way.
pub(super) struct Ready {
    pub board: Board,
    pub slot: Slot,
    pub by: By,
    pub want: Want,
    pub contact: PersonId,
}

/// Books a slot for a company: its own people do, or the desk's for a company that phoned.
pub async fn book(tx: &mut Tx, act: &mut Act, draft: BookingDraft) -> Result<BookingId> {
    let slot = find(tx, draft.slot_id).await?;
    tx.lock(slot.session_id).await?;
    let subject = subject(&draft.subject)?;
    let ready = prepare(tx, act, &draft).await?;
    let origin = if ready.by == By::Centre { BookingOrigin::Centre } else { BookingOrigin::Company };
    let mut work = Work::on(ready.board.session.clone());
    let id = work.take(tx, act, &ready, New { origin, subject, was: None }).await?;
    work.finish(tx, act).await?;
    Ok(id)
}

/// The same question without the act, for a transaction that only reads: most refusals need no write lock. A refusal names
/// times that are free instead.
pub async fn check(tx: &mut Tx, act: &Act, draft: &BookingDraft) -> Result<()> {
    subject(&draft.subject)?;
    match prepare(tx, act, draft).await {
        Ok(_) => Ok(()),
        Err(Error::Refused(no)) if no.refusal.kind() == yunqia_domain::refusal::Kind::Rule => {
            let slot = find(tx, draft.slot_id).await?;
            let by = by(tx, act, &slot, draft.company_id).await?;
            let session = sessions::find(tx, slot.session_id).await?;
            let slots = desks::slots_of_session(tx, session.id).await?;
            let board = Board::read(tx, session, slots, draft.company_id, draft.contact_id).await?;
            let free = board.free_slots(by, Some(slot.desk_id), None, act.now, FREE_SLOTS_SHOWN);
            Err(Error::with_free_slots(no.refusal, free))
        }
        Err(error) => Err(error),
    }
}

async fn prepare(tx: &mut Tx, act: &Act, draft: &BookingDraft) -> Result<Ready> {
    let slot = find(tx, draft.slot_id).await?;
    let by = by(tx, act, &slot, draft.company_id).await?;
    ready(tx, act, slot, by, draft.company_id, draft.contact_id).await
}

/// Reads what bears on the slot and asks whether the company may have it.
pub(super) async fn ready(
    tx: &mut Tx,
    act: &Act,
    slot: Slot,
    by: By,
    company: OrganisationId,
    wish: Option<PersonId>,
) -> Result<Ready> {
    let session = sessions::find(tx, slot.session_id).await?;
    let contact = contact(tx, &session, company, wish).await?;
    let want = booking::want(by, session.booking_mode);
    let board = Board::read(tx, session, vec![slot], company, contact).await?;
    booking::judge(&board.ask(&slot, by, want, None, act.now))?;
    // Nobody is named where nobody was told who comes; the judgement has said what is missing before.
    let contact = contact.ok_or_else(|| Error::field("/contact_id", Refusal::Required))?;
    Ok(Ready { board, slot, by, want, contact })
}

pub(super) async fn find(tx: &mut Tx, slot: SlotId) -> Result<Slot> {
    desks::slot(tx, slot).await?.ok_or(Error::NotFound)
}

/// In whose name the one who acts books.
async fn by(tx: &mut Tx, act: &Act, slot: &Slot, company: OrganisationId) -> Result<By> {
    if must_belong_to(tx, act, company).await.is_ok() {
        return Ok(By::Company);
    }
    let session = sessions::find(tx, slot.session_id).await?;
    let desk = desks::find(tx, slot.desk_id).await?.ok_or(Error::NotFound)?;
    Standing::read(tx, act, &session).await?.must_speak_for(desk.centre_id)?;
    Ok(By::Centre)
}

/// Who comes: the one named, who must be among the attendees, or the first of them.
async fn contact(
    tx: &mut Tx,
    session: &yunqia_store::sessions::Session,
    company: OrganisationId,
    wish: Option<PersonId>,
) -> Result<Option<PersonId>> {
    let Some(part) = registrations::of_company(tx, session.id, company).await? else { return Ok(None) };
    let attendees = registrations::attendees(tx, [part.id]).await?;
    match wish {
        None => Ok(attendees.first().map(|first| first.person_id)),
        Some(wish) if attendees.iter().any(|attendee| attendee.person_id == wish) => Ok(Some(wish)),
        Some(_) => Err(Error::field("/contact_id", Refusal::NotAMember)),
    }
}

fn subject(text: &str) -> Result<String> {
    Ok(optional_text("/subject", Some(text), SUBJECT_LENGTH_MAX)?.unwrap_or_default())
}
