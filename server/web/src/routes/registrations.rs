//! Registrations: a company's part in a session, from both sides.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use yunqia_actions::registrations as acts;
use yunqia_domain::{
    ids::{OrganisationId, RegistrationId, SessionId},
    search,
    session::may_see_companies,
    states::RegistrationState,
};
use yunqia_store::{registrations as rows, sessions as session_rows};
use yunqia_views::{
    common::Page,
    drafts::{BulkResult, RegistrationDraft},
    registrations::{self, ComingCompany, Registration, RegistrationRow},
    sessions,
};

use super::{
    desks::AcceptImpact,
    sessions::{hosted, visible},
};
use crate::{
    App,
    body::{Body, OptionalVersion, Version},
    caller::{Caller, Language, reader},
    once::{self, Early, Key},
    paging::{Paging, page},
    params::{self, Params},
    problem::{Fault, Problem},
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, register))
        .routes(routes!(companies))
        .routes(routes!(decide))
        .routes(routes!(invite))
        .routes(routes!(change))
        .routes(routes!(withdraw))
        .routes(routes!(give_consent, withdraw_consent))
        .routes(routes!(mine))
}

/// Registers a company for a session.
#[utoipa::path(post, path = "/api/sessions/{id}/registrations", tag = "registrations", request_body = RegistrationDraft,
    params(("id" = SessionId, Path), Key),
    responses((status = 201, body = Registration), (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn register(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<SessionId>,
    key: Key,
    body: Body<RegistrationDraft>,
) -> Result<Response, Early> {
    let mut act = app.act(caller.id());
    let (mut tx, fresh) = once::begin(app.db.write().await?, &act, key, &body.hash).await?;
    let registration = acts::register(&mut tx, &mut act, id, body.value).await?;
    let view = registrations::registration(&mut tx, registration, &caller.reader()).await?;
    fresh.answer(tx, StatusCode::CREATED, &view).await
}

/// Changes answers, people and consents; hands a returned registration in again.
#[utoipa::path(put, path = "/api/registrations/{id}", tag = "registrations", request_body = RegistrationDraft, params(("id" = RegistrationId, Path), Version),
    responses((status = 200, body = Registration), (status = 409, body = Problem), (status = 412, body = Problem), (status = 422, body = Problem)))]
async fn change(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<RegistrationId>,
    Version(version): Version,
    body: Body<RegistrationDraft>,
) -> Result<Json<Registration>, Fault> {
    let mut act = app.act(caller.id());
    let mut tx = app.db.write().await?;
    acts::change(&mut tx, &mut act, id, Some(version), body.value).await?;
    let view = registrations::registration(&mut tx, id, &caller.reader()).await?;
    tx.commit().await?;
    Ok(Json(view))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Withdraw {
    #[serde(default)]
    reason: String,
}

/// Drops out: requests and talks ahead are cancelled and everybody concerned is told.
#[utoipa::path(post, path = "/api/registrations/{id}/withdraw", tag = "registrations", request_body = Withdraw, params(("id" = RegistrationId, Path), OptionalVersion, Key),
    responses((status = 200, body = Registration), (status = 409, body = Problem)))]
async fn withdraw(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<RegistrationId>,
    OptionalVersion(version): OptionalVersion,
    key: Key,
    body: Body<Withdraw>,
) -> Result<Response, Early> {
    let mut act = app.act(caller.id());
    let (mut tx, fresh) = once::begin(app.db.write().await?, &act, key, &body.hash).await?;
    acts::withdraw(&mut tx, &mut act, id, version, &body.value.reason).await?;
    let view = registrations::registration(&mut tx, id, &caller.reader()).await?;
    fresh.answer(tx, StatusCode::OK, &view).await
}

/// Agrees that the company's details are given to a centre.
#[utoipa::path(put, path = "/api/registrations/{id}/consents/{centre}", tag = "registrations",
    params(("id" = RegistrationId, Path), ("centre" = OrganisationId, Path)),
    responses((status = 200, body = Registration), (status = 404, body = Problem)))]
async fn give_consent(
    State(app): State<App>,
    caller: Caller,
    Path((id, centre)): Path<(RegistrationId, OrganisationId)>,
) -> Result<Json<Registration>, Fault> {
    let mut act = app.act(caller.id());
    let mut tx = app.db.write().await?;
    acts::give_consent(&mut tx, &mut act, id, centre).await?;
    let view = registrations::registration(&mut tx, id, &caller.reader()).await?;
    tx.commit().await?;
    Ok(Json(view))
}

/// Takes a consent back. Requests and talks ahead with the centre are listed first, and cancelled when that is accepted.
#[utoipa::path(delete, path = "/api/registrations/{id}/consents/{centre}", tag = "registrations",
    params(("id" = RegistrationId, Path), ("centre" = OrganisationId, Path), AcceptImpact),
    responses((status = 200, body = Registration), (status = 409, body = Problem)))]
async fn withdraw_consent(
    State(app): State<App>,
    caller: Caller,
    Path((id, centre)): Path<(RegistrationId, OrganisationId)>,
    Params(query): Params<AcceptImpact>,
) -> Result<Json<Registration>, Fault> {
    let mut act = app.act(caller.id());
    let mut tx = app.db.write().await?;
    acts::withdraw_consent(&mut tx, &mut act, id, centre, query.accept_impact).await?;
    let view = registrations::registration(&mut tx, id, &caller.reader()).await?;
    tx.commit().await?;
    Ok(Json(view))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListQuery {
    /// One or more, with commas between them; all when left out.
    state: Option<String>,
    /// Part of the company's name.
    q: Option<String>,
    after: Option<String>,
    limit: Option<i64>,
}

/// The registrations of a session, in order of arrival; for hosts.
#[utoipa::path(get, path = "/api/sessions/{id}/registrations", tag = "hosting", params(("id" = SessionId, Path), ListQuery),
    responses((status = 200, body = Page<Registration>), (status = 403, body = Problem)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<SessionId>,
    Params(query): Params<ListQuery>,
) -> Result<Json<Page<Registration>>, Fault> {
    let limit = params::limit(query.limit)?;
    let after = params::after::<RegistrationId>(query.after.as_deref())?;
    let states = params::words("state", query.state.as_deref(), RegistrationState::ALL)?;
    let words = search::typed(query.q.as_deref().unwrap_or_default());
    let mut tx = app.db.read().await?;
    hosted(&app, &mut tx, id, &caller).await?;
    let ids = rows::page(&mut tx, id, &states, &words, after, limit + 1).await?;
    let (ids, more) = params::page(ids, limit);
    let next = ids.last().filter(|_| more).map(ToString::to_string);
    let items = registrations::registrations(&mut tx, ids, &caller.reader()).await?;
    Ok(Json(Page { items, next, total: None }))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct CompaniesQuery {
    /// Part of the company's name.
    q: Option<String>,
    after: Option<String>,
    limit: Option<i64>,
}

/// The companies that come to a session, in order of arrival, as its hosts let the reader see them. Companies that did not
/// agree to be listed are shown to hosts only.
#[utoipa::path(get, path = "/api/sessions/{id}/companies", tag = "sessions", params(("id" = SessionId, Path), CompaniesQuery),
    responses((status = 200, body = Page<ComingCompany>), (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn companies(
    State(app): State<App>,
    caller: Option<Caller>,
    Language(locale): Language,
    Path(id): Path<SessionId>,
    Params(query): Params<CompaniesQuery>,
) -> Result<Json<Page<ComingCompany>>, Fault> {
    let reader = reader(&caller, locale, app.now());
    let paging = Paging { after: query.after, limit: query.limit };
    let words = search::typed(query.q.as_deref().unwrap_or_default());
    let mut tx = app.db.read().await?;
    let session = visible(&mut tx, id, &reader).await?;
    let hosts: Vec<_> = session_rows::hosts(&mut tx, [id]).await?.into_iter().map(|host| host.centre_id).collect();
    let mine = sessions::mine(&mut tx, &session, &hosts, &reader).await?;
    let host = mine.as_ref().is_some_and(|mine| mine.host);
    let registration = mine.and_then(|mine| mine.registration).map(|registration| registration.state);
    may_see_companies(session.company_list, host, registration)?;
    let mut found = rows::coming(&mut tx, id, host, &words, paging.after()?, paging.rows()?).await?;
    let next = paging.cut(&mut found, |row| row.id.to_string())?;
    Ok(Json(page(registrations::coming(&mut tx, found).await?, next)))
}

#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Decision {
    Approve,
    Return,
    Reject,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Decide {
    ids: Vec<RegistrationId>,
    decision: Decision,
    /// Needed for a return.
    reason: Option<String>,
    /// Talks that the rejection of approved companies cancels were looked at.
    #[serde(default)]
    accept_impact: bool,
}

/// Approves, returns or rejects registrations, one or many. What a rejection cancels is listed first, and cancelled when that
/// is accepted.
#[utoipa::path(post, path = "/api/sessions/{id}/registrations/decide", tag = "hosting", request_body = Decide, params(("id" = SessionId, Path), Key),
    responses((status = 200, body = BulkResult), (status = 403, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn decide(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<SessionId>,
    key: Key,
    body: Body<Decide>,
) -> Result<Response, Early> {
    let mut act = app.act(caller.id());
    let (mut tx, fresh) = once::begin(app.db.write().await?, &act, key, &body.hash).await?;
    let Decide { ids, decision, reason, accept_impact } = body.value;
    let decision = match decision {
        Decision::Approve => acts::Decision::Approve,
        Decision::Return => acts::Decision::Return,
        Decision::Reject => acts::Decision::Reject,
    };
    let ruling = acts::Ruling { decision, why: reason.as_deref(), accept_impact };
    let result = acts::decide(&mut tx, &mut act, id, ids, ruling, caller.locale).await?;
    fresh.answer(tx, StatusCode::OK, &result).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Invite {
    company_ids: Vec<OrganisationId>,
}

/// Invites companies.
#[utoipa::path(post, path = "/api/sessions/{id}/invitations", tag = "hosting", request_body = Invite,
    params(("id" = SessionId, Path), Key),
    responses((status = 200, body = BulkResult), (status = 403, body = Problem)))]
async fn invite(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<SessionId>,
    key: Key,
    body: Body<Invite>,
) -> Result<Response, Early> {
    let mut act = app.act(caller.id());
    let (mut tx, fresh) = once::begin(app.db.write().await?, &act, key, &body.hash).await?;
    let result = acts::invite(&mut tx, &mut act, id, body.value.company_ids, caller.locale).await?;
    fresh.answer(tx, StatusCode::OK, &result).await
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct MineQuery {
    /// Only those for one session.
    session: Option<SessionId>,
    /// `next` of the page before.
    after: Option<String>,
    /// 1 to 100; 50 unless told.
    limit: Option<i64>,
}

/// What one's companies registered for, the newest first.
#[utoipa::path(get, path = "/api/me/registrations", tag = "me", params(MineQuery),
    responses((status = 200, body = Page<RegistrationRow>)))]
async fn mine(
    State(app): State<App>,
    caller: Caller,
    Params(query): Params<MineQuery>,
) -> Result<Json<Page<RegistrationRow>>, Fault> {
    let reader = caller.reader();
    let paging = Paging { after: query.after, limit: query.limit };
    let companies = reader.organisations.iter().copied();
    let mut tx = app.db.read().await?;
    let mut ids = rows::by_companies(&mut tx, companies, query.session, paging.after()?, paging.rows()?).await?;
    let next = paging.cut(&mut ids, ToString::to_string)?;
    Ok(Json(page(registrations::mine(&mut tx, ids, &reader).await?, next)))
}
