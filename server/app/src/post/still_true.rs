//! Whether a letter that waited still says something true.

use jiff::SignedDuration;
use yunqia_domain::{
    Timestamp,
    letters::{Facts, LetterKind},
    states::{BookingState, PersonState},
};
use yunqia_store::outbox::Reader;

/// Why a letter must not leave any more; None: it may.
pub fn reason_to_drop(
    kind: LetterKind,
    facts: &Facts,
    reader: Option<&Reader>,
    booking: Option<BookingState>,
    created_at: Timestamp,
    now: Timestamp,
) -> Option<&'static str> {
    if reader.is_some_and(|reader| reader.state == PersonState::Closed) {
        return Some("the account is closed");
    }
    if !kind.is_transactional() && reader.is_some_and(|reader| !reader.wants_digests) {
        return Some("the reader does not want such letters");
    }
    match kind {
        LetterKind::SignInCode | LetterKind::AccountVerify => {
            let minutes = facts.minutes.unwrap_or(15);
            (now >= created_at.plus(SignedDuration::from_mins(minutes))).then_some("the code has run out")
        }
        LetterKind::TalkReminder1d
        | LetterKind::TalkReminder1h
        | LetterKind::TalkReminder10m
        | LetterKind::TalkCall => {
            let begun = facts.talk.as_ref().is_some_and(|talk| talk.starts_at <= now);
            if booking.is_some_and(|state| !state.is_ahead()) {
                Some("the talk does not take place")
            } else {
                // A call is for a talk that has begun already.
                (begun && kind != LetterKind::TalkCall).then_some("the talk has begun")
            }
        }
        LetterKind::SessionReminder1d | LetterKind::SessionReminder30m => {
            let begun = facts.session.as_ref().is_some_and(|session| session.starts_at <= now);
            begun.then_some("the session has begun")
        }
        LetterKind::WaitlistOffer => {
            facts.deadline.is_some_and(|deadline| deadline <= now).then_some("the offer has lapsed")
        }
        LetterKind::FeedbackRequest => booking
            .is_some_and(|state| state.is_ahead() && state != BookingState::InTalk)
            .then_some("the talk has not been"),
        _ => None,
    }
}
