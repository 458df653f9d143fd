//! The hall: questions with votes and answers, notices, and what moderators do to people.

use jiff::{SignedDuration, civil::Date};
use uuid::Uuid;
use yunqia_domain::{
    Refusal,
    hall::{
        self, ANSWER_LENGTH_MAX, MUTE_MINUTES_MAX, NOTICE_LENGTH_MAX, NOTICES_MAX, QUESTION_LENGTH_MAX,
        QUESTIONS_PER_TEN_MINUTES,
    },
    ids::{HallQuestionId, NoticeId, PersonId, SanctionId, SessionId},
    letters::{Facts, LetterKind, SessionFacts},
    locale::LocalText,
    moderation::{self, Verdict},
    states::{NoticeState, QuestionState, SanctionKind},
    text::{TextProblem, clean_text},
    topics::Topic,
};
use yunqia_store::{
    Tx, halls,
    halls::{Notice, Question, Sanction},
    people, sessions,
};
use yunqia_views::{
    Reader,
    events::{Event, SanctionChange},
    hall as views, reason,
};

use crate::{
    Act,
    act::Note,
    error::{Error, Result},
    letters::{self, Letter},
    messages::{given_reason, rejected},
    parts::{self, InSession},
    tell::tell,
    words::Wrong,
};

/// Asks the hosts. The same client id twice is the same question.
pub async fn ask(tx: &mut Tx, act: &mut Act, session: SessionId, client_id: Uuid, text: &str) -> Result<Question> {
    let author = act.person()?;
    tx.lock(author).await?;
    if let Some(question) = halls::question_by_client_id(tx, author, client_id).await? {
        return Ok(question);
    }
    let here = parts::in_session(tx, session, author, act.now).await?;
    here.may_write()?;
    let since = act.now.plus(-SignedDuration::from_mins(10));
    let asked = halls::asked_since(tx, session, author, since).await?;
    if asked >= QUESTIONS_PER_TEN_MINUTES && !here.part.moderates() {
        return Err(Refusal::TooManyQuestions.into());
    }
    let (text, held) = judge(text, &here)?;
    let question = Question {
        id: act.id(),
        session_id: session,
        author_id: author,
        organisation_id: here.organisation,
        client_id,
        text,
        state: if held.is_some() { QuestionState::Held } else { QuestionState::Published },
        state_reason: held,
        answer: None,
        answered_by: None,
        answered_at: None,
        owner_id: None,
        due_on: None,
        created_at: act.now,
        version: 1,
    };
    halls::insert_question(tx, &question).await?;
    tell_question(tx, act, &question).await?;
    Ok(question)
}

/// The text as it is kept, and why it waits for a moderator, if it does.
fn judge(text: &str, here: &InSession) -> Result<(String, Option<String>)> {
    let review = here.session.question_review && !here.part.moderates();
    let wait = |code: &str| Some(reason::rule(code));
    match moderation::review(text, QUESTION_LENGTH_MAX, here.part.moderates()) {
        Verdict::Refuse(TextProblem::Empty) => Err(Error::field("/text", Refusal::MessageEmpty)),
        Verdict::Refuse(TextProblem::TooLong { .. }) => Err(Error::field("/text", Refusal::MessageLong)),
        Verdict::Reject(_, reason) => Err(rejected(reason)),
        Verdict::Hold(text, reason) => Ok((text, wait(reason.code()))),
        Verdict::Publish(text) => Ok((text, if review { wait(reason::REVIEWED) } else { None })),
    }
}

/// Tells the hall what it may know of a question, and the moderators the rest.
async fn tell_question(tx: &mut Tx, act: &Act, question: &Question) -> Result<()> {
    let nobody = Reader::nobody(act.now);
    if question.state != QuestionState::Held {
        let view = views::question(tx, question.clone(), &nobody, false).await?;
        tell(tx, Topic::Hall(question.session_id), Event::QuestionChanged(view), act.now).await?;
    }
    let view = views::question(tx, question.clone(), &nobody, true).await?;
    // The hosts' page counts open and held questions.
    let event = if question.state == QuestionState::Held { Event::QuestionHeld(view) } else { Event::CountsChanged {} };
    tell(tx, Topic::Host(question.session_id), event, act.now).await
}

/// Votes for a question, or takes the vote back. Doing it twice is doing it once.
pub async fn vote(tx: &mut Tx, act: &mut Act, id: HallQuestionId, on: bool) -> Result<Question> {
    let person = act.person()?;
    let question = halls::question(tx, id).await?.ok_or(Error::NotFound)?;
    let here = parts::in_session(tx, question.session_id, person, act.now).await?;
    here.may_enter()?;
    if !here.state.has_hall() {
        return Err(Refusal::HallNotOpen.into());
    }
    if !views::is_shown(question.state) {
        return Err(Refusal::IllegalMove.into());
    }
    if halls::vote(tx, id, person, on).await? {
        tell_question(tx, act, &question).await?;
    }
    Ok(question)
}

/// A host answers, or changes an answer. The asker gets it by letter.
pub async fn answer(tx: &mut Tx, act: &mut Act, id: HallQuestionId, answer: &str) -> Result<Question> {
    let (mut question, here) = for_moderator(tx, act, id).await?;
    let text = clean_text(answer, ANSWER_LENGTH_MAX).map_err(|problem| text_problem("/answer", problem))?;
    // An answer to a held question publishes it.
    let from = question.state;
    if from == QuestionState::Held {
        question.state = QuestionState::Published;
        question.state_reason = None;
    }
    if !question.state.may_become(QuestionState::Answered) {
        return Err(Refusal::IllegalMove.into());
    }
    question.state = QuestionState::Answered;
    question.answer = Some(text);
    question.answered_by = act.by;
    question.answered_at = Some(act.now);
    let question = save(tx, act, question, "question.answer").await?;
    tell_asker(tx, act, &question, &here).await?;
    tell_question(tx, act, &question).await?;
    Ok(question)
}

async fn tell_asker(tx: &mut Tx, act: &mut Act, question: &Question, here: &InSession) -> Result<()> {
    let Some(to) = people::find(tx, question.author_id).await? else { return Ok(()) };
    let centre = match here.organisation {
        Some(id) => {
            let lines = yunqia_store::organisations::lines(tx, [id]).await?;
            lines.into_iter().next().map(|line| yunqia_views::cards::OrganisationCard::from(line).name)
        }
        None => None,
    };
    let facts = Facts {
        link: format!("/sessions/{}/hall", question.session_id),
        session: Some(session_facts(&here.session)),
        question: Some(question.text.clone()),
        answer: question.answer.clone(),
        centre,
        ..Facts::default()
    };
    let letter = Letter {
        kind: LetterKind::QuestionAnswered,
        to: &to,
        cause: format!("question:{}:{}", question.id, question.version),
        facts,
        session: Some(question.session_id),
        booking: None,
        due_at: None,
    };
    letters::queue(tx, act, letter).await?;
    Ok(())
}

/// What letters say of a session.
pub fn session_facts(session: &sessions::Session) -> SessionFacts {
    SessionFacts {
        title: session.theme(),
        starts_at: session.starts_at,
        ends_at: session.ends_at,
        zone: session.zone.clone(),
        hosts: Vec::new(),
    }
}

/// A host gives a question to somebody who sees to it by a date. Without an owner it is nobody's again.
pub async fn assign(
    tx: &mut Tx,
    act: &mut Act,
    id: HallQuestionId,
    owner: Option<PersonId>,
    due_on: Option<Date>,
) -> Result<Question> {
    let (mut question, here) = for_moderator(tx, act, id).await?;
    if !matches!(question.state, QuestionState::Held | QuestionState::Published | QuestionState::Answered) {
        return Err(Refusal::IllegalMove.into());
    }
    if let Some(owner) = owner {
        if yunqia_store::parts::host_centre(tx, question.session_id, owner).await?.is_none() {
            return Err(Error::field("/owner_id", Refusal::NotAMember));
        }
        let due = due_on.ok_or_else(|| Error::field("/due_on", Refusal::Required))?;
        if due < here.session.zone.date_at(act.now) {
            return Err(Error::field("/due_on", Refusal::DatePast));
        }
    }
    let new_owner = owner.filter(|_| owner != question.owner_id);
    question.owner_id = owner;
    question.due_on = due_on.filter(|_| owner.is_some()).map(|date| date.to_string());
    let question = save(tx, act, question, "question.assign").await?;
    if let Some(owner) = new_owner {
        tell_owner(tx, act, &question, &here, owner, due_on).await?;
    }
    tell_question(tx, act, &question).await?;
    Ok(question)
}

async fn tell_owner(
    tx: &mut Tx,
    act: &mut Act,
    question: &Question,
    here: &InSession,
    owner: PersonId,
    due_on: Option<Date>,
) -> Result<()> {
    let Some(to) = people::find(tx, owner).await? else { return Ok(()) };
    let facts = Facts {
        link: format!("/sessions/{}/hall", question.session_id),
        session: Some(session_facts(&here.session)),
        question: Some(question.text.clone()),
        deadline: due_on.and_then(|date| date.tomorrow().ok()).map(|next| here.session.zone.day_start(next).into()),
        ..Facts::default()
    };
    let letter = Letter {
        kind: LetterKind::QuestionAssigned,
        to: &to,
        cause: format!("question:{}:{}", question.id, question.version),
        facts,
        session: Some(question.session_id),
        booking: None,
        due_at: None,
    };
    letters::queue(tx, act, letter).await?;
    Ok(())
}

/// A moderator publishes or rejects a held question.
pub async fn decide(
    tx: &mut Tx,
    act: &mut Act,
    id: HallQuestionId,
    publish: bool,
    reason: Option<&str>,
) -> Result<Question> {
    let (mut question, _) = for_moderator(tx, act, id).await?;
    if publish && act.by == Some(question.author_id) {
        return Err(Refusal::SecondPerson.into());
    }
    let (to, reason) = match publish {
        true => (QuestionState::Published, None),
        false => (QuestionState::Rejected, Some(given_reason(reason)?)),
    };
    change(&mut question, to, reason)?;
    let question = save(tx, act, question, "question.decide").await?;
    tell_question(tx, act, &question).await?;
    Ok(question)
}

/// A moderator takes a question down, with a reason.
pub async fn remove(tx: &mut Tx, act: &mut Act, id: HallQuestionId, reason: Option<&str>) -> Result<Question> {
    let (mut question, _) = for_moderator(tx, act, id).await?;
    change(&mut question, QuestionState::Removed, Some(given_reason(reason)?))?;
    let question = save(tx, act, question, "question.remove").await?;
    tell_question(tx, act, &question).await?;
    Ok(question)
}

fn change(question: &mut Question, to: QuestionState, reason: Option<String>) -> Result<()> {
    if !question.state.may_become(to) {
        return Err(Refusal::IllegalMove.into());
    }
    question.state = to;
    question.state_reason = reason;
    Ok(())
}

async fn for_moderator(tx: &mut Tx, act: &Act, id: HallQuestionId) -> Result<(Question, InSession)> {
    let question = halls::question(tx, id).await?.ok_or(Error::NotFound)?;
    let here = parts::in_session(tx, question.session_id, act.person()?, act.now).await?;
    here.must_moderate()?;
    Ok((question, here))
}

async fn save(tx: &mut Tx, act: &mut Act, mut question: Question, what: &str) -> Result<Question> {
    if !halls::update_question(tx, &question).await? {
        return Err(Refusal::OldVersion.into());
    }
    question.version += 1;
    let after = serde_json::json!({
        "state": question.state, "reason": question.state_reason, "owner_id": question.owner_id, "due_on": question.due_on,
    });
    let (subject, session) = (question.id.0, Some(question.session_id));
    act.note(tx, Note { act: what, kind: "question", subject, session, before: None, after: Some(after) }).await?;
    Ok(question)
}

fn text_problem(pointer: &str, problem: TextProblem) -> Error {
    let refusal = match problem {
        TextProblem::Empty => Refusal::Required,
        TextProblem::TooLong { .. } => Refusal::TooLong,
    };
    Error::field(pointer, refusal)
}

/// Questions that stand in the way of closing a session: shown or held, with neither an answer nor an owner.
pub async fn open_questions(tx: &mut Tx, session: SessionId) -> Result<i64> {
    Ok(sessions::unowned_questions(tx, session).await?)
}

/// Pins a notice.
pub async fn pin(tx: &mut Tx, act: &mut Act, session: SessionId, text: LocalText) -> Result<Notice> {
    let here = parts::in_session(tx, session, act.person()?, act.now).await?;
    here.must_moderate()?;
    if here.state.is_over() {
        return Err(Refusal::SessionOver.into());
    }
    let text = clean_notice(text)?;
    let pinned = halls::active_notices(tx, session, NOTICES_MAX as i64).await?;
    if pinned.len() >= NOTICES_MAX {
        return Err(Refusal::TooManyNotices.into());
    }
    let notice = Notice {
        id: act.id(),
        session_id: session,
        text_hans: text.hans,
        text_hant: text.hant,
        text_en: text.en,
        state: NoticeState::Active,
        created_by: act.person()?,
        created_at: act.now,
        archived_at: None,
    };
    halls::insert_notice(tx, &notice).await?;
    note(tx, act, "notice.pin", "notice", notice.id.0, session, None).await?;
    tell_notice(tx, act, &notice).await?;
    Ok(notice)
}

fn clean_notice(text: LocalText) -> Result<LocalText> {
    text.validate(NOTICE_LENGTH_MAX)
        .map_err(|problem| Error::field(format!("/text{}", problem.pointer()), problem.into()))
}

/// Takes a notice down.
pub async fn archive(tx: &mut Tx, act: &mut Act, id: NoticeId) -> Result<Notice> {
    let mut notice = halls::notice(tx, id).await?.ok_or(Error::NotFound)?;
    parts::in_session(tx, notice.session_id, act.person()?, act.now).await?.must_moderate()?;
    if halls::archive_notice(tx, id, act.now).await? {
        notice.state = NoticeState::Archived;
        notice.archived_at = Some(act.now);
        note(tx, act, "notice.archive", "notice", id.0, notice.session_id, None).await?;
        tell_notice(tx, act, &notice).await?;
    }
    Ok(notice)
}

async fn tell_notice(tx: &mut Tx, act: &Act, notice: &Notice) -> Result<()> {
    let view = views::Notice::from(notice.clone());
    tell(tx, Topic::Hall(notice.session_id), Event::NoticeChanged(view), act.now).await
}

/// What is done to somebody in a hall.
pub struct Measure {
    pub person: PersonId,
    pub kind: SanctionKind,
    pub reason: String,
    /// None: until it is lifted.
    pub minutes: Option<i64>,
}

/// Mutes somebody, or removes them from the hall. Hosts cannot do that to each other.
pub async fn sanction(tx: &mut Tx, act: &mut Act, session: SessionId, measure: Measure) -> Result<Sanction> {
    let here = parts::in_session(tx, session, act.person()?, act.now).await?;
    here.must_moderate()?;
    let reason = given_reason(Some(&measure.reason))?;
    let mut wrong = Wrong::default();
    if let Some(minutes) = measure.minutes {
        wrong.range("/minutes", minutes, 1..=MUTE_MINUTES_MAX);
    }
    wrong.done()?;
    match parts::in_session(tx, session, measure.person, act.now).await?.part {
        part if part.moderates() => return Err(Error::field("/person_id", Refusal::NotAModerator)),
        hall::Part::Nobody => return Err(Error::field("/person_id", Refusal::UnknownId)),
        _ => {}
    }
    tx.lock(session).await?;
    // One of a kind at a time: a new one takes the place of the old.
    halls::lift(tx, session, measure.person, measure.kind, act.now).await?;
    let sanction = Sanction {
        id: act.id(),
        session_id: session,
        person_id: measure.person,
        kind: measure.kind,
        reason,
        until: measure.minutes.map(|minutes| act.now.plus_minutes(minutes)),
        created_by: act.person()?,
        created_at: act.now,
        lifted_at: None,
    };
    halls::insert_sanction(tx, &sanction).await?;
    tell_sanction(tx, act, &sanction, "sanction.set").await?;
    Ok(sanction)
}

/// Ends a sanction early.
pub async fn lift(tx: &mut Tx, act: &mut Act, id: SanctionId) -> Result<Sanction> {
    let mut sanction = halls::sanction(tx, id).await?.ok_or(Error::NotFound)?;
    parts::in_session(tx, sanction.session_id, act.person()?, act.now).await?.must_moderate()?;
    if sanction.lifted_at.is_none() {
        halls::lift(tx, sanction.session_id, sanction.person_id, sanction.kind, act.now).await?;
        sanction.lifted_at = Some(act.now);
        tell_sanction(tx, act, &sanction, "sanction.lift").await?;
    }
    Ok(sanction)
}

async fn tell_sanction(tx: &mut Tx, act: &mut Act, sanction: &Sanction, what: &str) -> Result<()> {
    let after = serde_json::json!({
        "person_id": sanction.person_id, "kind": sanction.kind, "reason": sanction.reason, "until": sanction.until,
    });
    note(tx, act, what, "sanction", sanction.id.0, sanction.session_id, Some(after)).await?;
    let change = SanctionChange {
        person_id: sanction.person_id,
        kind: sanction.kind,
        active: sanction.is_on(act.now),
        until: sanction.until,
    };
    tell(tx, Topic::Hall(sanction.session_id), Event::SanctionChanged(change), act.now).await?;
    // Who is outside does not listen to the hall: whether its door is open is told to themselves.
    if sanction.kind == SanctionKind::Block {
        tell(tx, Topic::Person(sanction.person_id), Event::AccessChanged {}, act.now).await?;
    }
    Ok(())
}

async fn note(
    tx: &mut Tx,
    act: &mut Act,
    what: &str,
    kind: &str,
    subject: Uuid,
    session: SessionId,
    after: Option<serde_json::Value>,
) -> Result<()> {
    act.note(tx, Note { act: what, kind, subject, session: Some(session), before: None, after }).await
}
