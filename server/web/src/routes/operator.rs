//! For the operator: organisations, people, letters, the audit log.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;
use yunqia_actions::{
    operator as acts,
    organisations::{self as bodies, Decision},
};
use yunqia_domain::{
    ids::{OrganisationId, PersonId, SessionId},
    search,
    states::{OrganisationKind, OrganisationState, PersonState},
};
use yunqia_store::{Tx, audit, organisations, people};
use yunqia_views::{
    common::Page,
    operator::{AuditRow, audit_rows},
    organisations::{Organisation, OrganisationDraft, organisation_rows},
    people::{PersonRow, person_rows},
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
        .routes(routes!(list_organisations, create))
        .routes(routes!(change))
        .routes(routes!(decide))
        .routes(routes!(list_people))
        .routes(routes!(change_person))
        .routes(routes!(log))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FindOrganisations {
    kind: Option<OrganisationKind>,
    state: Option<OrganisationState>,
    /// Part of a name in any language, or a place.
    q: Option<String>,
    /// `next` of the page before.
    after: Option<String>,
    /// 1 to 100; 50 unless told.
    limit: Option<i64>,
}

/// Organisations by name.
#[utoipa::path(get, path = "/api/organisations", tag = "operator", params(FindOrganisations),
    responses((status = 200, body = Page<Organisation>), (status = 403, body = Problem)))]
async fn list_organisations(
    State(app): State<App>,
    caller: Caller,
    Params(find): Params<FindOrganisations>,
) -> Result<Json<Page<Organisation>>, Fault> {
    caller.must_operate()?;
    let paging = Paging { after: find.after, limit: find.limit };
    let wanted = organisations::Wanted {
        kind: find.kind,
        state: find.state,
        division: None,
        text: search::typed(&find.q.unwrap_or_default()),
    };
    let mut tx = app.db.read().await?;
    let mut found = organisations::list(&mut tx, &wanted, paging.after()?, paging.rows()?).await?;
    let next = paging.cut(&mut found, |row| row.id.to_string())?;
    Ok(Json(page(organisation_rows(&mut tx, found, caller.locale).await?, next)))
}

/// Adds a bureau, office or centre.
#[utoipa::path(post, path = "/api/organisations", tag = "operator", request_body = OrganisationDraft,
    params(Key),
    responses((status = 201, body = Organisation), (status = 403, body = Problem), (status = 422, body = Problem)))]
async fn create(
    State(app): State<App>,
    caller: Caller,
    key: Key,
    body: Body<OrganisationDraft>,
) -> Result<Response, Early> {
    let mut act = app.act(caller.id());
    let (mut tx, fresh) = once::begin(app.db.write().await?, &act, key, &body.hash).await?;
    let id = bodies::create(&mut tx, &mut act, body.value).await?;
    let view = one(&mut tx, &caller, id).await?;
    fresh.answer(tx, StatusCode::CREATED, &view).await
}

/// Changes a body's name or place in the tree.
#[utoipa::path(put, path = "/api/organisations/{id}", tag = "operator", request_body = OrganisationDraft,
    params(("id" = OrganisationId, Path), Version),
    responses((status = 200, body = Organisation), (status = 403, body = Problem), (status = 412, body = Problem), (status = 422, body = Problem)))]
async fn change(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<OrganisationId>,
    Version(version): Version,
    body: Body<OrganisationDraft>,
) -> Result<Json<Organisation>, Fault> {
    let mut act = app.act(caller.id());
    let mut tx = app.db.write().await?;
    bodies::change(&mut tx, &mut act, id, body.value, version).await?;
    let view = one(&mut tx, &caller, id).await?;
    tx.commit().await?;
    Ok(Json(view))
}

#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum DecisionWord {
    Approve,
    Return,
    Suspend,
    Reopen,
    Close,
}

impl From<DecisionWord> for Decision {
    fn from(word: DecisionWord) -> Decision {
        match word {
            DecisionWord::Approve => Decision::Approve,
            DecisionWord::Return => Decision::Return,
            DecisionWord::Suspend => Decision::Suspend,
            DecisionWord::Reopen => Decision::Reopen,
            DecisionWord::Close => Decision::Close,
        }
    }
}

#[derive(Deserialize, ToSchema)]
struct DecideAccount {
    decision: DecisionWord,
    /// Needed to return, suspend and close.
    reason: Option<String>,
    /// Talks that a suspension or closing cancels were looked at.
    #[serde(default)]
    accept_impact: bool,
}

/// Decides about an account. What is suspended or closed drops out of its talks ahead: they are listed first, and cancelled
/// when that is accepted.
#[utoipa::path(post, path = "/api/organisations/{id}/decide", tag = "operator", request_body = DecideAccount,
    params(("id" = OrganisationId, Path), Key),
    responses((status = 200, body = Organisation), (status = 403, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn decide(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<OrganisationId>,
    key: Key,
    body: Body<DecideAccount>,
) -> Result<Response, Early> {
    let mut act = app.act(caller.id());
    let (mut tx, fresh) = once::begin(app.db.write().await?, &act, key, &body.hash).await?;
    let DecideAccount { decision, reason, accept_impact } = body.value;
    bodies::decide(&mut tx, &mut act, id, decision.into(), reason.as_deref(), accept_impact).await?;
    let view = one(&mut tx, &caller, id).await?;
    fresh.answer(tx, StatusCode::OK, &view).await
}

async fn one(tx: &mut Tx, caller: &Caller, id: OrganisationId) -> Result<Organisation, Fault> {
    let row = organisations::find(tx, id).await?.ok_or(Fault::NotFound)?;
    organisation_rows(tx, vec![row], caller.locale).await?.pop().ok_or(Fault::NotFound)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FindPeople {
    /// Part of a name or address.
    q: Option<String>,
    /// `next` of the page before.
    after: Option<String>,
    /// 1 to 100; 50 unless told.
    limit: Option<i64>,
}

/// People, those who came last first.
#[utoipa::path(get, path = "/api/operator/people", tag = "operator", params(FindPeople),
    responses((status = 200, body = Page<PersonRow>), (status = 403, body = Problem)))]
async fn list_people(
    State(app): State<App>,
    caller: Caller,
    Params(find): Params<FindPeople>,
) -> Result<Json<Page<PersonRow>>, Fault> {
    caller.must_operate()?;
    let paging = Paging { after: find.after, limit: find.limit };
    let text: String = find.q.unwrap_or_default().trim().to_lowercase().chars().take(100).collect();
    let mut tx = app.db.read().await?;
    let mut found = people::search(&mut tx, &text, paging.after()?, paging.rows()?).await?;
    let next = paging.cut(&mut found, |row| row.id.to_string())?;
    Ok(Json(page(person_rows(&mut tx, found).await?, next)))
}

#[derive(Deserialize, ToSchema)]
struct ChangePerson {
    operator: bool,
    state: PersonState,
    /// Talks that go to colleagues, or are cancelled, were looked at.
    #[serde(default)]
    accept_impact: bool,
}

/// Makes somebody an operator or not, lets them in or keeps them out. Who is kept out is signed out everywhere; their talks
/// ahead are listed first, and go to colleagues or are cancelled when that is accepted.
#[utoipa::path(put, path = "/api/operator/people/{id}", tag = "operator", request_body = ChangePerson,
    params(("id" = PersonId, Path), Version),
    responses((status = 200, body = PersonRow), (status = 403, body = Problem), (status = 409, body = Problem), (status = 412, body = Problem)))]
async fn change_person(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<PersonId>,
    Version(version): Version,
    body: Body<ChangePerson>,
) -> Result<Json<PersonRow>, Fault> {
    let mut act = app.act(caller.id());
    let mut tx = app.db.write().await?;
    let ChangePerson { operator, state, accept_impact } = body.value;
    acts::change_person(&mut tx, &mut act, id, version, operator, state, accept_impact).await?;
    let row = people::find(&mut tx, id).await?.ok_or(Fault::NotFound)?;
    let view = person_rows(&mut tx, vec![row]).await?.pop().ok_or(Fault::NotFound)?;
    tx.commit().await?;
    Ok(Json(view))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FindLines {
    session: Option<SessionId>,
    /// Id of the thing that was changed.
    subject: Option<Uuid>,
    actor: Option<PersonId>,
    /// `next` of the page before.
    after: Option<String>,
    /// 1 to 100; 50 unless told.
    limit: Option<i64>,
}

/// The audit log, newest line first.
#[utoipa::path(get, path = "/api/operator/audit", tag = "operator", params(FindLines),
    responses((status = 200, body = Page<AuditRow>), (status = 403, body = Problem)))]
async fn log(
    State(app): State<App>,
    caller: Caller,
    Params(find): Params<FindLines>,
) -> Result<Json<Page<AuditRow>>, Fault> {
    caller.must_operate()?;
    let paging = Paging { after: find.after, limit: find.limit };
    let wanted = audit::Wanted { session: find.session, subject: find.subject, actor: find.actor };
    let mut tx = app.db.read().await?;
    let mut found = audit::newest(&mut tx, &wanted, paging.after()?, paging.rows()?).await?;
    let next = paging.cut(&mut found, |row| row.id.to_string())?;
    Ok(Json(page(audit_rows(&mut tx, found).await?, next)))
}
