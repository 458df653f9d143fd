//! What is known of a session's slots for one company: read in a handful of queries, for one slot or for all of them, and
//! turned into the question that `domain::booking` answers.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;
use yunqia_domain::{
    Refusal, Timestamp,
    booking::{self, Ask, By, CompanyFacts, DeskFacts, SessionRules, SlotFacts, Want},
    ids::{BookingId, DeskId, OrganisationId, PersonId, SlotId},
    slot_grid::ticks,
    states::{BookingBy, OrganisationKind, OrganisationState, RegistrationState, WaitingState},
};
use yunqia_store::{
    Result, Tx,
    bookings::{self, Claim, Occupant},
    desks::{self, Desk, Slot},
    organisations, registrations,
    sessions::Session,
    waiting_places::{self, WaitingPlace},
};

use crate::common::FreeSlot;

/// The slots in question, and everything that bears on them.
pub struct Board {
    pub session: Session,
    pub slots: Vec<Slot>,
    pub desks: HashMap<DeskId, Desk>,
    /// In order: the first who is free takes a talk.
    pub staff: HashMap<DeskId, Vec<PersonId>>,
    pub company: OrganisationId,
    pub contact: Option<PersonId>,
    occupants: Vec<Occupant>,
    waiting: Vec<WaitingPlace>,
    busy: HashMap<(Uuid, i64), BookingId>,
    company_active: bool,
    registration: Option<RegistrationState>,
    consents: HashSet<OrganisationId>,
    interests: HashSet<OrganisationId>,
}

impl Board {
    /// For `company`, which `contact` would represent: `None` where nobody is chosen yet.
    pub async fn read(
        tx: &mut Tx,
        session: Session,
        slots: Vec<Slot>,
        company: OrganisationId,
        contact: Option<PersonId>,
    ) -> Result<Board> {
        let desk_ids: HashSet<DeskId> = slots.iter().map(|slot| slot.desk_id).collect();
        let desks: HashMap<_, _> =
            desks::find_all(tx, desk_ids.iter().copied()).await?.into_iter().map(|desk| (desk.id, desk)).collect();
        let mut staff: HashMap<DeskId, Vec<PersonId>> = HashMap::new();
        for row in desks::staff(tx, desk_ids.iter().copied()).await? {
            staff.entry(row.desk_id).or_default().push(row.person_id);
        }
        let occupants = bookings::occupants(tx, session.id, company, desk_ids.iter().copied()).await?;
        let waiting = waiting_places::of_slots(tx, slots.iter().map(|slot| slot.id)).await?;
        let mut claimants: HashSet<Uuid> = [company.0].into();
        claimants.extend(contact.map(|contact| contact.0));
        claimants.extend(desks.values().flat_map(|desk| [Some(desk.id.0), desk.room_id.map(|room| room.0)]).flatten());
        claimants.extend(staff.values().flatten().map(|person| person.0));
        let busy = busy(tx, claimants, &slots).await?;
        let state = organisations::state_of(tx, company, OrganisationKind::Company).await?;
        let registration = registrations::of_company(tx, session.id, company).await?.map(|found| found.state);
        let consents = registrations::consents(tx, session.id, [company]).await?;
        let interests = match session.booking_by {
            BookingBy::Interested => organisations::interesting(tx, company).await?.into_iter().collect(),
            _ => HashSet::new(),
        };
        Ok(Board {
            session,
            slots,
            desks,
            staff,
            company,
            contact,
            occupants,
            waiting,
            busy,
            company_active: state == Some(OrganisationState::Approved),
            registration,
            consents: consents.iter().filter(|c| c.withdrawn_at.is_none()).map(|c| c.centre_id).collect(),
            interests,
        })
    }

    /// The question that is decided: may the company have this slot? `except` is the booking that is being accepted or
    /// moved, which does not stand in its own way.
    pub fn ask(&self, slot: &Slot, by: By, want: Want, except: Option<BookingId>, now: Timestamp) -> Ask {
        let desk = &self.desks[&slot.desk_id];
        let others = || self.occupants.iter().filter(move |occupant| Some(occupant.id) != except);
        let holds =
            others().filter(|o| o.slot_id == slot.id && o.state == yunqia_domain::states::BookingState::Requested);
        let in_time = |claimant: Uuid| self.is_busy(claimant, slot, except);
        let mine = || others().filter(|occupant| occupant.company_id == self.company);
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
                sold: others().any(|occupant| occupant.slot_id == slot.id && occupant.state.is_sold()),
                offered: self.waiting_for(slot.id).any(|place| {
                    place.state == WaitingState::Offered && (place.company_id != self.company || by != By::WaitingList)
                }),
                holds: i64::try_from(holds.count()).unwrap_or(i64::MAX),
                waiting: self.waiting_for(slot.id).any(|place| place.company_id == self.company),
            },
            company: CompanyFacts {
                active: self.company_active,
                registration: self.registration,
                consented: self.consents.contains(&desk.centre_id),
                interested: self.interests.contains(&desk.centre_id),
                asked: mine().any(|o| o.slot_id == slot.id && !o.state.is_sold()),
                busy: in_time(self.company.0),
                contact_busy: self.contact.is_some_and(|contact| in_time(contact.0)),
                met: mine().any(|occupant| {
                    occupant.centre_id == desk.centre_id
                        && (occupant.state == yunqia_domain::states::BookingState::Requested
                            || occupant.state.counts_as_talk())
                }),
                talks: count(mine().filter(|occupant| occupant.state.counts_as_talk())),
                requests: count(mine().filter(|occupant| !occupant.state.is_sold())),
            },
            desk: DeskFacts {
                busy: in_time(desk.id.0),
                room_busy: desk.room_id.is_some_and(|room| in_time(room.0)),
                has_staff: !staff.is_empty(),
                staff_busy: self.free_staff(slot, None, except).is_none(),
                talks: count(others().filter(|o| o.desk_id == desk.id && o.state.counts_as_talk())),
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
        self.occupants
            .iter()
            .filter(|occupant| occupant.slot_id == slot && Some(occupant.id) != except)
            .filter_map(|occupant| occupant.hold_place)
            .collect()
    }

    /// Slots the company could have now, the next first, at most `limit`; those of `desk` before the others.
    pub fn free_slots(
        &self,
        by: By,
        desk: Option<DeskId>,
        except: Option<BookingId>,
        now: Timestamp,
        limit: usize,
    ) -> Vec<FreeSlot> {
        let want = booking::want(by, self.session.booking_mode);
        let mut free: Vec<&Slot> =
            self.slots.iter().filter(|slot| booking::judge(&self.ask(slot, by, want, except, now)).is_ok()).collect();
        free.sort_by_key(|slot| (Some(slot.desk_id) != desk, slot.starts_at, slot.id));
        free.into_iter().take(limit).map(free_slot).collect()
    }

    /// Everything that stands in the way of waiting for a slot.
    pub fn may_wait(&self, slot: &Slot, now: Timestamp) -> std::result::Result<(), Refusal> {
        booking::judge(&self.ask(slot, By::Company, Want::Wait, None, now))
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

async fn busy(tx: &mut Tx, claimants: HashSet<Uuid>, slots: &[Slot]) -> Result<HashMap<(Uuid, i64), BookingId>> {
    let ticks = || slots.iter().flat_map(|slot| ticks(slot.starts_at, slot.ends_at));
    let (Some(first), Some(last)) = (ticks().min(), ticks().max()) else { return Ok(HashMap::new()) };
    let claims = bookings::claims(tx, claimants, first, last + 1).await?;
    Ok(claims.into_iter().map(|Claim { claimant_id, tick, booking_id }| ((claimant_id, tick), booking_id)).collect())
}
