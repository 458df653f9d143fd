//! Desks with their staff and rooms.

use serde_json::json;
use yunqia_domain::{
    Refusal,
    ids::{DeskId, OrganisationId, PersonId, RoomId, SessionId},
    locale::LocalText,
    session::{DESKS_MAX, STAFF_MAX, TITLE_LENGTH_MAX},
    states::BookingState,
    text::room_key,
};
use yunqia_store::{Tx, bookings, desks, organisations};
use yunqia_views::{common::ImpactKind, drafts::DeskDraft};

use super::{changeable, grid::fill_desk, locked, told::CentreSide};
use crate::{
    Act,
    act::Note,
    bookings::{Cause, Work, impact_of},
    error::{Error, Result},
    standing::Standing,
    words::{Wrong, has_twice},
};

/// Adds a desk for a host, with a slot for each time of the session's grid. Its own centre may, and who manages.
pub async fn add_desk(tx: &mut Tx, act: &mut Act, id: SessionId, draft: DeskDraft) -> Result<DeskId> {
    let session = locked(tx, id).await?;
    let standing = Standing::read(tx, act, &session).await?;
    changeable(&session, None)?;
    if !standing.hosts.contains(&draft.centre_id) {
        return Err(Error::field("/centre_id", Refusal::NotAHost));
    }
    standing.must_speak_for(draft.centre_id)?;
    let known = desks::of_session(tx, id).await?;
    if known.len() >= DESKS_MAX {
        return Err(Error::field("/centre_id", Refusal::TooMany));
    }
    let (name, room) = check(tx, &draft).await?;
    let desk = desks::Desk {
        id: act.id::<DeskId>(),
        session_id: id,
        centre_id: draft.centre_id,
        position: known.iter().map(|desk| desk.position).max().unwrap_or(0) + 1,
        name_hans: name.hans,
        name_hant: name.hant,
        name_en: name.en,
        room_id: room_id(tx, act, &known, draft.centre_id, room.as_deref()).await?,
        room,
        removed_at: None,
        version: 1,
    };
    let side = CentreSide::of(tx, id).await?;
    desks::insert(tx, &desk).await?;
    desks::set_staff(tx, desk.id, &draft.staff_ids).await?;
    fill_desk(tx, act, &session, desk.id).await?;
    note(tx, act, "desk.add", &desk, &draft.staff_ids).await?;
    let mut work = Work::on(session);
    side.follow(tx, act, &mut work).await?;
    work.echo.sessions.insert(id);
    work.echo.grids.insert(id);
    work.finish(tx, act).await?;
    Ok(desk.id)
}

/// Changes name, room and staff. Who is at a talk stays with it until it is handed on.
pub async fn change_desk(tx: &mut Tx, act: &mut Act, id: DeskId, version: Option<i64>, draft: DeskDraft) -> Result<()> {
    let (session_id, _) = place(tx, id).await?;
    let session = locked(tx, session_id).await?;
    let standing = Standing::read(tx, act, &session).await?;
    let (_, mut desk) = place(tx, id).await?;
    standing.must_speak_for(desk.centre_id)?;
    changeable(&session, None)?;
    if version.is_some_and(|version| version != desk.version) {
        return Err(Refusal::OldVersion.into());
    }
    if draft.centre_id != desk.centre_id {
        return Err(Error::field("/centre_id", Refusal::UnknownChoice));
    }
    let (name, room) = check(tx, &draft).await?;
    let others: Vec<_> = desks::of_session(tx, session_id).await?.into_iter().filter(|other| other.id != id).collect();
    if room != desk.room {
        // Talks claim the room they were booked with; another one could be in use at their times.
        let known = bookings::page(tx, session_id, BookingState::ALL, Some(id), None, 1).await?;
        if !known.is_empty() {
            return Err(Error::field("/room", Refusal::HasBookings));
        }
        desk.room_id = room_id(tx, act, &others, desk.centre_id, room.as_deref()).await?;
        desk.room = room;
    }
    desk.name_hans = name.hans;
    desk.name_hant = name.hant;
    desk.name_en = name.en;
    if !desks::update(tx, &desk).await? {
        return Err(Refusal::OldVersion.into());
    }
    let side = CentreSide::of(tx, session_id).await?;
    desks::set_staff(tx, id, &draft.staff_ids).await?;
    note(tx, act, "desk.change", &desk, &draft.staff_ids).await?;
    let mut work = Work::on(session);
    side.follow(tx, act, &mut work).await?;
    work.echo.sessions.insert(session_id);
    work.echo.grids.insert(session_id);
    work.finish(tx, act).await
}

/// Takes a desk away; talks there are cancelled once the impact is accepted.
pub async fn remove_desk(tx: &mut Tx, act: &mut Act, id: DeskId, accept_impact: bool) -> Result<()> {
    let (session_id, _) = place(tx, id).await?;
    let session = locked(tx, session_id).await?;
    let standing = Standing::read(tx, act, &session).await?;
    let (_, desk) = place(tx, id).await?;
    standing.must_speak_for(desk.centre_id)?;
    changeable(&session, None)?;
    let hurt = bookings::ahead_at_desk(tx, id, act.now).await?;
    if !hurt.is_empty() && !accept_impact {
        return Err(Error::impact(impact_of(tx, &hurt, ImpactKind::SlotRemoved).await?));
    }
    let mut work = Work::on(session);
    work.cancel_all(tx, act, &hurt, &Cause::by_hosts(Refusal::SlotWithdrawn)).await?;
    work.leave_desk(tx, id).await?;
    let side = CentreSide::of(tx, session_id).await?;
    desks::remove(tx, id, act.now).await?;
    side.follow(tx, act, &mut work).await?;
    note(tx, act, "desk.remove", &desk, &[]).await?;
    work.echo.sessions.insert(session_id);
    work.echo.grids.insert(session_id);
    work.finish(tx, act).await
}

/// A desk that stands, and its session.
async fn place(tx: &mut Tx, id: DeskId) -> Result<(SessionId, desks::Desk)> {
    let desk = desks::find(tx, id).await?.filter(|desk| desk.removed_at.is_none()).ok_or(Error::NotFound)?;
    Ok((desk.session_id, desk))
}

async fn check(tx: &mut Tx, draft: &DeskDraft) -> Result<(LocalText, Option<String>)> {
    let mut wrong = Wrong::default();
    let name = wrong.title("/name", draft.name.clone(), TITLE_LENGTH_MAX);
    let room = wrong.optional_line("/room", draft.room.clone(), TITLE_LENGTH_MAX);
    if draft.staff_ids.len() > STAFF_MAX {
        wrong.add("/staff_ids", Refusal::TooMany);
    } else if has_twice(&draft.staff_ids) {
        wrong.add("/staff_ids", Refusal::Twice);
    }
    let members = organisations::people_of(tx, [draft.centre_id]).await?;
    for (index, person) in draft.staff_ids.iter().enumerate() {
        if !members.iter().any(|member| member.person_id == *person) {
            wrong.add(format!("/staff_ids/{index}"), Refusal::NotAMember);
        }
    }
    wrong.done()?;
    Ok((name, room))
}

/// Which room a desk means. Desks of one session that name the same room share it, whoever hosts them; else it is the
/// centre's own room of that name, which it has in all its sessions.
async fn room_id(
    tx: &mut Tx,
    act: &mut Act,
    desks: &[desks::Desk],
    centre: OrganisationId,
    room: Option<&str>,
) -> Result<Option<RoomId>> {
    let Some(key) = room.map(room_key) else { return Ok(None) };
    let shared = desks.iter().find(|desk| desk.room.as_deref().is_some_and(|room| room_key(room) == key));
    if let Some(shared) = shared.and_then(|desk| desk.room_id) {
        return Ok(Some(shared));
    }
    Ok(Some(desks::room(tx, centre, &key, act.id()).await?))
}

async fn note(tx: &mut Tx, act: &mut Act, what: &str, desk: &desks::Desk, staff: &[PersonId]) -> Result<()> {
    let centre: OrganisationId = desk.centre_id;
    act.note(
        tx,
        Note {
            act: what,
            kind: "desk",
            subject: desk.id.0,
            session: Some(desk.session_id),
            before: None,
            after: Some(json!({ "centre_id": centre, "name": desk.name(), "room": desk.room, "staff_ids": staff })),
        },
    )
    .await
}
