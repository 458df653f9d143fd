//! The hall of a session: who may enter and speak, and what holds for what they write.

use jiff::SignedDuration;

use crate::{
    Refusal, Timestamp,
    states::{MessageState, RegistrationState, SessionState},
};

/// Longest message and question, in characters.
pub const MESSAGE_LENGTH_MAX: usize = 2_000;
pub const QUESTION_LENGTH_MAX: usize = 500;
pub const ANSWER_LENGTH_MAX: usize = 4_000;
pub const NOTICE_LENGTH_MAX: usize = 500;
pub const REASON_LENGTH_MAX: usize = 500;
/// Pinned at the same time.
pub const NOTICES_MAX: usize = 10;
/// A message may be taken back this long.
pub const WITHDRAW_WITHIN: SignedDuration = SignedDuration::from_mins(2);
/// The same words again within this time are spam.
pub const REPEAT_WITHIN: SignedDuration = SignedDuration::from_mins(10);
/// How often the same words may be said within that time.
pub const REPEATS_MAX: i64 = 2;
/// Questions one person may ask in ten minutes.
pub const QUESTIONS_PER_TEN_MINUTES: i64 = 5;
/// A mute lasts at most a week.
pub const MUTE_MINUTES_MAX: i64 = 7 * 24 * 60;
/// What a late joiner is shown of the chat.
pub const MESSAGES_SHOWN: i64 = 50;

/// What somebody is in a session's hall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Belongs to a centre that hosts it: moderates.
    Host,
    /// The operator of the platform: sees and moderates everything.
    Operator,
    /// Attends for a company whose registration is in this state.
    Attendee(RegistrationState),
    Nobody,
}

impl Part {
    pub fn moderates(self) -> bool {
        matches!(self, Part::Host | Part::Operator)
    }
}

/// Whether somebody may enter the hall now. Hosts come and go before it opens and after it has closed.
pub fn may_enter(state: SessionState, part: Part, blocked: bool) -> Result<(), Refusal> {
    match part {
        Part::Host | Part::Operator => Ok(()),
        Part::Nobody => Err(Refusal::NotAttending),
        Part::Attendee(registration) if !registration.takes_part() => Err(Refusal::NotApproved),
        Part::Attendee(_) if blocked => Err(Refusal::Blocked),
        Part::Attendee(_) if !state.has_hall() => Err(Refusal::HallNotOpen),
        Part::Attendee(_) => Ok(()),
    }
}

/// Whether somebody in the hall may write: nobody after it is over, and not who was muted.
pub fn may_write(state: SessionState, part: Part, muted: bool) -> Result<(), Refusal> {
    match () {
        () if !state.has_hall() => Err(Refusal::HallNotOpen),
        () if muted && !part.moderates() => Err(Refusal::Muted),
        () => Ok(()),
    }
}

/// Whether the author may take a message back now.
pub fn may_withdraw(state: MessageState, created_at: Timestamp, now: Timestamp) -> Result<(), Refusal> {
    match () {
        () if !state.may_become(MessageState::Withdrawn) => Err(Refusal::IllegalMove),
        () if now.since(created_at) > WITHDRAW_WITHIN => Err(Refusal::WithdrawLate),
        () => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn companies_enter_while_the_hall_is_open_and_hosts_always() {
        let company = Part::Attendee(RegistrationState::Approved);
        for &state in SessionState::ALL {
            assert_eq!(may_enter(state, Part::Host, false), Ok(()));
            let want = if state.has_hall() { Ok(()) } else { Err(Refusal::HallNotOpen) };
            assert_eq!(may_enter(state, company, false), want, "{state:?}");
        }
        assert_eq!(may_enter(SessionState::Live, Part::Nobody, false), Err(Refusal::NotAttending));
        assert_eq!(may_enter(SessionState::Live, company, true), Err(Refusal::Blocked));
        let waiting = Part::Attendee(RegistrationState::Registered);
        assert_eq!(may_enter(SessionState::Live, waiting, false), Err(Refusal::NotApproved));
    }

    #[test]
    fn who_is_muted_reads_and_does_not_write() {
        let company = Part::Attendee(RegistrationState::CheckedIn);
        assert_eq!(may_enter(SessionState::Live, company, false), Ok(()));
        assert_eq!(may_write(SessionState::Live, company, true), Err(Refusal::Muted));
        assert_eq!(may_write(SessionState::Closed, Part::Host, false), Err(Refusal::HallNotOpen));
    }

    #[test]
    fn a_message_can_be_taken_back_for_two_minutes() {
        let at: Timestamp = "2026-11-23T07:00:00Z".parse().unwrap();
        let after = |seconds| may_withdraw(MessageState::Published, at, at.plus(SignedDuration::from_secs(seconds)));
        assert_eq!(after(120), Ok(()));
        assert_eq!(after(121), Err(Refusal::WithdrawLate));
        assert_eq!(may_withdraw(MessageState::Removed, at, at), Err(Refusal::IllegalMove));
    }
}
