//! A talk on the clock: when its room opens, and what became of it by the word of both sides and the evidence of who was
//! in the room.

use jiff::SignedDuration;

use crate::{
    Refusal, Timestamp,
    states::{BookingState, Outcome, Word},
};

/// The room opens this long before the talk. It never closes on people.
pub const OPENS_EARLY: SignedDuration = SignedDuration::from_mins(5);
/// One side may be called again after this long.
pub const CALL_EVERY: SignedDuration = SignedDuration::from_mins(2);
/// Less than this is a look into the room, not a presence.
pub const PRESENCE_MIN: SignedDuration = SignedDuration::from_mins(1);
pub const MINUTES_LENGTH_MAX: usize = 10_000;
pub const NEXT_STEP_LENGTH_MAX: usize = 1_000;
pub const NOTE_LENGTH_MAX: usize = 2_000;
/// Nobody plans ten trillion: a slip of the keyboard, in 万元.
pub const AMOUNTS_WAN: std::ops::RangeInclusive<i64> = 1..=100_000_000;

/// From when the room of a talk that starts then may be entered.
pub fn opens_at(starts_at: Timestamp) -> Timestamp {
    starts_at.plus(-OPENS_EARLY)
}

/// Whether the room may be entered: the talk is (or was) agreed, and it is not too early. There is no too late.
pub fn may_enter(state: BookingState, starts_at: Timestamp, now: Timestamp) -> Result<(), Refusal> {
    match () {
        () if !state.is_sold() => Err(Refusal::IllegalMove),
        () if now < opens_at(starts_at) => Err(Refusal::RoomNotOpen),
        () => Ok(()),
    }
}

/// What the record of joins and leaves says: how long each side was in the room, and both at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    pub company: SignedDuration,
    pub centre: SignedDuration,
    pub together: SignedDuration,
}

/// What the two sides say, in the order company, centre.
pub type Words = (Option<Word>, Option<Word>);

/// What becomes of a talk by the words of its sides; None: nothing yet.
///
/// One "did not happen" of two makes a no-show, of the side the evidence points at (see [`absent_side`]). Without one, a
/// single "held" is enough. "Problem" alone decides nothing unless both were in the room together: then the talk was held,
/// with a problem.
pub fn verdict(words: Words, evidence: Evidence) -> Option<BookingState> {
    let said = |word| words.0 == Some(word) || words.1 == Some(word);
    match () {
        () if said(Word::DidNotHappen) => Some(absent_side(words, evidence)),
        () if said(Word::Held) => Some(BookingState::HeldDone),
        () if said(Word::Problem) && evidence.together >= PRESENCE_MIN => Some(BookingState::HeldDone),
        () => None,
    }
}

/// Whose no-show it is when a talk did not happen: the side that was not in the room. Where both were, or neither, it is
/// the side that did not complain; and where both complain, the side that was there for less time, the company if equal
/// (it asked for the talk; the desk was staffed for it).
fn absent_side(words: Words, evidence: Evidence) -> BookingState {
    use BookingState::{NoShowCentre, NoShowCompany};
    let company_came = evidence.company >= PRESENCE_MIN;
    let centre_came = evidence.centre >= PRESENCE_MIN;
    match (company_came, centre_came) {
        (false, true) => NoShowCompany,
        (true, false) => NoShowCentre,
        _ => match (words.0 == Some(Word::DidNotHappen), words.1 == Some(Word::DidNotHappen)) {
            (true, false) => NoShowCentre,
            (false, true) => NoShowCompany,
            _ if evidence.centre < evidence.company => NoShowCentre,
            _ => NoShowCompany,
        },
    }
}

/// The state a booking reaches by who is in its room: checked in with the first, in talk with both.
pub fn state_by_presence(state: BookingState, company_here: bool, centre_here: bool) -> BookingState {
    match (state, company_here, centre_here) {
        (BookingState::Confirmed | BookingState::CheckedIn, true, true) => BookingState::InTalk,
        (BookingState::Confirmed, true, _) | (BookingState::Confirmed, _, true) => BookingState::CheckedIn,
        _ => state,
    }
}

/// What the centre records of a talk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded<'a> {
    pub outcome: Outcome,
    pub sector: Option<&'a str>,
    pub amount_wan: Option<i64>,
    pub follow_up_by: Option<jiff::civil::Date>,
}

/// The first field of an outcome that does not fit, with the rule. `today` is the date in the session's zone.
pub fn outcome_problem(recorded: &Recorded<'_>, today: jiff::civil::Date) -> Option<(&'static str, Refusal)> {
    let sector_known = |code: &str| crate::sectors::find(code).is_some();
    match recorded.outcome {
        Outcome::Intent if recorded.sector.is_none() => return Some(("/sector", Refusal::Required)),
        Outcome::Intent if recorded.amount_wan.is_none() => return Some(("/amount_wan", Refusal::Required)),
        Outcome::FollowUp if recorded.follow_up_by.is_none() => return Some(("/follow_up_by", Refusal::Required)),
        _ => {}
    }
    if recorded.sector.is_some_and(|code| !sector_known(code)) {
        return Some(("/sector", Refusal::SectorUnknown));
    }
    if recorded.amount_wan.is_some_and(|amount| !AMOUNTS_WAN.contains(&amount)) {
        return Some(("/amount_wan", Refusal::OutOfRange));
    }
    if recorded.follow_up_by.is_some_and(|date| date < today) {
        return Some(("/follow_up_by", Refusal::DatePast));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minutes(company: i64, centre: i64, together: i64) -> Evidence {
        let of = SignedDuration::from_mins;
        Evidence { company: of(company), centre: of(centre), together: of(together) }
    }

    const HELD: Option<Word> = Some(Word::Held);
    const NOT: Option<Word> = Some(Word::DidNotHappen);
    const PROBLEM: Option<Word> = Some(Word::Problem);

    #[test]
    fn the_room_opens_early_and_never_closes() {
        let start: Timestamp = "2026-11-23T07:00:00Z".parse().unwrap();
        let enter = |minutes| may_enter(BookingState::Confirmed, start, start.plus_minutes(minutes));
        assert_eq!(enter(-6), Err(Refusal::RoomNotOpen));
        assert_eq!(enter(-5), Ok(()));
        assert_eq!(enter(60 * 24), Ok(()));
        assert!(may_enter(BookingState::Requested, start, start).is_err());
    }

    #[test]
    fn held_by_one_is_held_until_the_other_objects() {
        for words in [(HELD, None), (None, HELD), (HELD, HELD), (HELD, PROBLEM)] {
            assert_eq!(verdict(words, minutes(0, 0, 0)), Some(BookingState::HeldDone), "{words:?}");
        }
    }

    #[test]
    fn one_did_not_happen_of_two_is_a_no_show_of_the_side_that_was_not_there() {
        for words in [(NOT, None), (None, NOT), (NOT, NOT), (HELD, NOT), (NOT, HELD), (NOT, PROBLEM)] {
            assert_eq!(verdict(words, minutes(12, 0, 0)), Some(BookingState::NoShowCentre), "{words:?}");
            assert_eq!(verdict(words, minutes(0, 12, 0)), Some(BookingState::NoShowCompany), "{words:?}");
        }
    }

    #[test]
    fn where_the_evidence_is_even_the_side_that_complains_is_believed() {
        for evidence in [minutes(0, 0, 0), minutes(10, 10, 0)] {
            assert_eq!(verdict((NOT, None), evidence), Some(BookingState::NoShowCentre));
            assert_eq!(verdict((None, NOT), evidence), Some(BookingState::NoShowCompany));
            assert_eq!(verdict((NOT, NOT), evidence), Some(BookingState::NoShowCompany));
        }
        assert_eq!(verdict((NOT, NOT), minutes(9, 3, 0)), Some(BookingState::NoShowCentre));
    }

    #[test]
    fn a_problem_is_a_held_talk_only_if_they_met() {
        assert_eq!(verdict((PROBLEM, None), minutes(9, 9, 0)), None);
        assert_eq!(verdict((PROBLEM, PROBLEM), minutes(9, 9, 5)), Some(BookingState::HeldDone));
        assert_eq!(verdict((None, None), minutes(9, 9, 9)), None);
    }

    #[test]
    fn presence_moves_a_booking_only_forward() {
        use BookingState::*;
        assert_eq!(state_by_presence(Confirmed, true, false), CheckedIn);
        assert_eq!(state_by_presence(CheckedIn, true, true), InTalk);
        assert_eq!(state_by_presence(InTalk, false, true), InTalk);
        assert_eq!(state_by_presence(HeldDone, true, true), HeldDone);
    }

    #[test]
    fn every_verdict_is_a_legal_move_from_every_state_a_talk_can_be_in() {
        use BookingState::*;
        for from in [Confirmed, CheckedIn, InTalk, HeldDone, NoShowCompany, NoShowCentre] {
            for to in [HeldDone, NoShowCompany, NoShowCentre] {
                assert!(from == to || from.may_become(to), "{from:?} to {to:?}");
            }
        }
    }

    #[test]
    fn an_outcome_says_what_it_must() {
        let today = jiff::civil::date(2026, 11, 23);
        let none = Recorded { outcome: Outcome::NoIntent, sector: None, amount_wan: None, follow_up_by: None };
        assert_eq!(outcome_problem(&none, today), None);
        let intent = Recorded { outcome: Outcome::Intent, ..none.clone() };
        assert_eq!(outcome_problem(&intent, today), Some(("/sector", Refusal::Required)));
        let follow = Recorded { outcome: Outcome::FollowUp, ..none.clone() };
        assert_eq!(outcome_problem(&follow, today), Some(("/follow_up_by", Refusal::Required)));
        let past = Recorded { follow_up_by: Some(jiff::civil::date(2026, 11, 22)), ..follow };
        assert_eq!(outcome_problem(&past, today), Some(("/follow_up_by", Refusal::DatePast)));
        let absurd = Recorded { amount_wan: Some(0), ..none };
        assert_eq!(outcome_problem(&absurd, today), Some(("/amount_wan", Refusal::OutOfRange)));
    }
}
