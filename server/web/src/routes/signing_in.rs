//! Signing in and out: by letter, and in the demo by choosing whom to be.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use yunqia_actions::signing_in::{self, SignedIn};
use yunqia_domain::{Timestamp, ids::PersonId, locale::Locale};
use yunqia_store::Tx;
use yunqia_views::people::{DemoPerson, Me, demo_people, me};

use crate::{
    App,
    body::Body,
    caller::Caller,
    cookie, limits,
    problem::{Fault, Problem},
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(ask_letter))
        .routes(routes!(with_code))
        .routes(routes!(with_link))
        .routes(routes!(sign_out))
        .routes(routes!(people_of_demo))
        .routes(routes!(as_demo_person))
}

#[derive(Deserialize, ToSchema)]
struct AskLetter {
    email: String,
    /// Language of the letter, and of a new person's account.
    locale: Locale,
    /// IANA zone of the browser.
    zone: String,
}

#[derive(Serialize, ToSchema)]
struct LetterAsked {
    /// Code and link work until then.
    expires_at: Timestamp,
}

/// Sends a letter with a code and a link. The answer is the same whether or not the address is known.
#[utoipa::path(post, path = "/api/sign-in", tag = "signing in", request_body = AskLetter,
    responses((status = 202, body = LetterAsked), (status = 422, body = Problem), (status = 429, body = Problem)))]
async fn ask_letter(
    State(app): State<App>,
    limits::Ip(ip): limits::Ip,
    body: Body<AskLetter>,
) -> Result<(StatusCode, Json<LetterAsked>), Fault> {
    app.rates.sign_in_letter(ip)?;
    let AskLetter { email, locale, zone } = body.value;
    let mut act = app.act(None);
    let mut tx = app.db.write().await?;
    let expires_at = signing_in::ask_letter(&mut tx, &mut act, &app.settings.secret, &email, locale, &zone).await?;
    tx.commit().await?;
    Ok((StatusCode::ACCEPTED, Json(LetterAsked { expires_at })))
}

#[derive(Deserialize, ToSchema)]
struct WithCode {
    email: String,
    /// Six digits.
    code: String,
}

/// Signs in with the code of a letter. Five wrong codes spend it.
#[utoipa::path(post, path = "/api/sign-in/code", tag = "signing in", request_body = WithCode,
    responses((status = 200, body = Me), (status = 422, body = Problem)))]
async fn with_code(State(app): State<App>, headers: HeaderMap, body: Body<WithCode>) -> Result<Response, Fault> {
    let WithCode { email, code } = body.value;
    let mut act = app.act(None);
    let mut tx = app.db.write().await?;
    let device = cookie::device(&headers);
    let outcome = signing_in::with_code(&mut tx, &mut act, &app.settings.secret, &email, &code, &device).await?;
    enter(&app, tx, outcome).await
}

#[derive(Deserialize, ToSchema)]
struct WithLink {
    token: String,
}

/// Signs in with the secret of a letter's link; the page behind the link asks for a press of a button first.
#[utoipa::path(post, path = "/api/sign-in/link", tag = "signing in", request_body = WithLink,
    responses((status = 200, body = Me), (status = 422, body = Problem)))]
async fn with_link(State(app): State<App>, headers: HeaderMap, body: Body<WithLink>) -> Result<Response, Fault> {
    let mut act = app.act(None);
    let mut tx = app.db.write().await?;
    let outcome = signing_in::with_link(&mut tx, &mut act, &body.value.token, &cookie::device(&headers)).await?;
    enter(&app, tx, outcome).await
}

/// Commits in both cases, because a failed try is counted, and hands out the cookie.
async fn enter(app: &App, mut tx: Tx, outcome: Result<SignedIn, yunqia_domain::Refusal>) -> Result<Response, Fault> {
    let signed_in = match outcome {
        Ok(signed_in) => signed_in,
        Err(refusal) => {
            tx.commit().await?;
            return Err(refusal.into());
        }
    };
    let view = me(&mut tx, signed_in.person, &app.settings.base_url).await?.ok_or(Fault::NotFound)?;
    tx.commit().await?;
    Ok((cookie::set(app, &signed_in.secret), Json(view)).into_response())
}

/// Signs this browser out.
#[utoipa::path(post, path = "/api/sign-out", tag = "signing in", responses((status = 204)))]
async fn sign_out(State(app): State<App>, caller: Option<Caller>) -> Result<Response, Fault> {
    if let Some(caller) = caller {
        let mut act = app.act(caller.id());
        let mut tx = app.db.write().await?;
        signing_in::end(&mut tx, &mut act, caller.sign_in).await?;
        tx.commit().await?;
    }
    Ok((StatusCode::NO_CONTENT, cookie::clear(&app)).into_response())
}

/// Whom one can be in the demo.
#[utoipa::path(get, path = "/api/demo/people", tag = "demo",
    responses((status = 200, body = Vec<DemoPerson>), (status = 404, body = Problem)))]
async fn people_of_demo(State(app): State<App>) -> Result<Json<Vec<DemoPerson>>, Fault> {
    only_demo(&app)?;
    Ok(Json(demo_people(&mut app.db.read().await?).await?))
}

#[derive(Deserialize, ToSchema)]
struct AsDemoPerson {
    person_id: PersonId,
}

/// Signs in as one of the people of the demo.
#[utoipa::path(post, path = "/api/demo/sign-in", tag = "demo", request_body = AsDemoPerson,
    responses((status = 200, body = Me), (status = 404, body = Problem)))]
async fn as_demo_person(
    State(app): State<App>,
    headers: HeaderMap,
    body: Body<AsDemoPerson>,
) -> Result<Response, Fault> {
    only_demo(&app)?;
    let wanted = body.value.person_id;
    let mut act = app.act(None);
    let mut tx = app.db.write().await?;
    if !demo_people(&mut tx).await?.iter().any(|person| person.person_id == wanted) {
        return Err(Fault::NotFound);
    }
    let signed_in = signing_in::as_person(&mut tx, &mut act, wanted, &cookie::device(&headers)).await?;
    enter(&app, tx, Ok(signed_in)).await
}

/// The demo's doors do not exist elsewhere.
pub(super) fn only_demo(app: &App) -> Result<(), Fault> {
    if app.settings.demo { Ok(()) } else { Err(Fault::NotFound) }
}
