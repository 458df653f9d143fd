//! The agenda of a session, and what companies are asked when they register.

use sqlx::types::Json;
use yunqia_domain::{
    Timestamp,
    ids::{AgendaItemId, SessionId, SessionQuestionId},
    locale::LocalText,
    states::{AgendaKind, QuestionKind},
};

use crate::db::{Result, Tx, sql};

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Item {
    pub id: AgendaItemId,
    pub session_id: SessionId,
    pub position: i64,
    pub kind: AgendaKind,
    pub minutes: i64,
    pub title_hans: Option<String>,
    pub title_hant: Option<String>,
    pub title_en: Option<String>,
    pub speaker: Option<String>,
    pub begun_at: Option<Timestamp>,
}

impl Item {
    pub fn title(&self) -> LocalText {
        LocalText::from_columns(self.title_hans.clone(), self.title_hant.clone(), self.title_en.clone())
    }
}

pub async fn items(tx: &mut Tx, session: SessionId) -> Result<Vec<Item>> {
    sql("SELECT id, session_id, position, kind, minutes, title_hans, title_hant, title_en, speaker, begun_at
         FROM agenda_items WHERE session_id = $1 ORDER BY position")
    .bind(session)
    .all(tx)
    .await
}

/// Replaces the agenda. Items that stay keep their ids.
pub async fn set_items(tx: &mut Tx, session: SessionId, items: &[Item]) -> Result<()> {
    sql("DELETE FROM agenda_items WHERE session_id = $1").bind(session).execute(tx).await?;
    if items.is_empty() {
        return Ok(());
    }
    sql("INSERT INTO agenda_items (id, session_id, position, kind, minutes, title_hans, title_hant, title_en, speaker, begun_at)
         VALUES (..)")
    .rows(items, |query, item| {
        query
            .bind(item.id)
            .bind(session)
            .bind(item.position)
            .bind(item.kind)
            .bind(item.minutes)
            .bind(&item.title_hans)
            .bind(&item.title_hant)
            .bind(&item.title_en)
            .bind(&item.speaker)
            .bind(item.begun_at)
    })
    .execute(tx)
    .await?;
    Ok(())
}

pub async fn begin_item(tx: &mut Tx, item: AgendaItemId, now: Timestamp) -> Result<()> {
    sql("UPDATE agenda_items SET begun_at = $2 WHERE id = $1").bind(item).bind(now).execute(tx).await?;
    Ok(())
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Question {
    pub id: SessionQuestionId,
    pub session_id: SessionId,
    pub position: i64,
    pub kind: QuestionKind,
    pub text_hans: Option<String>,
    pub text_hant: Option<String>,
    pub text_en: Option<String>,
    pub options: Json<Vec<LocalText>>,
    pub required: bool,
    /// It is asked no more; answers that were given stay with it.
    pub withdrawn_at: Option<Timestamp>,
}

impl Question {
    pub fn text(&self) -> LocalText {
        LocalText::from_columns(self.text_hans.clone(), self.text_hant.clone(), self.text_en.clone())
    }
}

/// What companies are asked, in order.
pub async fn questions(tx: &mut Tx, session: SessionId) -> Result<Vec<Question>> {
    let mut questions = all_questions(tx, session).await?;
    questions.retain(|question| question.withdrawn_at.is_none());
    Ok(questions)
}

/// What companies are asked, in order, and then what they were asked and answered once.
pub async fn all_questions(tx: &mut Tx, session: SessionId) -> Result<Vec<Question>> {
    sql("SELECT id, session_id, position, kind, text_hans, text_hant, text_en, options, required, withdrawn_at
         FROM session_questions WHERE session_id = $1
         ORDER BY CASE WHEN withdrawn_at IS NULL THEN 0 ELSE 1 END, withdrawn_at, position, id")
    .bind(session)
    .all(tx)
    .await
}

/// Replaces the questions that are asked; some of the new rows may be withdrawn at once. Those that stay keep their ids, so
/// answers given before stay theirs.
pub async fn set_questions(tx: &mut Tx, session: SessionId, questions: &[Question]) -> Result<()> {
    sql("DELETE FROM session_questions WHERE session_id = $1 AND withdrawn_at IS NULL")
        .bind(session)
        .execute(tx)
        .await?;
    if questions.is_empty() {
        return Ok(());
    }
    sql("INSERT INTO session_questions (id, session_id, position, kind, text_hans, text_hant, text_en, options, required,
                                        withdrawn_at)
         VALUES (..)")
    .rows(questions, |query, question| {
        query
            .bind(question.id)
            .bind(session)
            .bind(question.position)
            .bind(question.kind)
            .bind(&question.text_hans)
            .bind(&question.text_hant)
            .bind(&question.text_en)
            .bind(&question.options)
            .bind(question.required)
            .bind(question.withdrawn_at)
    })
    .execute(tx)
    .await?;
    Ok(())
}
