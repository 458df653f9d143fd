//! The hall of a session: its state, questions, notices, moderation, attendance.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use jiff::civil::Date;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use yunqia_actions::{Error, hall as acts, parts};
use yunqia_domain::{
    Refusal,
    ids::{HallQuestionId, NoticeId, PersonId, SanctionId, SessionId},
    locale::LocalText,
    states::SanctionKind,
};
use yunqia_store::{Tx, halls, stays};
use yunqia_views::{
    common::Page,
    hall::{self as views, Attendance, HallQuestion, HallSnapshot, Notice, Sanction},
};

use super::channels::{Removal, Verdict};
use crate::{
    App,
    body::Body,
    caller::Caller,
    live,
    once::{self, Early, Fresh, Key},
    paging::Paging,
    params::Params,
    problem::{Fault, Problem},
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(read))
        .routes(routes!(ask))
        .routes(routes!(vote))
        .routes(routes!(answer))
        .routes(routes!(assign))
        .routes(routes!(decide))
        .routes(routes!(remove))
        .routes(routes!(pin))
        .routes(routes!(archive))
        .routes(routes!(sanction))
        .routes(routes!(lift))
        .routes(routes!(attendance))
}

/// The state of the hall. Who listens on the socket gets it there; this does not count as being present.
#[utoipa::path(get, path = "/api/sessions/{id}/hall", tag = "hall", params(("id" = SessionId, Path)),
    responses((status = 200, body = HallSnapshot), (status = 403, body = Problem), (status = 409, body = Problem)))]
async fn read(State(app): State<App>, caller: Caller, Path(id): Path<SessionId>) -> Result<Json<HallSnapshot>, Fault> {
    let mut tx = app.db.read().await?;
    Ok(Json(live::hall_snapshot(&app, &mut tx, id, &caller.reader()).await?))
}

/// A question as it is asked.
#[derive(Deserialize, ToSchema)]
struct HallQuestionDraft {
    /// Made by the client; the same one twice is the same question.
    client_id: uuid::Uuid,
    text: String,
}

/// Asks the hosts.
#[utoipa::path(post, path = "/api/sessions/{id}/hall-questions", tag = "hall", params(("id" = SessionId, Path)),
    request_body = HallQuestionDraft,
    responses((status = 201, body = HallQuestion), (status = 403, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)))]
async fn ask(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<SessionId>,
    body: Body<HallQuestionDraft>,
) -> Result<(StatusCode, Json<HallQuestion>), Fault> {
    let mut act = app.act(caller.id());
    let mut tx = app.db.write().await?;
    let row = acts::ask(&mut tx, &mut act, id, body.value.client_id, &body.value.text).await?;
    Ok((StatusCode::CREATED, finish(tx, row, &caller).await?))
}

/// The question as everybody sees it now, and the end of the transaction.
async fn finish(mut tx: Tx, row: halls::Question, caller: &Caller) -> Result<Json<HallQuestion>, Fault> {
    let view = views::question(&mut tx, row, &caller.reader(), false).await?;
    tx.commit().await?;
    Ok(Json(view))
}

/// The question as its moderators see it now, and the end of the act.
async fn moderated(mut tx: Tx, fresh: Fresh, row: halls::Question, caller: &Caller) -> Result<Response, Early> {
    let view = views::question(&mut tx, row, &caller.reader(), true).await?;
    fresh.answer(tx, StatusCode::OK, &view).await
}

#[derive(Deserialize, ToSchema)]
struct Vote {
    on: bool,
}

/// Votes for a question, or takes the vote back.
#[utoipa::path(post, path = "/api/hall-questions/{id}/vote", tag = "hall", params(("id" = HallQuestionId, Path)),
    request_body = Vote, responses((status = 200, body = HallQuestion), (status = 409, body = Problem)))]
async fn vote(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<HallQuestionId>,
    body: Body<Vote>,
) -> Result<Json<HallQuestion>, Fault> {
    let mut act = app.act(caller.id());
    let mut tx = app.db.write().await?;
    let row = acts::vote(&mut tx, &mut act, id, body.value.on).await?;
    finish(tx, row, &caller).await
}

#[derive(Deserialize, ToSchema)]
struct HallAnswer {
    answer: String,
}

/// A host answers, or changes an answer.
#[utoipa::path(post, path = "/api/hall-questions/{id}/answer", tag = "hall", params(("id" = HallQuestionId, Path), Key),
    request_body = HallAnswer,
    responses((status = 200, body = HallQuestion), (status = 403, body = Problem), (status = 422, body = Problem)))]
async fn answer(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<HallQuestionId>,
    key: Key,
    body: Body<HallAnswer>,
) -> Result<Response, Early> {
    let mut act = app.act(caller.id());
    let (mut tx, fresh) = once::begin(app.db.write().await?, &act, key, &body.hash).await?;
    let row = acts::answer(&mut tx, &mut act, id, &body.value.answer).await?;
    moderated(tx, fresh, row, &caller).await
}

/// Who sees to a question, and by when; both null: nobody.
#[derive(Deserialize, ToSchema)]
struct Assignment {
    owner_id: Option<PersonId>,
    /// A date, YYYY-MM-DD.
    due_on: Option<String>,
}

/// Gives a question an owner and a due date.
#[utoipa::path(post, path = "/api/hall-questions/{id}/assign", tag = "hall", params(("id" = HallQuestionId, Path), Key),
    request_body = Assignment,
    responses((status = 200, body = HallQuestion), (status = 403, body = Problem), (status = 422, body = Problem)))]
async fn assign(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<HallQuestionId>,
    key: Key,
    body: Body<Assignment>,
) -> Result<Response, Early> {
    let due_on = date("/due_on", body.value.due_on.as_deref())?;
    let mut act = app.act(caller.id());
    let (mut tx, fresh) = once::begin(app.db.write().await?, &act, key, &body.hash).await?;
    let row = acts::assign(&mut tx, &mut act, id, body.value.owner_id, due_on).await?;
    moderated(tx, fresh, row, &caller).await
}

/// A date in a body.
pub fn date(pointer: &str, text: Option<&str>) -> Result<Option<Date>, Fault> {
    match text {
        None | Some("") => Ok(None),
        Some(text) => Ok(Some(text.parse().map_err(|_| Error::field(pointer, Refusal::DateWrong))?)),
    }
}

/// A moderator publishes or rejects a held question.
#[utoipa::path(post, path = "/api/hall-questions/{id}/decide", tag = "hall", params(("id" = HallQuestionId, Path), Key),
    request_body = Verdict, responses((status = 200, body = HallQuestion), (status = 409, body = Problem)))]
async fn decide(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<HallQuestionId>,
    key: Key,
    body: Body<Verdict>,
) -> Result<Response, Early> {
    let Verdict { publish, reason } = body.value;
    let mut act = app.act(caller.id());
    let (mut tx, fresh) = once::begin(app.db.write().await?, &act, key, &body.hash).await?;
    let row = acts::decide(&mut tx, &mut act, id, publish, reason.as_deref()).await?;
    moderated(tx, fresh, row, &caller).await
}

/// A moderator takes a question down, with a reason.
#[utoipa::path(post, path = "/api/hall-questions/{id}/remove", tag = "hall", params(("id" = HallQuestionId, Path), Key),
    request_body = Removal, responses((status = 200, body = HallQuestion), (status = 409, body = Problem)))]
async fn remove(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<HallQuestionId>,
    key: Key,
    body: Body<Removal>,
) -> Result<Response, Early> {
    let mut act = app.act(caller.id());
    let (mut tx, fresh) = once::begin(app.db.write().await?, &act, key, &body.hash).await?;
    let row = acts::remove(&mut tx, &mut act, id, Some(&body.value.reason)).await?;
    moderated(tx, fresh, row, &caller).await
}

#[derive(Deserialize, ToSchema)]
struct NoticeDraft {
    text: LocalText,
}

/// Pins a notice in the hall.
#[utoipa::path(post, path = "/api/sessions/{id}/notices", tag = "hall", params(("id" = SessionId, Path), Key),
    request_body = NoticeDraft,
    responses((status = 201, body = Notice), (status = 403, body = Problem), (status = 422, body = Problem)))]
async fn pin(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<SessionId>,
    key: Key,
    body: Body<NoticeDraft>,
) -> Result<Response, Early> {
    let mut act = app.act(caller.id());
    let (mut tx, fresh) = once::begin(app.db.write().await?, &act, key, &body.hash).await?;
    let row = acts::pin(&mut tx, &mut act, id, body.value.text).await?;
    fresh.answer(tx, StatusCode::CREATED, &Notice::from(row)).await
}

/// Takes a notice down.
#[utoipa::path(post, path = "/api/notices/{id}/archive", tag = "hall", params(("id" = NoticeId, Path), Key),
    responses((status = 200, body = Notice), (status = 403, body = Problem)))]
async fn archive(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<NoticeId>,
    key: Key,
) -> Result<Response, Early> {
    let mut act = app.act(caller.id());
    let (mut tx, fresh) = once::begin(app.db.write().await?, &act, key, &format!("archive {id}")).await?;
    let row = acts::archive(&mut tx, &mut act, id).await?;
    fresh.answer(tx, StatusCode::OK, &Notice::from(row)).await
}

#[derive(Deserialize, ToSchema)]
struct SanctionDraft {
    person_id: PersonId,
    kind: SanctionKind,
    reason: String,
    /// Null: until it is lifted.
    minutes: Option<i64>,
}

/// Mutes somebody, or removes them from the hall.
#[utoipa::path(post, path = "/api/sessions/{id}/sanctions", tag = "hall", params(("id" = SessionId, Path), Key),
    request_body = SanctionDraft,
    responses((status = 201, body = Sanction), (status = 403, body = Problem), (status = 422, body = Problem)))]
async fn sanction(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<SessionId>,
    key: Key,
    body: Body<SanctionDraft>,
) -> Result<Response, Early> {
    let SanctionDraft { person_id, kind, reason, minutes } = body.value;
    let mut act = app.act(caller.id());
    let (mut tx, fresh) = once::begin(app.db.write().await?, &act, key, &body.hash).await?;
    let measure = acts::Measure { person: person_id, kind, reason, minutes };
    let row = acts::sanction(&mut tx, &mut act, id, measure).await?;
    let view = views::sanction(&mut tx, row).await?;
    fresh.answer(tx, StatusCode::CREATED, &view).await
}

/// Ends a sanction early.
#[utoipa::path(post, path = "/api/sanctions/{id}/lift", tag = "hall", params(("id" = SanctionId, Path), Key),
    responses((status = 200, body = Sanction), (status = 403, body = Problem)))]
async fn lift(State(app): State<App>, caller: Caller, Path(id): Path<SanctionId>, key: Key) -> Result<Response, Early> {
    let mut act = app.act(caller.id());
    let (mut tx, fresh) = once::begin(app.db.write().await?, &act, key, &format!("lift {id}")).await?;
    let row = acts::lift(&mut tx, &mut act, id).await?;
    let view = views::sanction(&mut tx, row).await?;
    fresh.answer(tx, StatusCode::OK, &view).await
}

/// Who was in the hall, for its hosts; in the order of arrival.
#[utoipa::path(get, path = "/api/sessions/{id}/attendance", tag = "hall", params(("id" = SessionId, Path), Paging),
    responses((status = 200, body = Page<Attendance>), (status = 403, body = Problem)))]
async fn attendance(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<SessionId>,
    Params(paging): Params<Paging>,
) -> Result<Json<Page<Attendance>>, Fault> {
    let mut tx = app.db.read().await?;
    parts::in_session(&mut tx, id, caller.id(), caller.now).await?.must_moderate()?;
    let mut arrivals = stays::arrivals(&mut tx, id, paging.after()?, paging.rows()?).await?;
    let next = paging.cut(&mut arrivals, |arrival| arrival.person_id.to_string())?;
    let items = views::attendances(&mut tx, id, &arrivals, caller.now).await?;
    Ok(Json(Page { items, next, total: Some(stays::count_in_hall(&mut tx, id).await?) }))
}
