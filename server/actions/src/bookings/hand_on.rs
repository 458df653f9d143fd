//! Handing talks on: to a colleague, and when a person or an organisation drops out.

use yunqia_domain::{
    Refusal,
    calendar::Method,
    ids::{BookingId, DeskId, OrganisationId, PersonId, SlotId},
    letters::{Facts, Handover, LetterKind, Side},
    states::{BookingState, RegistrationState, WaitingState},
};
use yunqia_store::{
    Tx,
    bookings::{self, Booking},
    desks, letters, organisations, parts, registrations, sessions as store_sessions, waiting_places,
};
use yunqia_views::reason;

use super::{
    locked, must_be_version, must_lie_ahead,
    work::{Cause, Work, claims_for},
};
use crate::{
    Act,
    echo::Echo,
    error::{Error, Result},
    post::{About, Post, by as actor, display, invite},
    sessions,
};

/// Whose doing it is that somebody drops out: talks that end by it say so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leave {
    /// They leave, or their own side takes them out.
    OwnSide,
    /// The operator suspended or closed the account.
    Operator,
}

impl Leave {
    /// Why talks of the side that dropped out end.
    fn cause(self, side: Side) -> Cause {
        match (self, side) {
            (Leave::Operator, _) => Cause::by_operator(reason::code(Refusal::AccountOff)),
            (Leave::OwnSide, Side::Company) => Cause::by_company(reason::code(Refusal::DroppedOut)),
            (Leave::OwnSide, _) => Cause::by_hosts(Refusal::DroppedOut),
        }
    }
}

/// The centre hands a talk or request to a colleague, who must be free at its time.
pub async fn reassign(tx: &mut Tx, act: &mut Act, id: BookingId, version: Option<i64>, staff: PersonId) -> Result<()> {
    let (mut work, standing, booking) = locked(tx, act, id).await?;
    standing.must_speak_for(booking.centre_id)?;
    must_be_version(&booking, version)?;
    if !matches!(booking.state, BookingState::Requested | BookingState::Confirmed | BookingState::CheckedIn) {
        return Err(Refusal::IllegalMove.into());
    }
    must_lie_ahead(act, &booking)?;
    let people = organisations::people_of(tx, [booking.centre_id]).await?;
    if !people.iter().any(|member| member.person_id == staff) {
        return Err(Error::field("/staff_id", Refusal::NotAMember));
    }
    if staff == booking.staff_id {
        return Ok(());
    }
    if !hand_to(tx, act, &mut work, booking, Side::Centre, staff, Leave::OwnSide).await? {
        return Err(Refusal::StaffBusy.into());
    }
    work.finish(tx, act).await
}

/// A company or centre takes part no more: in all sessions its requests and talks ahead are cancelled and everyone
/// concerned is told, its waiting places are left, and a company's registrations are withdrawn. A centre's desks close.
pub async fn drop_out_company(tx: &mut Tx, act: &mut Act, organisation: OrganisationId, leave: Leave) -> Result<()> {
    lock_sessions_of(tx, &[organisation]).await?;
    let hosted = parts::sessions_hosted(tx, organisation).await?;
    let mut ids = bookings::sessions_of_organisation(tx, organisation).await?;
    ids.extend(registrations::live_sessions(tx, organisation).await?);
    ids.extend(&hosted);
    ids.sort();
    ids.dedup();
    let mut done = Done::default();
    for id in ids {
        let session = sessions::locked(tx, id).await?;
        let mut work = Work::on(session);
        let rows = bookings::ahead_of_organisation(tx, id, organisation, act.now).await?;
        let cause = leave.cause(if hosted.contains(&id) { Side::Centre } else { Side::Company });
        if hosted.contains(&id) {
            close_desks(tx, act, &mut work, organisation).await?;
        }
        work.cancel_all(tx, act, &rows, &cause).await?;
        if let Some(part) = registrations::of_company(tx, id, organisation).await? {
            let why = match leave {
                Leave::OwnSide => Refusal::DroppedOut,
                Leave::Operator => Refusal::AccountOff,
            };
            leave_session(tx, act, &mut work, part, Some(reason::code(why))).await?;
        }
        done.add(work.settle(tx, act).await?);
    }
    done.finish(tx, act).await
}

/// The requests and talks ahead of a company or centre in all sessions: what its dropping out ends.
pub(crate) async fn ahead_of(tx: &mut Tx, act: &Act, organisation: OrganisationId) -> Result<Vec<BookingId>> {
    let mut ahead = Vec::new();
    for session in bookings::sessions_of_organisation(tx, organisation).await? {
        ahead.extend(bookings::ahead_of_organisation(tx, session, organisation, act.now).await?);
    }
    Ok(ahead)
}

/// Whoever gives the one who drops out something to do in a session holds its lock. So all of them are taken before looking
/// for what there is; who comes later finds that the one who dropped out is not there any more. Every act that needs several
/// sessions locks them in the order of their ids. Who shows what the dropping out would hurt takes them before that. The
/// organisations' own locks come first: who registers one for a session that has nothing of it yet holds that. Who leaves
/// several organisations takes all their locks at once, or two acts could wait for each other.
pub(crate) async fn lock_sessions_of(tx: &mut Tx, organisations: &[OrganisationId]) -> Result<()> {
    let mut organisations = organisations.to_vec();
    organisations.sort();
    for id in &organisations {
        tx.lock(*id).await?;
    }
    for id in store_sessions::going_on_with(tx, &organisations).await? {
        tx.lock(id).await?;
    }
    Ok(())
}

/// Nobody books at a centre's desks any more, waits for them, or is reminded for it.
async fn close_desks(tx: &mut Tx, act: &Act, work: &mut Work, centre: OrganisationId) -> Result<()> {
    let session = work.session.id;
    let desks: Vec<DeskId> = desks::of_session(tx, session)
        .await?
        .into_iter()
        .filter(|desk| desk.centre_id == centre)
        .map(|desk| desk.id)
        .collect();
    let slots: Vec<SlotId> = desks::slots_of_session(tx, session)
        .await?
        .into_iter()
        .filter(|slot| desks.contains(&slot.desk_id) && slot.starts_at > act.now)
        .map(|slot| slot.id)
        .collect();
    desks::open_slots(tx, &slots, false).await?;
    work.leave_slots(tx, &slots).await?;
    work.echo.grids.insert(session);
    let people: Vec<PersonId> =
        organisations::people_of(tx, [centre]).await?.into_iter().map(|member| member.person_id).collect();
    letters::drop_session_reminders(tx, session, Some(&people)).await?;
    Ok(())
}

/// A person leaves an organisation: in every session that is not over, talks ahead go to a colleague who comes too and is
/// free, or are cancelled; places on waiting lists go to a colleague who comes, or are left; reminders stop. What is over
/// is history and stays as it was.
pub async fn drop_out_person(
    tx: &mut Tx,
    act: &mut Act,
    person: PersonId,
    organisation: OrganisationId,
    leave: Leave,
) -> Result<()> {
    lock_sessions_of(tx, &[organisation]).await?;
    let mut done = Done::default();
    for id in parts::sessions_ahead(tx, person, organisation).await? {
        let mut work = Work::on(sessions::locked(tx, id).await?);
        registrations::take_off(tx, id, person, organisation).await?;
        desks::take_off(tx, id, person, organisation).await?;
        let ahead = bookings::ahead_of_person(tx, person, organisation, act.now).await?;
        for row in bookings::find_all(tx, ahead).await?.into_iter().filter(|row| row.session_id == id) {
            replace(tx, act, &mut work, row, person, leave).await?;
        }
        work.hand_on_places(tx, act, organisation, person).await?;
        letters::drop_session_reminders(tx, id, Some(&[person])).await?;
        done.add(work.settle(tx, act).await?);
    }
    // What they may listen to has changed.
    done.echo.access.insert(person);
    done.finish(tx, act).await
}

/// A company leaves one session: its registration is withdrawn, its waiting places are left. Its bookings have ended.
pub(crate) async fn leave_session(
    tx: &mut Tx,
    act: &mut Act,
    work: &mut Work,
    mut part: registrations::Registration,
    why: Option<String>,
) -> Result<()> {
    if part.state.may_become(RegistrationState::Withdrawn) {
        let before = part.state;
        part.state = RegistrationState::Withdrawn;
        part.state_reason = why;
        if !registrations::update(tx, &part).await? {
            return Err(Refusal::OldVersion.into());
        }
        work.note_part(act, "registration.withdraw", &part, before);
        let people = registrations::attendees(tx, [part.id]).await?;
        let people: Vec<PersonId> = people.iter().map(|attendee| attendee.person_id).collect();
        letters::drop_session_reminders(tx, part.session_id, Some(&people)).await?;
    }
    leave_waiting_lists(tx, work, part.company_id).await?;
    work.echo.registrations.insert(part.id);
    work.echo.counts.insert(part.session_id);
    Ok(())
}

/// A company waits for nothing any more in a session; what it was offered goes to the next.
pub(crate) async fn leave_waiting_lists(tx: &mut Tx, work: &mut Work, company: OrganisationId) -> Result<()> {
    let session = work.session.id;
    for place in waiting_places::of_session(tx, session).await?.into_iter().filter(|place| place.company_id == company)
    {
        waiting_places::set_state(tx, place.id, place.state, WaitingState::Left).await?;
        if place.state == WaitingState::Offered {
            work.freed.insert(place.slot_id);
        }
        work.echo.waiting.insert(place.id);
        work.echo.cells.insert((session, place.slot_id));
    }
    Ok(())
}

/// People of a company who no longer come to a session hand their talks there to those who do.
pub(crate) async fn replace_contacts(
    tx: &mut Tx,
    act: &mut Act,
    work: &mut Work,
    company: OrganisationId,
    gone: &[PersonId],
) -> Result<()> {
    let ahead = bookings::ahead_of_organisation(tx, work.session.id, company, act.now).await?;
    for row in bookings::find_all(tx, ahead).await? {
        if row.company_id == company && gone.contains(&row.contact_id) {
            let contact = row.contact_id;
            replace(tx, act, work, row, contact, Leave::OwnSide).await?;
        }
    }
    Ok(())
}

/// Somebody else speaks for the side that lost its person, or the booking ends.
async fn replace(
    tx: &mut Tx,
    act: &mut Act,
    work: &mut Work,
    row: Booking,
    gone: PersonId,
    leave: Leave,
) -> Result<()> {
    let side = if row.contact_id == gone { Side::Company } else { Side::Centre };
    let others: Vec<PersonId> = match side {
        Side::Company => match registrations::of_company(tx, row.session_id, row.company_id).await? {
            Some(part) => registrations::attendees(tx, [part.id]).await?.iter().map(|one| one.person_id).collect(),
            None => Vec::new(),
        },
        _ => desks::staff(tx, [row.desk_id]).await?.iter().map(|one| one.person_id).collect(),
    };
    for other in others.into_iter().filter(|other| *other != gone) {
        if hand_to(tx, act, work, row.clone(), side, other, leave).await? {
            return Ok(());
        }
    }
    work.cancel_all(tx, act, &[row.id], &leave.cause(side)).await
}

/// Puts another person into a booking: claims move, calendars and reminders follow. False if that person is not free.
async fn hand_to(
    tx: &mut Tx,
    act: &mut Act,
    work: &mut Work,
    was: Booking,
    side: Side,
    to: PersonId,
    leave: Leave,
) -> Result<bool> {
    let mut now = was.clone();
    let gone = match side {
        Side::Company => std::mem::replace(&mut now.contact_id, to),
        _ => std::mem::replace(&mut now.staff_id, to),
    };
    let sold = was.state.is_sold();
    if sold {
        let wanted = claims_for(&was, &[to.0]);
        let (first, last) = (wanted.first().map_or(0, |c| c.tick), wanted.last().map_or(0, |c| c.tick + 1));
        if !bookings::claims(tx, [to.0], first, last).await?.is_empty() {
            return Ok(false);
        }
        bookings::release_claimant(tx, was.id, gone.0).await?;
        if !bookings::claim(tx, wanted).await? {
            // Taken in another session at this moment: nothing of this act is kept.
            return Err(if side == Side::Company { Refusal::PersonBusy } else { Refusal::StaffBusy }.into());
        }
        now.calendar_sequence += 1;
    }
    work.write(tx, &mut now).await?;
    work.note(act, "booking.hand_on", &now, Some(&was));
    work.changed(&now);
    work.echo.also.insert((now.id, gone));
    letters::drop_booking_reminders(tx, [now.id], Some(gone)).await?;
    tell(tx, act, work, &was, &now, side, leave).await?;
    if sold {
        let session = work.session.clone();
        work.post.remind(tx, act, &session, &now, &[side]).await?;
    }
    Ok(true)
}

/// The one who gives, the one who takes and the other side hear of it; a request has no calendar entry yet.
async fn tell(
    tx: &mut Tx,
    act: &mut Act,
    work: &mut Work,
    was: &Booking,
    now: &Booking,
    side: Side,
    leave: Leave,
) -> Result<()> {
    let session = work.session.clone();
    let of_side = |booking: &Booking| if side == Side::Company { booking.contact_id } else { booking.staff_id };
    let new = work.post.person(tx, of_side(now)).await?;
    let old = work.post.person(tx, of_side(was)).await?;
    let other_side = if side == Side::Company { Side::Centre } else { Side::Company };
    let other = if side == Side::Company { now.staff_id } else { now.contact_id };
    let other = work.post.person(tx, other).await?;
    let mut facts = work.post.talk(tx, &session, now).await?;
    facts.person = Some(display(&new));
    facts.by = Some(match (leave, side) {
        (Leave::Operator, _) => actor(Side::Operator, None),
        (Leave::OwnSide, Side::Company) => actor(side, facts.company.clone()),
        (Leave::OwnSide, _) => actor(side, facts.centre.clone()),
    });
    let sold = now.state.is_sold();
    for (reader, reader_side, handover, method) in [
        (old, side, Handover::Gives, Method::Cancel),
        (new, side, Handover::Takes, Method::Request),
        (other, other_side, Handover::Told, Method::Request),
    ] {
        let facts = Facts {
            reader: Some(reader_side),
            handover: Some(handover),
            calendar: sold.then(|| invite(now, method, act.now)),
            ..facts.clone()
        };
        work.post.add(act, LetterKind::SlotReassigned, &reader, &About::booking(now), facts);
    }
    Ok(())
}

/// What was done in several sessions, told at the end: topics are written in one order.
#[derive(Default)]
struct Done {
    posts: Vec<Post>,
    echo: Echo,
}

impl Done {
    fn add(&mut self, (post, echo): (Post, Echo)) {
        self.posts.push(post);
        self.echo.join(echo);
    }

    async fn finish(self, tx: &mut Tx, act: &mut Act) -> Result<()> {
        for post in self.posts {
            post.send(tx).await?;
        }
        self.echo.send(tx, act.now).await
    }
}
