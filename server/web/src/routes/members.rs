//! Who belongs to an organisation.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use yunqia_actions::members as acts;
use yunqia_domain::{
    Refusal,
    ids::{JoinRequestId, MemberInvitationId, OrganisationId, PersonId},
    states::Role,
};
use yunqia_store::Tx;
use yunqia_views::people::{InvitationPreview, Me, Members, me, members};

use super::desks::AcceptImpact;
use crate::{
    App,
    body::{Body, Version},
    caller::Caller,
    once::{self, Early, Key},
    params::Params,
    problem::{Fault, Problem},
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(read))
        .routes(routes!(invite))
        .routes(routes!(revoke))
        .routes(routes!(preview))
        .routes(routes!(accept))
        .routes(routes!(ask))
        .routes(routes!(answer))
        .routes(routes!(change, remove))
}

/// Everybody of an organisation. Managers also see who is invited and who asks to join.
#[utoipa::path(get, path = "/api/organisations/{id}/members", tag = "members", params(("id" = OrganisationId, Path)),
    responses((status = 200, body = Members), (status = 403, body = Problem)))]
async fn read(State(app): State<App>, caller: Caller, Path(id): Path<OrganisationId>) -> Result<Json<Members>, Fault> {
    if !caller.person.operator && !caller.is_member_of(id) {
        return Err(Refusal::NotAllowed.into());
    }
    let mut tx = app.db.read().await?;
    Ok(Json(list(&mut tx, &caller, id).await?))
}

async fn list(tx: &mut Tx, caller: &Caller, id: OrganisationId) -> Result<Members, Fault> {
    let manager = caller.person.operator || caller.is_manager_of(id);
    Ok(members(tx, id, manager, caller.now).await?)
}

#[derive(Deserialize, ToSchema)]
struct Invite {
    email: String,
    role: Role,
    title: Option<String>,
}

/// Invites somebody by letter.
#[utoipa::path(post, path = "/api/organisations/{id}/invitations", tag = "members", request_body = Invite,
    params(("id" = OrganisationId, Path), Key),
    responses((status = 201, body = Members), (status = 403, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn invite(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<OrganisationId>,
    key: Key,
    body: Body<Invite>,
) -> Result<Response, Early> {
    let mut act = app.act(caller.id());
    let (mut tx, fresh) = once::begin(app.db.write().await?, &act, key, &body.hash).await?;
    let Invite { email, role, title } = body.value;
    acts::invite(&mut tx, &mut act, id, &email, role, title.as_deref(), caller.locale).await?;
    let view = list(&mut tx, &caller, id).await?;
    fresh.answer(tx, StatusCode::CREATED, &view).await
}

/// Takes an invitation back.
#[utoipa::path(delete, path = "/api/organisations/{id}/invitations/{invitation}", tag = "members",
    params(("id" = OrganisationId, Path), ("invitation" = MemberInvitationId, Path)),
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn revoke(
    State(app): State<App>,
    caller: Caller,
    Path((id, invitation)): Path<(OrganisationId, MemberInvitationId)>,
) -> Result<StatusCode, Fault> {
    let mut act = app.act(caller.id());
    let mut tx = app.db.write().await?;
    acts::revoke(&mut tx, &mut act, id, invitation).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
struct Token {
    token: String,
}

/// What an invitation's link is for. Reading it changes nothing.
#[utoipa::path(post, path = "/api/invitations/preview", tag = "members", request_body = Token,
    responses((status = 200, body = InvitationPreview), (status = 422, body = Problem)))]
async fn preview(State(app): State<App>, body: Body<Token>) -> Result<Json<InvitationPreview>, Fault> {
    let mut tx = app.db.read().await?;
    Ok(Json(acts::preview(&mut tx, &app.act(None), &body.value.token).await?))
}

/// Accepts an invitation, as the person it was sent to.
#[utoipa::path(post, path = "/api/invitations/accept", tag = "members", request_body = Token,
    params(Key),
    responses((status = 200, body = Me), (status = 403, body = Problem), (status = 422, body = Problem)))]
async fn accept(State(app): State<App>, caller: Caller, key: Key, body: Body<Token>) -> Result<Response, Early> {
    let mut act = app.act(caller.id());
    let (mut tx, fresh) = once::begin(app.db.write().await?, &act, key, &body.hash).await?;
    acts::accept(&mut tx, &mut act, &body.value.token).await?;
    let view = me(&mut tx, caller.id(), &app.settings.base_url).await?.ok_or(Fault::NotFound)?;
    fresh.answer(tx, StatusCode::OK, &view).await
}

#[derive(Deserialize, ToSchema)]
struct Ask {
    note: Option<String>,
}

/// Asks a company's managers to be let in.
#[utoipa::path(post, path = "/api/organisations/{id}/join-requests", tag = "members", request_body = Ask,
    params(("id" = OrganisationId, Path), Key), responses((status = 204), (status = 409, body = Problem)))]
async fn ask(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<OrganisationId>,
    key: Key,
    body: Body<Ask>,
) -> Result<Response, Early> {
    let mut act = app.act(caller.id());
    let (mut tx, fresh) = once::begin(app.db.write().await?, &act, key, &body.hash).await?;
    acts::ask(&mut tx, &mut act, id, body.value.note.as_deref()).await?;
    fresh.bare_answer(tx, StatusCode::NO_CONTENT).await
}

#[derive(Deserialize, ToSchema)]
struct Answer {
    accept: bool,
}

/// Lets somebody in, or does not.
#[utoipa::path(post, path = "/api/join-requests/{id}/answer", tag = "members", request_body = Answer,
    params(("id" = JoinRequestId, Path), Key),
    responses((status = 200, body = Members), (status = 403, body = Problem), (status = 409, body = Problem)))]
async fn answer(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<JoinRequestId>,
    key: Key,
    body: Body<Answer>,
) -> Result<Response, Early> {
    let mut act = app.act(caller.id());
    let (mut tx, fresh) = once::begin(app.db.write().await?, &act, key, &body.hash).await?;
    let organisation = acts::answer(&mut tx, &mut act, id, body.value.accept).await?;
    let view = list(&mut tx, &caller, organisation).await?;
    fresh.answer(tx, StatusCode::OK, &view).await
}

#[derive(Deserialize, ToSchema)]
struct Change {
    role: Role,
    title: Option<String>,
}

/// Changes what a member is.
#[utoipa::path(put, path = "/api/organisations/{id}/members/{person}", tag = "members", request_body = Change,
    params(("id" = OrganisationId, Path), ("person" = PersonId, Path), Version),
    responses((status = 200, body = Members), (status = 403, body = Problem), (status = 409, body = Problem), (status = 412, body = Problem)))]
async fn change(
    State(app): State<App>,
    caller: Caller,
    Path((id, person)): Path<(OrganisationId, PersonId)>,
    Version(version): Version,
    body: Body<Change>,
) -> Result<Json<Members>, Fault> {
    let mut act = app.act(caller.id());
    let mut tx = app.db.write().await?;
    acts::change(&mut tx, &mut act, id, person, version, body.value.role, body.value.title.as_deref()).await?;
    let view = list(&mut tx, &caller, id).await?;
    tx.commit().await?;
    Ok(Json(view))
}

/// Takes a member out, or leaves. Their talks ahead are listed first, and go to a colleague or are cancelled when that is
/// accepted.
#[utoipa::path(delete, path = "/api/organisations/{id}/members/{person}", tag = "members",
    params(("id" = OrganisationId, Path), ("person" = PersonId, Path), AcceptImpact),
    responses((status = 204), (status = 403, body = Problem), (status = 409, body = Problem)))]
async fn remove(
    State(app): State<App>,
    caller: Caller,
    Path((id, person)): Path<(OrganisationId, PersonId)>,
    Params(query): Params<AcceptImpact>,
) -> Result<StatusCode, Fault> {
    let mut act = app.act(caller.id());
    let mut tx = app.db.write().await?;
    acts::remove(&mut tx, &mut act, id, person, query.accept_impact).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
