//! The kinds of letters that Yunqia sends, and what is true of each.

use serde::{Deserialize, Serialize};

/// What a letter does to the calendar of the one who reads it (RFC 5546).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CalendarMethod {
    Publish,
    Request,
    Cancel,
}

macro_rules! letter_kinds {
    ($($(#[$doc:meta])* $variant:ident $code:literal),* $(,)?) => {
        /// Why a letter is written.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum LetterKind { $($(#[$doc])* #[serde(rename = $code)] $variant),* }

        impl LetterKind {
            pub const ALL: &'static [LetterKind] = &[$(LetterKind::$variant),*];

            /// Stable name, as stored.
            pub fn code(self) -> &'static str {
                match self { $(LetterKind::$variant => $code),* }
            }

            pub fn from_code(code: &str) -> Option<LetterKind> {
                LetterKind::ALL.iter().copied().find(|kind| kind.code() == code)
            }
        }
    };
}

letter_kinds! {
    SignInCode "sign_in_code",
    MemberInvitation "member_invitation",
    JoinRequestReceived "join_request_received",
    JoinRequestAnswered "join_request_answered",
    AccountApproved "account_approved",
    AccountReturned "account_returned",
    Invitation "invitation",
    RegistrationReceived "registration_received",
    /// To the hosts.
    RegistrationNew "registration_new",
    RegistrationApproved "registration_approved",
    RegistrationReturned "registration_returned",
    RegistrationRejected "registration_rejected",
    InterestReceived "interest_received",
    /// To the centre.
    InterestNew "interest_new",
    /// To the desk that is asked.
    SlotRequested "slot_requested",
    /// To the company that asked.
    SlotRequestReceived "slot_request_received",
    SlotConfirmed "slot_confirmed",
    SlotMoved "slot_moved",
    /// The centre proposes another time.
    SlotProposed "slot_proposed",
    SlotCancelled "slot_cancelled",
    SlotDeclined "slot_declined",
    SlotExpired "slot_expired",
    /// Another talk was confirmed at the time that was asked for; free times are named.
    SlotLost "slot_lost",
    SlotReassigned "slot_reassigned",
    WaitlistOffer "waitlist_offer",
    WaitlistLapsed "waitlist_lapsed",
    SessionReminder1d "session_reminder_1d",
    TalkReminder1d "talk_reminder_1d",
    TalkReminder1h "talk_reminder_1h",
    TalkReminder10m "talk_reminder_10m",
    SessionChanged "session_changed",
    SessionCancelled "session_cancelled",
    MessageDigest "message_digest",
    QuestionAssigned "question_assigned",
    QuestionAnswered "question_answered",
    /// The other side waits in the talk room.
    TalkCall "talk_call",
    MinutesReady "minutes_ready",
    FeedbackRequest "feedback_request",
    ReportReady "report_ready",
    ConsentWithdrawn "consent_withdrawn",
}

impl LetterKind {
    /// It concerns something the reader takes part in and is always sent; the others can be unsubscribed from
    /// (RFC 2369, RFC 8058).
    pub fn is_transactional(self) -> bool {
        !matches!(self, LetterKind::MessageDigest | LetterKind::FeedbackRequest | LetterKind::Invitation)
    }

    pub fn calendar(self) -> Option<CalendarMethod> {
        match self {
            LetterKind::SlotConfirmed
            | LetterKind::SlotMoved
            | LetterKind::SlotReassigned
            | LetterKind::SessionChanged => Some(CalendarMethod::Request),
            LetterKind::SlotCancelled | LetterKind::SessionCancelled => Some(CalendarMethod::Cancel),
            LetterKind::Invitation | LetterKind::RegistrationApproved => Some(CalendarMethod::Publish),
            _ => None,
        }
    }

    /// Whether the person who caused it gets it too. Nobody is told what they just did, except where the letter is the
    /// receipt they asked for or carries the entry that keeps their own calendar true.
    pub fn goes_to_actor(self) -> bool {
        use LetterKind::*;
        self.calendar().is_some()
            || matches!(self, SignInCode | RegistrationReceived | InterestReceived | SlotRequestReceived)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_lead_back_to_their_kinds() {
        for &kind in LetterKind::ALL {
            assert_eq!(LetterKind::from_code(kind.code()), Some(kind));
        }
    }
}
