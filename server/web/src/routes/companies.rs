//! Companies: registering one, finding one, changing one's own.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use yunqia_actions::{authority, companies};
use yunqia_domain::{
    Refusal,
    identifiers::{CompanyId, CompanyIdKind},
    ids::OrganisationId,
    search,
    states::{OrganisationKind, OrganisationState},
};
use yunqia_store::{Tx, companies as rows, organisations};
use yunqia_views::{
    cards::{Cards, OrganisationCard},
    common::Page,
    organisations::{Company, CompanyDraft, company},
};

use crate::{
    App,
    body::{Body, Version},
    caller::Caller,
    once::{self, Early, Key},
    paging::{Paging, page},
    params::Params,
    problem::{Fault, Problem},
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(lookup))
        .routes(routes!(list, register))
        .routes(routes!(read, change))
        .routes(routes!(centres))
        .routes(routes!(centre))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Lookup {
    kind: CompanyIdKind,
    value: String,
}

/// The company with this registration number, if it is registered here.
#[utoipa::path(get, path = "/api/companies/lookup", tag = "companies", params(Lookup),
    responses((status = 200, body = OrganisationCard), (status = 404, body = Problem), (status = 422, body = Problem)))]
async fn lookup(
    State(app): State<App>,
    _: Caller,
    Params(wanted): Params<Lookup>,
) -> Result<Json<OrganisationCard>, Fault> {
    let wrong = |problem: yunqia_domain::identifiers::IdProblem| {
        Fault::from(yunqia_actions::Error::field("/value", Refusal::from(problem)))
    };
    let id = CompanyId::parse(wanted.kind, &wanted.value).map_err(wrong)?;
    let mut tx = app.db.read().await?;
    let found = rows::by_identifier(&mut tx, id.kind().as_str(), id.value()).await?.ok_or(Fault::NotFound)?;
    Ok(Json(Cards::read(&mut tx, [], [found]).await?.organisation(found)))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Find {
    /// Part of a name in any language, or a place.
    q: Option<String>,
    /// `next` of the page before.
    after: Option<String>,
    /// 1 to 100; 50 unless told.
    limit: Option<i64>,
}

/// Companies by name, for those who host sessions.
#[utoipa::path(get, path = "/api/companies", tag = "companies", params(Find),
    responses((status = 200, body = Page<OrganisationCard>), (status = 403, body = Problem)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Params(find): Params<Find>,
) -> Result<Json<Page<OrganisationCard>>, Fault> {
    let mut tx = app.db.read().await?;
    if !authority::is_official(&mut tx, &app.act(caller.id())).await? {
        return Err(Refusal::NotAllowed.into());
    }
    let paging = Paging { after: find.after, limit: find.limit };
    let wanted = organisations::Wanted {
        kind: Some(OrganisationKind::Company),
        text: search::typed(&find.q.unwrap_or_default()),
        ..Default::default()
    };
    let mut found = organisations::list(&mut tx, &wanted, paging.after()?, paging.rows()?).await?;
    let next = paging.cut(&mut found, |row| row.id.to_string())?;
    Ok(Json(page(cards(&mut tx, &found).await?, next)))
}

/// Registers a company. Whoever does so manages it.
#[utoipa::path(post, path = "/api/companies", tag = "companies", request_body = CompanyDraft,
    params(Key),
    responses((status = 201, body = Company), (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn register(
    State(app): State<App>,
    caller: Caller,
    key: Key,
    body: Body<CompanyDraft>,
) -> Result<Response, Early> {
    let mut act = app.act(caller.id());
    let (mut tx, fresh) = once::begin(app.db.write().await?, &act, key, &body.hash).await?;
    let at_once = app.settings.companies_approved_at_once;
    let id = companies::register(&mut tx, &mut act, body.value, at_once).await?;
    let view = company(&mut tx, id, caller.locale).await?.ok_or(Fault::NotFound)?;
    fresh.answer(tx, StatusCode::CREATED, &view).await
}

/// A company's details. Its own people and the operator see all of them; bodies that promote see its contact once it
/// has consented to one of their centres.
#[utoipa::path(get, path = "/api/companies/{id}", tag = "companies", params(("id" = OrganisationId, Path)),
    responses((status = 200, body = Company), (status = 404, body = Problem)))]
async fn read(State(app): State<App>, caller: Caller, Path(id): Path<OrganisationId>) -> Result<Json<Company>, Fault> {
    let mut tx = app.db.read().await?;
    let mut view = company(&mut tx, id, caller.locale).await?.ok_or(Fault::NotFound)?;
    if caller.person.operator || caller.is_member_of(id) {
        return Ok(Json(view));
    }
    let act = app.act(caller.id());
    if !authority::is_official(&mut tx, &act).await? {
        return Err(Fault::NotFound);
    }
    let centres = caller.memberships.iter().map(|membership| membership.organisation_id);
    if !rows::consents_to(&mut tx, id, centres).await? {
        view.draft.contact_name = None;
        view.draft.contact_phone = None;
        view.draft.contact_email = None;
    }
    Ok(Json(view))
}

/// Changes a company's details; for its managers.
#[utoipa::path(put, path = "/api/companies/{id}", tag = "companies", request_body = CompanyDraft,
    params(("id" = OrganisationId, Path), Version),
    responses((status = 200, body = Company), (status = 409, body = Problem), (status = 412, body = Problem), (status = 422, body = Problem)))]
async fn change(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<OrganisationId>,
    Version(version): Version,
    body: Body<CompanyDraft>,
) -> Result<Json<Company>, Fault> {
    let mut act = app.act(caller.id());
    let mut tx = app.db.write().await?;
    companies::change(&mut tx, &mut act, id, body.value, version).await?;
    let view = company(&mut tx, id, caller.locale).await?.ok_or(Fault::NotFound)?;
    tx.commit().await?;
    Ok(Json(view))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FindCentres {
    /// Part of a name in any language, or a place: 盐亭, 鹽亭, yanting, yt.
    q: Option<String>,
    /// GB/T 2260 code.
    division: Option<String>,
    /// `next` of the page before.
    after: Option<String>,
    /// 1 to 100; 50 unless told.
    limit: Option<i64>,
}

/// Centres that promote, by name.
#[utoipa::path(get, path = "/api/centres", tag = "companies", params(FindCentres),
    responses((status = 200, body = Page<OrganisationCard>)))]
async fn centres(
    State(app): State<App>,
    Params(find): Params<FindCentres>,
) -> Result<Json<Page<OrganisationCard>>, Fault> {
    let paging = Paging { after: find.after, limit: find.limit };
    let wanted = organisations::Wanted {
        kind: Some(OrganisationKind::Centre),
        state: Some(OrganisationState::Approved),
        division: find.division.filter(|code| !code.is_empty()),
        text: search::typed(&find.q.unwrap_or_default()),
    };
    let mut tx = app.db.read().await?;
    let mut found = organisations::list(&mut tx, &wanted, paging.after()?, paging.rows()?).await?;
    let next = paging.cut(&mut found, |row| row.id.to_string())?;
    Ok(Json(page(cards(&mut tx, &found).await?, next)))
}

/// One centre, or another body that promotes.
#[utoipa::path(get, path = "/api/centres/{id}", tag = "companies", params(("id" = OrganisationId, Path)),
    responses((status = 200, body = OrganisationCard), (status = 404, body = Problem)))]
async fn centre(State(app): State<App>, Path(id): Path<OrganisationId>) -> Result<Json<OrganisationCard>, Fault> {
    let mut tx = app.db.read().await?;
    let found = organisations::find(&mut tx, id).await?.ok_or(Fault::NotFound)?;
    if found.kind == OrganisationKind::Company || found.state != OrganisationState::Approved {
        return Err(Fault::NotFound);
    }
    Ok(Json(Cards::read(&mut tx, [], [id]).await?.organisation(id)))
}

async fn cards(tx: &mut Tx, found: &[organisations::Organisation]) -> Result<Vec<OrganisationCard>, Fault> {
    let cards = Cards::read(tx, [], found.iter().map(|row| row.id)).await?;
    Ok(found.iter().map(|row| cards.organisation(row.id)).collect())
}
