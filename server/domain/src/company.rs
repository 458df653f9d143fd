//! What a company's account may do in each of its states.
//!
//! A new company is `submitted`. It may register interest and register for sessions at once, because nothing it does there
//! reaches anybody before a centre has looked at it. It may book, and enter halls and talks, once it is `approved`: by
//! the operator, or by a host that approves its registration for a session, which has then seen the same papers.
//! `returned` waits for better details; changing them submits it again. A `suspended` or `closed` company drops out.

use crate::{Refusal, states::OrganisationState};

/// Longest name in each language, in characters.
pub const NAME_CHARS_MAX: usize = 120;
/// Longest description of what a company offers or seeks.
pub const TEXT_CHARS_MAX: usize = 2000;
/// Sectors a company can name.
pub const SECTORS_MAX: usize = 8;

/// May register interest and register for sessions.
pub fn may_register(state: OrganisationState) -> Result<(), Refusal> {
    match state {
        OrganisationState::Submitted | OrganisationState::Approved => Ok(()),
        OrganisationState::Returned | OrganisationState::Suspended | OrganisationState::Closed => {
            Err(Refusal::CompanyNotActive)
        }
    }
}

/// May book and talk.
pub fn may_book(state: OrganisationState) -> Result<(), Refusal> {
    if state == OrganisationState::Approved { Ok(()) } else { Err(Refusal::CompanyNotActive) }
}

/// May write to others in talks and conversations. Who is suspended or closed still reads what was said.
pub fn may_write(state: OrganisationState) -> Result<(), Refusal> {
    match state {
        OrganisationState::Submitted | OrganisationState::Returned | OrganisationState::Approved => Ok(()),
        OrganisationState::Suspended | OrganisationState::Closed => Err(Refusal::CompanyNotActive),
    }
}

/// The state after its details were changed by its own people.
pub fn after_change(state: OrganisationState) -> OrganisationState {
    if state == OrganisationState::Returned { OrganisationState::Submitted } else { state }
}

/// The state after a host approved its registration for a session.
pub fn after_registration(state: OrganisationState) -> OrganisationState {
    if state == OrganisationState::Submitted { OrganisationState::Approved } else { state }
}

/// Its future talks are cancelled when it comes to this state.
pub fn drops_out(state: OrganisationState) -> bool {
    matches!(state, OrganisationState::Suspended | OrganisationState::Closed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_approved_company_books() {
        for &state in OrganisationState::ALL {
            assert_eq!(may_book(state).is_ok(), state == OrganisationState::Approved, "{state:?}");
            assert!(may_register(state).is_ok() || may_book(state).is_err(), "{state:?}");
            assert!(!drops_out(state) || may_register(state).is_err(), "{state:?}");
        }
    }

    #[test]
    fn no_change_lifts_a_suspension() {
        for state in [OrganisationState::Suspended, OrganisationState::Closed] {
            assert_eq!((after_change(state), after_registration(state)), (state, state));
        }
    }
}
