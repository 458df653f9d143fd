//! Conversations: channels, messages, what was read, and files that are handed over.

use axum::{
    Json,
    body::Body as Bytes,
    extract::{DefaultBodyLimit, Multipart, Path, Query, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use yunqia_actions::{Error, messages as acts};
use yunqia_domain::{
    Refusal, files,
    ids::{ChannelId, FileId, MessageId, OrganisationId},
};
use yunqia_store::channels;
use yunqia_views::{
    common::Page,
    messages::{self as views, Channel, FileRef, Message, MessagePage, Unread},
};

use crate::{
    App,
    body::Body,
    caller::Caller,
    malformed::{Malformed, Place, Rule},
    once::{self, Early, Key},
    paging::{Paging, page},
    params::{self, Params},
    problem::{Fault, Problem},
};

const MESSAGES_MAX: i64 = 100;
/// What a form adds to the file in it.
const FORM_BYTES: usize = 64 * 1024;

pub fn routes() -> OpenApiRouter<App> {
    // The installation's own, lower limit is tested when the file is there.
    let room = files::MAX_FILE_BYTES + FORM_BYTES;
    OpenApiRouter::new()
        .routes(routes!(list, open))
        .routes(routes!(read_one))
        .routes(routes!(window, send))
        .routes(routes!(mark_read))
        .merge(OpenApiRouter::new().routes(routes!(upload)).layer(DefaultBodyLimit::max(room)))
        .routes(routes!(download))
        .routes(routes!(withdraw))
        .routes(routes!(decide))
        .routes(routes!(remove))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Find {
    /// Only those of this company.
    company: Option<OrganisationId>,
    /// Only those with this centre.
    centre: Option<OrganisationId>,
    /// `next` of the page before.
    after: Option<String>,
    /// 1 to 100; 50 unless told.
    limit: Option<i64>,
}

/// The conversations of the person, the newest message first.
#[utoipa::path(get, path = "/api/channels", tag = "messages", params(Find),
    responses((status = 200, body = Page<Channel>)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Params(find): Params<Find>,
) -> Result<Json<Page<Channel>>, Fault> {
    let wanted = channels::Wanted { company: find.company, centre: find.centre };
    let after = find.after.as_deref().filter(|after| !after.is_empty()).map(place).transpose()?;
    let paging = Paging { after: None, limit: find.limit };
    let mut tx = app.db.read().await?;
    let mut rows = channels::of_person(&mut tx, caller.id(), wanted, after, paging.rows()?).await?;
    let next = paging.cut(&mut rows, |row| format!("{}_{}", row.at, row.channel.id))?;
    let rows = rows.into_iter().map(|row| row.channel).collect();
    Ok(Json(page(views::channels(&mut tx, rows, &caller.reader()).await?, next)))
}

/// `2026-11-23T07:00:00.000000Z_<id>`
fn place(cursor: &str) -> Result<channels::Place, Fault> {
    let (at, id) = params::time_and_id(cursor)?;
    Ok(channels::Place { at, id })
}

/// The two sides of a conversation.
#[derive(Deserialize, ToSchema)]
struct ChannelDraft {
    company_id: OrganisationId,
    centre_id: OrganisationId,
}

/// Opens the conversation between a company and a centre, or finds it.
#[utoipa::path(post, path = "/api/channels", tag = "messages", request_body = ChannelDraft,
    responses((status = 200, body = Channel), (status = 403, body = Problem), (status = 422, body = Problem)))]
async fn open(State(app): State<App>, caller: Caller, body: Body<ChannelDraft>) -> Result<Json<Channel>, Fault> {
    let mut act = app.act(caller.id());
    let mut tx = app.db.write().await?;
    let row = acts::open_direct(&mut tx, &mut act, body.value.company_id, body.value.centre_id).await?;
    let view = views::channels(&mut tx, vec![row], &caller.reader()).await?.pop().ok_or(Fault::NotFound)?;
    tx.commit().await?;
    Ok(Json(view))
}

/// One conversation.
#[utoipa::path(get, path = "/api/channels/{id}", tag = "messages", params(("id" = ChannelId, Path)),
    responses((status = 200, body = Channel), (status = 404, body = Problem)))]
async fn read_one(State(app): State<App>, caller: Caller, Path(id): Path<ChannelId>) -> Result<Json<Channel>, Fault> {
    let mut tx = app.db.read().await?;
    let place = acts::place(&mut tx, id, caller.id(), caller.now).await?;
    let view = views::channels(&mut tx, vec![place.channel], &caller.reader()).await?.pop();
    Ok(Json(view.ok_or(Fault::NotFound)?))
}

/// Which messages: the newest, those before or those after a number.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Span {
    before: Option<i64>,
    after: Option<i64>,
    /// 1 to 100, 50 if not given.
    limit: Option<i64>,
}

/// A window of a conversation, ascending.
#[utoipa::path(get, path = "/api/channels/{id}/messages", tag = "messages", params(("id" = ChannelId, Path), Span),
    responses((status = 200, body = MessagePage), (status = 404, body = Problem)))]
async fn window(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ChannelId>,
    Query(span): Query<Span>,
) -> Result<Json<MessagePage>, Fault> {
    let limit = span.limit.unwrap_or(50).clamp(1, MESSAGES_MAX);
    let mut tx = app.db.read().await?;
    let channel = acts::place(&mut tx, id, caller.id(), caller.now).await?.channel;
    Ok(Json(views::page(&mut tx, &channel, span.before, span.after, limit, &caller.reader()).await?))
}

/// A message as it is sent.
#[derive(Deserialize, ToSchema)]
struct MessageDraft {
    /// Made by the client; the same one twice is the same message.
    client_id: uuid::Uuid,
    #[serde(default)]
    text: String,
    file_id: Option<FileId>,
}

/// Says something. The answer tells whether it was published or waits for a moderator.
#[utoipa::path(post, path = "/api/channels/{id}/messages", tag = "messages", params(("id" = ChannelId, Path)),
    request_body = MessageDraft,
    responses((status = 200, body = Message), (status = 403, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)))]
async fn send(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ChannelId>,
    body: Body<MessageDraft>,
) -> Result<Json<Message>, Fault> {
    let draft = acts::Draft { client_id: body.value.client_id, text: body.value.text, file: body.value.file_id };
    let mut act = app.act(caller.id());
    let mut tx = app.db.write().await?;
    let row = acts::send(&mut tx, &mut act, id, draft).await?;
    let view = views::message(&mut tx, row, &caller.reader(), false).await?;
    tx.commit().await?;
    Ok(Json(view))
}

/// How far a conversation was read.
#[derive(Deserialize, ToSchema)]
struct ReadMark {
    seq: i64,
}

/// Marks a conversation as read up to a number; a mark never goes back.
#[utoipa::path(post, path = "/api/channels/{id}/read", tag = "messages", params(("id" = ChannelId, Path)),
    request_body = ReadMark, responses((status = 200, body = Unread), (status = 404, body = Problem)))]
async fn mark_read(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ChannelId>,
    body: Body<ReadMark>,
) -> Result<Json<Unread>, Fault> {
    let mut act = app.act(caller.id());
    let mut tx = app.db.write().await?;
    let unread = acts::read(&mut tx, &mut act, id, body.value.seq).await?;
    tx.commit().await?;
    Ok(Json(unread))
}

/// A form with one file.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the form; the fields are read one by one")]
struct Form {
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// Uploads a file for a conversation. Its type is judged by its content; it is handed over by sending its id.
#[utoipa::path(post, path = "/api/channels/{id}/files", tag = "messages", params(("id" = ChannelId, Path)),
    request_body(content = Form, content_type = "multipart/form-data"),
    responses((status = 201, body = FileRef), (status = 413, body = Problem), (status = 422, body = Problem)))]
async fn upload(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ChannelId>,
    mut form: Multipart,
) -> Result<(StatusCode, Json<FileRef>), Fault> {
    // Asked before the bytes are read, so that nobody's disk is filled by strangers.
    let mut tx = app.db.read().await?;
    acts::may_upload(&mut tx, id, caller.id(), caller.now).await?;
    drop(tx);
    let (name, content) = the_file(&mut form).await?;
    if content.len() as u64 > app.settings.file_bytes_max {
        return Err(Error::field("/file", Refusal::FileLarge).into());
    }
    let accepted = files::accept(&name, &content).map_err(|problem| Error::field("/file", problem.into()))?;
    let mut act = app.act(caller.id());
    let file: FileId = act.id();
    let bytes = content.len() as i64;
    let sha256 = app.settings.files.keep(file, content).await?;
    let upload =
        acts::Upload { id: file, name: accepted.name, media_type: accepted.kind.media_type().into(), bytes, sha256 };
    let kept = async {
        let mut tx = app.db.write().await?;
        let row = acts::keep_file(&mut tx, &mut act, id, upload).await?;
        tx.commit().await?;
        Ok::<_, Fault>(row)
    };
    match kept.await {
        Ok(row) => Ok((StatusCode::CREATED, Json(row.into()))),
        Err(fault) => {
            app.settings.files.forget(file).await;
            Err(fault)
        }
    }
}

/// The form's field `file`.
async fn the_file(form: &mut Multipart) -> Result<(String, axum::body::Bytes), Fault> {
    let unreadable = |error: axum::extract::multipart::MultipartError| match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Error::field("/file", Refusal::FileLarge).into(),
        _ => Fault::from(Malformed::new(Place::Form, Rule::Other(String::new()))),
    };
    while let Some(field) = form.next_field().await.map_err(unreadable)? {
        if field.name() == Some("file") {
            let name = field.file_name().unwrap_or_default().to_owned();
            return Ok((name, field.bytes().await.map_err(unreadable)?));
        }
    }
    Err(Error::field("/file", Refusal::Required).into())
}

/// Downloads a file. It is never shown as a page: always an attachment, without a guessed type, in a sandbox.
#[utoipa::path(get, path = "/api/files/{id}", tag = "messages", params(("id" = FileId, Path)),
    responses((status = 200, description = "The file"), (status = 404, body = Problem)))]
async fn download(State(app): State<App>, caller: Caller, Path(id): Path<FileId>) -> Result<Response, Fault> {
    let mut tx = app.db.read().await?;
    let file = acts::file(&mut tx, id, caller.id(), caller.now).await?;
    drop(tx);
    let stream = app.settings.files.open(id).await?;
    let headers = [
        (header::CONTENT_TYPE, file.media_type),
        (header::CONTENT_LENGTH, file.bytes.to_string()),
        (header::CONTENT_DISPOSITION, disposition(&file.name)),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'; sandbox".into()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".into()),
        (header::CACHE_CONTROL, "private, max-age=3600".into()),
    ];
    Ok((headers, Bytes::from_stream(stream)).into_response())
}

/// `Content-Disposition` with the name in both forms (RFC 6266 §4.3, RFC 8187).
fn disposition(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_graphic() && !"\"\\%;".contains(c) || c == ' ' { c } else { '_' };
    let ascii: String = name.chars().map(plain).collect();
    let escaped: String = name
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect();
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{escaped}")
}

/// Takes one's own message back, within two minutes.
#[utoipa::path(post, path = "/api/messages/{id}/withdraw", tag = "messages", params(("id" = MessageId, Path), Key),
    responses((status = 200, body = Message), (status = 409, body = Problem)))]
async fn withdraw(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<MessageId>,
    key: Key,
) -> Result<Response, Early> {
    let mut act = app.act(caller.id());
    let (mut tx, fresh) = once::begin(app.db.write().await?, &act, key, &format!("withdraw {id}")).await?;
    let row = acts::withdraw(&mut tx, &mut act, id).await?;
    let view = views::message(&mut tx, row, &caller.reader(), false).await?;
    fresh.answer(tx, StatusCode::OK, &view).await
}

/// What a moderator decides about something that was held.
#[derive(Deserialize, ToSchema)]
pub struct Verdict {
    pub publish: bool,
    /// Needed to reject.
    pub reason: Option<String>,
}

/// Why something is taken down.
#[derive(Deserialize, ToSchema)]
pub struct Removal {
    #[serde(default)]
    pub reason: String,
}

/// A moderator publishes or rejects a held message.
#[utoipa::path(post, path = "/api/messages/{id}/decide", tag = "messages", params(("id" = MessageId, Path), Key),
    request_body = Verdict, responses((status = 200, body = Message), (status = 409, body = Problem)))]
async fn decide(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<MessageId>,
    key: Key,
    body: Body<Verdict>,
) -> Result<Response, Early> {
    let Verdict { publish, reason } = body.value;
    let mut act = app.act(caller.id());
    let (mut tx, fresh) = once::begin(app.db.write().await?, &act, key, &body.hash).await?;
    let row = acts::decide(&mut tx, &mut act, id, publish, reason.as_deref()).await?;
    let view = views::message(&mut tx, row, &caller.reader(), true).await?;
    fresh.answer(tx, StatusCode::OK, &view).await
}

/// A moderator takes a message of the hall down, with a reason.
#[utoipa::path(post, path = "/api/messages/{id}/remove", tag = "messages", params(("id" = MessageId, Path), Key),
    request_body = Removal, responses((status = 200, body = Message), (status = 409, body = Problem)))]
async fn remove(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<MessageId>,
    key: Key,
    body: Body<Removal>,
) -> Result<Response, Early> {
    let mut act = app.act(caller.id());
    let (mut tx, fresh) = once::begin(app.db.write().await?, &act, key, &body.hash).await?;
    let row = acts::remove(&mut tx, &mut act, id, Some(&body.value.reason)).await?;
    let view = views::message(&mut tx, row, &caller.reader(), true).await?;
    fresh.answer(tx, StatusCode::OK, &view).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_downloads_cannot_leave_their_quotes() {
        let header = disposition("计划\"; filename=x.html");
        assert_eq!(
            header,
            "attachment; filename=\"____ filename=x.html\"; filename*=UTF-8''%E8%AE%A1%E5%88%92%22%3B%20filename%3Dx.html"
        );
        assert!(header.is_ascii());
    }
}
