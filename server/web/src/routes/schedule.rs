//! A person's schedule: on the page, and as a calendar that other programs subscribe to.

use axum::{
    Json,
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
};
use utoipa_axum::{router::OpenApiRouter, routes};
use yunqia_domain::calendar;
use yunqia_store::{organisations, people};
use yunqia_views::{Reader, bookings::ScheduleEntry, schedule};

use crate::{
    App,
    caller::Caller,
    problem::{Fault, Problem},
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(mine)).routes(routes!(feed))
}

/// Sessions and talks one takes part in, in order of time, from a month back.
#[utoipa::path(get, path = "/api/me/schedule", tag = "me", responses((status = 200, body = Vec<ScheduleEntry>)))]
async fn mine(State(app): State<App>, caller: Caller) -> Result<Json<Vec<ScheduleEntry>>, Fault> {
    let mut tx = app.db.read().await?;
    Ok(Json(schedule::schedule(&mut tx, caller.id(), &caller.reader()).await?))
}

/// The private calendar feed (RFC 5545). The address is the secret; cancelled talks stay in it as cancelled.
#[utoipa::path(get, path = "/feed/{token}", tag = "me",
    params(("token" = String, Path, description = "Secret of the feed with `.ics` behind it")),
    responses((status = 200, body = String, content_type = "text/calendar"), (status = 404, body = Problem)))]
async fn feed(State(app): State<App>, Path(token): Path<String>) -> Result<Response, Fault> {
    let token = token.strip_suffix(".ics").ok_or(Fault::NotFound)?;
    let mut tx = app.db.read().await?;
    let person = people::by_feed_token(&mut tx, token).await?.ok_or(Fault::NotFound)?;
    let organisations = organisations::memberships(&mut tx, person.id).await?;
    let reader = Reader {
        person: Some(person.id),
        operator: person.operator,
        organisations: organisations.iter().map(|membership| membership.organisation_id).collect(),
        locale: person.locale,
        now: app.now(),
    };
    let events = schedule::events(&mut tx, person.id, &app.settings.base_url, &reader).await?;
    let name = app.settings.name.text(person.locale).to_owned();
    let feed = calendar::Feed {
        description: schedule::feed_description(&name, person.locale),
        name,
        refresh_minutes: 15,
        language: person.locale.as_str().into(),
    };
    let text = calendar::feed(&feed, &events);
    let headers = [
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
        // A copy in between would be stale, and the address is a secret.
        (header::CACHE_CONTROL, "private, no-cache"),
    ];
    Ok((headers, text).into_response())
}
