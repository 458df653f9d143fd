//! The state machines of a session, a registration, a booking and a message, as data (domain notes §2.9).
//!
//! Each machine answers one question: may a thing in state A become B? Who may ask for the move, and what else must be
//! true, is decided by the acts.

use serde::{Deserialize, Serialize};

/// A set of words, stored as text, sent as text.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema)]
        #[serde(rename_all = "snake_case")]
        #[sqlx(type_name = "text", rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant),* }

        impl $name {
            pub const ALL: &'static [$name] = &[$($name::$variant),*];
        }
    };
}

words! {
    /// Life of a promotion session.
    SessionState { Draft, Submitted, Published, RegistrationOpen, BookingOpen, Live, Talks, Closed, Archived, Cancelled }
}

impl SessionState {
    /// The states that may follow this one. A session only moves forward; it can be cancelled until it is closed, and a
    /// submitted one can go back to its authors.
    pub fn next(self) -> &'static [SessionState] {
        use SessionState::*;
        match self {
            Draft => &[Submitted, Published, Cancelled],
            Submitted => &[Draft, Published, Cancelled],
            Published => &[RegistrationOpen, Cancelled],
            RegistrationOpen => &[BookingOpen, Live, Cancelled],
            BookingOpen => &[Live, Talks, Cancelled],
            Live => &[Talks, Closed, Cancelled],
            Talks => &[Closed, Cancelled],
            Closed => &[Archived],
            Archived | Cancelled => &[],
        }
    }

    pub fn may_become(self, next: SessionState) -> bool {
        self.next().contains(&next)
    }

    /// Anybody may read its page.
    pub fn is_public(self) -> bool {
        !matches!(self, SessionState::Draft | SessionState::Submitted)
    }

    /// Registration may be asked for (inside its window).
    pub fn takes_registrations(self) -> bool {
        matches!(
            self,
            SessionState::RegistrationOpen | SessionState::BookingOpen | SessionState::Live | SessionState::Talks
        )
    }

    /// Slots may be booked (inside the window).
    pub fn takes_bookings(self) -> bool {
        matches!(self, SessionState::BookingOpen | SessionState::Live | SessionState::Talks)
    }

    /// The hall may be entered.
    pub fn has_hall(self) -> bool {
        matches!(self, SessionState::Live | SessionState::Talks)
    }

    /// Nothing of it changes any more.
    pub fn is_over(self) -> bool {
        matches!(self, SessionState::Closed | SessionState::Archived | SessionState::Cancelled)
    }
}

words! {
    /// Life of a company's part in a session.
    RegistrationState { Invited, Registered, Approved, Returned, Rejected, Withdrawn, CheckedIn, Attended, Absent }
}

impl RegistrationState {
    pub fn next(self) -> &'static [RegistrationState] {
        use RegistrationState::*;
        match self {
            Invited => &[Registered, Withdrawn],
            Registered => &[Approved, Returned, Rejected, Withdrawn],
            Returned => &[Registered, Withdrawn],
            Rejected => &[Approved],
            Approved => &[CheckedIn, Absent, Rejected, Withdrawn],
            Withdrawn => &[Registered],
            CheckedIn => &[Attended, Withdrawn],
            Attended | Absent => &[],
        }
    }

    pub fn may_become(self, next: RegistrationState) -> bool {
        self.next().contains(&next)
    }

    /// The company takes part: it may book and enter the hall.
    pub fn takes_part(self) -> bool {
        matches!(self, RegistrationState::Approved | RegistrationState::CheckedIn | RegistrationState::Attended)
    }
}

words! {
    /// Life of a booking. `Requested` holds its slot softly until it expires.
    BookingState {
        Requested, Confirmed, CheckedIn, InTalk, HeldDone, NoShowCompany, NoShowCentre,
        Declined, CancelledByCompany, CancelledByCentre, CancelledByOperator, Expired, Moved,
    }
}

impl BookingState {
    pub fn next(self) -> &'static [BookingState] {
        use BookingState::*;
        match self {
            Requested => {
                &[Confirmed, Declined, CancelledByCompany, CancelledByCentre, CancelledByOperator, Expired, Moved]
            }
            Confirmed => &[
                CheckedIn,
                InTalk,
                HeldDone,
                NoShowCompany,
                NoShowCentre,
                CancelledByCompany,
                CancelledByCentre,
                CancelledByOperator,
                Moved,
            ],
            CheckedIn => &[
                InTalk,
                HeldDone,
                NoShowCompany,
                NoShowCentre,
                CancelledByCompany,
                CancelledByCentre,
                CancelledByOperator,
            ],
            InTalk => &[HeldDone, NoShowCompany, NoShowCentre],
            // The sides may correct their word.
            HeldDone => &[NoShowCompany, NoShowCentre],
            NoShowCompany => &[HeldDone, NoShowCentre],
            NoShowCentre => &[HeldDone, NoShowCompany],
            Declined | CancelledByCompany | CancelledByCentre | CancelledByOperator | Expired | Moved => &[],
        }
    }

    pub fn may_become(self, next: BookingState) -> bool {
        self.next().contains(&next)
    }

    /// It owns its slot and its claims: nobody else can have them.
    pub fn is_sold(self) -> bool {
        use BookingState::*;
        matches!(self, Confirmed | CheckedIn | InTalk | HeldDone | NoShowCompany | NoShowCentre)
    }

    /// A talk that is still to come or going on.
    pub fn is_ahead(self) -> bool {
        matches!(self, BookingState::Confirmed | BookingState::CheckedIn | BookingState::InTalk)
    }

    /// Counts against a company's or desk's limit of talks.
    pub fn counts_as_talk(self) -> bool {
        self.is_ahead() || self == BookingState::HeldDone
    }
}

words! {
    /// Life of a message. A message that a rule or a reviewed hall holds back is seen by its author and the moderators.
    MessageState { Published, Held, Rejected, Withdrawn, Removed }
}

impl MessageState {
    pub fn may_become(self, next: MessageState) -> bool {
        use MessageState::*;
        matches!((self, next), (Held, Published | Rejected | Withdrawn) | (Published, Withdrawn | Removed))
    }
}

words! {
    /// Life of a question to the hosts in the hall.
    QuestionState { Held, Published, Answered, Rejected, Withdrawn, Removed }
}

impl QuestionState {
    pub fn may_become(self, next: QuestionState) -> bool {
        use QuestionState::*;
        matches!(
            (self, next),
            (Held, Published | Rejected | Withdrawn)
                | (Published, Answered | Withdrawn | Removed)
                | (Answered, Answered | Removed)
        )
    }
}

words! {
    /// Life of an organisation's account.
    OrganisationState { Submitted, Approved, Returned, Suspended, Closed }
}

impl OrganisationState {
    pub fn may_become(self, next: OrganisationState) -> bool {
        use OrganisationState::*;
        matches!(
            (self, next),
            (Submitted, Approved | Returned | Closed)
                | (Returned, Submitted | Closed)
                | (Approved, Suspended | Closed)
                | (Suspended, Approved | Closed)
        )
    }
}

words! { WaitingState { Waiting, Offered, Taken, Lapsed, Left } }
words! { LetterState { Queued, Sent, Undeliverable, Held, Dropped } }
words! { PersonState { Active, Suspended, Closed } }
words! { OrganisationKind { Bureau, CityBureau, Office, Centre, Company } }
words! { Role { Manager, Member } }
words! { CompanySize { Micro, Small, Medium, Large, Group } }
words! { JoinRequestState { Open, Accepted, Declined } }
words! { InterestState { Open, Withdrawn } }
words! { Priority { Must, WouldLike, Watching } }
words! { BookingMode { FirstCome, Request } }
words! { Audience { Public, Invited } }
words! {
    /// Who sees the list of registered companies.
    CompanyList { Everyone, Registered, Hosts }
}
words! {
    /// Who may book: every approved company, only those that registered interest in the centre, or only the hosts.
    BookingBy { Approved, Interested, Hosts }
}
words! { BookingOrigin { Company, Centre, WaitingList } }
words! {
    /// Parts of a session's programme.
    AgendaKind {
        Lobby, Host, Speech, Video, Pitch, CountyPitch, Projects, Policy, Company, Qa, Signing, Close, Talks, Other
    }
}
words! { QuestionKind { Text, Number, YesNo, Choice } }
words! {
    /// What one side says of a talk afterwards.
    Word { Held, DidNotHappen, Problem }
}
words! { Outcome { NoIntent, Intent, FollowUp } }
words! { ChannelKind { Hall, Talk, Direct } }
words! { SanctionKind { Mute, Block } }
words! { NoticeState { Active, Archived } }

/// When a company means to invest. Written by hand because serde and sqlx disagree on digits in snake case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema)]
#[sqlx(type_name = "text")]
pub enum Horizon {
    #[serde(rename = "within_6_months")]
    #[sqlx(rename = "within_6_months")]
    Within6Months,
    #[serde(rename = "within_1_year")]
    #[sqlx(rename = "within_1_year")]
    Within1Year,
    #[serde(rename = "within_2_years")]
    #[sqlx(rename = "within_2_years")]
    Within2Years,
    #[serde(rename = "exploring")]
    #[sqlx(rename = "exploring")]
    Exploring,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_can_be_cancelled_until_it_is_closed() {
        for &state in SessionState::ALL {
            assert_eq!(state.may_become(SessionState::Cancelled), !state.is_over(), "{state:?}");
        }
    }

    #[test]
    fn finished_bookings_stay_finished() {
        use BookingState::*;
        for end in [Declined, CancelledByCompany, CancelledByCentre, CancelledByOperator, Expired, Moved] {
            assert!(end.next().is_empty(), "{end:?}");
            assert!(!end.is_sold());
        }
    }

    #[test]
    fn only_a_request_can_expire_or_be_declined() {
        for &state in BookingState::ALL {
            let requested = state == BookingState::Requested;
            assert_eq!(state.may_become(BookingState::Expired), requested);
            assert_eq!(state.may_become(BookingState::Declined), requested);
        }
    }
}
