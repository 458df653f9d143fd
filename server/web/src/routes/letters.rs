//! Letters as they will be read: all of them for the operator, and in the demo a mailbox for everybody.

use std::collections::HashMap;

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use yunqia_actions::operator as acts;
use yunqia_domain::{
    ids::{LetterId, PersonId},
    letters::LetterKind,
    locale::Locale,
    states::LetterState,
};
use yunqia_store::{
    Tx,
    letters::{self, Letter},
    outbox::{self, Reader},
};
use yunqia_views::{
    common::Page,
    operator::{LetterPage, LetterRow, letter_rows},
};

use super::signing_in::only_demo;
use crate::{
    App,
    caller::Caller,
    once::{self, Early, Fresh, Key},
    paging::{Paging, page},
    params::Params,
    preview::{Keys, Rendered},
    problem::{Fault, Problem},
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(read))
        .routes(routes!(send_again))
        .routes(routes!(hold))
        .routes(routes!(release))
        .routes(routes!(mailbox))
        .routes(routes!(mail))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Find {
    state: Option<LetterState>,
    /// Part of the receiving address, or the name of a kind.
    q: Option<String>,
    /// `next` of the page before.
    after: Option<String>,
    /// 1 to 100; 50 unless told.
    limit: Option<i64>,
}

/// The outbox, newest letter first.
#[utoipa::path(get, path = "/api/operator/letters", tag = "operator", params(Find),
    responses((status = 200, body = Page<LetterRow>), (status = 403, body = Problem)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Params(find): Params<Find>,
) -> Result<Json<Page<LetterRow>>, Fault> {
    caller.must_operate()?;
    let text = find.q.unwrap_or_default().trim().to_lowercase();
    let kind = LetterKind::from_code(&text).map(|kind| kind.code().to_owned());
    let email = if kind.is_some() { String::new() } else { text };
    let wanted = letters::Wanted { state: find.state, email, kind };
    let paging = Paging { after: find.after, limit: find.limit };
    Ok(Json(rows(&app, &wanted, &paging).await?))
}

/// One letter as its reader gets it. Whatever in it opens something of theirs is hidden.
#[utoipa::path(get, path = "/api/operator/letters/{id}", tag = "operator", params(("id" = LetterId, Path)),
    responses((status = 200, body = LetterPage), (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn read(State(app): State<App>, caller: Caller, Path(id): Path<LetterId>) -> Result<Json<LetterPage>, Fault> {
    caller.must_operate()?;
    let mut tx = app.db.read().await?;
    Ok(Json(one(&app, &mut tx, id, Keys::Hidden).await?))
}

/// Sends a letter once more.
#[utoipa::path(post, path = "/api/operator/letters/{id}/send-again", tag = "operator", params(("id" = LetterId, Path), Key),
    responses((status = 200, body = LetterPage), (status = 403, body = Problem), (status = 409, body = Problem)))]
async fn send_again(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<LetterId>,
    key: Key,
) -> Result<Response, Early> {
    let mut act = app.act(caller.id());
    let (mut tx, fresh) = once::begin(app.db.write().await?, &act, key, &format!("send-again {id}")).await?;
    acts::send_again(&mut tx, &mut act, id).await?;
    finish(&app, tx, fresh, id).await
}

/// Keeps a letter back.
#[utoipa::path(post, path = "/api/operator/letters/{id}/hold", tag = "operator", params(("id" = LetterId, Path), Key),
    responses((status = 200, body = LetterPage), (status = 403, body = Problem), (status = 409, body = Problem)))]
async fn hold(State(app): State<App>, caller: Caller, Path(id): Path<LetterId>, key: Key) -> Result<Response, Early> {
    let mut act = app.act(caller.id());
    let (mut tx, fresh) = once::begin(app.db.write().await?, &act, key, &format!("hold {id}")).await?;
    acts::hold(&mut tx, &mut act, id).await?;
    finish(&app, tx, fresh, id).await
}

/// Lets a letter go that was kept back.
#[utoipa::path(post, path = "/api/operator/letters/{id}/release", tag = "operator", params(("id" = LetterId, Path), Key),
    responses((status = 200, body = LetterPage), (status = 403, body = Problem), (status = 409, body = Problem)))]
async fn release(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<LetterId>,
    key: Key,
) -> Result<Response, Early> {
    let mut act = app.act(caller.id());
    let (mut tx, fresh) = once::begin(app.db.write().await?, &act, key, &format!("release {id}")).await?;
    acts::release(&mut tx, &mut act, id).await?;
    finish(&app, tx, fresh, id).await
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Mailbox {
    /// Part of the receiving address.
    email: Option<String>,
    /// `next` of the page before.
    after: Option<String>,
    /// 1 to 100; 50 unless told.
    limit: Option<i64>,
}

/// The demo's mailbox: whatever was written to anybody.
#[utoipa::path(get, path = "/api/demo/letters", tag = "demo", params(Mailbox),
    responses((status = 200, body = Page<LetterRow>), (status = 404, body = Problem)))]
async fn mailbox(State(app): State<App>, Params(find): Params<Mailbox>) -> Result<Json<Page<LetterRow>>, Fault> {
    only_demo(&app)?;
    let email = find.email.unwrap_or_default().trim().to_lowercase();
    let wanted = letters::Wanted { email, ..letters::Wanted::default() };
    let paging = Paging { after: find.after, limit: find.limit };
    Ok(Json(rows(&app, &wanted, &paging).await?))
}

/// A letter in the demo's mailbox.
#[utoipa::path(get, path = "/api/demo/letters/{id}", tag = "demo", params(("id" = LetterId, Path)),
    responses((status = 200, body = LetterPage), (status = 404, body = Problem)))]
async fn mail(State(app): State<App>, Path(id): Path<LetterId>) -> Result<Json<LetterPage>, Fault> {
    only_demo(&app)?;
    let mut tx = app.db.read().await?;
    Ok(Json(one(&app, &mut tx, id, Keys::Shown).await?))
}

async fn finish(app: &App, mut tx: Tx, fresh: Fresh, id: LetterId) -> Result<Response, Early> {
    let view = one(app, &mut tx, id, Keys::Hidden).await?;
    fresh.answer(tx, StatusCode::OK, &view).await
}

async fn rows(app: &App, wanted: &letters::Wanted, paging: &Paging) -> Result<Page<LetterRow>, Fault> {
    let mut tx = app.db.read().await?;
    let mut found = letters::newest(&mut tx, wanted, paging.after()?, paging.rows()?).await?;
    let next = paging.cut(&mut found, |row| row.id.to_string())?;
    let readers = readers(&mut tx, &found).await?;
    // No subject has a key in it.
    let subject = |row: &Letter| app.previews.subject(row, reader(&readers, row)).unwrap_or_else(|_| row.kind.clone());
    Ok(page(letter_rows(&mut tx, found, subject).await?, next))
}

async fn one(app: &App, tx: &mut Tx, id: LetterId, keys: Keys) -> Result<LetterPage, Fault> {
    let row = letters::find(tx, id).await?.ok_or(Fault::NotFound)?;
    let readers = readers(tx, std::slice::from_ref(&row)).await?;
    let rendered = app.previews.render(&row, reader(&readers, &row), keys).unwrap_or_else(|error| {
        tracing::debug!(%id, error, "a letter cannot be shown");
        erased(&row)
    });
    let subject = rendered.subject.clone();
    let letter = letter_rows(tx, vec![row], |_| subject.clone()).await?.pop().ok_or(Fault::NotFound)?;
    let Rendered { subject, text, html, calendar } = rendered;
    Ok(LetterPage { letter, subject, text, html, calendar })
}

/// What is left of a letter whose content was erased when it was sent.
fn erased(row: &Letter) -> Rendered {
    let text = match row.locale {
        Locale::ZhHans => "此信内容已在发送后删除。",
        Locale::ZhHant => "此信內容已在發送後刪除。",
        Locale::En => "The content of this letter was erased when it was sent.",
    };
    Rendered {
        subject: row.kind.clone(),
        text: text.into(),
        html: format!("<!doctype html><html lang=\"{}\"><title>{}</title><p>{text}</p></html>", row.locale, row.kind),
        calendar: None,
    }
}

async fn readers(tx: &mut Tx, rows: &[Letter]) -> Result<HashMap<PersonId, Reader>, Fault> {
    let mut ids: Vec<PersonId> = rows.iter().filter_map(|row| row.person_id).collect();
    ids.sort();
    ids.dedup();
    Ok(outbox::readers(tx, ids).await?.into_iter().map(|reader| (reader.id, reader)).collect())
}

fn reader<'a>(readers: &'a HashMap<PersonId, Reader>, row: &Letter) -> Option<&'a Reader> {
    row.person_id.and_then(|id| readers.get(&id))
}
