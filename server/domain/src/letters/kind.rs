//! The kinds of letters, and what is true of each kind whatever it says.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::facts::Fact;
use crate::calendar::Method;

/// Whom a kind of letter goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Audience {
    /// A person as themselves, whoever they work for.
    Person,
    /// People of a company.
    Company,
    /// People of a centre (or of another body that hosts).
    Centre,
    /// Both sides of a talk or session; [`Facts::reader`](super::Facts::reader) says which one reads.
    Both,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $code:literal),* $(,)?) => {
        /// Why a letter is written. The codes are stored; they are never renamed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
        pub enum LetterKind { $($(#[$doc])* #[serde(rename = $code)] $variant),* }

        impl LetterKind {
            pub const ALL: &'static [LetterKind] = &[$(LetterKind::$variant),*];

            /// Stable name, as stored: `slot_confirmed`.
            pub const fn code(self) -> &'static str {
                match self { $(LetterKind::$variant => $code),* }
            }

            pub fn from_code(code: &str) -> Option<LetterKind> {
                match code { $($code => Some(LetterKind::$variant),)* _ => None }
            }
        }
    };
}

kinds! {
    /// Six digits and a link to sign in with.
    SignInCode = "sign_in_code",
    /// The same to an address that nobody has signed in with before: it is verified by that.
    AccountVerify = "account_verify",
    /// Somebody is invited to act for an organisation.
    MemberInvitation = "member_invitation",
    /// To an organisation's managers: somebody asks to join it.
    JoinRequestReceived = "join_request_received",
    /// To who asked to join: yes or no.
    JoinRequestAnswered = "join_request_answered",
    /// The company may act.
    AccountApproved = "account_approved",
    /// The company's details need more.
    AccountReturned = "account_returned",
    /// To an organisation's managers: it may not act for now; its requests and talks ahead are cancelled.
    AccountSuspended = "account_suspended",
    /// To an organisation's managers: it may not act any more.
    AccountClosed = "account_closed",
    /// A registration for a session arrived.
    RegistrationReceived = "registration_received",
    /// The company takes part; carries the session's calendar entry.
    RegistrationApproved = "registration_approved",
    /// The registration needs more.
    RegistrationReturned = "registration_returned",
    /// The company does not take part.
    RegistrationRejected = "registration_rejected",
    /// To the centre: a company that nobody invited registered and waits for an answer.
    RegistrationNew = "registration_new",
    /// To the centre: a company it invited registered, or declined.
    RsvpReceived = "rsvp_received",
    /// A centre invites a company to a session.
    Invitation = "invitation",
    /// An interest arrived.
    InterestReceived = "interest_received",
    /// To the centre: a new interest; starts the one-day clock.
    InterestNew = "interest_new",
    /// To the centre: a company asks for a slot.
    SlotRequested = "slot_requested",
    /// To the company: its request was sent and the slot is held.
    SlotRequestReceived = "slot_request_received",
    /// The talk stands.
    SlotConfirmed = "slot_confirmed",
    /// The talk stands at another time.
    SlotMoved = "slot_moved",
    /// The other side proposes another time.
    SlotProposed = "slot_proposed",
    /// The talk is off.
    SlotCancelled = "slot_cancelled",
    /// The centre declined the request.
    SlotDeclined = "slot_declined",
    /// Nobody answered the request in time.
    SlotExpired = "slot_expired",
    /// Another talk was confirmed at the time asked for.
    SlotLost = "slot_lost",
    /// Another colleague of the centre holds the talk.
    SlotReassigned = "slot_reassigned",
    /// A slot waited for is free and held for a while.
    WaitlistOffer = "waitlist_offer",
    /// The offer was not taken in time.
    WaitlistLapsed = "waitlist_lapsed",
    /// The session is tomorrow.
    SessionReminder1d = "session_reminder_1d",
    /// The session begins in half an hour.
    SessionReminder30m = "session_reminder_30m",
    /// The talk is tomorrow.
    TalkReminder1d = "talk_reminder_1d",
    /// The talk is in an hour.
    TalkReminder1h = "talk_reminder_1h",
    /// The talk is in ten minutes.
    TalkReminder10m = "talk_reminder_10m",
    /// Something about the session changed.
    SessionChanged = "session_changed",
    /// The session is off, and its talks with it.
    SessionCancelled = "session_cancelled",
    /// Messages left unread for a while, gathered.
    MessageDigest = "message_digest",
    /// To a centre's person: a question is theirs to answer.
    QuestionAssigned = "question_assigned",
    /// The question has an answer.
    QuestionAnswered = "question_answered",
    /// The other side is in the talk room and waits.
    TalkCall = "talk_call",
    /// The minutes can be read and confirmed.
    MinutesReady = "minutes_ready",
    /// How was the talk?
    FeedbackRequest = "feedback_request",
    /// To the centre: the session's report is there.
    ReportReady = "report_ready",
    /// To the centre: a company withdrew its consent to hand over personal information.
    ConsentWithdrawn = "consent_withdrawn",
}

impl LetterKind {
    pub fn audience(self) -> Audience {
        use LetterKind::*;
        match self {
            SignInCode | AccountVerify | MemberInvitation | JoinRequestReceived | JoinRequestAnswered
            | AccountSuspended | AccountClosed => Audience::Person,
            AccountApproved | AccountReturned | RegistrationReceived | RegistrationApproved | RegistrationReturned
            | RegistrationRejected | Invitation | InterestReceived | SlotRequestReceived | SlotDeclined | SlotLost
            | WaitlistOffer | WaitlistLapsed | QuestionAnswered => Audience::Company,
            RegistrationNew | RsvpReceived | InterestNew | SlotRequested | QuestionAssigned | ReportReady
            | ConsentWithdrawn => Audience::Centre,
            SlotConfirmed | SlotMoved | SlotProposed | SlotCancelled | SlotExpired | SlotReassigned
            | SessionReminder1d | SessionReminder30m | TalkReminder1d | TalkReminder1h | TalkReminder10m
            | SessionChanged | SessionCancelled | MessageDigest | TalkCall | MinutesReady | FeedbackRequest => {
                Audience::Both
            }
        }
    }

    /// It concerns something the reader takes part in and is always sent. The others can be unsubscribed from (RFC 2369,
    /// RFC 8058) and go only to people who want them (`people.wants_digests`).
    pub fn is_transactional(self) -> bool {
        !matches!(self, LetterKind::Invitation | LetterKind::MessageDigest | LetterKind::FeedbackRequest)
    }

    /// What its calendar part may say; empty when it has none.
    pub fn calendar_methods(self) -> &'static [Method] {
        use LetterKind::*;
        match self {
            Invitation => &[Method::Publish],
            RegistrationApproved | SlotConfirmed | SlotMoved => &[Method::Request],
            // Who is only invited was sent it as news, not as an appointment.
            SessionChanged => &[Method::Request, Method::Publish],
            SlotCancelled | SessionCancelled => &[Method::Cancel],
            // The colleague who gives the talk away is taken off it; the others get the same event again.
            SlotReassigned => &[Method::Request, Method::Cancel],
            _ => &[],
        }
    }

    /// The usual calendar method, if it has a calendar part.
    pub fn calendar(self) -> Option<Method> {
        self.calendar_methods().first().copied()
    }

    /// Whether the person who caused it gets it too. Nobody is told what they just did, except where the letter is the
    /// receipt they asked for or carries the entry that keeps their own calendar true.
    pub fn goes_to_actor(self) -> bool {
        use LetterKind::*;
        self.calendar().is_some()
            || matches!(
                self,
                SignInCode | AccountVerify | RegistrationReceived | InterestReceived | SlotRequestReceived
            )
    }

    /// Without its calendar part the letter would be wrong: a confirmed time must reach the calendar. A cancellation
    /// has none when the talk was only asked for.
    pub fn needs_calendar(self) -> bool {
        matches!(self, LetterKind::SlotConfirmed | LetterKind::SlotMoved)
    }

    /// Its calendar entry is the session; otherwise it is the talk.
    pub fn is_about_session(self) -> bool {
        use LetterKind::*;
        matches!(self, Invitation | RegistrationApproved | SessionChanged | SessionCancelled)
    }

    /// Holds off until the reader's quiet hours (22:00 to 08:00) are over. What concerns the next hours does not.
    pub fn waits_for_morning(self) -> bool {
        use LetterKind::*;
        matches!(
            self,
            Invitation
                | SessionReminder1d
                | TalkReminder1d
                | MessageDigest
                | FeedbackRequest
                | MinutesReady
                | ReportReady
        )
    }

    /// Carries a key to an account: its facts are erased once it is sent, and nobody but the reader is shown it.
    pub fn is_secret(self) -> bool {
        matches!(self, LetterKind::SignInCode | LetterKind::AccountVerify | LetterKind::MemberInvitation)
    }

    /// The facts without which the letter cannot be written, and those it shows when they are given.
    ///
    /// Every kind needs [`Facts::link`](super::Facts::link), the page its button opens; it is noted beside the kind.
    /// Kinds for [`Audience::Both`] that word the two sides differently need [`Fact::Reader`].
    #[rustfmt::skip]
    pub fn facts(self) -> (&'static [Fact], &'static [Fact]) {
        use Fact::*;
        use LetterKind::*;
        match self {
            //                       needs                                        shows if given                                     link
            SignInCode           => (&[Code, Minutes],                            &[]),                                           // page with the sign-in button, secret after `#`
            AccountVerify        => (&[Code, Minutes],                            &[]),                                           // as above
            MemberInvitation     => (&[Organisation, Person],                     &[Deadline]),                                   // page that shows the invitation, secret after `#`
            JoinRequestReceived  => (&[Organisation, Person],                     &[Note]),                                       // members of the organisation
            JoinRequestAnswered  => (&[Organisation, Accepted],                   &[Reason]),                                     // the organisation, or the request
            AccountApproved      => (&[Company],                                  &[]),                                           // list of sessions
            AccountReturned      => (&[Company, Reason],                          &[]),                                           // the company's details
            AccountSuspended     => (&[Organisation, Reason],                     &[]),                                           // the public list of sessions
            AccountClosed        => (&[Organisation, Reason],                     &[]),                                           // the public list of sessions
            RegistrationReceived => (&[Company, Session],                         &[]),                                           // the registration
            RegistrationApproved => (&[Company, Session],                         &[Reason, Calendar]),                           // the session's timetable
            RegistrationReturned => (&[Company, Session, Reason],                 &[Deadline]),                                   // the registration
            RegistrationRejected => (&[Company, Session],                         &[Reason]),                                     // the registration
            RegistrationNew      => (&[Company, Session],                         &[Person, Note]),                               // registrations of the session
            RsvpReceived         => (&[Company, Session, Accepted],               &[Person, Reason]),                             // registrations of the session
            Invitation           => (&[Company, Centre, Session],                 &[Deadline, Note, Calendar]),                   // the session's public page
            InterestReceived     => (&[Company, Centre],                          &[Project]),                                    // the company's interests
            InterestNew          => (&[Company, Centre],                          &[Project, Planned, Horizon, Priority, Deadline, Note]), // the interest
            SlotRequested        => (&[Company, Centre, Session, Talk, Deadline], &[Note]),                                       // the booking, to answer
            SlotRequestReceived  => (&[Company, Centre, Session, Talk, Deadline], &[]),                                           // the booking
            SlotConfirmed        => (&[Reader, Company, Centre, Session, Talk, Calendar], &[By, Reason]),                         // the booking
            SlotMoved            => (&[Reader, Company, Centre, Session, Talk, Was, Calendar], &[By, Reason]),                    // the booking
            SlotProposed         => (&[Reader, Company, Centre, Session, Talk, Deadline], &[Was, Note]),                          // the booking, to answer
            SlotCancelled        => (&[Reader, Company, Centre, Session, Talk],   &[By, Reason, FreeTimes, Calendar]),            // my schedule
            SlotDeclined         => (&[Company, Centre, Session, Talk],           &[Reason, FreeTimes]),                          // the timetable
            SlotExpired          => (&[Reader, Company, Centre, Session, Talk],   &[FreeTimes]),                                  // the timetable, or the desk
            SlotLost             => (&[Company, Centre, Session, Talk],           &[FreeTimes]),                                  // the timetable
            SlotReassigned       => (&[Reader, Company, Centre, Session, Talk, Person, Handover], &[By, Reason, Calendar]),       // the booking
            WaitlistOffer        => (&[Company, Centre, Session, Talk, Deadline], &[]),                                           // the waiting place, to answer
            WaitlistLapsed       => (&[Company, Centre, Session, Talk],           &[FreeTimes]),                                  // the timetable
            SessionReminder1d    => (&[Reader, Session],                          &[Talks]),                                      // the hall
            SessionReminder30m   => (&[Reader, Session],                          &[]),                                           // the hall
            TalkReminder1d       => (&[Reader, Company, Centre, Session, Talk],   &[]),                                           // the booking
            TalkReminder1h       => (&[Reader, Company, Centre, Session, Talk],   &[]),                                           // the talk room
            TalkReminder10m      => (&[Reader, Company, Centre, Session, Talk],   &[]),                                           // the talk room
            SessionChanged       => (&[Reader, Session, Changes],                 &[Was, Note, Calendar]),                        // the session
            SessionCancelled     => (&[Session],                                  &[By, Reason, Talks, Calendar]),                // list of sessions
            MessageDigest        => (&[Messages, Unread],                         &[]),                                           // the messages
            QuestionAssigned     => (&[Session, Question],                        &[Person, Company, Deadline]),                  // the question
            QuestionAnswered     => (&[Session, Question, Answer],                &[Centre]),                                     // the question
            TalkCall             => (&[Reader, Company, Centre, Session, Talk],   &[]),                                           // the talk room
            MinutesReady         => (&[Reader, Company, Centre, Session, Talk],   &[Deadline]),                                   // the talk
            FeedbackRequest      => (&[Reader, Company, Centre, Session, Talk],   &[]),                                           // the talk
            ReportReady          => (&[Session],                                  &[]),                                           // the report
            ConsentWithdrawn     => (&[Company, Centre],                          &[Session]),                                    // the registration
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_back_and_unique() {
        for kind in LetterKind::ALL {
            assert_eq!(LetterKind::from_code(kind.code()), Some(*kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.code());
            assert_eq!(LetterKind::ALL.iter().filter(|other| other.code() == kind.code()).count(), 1);
        }
        assert_eq!(LetterKind::from_code("account_verified"), None);
    }

    /// The field's own list of notifications. Its rows on leads, milestones, visits and erased data are of other acts.
    #[test]
    fn the_fields_types_of_notifications_are_kinds() {
        use Audience::*;
        #[rustfmt::skip]
        let types: &[(&str, &[Audience], Option<Method>)] = &[
            ("account_verify",       &[Person],        None),
            ("account_approved",     &[Company],       None),
            ("account_returned",     &[Company],       None),
            ("invitation",           &[Company],       Some(Method::Publish)),
            ("rsvp_received",        &[Centre],        None),
            ("interest_received",    &[Company],       None),
            ("interest_new",         &[Centre],        None),
            ("slot_requested",       &[Centre],        None),
            ("slot_confirmed",       &[Both],          Some(Method::Request)),
            ("slot_moved",           &[Both],          Some(Method::Request)),
            ("slot_cancelled",       &[Both],          Some(Method::Cancel)),
            ("slot_declined",        &[Company],       None),
            ("slot_expired",         &[Both],          None),
            ("waitlist_offer",       &[Company],       None),
            ("session_reminder_1d",  &[Both],          None),
            ("session_reminder_30m", &[Both],          None),
            ("session_changed",      &[Both],          Some(Method::Request)),
            ("session_cancelled",    &[Both],          Some(Method::Cancel)),
            ("message_digest",       &[Both],          None),
            ("minutes_ready",        &[Both],          None),
            // Wanted for the company; the centre is asked as well.
            ("feedback_request",     &[Company, Both], None),
        ];
        for (code, audiences, calendar) in types {
            let kind = LetterKind::from_code(code).unwrap_or_else(|| panic!("there is no kind {code}"));
            assert!(audiences.contains(&kind.audience()), "{code} goes to {:?}", kind.audience());
            assert_eq!(kind.calendar(), *calendar, "{code}");
        }
    }

    #[test]
    fn a_calendar_part_is_listed_where_a_method_is() {
        for kind in LetterKind::ALL {
            let (needs, shows) = kind.facts();
            assert_eq!(needs.contains(&Fact::Calendar), kind.needs_calendar(), "{}", kind.code());
            let has = needs.contains(&Fact::Calendar) || shows.contains(&Fact::Calendar);
            assert_eq!(has, !kind.calendar_methods().is_empty(), "{}", kind.code());
        }
    }
}
