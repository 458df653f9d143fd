//! Waiting lists: who waits for a slot is offered it in the order of arrival when it becomes free.

use jiff::SignedDuration;
use serde_json::json;
use yunqia_domain::{
    Refusal,
    booking::{self, By},
    ids::{BookingId, OrganisationId, PersonId, SlotId, WaitingPlaceId},
    letters::{Facts, LetterKind, Side, TalkFacts},
    states::{BookingOrigin, WaitingState},
};
use yunqia_store::{
    Tx, desks, registrations,
    waiting_places::{self, WaitingPlace},
};
use yunqia_views::board::{Board, Guest};

use super::{
    book::{find, ready},
    work::{New, Work},
};
use crate::{
    Act,
    act::Note,
    error::{Error, Result},
    post::About,
    sessions,
    standing::must_belong_to,
};

/// A company waits for a slot that it could have, were it not taken.
pub async fn join_waiting(tx: &mut Tx, act: &mut Act, slot: SlotId, company: OrganisationId) -> Result<WaitingPlaceId> {
    let person = must_belong_to(tx, act, company).await?;
    let slot = find(tx, slot).await?;
    let session = sessions::locked(tx, slot.session_id).await?;
    // Who waits is not yet somebody's contact; the slot decides later who comes.
    let guest = Guest { company, contact: None };
    let board = Board::read(tx, session.clone(), vec![slot], &[guest]).await?;
    board.may_wait(guest, &slot, act.now)?;
    // The order of arrival is strict, also within one tick of the clock.
    let last = waiting_places::of_slots(tx, [slot.id]).await?.last().map(|last| last.created_at);
    let after = last.map_or(act.now, |last| last.plus(SignedDuration::from_micros(1)));
    let place = WaitingPlace {
        id: act.id(),
        slot_id: slot.id,
        session_id: slot.session_id,
        company_id: company,
        person_id: person,
        state: WaitingState::Waiting,
        created_at: after.max(act.now),
        offered_at: None,
        lapses_at: None,
        starts_at: slot.starts_at,
        ends_at: slot.ends_at,
    };
    if !waiting_places::insert(tx, &place).await? {
        return Err(Refusal::WaitingAlready.into());
    }
    note(tx, act, "waiting.join", &place).await?;
    let mut work = Work::on(session);
    work.changed_place(&place);
    work.finish(tx, act).await?;
    Ok(place.id)
}

/// A company waits no more; a slot it was offered goes to the next.
pub async fn leave_waiting(tx: &mut Tx, act: &mut Act, id: WaitingPlaceId) -> Result<()> {
    let (mut work, place) = locked(tx, act, id).await?;
    if !waiting_places::set_state(tx, id, place.state, WaitingState::Left).await? {
        return Err(Refusal::IllegalMove.into());
    }
    note(tx, act, "waiting.leave", &place).await?;
    work.changed_place(&place);
    if place.state == WaitingState::Offered {
        work.freed.insert(place.slot_id);
    }
    work.finish(tx, act).await
}

/// A company takes the slot it was offered.
pub async fn take_offer(tx: &mut Tx, act: &mut Act, id: WaitingPlaceId) -> Result<BookingId> {
    let (mut work, place) = locked(tx, act, id).await?;
    let stands = place.state == WaitingState::Offered && place.lapses_at.is_some_and(|at| at > act.now);
    if !stands {
        return Err(Refusal::OfferLapsed.into());
    }
    let slot = find(tx, place.slot_id).await?;
    let (board, asked, contact) = ready(tx, act, slot, By::WaitingList, place.company_id).await?;
    waiting_places::set_state(tx, id, WaitingState::Offered, WaitingState::Taken).await?;
    note(tx, act, "waiting.take", &place).await?;
    work.changed_place(&place);
    let new = New { origin: BookingOrigin::WaitingList, subject: String::new(), was: None };
    let booking = work.take(tx, act, &board, &asked, contact, new).await?;
    work.finish(tx, act).await?;
    Ok(booking)
}

impl Work {
    /// Offers lapse whose time is up, and places whose slot has begun; the next in line is offered what is free.
    pub(crate) async fn lapse(&mut self, tx: &mut Tx, act: &mut Act, place: &WaitingPlace) -> Result<()> {
        let offered = place.state == WaitingState::Offered;
        if !waiting_places::set_state(tx, place.id, place.state, WaitingState::Lapsed).await? {
            return Ok(());
        }
        self.changed_place(place);
        if !offered {
            return Ok(());
        }
        note(tx, act, "waiting.lapse", place).await?;
        self.freed.insert(place.slot_id);
        let facts = self.facts(tx, place).await?;
        let link = format!("/sessions/{}/timetable", place.session_id);
        let facts = Facts { link, ..facts };
        let to = self.post.person(tx, place.person_id).await?;
        self.post.add(act, LetterKind::WaitlistLapsed, &to, &about(place), facts);
        Ok(())
    }

    /// Offers of slots that close go back to waiting: the slot may open again.
    pub(crate) async fn withdraw_offers(&mut self, tx: &mut Tx, _act: &mut Act, slots: &[SlotId]) -> Result<()> {
        for place in waiting_places::of_slots(tx, slots.iter().copied()).await? {
            if place.state == WaitingState::Offered {
                waiting_places::set_state(tx, place.id, WaitingState::Offered, WaitingState::Waiting).await?;
                self.changed_place(&place);
            }
        }
        Ok(())
    }

    /// A person of the company has left: a colleague who comes has their places now, with what is on offer; without one they
    /// are left.
    pub(super) async fn hand_on_places(
        &mut self,
        tx: &mut Tx,
        act: &mut Act,
        company: OrganisationId,
        gone: PersonId,
    ) -> Result<()> {
        let places = waiting_places::of_session(tx, self.session.id).await?;
        let places: Vec<_> =
            places.into_iter().filter(|place| place.company_id == company && place.person_id == gone).collect();
        if places.is_empty() {
            return Ok(());
        }
        let part = registrations::of_company(tx, self.session.id, company).await?;
        let others = registrations::attendees(tx, part.map(|part| part.id)).await?;
        for place in places {
            self.changed_place(&place);
            let Some(other) = others.first() else {
                waiting_places::set_state(tx, place.id, place.state, WaitingState::Left).await?;
                note(tx, act, "waiting.leave", &place).await?;
                if place.state == WaitingState::Offered {
                    self.freed.insert(place.slot_id);
                }
                continue;
            };
            waiting_places::set_person(tx, place.id, other.person_id).await?;
            if let (WaitingState::Offered, Some(lapses_at)) = (place.state, place.lapses_at) {
                let facts = Facts { deadline: Some(lapses_at), ..self.facts(tx, &place).await? };
                let to = self.post.person(tx, other.person_id).await?;
                let about = About { cause: format!("waiting:{}:{}", place.id, act.now.unix_millis()), ..about(&place) };
                self.post.add_reminder(act, LetterKind::WaitlistOffer, &to, &about, facts);
            }
        }
        Ok(())
    }

    /// Gives each slot that became free to the first who waits for it and could have it.
    pub(super) async fn offer_freed(&mut self, tx: &mut Tx, act: &mut Act) -> Result<()> {
        let freed = std::mem::take(&mut self.freed);
        if freed.is_empty() || self.session.state.is_over() {
            return Ok(());
        }
        let places = waiting_places::of_slots(tx, freed.iter().copied()).await?;
        for slot in freed {
            let queue: Vec<&WaitingPlace> = places.iter().filter(|place| place.slot_id == slot).collect();
            let taken = queue.iter().any(|place| place.state == WaitingState::Offered);
            if !queue.is_empty() && !taken {
                self.offer(tx, act, slot, &queue).await?;
            }
        }
        Ok(())
    }

    async fn offer(&mut self, tx: &mut Tx, act: &mut Act, slot: SlotId, queue: &[&WaitingPlace]) -> Result<()> {
        let slot = find(tx, slot).await?;
        let Some(lapses_at) = booking::offer_lapses_at(act.now, self.session.offer_minutes, slot.starts_at) else {
            return Ok(());
        };
        for place in queue {
            let guest = Guest { company: place.company_id, contact: None };
            let board = Board::read(tx, self.session.clone(), vec![slot], &[guest]).await?;
            let want = booking::want(By::WaitingList, self.session.booking_mode);
            let ask = board.ask(guest, &slot, By::WaitingList, want, None, act.now);
            // While requests hold it, the desk chooses among them; the list's turn comes after.
            if ask.slot.holds > 0 {
                return Ok(());
            }
            if booking::judge(&ask).is_err() || !waiting_places::offer(tx, place.id, act.now, lapses_at).await? {
                continue;
            }
            self.changed_place(place);
            let facts = Facts { deadline: Some(lapses_at), ..self.facts(tx, place).await? };
            let to = self.post.person(tx, place.person_id).await?;
            let about = About { cause: format!("waiting:{}:{}", place.id, act.now.unix_millis()), ..about(place) };
            self.post.add_reminder(act, LetterKind::WaitlistOffer, &to, &about, facts);
            return Ok(());
        }
        Ok(())
    }

    fn changed_place(&mut self, place: &WaitingPlace) {
        self.echo.waiting.insert(place.id);
        self.echo.cells.insert((place.session_id, place.slot_id));
    }

    async fn facts(&mut self, tx: &mut Tx, place: &WaitingPlace) -> Result<Facts> {
        let slot = find(tx, place.slot_id).await?;
        let desk = desks::find(tx, slot.desk_id).await?.ok_or(Error::NotFound)?;
        let session = self.session.clone();
        Ok(Facts {
            link: format!("/sessions/{}/timetable?waiting={}", place.session_id, place.id),
            reader: Some(Side::Company),
            company: Some(self.post.name(tx, place.company_id).await?),
            centre: Some(self.post.name(tx, desk.centre_id).await?),
            session: Some(self.post.session(tx, &session).await?),
            talk: Some(TalkFacts { starts_at: slot.starts_at, ends_at: slot.ends_at, desk: Some(desk.name()) }),
            ..Facts::default()
        })
    }
}

/// A waiting place of the company of the one who acts, under the session's lock.
async fn locked(tx: &mut Tx, act: &Act, id: WaitingPlaceId) -> Result<(Work, WaitingPlace)> {
    let session = waiting_places::find(tx, id).await?.ok_or(Error::NotFound)?.session_id;
    let session = sessions::locked(tx, session).await?;
    let place = waiting_places::find(tx, id).await?.ok_or(Error::NotFound)?;
    must_belong_to(tx, act, place.company_id).await?;
    if !matches!(place.state, WaitingState::Waiting | WaitingState::Offered) {
        return Err(Refusal::OfferLapsed.into());
    }
    Ok((Work::on(session), place))
}

fn about(place: &WaitingPlace) -> About {
    About::session(place.session_id, format!("waiting:{}", place.id))
}

async fn note(tx: &mut Tx, act: &mut Act, what: &str, place: &WaitingPlace) -> Result<()> {
    act.note(
        tx,
        Note {
            act: what,
            kind: "waiting_place",
            subject: place.id.0,
            session: Some(place.session_id),
            before: Some(json!({ "state": place.state })),
            after: Some(json!({ "slot_id": place.slot_id, "company_id": place.company_id })),
        },
    )
    .await
}
