//! The report of a session: attendance, questions, interests, talks and what came of them.

use std::collections::{BTreeSet, HashMap};

use serde::Serialize;
use utoipa::ToSchema;
use yunqia_domain::{
    Timestamp,
    attendance::{self, Span},
    ids::{BookingId, OrganisationId, PersonId},
    locale::LocalText,
    states::{BookingState, Outcome, QuestionKind, QuestionState, RegistrationState, Word},
};
use yunqia_store::{
    Result, Tx, halls, messages, registrations, report,
    sessions::Session,
    stays::{self, Stay},
    talks::{self, Record},
};

use crate::{
    Reader,
    bookings::{self, Booking},
    cards::{Cards, OrganisationCard},
    hall::{self, HallQuestion},
    opportunities::{Interest, interest_views},
    sessions::{self, SessionPage, SessionQuestion},
    talks::{TalkMinutes, TalkOutcome, named},
};

const QUESTIONS_MAX: i64 = 5_000;

/// What a session was, in numbers and lists.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SessionReport {
    pub session: SessionPage,
    pub generated_at: Timestamp,
    pub totals: ReportTotals,
    pub companies: Vec<ReportCompany>,
    /// What companies answered when they registered, where the reader may see it; also to questions that were withdrawn.
    pub answers: Vec<ReportAnswer>,
    /// Talks that were agreed, in order of time.
    pub talks: Vec<ReportTalk>,
    pub questions: Vec<HallQuestion>,
    pub interests: Vec<Interest>,
    pub centres: Vec<ReportCentre>,
}

/// Amounts are in 万元.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReportTotals {
    pub registrations: i64,
    pub approved: i64,
    pub companies_attended: i64,
    pub people_attended: i64,
    /// Of the companies' people in the hall; overlapping stays of one person count once.
    pub attendance_minutes: i64,
    pub questions: i64,
    pub answered: i64,
    /// Not answered, but somebody sees to it.
    pub with_owner: i64,
    pub unowned: i64,
    pub interests: i64,
    pub planned_wan: i64,
    pub slots: i64,
    /// All that was asked for or booked; a booking that moved counts once.
    pub requested: i64,
    /// Of those, how many were agreed.
    pub confirmed: i64,
    pub held: i64,
    pub no_show_company: i64,
    pub no_show_centre: i64,
    pub cancelled: i64,
    pub declined: i64,
    pub expired: i64,
    pub intents: i64,
    pub intent_wan: i64,
    pub follow_ups: i64,
    pub messages: i64,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReportCompany {
    pub company: OrganisationCard,
    pub state: RegistrationState,
    /// In the hall, with at least one person.
    pub minutes: i64,
    pub talks: i64,
    pub held: i64,
    pub interests: i64,
    pub intents: i64,
}

/// A company's answer to a question of the registration, as words.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReportAnswer {
    pub company: OrganisationCard,
    pub question: LocalText,
    pub answer: LocalText,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReportTalk {
    pub booking: Booking,
    pub company_word: Option<Word>,
    pub centre_word: Option<Word>,
    pub outcome: Option<TalkOutcome>,
    pub minutes: TalkMinutes,
    /// Both sides were in the room.
    pub together_minutes: i64,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReportCentre {
    pub centre: OrganisationCard,
    pub slots: i64,
    pub confirmed: i64,
    pub held: i64,
    pub intents: i64,
    pub intent_wan: i64,
}

/// What is read once and looked at from several sides.
struct Facts {
    bookings: Vec<Booking>,
    records: HashMap<BookingId, Record>,
    hall: Vec<Stay>,
    rooms: Vec<Stay>,
    interests: Vec<Interest>,
    questions: Vec<HallQuestion>,
    registrations: Vec<registrations::Registration>,
    slots: HashMap<OrganisationId, i64>,
    messages: i64,
}

/// Reads the report of a session for one of its hosts.
pub async fn report(tx: &mut Tx, row: &Session, reader: &Reader) -> Result<SessionReport> {
    let ids = report::bookings(tx, row.id).await?;
    let questions = halls::questions(tx, row.id, QUESTIONS_MAX).await?;
    let interests = report::interests(tx, row.id).await?;
    let records = talks::in_session(tx, row.id).await?;
    let people: Vec<PersonId> = records.iter().flat_map(named).collect();
    let facts = Facts {
        bookings: bookings::bookings(tx, ids, reader).await?,
        records: records.into_iter().map(|record| (record.booking_id, record)).collect(),
        hall: stays::in_hall(tx, row.id).await?,
        rooms: stays::in_talks(tx, row.id).await?,
        interests: interest_views(tx, interests).await?,
        questions: hall::questions(tx, questions, reader, true).await?,
        registrations: registrations::in_states(tx, row.id, RegistrationState::ALL).await?,
        slots: report::slots(tx, row.id).await?.into_iter().collect(),
        messages: messages::count_in_session(tx, row.id).await?,
    };
    let answers = answers(tx, row, &facts, reader).await?;
    let session = sessions::page(tx, row, reader).await?;
    let companies: Vec<OrganisationId> =
        facts.registrations.iter().map(|registration| registration.company_id).collect();
    let cards = Cards::read(tx, people, companies).await?;
    Ok(SessionReport {
        generated_at: reader.now,
        totals: totals(&facts),
        companies: facts.registrations.iter().map(|row| company(row, &facts, &cards)).collect(),
        answers,
        talks: facts.bookings.iter().filter(|row| row.state.is_sold()).map(|row| talk(row, &facts, &cards)).collect(),
        centres: session.hosts.iter().map(|centre| of_centre(centre, &facts)).collect(),
        questions: facts.questions,
        interests: facts.interests,
        session,
    })
}

/// Company by company, in the order of the questions.
async fn answers(tx: &mut Tx, row: &Session, facts: &Facts, reader: &Reader) -> Result<Vec<ReportAnswer>> {
    let questions = sessions::all_questions(tx, row.id).await?;
    if questions.is_empty() {
        return Ok(Vec::new());
    }
    let ids = facts.registrations.iter().map(|registration| registration.id);
    let mut answers = Vec::new();
    // As the reader sees registrations: who may not read a company's answers there does not find them here.
    for registration in crate::registrations::registrations(tx, ids, reader).await? {
        for question in &questions {
            if let Some(given) = registration.answers.get(&question.id.to_string()) {
                let (company, text) = (registration.company.clone(), question.text.clone());
                answers.push(ReportAnswer { company, question: text, answer: in_words(question, given) });
            }
        }
    }
    Ok(answers)
}

fn in_words(question: &SessionQuestion, given: &serde_json::Value) -> LocalText {
    let same = |text: String| LocalText::new(text.clone(), text.clone(), text);
    match (question.kind, given) {
        (QuestionKind::YesNo, serde_json::Value::Bool(true)) => LocalText::new("是", "是", "Yes"),
        (QuestionKind::YesNo, serde_json::Value::Bool(false)) => LocalText::new("否", "否", "No"),
        (QuestionKind::Choice, given) => serde_json::from_value(given.clone()).unwrap_or_default(),
        (_, serde_json::Value::String(text)) => same(text.clone()),
        (_, given) => same(given.to_string()),
    }
}

fn span(stay: &Stay) -> Span {
    (stay.joined_at, stay.until())
}

fn count<T>(items: impl Iterator<Item = T>) -> i64 {
    items.count() as i64
}

fn totals(facts: &Facts) -> ReportTotals {
    let companies: BTreeSet<OrganisationId> = facts.registrations.iter().map(|row| row.company_id).collect();
    let of_company = |stay: &&Stay| stay.organisation_id.is_some_and(|id| companies.contains(&id));
    let seen: Vec<&Stay> = facts.hall.iter().chain(&facts.rooms).filter(of_company).collect();
    let mut minutes: HashMap<PersonId, Vec<Span>> = HashMap::new();
    for stay in facts.hall.iter().filter(of_company) {
        minutes.entry(stay.person_id).or_default().push(span(stay));
    }
    let bookings = |states: &[BookingState]| count(facts.bookings.iter().filter(|row| states.contains(&row.state)));
    let question = |test: &dyn Fn(&HallQuestion) -> bool| count(facts.questions.iter().filter(|row| test(row)));
    let open = |row: &HallQuestion| matches!(row.state, QuestionState::Held | QuestionState::Published);
    let outcomes = |outcome| facts.records.values().filter(move |record| record.outcome == Some(outcome));
    use BookingState::*;
    ReportTotals {
        registrations: count(facts.registrations.iter().filter(|row| row.state != RegistrationState::Invited)),
        approved: count(
            facts.registrations.iter().filter(|row| row.state.takes_part() || row.state == RegistrationState::Absent),
        ),
        companies_attended: count(
            seen.iter().filter_map(|stay| stay.organisation_id).collect::<BTreeSet<_>>().into_iter(),
        ),
        people_attended: count(seen.iter().map(|stay| stay.person_id).collect::<BTreeSet<_>>().into_iter()),
        attendance_minutes: minutes.values().map(|spans| attendance::minutes(attendance::total(spans))).sum(),
        questions: question(&|row| open(row) || row.state == QuestionState::Answered),
        answered: question(&|row| row.state == QuestionState::Answered),
        with_owner: question(&|row| open(row) && row.owner.is_some()),
        unowned: question(&|row| open(row) && row.owner.is_none()),
        interests: count(facts.interests.iter()),
        planned_wan: facts.interests.iter().filter_map(|interest| interest.draft.planned_wan).sum(),
        slots: facts.slots.values().sum(),
        requested: count(facts.bookings.iter().filter(|row| row.state != Moved)),
        confirmed: count(facts.bookings.iter().filter(|row| row.state.is_sold())),
        held: bookings(&[HeldDone]),
        no_show_company: bookings(&[NoShowCompany]),
        no_show_centre: bookings(&[NoShowCentre]),
        cancelled: bookings(&[CancelledByCompany, CancelledByCentre, CancelledByOperator]),
        declined: bookings(&[Declined]),
        expired: bookings(&[Expired]),
        intents: count(outcomes(Outcome::Intent)),
        intent_wan: outcomes(Outcome::Intent).filter_map(|record| record.outcome_wan).sum(),
        follow_ups: count(outcomes(Outcome::FollowUp)),
        messages: facts.messages,
    }
}

/// The records of the agreed talks among some bookings.
fn records(facts: &Facts, of: impl Fn(&Booking) -> bool) -> Vec<(&Booking, Option<&Record>)> {
    let sold = facts.bookings.iter().filter(|row| row.state.is_sold() && of(row));
    sold.map(|row| (row, facts.records.get(&row.id))).collect()
}

fn intents(talks: &[(&Booking, Option<&Record>)]) -> Vec<i64> {
    let records = talks.iter().filter_map(|(_, record)| *record);
    let intents = records.filter(|record| record.outcome == Some(Outcome::Intent));
    intents.map(|record| record.outcome_wan.unwrap_or(0)).collect()
}

fn company(row: &registrations::Registration, facts: &Facts, cards: &Cards) -> ReportCompany {
    let own = facts.hall.iter().filter(|stay| stay.organisation_id == Some(row.company_id));
    let talks = records(facts, |booking| booking.company.id == row.company_id);
    ReportCompany {
        company: cards.organisation(row.company_id),
        state: row.state,
        minutes: attendance::minutes(attendance::total(&own.map(span).collect::<Vec<_>>())),
        talks: talks.len() as i64,
        held: count(talks.iter().filter(|(booking, _)| booking.state == BookingState::HeldDone)),
        interests: count(facts.interests.iter().filter(|interest| interest.company.id == row.company_id)),
        intents: intents(&talks).len() as i64,
    }
}

fn talk(row: &Booking, facts: &Facts, cards: &Cards) -> ReportTalk {
    let of = |side: OrganisationId| -> Vec<Span> {
        let here = facts.rooms.iter().filter(|stay| stay.booking_id == Some(row.id));
        here.filter(|stay| stay.organisation_id == Some(side)).map(span).collect()
    };
    let together = attendance::together(&of(row.company.id), &of(row.centre.id));
    let empty = Record::empty(row.id);
    let record = facts.records.get(&row.id).unwrap_or(&empty);
    ReportTalk {
        booking: row.clone(),
        company_word: record.company_word,
        centre_word: record.centre_word,
        outcome: TalkOutcome::of(record),
        minutes: TalkMinutes::of(record, cards),
        together_minutes: attendance::minutes(together),
    }
}

fn of_centre(centre: &OrganisationCard, facts: &Facts) -> ReportCentre {
    let talks = records(facts, |booking| booking.centre.id == centre.id);
    let intents = intents(&talks);
    ReportCentre {
        centre: centre.clone(),
        slots: facts.slots.get(&centre.id).copied().unwrap_or(0),
        confirmed: talks.len() as i64,
        held: count(talks.iter().filter(|(booking, _)| booking.state == BookingState::HeldDone)),
        intents: intents.len() as i64,
        intent_wan: intents.iter().sum(),
    }
}
