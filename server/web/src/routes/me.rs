//! A person's own account: details, sign-ins, calendar feed, and what they no longer want to be sent.

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use yunqia_actions::{closing as account_closing, me as account, signing_in};
use yunqia_domain::ids::SignInId;
use yunqia_views::{
    people::{self, Me, PersonChange, SignIn},
    personal::{self, Closing, PersonalData},
};

use crate::{
    App,
    body::{Body, Version},
    caller::{COOKIE, Caller},
    cookie,
    problem::{Fault, Problem},
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(read, change))
        .routes(routes!(sign_ins, end_others))
        .routes(routes!(end))
        .routes(routes!(data))
        .routes(routes!(closing))
        .routes(routes!(close))
        .routes(routes!(new_feed))
        .routes(routes!(unsubscribe))
        .routes(routes!(open_page, one_click))
}

/// The person who is signed in.
#[utoipa::path(get, path = "/api/me", tag = "me", responses((status = 200, body = Me), (status = 401, body = Problem)))]
async fn read(State(app): State<App>, caller: Caller, headers: HeaderMap) -> Result<Response, Fault> {
    let mut tx = app.db.read().await?;
    let view = people::me(&mut tx, caller.id(), &app.settings.base_url).await?.ok_or(Fault::NotFound)?;
    let sign_ins = yunqia_store::sign_ins::of_person(&mut tx, caller.id(), caller.now).await?;
    drop(tx);
    let own = sign_ins.iter().find(|row| row.id == caller.sign_in);
    if let Some(own) = own.filter(|own| signing_in::is_due(own.last_seen_at, caller.now)) {
        let mut tx = app.db.write().await?;
        account::stay_signed_in(&mut tx, &app.act(caller.id()), own).await?;
        tx.commit().await?;
        // The browser keeps its cookie as long as the server knows it.
        if let Some(secret) = CookieJar::from_headers(&headers).get(COOKIE) {
            return Ok((cookie::set(&app, secret.value()), Json(view)).into_response());
        }
    }
    Ok(Json(view).into_response())
}

/// Changes one's own details.
#[utoipa::path(put, path = "/api/me", tag = "me", request_body = PersonChange,
    params(Version),
    responses((status = 200, body = Me), (status = 412, body = Problem), (status = 422, body = Problem)))]
async fn change(
    State(app): State<App>,
    caller: Caller,
    Version(version): Version,
    body: Body<PersonChange>,
) -> Result<Json<Me>, Fault> {
    let mut act = app.act(caller.id());
    let mut tx = app.db.write().await?;
    account::change(&mut tx, &mut act, body.value, version).await?;
    let view = people::me(&mut tx, caller.id(), &app.settings.base_url).await?.ok_or(Fault::NotFound)?;
    tx.commit().await?;
    Ok(Json(view))
}

/// The browsers one is signed in on.
#[utoipa::path(get, path = "/api/me/sign-ins", tag = "me", responses((status = 200, body = Vec<SignIn>)))]
async fn sign_ins(State(app): State<App>, caller: Caller) -> Result<Json<Vec<SignIn>>, Fault> {
    let mut tx = app.db.read().await?;
    Ok(Json(people::sign_ins(&mut tx, caller.id(), caller.sign_in, caller.now).await?))
}

/// Signs all other browsers out.
#[utoipa::path(delete, path = "/api/me/sign-ins", tag = "me", responses((status = 204)))]
async fn end_others(State(app): State<App>, caller: Caller) -> Result<StatusCode, Fault> {
    let mut act = app.act(caller.id());
    let mut tx = app.db.write().await?;
    signing_in::end_all(&mut tx, &mut act, caller.id(), Some(caller.sign_in)).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Signs one browser out.
#[utoipa::path(delete, path = "/api/me/sign-ins/{id}", tag = "me", params(("id" = SignInId, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
async fn end(State(app): State<App>, caller: Caller, Path(id): Path<SignInId>) -> Result<StatusCode, Fault> {
    let mut act = app.act(caller.id());
    let mut tx = app.db.write().await?;
    signing_in::end(&mut tx, &mut act, id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Everything that is kept about oneself, as a file to take away.
#[utoipa::path(get, path = "/api/me/data", tag = "me", responses((status = 200, body = PersonalData)))]
async fn data(State(app): State<App>, caller: Caller) -> Result<Response, Fault> {
    let mut tx = app.db.read().await?;
    let data = personal::data(&mut tx, caller.id(), caller.locale, caller.now).await?.ok_or(Fault::NotFound)?;
    // For people, too: one line for each thing.
    let text = serde_json::to_string_pretty(&data).map_err(|error| Fault::Inside(error.to_string()))?;
    let headers = [
        (header::CONTENT_TYPE, "application/json; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"yunqia-personal-data.json\""),
    ];
    Ok((headers, text).into_response())
}

/// What closing one's account would do.
#[utoipa::path(get, path = "/api/me/closing", tag = "me", responses((status = 200, body = Closing)))]
async fn closing(State(app): State<App>, caller: Caller) -> Result<Json<Closing>, Fault> {
    let mut tx = app.db.read().await?;
    Ok(Json(account_closing::preview(&mut tx, &app.act(caller.id())).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Close {
    #[serde(default)]
    accept_impact: bool,
}

/// Closes one's account: name and address are erased, organisations left, all browsers signed out. Talks ahead are listed
/// first, and handed to colleagues or cancelled when that is accepted. What was said to others stays theirs, without a name.
#[utoipa::path(post, path = "/api/me/close", tag = "me", request_body = Close,
    responses((status = 204), (status = 409, body = Problem)))]
async fn close(State(app): State<App>, caller: Caller, body: Body<Close>) -> Result<Response, Fault> {
    let mut act = app.act(caller.id());
    let mut tx = app.db.write().await?;
    account_closing::close(&mut tx, &mut act, body.value.accept_impact).await?;
    tx.commit().await?;
    Ok((StatusCode::NO_CONTENT, cookie::clear(&app)).into_response())
}

#[derive(Serialize, ToSchema)]
struct Feed {
    feed_url: String,
}

/// Gives the calendar feed a new secret address; the old one stops working.
#[utoipa::path(post, path = "/api/me/feed", tag = "me", responses((status = 200, body = Feed)))]
async fn new_feed(State(app): State<App>, caller: Caller) -> Result<Json<Feed>, Fault> {
    let mut act = app.act(caller.id());
    let mut tx = app.db.write().await?;
    account::new_feed(&mut tx, &mut act).await?;
    let view = people::me(&mut tx, caller.id(), &app.settings.base_url).await?.ok_or(Fault::NotFound)?;
    tx.commit().await?;
    Ok(Json(Feed { feed_url: view.feed_url }))
}

#[derive(Deserialize, ToSchema)]
struct Unsubscribe {
    token: String,
}

/// Stops digests and nudges, from the page behind a letter's link.
#[utoipa::path(post, path = "/api/unsubscribe", tag = "me", request_body = Unsubscribe,
    responses((status = 204), (status = 422, body = Problem)))]
async fn unsubscribe(State(app): State<App>, body: Body<Unsubscribe>) -> Result<StatusCode, Fault> {
    stop(&app, &body.value.token).await
}

/// The same for mail programs (RFC 8058): they send no cookie and no origin, and the address itself is the key.
#[utoipa::path(post, path = "/unsubscribe/{token}", tag = "me", params(("token" = String, Path)),
    responses((status = 204), (status = 422, body = Problem)))]
async fn one_click(State(app): State<App>, Path(token): Path<String>) -> Result<StatusCode, Fault> {
    stop(&app, &token).await
}

/// Who opens the address in a browser gets the page with the button; nothing is changed by looking.
#[utoipa::path(get, path = "/unsubscribe/{token}", tag = "me", params(("token" = String, Path)), responses((status = 303)))]
async fn open_page(Path(token): Path<String>) -> Redirect {
    let plain: String = token.chars().filter(char::is_ascii_alphanumeric).take(200).collect();
    Redirect::to(&format!("/unsubscribe#token={plain}"))
}

async fn stop(app: &App, token: &str) -> Result<StatusCode, Fault> {
    let mut tx = app.db.write().await?;
    account::unsubscribe(&mut tx, &app.settings.secret, token).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
