//! The talk room: its state, calling the other side, minutes, words, outcome.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use yunqia_actions::{parts, talks as acts};
use yunqia_domain::{
    ids::{BookingId, PersonId},
    states::Word,
    topics::Topic,
};
use yunqia_store::{Tx, presences};
use yunqia_views::talks::{TalkOutcome, TalkRoom, TalkSide};

use super::hall::date;
use crate::{
    App,
    body::{Body, Version},
    caller::Caller,
    live,
    once::{self, Early, Key},
    problem::{Fault, Problem},
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(read))
        .routes(routes!(call))
        .routes(routes!(write_minutes))
        .routes(routes!(give_word))
        .routes(routes!(record_outcome))
}

/// The state of a talk room, for its two sides. It may be read before it opens.
#[utoipa::path(get, path = "/api/talks/{booking}", tag = "talks", params(("booking" = BookingId, Path)),
    responses((status = 200, body = TalkRoom), (status = 404, body = Problem)))]
async fn read(State(app): State<App>, caller: Caller, Path(id): Path<BookingId>) -> Result<Json<TalkRoom>, Fault> {
    let mut tx = app.db.read().await?;
    Ok(Json(live::talk_room(&app, &mut tx, id, &caller.reader()).await?))
}

/// Calls the other side into the room.
#[utoipa::path(post, path = "/api/talks/{booking}/call", tag = "talks", params(("booking" = BookingId, Path), Key),
    responses((status = 202), (status = 409, body = Problem)))]
async fn call(State(app): State<App>, caller: Caller, Path(id): Path<BookingId>, key: Key) -> Result<Response, Early> {
    let mut act = app.act(caller.id());
    let (mut tx, fresh) = once::begin(app.db.write().await?, &act, key, &format!("call {id}")).await?;
    let here = parts::in_talk(&mut tx, id, caller.id()).await?;
    let other = match here.side {
        TalkSide::Company => here.talk.staff_id,
        _ => here.talk.contact_id,
    };
    let topic = Topic::Talk(id).to_string();
    // On this node, or by the word of another.
    let other_is_here =
        app.live().hub.is_present(&topic, other.0) || presences::is_there(&mut tx, &topic, other).await?;
    acts::call(&mut tx, &mut act, id, other_is_here).await?;
    fresh.bare_answer(tx, StatusCode::ACCEPTED).await
}

/// Minutes as they are typed.
#[derive(Deserialize, ToSchema)]
struct TalkMinutesDraft {
    text: String,
    next_step: String,
    owner_id: Option<PersonId>,
    /// A date, YYYY-MM-DD.
    due_on: Option<String>,
}

/// Writes the minutes. Both sides may.
#[utoipa::path(put, path = "/api/talks/{booking}/minutes", tag = "talks",
    params(("booking" = BookingId, Path), Version),
    request_body = TalkMinutesDraft,
    responses((status = 200, body = TalkRoom), (status = 412, body = Problem), (status = 422, body = Problem)))]
async fn write_minutes(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<BookingId>,
    Version(version): Version,
    body: Body<TalkMinutesDraft>,
) -> Result<Json<TalkRoom>, Fault> {
    let draft = body.value;
    let due_on = date("/due_on", draft.due_on.as_deref())?;
    let minutes = acts::Minutes { text: draft.text, next_step: draft.next_step, owner: draft.owner_id, due_on };
    let mut act = app.act(caller.id());
    let mut tx = app.db.write().await?;
    acts::write_minutes(&mut tx, &mut act, id, version, minutes).await?;
    finish(&app, tx, id, &caller).await
}

/// The room as it is now, and the end of the transaction.
async fn finish(app: &App, mut tx: Tx, id: BookingId, caller: &Caller) -> Result<Json<TalkRoom>, Fault> {
    let room = live::talk_room(app, &mut tx, id, &caller.reader()).await?;
    tx.commit().await?;
    Ok(Json(room))
}

/// What one side says of the talk.
#[derive(Deserialize, ToSchema)]
struct WordDraft {
    word: Word,
    #[serde(default)]
    note: Option<String>,
}

/// Says whether the talk was held. One "did not happen" of two makes a no-show.
#[utoipa::path(post, path = "/api/talks/{booking}/word", tag = "talks", params(("booking" = BookingId, Path), Key),
    request_body = WordDraft, responses((status = 200, body = TalkRoom), (status = 409, body = Problem)))]
async fn give_word(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<BookingId>,
    key: Key,
    body: Body<WordDraft>,
) -> Result<Response, Early> {
    let mut act = app.act(caller.id());
    let (mut tx, fresh) = once::begin(app.db.write().await?, &act, key, &body.hash).await?;
    let note = body.value.note.unwrap_or_default();
    acts::give_word(&mut tx, &mut act, id, body.value.word, &note).await?;
    let room = live::talk_room(&app, &mut tx, id, &caller.reader()).await?;
    fresh.answer(tx, StatusCode::OK, &room).await
}

/// The centre records what came of the talk.
#[utoipa::path(put, path = "/api/talks/{booking}/outcome", tag = "talks", params(("booking" = BookingId, Path), Version),
    request_body = TalkOutcome,
    responses((status = 200, body = TalkRoom), (status = 403, body = Problem), (status = 412, body = Problem), (status = 422, body = Problem)))]
async fn record_outcome(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<BookingId>,
    Version(version): Version,
    body: Body<TalkOutcome>,
) -> Result<Json<TalkRoom>, Fault> {
    let mut act = app.act(caller.id());
    let mut tx = app.db.write().await?;
    acts::record_outcome(&mut tx, &mut act, id, Some(version), body.value).await?;
    finish(&app, tx, id, &caller).await
}
