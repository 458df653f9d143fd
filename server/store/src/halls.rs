//! The hall of a session: questions with votes, notices, and what moderators did to people.

use yunqia_domain::{
    Timestamp,
    ids::{ChannelId, HallQuestionId, NoticeId, OrganisationId, PersonId, SanctionId, SessionId},
    states::{NoticeState, QuestionState, SanctionKind},
};

use crate::db::{Result, Tx, sql};

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Question {
    pub id: HallQuestionId,
    pub session_id: SessionId,
    pub author_id: PersonId,
    pub organisation_id: Option<OrganisationId>,
    pub client_id: uuid::Uuid,
    pub text: String,
    pub state: QuestionState,
    pub state_reason: Option<String>,
    pub answer: Option<String>,
    pub answered_by: Option<PersonId>,
    pub answered_at: Option<Timestamp>,
    pub owner_id: Option<PersonId>,
    /// A date, YYYY-MM-DD.
    pub due_on: Option<String>,
    pub created_at: Timestamp,
    pub version: i64,
}

pub async fn question(tx: &mut Tx, id: HallQuestionId) -> Result<Option<Question>> {
    sql("SELECT id, session_id, author_id, organisation_id, client_id, text, state, state_reason, answer, answered_by,
                answered_at, owner_id, due_on, created_at, version
         FROM hall_questions WHERE id = $1")
    .bind(id)
    .optional(tx)
    .await
}

pub async fn question_by_client_id(tx: &mut Tx, author: PersonId, client_id: uuid::Uuid) -> Result<Option<Question>> {
    sql("SELECT id, session_id, author_id, organisation_id, client_id, text, state, state_reason, answer, answered_by,
                answered_at, owner_id, due_on, created_at, version
         FROM hall_questions WHERE author_id = $1 AND client_id = $2")
    .bind(author)
    .bind(client_id)
    .optional(tx)
    .await
}

/// All questions of a session in the order in which they were asked.
pub async fn questions(tx: &mut Tx, session: SessionId, limit: i64) -> Result<Vec<Question>> {
    sql("SELECT id, session_id, author_id, organisation_id, client_id, text, state, state_reason, answer, answered_by,
                answered_at, owner_id, due_on, created_at, version
         FROM hall_questions WHERE session_id = $1 ORDER BY created_at, id LIMIT $2")
    .bind(session)
    .bind(limit)
    .all(tx)
    .await
}

/// What waits for a moderator, oldest first.
pub async fn held_questions(tx: &mut Tx, session: SessionId, limit: i64) -> Result<Vec<Question>> {
    sql("SELECT id, session_id, author_id, organisation_id, client_id, text, state, state_reason, answer, answered_by,
                answered_at, owner_id, due_on, created_at, version
         FROM hall_questions WHERE session_id = $1 AND state = 'held' ORDER BY created_at, id LIMIT $2")
    .bind(session)
    .bind(limit)
    .all(tx)
    .await
}

/// What a person has asked and others do not see.
pub async fn own_waiting(tx: &mut Tx, session: SessionId, author: PersonId) -> Result<Vec<Question>> {
    sql("SELECT id, session_id, author_id, organisation_id, client_id, text, state, state_reason, answer, answered_by,
                answered_at, owner_id, due_on, created_at, version
         FROM hall_questions
         WHERE session_id = $1 AND author_id = $2 AND state IN ('held', 'rejected') ORDER BY created_at, id LIMIT 100")
    .bind(session)
    .bind(author)
    .all(tx)
    .await
}

/// How many questions a person has asked in a session since then.
pub async fn asked_since(tx: &mut Tx, session: SessionId, author: PersonId, since: Timestamp) -> Result<i64> {
    sql("SELECT CAST(count(*) AS BIGINT) AS questions FROM hall_questions
         WHERE session_id = $1 AND author_id = $2 AND created_at > $3")
    .bind(session)
    .bind(author)
    .bind(since)
    .scalar(tx)
    .await
}

pub async fn insert_question(tx: &mut Tx, question: &Question) -> Result<()> {
    sql("INSERT INTO hall_questions (id, session_id, author_id, organisation_id, client_id, text, state, state_reason,
                                     answer, answered_by, answered_at, owner_id, due_on, created_at, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)")
    .bind(question.id)
    .bind(question.session_id)
    .bind(question.author_id)
    .bind(question.organisation_id)
    .bind(question.client_id)
    .bind(&question.text)
    .bind(question.state)
    .bind(&question.state_reason)
    .bind(&question.answer)
    .bind(question.answered_by)
    .bind(question.answered_at)
    .bind(question.owner_id)
    .bind(&question.due_on)
    .bind(question.created_at)
    .bind(question.version)
    .execute(tx)
    .await?;
    Ok(())
}

/// Saves a question that was read at `question.version`; false if it has changed since.
pub async fn update_question(tx: &mut Tx, question: &Question) -> Result<bool> {
    let changed = sql("UPDATE hall_questions SET state = $3, state_reason = $4, answer = $5, answered_by = $6,
                answered_at = $7, owner_id = $8, due_on = $9, version = version + 1
         WHERE id = $1 AND version = $2")
    .bind(question.id)
    .bind(question.version)
    .bind(question.state)
    .bind(&question.state_reason)
    .bind(&question.answer)
    .bind(question.answered_by)
    .bind(question.answered_at)
    .bind(question.owner_id)
    .bind(&question.due_on)
    .execute(tx)
    .await?;
    Ok(changed == 1)
}

/// Gives or takes back a vote; says whether that changed anything.
pub async fn vote(tx: &mut Tx, question: HallQuestionId, person: PersonId, on: bool) -> Result<bool> {
    let changed = if on {
        sql("INSERT INTO question_votes (question_id, person_id) VALUES ($1, $2) ON CONFLICT DO NOTHING")
    } else {
        sql("DELETE FROM question_votes WHERE question_id = $1 AND person_id = $2")
    };
    Ok(changed.bind(question).bind(person).execute(tx).await? == 1)
}

/// Votes per question; a question without any is missing.
pub async fn votes(
    tx: &mut Tx,
    questions: impl IntoIterator<Item = HallQuestionId>,
) -> Result<Vec<(HallQuestionId, i64)>> {
    sql("SELECT question_id, CAST(count(*) AS BIGINT) AS votes FROM question_votes
         WHERE question_id IN (..) GROUP BY question_id")
    .list(questions)
    .all(tx)
    .await
}

/// The questions of a session that a person votes for.
pub async fn votes_of(tx: &mut Tx, session: SessionId, person: PersonId) -> Result<Vec<(HallQuestionId,)>> {
    sql("SELECT v.question_id FROM question_votes v JOIN hall_questions q ON q.id = v.question_id
         WHERE q.session_id = $1 AND v.person_id = $2")
    .bind(session)
    .bind(person)
    .all(tx)
    .await
}

/// Those of these people who see something in the hall that others do not: they voted, or wrote what is not shown.
pub async fn with_something_own(
    tx: &mut Tx,
    session: SessionId,
    channel: ChannelId,
    people: &[PersonId],
) -> Result<Vec<(PersonId,)>> {
    sql("SELECT v.person_id FROM question_votes v JOIN hall_questions q ON q.id = v.question_id
         WHERE q.session_id = $1 AND v.person_id IN (..)
         UNION SELECT author_id FROM hall_questions
         WHERE session_id = $1 AND state IN ('held', 'rejected') AND author_id IN (..)
         UNION SELECT author_id FROM messages
         WHERE channel_id = $2 AND state IN ('held', 'rejected') AND author_id IN (..)")
    .bind(session)
    .bind(channel)
    .list(people.iter().copied())
    .list(people.iter().copied())
    .list(people.iter().copied())
    .all(tx)
    .await
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Notice {
    pub id: NoticeId,
    pub session_id: SessionId,
    pub text_hans: Option<String>,
    pub text_hant: Option<String>,
    pub text_en: Option<String>,
    pub state: NoticeState,
    pub created_by: PersonId,
    pub created_at: Timestamp,
    pub archived_at: Option<Timestamp>,
}

pub async fn insert_notice(tx: &mut Tx, notice: &Notice) -> Result<()> {
    sql("INSERT INTO notices (id, session_id, text_hans, text_hant, text_en, state, created_by, created_at, archived_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)")
    .bind(notice.id)
    .bind(notice.session_id)
    .bind(&notice.text_hans)
    .bind(&notice.text_hant)
    .bind(&notice.text_en)
    .bind(notice.state)
    .bind(notice.created_by)
    .bind(notice.created_at)
    .bind(notice.archived_at)
    .execute(tx)
    .await?;
    Ok(())
}

pub async fn notice(tx: &mut Tx, id: NoticeId) -> Result<Option<Notice>> {
    sql("SELECT id, session_id, text_hans, text_hant, text_en, state, created_by, created_at, archived_at
         FROM notices WHERE id = $1")
    .bind(id)
    .optional(tx)
    .await
}

/// The pinned notices of a session, oldest first.
pub async fn active_notices(tx: &mut Tx, session: SessionId, limit: i64) -> Result<Vec<Notice>> {
    sql("SELECT id, session_id, text_hans, text_hant, text_en, state, created_by, created_at, archived_at
         FROM notices WHERE session_id = $1 AND state = 'active' ORDER BY created_at, id LIMIT $2")
    .bind(session)
    .bind(limit)
    .all(tx)
    .await
}

/// Takes a notice down; false if it was down already.
pub async fn archive_notice(tx: &mut Tx, id: NoticeId, now: Timestamp) -> Result<bool> {
    let changed = sql("UPDATE notices SET state = 'archived', archived_at = $2 WHERE id = $1 AND state = 'active'")
        .bind(id)
        .bind(now)
        .execute(tx)
        .await?;
    Ok(changed == 1)
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Sanction {
    pub id: SanctionId,
    pub session_id: SessionId,
    pub person_id: PersonId,
    pub kind: SanctionKind,
    pub reason: String,
    pub until: Option<Timestamp>,
    pub created_by: PersonId,
    pub created_at: Timestamp,
    pub lifted_at: Option<Timestamp>,
}

impl Sanction {
    /// It still counts.
    pub fn is_on(&self, now: Timestamp) -> bool {
        self.lifted_at.is_none() && self.until.is_none_or(|until| now < until)
    }
}

pub async fn sanction(tx: &mut Tx, id: SanctionId) -> Result<Option<Sanction>> {
    sql("SELECT id, session_id, person_id, kind, reason, until, created_by, created_at, lifted_at
         FROM sanctions WHERE id = $1")
    .bind(id)
    .optional(tx)
    .await
}

/// What counts against people in a session now, newest first.
pub async fn sanctions(tx: &mut Tx, session: SessionId, now: Timestamp) -> Result<Vec<Sanction>> {
    sql("SELECT id, session_id, person_id, kind, reason, until, created_by, created_at, lifted_at
         FROM sanctions WHERE session_id = $1 AND lifted_at IS NULL AND (until IS NULL OR until > $2)
         ORDER BY created_at DESC, id DESC LIMIT 500")
    .bind(session)
    .bind(now)
    .all(tx)
    .await
}

/// What counts against one person in a session now.
pub async fn sanctions_of(
    tx: &mut Tx,
    session: SessionId,
    people: &[PersonId],
    now: Timestamp,
) -> Result<Vec<Sanction>> {
    sql("SELECT id, session_id, person_id, kind, reason, until, created_by, created_at, lifted_at
         FROM sanctions
         WHERE session_id = $1 AND lifted_at IS NULL AND (until IS NULL OR until > $2) AND person_id IN (..)")
    .bind(session)
    .bind(now)
    .list(people.iter().copied())
    .all(tx)
    .await
}

pub async fn insert_sanction(tx: &mut Tx, sanction: &Sanction) -> Result<()> {
    sql("INSERT INTO sanctions (id, session_id, person_id, kind, reason, until, created_by, created_at, lifted_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)")
    .bind(sanction.id)
    .bind(sanction.session_id)
    .bind(sanction.person_id)
    .bind(sanction.kind)
    .bind(&sanction.reason)
    .bind(sanction.until)
    .bind(sanction.created_by)
    .bind(sanction.created_at)
    .bind(sanction.lifted_at)
    .execute(tx)
    .await?;
    Ok(())
}

/// Ends what counts of a kind against a person, also where its time has run out.
pub async fn lift(
    tx: &mut Tx,
    session: SessionId,
    person: PersonId,
    kind: SanctionKind,
    now: Timestamp,
) -> Result<u64> {
    sql("UPDATE sanctions SET lifted_at = $4 WHERE session_id = $1 AND person_id = $2 AND kind = $3 AND lifted_at IS NULL")
        .bind(session)
        .bind(person)
        .bind(kind)
        .bind(now)
        .execute(tx)
        .await
}
