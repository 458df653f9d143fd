//! Booking a slot: at once, or as a request where the desk wants to be asked. Many at a time, or one.

use std::collections::{HashMap, HashSet};

use yunqia_domain::{
    Refusal, Timestamp,
    booking::{self, By, SUBJECT_LENGTH_MAX, Want},
    ids::{BookingId, DeskId, OrganisationId, PersonId, RegistrationId, SessionId, SlotId},
    states::{BookingOrigin, OrganisationKind},
};
use yunqia_store::{
    Tx,
    desks::{self, Slot},
    organisations, registrations,
    sessions::Session,
};
use yunqia_views::{
    board::{Board, Guest},
    common::FreeSlot,
    drafts::BookingDraft,
    timetable::FREE_SLOTS_SHOWN,
};

use super::work::{Made, New, Work};
use crate::{
    Act,
    error::{Error, Result},
    sessions,
    standing::Standing,
    words::optional_text,
};

/// One of the bookings that are made together.
pub struct Wish<'a> {
    pub act: &'a mut Act,
    pub draft: &'a BookingDraft,
}

/// What a wish asks of the board.
#[derive(Clone, Copy)]
pub(super) struct Asked {
    pub slot: Slot,
    pub by: By,
    pub want: Want,
    pub guest: Guest,
}

impl Asked {
    /// Asks whether it may be; gives who comes. `except` is the booking that moves here.
    pub fn judge(&self, board: &Board, act: &Act, except: Option<BookingId>) -> Result<PersonId> {
        booking::judge(&board.ask(self.guest, &self.slot, self.by, self.want, except, act.now))?;
        // Nobody is named where nobody was told who comes; the judgement has said what is missing before.
        self.guest.contact.ok_or_else(|| Error::field("/contact_id", Refusal::Required))
    }
}

/// Books a slot for a company: its own people do, or the desk's for a company that phoned.
pub async fn book(tx: &mut Tx, act: &mut Act, draft: BookingDraft) -> Result<BookingId> {
    let session = session_of(tx, draft.slot_id).await?;
    let mut wishes = [Wish { act, draft: &draft }];
    book_all(tx, session, &mut wishes).await?.pop().expect("one wish has one outcome")
}

/// Books slots of one session: each wish is judged against the board as those before it left it, and what may be is
/// written with one statement for each kind of row. Who may not have theirs is told so; the others have theirs.
///
/// An error is one of all: a rival on another node was faster, or the database failed. Nothing may be kept then.
pub async fn book_all(tx: &mut Tx, session: SessionId, wishes: &mut [Wish<'_>]) -> Result<Vec<Result<BookingId>>> {
    let session = sessions::locked(tx, session).await?;
    let asked = ask_all(tx, &session, wishes).await?;
    let mut board = board(tx, session.clone(), &asked).await?;
    let mut work = Work::on(session);
    let mut outcomes = Vec::new();
    let mut made = Vec::new();
    for (Wish { act, draft }, asked) in wishes.iter_mut().zip(asked) {
        let outcome = asked.and_then(|asked| {
            let subject = subject(&draft.subject)?;
            let contact = asked.judge(&board, act, None)?;
            let origin = if asked.by == By::Centre { BookingOrigin::Centre } else { BookingOrigin::Company };
            let booking = work.place(act, &board, &asked, contact, New { origin, subject, was: None })?;
            board.add(&booking);
            Ok((asked.by, booking))
        });
        outcomes.push(outcome.map(|(by, booking)| {
            let id = booking.id;
            made.push(Made { act, by, booking, was: None });
            id
        }));
    }
    if !made.is_empty() {
        work.make_all(tx, &board, made).await?;
        // What is told at the end has one time.
        let last = wishes.iter_mut().map(|wish| &mut *wish.act).max_by_key(|act| act.now);
        work.finish(tx, last.expect("one was made")).await?;
    }
    Ok(outcomes)
}

/// The same question without the act, for a transaction that only reads. A refusal names times that are free instead.
pub async fn check(tx: &mut Tx, act: &mut Act, draft: &BookingDraft) -> Result<()> {
    let session = session_of(tx, draft.slot_id).await?;
    let session = sessions::find(tx, session).await?;
    let wishes = [Wish { act, draft }];
    let asked = ask_all(tx, &session, &wishes).await?;
    let board = board(tx, session, &asked).await?;
    let judged = asked.into_iter().next().expect("one wish is asked once").and_then(|asked| {
        subject(&draft.subject)?;
        asked.judge(&board, wishes[0].act, None)
    });
    match judged {
        Ok(_) => Ok(()),
        Err(Error::Refused(no)) if no.refusal.kind() == yunqia_domain::refusal::Kind::Rule => {
            let free = instead(tx, board.session, &wishes).await?.pop().unwrap_or_default();
            Err(Error::with_free_slots(no.refusal, free))
        }
        Err(error) => Err(error),
    }
}

/// Times that can be had, for each of these wishes that could not have its own; those of the same desk first. They are
/// what is free now: one reading of the board serves all, and a second one those whom the nearest times do not suit.
pub async fn instead(tx: &mut Tx, session: Session, wishes: &[Wish<'_>]) -> Result<Vec<Vec<FreeSlot>>> {
    let asked = ask_all(tx, &session, wishes).await?;
    let mut free = vec![Vec::new(); wishes.len()];
    let Some(now) = wishes.iter().map(|wish| wish.act.now).min() else { return Ok(free) };
    let unsold = desks::unsold_slots(tx, session.id, now).await?;
    let near = near(&unsold, &asked.iter().flatten().map(|asked| asked.slot.desk_id).collect());
    let near_is_all = near.len() == unsold.len();
    for slots in [near, unsold] {
        let short: Vec<usize> =
            (0..wishes.len()).filter(|n| asked[*n].is_ok() && free[*n].len() < FREE_SLOTS_SHOWN).collect();
        if short.is_empty() {
            break;
        }
        let guests: Vec<Guest> = short.iter().flat_map(|n| &asked[*n]).map(|asked| asked.guest).collect();
        let board = Board::read(tx, session.clone(), slots, &guests).await?;
        for n in short {
            if let Ok(Asked { guest, by, slot, .. }) = asked[n] {
                free[n] = board.free_slots(guest, by, Some(slot.desk_id), wishes[n].act.now, FREE_SLOTS_SHOWN);
            }
        }
        if near_is_all {
            break;
        }
    }
    Ok(free)
}

/// The slots of these desks, and of the others a few at each time.
fn near(slots: &[Slot], desks: &HashSet<DeskId>) -> Vec<Slot> {
    let mut others: HashMap<Timestamp, usize> = HashMap::new();
    let near = |slot: &&Slot| {
        desks.contains(&slot.desk_id) || {
            let at_this_time = others.entry(slot.starts_at).or_default();
            *at_this_time += 1;
            *at_this_time <= FREE_SLOTS_SHOWN
        }
    };
    slots.iter().filter(near).copied().collect()
}

/// The slot, and all others of its session, with the session they belong to. That never changes.
pub async fn slots_beside(tx: &mut Tx, slot: SlotId) -> Result<Vec<(SlotId, SessionId)>> {
    Ok(desks::slots_beside(tx, slot).await?)
}

async fn session_of(tx: &mut Tx, slot: SlotId) -> Result<SessionId> {
    Ok(find(tx, slot).await?.session_id)
}

/// Reads what bears on a slot that one company asks for, and asks whether it may have it.
pub(super) async fn ready(
    tx: &mut Tx,
    act: &Act,
    slot: Slot,
    by: By,
    company: OrganisationId,
) -> Result<(Board, Asked, PersonId)> {
    let session = sessions::find(tx, slot.session_id).await?;
    let contact =
        contacts(tx, session.id, [company]).await?.remove(&company).and_then(|people| people.first().copied());
    let asked = Asked { slot, by, want: booking::want(by, session.booking_mode), guest: Guest { company, contact } };
    let board = Board::read(tx, session, vec![slot], &[asked.guest]).await?;
    let contact = asked.judge(&board, act, None)?;
    Ok((board, asked, contact))
}

pub(super) async fn find(tx: &mut Tx, slot: SlotId) -> Result<Slot> {
    desks::slot(tx, slot).await?.ok_or(Error::NotFound)
}

/// What each wish asks: its slot, in whose name, and who would come.
async fn ask_all(tx: &mut Tx, session: &Session, wishes: &[Wish<'_>]) -> Result<Vec<Result<Asked>>> {
    let slots = desks::slots(tx, wishes.iter().map(|wish| wish.draft.slot_id)).await?;
    let slots: HashMap<SlotId, Slot> =
        slots.into_iter().filter(|slot| slot.session_id == session.id).map(|slot| (slot.id, slot)).collect();
    let actors = wishes.iter().filter_map(|wish| wish.act.by);
    let members = organisations::memberships_of(tx, actors).await?;
    let contacts = contacts(tx, session.id, wishes.iter().map(|wish| wish.draft.company_id)).await?;
    let mut all = Vec::new();
    for Wish { act, draft } in wishes {
        let belongs = members.iter().any(|member| {
            Some(member.person_id) == act.by
                && member.organisation_id == draft.company_id
                && member.kind == OrganisationKind::Company
        });
        let by = if belongs { By::Company } else { By::Centre };
        let Some(&slot) = slots.get(&draft.slot_id) else {
            all.push(Err(Error::NotFound));
            continue;
        };
        if by == By::Centre
            && let Err(error) = must_host(tx, act, session, slot.desk_id).await
        {
            all.push(Err(error));
            continue;
        }
        let contact = match contacts.get(&draft.company_id) {
            None => Ok(None),
            Some(people) => match draft.contact_id {
                None => Ok(people.first().copied()),
                Some(wish) if people.contains(&wish) => Ok(Some(wish)),
                Some(_) => Err(Error::field("/contact_id", Refusal::NotAMember)),
            },
        };
        let want = booking::want(by, session.booking_mode);
        all.push(contact.map(|contact| Asked { slot, by, want, guest: Guest { company: draft.company_id, contact } }));
    }
    Ok(all)
}

async fn board(tx: &mut Tx, session: Session, asked: &[Result<Asked>]) -> Result<Board> {
    let asked: Vec<(Guest, Slot)> = asked.iter().flatten().map(|asked| (asked.guest, asked.slot)).collect();
    Ok(Board::read_asked(tx, session, &asked).await?)
}

/// Who does not belong to the company books in the desk's name, or not at all.
async fn must_host(tx: &mut Tx, act: &Act, session: &Session, desk: DeskId) -> Result<()> {
    let desk = desks::find(tx, desk).await?.ok_or(Error::NotFound)?;
    Standing::read(tx, act, session).await?.must_speak_for(desk.centre_id)
}

/// Who comes for each company that has a part in the session, in order.
async fn contacts(
    tx: &mut Tx,
    session: SessionId,
    companies: impl IntoIterator<Item = OrganisationId>,
) -> Result<HashMap<OrganisationId, Vec<PersonId>>> {
    let parts = registrations::of_companies(tx, session, companies).await?;
    let of: HashMap<RegistrationId, OrganisationId> = parts.iter().map(|part| (part.id, part.company_id)).collect();
    let mut people: HashMap<OrganisationId, Vec<PersonId>> =
        of.values().map(|company| (*company, Vec::new())).collect();
    for attendee in registrations::attendees(tx, of.keys().copied()).await? {
        people.entry(of[&attendee.registration_id]).or_default().push(attendee.person_id);
    }
    Ok(people)
}

fn subject(text: &str) -> Result<String> {
    Ok(optional_text("/subject", Some(text), SUBJECT_LENGTH_MAX)?.unwrap_or_default())
}
