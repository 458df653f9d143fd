//! Agenda, current item, questions of the registration, and projects on offer.

use serde_json::json;
use yunqia_domain::{
    Refusal,
    ids::{AgendaItemId, OpportunityId, SessionId, SessionQuestionId},
    letters::SessionChange,
    session::{AGENDA_ITEMS_MAX, OPTIONS_MAX, PROJECTS_MAX, QUESTIONS_MAX, TITLE_LENGTH_MAX},
    states::QuestionKind,
};
use yunqia_store::{Json, Tx, agenda, registrations, sessions};
use yunqia_views::drafts::{AgendaItemDraft, SessionQuestionDraft};

use super::{changeable, locked, save, told::tell_changed};
use crate::{
    Act,
    act::Note,
    bookings::Work,
    echo::Echo,
    error::{Error, Result},
    standing::Standing,
    words::{Wrong, has_twice},
};

/// Replaces the agenda; items that stay keep their ids, and so does the current one. Before the hall opens, everybody who
/// comes hears of another agenda; from then on they see it.
pub async fn set_agenda(
    tx: &mut Tx,
    act: &mut Act,
    id: SessionId,
    version: Option<i64>,
    items: Vec<AgendaItemDraft>,
) -> Result<()> {
    let mut session = locked(tx, id).await?;
    Standing::read(tx, act, &session).await?.must_manage()?;
    changeable(&session, version)?;
    let before = agenda::items(tx, id).await?;
    let mut wrong = Wrong::default();
    if items.len() > AGENDA_ITEMS_MAX {
        wrong.add("/items", Refusal::TooMany);
    }
    let mut rows = Vec::new();
    for (index, item) in items.into_iter().take(AGENDA_ITEMS_MAX).enumerate() {
        let place = format!("/items/{index}");
        let old = item.id.and_then(|id| before.iter().find(|old| old.id == id));
        if item.id.is_some() && old.is_none() {
            wrong.add(format!("{place}/id"), Refusal::UnknownId);
        }
        let title = wrong.title(&format!("{place}/title"), item.title, TITLE_LENGTH_MAX);
        rows.push(agenda::Item {
            id: old.map_or_else(|| act.id::<AgendaItemId>(), |old| old.id),
            session_id: id,
            position: i64::try_from(index).unwrap_or(0) + 1,
            kind: item.kind,
            minutes: wrong.range(&format!("{place}/minutes"), item.minutes, 1..=600),
            title_hans: title.hans,
            title_hant: title.hant,
            title_en: title.en,
            speaker: wrong.optional_line(&format!("{place}/speaker"), item.speaker, TITLE_LENGTH_MAX),
            begun_at: old.and_then(|old| old.begun_at),
        });
    }
    if has_twice(&rows.iter().map(|row| row.id).collect::<Vec<_>>()) {
        wrong.add("/items", Refusal::Twice);
    }
    wrong.done()?;
    agenda::set_items(tx, id, &rows).await?;
    if !rows.iter().any(|row| Some(row.id) == session.current_item_id) {
        session.current_item_id = None;
    }
    save(tx, &mut session).await?;
    note(tx, act, "session.agenda", id, json!({ "items": rows.len() })).await?;
    let is_new = !before.iter().map(read).eq(rows.iter().map(read));
    let mut work = Work::on(session);
    if is_new && !work.session.state_at(act.now).has_hall() {
        tell_changed(tx, act, &mut work, vec![SessionChange::Agenda], None).await?;
    }
    work.echo.sessions.insert(id);
    work.finish(tx, act).await
}

/// What a reader sees of an agenda item.
fn read(item: &agenda::Item) -> impl PartialEq {
    let title = (item.title_hans.clone(), item.title_hant.clone(), item.title_en.clone());
    (item.kind, item.minutes, title, item.speaker.clone())
}

/// Moves the agenda on to an item, or off it, while the hall is open.
pub async fn set_current_item(tx: &mut Tx, act: &mut Act, id: SessionId, item: Option<AgendaItemId>) -> Result<()> {
    let mut session = locked(tx, id).await?;
    Standing::read(tx, act, &session).await?.must_host()?;
    changeable(&session, None)?;
    if item.is_some() && !session.state_at(act.now).has_hall() {
        return Err(Refusal::HallNotOpen.into());
    }
    if let Some(item) = item {
        let items = agenda::items(tx, id).await?;
        if !items.iter().any(|known| known.id == item) {
            return Err(Error::field("/item_id", Refusal::UnknownId));
        }
        agenda::begin_item(tx, item, act.now).await?;
    }
    session.current_item_id = item;
    save(tx, &mut session).await?;
    note(tx, act, "session.agenda_current", id, json!({ "item_id": item })).await?;
    Echo { agenda: [(id, (item, act.now))].into(), ..Echo::default() }.send(tx, act.now).await
}

/// Replaces what companies are asked; questions that stay keep their ids and so their answers. One that was answered and is
/// left out is withdrawn: it is asked no more, and its answers can still be read. So is one that now asks for another kind of
/// answer; it is asked anew. The options of a choice may change as they like, since an answer keeps the words that were chosen.
pub async fn set_questions(
    tx: &mut Tx,
    act: &mut Act,
    id: SessionId,
    version: Option<i64>,
    questions: Vec<SessionQuestionDraft>,
) -> Result<()> {
    let mut session = locked(tx, id).await?;
    Standing::read(tx, act, &session).await?.must_manage()?;
    changeable(&session, version)?;
    let before = agenda::questions(tx, id).await?;
    let answered = registrations::answered(tx, id).await?;
    let mut wrong = Wrong::default();
    if questions.len() > QUESTIONS_MAX {
        wrong.add("/questions", Refusal::TooMany);
    }
    let mut rows = Vec::new();
    for (index, question) in questions.into_iter().take(QUESTIONS_MAX).enumerate() {
        let place = format!("/questions/{index}");
        let old = question.id.and_then(|id| before.iter().find(|old| old.id == id));
        if question.id.is_some() && old.is_none() {
            wrong.add(format!("{place}/id"), Refusal::UnknownId);
        }
        let choice = question.kind == QuestionKind::Choice;
        let old = old.filter(|old| !answered.contains(&old.id.to_string()) || old.kind == question.kind);
        match question.options.len() {
            0 | 1 if choice => wrong.add(format!("{place}/options"), Refusal::Required),
            count if count > OPTIONS_MAX => wrong.add(format!("{place}/options"), Refusal::TooMany),
            _ => {}
        }
        let text = wrong.title(&format!("{place}/text"), question.text, 300);
        let options = question.options.into_iter().take(if choice { OPTIONS_MAX } else { 0 }).enumerate();
        let options: Vec<_> =
            options.map(|(n, text)| wrong.title(&format!("{place}/options/{n}"), text, TITLE_LENGTH_MAX)).collect();
        for (n, option) in options.iter().enumerate().filter(|(_, option)| !option.is_empty()) {
            if options[..n].contains(option) {
                wrong.add(format!("{place}/options/{n}"), Refusal::Twice);
            }
        }
        rows.push(agenda::Question {
            id: old.map_or_else(|| act.id::<SessionQuestionId>(), |old| old.id),
            session_id: id,
            position: i64::try_from(index).unwrap_or(0) + 1,
            kind: question.kind,
            text_hans: text.hans,
            text_hant: text.hant,
            text_en: text.en,
            options: Json(options),
            required: question.required,
            withdrawn_at: None,
        });
    }
    if has_twice(&rows.iter().map(|row| row.id).collect::<Vec<_>>()) {
        wrong.add("/questions", Refusal::Twice);
    }
    wrong.done()?;
    let asked = rows.len();
    let gone = before.into_iter().filter(|old| !rows.iter().any(|row| row.id == old.id));
    let kept: Vec<_> = gone
        .filter(|old| answered.contains(&old.id.to_string()))
        .map(|old| agenda::Question { withdrawn_at: Some(act.now), ..old })
        .collect();
    let withdrawn: Vec<_> = kept.iter().map(|question| question.id).collect();
    rows.extend(kept);
    agenda::set_questions(tx, id, &rows).await?;
    save(tx, &mut session).await?;
    note(tx, act, "session.questions", id, json!({ "questions": asked, "withdrawn": withdrawn })).await?;
    Echo { sessions: [id].into(), ..Echo::default() }.send(tx, act.now).await
}

/// Replaces the projects on offer.
pub async fn set_projects(
    tx: &mut Tx,
    act: &mut Act,
    id: SessionId,
    version: Option<i64>,
    projects: Vec<OpportunityId>,
) -> Result<()> {
    let mut session = locked(tx, id).await?;
    Standing::read(tx, act, &session).await?.must_manage()?;
    changeable(&session, version)?;
    let mut wrong = Wrong::default();
    if projects.len() > PROJECTS_MAX {
        wrong.add("/opportunity_ids", Refusal::TooMany);
    } else if has_twice(&projects) {
        wrong.add("/opportunity_ids", Refusal::Twice);
    } else {
        let known = sessions::known_projects(tx, &projects).await?;
        for (index, _) in projects.iter().enumerate().filter(|(_, id)| !known.contains(id)) {
            wrong.add(format!("/opportunity_ids/{index}"), Refusal::UnknownId);
        }
    }
    wrong.done()?;
    sessions::set_projects(tx, id, &projects).await?;
    save(tx, &mut session).await?;
    note(tx, act, "session.projects", id, json!({ "projects": projects.len() })).await?;
    Echo { sessions: [id].into(), ..Echo::default() }.send(tx, act.now).await
}

async fn note(tx: &mut Tx, act: &mut Act, what: &str, id: SessionId, after: serde_json::Value) -> Result<()> {
    act.note(
        tx,
        Note { act: what, kind: "session", subject: id.0, session: Some(id), before: None, after: Some(after) },
    )
    .await
}
