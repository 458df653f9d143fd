//! Promotion sessions: lists and pages for everybody, and the desk of those who host.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use yunqia_actions::{sessions as acts, standing::Standing};
use yunqia_domain::{
    Refusal,
    ids::{AgendaItemId, OpportunityId, OrganisationId, SessionId},
    search,
    states::SessionState,
};
use yunqia_store::{Tx, sessions as rows};
use yunqia_views::{
    Reader,
    common::Page,
    drafts::{AgendaItemDraft, SessionDraft, SessionQuestionDraft},
    sessions::{self, SessionCard, SessionDesk, SessionPage, SessionQuestion, SessionSettings},
};

use crate::{
    App,
    body::{Body, OptionalVersion, Version},
    caller::{Caller, Language, reader},
    malformed::{Malformed, Rule},
    once::{self, Early, Key},
    params::{self, Params},
    problem::{Fault, Problem},
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(page, change_settings))
        .routes(routes!(desk))
        .routes(routes!(move_session))
        .routes(routes!(set_agenda))
        .routes(routes!(set_current_item))
        .routes(routes!(questions, set_questions))
        .routes(routes!(set_projects))
        .routes(routes!(set_hosts))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListQuery {
    /// `upcoming` (default), `live`, `past`, `all`.
    when: Option<String>,
    /// Only sessions this centre hosts.
    host: Option<OrganisationId>,
    /// Words of the theme.
    q: Option<String>,
    /// Also what is not published; for people of `host` and the operator.
    drafts: Option<bool>,
    after: Option<String>,
    limit: Option<i64>,
}

/// Sessions in order of their start: what is to come from the next on, what is past from the latest back.
#[utoipa::path(get, path = "/api/sessions", tag = "sessions", params(ListQuery),
    responses((status = 200, body = Page<SessionCard>), (status = 400, body = Problem)))]
async fn list(
    State(app): State<App>,
    caller: Option<Caller>,
    Language(locale): Language,
    Params(query): Params<ListQuery>,
) -> Result<Json<Page<SessionCard>>, Fault> {
    use SessionState::*;
    let reader = reader(&caller, locale, app.now());
    let when = query.when.as_deref().unwrap_or("upcoming");
    let (mut states, latest_first) = match when {
        "upcoming" => (vec![Published, RegistrationOpen, BookingOpen, Live, Talks], false),
        // What the clock has begun may not have been written down yet; the cards below say.
        "live" => (vec![Published, RegistrationOpen, BookingOpen, Live, Talks], false),
        "past" => (vec![Closed, Archived], true),
        "all" => (vec![Published, RegistrationOpen, BookingOpen, Live, Talks, Closed, Archived, Cancelled], true),
        given => {
            let known = ["upcoming", "live", "past", "all"].map(str::to_owned).to_vec();
            let rule = Rule::Choice { given: given.to_owned(), known };
            return Err(Malformed::query("when", rule).into());
        }
    };
    if query.drafts == Some(true) {
        let own = query.host.is_some_and(|host| reader.is_member_of(host));
        if !own && !reader.operator {
            return Err(Refusal::NotAllowed.into());
        }
        states.extend([Draft, Submitted]);
    }
    let limit = params::limit(query.limit)?;
    let filter = rows::Filter {
        states,
        host: query.host,
        words: search::typed(query.q.as_deref().unwrap_or_default()),
        after: query.after.as_deref().filter(|after| !after.is_empty()).map(place).transpose()?,
        limit: limit + 1,
    };
    let mut tx = app.db.read().await?;
    let places = match latest_first {
        true => rows::latest_first(&mut tx, &filter).await?,
        false => rows::soonest_first(&mut tx, &filter).await?,
    };
    let (places, more) = params::page(places, limit);
    let next = places.last().filter(|_| more).map(|last| format!("{}_{}", last.starts_at, last.id));
    let mut items = sessions::cards(&mut tx, places.iter().map(|place| place.id).collect(), &reader).await?;
    if when == "live" {
        items.retain(|card| card.state.has_hall());
    }
    Ok(Json(Page { items, next, total: None }))
}

/// A new session as a draft: from a run sheet, or as a copy of an earlier one.
#[utoipa::path(post, path = "/api/sessions", tag = "hosting", request_body = SessionDraft,
    params(Key),
    responses((status = 201, body = SessionPage), (status = 403, body = Problem), (status = 422, body = Problem)))]
async fn create(State(app): State<App>, caller: Caller, key: Key, body: Body<SessionDraft>) -> Result<Response, Early> {
    let mut act = app.act(caller.id());
    let (mut tx, fresh) = once::begin(app.db.write().await?, &act, key, &body.hash).await?;
    let id = acts::create(&mut tx, &mut act, body.value).await?;
    let view = read(&mut tx, id, &caller.reader()).await?;
    fresh.answer(tx, StatusCode::CREATED, &view).await
}

/// The public page of a session; what is not published is its hosts'.
#[utoipa::path(get, path = "/api/sessions/{id}", tag = "sessions", params(("id" = SessionId, Path)),
    responses((status = 200, body = SessionPage), (status = 404, body = Problem)))]
async fn page(
    State(app): State<App>,
    caller: Option<Caller>,
    Language(locale): Language,
    Path(id): Path<SessionId>,
) -> Result<Json<SessionPage>, Fault> {
    let mut tx = app.db.read().await?;
    Ok(Json(read(&mut tx, id, &reader(&caller, locale, app.now())).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeSettings {
    settings: SessionSettings,
    #[serde(default)]
    accept_impact: bool,
}

/// Changes the settings. Bookings over lower limits are listed first, and cancelled when that is accepted.
#[utoipa::path(put, path = "/api/sessions/{id}", tag = "hosting", request_body = ChangeSettings,
    params(("id" = SessionId, Path), Version),
    responses((status = 200, body = SessionPage), (status = 409, body = Problem), (status = 412, body = Problem), (status = 422, body = Problem)))]
async fn change_settings(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<SessionId>,
    Version(version): Version,
    body: Body<ChangeSettings>,
) -> Result<Json<SessionPage>, Fault> {
    let mut act = app.act(caller.id());
    let mut tx = app.db.write_long().await?;
    let ChangeSettings { settings, accept_impact } = body.value;
    acts::change_settings(&mut tx, &mut act, id, version, settings, accept_impact).await?;
    let view = read(&mut tx, id, &caller.reader()).await?;
    tx.commit().await?;
    Ok(Json(view))
}

/// The desk of those who host: settings, questions, grid, counts, and the moves that come next.
#[utoipa::path(get, path = "/api/sessions/{id}/desk", tag = "hosting", params(("id" = SessionId, Path)),
    responses((status = 200, body = SessionDesk), (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn desk(State(app): State<App>, caller: Caller, Path(id): Path<SessionId>) -> Result<Json<SessionDesk>, Fault> {
    let mut tx = app.db.read().await?;
    Ok(Json(read_desk(&app, &mut tx, id, &caller).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Move {
    to: SessionState,
    reason: Option<String>,
    #[serde(default)]
    accept_impact: bool,
}

/// Moves the session on: publish, open, close, cancel.
#[utoipa::path(post, path = "/api/sessions/{id}/move", tag = "hosting", request_body = Move, params(("id" = SessionId, Path), OptionalVersion, Key),
    responses((status = 200, body = SessionPage), (status = 403, body = Problem), (status = 409, body = Problem)))]
async fn move_session(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<SessionId>,
    OptionalVersion(version): OptionalVersion,
    key: Key,
    body: Body<Move>,
) -> Result<Response, Early> {
    let mut act = app.act(caller.id());
    let (mut tx, fresh) = once::begin(app.db.write_long().await?, &act, key, &body.hash).await?;
    let Move { to, reason, accept_impact } = body.value;
    acts::move_session(&mut tx, &mut act, id, version, to, reason.as_deref(), accept_impact).await?;
    let view = read(&mut tx, id, &caller.reader()).await?;
    fresh.answer(tx, StatusCode::OK, &view).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Agenda {
    items: Vec<AgendaItemDraft>,
}

/// Replaces the agenda.
#[utoipa::path(put, path = "/api/sessions/{id}/agenda", tag = "hosting", request_body = Agenda, params(("id" = SessionId, Path), Version),
    responses((status = 200, body = SessionPage), (status = 412, body = Problem), (status = 422, body = Problem)))]
async fn set_agenda(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<SessionId>,
    Version(version): Version,
    body: Body<Agenda>,
) -> Result<Json<SessionPage>, Fault> {
    let mut act = app.act(caller.id());
    let mut tx = app.db.write().await?;
    acts::set_agenda(&mut tx, &mut act, id, Some(version), body.value.items).await?;
    let view = read(&mut tx, id, &caller.reader()).await?;
    tx.commit().await?;
    Ok(Json(view))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CurrentItem {
    item_id: Option<AgendaItemId>,
}

/// Moves the agenda on in the hall.
#[utoipa::path(post, path = "/api/sessions/{id}/agenda/current", tag = "hosting", request_body = CurrentItem, params(("id" = SessionId, Path), Key),
    responses((status = 200, body = SessionPage), (status = 422, body = Problem)))]
async fn set_current_item(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<SessionId>,
    key: Key,
    body: Body<CurrentItem>,
) -> Result<Response, Early> {
    let mut act = app.act(caller.id());
    let (mut tx, fresh) = once::begin(app.db.write().await?, &act, key, &body.hash).await?;
    acts::set_current_item(&mut tx, &mut act, id, body.value.item_id).await?;
    let view = read(&mut tx, id, &caller.reader()).await?;
    fresh.answer(tx, StatusCode::OK, &view).await
}

/// What a company is asked when it registers.
#[utoipa::path(get, path = "/api/sessions/{id}/questions", tag = "sessions", params(("id" = SessionId, Path)),
    responses((status = 200, body = Vec<SessionQuestion>), (status = 404, body = Problem)))]
async fn questions(
    State(app): State<App>,
    caller: Option<Caller>,
    Language(locale): Language,
    Path(id): Path<SessionId>,
) -> Result<Json<Vec<SessionQuestion>>, Fault> {
    let mut tx = app.db.read().await?;
    visible(&mut tx, id, &reader(&caller, locale, app.now())).await?;
    Ok(Json(sessions::questions(&mut tx, id).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Questions {
    questions: Vec<SessionQuestionDraft>,
}

/// Replaces the questions.
#[utoipa::path(put, path = "/api/sessions/{id}/questions", tag = "hosting", request_body = Questions, params(("id" = SessionId, Path), Version),
    responses((status = 200, body = SessionDesk), (status = 412, body = Problem), (status = 422, body = Problem)))]
async fn set_questions(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<SessionId>,
    Version(version): Version,
    body: Body<Questions>,
) -> Result<Json<SessionDesk>, Fault> {
    let mut act = app.act(caller.id());
    let mut tx = app.db.write().await?;
    acts::set_questions(&mut tx, &mut act, id, Some(version), body.value.questions).await?;
    let view = read_desk(&app, &mut tx, id, &caller).await?;
    tx.commit().await?;
    Ok(Json(view))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Projects {
    opportunity_ids: Vec<OpportunityId>,
}

/// Replaces the projects on offer.
#[utoipa::path(put, path = "/api/sessions/{id}/projects", tag = "hosting", request_body = Projects, params(("id" = SessionId, Path), Version),
    responses((status = 200, body = SessionPage), (status = 412, body = Problem), (status = 422, body = Problem)))]
async fn set_projects(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<SessionId>,
    Version(version): Version,
    body: Body<Projects>,
) -> Result<Json<SessionPage>, Fault> {
    let mut act = app.act(caller.id());
    let mut tx = app.db.write().await?;
    acts::set_projects(&mut tx, &mut act, id, Some(version), body.value.opportunity_ids).await?;
    let view = read(&mut tx, id, &caller.reader()).await?;
    tx.commit().await?;
    Ok(Json(view))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Hosts {
    centre_ids: Vec<OrganisationId>,
    #[serde(default)]
    accept_impact: bool,
}

/// Replaces the hosts. A host that leaves takes its desks with it.
#[utoipa::path(put, path = "/api/sessions/{id}/hosts", tag = "hosting", request_body = Hosts, params(("id" = SessionId, Path), Version),
    responses((status = 200, body = SessionPage), (status = 409, body = Problem), (status = 412, body = Problem), (status = 422, body = Problem)))]
async fn set_hosts(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<SessionId>,
    Version(version): Version,
    body: Body<Hosts>,
) -> Result<Json<SessionPage>, Fault> {
    let mut act = app.act(caller.id());
    let mut tx = app.db.write_long().await?;
    acts::set_hosts(&mut tx, &mut act, id, Some(version), body.value.centre_ids, body.value.accept_impact).await?;
    let view = read(&mut tx, id, &caller.reader()).await?;
    tx.commit().await?;
    Ok(Json(view))
}

/// A session the reader may know of; also for the routes of its parts.
pub(crate) async fn visible(tx: &mut Tx, id: SessionId, reader: &Reader) -> Result<rows::Session, Fault> {
    let row = acts::find(tx, id).await?;
    let hosts: Vec<_> = rows::hosts(tx, [id]).await?.into_iter().map(|host| host.centre_id).collect();
    if sessions::is_visible(&row, &hosts, reader) { Ok(row) } else { Err(Fault::NotFound) }
}

/// A session whose host, or operator, the caller is.
pub(crate) async fn hosted(app: &App, tx: &mut Tx, id: SessionId, caller: &Caller) -> Result<rows::Session, Fault> {
    let row = visible(tx, id, &caller.reader()).await?;
    Standing::read(tx, &app.act(caller.id()), &row).await?.must_host()?;
    Ok(row)
}

async fn read(tx: &mut Tx, id: SessionId, reader: &Reader) -> Result<SessionPage, Fault> {
    let row = visible(tx, id, reader).await?;
    Ok(sessions::page(tx, &row, reader).await?)
}

async fn read_desk(app: &App, tx: &mut Tx, id: SessionId, caller: &Caller) -> Result<SessionDesk, Fault> {
    let mut row = hosted(app, tx, id, caller).await?;
    row.state = row.state_at(caller.now);
    let moves = acts::judge_moves(tx, &row).await?;
    Ok(sessions::desk(tx, &row, moves, &caller.reader()).await?)
}

/// `2026-11-23T07:00:00.000000Z_<id>`
fn place(cursor: &str) -> Result<rows::Place, Fault> {
    let (starts_at, id) = params::time_and_id(cursor)?;
    Ok(rows::Place { starts_at, id })
}
