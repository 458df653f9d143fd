//! A session on the clock: its windows, the state they bring it to, who may register when, and the reminders before it.

use jiff::{SignedDuration, civil::DateTime};

use crate::{
    Refusal, Timestamp,
    letters::LetterKind,
    states::{Audience, CompanyList, RegistrationState, SessionState},
    zones::{Reading, Zone},
};

/// Longest theme and desk name, in characters.
pub const TITLE_LENGTH_MAX: usize = 120;
pub const SUMMARY_LENGTH_MAX: usize = 4_000;
pub const SERIES_LENGTH_MAX: usize = 80;
pub const REASON_LENGTH_MAX: usize = 500;
pub const AGENDA_ITEMS_MAX: usize = 60;
pub const QUESTIONS_MAX: usize = 30;
pub const OPTIONS_MAX: usize = 30;
pub const HOSTS_MAX: usize = 60;
pub const DESKS_MAX: usize = 120;
pub const STAFF_MAX: usize = 20;
pub const PROJECTS_MAX: usize = 500;
pub const ATTENDEES_MAX: usize = 20;
pub const ANSWER_LENGTH_MAX: usize = 1_000;

/// What a new session has until its host says otherwise (market notes §6).
pub mod defaults {
    pub const SLOT_MINUTES: i64 = 20;
    pub const BUFFER_MINUTES: i64 = 5;
    pub const REQUEST_MINUTES: i64 = 24 * 60;
    pub const OFFER_MINUTES: i64 = 30;
    pub const OPEN_REQUESTS_MAX: i64 = 10;
    /// Booking opens this long before the session.
    pub const BOOKING_OPENS_DAYS: i64 = 21;
    /// Length of the hall when nothing says how long it lasts.
    pub const HALL_MINUTES: i64 = 90;
    /// Pause between the hall and the first talk.
    pub const PAUSE_MINUTES: i64 = 10;
}

/// The times that move a session on by themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Windows {
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    pub registration_opens_at: Timestamp,
    pub registration_closes_at: Timestamp,
    pub booking_opens_at: Timestamp,
    pub booking_closes_at: Timestamp,
}

impl Windows {
    /// The first of the six that breaks the order, with the rule.
    pub fn problem(&self) -> Option<(&'static str, Refusal)> {
        match () {
            () if self.starts_at >= self.ends_at => Some(("ends_at", Refusal::TimeOrder)),
            () if self.registration_opens_at >= self.registration_closes_at => {
                Some(("registration_closes_at", Refusal::TimeOrder))
            }
            () if self.booking_opens_at >= self.booking_closes_at => Some(("booking_closes_at", Refusal::TimeOrder)),
            // Only who has registered can book.
            () if self.booking_opens_at < self.registration_opens_at => {
                Some(("booking_opens_at", Refusal::WindowsWrong))
            }
            () => None,
        }
    }
}

/// The state the clock has brought a session to. What a person decides (publishing, closing, cancelling) it leaves.
pub fn state_at(state: SessionState, windows: &Windows, now: Timestamp) -> SessionState {
    use SessionState::*;
    let mut state = state;
    loop {
        let next = match state {
            Published if now >= windows.registration_opens_at => RegistrationOpen,
            RegistrationOpen if now >= windows.booking_opens_at => BookingOpen,
            RegistrationOpen | BookingOpen if now >= windows.starts_at => Live,
            Live if now >= windows.ends_at => Talks,
            _ => return state,
        };
        state = next;
    }
}

/// What is known when a company wants to register.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    pub now: Timestamp,
    /// By the clock: [`state_at`].
    pub state: SessionState,
    pub windows: Windows,
    pub audience: Audience,
    pub capacity: Option<i64>,
    /// Companies that take part.
    pub taking_part: i64,
    /// What the company is in the session so far; `None` also when nobody in particular asks.
    pub registration: Option<RegistrationState>,
    /// A company in particular asks: then an invitation counts.
    pub known: bool,
}

/// Whether a company may register.
pub fn judge_entry(entry: &Entry) -> Result<(), Refusal> {
    use RegistrationState::*;
    match () {
        () if !entry.state.is_public() => Err(Refusal::SessionNotPublic),
        () if entry.state.is_over() => Err(Refusal::SessionOver),
        () if matches!(entry.registration, Some(Registered | Approved | CheckedIn | Attended | Absent | Rejected)) => {
            Err(Refusal::AlreadyRegistered)
        }
        () if !entry.state.takes_registrations() => Err(Refusal::RegistrationNotOpen),
        () if entry.now >= entry.windows.registration_closes_at => Err(Refusal::RegistrationClosed),
        () if entry.known && entry.audience == Audience::Invited && entry.registration.is_none() => {
            Err(Refusal::InvitedOnly)
        }
        () if entry.capacity.is_some_and(|capacity| entry.taking_part >= capacity) => Err(Refusal::SessionFull),
        () => Ok(()),
    }
}

/// When the reminders of a talk are due, for a reader in `zone`; those whose time has passed are left out. The one of the
/// day before never falls between 22:00 and 08:00 of the reader: it comes in the morning, if the talk is later than that.
pub fn talk_reminders(starts_at: Timestamp, zone: &Zone, now: Timestamp) -> Vec<(LetterKind, Timestamp)> {
    let before = |minutes: i64| starts_at.plus(SignedDuration::from_mins(-minutes));
    let mut due = Vec::new();
    if let Some(day) = day_before(starts_at, zone, now) {
        due.push((LetterKind::TalkReminder1d, day));
    }
    due.extend(
        [(LetterKind::TalkReminder1h, before(60)), (LetterKind::TalkReminder10m, before(10))]
            .into_iter()
            .filter(|(_, at)| *at > now),
    );
    due
}

/// When the reminder of the day before is due, outside quiet hours; `None` if it would come too late to be of use.
pub fn day_before(starts_at: Timestamp, zone: &Zone, now: Timestamp) -> Option<Timestamp> {
    let day = starts_at.plus(SignedDuration::from_hours(-24));
    if day <= now {
        return None;
    }
    let due = zone.quiet_until(day).map_or(day, Timestamp::from);
    // Two hours before the talk it says nothing that the next reminder does not.
    (due <= starts_at.plus(SignedDuration::from_hours(-2))).then_some(due)
}

/// When the reminders of a session are due, for a reader in `zone`; those whose time has passed are left out.
pub fn session_reminders(starts_at: Timestamp, zone: &Zone, now: Timestamp) -> Vec<(LetterKind, Timestamp)> {
    let soon = starts_at.plus(SignedDuration::from_mins(-30));
    let mut due = Vec::new();
    if let Some(day) = day_before(starts_at, zone, now) {
        due.push((LetterKind::SessionReminder1d, day));
    }
    if soon > now {
        due.push((LetterKind::SessionReminder30m, soon));
    }
    due
}

/// A wall time such as `2026-11-23T15:00` on a zone's clock.
pub fn wall_time(text: &str, zone: &Zone) -> Result<Timestamp, Refusal> {
    let wall: DateTime = text.parse().map_err(|_| Refusal::TimeWrong)?;
    if !(2000..=2999).contains(&wall.year()) {
        return Err(Refusal::TimeWrong);
    }
    match zone.reading(wall) {
        Reading::Once(instant) | Reading::Twice { first: instant, .. } => Ok(instant.into()),
        Reading::Skipped { .. } => Err(Refusal::TimeSkipped),
    }
}

/// The wall time of an instant, as [`wall_time`] reads it.
pub fn wall_text(instant: Timestamp, zone: &Zone) -> String {
    zone.wall_at(instant).strftime("%Y-%m-%dT%H:%M").to_string()
}

/// Whether somebody may see which companies come: as the hosts have set it. `registration` is the reader's own.
pub fn may_see_companies(
    list: CompanyList,
    hosts: bool,
    registration: Option<RegistrationState>,
) -> Result<(), Refusal> {
    match (list, registration) {
        _ if hosts => Ok(()),
        (CompanyList::Everyone, _) => Ok(()),
        (CompanyList::Registered, Some(state)) if state.takes_part() || state == RegistrationState::Absent => Ok(()),
        (CompanyList::Registered, Some(_)) => Err(Refusal::NotApproved),
        (CompanyList::Registered, None) => Err(Refusal::NotRegistered),
        (CompanyList::Hosts, _) => Err(Refusal::NotAllowed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn windows() -> Windows {
        Windows {
            starts_at: at("2026-11-23T01:30:00Z"),
            ends_at: at("2026-11-23T03:00:00Z"),
            registration_opens_at: at("2026-10-01T00:00:00Z"),
            registration_closes_at: at("2026-11-23T03:00:00Z"),
            booking_opens_at: at("2026-11-02T01:30:00Z"),
            booking_closes_at: at("2026-11-23T06:00:00Z"),
        }
    }

    #[test]
    fn the_clock_moves_a_published_session_on_and_no_other() {
        use SessionState::*;
        let w = windows();
        for (now, want) in [
            ("2026-09-30T00:00:00Z", Published),
            ("2026-10-01T00:00:00Z", RegistrationOpen),
            ("2026-11-02T01:30:00Z", BookingOpen),
            ("2026-11-23T01:30:00Z", Live),
            ("2026-11-23T03:00:00Z", Talks),
            ("2027-01-01T00:00:00Z", Talks),
        ] {
            assert_eq!(state_at(Published, &w, at(now)), want, "{now}");
        }
        for state in [Draft, Submitted, Closed, Archived, Cancelled] {
            assert_eq!(state_at(state, &w, at("2027-01-01T00:00:00Z")), state);
        }
    }

    #[test]
    fn every_move_of_the_clock_is_a_legal_one() {
        use SessionState::*;
        let w = windows();
        for (from, to) in
            [(Published, RegistrationOpen), (RegistrationOpen, BookingOpen), (BookingOpen, Live), (Live, Talks)]
        {
            assert!(from.may_become(to), "{from:?} {to:?}");
        }
        assert_eq!(w.problem(), None);
        assert_eq!(Windows { ends_at: w.starts_at, ..w }.problem(), Some(("ends_at", Refusal::TimeOrder)));
    }

    #[test]
    fn registration_has_its_window_its_guests_and_its_number() {
        let open = Entry {
            now: at("2026-11-01T00:00:00Z"),
            state: SessionState::RegistrationOpen,
            windows: windows(),
            audience: Audience::Public,
            capacity: Some(2),
            taking_part: 1,
            registration: None,
            known: true,
        };
        assert_eq!(judge_entry(&open), Ok(()));
        assert_eq!(judge_entry(&Entry { taking_part: 2, ..open }), Err(Refusal::SessionFull));
        assert_eq!(judge_entry(&Entry { state: SessionState::Published, ..open }), Err(Refusal::RegistrationNotOpen));
        assert_eq!(judge_entry(&Entry { now: windows().ends_at, ..open }), Err(Refusal::RegistrationClosed));
        let invited = Entry { audience: Audience::Invited, ..open };
        assert_eq!(judge_entry(&invited), Err(Refusal::InvitedOnly));
        assert_eq!(judge_entry(&Entry { registration: Some(RegistrationState::Invited), ..invited }), Ok(()));
        let twice = Entry { registration: Some(RegistrationState::Approved), ..open };
        assert_eq!(judge_entry(&twice), Err(Refusal::AlreadyRegistered));
        assert_eq!(judge_entry(&Entry { registration: Some(RegistrationState::Withdrawn), ..open }), Ok(()));
    }

    #[test]
    fn the_day_before_is_told_at_a_decent_hour_of_the_reader() {
        let shanghai = Zone::shanghai();
        let now = at("2026-11-01T00:00:00Z");
        // A talk at 15:00: the same time of the day before.
        assert_eq!(day_before(at("2026-11-23T07:00:00Z"), &shanghai, now), Some(at("2026-11-22T07:00:00Z")));
        // A talk at 22:30 is told of at 08:00 of its own day.
        assert_eq!(day_before(at("2026-11-23T14:30:00Z"), &shanghai, now), Some(at("2026-11-23T00:00:00Z")));
        // For a reader in New York 09:30 in Beijing is 20:30 of the day before.
        let new_york: Zone = "America/New_York".parse().unwrap();
        assert_eq!(day_before(at("2026-11-23T01:30:00Z"), &new_york, now), Some(at("2026-11-22T01:30:00Z")));
        // Booked within the day: no reminder of the day before, the others stay.
        let kinds: Vec<_> = talk_reminders(at("2026-11-23T07:00:00Z"), &shanghai, at("2026-11-23T06:30:00Z"));
        assert_eq!(kinds, [(LetterKind::TalkReminder10m, at("2026-11-23T06:50:00Z"))]);
        // A session is told of a day and half an hour before.
        let starts_at = at("2026-11-23T01:30:00Z");
        let soon = (LetterKind::SessionReminder30m, at("2026-11-23T01:00:00Z"));
        let day = (LetterKind::SessionReminder1d, at("2026-11-22T01:30:00Z"));
        assert_eq!(session_reminders(starts_at, &shanghai, now), [day, soon]);
        assert_eq!(session_reminders(starts_at, &shanghai, at("2026-11-22T02:00:00Z")), [soon]);
        assert_eq!(session_reminders(starts_at, &shanghai, soon.1), []);
    }

    #[test]
    fn wall_times_are_read_on_the_sessions_clock() {
        let shanghai = Zone::shanghai();
        assert_eq!(wall_time("2026-11-23T15:00", &shanghai), Ok(at("2026-11-23T07:00:00Z")));
        assert_eq!(wall_text(at("2026-11-23T07:00:00Z"), &shanghai), "2026-11-23T15:00");
        assert_eq!(wall_time("tomorrow", &shanghai), Err(Refusal::TimeWrong));
        assert_eq!(wall_time("2026-03-29T02:30", &"Europe/Berlin".parse().unwrap()), Err(Refusal::TimeSkipped));
    }
}
