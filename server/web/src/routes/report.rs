//! The report of a session: on the page, as CSV, as XLSX; for its hosts.

use axum::{
    Json,
    extract::{Path, Query, State},
    http::header,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use yunqia_actions::parts;
use yunqia_domain::{ids::SessionId, locale::Locale};
use yunqia_views::{
    Reader,
    report::{self, SessionReport},
};

use crate::{
    App,
    caller::Caller,
    problem::{Fault, Problem},
    tables,
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(read)).routes(routes!(csv)).routes(routes!(xlsx))
}

/// In which language a file is written; without it, in the person's own: a link to a file carries no header.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Language {
    locale: Option<String>,
}

impl Language {
    fn of(&self, caller: &Caller) -> Locale {
        self.locale.as_deref().and_then(Locale::from_tag).unwrap_or(caller.person.locale)
    }
}

async fn of(app: &App, caller: &Caller, id: SessionId, locale: Locale) -> Result<SessionReport, Fault> {
    let mut tx = app.db.read().await?;
    let here = parts::in_session(&mut tx, id, caller.id(), caller.now).await?;
    here.must_moderate()?;
    Ok(report::report(&mut tx, &here.session, &Reader { locale, ..caller.reader() }).await?)
}

/// Attendance, questions, interests, talks and outcomes of a session.
#[utoipa::path(get, path = "/api/sessions/{id}/report", tag = "report", params(("id" = SessionId, Path)),
    responses((status = 200, body = SessionReport), (status = 403, body = Problem)))]
async fn read(State(app): State<App>, caller: Caller, Path(id): Path<SessionId>) -> Result<Json<SessionReport>, Fault> {
    let locale = caller.locale;
    Ok(Json(of(&app, &caller, id, locale).await?))
}

/// The report as CSV: UTF-8 with its mark, all tables one under the other.
#[utoipa::path(get, path = "/api/sessions/{id}/report.csv", tag = "report",
    params(("id" = SessionId, Path), Language),
    responses((status = 200, content_type = "text/csv"), (status = 403, body = Problem)))]
async fn csv(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<SessionId>,
    Query(language): Query<Language>,
) -> Result<Response, Fault> {
    let locale = language.of(&caller);
    let report = of(&app, &caller, id, locale).await?;
    let bytes = tables::csv(&tables::report(&report, locale)).map_err(|error| Fault::Inside(error.to_string()))?;
    Ok(attachment("text/csv; charset=utf-8", &format!("report-{id}.csv"), bytes))
}

/// The report as a workbook with a sheet for each table.
#[utoipa::path(get, path = "/api/sessions/{id}/report.xlsx", tag = "report",
    params(("id" = SessionId, Path), Language),
    responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (status = 403, body = Problem)))]
async fn xlsx(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<SessionId>,
    Query(language): Query<Language>,
) -> Result<Response, Fault> {
    let locale = language.of(&caller);
    let report = of(&app, &caller, id, locale).await?;
    let tables = tables::report(&report, locale);
    // Making a workbook is work for a processor, not for the threads that answer.
    let bytes = tokio::task::spawn_blocking(move || tables::xlsx(&tables))
        .await
        .map_err(|error| Fault::Inside(error.to_string()))?
        .map_err(|error| Fault::Inside(error.to_string()))?;
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    Ok(attachment(kind, &format!("report-{id}.xlsx"), bytes))
}

fn attachment(kind: &'static str, name: &str, bytes: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, bytes).into_response()
}
