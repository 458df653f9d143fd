//! The talk room: calling the other side, minutes, both sides' word on whether it was held, and the centre's outcome.

use jiff::civil::Date;
use yunqia_domain::{
    Refusal, attendance,
    ids::{BookingId, OrganisationId, PersonId},
    letters::{Facts, LetterKind, Side, TalkFacts},
    states::{Outcome, Word},
    talk::{self, Evidence, MINUTES_LENGTH_MAX, NEXT_STEP_LENGTH_MAX, NOTE_LENGTH_MAX, Recorded},
    text::{TextProblem, clean_text},
    topics::Topic,
};
use yunqia_store::{Tx, events, organisations, parts as store_parts, people, sessions, stays, talks, talks::Record};
use yunqia_views::{
    cards::{Cards, OrganisationCard},
    events::{Event, TalkCall},
    talks::{TalkOutcome, TalkSide},
};

use crate::{
    Act,
    act::Note,
    attendance::move_booking,
    error::{Error, FieldError, Result},
    letters::{self, Letter},
    parts::{self, InTalk},
    tell::tell,
};

/// Reads the talk for somebody who takes part in it and may be in its room now.
async fn inside(tx: &mut Tx, act: &Act, booking: BookingId) -> Result<InTalk> {
    let here = parts::in_talk(tx, booking, act.person()?).await?;
    here.must_take_part()?;
    talk::may_enter(here.talk.state, here.talk.starts_at, act.now)?;
    Ok(here)
}

/// Calls the other side into the room: on the page and by letter. `other_is_here` is what the room's presence says.
pub async fn call(tx: &mut Tx, act: &mut Act, booking: BookingId, other_is_here: bool) -> Result<()> {
    let here = inside(tx, act, booking).await?;
    if other_is_here {
        return Err(Refusal::BothHere.into());
    }
    tx.lock(here.talk.session_id).await?;
    let topic = Topic::Talk(booking);
    let last = events::last_at(tx, &topic.to_string(), "talk.called").await?;
    if last.is_some_and(|at| act.now.since(at) < talk::CALL_EVERY) {
        return Err(Refusal::CalledAlready.into());
    }
    let person = act.person()?;
    let cards = Cards::read(tx, [person], here.organisation()).await?;
    let by = cards.person(person, here.organisation());
    let other = other_person(&here);
    talk_letter(tx, act, &here, LetterKind::TalkCall, act.now.to_string(), 0).await?;
    let called = TalkCall { booking_id: booking, by, at: act.now };
    tell(tx, topic, Event::TalkCalled(called.clone()), act.now).await?;
    tell(tx, Topic::Person(other), Event::TalkCalled(called), act.now).await
}

/// Who stands for the other side.
fn other_person(here: &InTalk) -> PersonId {
    match here.side {
        TalkSide::Company => here.talk.staff_id,
        _ => here.talk.contact_id,
    }
}

/// A letter about a talk to the other side's person.
async fn talk_letter(
    tx: &mut Tx,
    act: &mut Act,
    here: &InTalk,
    kind: LetterKind,
    cause: String,
    in_minutes: i64,
) -> Result<()> {
    let Some(to) = people::find(tx, other_person(here)).await? else { return Ok(()) };
    let session = sessions::find(tx, here.talk.session_id).await?.ok_or(Error::NotFound)?;
    let lines = organisations::lines(tx, [here.talk.company_id, here.talk.centre_id]).await?;
    let cards: Vec<OrganisationCard> = lines.into_iter().map(OrganisationCard::from).collect();
    let name = |id: OrganisationId| cards.iter().find(|card| card.id == id).map(|card| card.name.clone());
    let reader = if here.side == TalkSide::Company { Side::Centre } else { Side::Company };
    let facts = Facts {
        link: format!("/talks/{}", here.talk.booking_id),
        reader: Some(reader),
        company: name(here.talk.company_id),
        centre: name(here.talk.centre_id),
        session: Some(crate::hall::session_facts(&session)),
        talk: Some(TalkFacts { starts_at: here.talk.starts_at, ends_at: here.talk.ends_at, desk: None }),
        ..Facts::default()
    };
    let letter = Letter {
        kind,
        to: &to,
        cause: format!("booking:{}:{cause}", here.talk.booking_id),
        facts,
        session: Some(here.talk.session_id),
        booking: Some(here.talk.booking_id),
        due_at: Some(act.now.plus_minutes(in_minutes)),
    };
    letters::queue(tx, act, letter).await?;
    Ok(())
}

/// The record of a talk, made if it is missing.
async fn record(tx: &mut Tx, booking: BookingId) -> Result<Record> {
    talks::ensure(tx, booking).await?;
    talks::find(tx, booking).await?.ok_or(Error::NotFound)
}

async fn save(
    tx: &mut Tx,
    act: &mut Act,
    here: &InTalk,
    record: &Record,
    what: &str,
    after: serde_json::Value,
) -> Result<()> {
    if !talks::update(tx, record).await? {
        return Err(Refusal::OldVersion.into());
    }
    let (subject, session) = (here.talk.booking_id.0, Some(here.talk.session_id));
    act.note(tx, Note { act: what, kind: "talk", subject, session, before: None, after: Some(after) }).await
}

async fn tell_change(tx: &mut Tx, act: &Act, booking: BookingId) -> Result<()> {
    tell(tx, Topic::Talk(booking), Event::TalkChanged {}, act.now).await
}

/// What the sides agree on, as one of them types it.
pub struct Minutes {
    pub text: String,
    pub next_step: String,
    pub owner: Option<PersonId>,
    pub due_on: Option<Date>,
}

/// Writes the minutes. Both sides may; who saw an older version reads again first.
pub async fn write_minutes(
    tx: &mut Tx,
    act: &mut Act,
    booking: BookingId,
    version: i64,
    minutes: Minutes,
) -> Result<()> {
    let here = inside(tx, act, booking).await?;
    let mut record = record(tx, booking).await?;
    if record.version != version {
        return Err(Refusal::OldVersion.into());
    }
    let text = optional_text("/text", &minutes.text, MINUTES_LENGTH_MAX)?;
    let next_step = optional_text("/next_step", &minutes.next_step, NEXT_STEP_LENGTH_MAX)?;
    if let Some(owner) = minutes.owner {
        let company = store_parts::is_member(tx, here.talk.company_id, owner).await?;
        if !company && !store_parts::is_member(tx, here.talk.centre_id, owner).await? {
            return Err(Error::field("/owner_id", Refusal::NotAMember));
        }
    }
    if minutes.due_on.is_some_and(|date| date < here.talk.zone.date_at(here.talk.starts_at)) {
        return Err(Error::field("/due_on", Refusal::DatePast));
    }
    record.minutes = text;
    record.next_step = next_step;
    record.next_step_owner_id = minutes.owner;
    record.next_step_due = minutes.due_on.map(|date| date.to_string());
    record.minutes_by = act.by;
    let after = serde_json::json!({ "owner_id": minutes.owner, "due_on": record.next_step_due });
    save(tx, act, &here, &record, "talk.minutes", after).await?;
    if !record.minutes.is_empty() && act.now >= here.talk.starts_at {
        // Once per side: while they are being written nobody wants a letter for each change.
        talk_letter(tx, act, &here, LetterKind::MinutesReady, "minutes".into(), 15).await?;
    }
    tell_change(tx, act, booking).await
}

fn optional_text(pointer: &str, text: &str, max: usize) -> Result<String> {
    match clean_text(text, max) {
        Ok(text) => Ok(text),
        Err(TextProblem::Empty) => Ok(String::new()),
        Err(TextProblem::TooLong { .. }) => Err(Error::field(pointer, Refusal::TooLong)),
    }
}

/// One side says whether the talk was held. With what the other says and who was in the room, the booking moves.
pub async fn give_word(tx: &mut Tx, act: &mut Act, booking: BookingId, word: Word, note: &str) -> Result<()> {
    let session = parts::in_talk(tx, booking, act.person()?).await?.talk.session_id;
    tx.lock(session).await?;
    let here = inside(tx, act, booking).await?;
    if act.now < here.talk.starts_at {
        return Err(Refusal::TalkNotOver.into());
    }
    let note = optional_text("/note", note, NOTE_LENGTH_MAX)?;
    let note = Some(note).filter(|note| !note.is_empty());
    let mut record = record(tx, booking).await?;
    match here.side {
        TalkSide::Company => {
            (record.company_word, record.company_word_note, record.company_word_at) = (Some(word), note, Some(act.now));
        }
        _ => (record.centre_word, record.centre_word_note, record.centre_word_at) = (Some(word), note, Some(act.now)),
    }
    let after = serde_json::json!({ "side": here.side, "word": word });
    save(tx, act, &here, &record, "talk.word", after).await?;
    let evidence = evidence(tx, &here).await?;
    let verdict = talk::verdict((record.company_word, record.centre_word), evidence);
    let moved = match verdict {
        Some(state) => move_booking(tx, act, &here, state).await?,
        None => false,
    };
    if moved { Ok(()) } else { tell_change(tx, act, booking).await }
}

/// How long each side was in the room.
pub async fn evidence(tx: &mut Tx, here: &InTalk) -> Result<Evidence> {
    let stays = stays::in_talk(tx, here.talk.booking_id).await?;
    let of = |side: OrganisationId| -> Vec<attendance::Span> {
        let own = stays.iter().filter(|stay| stay.organisation_id == Some(side));
        own.map(|stay| (stay.joined_at, stay.until())).collect()
    };
    let (company, centre) = (of(here.talk.company_id), of(here.talk.centre_id));
    Ok(Evidence {
        company: attendance::total(&company),
        centre: attendance::total(&centre),
        together: attendance::together(&company, &centre),
    })
}

/// The centre records what came of the talk. With a version, who saw an older one reads again first.
pub async fn record_outcome(
    tx: &mut Tx,
    act: &mut Act,
    booking: BookingId,
    version: Option<i64>,
    outcome: TalkOutcome,
) -> Result<()> {
    let here = inside(tx, act, booking).await?;
    if here.side != TalkSide::Centre {
        return Err(Refusal::NotAllowed.into());
    }
    if act.now < here.talk.starts_at {
        return Err(Refusal::TalkNotOver.into());
    }
    let follow_up_by = match outcome.follow_up_by.as_deref() {
        None => None,
        Some(text) => Some(text.parse::<Date>().map_err(|_| Error::field("/follow_up_by", Refusal::DateWrong))?),
    };
    let recorded = Recorded {
        outcome: outcome.outcome,
        sector: outcome.sector.as_deref(),
        amount_wan: outcome.amount_wan,
        follow_up_by,
    };
    // Corrections later may keep the date that was right then.
    let day = here.talk.zone.date_at(here.talk.starts_at);
    if let Some((pointer, refusal)) = talk::outcome_problem(&recorded, day) {
        return Err(match refusal {
            Refusal::OutOfRange => Error::Fields(vec![FieldError::out_of_range(pointer, talk::AMOUNTS_WAN)]),
            refusal => Error::field(pointer, refusal),
        });
    }
    let mut record = record(tx, booking).await?;
    if version.is_some_and(|version| version != record.version) {
        return Err(Refusal::OldVersion.into());
    }
    let intent = outcome.outcome == Outcome::Intent;
    record.outcome = Some(outcome.outcome);
    record.outcome_sector = outcome.sector.filter(|_| intent);
    record.outcome_wan = outcome.amount_wan.filter(|_| intent);
    record.follow_up_by = follow_up_by.map(|date| date.to_string());
    record.outcome_note = optional_text("/note", &outcome.note, NOTE_LENGTH_MAX)?;
    record.outcome_by = act.by;
    record.outcome_at = Some(act.now);
    let after = serde_json::json!({
        "outcome": record.outcome, "sector": record.outcome_sector, "amount_wan": record.outcome_wan,
        "follow_up_by": record.follow_up_by,
    });
    save(tx, act, &here, &record, "talk.outcome", after).await?;
    tell(tx, Topic::Host(here.talk.session_id), Event::CountsChanged {}, act.now).await?;
    tell_change(tx, act, booking).await
}
