//! Projects on offer, and interests in them and in centres.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use yunqia_actions::interests as acts;
use yunqia_domain::{
    Refusal, divisions,
    ids::{InterestId, OpportunityId, OrganisationId, SessionId},
    search,
};
use yunqia_store::{Tx, interests, opportunities as rows};
use yunqia_views::{
    common::Page,
    opportunities::{Interest, InterestDraft, Opportunity, OpportunityFacets, facets, interest_views, views},
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
        .routes(routes!(list))
        .routes(routes!(count))
        .routes(routes!(read))
        .routes(routes!(of_session))
        .routes(routes!(of_company))
        .routes(routes!(register))
        .routes(routes!(change))
        .routes(routes!(withdraw))
        .routes(routes!(of_centre))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Find {
    /// Words of a title or place in any language and script, or pinyin initials of a county. All must be found.
    q: Option<String>,
    sector: Option<String>,
    /// GB/T 2260 code of a city.
    city: Option<String>,
    /// GB/T 2260 code of a county (a city's or the province's code means everything in it).
    division: Option<String>,
    /// 万元.
    min_wan: Option<i64>,
    max_wan: Option<i64>,
    /// `next` of the page before.
    after: Option<String>,
    /// 1 to 100; 50 unless told.
    limit: Option<i64>,
}

impl Find {
    fn wanted(&self) -> rows::Wanted {
        let some = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let (mut city, mut division) = (some(&self.city), some(&self.division));
        // A code of today for one of yesterday, and what lies in a city for the city's own code.
        if let Some(found) = division.as_deref().and_then(divisions::current) {
            division = match found.level {
                divisions::Level::Province => None,
                divisions::Level::City => {
                    city = Some(found.code.clone());
                    None
                }
                divisions::Level::County => Some(found.code.clone()),
            };
        }
        rows::Wanted {
            words: search::words(self.q.as_deref().unwrap_or_default()),
            sector: some(&self.sector),
            city,
            division,
            min_wan: self.min_wan,
            max_wan: self.max_wan,
        }
    }
}

/// Projects on offer, the largest first.
#[utoipa::path(get, path = "/api/opportunities", tag = "opportunities", params(Find),
    responses((status = 200, body = Page<Opportunity>)))]
async fn list(State(app): State<App>, Params(find): Params<Find>) -> Result<Json<Page<Opportunity>>, Fault> {
    let paging = Paging { after: find.after.clone(), limit: find.limit };
    let mut tx = app.db.read().await?;
    let mut found = rows::largest_first(&mut tx, &find.wanted(), paging.after()?, paging.rows()?).await?;
    let next = paging.cut(&mut found, |row| row.id.to_string())?;
    Ok(Json(page(views(&mut tx, found).await?, next)))
}

/// How many projects there are, in all and per sector and city.
#[utoipa::path(get, path = "/api/opportunities/facets", tag = "opportunities", params(Find),
    responses((status = 200, body = OpportunityFacets)))]
async fn count(State(app): State<App>, Params(find): Params<Find>) -> Result<Json<OpportunityFacets>, Fault> {
    Ok(Json(facets(&mut app.db.read().await?, &find.wanted()).await?))
}

/// One project.
#[utoipa::path(get, path = "/api/opportunities/{id}", tag = "opportunities", params(("id" = OpportunityId, Path)),
    responses((status = 200, body = Opportunity), (status = 404, body = Problem)))]
async fn read(State(app): State<App>, Path(id): Path<OpportunityId>) -> Result<Json<Opportunity>, Fault> {
    let mut tx = app.db.read().await?;
    let row = rows::find(&mut tx, id).await?.ok_or(Fault::NotFound)?;
    views(&mut tx, vec![row]).await?.pop().map(Json).ok_or(Fault::NotFound)
}

/// The projects a session presents, in its order.
#[utoipa::path(get, path = "/api/sessions/{id}/projects", tag = "opportunities", params(("id" = SessionId, Path)),
    responses((status = 200, body = Vec<Opportunity>), (status = 404, body = Problem)))]
async fn of_session(
    State(app): State<App>,
    caller: Option<Caller>,
    Path(id): Path<SessionId>,
) -> Result<Json<Vec<Opportunity>>, Fault> {
    let mut tx = app.db.read().await?;
    let session = yunqia_store::sessions::find(&mut tx, id).await?.ok_or(Fault::NotFound)?;
    if !session.state.is_public() {
        let hosts = yunqia_store::sessions::hosts(&mut tx, [id]).await?;
        let host =
            |caller: &Caller| caller.person.operator || hosts.iter().any(|host| caller.is_member_of(host.centre_id));
        if !caller.as_ref().is_some_and(host) {
            return Err(Fault::NotFound);
        }
    }
    let found = rows::of_session(&mut tx, id).await?;
    Ok(Json(views(&mut tx, found).await?))
}

/// A company's interests, for its own people; newest first.
#[utoipa::path(get, path = "/api/companies/{id}/interests", tag = "interests", params(("id" = OrganisationId, Path), Paging),
    responses((status = 200, body = Page<Interest>), (status = 403, body = Problem)))]
async fn of_company(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<OrganisationId>,
    Params(paging): Params<Paging>,
) -> Result<Json<Page<Interest>>, Fault> {
    must_belong(&caller, id)?;
    let mut tx = app.db.read().await?;
    let mut found = interests::of_company(&mut tx, id, paging.after()?, paging.rows()?).await?;
    let next = paging.cut(&mut found, |row| row.id.to_string())?;
    Ok(Json(page(interest_views(&mut tx, found).await?, next)))
}

/// Registers interest in a centre or a project.
#[utoipa::path(post, path = "/api/interests", tag = "interests", request_body = InterestDraft,
    params(Key),
    responses((status = 201, body = Interest), (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn register(
    State(app): State<App>,
    caller: Caller,
    key: Key,
    body: Body<InterestDraft>,
) -> Result<Response, Early> {
    let mut act = app.act(caller.id());
    let (mut tx, fresh) = once::begin(app.db.write().await?, &act, key, &body.hash).await?;
    let id = acts::register(&mut tx, &mut act, body.value).await?;
    let view = one(&mut tx, id).await?;
    fresh.answer(tx, StatusCode::CREATED, &view).await
}

/// Changes priority, amount, horizon or note of an interest.
#[utoipa::path(put, path = "/api/interests/{id}", tag = "interests", request_body = InterestDraft,
    params(("id" = InterestId, Path), Version),
    responses((status = 200, body = Interest), (status = 409, body = Problem), (status = 412, body = Problem)))]
async fn change(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<InterestId>,
    Version(version): Version,
    body: Body<InterestDraft>,
) -> Result<Json<Interest>, Fault> {
    let mut act = app.act(caller.id());
    let mut tx = app.db.write().await?;
    acts::change(&mut tx, &mut act, id, body.value, version).await?;
    let view = one(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(view))
}

/// Takes an interest back.
#[utoipa::path(post, path = "/api/interests/{id}/withdraw", tag = "interests", params(("id" = InterestId, Path), Key),
    responses((status = 200, body = Interest), (status = 409, body = Problem)))]
async fn withdraw(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<InterestId>,
    key: Key,
) -> Result<Response, Early> {
    let mut act = app.act(caller.id());
    let (mut tx, fresh) = once::begin(app.db.write().await?, &act, key, &format!("withdraw {id}")).await?;
    acts::withdraw(&mut tx, &mut act, id).await?;
    let view = one(&mut tx, id).await?;
    fresh.answer(tx, StatusCode::OK, &view).await
}

/// Open interests in a centre and its projects, for its people; newest first.
#[utoipa::path(get, path = "/api/centres/{id}/interests", tag = "interests", params(("id" = OrganisationId, Path), OfCentre, Paging),
    responses((status = 200, body = Page<Interest>), (status = 403, body = Problem)))]
async fn of_centre(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<OrganisationId>,
    Params(OfCentre { company }): Params<OfCentre>,
    Params(paging): Params<Paging>,
) -> Result<Json<Page<Interest>>, Fault> {
    must_belong(&caller, id)?;
    let mut tx = app.db.read().await?;
    let mut found = interests::of_centre(&mut tx, id, company, paging.after()?, paging.rows()?).await?;
    let next = paging.cut(&mut found, |row| row.id.to_string())?;
    Ok(Json(page(interest_views(&mut tx, found).await?, next)))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct OfCentre {
    /// Only what this company is interested in.
    company: Option<OrganisationId>,
}

fn must_belong(caller: &Caller, id: OrganisationId) -> Result<(), Fault> {
    if caller.person.operator || caller.is_member_of(id) { Ok(()) } else { Err(Refusal::NotAllowed.into()) }
}

async fn one(tx: &mut Tx, id: InterestId) -> Result<Interest, Fault> {
    let row = interests::find(tx, id).await?.ok_or(Fault::NotFound)?;
    interest_views(tx, vec![row]).await?.pop().ok_or(Fault::NotFound)
}
