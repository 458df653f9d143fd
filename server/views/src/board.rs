//! What is known of a session's slots for the companies that ask for them: read in a handful of queries, for one slot and
//! one company or for many, and turned into the question that `domain::booking` answers.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;
use yunqia_domain::{
    Refusal, Timestamp,
    booking::{self, Ask, By, CompanyFacts, DeskFacts, SessionRules, SlotFacts, Want},
    ids::{BookingId, DeskId, OrganisationId, PersonId, SlotId},
    slot_grid::ticks,
    states::{BookingBy, BookingState, RegistrationState, WaitingState},
};
use yunqia_store::{
    Result, Tx,
    bookings::{self, Booking, Claim, Occupant},
    desks::{self, Desk, Slot},
    organisations, registrations,
    sessions::Session,
    waiting_places::{self, WaitingPlace},
};

use crate::common::FreeSlot;

/// A company that asks for a slot, and who would come for it: None where nobody is chosen yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guest {
    pub company: OrganisationId,
    pub contact: Option<PersonId>,
}

/// The slots in question, and everything that bears on them.
pub struct Board {
    pub session: Session,
    /// In the order in which they were given, each once.
    pub slots: Vec<Slot>,
    pub desks: HashMap<DeskId, Desk>,
    /// In order: the first who is free takes a talk.
    pub staff: HashMap<DeskId, Vec<PersonId>>,
    companies: HashMap<OrganisationId, Company>,
    occupants: Occupants,
    waiting: Vec<WaitingPlace>,
    busy: HashMap<(Uuid, i64), BookingId>,
}

/// What is known of a company in the session. `consents` comes after the rest.
#[derive(Default)]
struct Company {
    active: bool,
    registration: Option<RegistrationState>,
    consents: HashSet<OrganisationId>,
    interests: HashSet<OrganisationId>,
}

impl Board {
    /// For these companies, and for who would come for them: any of them may ask for any of the slots.
    pub async fn read(tx: &mut Tx, session: Session, slots: Vec<Slot>, guests: &[Guest]) -> Result<Board> {
        let mut board = Board::read_but_consents(tx, session, slots, guests).await?;
        let centres: HashSet<OrganisationId> = board.desks.values().map(|desk| desk.centre_id).collect();
        let companies = guests.iter().map(|guest| guest.company);
        let consents = registrations::consenting(tx, board.session.id, companies, centres).await?;
        board.consent(consents);
        Ok(board)
    }

    /// For guests who each ask for one slot and no other.
    pub async fn read_asked(tx: &mut Tx, session: Session, asked: &[(Guest, Slot)]) -> Result<Board> {
        let guests: Vec<Guest> = asked.iter().map(|(guest, _)| *guest).collect();
        let slots: HashMap<SlotId, Slot> = asked.iter().map(|(_, slot)| (slot.id, *slot)).collect();
        let mut board = Board::read_but_consents(tx, session, slots.into_values().collect(), &guests).await?;
        let pairs: HashSet<_> =
            asked.iter().map(|(guest, slot)| (guest.company, board.desks[&slot.desk_id].centre_id)).collect();
        let consents = registrations::consented(tx, board.session.id, pairs).await?;
        board.consent(consents);
        Ok(board)
    }

    async fn read_but_consents(tx: &mut Tx, session: Session, slots: Vec<Slot>, guests: &[Guest]) -> Result<Board> {
        let desk_ids: HashSet<DeskId> = slots.iter().map(|slot| slot.desk_id).collect();
        let company_ids: HashSet<OrganisationId> = guests.iter().map(|guest| guest.company).collect();
        let desks: HashMap<_, _> =
            desks::find_all(tx, desk_ids.iter().copied()).await?.into_iter().map(|desk| (desk.id, desk)).collect();
        let mut staff: HashMap<DeskId, Vec<PersonId>> = HashMap::new();
        for row in desks::staff(tx, desk_ids.iter().copied()).await? {
            staff.entry(row.desk_id).or_default().push(row.person_id);
        }
        let occupants =
            bookings::occupants(tx, session.id, company_ids.iter().copied(), desk_ids.iter().copied()).await?;
        let waiting = waiting_places::of_slots(tx, slots.iter().map(|slot| slot.id)).await?;
        let companies = companies(tx, &session, &company_ids).await?;
        let mut board = Board {
            session,
            slots,
            desks,
            staff,
            companies,
            occupants: Occupants::default(),
            waiting,
            busy: HashMap::new(),
        };
        occupants.into_iter().for_each(|occupant| board.occupants.add(occupant));
        board.read_claims(tx, guests).await?;
        Ok(board)
    }

    /// Every slot of a session that somebody could have.
    pub async fn read_unsold(tx: &mut Tx, session: Session, guests: &[Guest], now: Timestamp) -> Result<Board> {
        let slots = desks::unsold_slots(tx, session.id, now).await?;
        Board::read(tx, session, slots, guests).await
    }

    fn consent(&mut self, consents: Vec<(OrganisationId, OrganisationId)>) {
        for (company, centre) in consents {
            self.companies.entry(company).or_default().consents.insert(centre);
        }
    }

    /// What desks, their people, rooms and guests are in at the times of the slots. One query for slots at one time; for
    /// slots at many times, one for each, because a desk's whole day is not what is asked for.
    async fn read_claims(&mut self, tx: &mut Tx, guests: &[Guest]) -> Result<()> {
        let mut times: HashMap<(Timestamp, Timestamp), HashSet<Uuid>> = HashMap::new();
        for slot in &self.slots {
            let claimants = times.entry((slot.starts_at, slot.ends_at)).or_default();
            claimants.insert(slot.desk_id.0);
            claimants.extend(self.desks[&slot.desk_id].room_id.map(|room| room.0));
            claimants.extend(self.staff_of(slot.desk_id).iter().map(|person| person.0));
        }
        for ((starts_at, ends_at), mut claimants) in times {
            claimants.extend(
                guests.iter().flat_map(|guest| [Some(guest.company.0), guest.contact.map(|one| one.0)]).flatten(),
            );
            let ticks = ticks(starts_at, ends_at);
            let (Some(first), Some(last)) = (ticks.first(), ticks.last()) else { continue };
            for Claim { claimant_id, tick, booking_id } in bookings::claims(tx, claimants, *first, last + 1).await? {
                self.busy.insert((claimant_id, tick), booking_id);
            }
        }
        Ok(())
    }

    /// A booking was made: whoever is judged next meets it.
    pub fn add(&mut self, booking: &Booking) {
        if booking.state.is_sold() {
            // The requests for its slot have lost.
            self.occupants.remove_requests(booking.slot_id);
            self.waiting.retain(|place| place.slot_id != booking.slot_id || place.company_id != booking.company_id);
            let room = self.desks.get(&booking.desk_id).and_then(|desk| desk.room_id).map(|room| room.0);
            let claimants = [booking.company_id.0, booking.contact_id.0, booking.desk_id.0, booking.staff_id.0];
            for claimant in claimants.into_iter().chain(room) {
                for tick in ticks(booking.starts_at, booking.ends_at) {
                    self.busy.insert((claimant, tick), booking.id);
                }
            }
        }
        self.occupants.add(Occupant {
            id: booking.id,
            slot_id: booking.slot_id,
            desk_id: booking.desk_id,
            centre_id: booking.centre_id,
            company_id: booking.company_id,
            state: booking.state,
            hold_place: booking.hold_place,
        });
    }

    /// The question that is decided: may the guest have this slot? `except` is the booking that is being accepted or
    /// moved, which does not stand in its own way.
    pub fn ask(&self, guest: Guest, slot: &Slot, by: By, want: Want, except: Option<BookingId>, now: Timestamp) -> Ask {
        let desk = &self.desks[&slot.desk_id];
        let company = &self.companies[&guest.company];
        let other = move |occupant: &&Occupant| Some(occupant.id) != except;
        let here = || self.occupants.of_slot(slot.id).filter(other);
        let mine = || self.occupants.of_company(guest.company).filter(other);
        let holds = here().filter(|occupant| occupant.state == BookingState::Requested);
        let in_time = |claimant: Uuid| self.is_busy(claimant, slot, except);
        let staff = self.staff_of(slot.desk_id);
        let session = &self.session;
        Ask {
            now,
            by,
            want,
            session: SessionRules {
                state: session.state_at(now),
                booking_opens_at: session.booking_opens_at,
                booking_closes_at: session.booking_closes_at,
                booking_by: session.booking_by,
                repeat_meetings: session.repeat_meetings,
                talks_per_company_max: session.talks_per_company_max,
                talks_per_desk_max: session.talks_per_desk_max,
                open_requests_max: session.open_requests_max,
            },
            slot: SlotFacts {
                starts_at: slot.starts_at,
                open: slot.open && slot.removed_at.is_none() && desk.removed_at.is_none(),
                sold: here().any(|occupant| occupant.state.is_sold()),
                offered: self.waiting_for(slot.id).any(|place| {
                    place.state == WaitingState::Offered && (place.company_id != guest.company || by != By::WaitingList)
                }),
                holds: count(holds),
                waiting: self.waiting_for(slot.id).any(|place| place.company_id == guest.company),
            },
            company: CompanyFacts {
                active: company.active,
                registration: company.registration,
                consented: company.consents.contains(&desk.centre_id),
                interested: company.interests.contains(&desk.centre_id),
                asked: mine().any(|o| o.slot_id == slot.id && !o.state.is_sold()),
                busy: in_time(guest.company.0),
                contact_busy: guest.contact.is_some_and(|contact| in_time(contact.0)),
                met: mine().any(|occupant| {
                    occupant.centre_id == desk.centre_id
                        && (occupant.state == BookingState::Requested || occupant.state.counts_as_talk())
                }),
                talks: count(mine().filter(|occupant| occupant.state.counts_as_talk())),
                requests: count(mine().filter(|occupant| !occupant.state.is_sold())),
            },
            desk: DeskFacts {
                busy: in_time(desk.id.0),
                room_busy: desk.room_id.is_some_and(|room| in_time(room.0)),
                has_staff: !staff.is_empty(),
                staff_busy: self.free_staff(slot, None, except).is_none(),
                talks: count(
                    self.occupants.of_desk(desk.id).filter(other).filter(|occupant| occupant.state.counts_as_talk()),
                ),
            },
        }
    }

    /// Who of the desk's people would take the talk: the one asked for, or the first who is free.
    pub fn free_staff(&self, slot: &Slot, wish: Option<PersonId>, except: Option<BookingId>) -> Option<PersonId> {
        let free = |person: &PersonId| !self.is_busy(person.0, slot, except);
        let staff = self.staff_of(slot.desk_id);
        wish.filter(|person| staff.contains(person) && free(person)).or_else(|| staff.iter().copied().find(free))
    }

    /// Places of soft holds that are taken on a slot.
    pub fn hold_places(&self, slot: SlotId, except: Option<BookingId>) -> Vec<i64> {
        let others = self.occupants.of_slot(slot).filter(|occupant| Some(occupant.id) != except);
        others.filter_map(|occupant| occupant.hold_place).collect()
    }

    /// Slots the guest could have now, the next first, at most `limit`; those of `desk` before the others.
    pub fn free_slots(
        &self,
        guest: Guest,
        by: By,
        desk: Option<DeskId>,
        now: Timestamp,
        limit: usize,
    ) -> Vec<FreeSlot> {
        let want = booking::want(by, self.session.booking_mode);
        let mut slots: Vec<&Slot> = self.slots.iter().collect();
        slots.sort_by_key(|slot| (Some(slot.desk_id) != desk, slot.starts_at, slot.id));
        let free = slots.into_iter().filter(|slot| booking::judge(&self.ask(guest, slot, by, want, None, now)).is_ok());
        free.take(limit).map(free_slot).collect()
    }

    /// Everything that stands in the way of waiting for a slot.
    pub fn may_wait(&self, guest: Guest, slot: &Slot, now: Timestamp) -> std::result::Result<(), Refusal> {
        booking::judge(&self.ask(guest, slot, By::Company, Want::Wait, None, now))
    }

    fn staff_of(&self, desk: DeskId) -> &[PersonId] {
        self.staff.get(&desk).map_or(&[], Vec::as_slice)
    }

    fn waiting_for(&self, slot: SlotId) -> impl Iterator<Item = &WaitingPlace> {
        self.waiting.iter().filter(move |place| place.slot_id == slot)
    }

    fn is_busy(&self, claimant: Uuid, slot: &Slot, except: Option<BookingId>) -> bool {
        ticks(slot.starts_at, slot.ends_at)
            .into_iter()
            .any(|tick| self.busy.get(&(claimant, tick)).is_some_and(|booking| Some(*booking) != except))
    }
}

pub fn free_slot(slot: &Slot) -> FreeSlot {
    FreeSlot { slot_id: slot.id, desk_id: slot.desk_id, starts_at: slot.starts_at, ends_at: slot.ends_at }
}

fn count<T>(items: impl Iterator<Item = T>) -> i64 {
    i64::try_from(items.count()).unwrap_or(i64::MAX)
}

async fn companies(
    tx: &mut Tx,
    session: &Session,
    ids: &HashSet<OrganisationId>,
) -> Result<HashMap<OrganisationId, Company>> {
    let all = || ids.iter().copied();
    let mut companies: HashMap<_, _> = all().map(|id| (id, Company::default())).collect();
    for (id,) in organisations::active_companies(tx, all()).await? {
        companies.entry(id).or_default().active = true;
    }
    for part in registrations::of_companies(tx, session.id, all()).await? {
        companies.entry(part.company_id).or_default().registration = Some(part.state);
    }
    if session.booking_by == BookingBy::Interested {
        for (company, centre) in organisations::interesting(tx, all()).await? {
            companies.entry(company).or_default().interests.insert(centre);
        }
    }
    Ok(companies)
}

/// Bookings that occupy something, found by their slot, their desk and their company.
#[derive(Default)]
struct Occupants {
    /// None: it does not occupy anything any more.
    all: Vec<Option<Occupant>>,
    by_slot: HashMap<SlotId, Vec<usize>>,
    by_desk: HashMap<DeskId, Vec<usize>>,
    by_company: HashMap<OrganisationId, Vec<usize>>,
}

impl Occupants {
    fn add(&mut self, occupant: Occupant) {
        let at = self.all.len();
        self.by_slot.entry(occupant.slot_id).or_default().push(at);
        self.by_desk.entry(occupant.desk_id).or_default().push(at);
        self.by_company.entry(occupant.company_id).or_default().push(at);
        self.all.push(Some(occupant));
    }

    fn remove_requests(&mut self, slot: SlotId) {
        for at in self.by_slot.get(&slot).into_iter().flatten() {
            self.all[*at].take_if(|occupant| occupant.state == BookingState::Requested);
        }
    }

    fn of_slot(&self, slot: SlotId) -> impl Iterator<Item = &Occupant> {
        self.at(self.by_slot.get(&slot))
    }

    fn of_desk(&self, desk: DeskId) -> impl Iterator<Item = &Occupant> {
        self.at(self.by_desk.get(&desk))
    }

    fn of_company(&self, company: OrganisationId) -> impl Iterator<Item = &Occupant> {
        self.at(self.by_company.get(&company))
    }

    fn at<'a>(&'a self, places: Option<&'a Vec<usize>>) -> impl Iterator<Item = &'a Occupant> {
        places.into_iter().flatten().filter_map(|at| self.all[*at].as_ref())
    }
}
