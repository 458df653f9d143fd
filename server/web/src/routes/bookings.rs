//! The timetable, bookings and waiting lists.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use yunqia_actions::{bookings as acts, standing::Standing};
use yunqia_domain::{
    booking::By,
    ids::{BookingId, DeskId, OrganisationId, PersonId, SessionId, SlotId, WaitingPlaceId},
    states::BookingState,
};
use yunqia_store::{Tx, bookings as rows, desks, sessions as session_rows};
use yunqia_views::{
    bookings::{self, Booking, WaitingPlace},
    common::Page,
    drafts::BookingDraft,
    timetable::{self, SlotWhy, Timetable},
};

use super::sessions::{hosted, visible};
use crate::{
    App,
    body::{Body, OptionalVersion},
    caller::Caller,
    once::{self, Early, Fresh, Key},
    paging::{Paging, page},
    params::{self, Params},
    problem::{Fault, Problem},
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(show_timetable))
        .routes(routes!(why))
        .routes(routes!(book))
        .routes(routes!(read))
        .routes(routes!(list))
        .routes(routes!(mine))
        .routes(routes!(accept))
        .routes(routes!(decline))
        .routes(routes!(cancel))
        .routes(routes!(reschedule))
        .routes(routes!(propose))
        .routes(routes!(answer_proposal))
        .routes(routes!(reassign))
        .routes(routes!(wait))
        .routes(routes!(leave))
        .routes(routes!(take))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ForCompany {
    /// The company that asks, where the reader has several; hosts may name any.
    company: Option<OrganisationId>,
}

/// All desks and slots of a session at a glance, with the reader's own bookings; for hosts and companies that take part.
#[utoipa::path(get, path = "/api/sessions/{id}/timetable", tag = "bookings", params(("id" = SessionId, Path), ForCompany),
    responses((status = 200, body = Timetable), (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn show_timetable(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<SessionId>,
    Params(query): Params<ForCompany>,
) -> Result<Json<Timetable>, Fault> {
    let reader = caller.reader();
    let mut tx = app.db.read().await?;
    let session = visible(&mut tx, id, &reader).await?;
    yunqia_actions::parts::may_see_timetable(&mut tx, id, caller.id(), caller.now).await?;
    let hosts: Vec<_> = session_rows::hosts(&mut tx, [id]).await?.into_iter().map(|host| host.centre_id).collect();
    let manages = reader.operator || reader.is_member_of(session.lead_centre_id);
    let centres: Vec<_> = hosts.iter().copied().filter(|host| manages || reader.is_member_of(*host)).collect();
    let companies = match query.company {
        Some(company) if reader.is_member_of(company) || !centres.is_empty() => vec![company],
        Some(_) => return Err(Fault::NotFound),
        None => reader.organisations.clone(),
    };
    Ok(Json(timetable::timetable(&mut tx, &session, &companies, &centres, &reader).await?))
}

/// Why a slot is or is not available to a company, and what is free instead.
#[utoipa::path(get, path = "/api/slots/{id}/why", tag = "bookings", params(("id" = SlotId, Path), ForCompany),
    responses((status = 200, body = SlotWhy), (status = 404, body = Problem)))]
async fn why(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<SlotId>,
    Params(query): Params<ForCompany>,
) -> Result<Json<SlotWhy>, Fault> {
    let reader = caller.reader();
    let mut tx = app.db.read().await?;
    let slot = desks::slot(&mut tx, id).await?.ok_or(Fault::NotFound)?;
    let session = visible(&mut tx, slot.session_id, &reader).await?;
    let own = caller.memberships.iter().find(|m| m.kind == yunqia_domain::states::OrganisationKind::Company);
    let company = query.company.or(own.map(|own| own.organisation_id)).ok_or(Fault::NotFound)?;
    let by = if reader.is_member_of(company) { By::Company } else { By::Centre };
    if by == By::Centre {
        Standing::read(&mut tx, &app.act(caller.id()), &session).await?.must_host()?;
    }
    Ok(Json(timetable::why(&mut tx, &session, &slot, company, by, &reader).await?))
}

/// Books a slot, or asks for it where the desk wants to be asked. Hosts book on behalf of a company with the same call.
#[utoipa::path(post, path = "/api/bookings", tag = "bookings", request_body = BookingDraft, params(("Idempotency-Key" = String, Header)),
    responses((status = 201, body = Booking), (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn book(State(app): State<App>, caller: Caller, key: Key, body: Body<BookingDraft>) -> Result<Response, Fault> {
    app.bookings.book(&app, &caller, key, body.hash, body.value).await
}

/// One booking, for its two sides and those who manage the session.
#[utoipa::path(get, path = "/api/bookings/{id}", tag = "bookings", params(("id" = BookingId, Path)),
    responses((status = 200, body = Booking), (status = 404, body = Problem)))]
async fn read(State(app): State<App>, caller: Caller, Path(id): Path<BookingId>) -> Result<Json<Booking>, Fault> {
    let mut tx = app.db.read().await?;
    let row = rows::find(&mut tx, id).await?.ok_or(Fault::NotFound)?;
    if !caller.is_member_of(row.company_id) {
        let session = yunqia_actions::sessions::find(&mut tx, row.session_id).await?;
        let standing = Standing::read(&mut tx, &app.act(caller.id()), &session).await?;
        if !standing.speaks_for(row.centre_id) {
            return Err(Fault::NotFound);
        }
    }
    Ok(Json(bookings::booking(&mut tx, id, &caller.reader()).await?))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListQuery {
    /// One or more, with commas between them; all when left out.
    state: Option<String>,
    desk: Option<DeskId>,
    after: Option<String>,
    limit: Option<i64>,
}

/// The bookings of a session in order of making; for hosts.
#[utoipa::path(get, path = "/api/sessions/{id}/bookings", tag = "hosting", params(("id" = SessionId, Path), ListQuery),
    responses((status = 200, body = Page<Booking>), (status = 403, body = Problem)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<SessionId>,
    Params(query): Params<ListQuery>,
) -> Result<Json<Page<Booking>>, Fault> {
    let limit = params::limit(query.limit)?;
    let after = params::after::<BookingId>(query.after.as_deref())?;
    let states = params::words("state", query.state.as_deref(), BookingState::ALL)?;
    let mut tx = app.db.read().await?;
    hosted(&app, &mut tx, id, &caller).await?;
    let ids = rows::page(&mut tx, id, &states, query.desk, after, limit + 1).await?;
    let (ids, more) = params::page(ids, limit);
    let next = ids.last().filter(|_| more).map(ToString::to_string);
    let mut items = bookings::bookings(&mut tx, ids.iter().copied(), &caller.reader()).await?;
    items.sort_by_key(|booking| booking.id);
    // Each centre reads the talks at its own desks; who leads the session reads all.
    let session = yunqia_store::sessions::find(&mut tx, id).await?.ok_or(Fault::NotFound)?;
    let all = caller.person.operator || caller.is_member_of(session.lead_centre_id);
    items.retain(|booking| all || caller.is_member_of(booking.centre.id) || caller.is_member_of(booking.company.id));
    Ok(Json(Page { items, next, total: None }))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct MineQuery {
    /// One or more, with commas between them; all when left out.
    state: Option<String>,
    /// Only those of one session.
    session: Option<SessionId>,
    /// `next` of the page before.
    after: Option<String>,
    /// 1 to 100; 50 unless told.
    limit: Option<i64>,
}

/// Bookings one has a part in, of any session, in order of time, from a year back.
#[utoipa::path(get, path = "/api/me/bookings", tag = "me", params(MineQuery), responses((status = 200, body = Page<Booking>)))]
async fn mine(
    State(app): State<App>,
    caller: Caller,
    Params(query): Params<MineQuery>,
) -> Result<Json<Page<Booking>>, Fault> {
    let reader = caller.reader();
    let wanted = rows::OfPerson {
        person: caller.id(),
        companies: reader.organisations.clone(),
        states: params::words("state", query.state.as_deref(), BookingState::ALL)?,
        since: caller.now.plus_minutes(-60 * 24 * 365),
        session: query.session,
    };
    let paging = Paging { after: query.after, limit: query.limit };
    let mut tx = app.db.read().await?;
    let mut ids = rows::of_person(&mut tx, &wanted, paging.after()?, paging.rows()?).await?;
    let next = paging.cut(&mut ids, ToString::to_string)?;
    Ok(Json(page(bookings::bookings(&mut tx, ids, &reader).await?, next)))
}

/// The desk takes a request.
#[utoipa::path(post, path = "/api/bookings/{id}/accept", tag = "bookings", params(("id" = BookingId, Path), OptionalVersion, Key),
    responses((status = 200, body = Booking), (status = 409, body = Problem)))]
async fn accept(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<BookingId>,
    OptionalVersion(version): OptionalVersion,
    key: Key,
) -> Result<Response, Early> {
    let mut act = app.act(caller.id());
    let (mut tx, fresh) = once::begin(app.db.write().await?, &act, key, &format!("accept {id}")).await?;
    acts::accept(&mut tx, &mut act, id, version).await?;
    done(tx, fresh, id, &caller).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Reason {
    #[serde(default)]
    reason: Option<String>,
}

/// The desk declines a request.
#[utoipa::path(post, path = "/api/bookings/{id}/decline", tag = "bookings", request_body = Reason, params(("id" = BookingId, Path), OptionalVersion, Key),
    responses((status = 200, body = Booking), (status = 409, body = Problem)))]
async fn decline(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<BookingId>,
    OptionalVersion(version): OptionalVersion,
    key: Key,
    body: Body<Reason>,
) -> Result<Response, Early> {
    let mut act = app.act(caller.id());
    let (mut tx, fresh) = once::begin(app.db.write().await?, &act, key, &body.hash).await?;
    acts::decline(&mut tx, &mut act, id, version, body.value.reason.as_deref()).await?;
    done(tx, fresh, id, &caller).await
}

/// Either side cancels, with a reason.
#[utoipa::path(post, path = "/api/bookings/{id}/cancel", tag = "bookings", request_body = Reason, params(("id" = BookingId, Path), OptionalVersion, Key),
    responses((status = 200, body = Booking), (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn cancel(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<BookingId>,
    OptionalVersion(version): OptionalVersion,
    key: Key,
    body: Body<Reason>,
) -> Result<Response, Early> {
    let mut act = app.act(caller.id());
    let (mut tx, fresh) = once::begin(app.db.write().await?, &act, key, &body.hash).await?;
    acts::cancel(&mut tx, &mut act, id, version, body.value.reason.as_deref().unwrap_or_default()).await?;
    done(tx, fresh, id, &caller).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Reschedule {
    slot_id: SlotId,
    #[serde(default)]
    reason: Option<String>,
}

/// Moves a booking to another slot; answers with the booking that follows it.
#[utoipa::path(post, path = "/api/bookings/{id}/move", tag = "bookings", request_body = Reschedule,
    params(("id" = BookingId, Path), Key, OptionalVersion),
    responses((status = 200, body = Booking), (status = 409, body = Problem)))]
async fn reschedule(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<BookingId>,
    OptionalVersion(version): OptionalVersion,
    key: Key,
    body: Body<Reschedule>,
) -> Result<Response, Early> {
    let mut act = app.act(caller.id());
    let (mut tx, fresh) = once::begin(app.db.write().await?, &act, key, &body.hash).await?;
    let new =
        acts::reschedule(&mut tx, &mut act, id, version, body.value.slot_id, body.value.reason.as_deref()).await?;
    done(tx, fresh, new, &caller).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Propose {
    slot_id: SlotId,
    #[serde(default)]
    note: Option<String>,
}

/// The desk proposes another time for a request.
#[utoipa::path(post, path = "/api/bookings/{id}/propose", tag = "bookings", request_body = Propose, params(("id" = BookingId, Path), OptionalVersion, Key),
    responses((status = 200, body = Booking), (status = 409, body = Problem)))]
async fn propose(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<BookingId>,
    OptionalVersion(version): OptionalVersion,
    key: Key,
    body: Body<Propose>,
) -> Result<Response, Early> {
    let mut act = app.act(caller.id());
    let (mut tx, fresh) = once::begin(app.db.write().await?, &act, key, &body.hash).await?;
    acts::propose(&mut tx, &mut act, id, version, body.value.slot_id, body.value.note.as_deref()).await?;
    done(tx, fresh, id, &caller).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AnswerProposal {
    accept: bool,
}

/// The company takes the proposed time or leaves its request as it is; answers with the booking that counts.
#[utoipa::path(post, path = "/api/bookings/{id}/answer-proposal", tag = "bookings", request_body = AnswerProposal, params(("id" = BookingId, Path), OptionalVersion, Key),
    responses((status = 200, body = Booking), (status = 409, body = Problem)))]
async fn answer_proposal(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<BookingId>,
    OptionalVersion(version): OptionalVersion,
    key: Key,
    body: Body<AnswerProposal>,
) -> Result<Response, Early> {
    let mut act = app.act(caller.id());
    let (mut tx, fresh) = once::begin(app.db.write().await?, &act, key, &body.hash).await?;
    let id = acts::answer_proposal(&mut tx, &mut act, id, version, body.value.accept).await?;
    done(tx, fresh, id, &caller).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Reassign {
    staff_id: PersonId,
}

/// The centre hands a talk to a colleague.
#[utoipa::path(post, path = "/api/bookings/{id}/reassign", tag = "bookings", request_body = Reassign, params(("id" = BookingId, Path), OptionalVersion, Key),
    responses((status = 200, body = Booking), (status = 409, body = Problem)))]
async fn reassign(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<BookingId>,
    OptionalVersion(version): OptionalVersion,
    key: Key,
    body: Body<Reassign>,
) -> Result<Response, Early> {
    let mut act = app.act(caller.id());
    let (mut tx, fresh) = once::begin(app.db.write().await?, &act, key, &body.hash).await?;
    acts::reassign(&mut tx, &mut act, id, version, body.value.staff_id).await?;
    done(tx, fresh, id, &caller).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Wait {
    company_id: OrganisationId,
}

/// Joins the waiting list of a slot.
#[utoipa::path(post, path = "/api/slots/{id}/waiting", tag = "bookings", request_body = Wait,
    params(("id" = SlotId, Path), Key),
    responses((status = 201, body = WaitingPlace), (status = 409, body = Problem)))]
async fn wait(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<SlotId>,
    key: Key,
    body: Body<Wait>,
) -> Result<Response, Early> {
    let mut act = app.act(caller.id());
    let (mut tx, fresh) = once::begin(app.db.write().await?, &act, key, &body.hash).await?;
    let place = acts::join_waiting(&mut tx, &mut act, id, body.value.company_id).await?;
    let view = bookings::waiting_place(&mut tx, place).await?;
    fresh.answer(tx, StatusCode::CREATED, &view).await
}

/// Leaves a waiting list.
#[utoipa::path(post, path = "/api/waiting/{id}/leave", tag = "bookings", params(("id" = WaitingPlaceId, Path), Key),
    responses((status = 204), (status = 409, body = Problem)))]
async fn leave(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<WaitingPlaceId>,
    key: Key,
) -> Result<Response, Early> {
    let mut act = app.act(caller.id());
    let (mut tx, fresh) = once::begin(app.db.write().await?, &act, key, &format!("leave {id}")).await?;
    acts::leave_waiting(&mut tx, &mut act, id).await?;
    fresh.bare_answer(tx, StatusCode::NO_CONTENT).await
}

/// Takes a slot that was offered.
#[utoipa::path(post, path = "/api/waiting/{id}/take", tag = "bookings",
    params(("id" = WaitingPlaceId, Path), Key),
    responses((status = 201, body = Booking), (status = 409, body = Problem)))]
async fn take(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<WaitingPlaceId>,
    key: Key,
) -> Result<Response, Early> {
    let mut act = app.act(caller.id());
    let (mut tx, fresh) = once::begin(app.db.write().await?, &act, key, &format!("take {id}")).await?;
    let booking = acts::take_offer(&mut tx, &mut act, id).await?;
    let view = bookings::booking(&mut tx, booking, &caller.reader()).await?;
    fresh.answer(tx, StatusCode::CREATED, &view).await
}

/// The booking as the caller sees it now, and the end of the act.
async fn done(mut tx: Tx, fresh: Fresh, id: BookingId, caller: &Caller) -> Result<Response, Early> {
    let view = bookings::booking(&mut tx, id, &caller.reader()).await?;
    fresh.answer(tx, StatusCode::OK, &view).await
}
