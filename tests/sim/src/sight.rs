//! What everybody sees when a round begins. They act on it at the same time, so much of it is out of date when they do: that is
//! how two people come to want one slot.

use jiff::SignedDuration;
use rand::{Rng, rngs::StdRng, seq::IndexedRandom};
use yunqia_domain::{
    Timestamp,
    ids::{
        BookingId, DeskId, HallQuestionId, MessageId, OrganisationId, PersonId, RegistrationId, SessionId, SlotId,
        WaitingPlaceId,
    },
    states::{BookingState, RegistrationState},
};
use yunqia_store::db::sql;
use yunqia_tests_api::TestApp;

use crate::World;

/// A slot as somebody saw it.
#[derive(Clone, Copy, sqlx::FromRow)]
pub struct Place {
    pub id: SlotId,
    pub session_id: SessionId,
    pub centre_id: OrganisationId,
}

/// A booking as somebody saw it.
#[derive(Clone, Copy, sqlx::FromRow)]
pub struct Seen {
    pub id: BookingId,
    pub slot_id: SlotId,
    pub session_id: SessionId,
    pub centre_id: OrganisationId,
    pub state: BookingState,
    pub version: i64,
    pub contact_id: PersonId,
    pub staff_id: PersonId,
    pub proposed: bool,
    pub starts_at: Timestamp,
}

/// A registration as somebody saw it.
#[derive(Clone, Copy, sqlx::FromRow)]
pub struct Part {
    pub id: RegistrationId,
    pub session_id: SessionId,
    pub state: RegistrationState,
}

/// The state of this season's sessions.
pub struct Sight {
    pub slots: Vec<Place>,
    /// The slots of the session, also when people look at one of them.
    all_slots: Vec<Place>,
    pub bookings: Vec<Seen>,
    /// Waiting places with who waits, and whether the slot is on offer.
    pub places: Vec<(WaitingPlaceId, PersonId, bool)>,
    pub parts: Vec<Part>,
    pub desks: Vec<(DeskId, OrganisationId)>,
    pub messages: Vec<MessageId>,
    pub questions: Vec<HallQuestionId>,
    pub now: Timestamp,
    /// Whether something may happen between two queries of one act.
    pub writers_overlap: bool,
}

impl Sight {
    /// Rows come in an order that does not depend on ids, which need not be the same in every run of a seed.
    pub async fn take(app: &TestApp, world: &World, chance: &mut StdRng) -> Sight {
        let mut tx = app.read().await;
        let tx = &mut tx;
        let sessions = || world.sessions.iter().copied();
        let slots: Vec<Place> = sql("SELECT s.id, s.session_id, d.centre_id FROM slots s JOIN desks d ON d.id = s.desk_id JOIN sessions e ON e.id = s.session_id
             WHERE s.session_id IN (..) AND s.removed_at IS NULL ORDER BY e.created_at, e.booking_mode, d.position, s.starts_at")
        .list(sessions())
        .all(tx)
        .await
        .expect("the query runs");
        let bookings: Vec<Seen> =
            sql("SELECT b.id, b.slot_id, b.session_id, b.centre_id, b.state, b.version, b.contact_id, b.staff_id,
                    b.proposed_slot_id IS NOT NULL AS proposed, s.starts_at
             FROM bookings b JOIN slots s ON s.id = b.slot_id
             WHERE b.session_id IN (..) AND b.state IN ('requested', 'confirmed', 'checked_in', 'in_talk', 'held_done',
                                                        'no_show_company', 'no_show_centre')
             ORDER BY b.created_at, b.id")
            .list(sessions())
            .all(tx)
            .await
            .expect("the query runs");
        let places = sql("SELECT id, person_id, state = 'offered' FROM waiting_places
             WHERE session_id IN (..) AND state IN ('waiting', 'offered') ORDER BY created_at, id")
        .list(sessions())
        .all(tx)
        .await
        .expect("the query runs");
        let parts =
            sql("SELECT id, session_id, state FROM registrations WHERE session_id IN (..) ORDER BY created_at, id")
                .list(sessions())
                .all(tx)
                .await
                .expect("the query runs");
        let desks = sql("SELECT id, centre_id FROM desks WHERE session_id IN (..) AND removed_at IS NULL
             ORDER BY position, id")
        .list(sessions())
        .all(tx)
        .await
        .expect("the query runs");
        let messages: Vec<(MessageId,)> = sql("SELECT m.id FROM messages m JOIN channels c ON c.id = m.channel_id
             WHERE c.session_id IN (..) ORDER BY m.created_at DESC, m.id LIMIT 20")
        .list(sessions())
        .all(tx)
        .await
        .expect("the query runs");
        let questions: Vec<(HallQuestionId,)> =
            sql("SELECT id FROM hall_questions WHERE session_id IN (..) ORDER BY created_at, id")
                .list(sessions())
                .all(tx)
                .await
                .expect("the query runs");
        let mut sight = Sight {
            all_slots: slots.clone(),
            slots,
            bookings,
            places,
            parts,
            desks,
            messages: messages.into_iter().map(|(id,)| id).collect(),
            questions: questions.into_iter().map(|(id,)| id).collect(),
            now: app.now(),
            writers_overlap: app.db.engine() != "sqlite",
        };
        if chance.random_bool(0.5) {
            sight.narrow(chance);
        }
        sight
    }

    /// Everybody is after the same thing: a slot with what is booked there, and one other slot to move to.
    fn narrow(&mut self, chance: &mut StdRng) {
        let booked = self.bookings.choose(chance).map(|booking| booking.slot_id);
        let any = self.slots.choose(chance).map(|slot| slot.id);
        let slot = if chance.random_bool(0.6) { booked.or(any) } else { any };
        let Some(slot) = slot else { return };
        let other = self.slots.choose(chance).map(|slot| slot.id);
        self.slots.retain(|one| one.id == slot || Some(one.id) == other);
        if self.bookings.iter().any(|booking| booking.slot_id == slot) {
            self.bookings.retain(|booking| booking.slot_id == slot);
        } else if let Some(one) = self.bookings.choose(chance).copied() {
            self.bookings = vec![one];
        }
        if let Some(place) = self.places.choose(chance).copied() {
            self.places = vec![place];
        }
        if let Some(part) = self.parts.choose(chance).copied() {
            self.parts = vec![part];
        }
    }

    /// Whether there is anything to do it to; nobody presses a button that is not there.
    pub fn allows(&self, what: &str) -> bool {
        match what {
            "accept" | "decline" | "propose" => !self.requests().is_empty(),
            "cancel" | "move" | "reassign" => !self.ahead().is_empty(),
            "answer" => self.bookings.iter().any(|booking| booking.proposed),
            "leave the list" => !self.places.is_empty(),
            "take the offer" => self.places.iter().any(|(.., offered)| *offered),
            "enter the talk" | "leave the talk" | "call" | "minutes" | "word" | "outcome" => !self.talks().is_empty(),
            "moderate" => !self.messages.is_empty(),
            "vote" | "answer the question" => !self.questions.is_empty(),
            _ => true,
        }
    }

    /// Registrations that wait for the hosts, most of the time.
    pub fn undecided(&self, chance: &mut StdRng) -> Vec<Part> {
        let open = |part: &&Part| !part.state.takes_part() && part.state != RegistrationState::Withdrawn;
        let open: Vec<Part> = self.parts.iter().filter(open).copied().collect();
        if open.is_empty() || chance.random_bool(0.2) { self.parts.clone() } else { open }
    }

    /// Where a booking could move, most of the time; narrowed, everybody wants the same.
    pub fn other_slot(&self, booking: &Seen, chance: &mut StdRng) -> Option<SlotId> {
        let fits = |slot: &&Place| {
            slot.session_id == booking.session_id && slot.centre_id == booking.centre_id && slot.id != booking.slot_id
        };
        let near: Vec<&Place> = self.slots.iter().filter(fits).collect();
        let all: Vec<&Place> = self.all_slots.iter().filter(fits).collect();
        let from = if near.is_empty() { all } else { near };
        from.choose(chance).map(|slot| slot.id)
    }

    pub fn requests(&self) -> Vec<Seen> {
        self.bookings.iter().copied().filter(|one| one.state == BookingState::Requested).collect()
    }

    pub fn ahead(&self) -> Vec<Seen> {
        let ahead = [BookingState::Requested, BookingState::Confirmed];
        self.bookings.iter().copied().filter(|one| ahead.contains(&one.state)).collect()
    }

    /// Talks whose room is open: about to begin, going on or just over.
    pub fn talks(&self) -> Vec<Seen> {
        let near = |one: &&Seen| {
            let from = one.starts_at.plus(SignedDuration::from_mins(-5));
            from <= self.now && self.now.since(one.starts_at) < SignedDuration::from_mins(90)
        };
        self.bookings.iter().filter(near).copied().filter(|one| one.state.is_sold()).collect()
    }
}
