//! What every act on bookings does in the end: take a slot, end a booking, tell those concerned, and give what became free
//! to those who wait.

use std::collections::BTreeSet;

use serde_json::json;
use uuid::Uuid;
use yunqia_domain::{
    Refusal,
    booking::{self, By, Want},
    calendar::Method,
    ids::{BookingId, ChannelId, DeskId, PersonId, SlotId},
    letters::{Facts, FreeTime, LetterKind, Side, Span},
    locale::{LocalText, Locale},
    slot_grid::ticks,
    states::{BookingOrigin, BookingState, RegistrationState, WaitingState},
};
use yunqia_store::{
    Tx, audit,
    bookings::{self, Booking, Claim},
    channels, desks, letters,
    registrations::Registration,
    sessions::Session,
    waiting_places,
};
use yunqia_views::{
    board::{Board, Guest},
    cards::Cards,
    common::{ImpactItem, ImpactKind},
    reason,
};

use super::book::Asked;
use crate::{
    Act,
    act::Note,
    echo::Echo,
    error::{Error, Result},
    post::{About, Post, by, invite},
};

/// Times named in a letter that brings bad news.
const FREE_TIMES_MAX: usize = 5;
/// Desks named beside one of these times.
const FREE_DESKS_MAX: usize = 3;
/// People of a desk who are told of a request.
const DESK_READERS_MAX: usize = 5;

/// An act on the bookings of one session, whose lock it holds.
pub(crate) struct Work {
    pub session: Session,
    pub post: Post,
    pub echo: Echo,
    /// Lines of the audit log, written with the letters.
    notes: Vec<audit::Entry>,
    /// Slots that became free: they are offered to those who wait when the act is done.
    pub freed: BTreeSet<SlotId>,
}

/// Why a booking ends, and by whom.
pub(crate) struct Cause {
    pub state: BookingState,
    pub side: Side,
    /// As stored: words of a person, or the code of a rule.
    pub reason: Option<String>,
}

/// A booking to be made, beside what [`Asked`] says.
pub(super) struct New {
    pub origin: BookingOrigin,
    pub subject: String,
    /// The booking that moves here.
    pub was: Option<Booking>,
}

/// A booking that is to be written, with the circumstances of its act.
pub(super) struct Made<'a> {
    pub act: &'a mut Act,
    pub by: By,
    pub booking: Booking,
    /// The booking that moves here.
    pub was: Option<Booking>,
}

/// A booking whose row is confirmed, to become a talk, and what is said of it.
pub(super) struct Confirmed<'a> {
    pub act: &'a mut Act,
    pub talk: Booking,
    pub told: Told,
}

impl Cause {
    pub fn by_hosts(rule: Refusal) -> Cause {
        Cause { state: BookingState::CancelledByCentre, side: Side::Centre, reason: Some(reason::code(rule)) }
    }

    pub fn by_hosts_because(words: &str) -> Cause {
        Cause { state: BookingState::CancelledByCentre, side: Side::Centre, reason: Some(words.to_owned()) }
    }

    pub fn by_operator(reason: String) -> Cause {
        Cause { state: BookingState::CancelledByOperator, side: Side::Operator, reason: Some(reason) }
    }

    pub fn by_company(reason: String) -> Cause {
        Cause { state: BookingState::CancelledByCompany, side: Side::Company, reason: Some(reason) }
    }
}

impl Work {
    pub fn on(session: Session) -> Work {
        Work { session, post: Post::default(), echo: Echo::default(), notes: Vec::new(), freed: BTreeSet::new() }
    }

    /// Offers what became free, writes the letters, tells the listeners. The last step of an act.
    pub async fn finish(self, tx: &mut Tx, act: &mut Act) -> Result<()> {
        let (post, echo) = self.settle(tx, act).await?;
        post.send(tx).await?;
        echo.send(tx, act.now).await
    }

    /// Offers what became free; letters and events are left to an act on several sessions.
    pub async fn settle(mut self, tx: &mut Tx, act: &mut Act) -> Result<(Post, Echo)> {
        self.offer_freed(tx, act).await?;
        audit::insert_all(tx, &self.notes).await?;
        Ok((self.post, self.echo))
    }

    /// Makes a booking that may be made: as a request that holds its slot softly, or as a talk.
    pub(super) async fn take(
        &mut self,
        tx: &mut Tx,
        act: &mut Act,
        board: &Board,
        asked: &Asked,
        contact: PersonId,
        mut new: New,
    ) -> Result<BookingId> {
        let was = new.was.take();
        let booking = self.place(act, board, asked, contact, New { was: was.clone(), ..new })?;
        let id = booking.id;
        self.make_all(tx, board, vec![Made { act, by: asked.by, booking, was }]).await?;
        Ok(id)
    }

    /// The row of a booking that may be made. Nothing is written.
    pub(super) fn place(
        &self,
        act: &mut Act,
        board: &Board,
        asked: &Asked,
        contact: PersonId,
        new: New,
    ) -> Result<Booking> {
        let Asked { slot, want, guest, .. } = asked;
        let except = new.was.as_ref().map(|was| was.id);
        let wish = new.was.as_ref().map(|was| was.staff_id);
        let desk = &board.desks[&slot.desk_id];
        let first = board.staff.get(&slot.desk_id).and_then(|staff| staff.first().copied());
        let staff = board.free_staff(slot, wish, except).or(first).ok_or(Refusal::NoStaff)?;
        let id: BookingId = act.id();
        let requested = *want == Want::Request;
        let hold = match requested {
            true => Some(booking::free_hold(&board.hold_places(slot.id, except)).ok_or(Refusal::SlotFullOfRequests)?),
            false => None,
        };
        let was = new.was.as_ref();
        Ok(Booking {
            id,
            session_id: slot.session_id,
            desk_id: slot.desk_id,
            slot_id: slot.id,
            centre_id: desk.centre_id,
            company_id: guest.company,
            contact_id: contact,
            staff_id: staff,
            state: if requested { BookingState::Requested } else { BookingState::Confirmed },
            state_reason: None,
            origin: new.origin,
            subject: new.subject,
            hold_place: hold,
            expires_at: requested
                .then(|| booking::hold_expires_at(act.now, board.session.request_minutes, slot.starts_at)),
            proposed_slot_id: None,
            exclusive: !board.session.repeat_meetings,
            moved_from_id: except,
            calendar_uid: was.map_or_else(|| id.to_string(), |was| was.calendar_uid.clone()),
            calendar_sequence: was.map_or(0, |was| was.calendar_sequence + 1),
            created_by: act.by.unwrap_or(contact),
            created_at: act.now,
            decided_at: (!requested).then_some(act.now),
            version: 1,
            starts_at: slot.starts_at,
            ends_at: slot.ends_at,
        })
    }

    /// Writes bookings that were placed on a board, and what follows from them: one statement for each kind of row.
    pub(super) async fn make_all(&mut self, tx: &mut Tx, board: &Board, made: Vec<Made<'_>>) -> Result<()> {
        let rows: Vec<Booking> = made.iter().map(|made| made.booking.clone()).collect();
        if !bookings::insert_all(tx, &rows).await? {
            return Err(Refusal::SlotTaken.into());
        }
        self.post.meet(tx, &rows).await?;
        let mut talks = Vec::new();
        for Made { act, by, booking, was } in made {
            self.note(act, "booking.make", &booking, None);
            self.changed(&booking);
            if booking.state == BookingState::Requested {
                self.tell_request(tx, act, &booking, board).await?;
            } else {
                let told = Told { by, was: was.filter(|was| was.state.is_sold()), reason: None };
                talks.push(Confirmed { act, talk: booking, told });
            }
        }
        self.confirm(tx, talks).await
    }

    /// What makes bookings talks, whichever way they came: claims for everybody and everything in them, a room, letters with
    /// calendar entries, reminders; rival requests lose. The rows are confirmed already; each kind is written at once.
    pub(super) async fn confirm(&mut self, tx: &mut Tx, mut confirmed: Vec<Confirmed<'_>>) -> Result<()> {
        if confirmed.is_empty() {
            return Ok(());
        }
        let talks: Vec<Booking> = confirmed.iter().map(|one| one.talk.clone()).collect();
        let claims = claims_of(tx, &talks).await?;
        if !bookings::claim(tx, claims.clone()).await? {
            return Err(who_is_busy(tx, &talks, &claims).await?.into());
        }
        bookings::open_talks(tx, &talks).await?;
        let mut rooms = Vec::new();
        for (talk, one) in talks.iter().zip(&mut confirmed) {
            if !bring_conversation(tx, talk).await? {
                rooms.push((talk, one.act.id::<ChannelId>()));
            }
        }
        bookings::open_rooms(tx, &rooms).await?;
        self.post.meet(tx, &talks).await?;
        let session = self.session.clone();
        for Confirmed { act, talk, told } in &mut confirmed {
            self.tell_talk(tx, act, talk, told).await?;
            self.post.remind(tx, act, &session, talk, &[Side::Company, Side::Centre]).await?;
            self.freed.remove(&talk.slot_id);
        }
        let requests = bookings::requests(tx, talks.iter().map(|talk| talk.slot_id)).await?;
        for Confirmed { act, talk, .. } in &mut confirmed {
            let lost: Vec<BookingId> =
                requests.iter().filter(|(_, slot)| *slot == talk.slot_id).map(|(id, _)| *id).collect();
            self.lose_all(tx, act, &lost).await?;
        }
        self.forget_wishes(tx, &talks).await
    }

    /// Cancels requests and talks. Those that the state machine does not let go are left alone.
    pub async fn cancel_all(&mut self, tx: &mut Tx, act: &mut Act, ids: &[BookingId], cause: &Cause) -> Result<()> {
        for (was, now) in self.end_all(tx, act, ids, cause.state, cause.reason.clone()).await? {
            let session = self.session.clone();
            let mut facts = self.post.talk(tx, &session, &now).await?;
            facts.link = "/schedule".into();
            let name = match cause.side {
                Side::Company => facts.company.clone(),
                Side::Centre => facts.centre.clone(),
                _ => None,
            };
            facts.by = Some(by(cause.side, name));
            facts.calendar = was.state.is_sold().then(|| invite(&now, Method::Cancel, act.now));
            for side in [Side::Company, Side::Centre] {
                let reader = if side == Side::Company { now.contact_id } else { now.staff_id };
                let locale = self.post.person(tx, reader).await?.locale;
                let free_times = match side {
                    Side::Company if cause.side != Side::Company => self.free_times(tx, act, &now).await?,
                    _ => Vec::new(),
                };
                let facts =
                    Facts { reason: reason::text(now.state_reason.as_deref(), locale), free_times, ..facts.clone() };
                self.post.add_to_side(tx, act, LetterKind::SlotCancelled, &now, side, facts).await?;
            }
        }
        Ok(())
    }

    /// Lets requests go whose time is up; both sides hear of it.
    pub async fn expire_all(&mut self, tx: &mut Tx, act: &mut Act, ids: &[BookingId]) -> Result<()> {
        let why = Some(reason::code(Refusal::RequestExpired));
        for (_, now) in self.end_all(tx, act, ids, BookingState::Expired, why).await? {
            let session = self.session.clone();
            let facts = self.post.talk(tx, &session, &now).await?;
            let free_times = self.free_times(tx, act, &now).await?;
            let link = format!("/sessions/{}/timetable", now.session_id);
            let company = Facts { link: link.clone(), free_times, ..facts.clone() };
            self.post.add_to_side(tx, act, LetterKind::SlotExpired, &now, Side::Company, company).await?;
            let centre = Facts { link, ..facts };
            self.post.add_to_side(tx, act, LetterKind::SlotExpired, &now, Side::Centre, centre).await?;
        }
        Ok(())
    }

    /// Declines a request, politely.
    pub(super) async fn decline(
        &mut self,
        tx: &mut Tx,
        act: &mut Act,
        id: BookingId,
        why: Option<String>,
    ) -> Result<()> {
        for (_, now) in self.end_all(tx, act, &[id], BookingState::Declined, why).await? {
            self.tell_company(tx, act, LetterKind::SlotDeclined, &now).await?;
        }
        Ok(())
    }

    /// Another talk was confirmed in the slot: the requests for it lose, and their companies are shown other times.
    async fn lose_all(&mut self, tx: &mut Tx, act: &mut Act, ids: &[BookingId]) -> Result<()> {
        let why = Some(reason::code(Refusal::SlotTaken));
        for (_, now) in self.end_all(tx, act, ids, BookingState::Declined, why).await? {
            self.freed.remove(&now.slot_id);
            self.tell_company(tx, act, LetterKind::SlotLost, &now).await?;
        }
        Ok(())
    }

    /// Ends bookings: their claims and reminders go, their slots are free. Gives each as it was and as it is now.
    pub(super) async fn end_all(
        &mut self,
        tx: &mut Tx,
        act: &mut Act,
        ids: &[BookingId],
        state: BookingState,
        why: Option<String>,
    ) -> Result<Vec<(Booking, Booking)>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let rows = bookings::find_all(tx, ids.iter().copied()).await?;
        let rows: Vec<Booking> = rows.into_iter().filter(|row| row.state.may_become(state)).collect();
        self.post.meet(tx, &rows).await?;
        bookings::release(tx, rows.iter().map(|row| row.id)).await?;
        letters::drop_booking_reminders(tx, rows.iter().map(|row| row.id), None).await?;
        let mut ended = Vec::new();
        for was in rows {
            let mut now = Booking {
                state,
                state_reason: why.clone(),
                hold_place: None,
                proposed_slot_id: None,
                decided_at: Some(act.now),
                calendar_sequence: was.calendar_sequence + i64::from(was.state.is_sold()),
                ..was.clone()
            };
            self.write(tx, &mut now).await?;
            self.note(act, "booking.end", &now, Some(&was));
            self.changed(&now);
            self.freed.insert(now.slot_id);
            ended.push((was, now));
        }
        Ok(ended)
    }

    /// Writes a changed booking; its version is raised.
    pub(super) async fn write(&mut self, tx: &mut Tx, booking: &mut Booking) -> Result<()> {
        if !bookings::update(tx, booking).await? {
            return Err(Refusal::OldVersion.into());
        }
        booking.version += 1;
        Ok(())
    }

    /// Everybody who looks at it shall see it.
    pub(super) fn changed(&mut self, booking: &Booking) {
        self.echo.bookings.insert(booking.id);
        self.echo.cells.insert((booking.session_id, booking.slot_id));
        self.echo.counts.insert(booking.session_id);
    }

    /// Adds a line about a company's part in the session, as it is now, to the audit log.
    pub fn note_part(&mut self, act: &mut Act, what: &str, part: &Registration, before: RegistrationState) {
        self.notes.push(act.line(Note {
            act: what,
            kind: "registration",
            subject: part.id.0,
            session: Some(part.session_id),
            before: Some(json!({ "state": before })),
            after: Some(json!({ "state": part.state, "reason": part.state_reason, "company_id": part.company_id })),
        }));
    }

    /// Adds a line to the audit log.
    pub(super) fn note(&mut self, act: &mut Act, what: &str, now: &Booking, was: Option<&Booking>) {
        let line = |b: &Booking| {
            json!({ "state": b.state, "slot_id": b.slot_id, "company_id": b.company_id, "staff_id": b.staff_id,
                    "contact_id": b.contact_id, "reason": b.state_reason })
        };
        self.notes.push(act.line(Note {
            act: what,
            kind: "booking",
            subject: now.id.0,
            session: Some(now.session_id),
            before: was.map(line),
            after: Some(line(now)),
        }));
    }

    /// Times the company could have instead, those of the same desk before others, each once with the desks that are free.
    pub(super) async fn free_times(&mut self, tx: &mut Tx, act: &Act, booking: &Booking) -> Result<Vec<FreeTime>> {
        if self.session.state.is_over() {
            return Ok(Vec::new());
        }
        let guest = Guest { company: booking.company_id, contact: Some(booking.contact_id) };
        let board = Board::read_unsold(tx, self.session.clone(), &[guest], act.now).await?;
        let mut times: Vec<FreeTime> = Vec::new();
        for slot in board.free_slots(guest, By::Company, Some(booking.desk_id), act.now, usize::MAX) {
            if slot.slot_id == booking.slot_id {
                continue;
            }
            let known = times.iter().position(|time| (time.starts_at, time.ends_at) == (slot.starts_at, slot.ends_at));
            let time = match known {
                Some(known) => &mut times[known],
                None if times.len() == FREE_TIMES_MAX => continue,
                None => {
                    let time =
                        FreeTime { starts_at: slot.starts_at, ends_at: slot.ends_at, desks: Vec::new(), more: 0 };
                    times.push(time);
                    times.last_mut().expect("one was added")
                }
            };
            if time.desks.len() == FREE_DESKS_MAX {
                time.more += 1;
                continue;
            }
            let desk = &board.desks[&slot.desk_id];
            let name = match desk.centre_id == booking.centre_id {
                true => desk.name(),
                false => of_centre(&self.post.name(tx, desk.centre_id).await?, &desk.name()),
            };
            time.desks.push(name);
        }
        times.sort_by_key(|time| time.starts_at);
        Ok(times)
    }

    async fn tell_company(&mut self, tx: &mut Tx, act: &mut Act, kind: LetterKind, booking: &Booking) -> Result<()> {
        let session = self.session.clone();
        let free_times = self.free_times(tx, act, booking).await?;
        let locale = self.post.person(tx, booking.contact_id).await?.locale;
        let facts = Facts {
            link: format!("/sessions/{}/timetable", booking.session_id),
            reason: reason::text(booking.state_reason.as_deref(), locale),
            free_times,
            ..self.post.talk(tx, &session, booking).await?
        };
        self.post.add_to_side(tx, act, kind, booking, Side::Company, facts).await
    }

    /// The desk is asked, the company has its receipt.
    async fn tell_request(&mut self, tx: &mut Tx, act: &mut Act, booking: &Booking, board: &Board) -> Result<()> {
        let session = self.session.clone();
        let note = Some(booking.subject.clone()).filter(|subject| !subject.is_empty());
        let facts = Facts { deadline: booking.expires_at, ..self.post.talk(tx, &session, booking).await? };
        self.post.add_to_side(tx, act, LetterKind::SlotRequestReceived, booking, Side::Company, facts.clone()).await?;
        let staff = board.staff.get(&booking.desk_id).map_or(&[][..], Vec::as_slice);
        for person in staff.iter().take(DESK_READERS_MAX) {
            let to = self.post.person(tx, *person).await?;
            let facts = Facts { reader: Some(Side::Centre), note: note.clone(), ..facts.clone() };
            self.post.add(act, LetterKind::SlotRequested, &to, &About::booking(booking), facts);
        }
        Ok(())
    }

    /// Both sides get the talk with its calendar entry: as new, or at its new time.
    async fn tell_talk(&mut self, tx: &mut Tx, act: &mut Act, talk: &Booking, told: &Told) -> Result<()> {
        let session = self.session.clone();
        let mut facts = self.post.talk(tx, &session, talk).await?;
        let (side, name) = match told.by {
            By::Centre => (Side::Centre, facts.centre.clone()),
            By::Company | By::WaitingList => (Side::Company, facts.company.clone()),
        };
        facts.by = Some(by(side, name));
        facts.reason = told.reason.clone();
        facts.calendar = Some(invite(talk, Method::Request, act.now));
        facts.was = told.was.as_ref().map(|was| Span { starts_at: was.starts_at, ends_at: was.ends_at });
        let kind = if told.was.is_some() { LetterKind::SlotMoved } else { LetterKind::SlotConfirmed };
        self.post.add_to_both(tx, act, kind, talk, facts).await
    }

    /// Who has a slot waits for it no more.
    async fn forget_wishes(&mut self, tx: &mut Tx, talks: &[Booking]) -> Result<()> {
        for place in waiting_places::of_slots(tx, talks.iter().map(|talk| talk.slot_id)).await? {
            if talks.iter().any(|talk| (talk.slot_id, talk.company_id) == (place.slot_id, place.company_id)) {
                waiting_places::set_state(tx, place.id, place.state, WaitingState::Taken).await?;
                self.echo.waiting.insert(place.id);
            }
        }
        Ok(())
    }

    /// Everybody who waits for slots that go away leaves their lists.
    pub async fn leave_slots(&mut self, tx: &mut Tx, slots: &[SlotId]) -> Result<()> {
        for place in waiting_places::of_slots(tx, slots.iter().copied()).await? {
            waiting_places::set_state(tx, place.id, place.state, WaitingState::Left).await?;
            self.echo.waiting.insert(place.id);
        }
        for slot in slots {
            self.freed.remove(slot);
        }
        Ok(())
    }

    pub async fn leave_desk(&mut self, tx: &mut Tx, desk: DeskId) -> Result<()> {
        let slots = desks::slots_of_session(tx, self.session.id).await?;
        let slots: Vec<SlotId> = slots.iter().filter(|slot| slot.desk_id == desk).map(|slot| slot.id).collect();
        self.leave_slots(tx, &slots).await
    }
}

/// A desk of another centre, by both names.
fn of_centre(centre: &LocalText, desk: &LocalText) -> LocalText {
    let both = |locale: Locale| locale.pick(" ", " ", ", ");
    let name = |locale: Locale| format!("{}{}{}", centre.text(locale), both(locale), desk.text(locale));
    LocalText::new(name(Locale::ZhHans), name(Locale::ZhHant), name(Locale::En))
}

/// The conversation and files of a talk that was moved, perhaps by way of requests, come along. False if there are none.
async fn bring_conversation(tx: &mut Tx, talk: &Booking) -> Result<bool> {
    let mut before = talk.moved_from_id;
    while let Some(id) = before {
        if channels::follow(tx, id, talk.id, talk.company_id, talk.centre_id).await? {
            return Ok(true);
        }
        before = bookings::find(tx, id).await?.and_then(|row| row.moved_from_id);
    }
    Ok(false)
}

/// What is said of talks that were confirmed.
pub(super) struct Told {
    pub by: By,
    /// The talk as it was before it moved.
    pub was: Option<Booking>,
    pub reason: Option<String>,
}

/// What bookings a change would hurt, and how, for the one who decides.
pub(crate) async fn impact_of(tx: &mut Tx, ids: &[BookingId], what: ImpactKind) -> Result<Vec<ImpactItem>> {
    let rows = bookings::find_all(tx, ids.iter().copied()).await?;
    let cards = Cards::read(tx, [], rows.iter().flat_map(|row| [row.company_id, row.centre_id])).await?;
    Ok(rows
        .into_iter()
        .map(|row| ImpactItem {
            booking_id: row.id,
            company: cards.organisation(row.company_id),
            centre: cards.organisation(row.centre_id),
            desk_id: row.desk_id,
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            state: row.state,
            what,
        })
        .collect())
}

/// Everybody and everything in talks, at every tick of their slots.
async fn claims_of(tx: &mut Tx, talks: &[Booking]) -> Result<Vec<Claim>> {
    let desks = desks::find_all(tx, talks.iter().map(|talk| talk.desk_id).collect::<BTreeSet<_>>()).await?;
    let mut claims = Vec::new();
    for talk in talks {
        let desk = desks.iter().find(|desk| desk.id == talk.desk_id).ok_or(Error::NotFound)?;
        let mut claimants = vec![talk.company_id.0, talk.contact_id.0, talk.desk_id.0, talk.staff_id.0];
        claimants.extend(desk.room_id.map(|room| room.0));
        claims.extend(claims_for(talk, &claimants));
    }
    Ok(claims)
}

pub(super) fn claims_for(talk: &Booking, claimants: &[Uuid]) -> Vec<Claim> {
    let ticks = ticks(talk.starts_at, talk.ends_at);
    claimants
        .iter()
        .flat_map(|claimant| {
            ticks.iter().map(|tick| Claim { claimant_id: *claimant, tick: *tick, booking_id: talk.id })
        })
        .collect()
}

/// Which claim could not be had: somebody took it in another session at the same moment.
async fn who_is_busy(tx: &mut Tx, talks: &[Booking], wanted: &[Claim]) -> Result<Refusal> {
    let (first, last) = (wanted.iter().map(|c| c.tick).min(), wanted.iter().map(|c| c.tick).max());
    let (Some(first), Some(last)) = (first, last) else { return Ok(Refusal::SlotTaken) };
    let held =
        bookings::claims(tx, wanted.iter().map(|claim| claim.claimant_id).collect::<BTreeSet<_>>(), first, last + 1)
            .await?;
    let other = held.iter().find(|held| {
        wanted.iter().any(|want| {
            (want.claimant_id, want.tick) == (held.claimant_id, held.tick) && want.booking_id != held.booking_id
        })
    });
    let Some(other) = other else { return Ok(Refusal::SlotTaken) };
    let is = |pick: fn(&Booking) -> Uuid| talks.iter().any(|talk| pick(talk) == other.claimant_id);
    Ok(match () {
        () if is(|talk| talk.company_id.0) => Refusal::CompanyBusy,
        () if is(|talk| talk.contact_id.0) => Refusal::PersonBusy,
        () if is(|talk| talk.desk_id.0) => Refusal::DeskBusy,
        () if is(|talk| talk.staff_id.0) => Refusal::StaffBusy,
        () => Refusal::RoomBusy,
    })
}
