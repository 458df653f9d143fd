//! Desks and slots of a session, for those who host.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use yunqia_actions::sessions as acts;
use yunqia_domain::{
    ids::{DeskId, SessionId, SlotId},
    slot_grid::GridDraft,
};
use yunqia_views::{
    drafts::{DeskDraft, GridChange},
    sessions::{self, DeskCard},
};

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
        .routes(routes!(add))
        .routes(routes!(change, remove))
        .routes(routes!(set_grid))
        .routes(routes!(open_slots))
}

/// Adds a desk with the slots of the session's grid.
#[utoipa::path(post, path = "/api/sessions/{id}/desks", tag = "hosting", request_body = DeskDraft, params(("id" = SessionId, Path), Key),
    responses((status = 201, body = DeskCard), (status = 403, body = Problem), (status = 422, body = Problem)))]
async fn add(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<SessionId>,
    key: Key,
    body: Body<DeskDraft>,
) -> Result<Response, Early> {
    let mut act = app.act(caller.id());
    let (mut tx, fresh) = once::begin(app.db.write().await?, &act, key, &body.hash).await?;
    let desk = acts::add_desk(&mut tx, &mut act, id, body.value).await?;
    let view = sessions::desk_card(&mut tx, desk).await?;
    fresh.answer(tx, StatusCode::CREATED, &view).await
}

/// Changes a desk's name, room and staff.
#[utoipa::path(put, path = "/api/desks/{id}", tag = "hosting", request_body = DeskDraft, params(("id" = DeskId, Path), Version),
    responses((status = 200, body = DeskCard), (status = 412, body = Problem), (status = 422, body = Problem)))]
async fn change(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<DeskId>,
    Version(version): Version,
    body: Body<DeskDraft>,
) -> Result<Json<DeskCard>, Fault> {
    let mut act = app.act(caller.id());
    let mut tx = app.db.write().await?;
    acts::change_desk(&mut tx, &mut act, id, Some(version), body.value).await?;
    let view = sessions::desk_card(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(view))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct AcceptImpact {
    /// The bookings that this hurts were looked at.
    #[serde(default)]
    pub accept_impact: bool,
}

/// Takes a desk away.
#[utoipa::path(delete, path = "/api/desks/{id}", tag = "hosting", params(("id" = DeskId, Path), AcceptImpact),
    responses((status = 204), (status = 409, body = Problem)))]
async fn remove(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<DeskId>,
    Params(query): Params<AcceptImpact>,
) -> Result<StatusCode, Fault> {
    let mut act = app.act(caller.id());
    let mut tx = app.db.write().await?;
    acts::remove_desk(&mut tx, &mut act, id, query.accept_impact).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SetGrid {
    grid: GridDraft,
    #[serde(default)]
    accept_impact: bool,
}

/// Replaces the slot grid at all desks.
#[utoipa::path(put, path = "/api/sessions/{id}/grid", tag = "hosting", request_body = SetGrid, params(("id" = SessionId, Path), Version),
    responses((status = 200, body = GridChange), (status = 409, body = Problem), (status = 412, body = Problem), (status = 422, body = Problem)))]
async fn set_grid(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<SessionId>,
    Version(version): Version,
    body: Body<SetGrid>,
) -> Result<Json<GridChange>, Fault> {
    let mut act = app.act(caller.id());
    let mut tx = app.db.write().await?;
    let change =
        acts::set_grid(&mut tx, &mut act, id, Some(version), body.value.grid, body.value.accept_impact).await?;
    tx.commit().await?;
    Ok(Json(change))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OpenSlots {
    slot_ids: Vec<SlotId>,
    open: bool,
    #[serde(default)]
    accept_impact: bool,
}

/// Opens or closes slots.
#[utoipa::path(post, path = "/api/sessions/{id}/slots", tag = "hosting", request_body = OpenSlots, params(("id" = SessionId, Path), Key),
    responses((status = 200, body = GridChange), (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn open_slots(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<SessionId>,
    key: Key,
    body: Body<OpenSlots>,
) -> Result<Response, Early> {
    let mut act = app.act(caller.id());
    let (mut tx, fresh) = once::begin(app.db.write().await?, &act, key, &body.hash).await?;
    let OpenSlots { slot_ids, open, accept_impact } = body.value;
    let change = acts::open_slots(&mut tx, &mut act, id, slot_ids, open, accept_impact).await?;
    fresh.answer(tx, StatusCode::OK, &change).await
}
