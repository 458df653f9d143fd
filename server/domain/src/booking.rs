//! Whether a company may have a slot: the one place where it is decided.
//!
//! [`reasons`] looks at what is known of the session, the slot and the two sides ([`Ask`]) and names everything that
//! stands in the way, in the order in which a person should hear it; [`judge`] gives the first. The acts call it under the
//! session's lock, for one booking after the other, against the board as those before left it. What it cannot see, because
//! it happens at the same moment in another session, the schema refuses (`claims`).

use jiff::SignedDuration;

use crate::{
    Refusal, Timestamp,
    states::{BookingBy, BookingMode, RegistrationState, SessionState},
};

/// Soft holds on one slot; the schema has as many places (`bookings_soft_holds`).
pub const SOFT_HOLDS_MAX: i64 = 3;
/// An offer to the waiting list ends at the latest this long before its slot, so that the one who takes it can come.
pub const OFFER_ENDS_BEFORE_MINUTES: i64 = 10;
/// Longest subject of a talk, in characters.
pub const SUBJECT_LENGTH_MAX: usize = 500;

/// On whose word a booking is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The company itself.
    Company,
    /// The centre or the operator, for a company: windows and the limit of requests do not bind it.
    Centre,
    /// The company, taking the slot it was offered from the waiting list.
    WaitingList,
}

/// What is asked of the slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// Hold it softly until the desk answers.
    Request,
    /// Have it.
    Talk,
    /// A place on its waiting list.
    Wait,
}

/// What is known when somebody asks for a slot. "Other" leaves out the booking that is being accepted or moved.
#[derive(Clone, Copy, Debug)]
pub struct Ask {
    pub now: Timestamp,
    pub by: By,
    pub want: Want,
    pub session: SessionRules,
    pub slot: SlotFacts,
    pub company: CompanyFacts,
    pub desk: DeskFacts,
}

/// What the session says.
#[derive(Clone, Copy, Debug)]
pub struct SessionRules {
    /// The state by the clock ([`crate::session::state_at`]).
    pub state: SessionState,
    pub booking_opens_at: Timestamp,
    pub booking_closes_at: Timestamp,
    pub booking_by: BookingBy,
    /// The same two organisations may meet more than once.
    pub repeat_meetings: bool,
    pub talks_per_company_max: Option<i64>,
    pub talks_per_desk_max: Option<i64>,
    pub open_requests_max: Option<i64>,
}

#[derive(Clone, Copy, Debug)]
pub struct SlotFacts {
    pub starts_at: Timestamp,
    pub open: bool,
    /// Another confirmed booking has it.
    pub sold: bool,
    /// It is on offer to another company of the waiting list.
    pub offered: bool,
    /// Other requests that hold it softly.
    pub holds: i64,
    /// The company is on its waiting list.
    pub waiting: bool,
}

#[derive(Clone, Copy, Debug)]
pub struct CompanyFacts {
    /// The organisation's account is verified and not suspended.
    pub active: bool,
    pub registration: Option<RegistrationState>,
    /// It agreed that its details go to this centre.
    pub consented: bool,
    /// It registered interest in this centre or in a project of it.
    pub interested: bool,
    /// Another request of it holds this very slot.
    pub asked: bool,
    /// In another confirmed talk at this time, in whatever session.
    pub busy: bool,
    /// The person who would come is.
    pub contact_busy: bool,
    /// Another talk or request with this centre in this session.
    pub met: bool,
    /// Other talks in this session.
    pub talks: i64,
    /// Other open requests in this session.
    pub requests: i64,
}

#[derive(Clone, Copy, Debug)]
pub struct DeskFacts {
    pub busy: bool,
    pub room_busy: bool,
    pub has_staff: bool,
    /// Nobody of the staff is free.
    pub staff_busy: bool,
    /// Other talks at this desk.
    pub talks: i64,
}

/// Whether it may be; the first reason if not.
pub fn judge(ask: &Ask) -> Result<(), Refusal> {
    match reasons(ask).first() {
        None => Ok(()),
        Some(&refusal) => Err(refusal),
    }
}

/// Everything that stands in the way, in the order of [`Refusal`]'s list.
pub fn reasons(ask: &Ask) -> Vec<Refusal> {
    let mut found = Vec::new();
    let mut when = |wrong: bool, refusal: Refusal| {
        if wrong {
            found.push(refusal);
        }
    };
    let Ask { now, by, want, session, slot, company, desk } = *ask;
    let hosts = by == By::Centre;
    let waits = want == Want::Wait;
    let can_be_had = !slot.sold && !slot.offered && slot.holds < SOFT_HOLDS_MAX;

    when(!company.active, Refusal::CompanyNotActive);
    when(!session.state.is_public(), Refusal::SessionNotPublic);
    when(session.state.is_over(), Refusal::SessionOver);
    match company.registration {
        None | Some(RegistrationState::Invited | RegistrationState::Withdrawn) => when(true, Refusal::NotRegistered),
        Some(state) => when(!state.takes_part(), Refusal::NotApproved),
    }
    // An offer was made in time and is taken in time, whatever happened to the window.
    if by == By::Company {
        when(now < session.booking_opens_at || !session.state.takes_bookings(), Refusal::BookingNotOpen);
        when(now >= session.booking_closes_at, Refusal::BookingClosed);
    }
    when(slot.starts_at <= now, Refusal::SlotPast);
    when(!slot.open, Refusal::SlotClosed);
    when(!waits && slot.sold, Refusal::SlotTaken);
    when(!waits && slot.offered, Refusal::SlotOffered);
    when(want == Want::Request && slot.holds >= SOFT_HOLDS_MAX, Refusal::SlotFullOfRequests);
    when(company.asked, Refusal::AskedAlready);
    when(company.busy, Refusal::CompanyBusy);
    when(company.contact_busy, Refusal::PersonBusy);
    // A place on the waiting list asks nothing of the desk yet.
    when(!waits && desk.busy, Refusal::DeskBusy);
    when(!waits && desk.has_staff && desk.staff_busy, Refusal::StaffBusy);
    when(!waits && desk.room_busy, Refusal::RoomBusy);
    when(company.met && !session.repeat_meetings, Refusal::MetAlready);
    when(reached(company.talks, session.talks_per_company_max), Refusal::CompanyLimit);
    when(!waits && reached(desk.talks, session.talks_per_desk_max), Refusal::DeskLimit);
    when(
        want == Want::Request && !hosts && reached(company.requests, session.open_requests_max),
        Refusal::RequestLimit,
    );
    when(!company.consented, Refusal::ConsentNeeded);
    when(!hosts && session.booking_by == BookingBy::Interested && !company.interested, Refusal::InterestNeeded);
    when(!hosts && session.booking_by == BookingBy::Hosts, Refusal::HostsBook);
    when(!desk.has_staff, Refusal::NoStaff);
    when(waits && can_be_had, Refusal::SlotFree);
    when(waits && slot.waiting, Refusal::WaitingAlready);
    found
}

/// What a booking by this side becomes: in request mode the desk is asked first, unless the desk itself books.
pub fn want(by: By, mode: BookingMode) -> Want {
    match (by, mode) {
        (By::Centre, _) | (_, BookingMode::FirstCome) => Want::Talk,
        (By::Company | By::WaitingList, BookingMode::Request) => Want::Request,
    }
}

/// Until when a request made now holds its slot: never past the slot's start.
pub fn hold_expires_at(now: Timestamp, request_minutes: i64, slot_starts_at: Timestamp) -> Timestamp {
    now.plus_minutes(request_minutes).min(slot_starts_at)
}

/// Until when an offer made now stands; none if the slot begins too soon for an offer.
pub fn offer_lapses_at(now: Timestamp, offer_minutes: i64, slot_starts_at: Timestamp) -> Option<Timestamp> {
    let last = slot_starts_at.plus(SignedDuration::from_mins(-OFFER_ENDS_BEFORE_MINUTES));
    Some(now.plus_minutes(offer_minutes).min(last)).filter(|lapses| *lapses > now)
}

/// The lowest free place among the soft holds of a slot.
pub fn free_hold(taken: &[i64]) -> Option<i64> {
    (1..=SOFT_HOLDS_MAX).find(|place| !taken.contains(place))
}

/// No limit is null, never 0.
fn reached(count: i64, limit: Option<i64>) -> bool {
    limit.is_some_and(|limit| count >= limit)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(minutes: i64) -> Timestamp {
        "2026-11-23T00:00:00Z".parse::<Timestamp>().unwrap().plus_minutes(minutes)
    }

    /// A company that may book, a slot that is free.
    fn fine() -> Ask {
        Ask {
            now: at(0),
            by: By::Company,
            want: Want::Talk,
            session: SessionRules {
                state: SessionState::BookingOpen,
                booking_opens_at: at(-60),
                booking_closes_at: at(600),
                booking_by: BookingBy::Approved,
                repeat_meetings: false,
                talks_per_company_max: None,
                talks_per_desk_max: None,
                open_requests_max: None,
            },
            slot: SlotFacts { starts_at: at(120), open: true, sold: false, offered: false, holds: 0, waiting: false },
            company: CompanyFacts {
                active: true,
                registration: Some(RegistrationState::Approved),
                consented: true,
                interested: false,
                asked: false,
                busy: false,
                contact_busy: false,
                met: false,
                talks: 0,
                requests: 0,
            },
            desk: DeskFacts { busy: false, room_busy: false, has_staff: true, staff_busy: false, talks: 0 },
        }
    }

    /// Each reason alone: what makes it, and that nothing else is said.
    #[test]
    fn every_obstacle_has_its_own_reason() {
        type Spoil = fn(&mut Ask);
        let cases: &[(Refusal, Spoil)] = &[
            (Refusal::SessionNotPublic, |a| {
                a.session.state = SessionState::Draft;
                a.by = By::Centre;
            }),
            (Refusal::CompanyNotActive, |a| a.company.active = false),
            (Refusal::NotRegistered, |a| a.company.registration = None),
            (Refusal::NotRegistered, |a| a.company.registration = Some(RegistrationState::Invited)),
            (Refusal::NotApproved, |a| a.company.registration = Some(RegistrationState::Registered)),
            (Refusal::NotApproved, |a| a.company.registration = Some(RegistrationState::Rejected)),
            (Refusal::BookingNotOpen, |a| a.session.booking_opens_at = at(1)),
            (Refusal::BookingNotOpen, |a| a.session.state = SessionState::RegistrationOpen),
            (Refusal::BookingClosed, |a| a.session.booking_closes_at = at(0)),
            (Refusal::SlotPast, |a| a.slot.starts_at = at(0)),
            (Refusal::SlotClosed, |a| a.slot.open = false),
            (Refusal::SlotTaken, |a| a.slot.sold = true),
            (Refusal::SlotOffered, |a| a.slot.offered = true),
            (Refusal::SlotFullOfRequests, |a| {
                a.want = Want::Request;
                a.slot.holds = 3;
            }),
            (Refusal::AskedAlready, |a| a.company.asked = true),
            (Refusal::CompanyBusy, |a| a.company.busy = true),
            (Refusal::PersonBusy, |a| a.company.contact_busy = true),
            (Refusal::DeskBusy, |a| a.desk.busy = true),
            (Refusal::StaffBusy, |a| a.desk.staff_busy = true),
            (Refusal::RoomBusy, |a| a.desk.room_busy = true),
            (Refusal::MetAlready, |a| a.company.met = true),
            (Refusal::CompanyLimit, |a| {
                a.session.talks_per_company_max = Some(2);
                a.company.talks = 2;
            }),
            (Refusal::DeskLimit, |a| {
                a.session.talks_per_desk_max = Some(1);
                a.desk.talks = 1;
            }),
            (Refusal::RequestLimit, |a| {
                a.want = Want::Request;
                a.session.open_requests_max = Some(10);
                a.company.requests = 10;
            }),
            (Refusal::ConsentNeeded, |a| a.company.consented = false),
            (Refusal::InterestNeeded, |a| a.session.booking_by = BookingBy::Interested),
            (Refusal::HostsBook, |a| a.session.booking_by = BookingBy::Hosts),
            (Refusal::NoStaff, |a| a.desk.has_staff = false),
            (Refusal::SlotFree, |a| a.want = Want::Wait),
            (Refusal::WaitingAlready, |a| {
                a.want = Want::Wait;
                a.slot.sold = true;
                a.slot.waiting = true;
            }),
        ];
        assert_eq!(reasons(&fine()), []);
        for (refusal, spoil) in cases {
            let mut ask = fine();
            spoil(&mut ask);
            assert_eq!(reasons(&ask), [*refusal], "{refusal:?}");
        }
    }

    #[test]
    fn a_session_that_is_over_takes_nothing() {
        for state in [SessionState::Closed, SessionState::Archived, SessionState::Cancelled] {
            let mut ask = fine();
            ask.session.state = state;
            assert_eq!(judge(&ask), Err(Refusal::SessionOver));
        }
    }

    #[test]
    fn hosts_are_not_bound_by_windows() {
        let mut ask = fine();
        ask.by = By::Centre;
        ask.session.booking_by = BookingBy::Hosts;
        ask.session.booking_opens_at = at(60);
        ask.session.state = SessionState::Published;
        assert_eq!(judge(&ask), Ok(()));
    }

    #[test]
    fn a_full_slot_can_be_waited_for_by_those_who_could_have_had_it() {
        let mut ask = fine();
        ask.want = Want::Wait;
        ask.slot.sold = true;
        ask.desk.busy = true;
        ask.desk.staff_busy = true;
        assert_eq!(judge(&ask), Ok(()));
        ask.company.met = true;
        assert_eq!(judge(&ask), Err(Refusal::MetAlready));
    }

    #[test]
    fn a_hold_never_outlives_the_slots_start() {
        assert_eq!(hold_expires_at(at(0), 60, at(120)), at(60));
        assert_eq!(hold_expires_at(at(0), 14_400, at(120)), at(120));
        assert_eq!(offer_lapses_at(at(0), 30, at(120)), Some(at(30)));
        assert_eq!(offer_lapses_at(at(0), 30, at(25)), Some(at(15)));
        assert_eq!(offer_lapses_at(at(0), 30, at(10)), None);
    }

    proptest! {
        /// Reasons come in the order of the list of refusals, each once, and none disappears when another is added.
        #[test]
        fn reasons_keep_their_order(bits in prop::collection::vec(any::<bool>(), 14), holds in 0i64..5) {
            let mut ask = fine();
            ask.want = if bits[0] { Want::Request } else { Want::Talk };
            ask.slot.holds = holds;
            ask.slot.sold = bits[1];
            ask.slot.offered = bits[2];
            ask.slot.open = bits[3];
            ask.company.busy = bits[4];
            ask.company.contact_busy = bits[5];
            ask.desk.busy = bits[6];
            ask.desk.room_busy = bits[7];
            ask.company.met = bits[8];
            ask.company.consented = bits[9];
            ask.desk.has_staff = bits[10];
            ask.desk.staff_busy = bits[11];
            ask.company.asked = bits[12];
            ask.company.active = bits[13];
            let found = reasons(&ask);
            let places: Vec<usize> = found.iter().map(|r| Refusal::ALL.iter().position(|a| a == r).unwrap()).collect();
            prop_assert!(places.windows(2).all(|pair| pair[0] < pair[1]), "{found:?}");
            let before = found.len();
            ask.slot.starts_at = at(-1);
            let more = reasons(&ask);
            prop_assert_eq!(more.len(), before + 1);
            prop_assert!(found.iter().all(|refusal| more.contains(refusal)));
        }

        #[test]
        fn places_of_holds_are_one_to_three(taken in prop::collection::vec(1i64..=3, 0..5)) {
            match free_hold(&taken) {
                Some(place) => prop_assert!((1..=3).contains(&place) && !taken.contains(&place)),
                None => prop_assert!((1..=3).all(|place| taken.contains(&place))),
            }
        }
    }
}
