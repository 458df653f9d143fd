//! Moving a session along its states: by its hosts, and by the clock.

use serde_json::json;
use yunqia_domain::{
    Refusal,
    calendar::Method,
    ids::SessionId,
    letters::{Facts, LetterKind, TalkLine},
    session::REASON_LENGTH_MAX,
    states::{RegistrationState, Role, SessionState},
};
use yunqia_store::{
    Tx, agenda, bookings, desks, letters, organisations, registrations,
    sessions::{self, Session},
};
use yunqia_views::{common::ImpactKind, reason};

use super::{
    changeable, locked, save,
    told::{CentreSide, remind_centres},
};
use crate::{
    Act,
    act::Note,
    bookings::{Cause, Work, impact_of},
    echo::Echo,
    error::{Error, Result},
    post::{About, session_invite},
    standing::Standing,
    words,
};

/// What stands in the way of moving a session on; who may is another question.
pub async fn judge_move(tx: &mut Tx, session: &Session, to: SessionState) -> Result<Result<(), Refusal>> {
    if !session.state.may_become(to) {
        return Ok(Err(Refusal::IllegalMove));
    }
    Ok(match to {
        SessionState::Submitted | SessionState::Published if !is_ready(tx, session).await? => {
            Err(Refusal::SessionNotReady)
        }
        SessionState::Closed if sessions::unowned_questions(tx, session.id).await? > 0 => Err(Refusal::OpenQuestions),
        _ => Ok(()),
    })
}

/// Every state that may follow, with what stands in its way.
pub async fn judge_moves(tx: &mut Tx, session: &Session) -> Result<Vec<(SessionState, Result<(), Refusal>)>> {
    let mut moves = Vec::new();
    for to in session.state.next() {
        moves.push((*to, judge_move(tx, session, *to).await?));
    }
    Ok(moves)
}

/// Moves a session on. Publishing opens registration when its window says so, at once by default; cancelling cancels all
/// talks that have not begun and tells everybody.
pub async fn move_session(
    tx: &mut Tx,
    act: &mut Act,
    id: SessionId,
    version: Option<i64>,
    to: SessionState,
    why: Option<&str>,
    accept_impact: bool,
) -> Result<()> {
    let mut session = locked(tx, id).await?;
    Standing::read(tx, act, &session).await?.must_manage()?;
    // Closed sessions may still be put away.
    if to != SessionState::Archived {
        changeable(&session, version)?;
    }
    let before = session.state;
    session.state = session.state_at(act.now);
    judge_move(tx, &session, to).await??;
    let why = words::optional_text("/reason", why, REASON_LENGTH_MAX)?;
    if to == SessionState::Cancelled && before.is_public() && why.is_none() {
        return Err(Error::field("/reason", Refusal::ReasonNeeded));
    }
    let mut work = Work::on(session.clone());
    match to {
        SessionState::Cancelled => cancel(tx, act, &mut work, why.as_deref(), accept_impact).await?,
        SessionState::Closed => close(tx, act, &mut work).await?,
        _ => {}
    }
    session.state = to;
    session.state_reason = why.clone();
    open_by_hand(&mut session, to, act);
    session.state = session.state_at(act.now);
    save(tx, &mut session).await?;
    act.note(
        tx,
        Note {
            act: "session.move",
            kind: "session",
            subject: id.0,
            session: Some(id),
            before: Some(json!({ "state": before })),
            after: Some(json!({ "state": session.state, "reason": why })),
        },
    )
    .await?;
    work.session = session;
    if to == SessionState::Cancelled {
        cancel_letters(tx, act, &mut work).await?;
    }
    if !before.is_public() && work.session.state.is_public() && !work.session.state.is_over() {
        remind_centres(tx, act, &mut work).await?;
    }
    work.echo.sessions.insert(id);
    work.echo.grids.insert(id);
    work.echo.counts.insert(id);
    work.finish(tx, act).await
}

/// Writes down what the clock has done to a session. False if it did nothing.
pub async fn advance(tx: &mut Tx, act: &mut Act, id: SessionId) -> Result<bool> {
    let mut session = locked(tx, id).await?;
    let before = session.state;
    let now = session.state_at(act.now);
    if now == before {
        return Ok(false);
    }
    session.state = now;
    if now.has_hall() {
        session.hall_opened_at.get_or_insert(act.now);
    }
    save(tx, &mut session).await?;
    act.note(
        tx,
        Note {
            act: "session.move",
            kind: "session",
            subject: id.0,
            session: Some(id),
            before: Some(json!({ "state": before })),
            after: Some(json!({ "state": now })),
        },
    )
    .await?;
    Echo { sessions: [id].into(), grids: [id].into(), counts: [id].into(), ..Echo::default() }
        .send(tx, act.now)
        .await?;
    Ok(true)
}

/// A window that is opened by hand before its time opens now, so that state and window agree.
fn open_by_hand(session: &mut Session, to: SessionState, act: &Act) {
    let now = act.now;
    if matches!(to, SessionState::RegistrationOpen) {
        session.registration_opens_at = session.registration_opens_at.min(now);
    }
    if matches!(to, SessionState::BookingOpen) {
        session.registration_opens_at = session.registration_opens_at.min(now);
        session.booking_opens_at = session.booking_opens_at.min(now);
    }
    if to.has_hall() {
        session.hall_opened_at.get_or_insert(now);
    }
    if to == SessionState::Closed {
        session.closed_at = Some(now);
    }
}

/// Publishing needs a theme, an agenda, and desks that all have staff and open slots to come.
async fn is_ready(tx: &mut Tx, session: &Session) -> Result<bool> {
    let desks = desks::of_session(tx, session.id).await?;
    let staff = desks::staff_of_session(tx, session.id).await?;
    let slots = desks::slots_of_session(tx, session.id).await?;
    let staffed = desks.iter().all(|desk| staff.iter().any(|row| row.desk_id == desk.id));
    Ok(!session.theme().is_empty()
        && !agenda::items(tx, session.id).await?.is_empty()
        && !desks.is_empty()
        && staffed
        && slots.iter().any(|slot| slot.open))
}

async fn cancel(tx: &mut Tx, act: &mut Act, work: &mut Work, why: Option<&str>, accept_impact: bool) -> Result<()> {
    let id = work.session.id;
    let hurt = bookings::ahead_in_session(tx, id, act.now).await?;
    if !hurt.is_empty() && !accept_impact {
        return Err(Error::impact(impact_of(tx, &hurt, ImpactKind::Cancelled).await?));
    }
    // The letter about the session tells of its talks; the talks' own letters take them out of calendars.
    let cause = match why {
        Some(why) => Cause::by_hosts_because(why),
        None => Cause::by_hosts(Refusal::SessionOff),
    };
    // No offers to waiting lists: there is nothing to wait for.
    work.session.state = SessionState::Cancelled;
    work.cancel_all(tx, act, &hurt, &cause).await?;
    let slots: Vec<_> = desks::slots_of_session(tx, id).await?.into_iter().map(|slot| slot.id).collect();
    work.leave_slots(tx, &slots).await?;
    letters::drop_session_reminders(tx, id, None).await?;
    Ok(())
}

/// Tells everybody who was to come that the session is off, with the talks they had.
async fn cancel_letters(tx: &mut Tx, act: &mut Act, work: &mut Work) -> Result<()> {
    use RegistrationState::*;
    let session = work.session.clone();
    work.post.forget(session.id);
    let line = work.post.session(tx, &session).await?;
    let parts = registrations::in_states(tx, session.id, &[Registered, Approved, CheckedIn]).await?;
    let attendees = registrations::attendees(tx, parts.iter().map(|part| part.id)).await?;
    for attendee in attendees {
        let Some(part) = parts.iter().find(|part| part.id == attendee.registration_id) else { continue };
        let to = work.post.person(tx, attendee.person_id).await?;
        let invited = part.state != Registered;
        let facts = Facts {
            link: "/sessions".into(),
            reader: Some(yunqia_domain::letters::Side::Company),
            reason: reason::text(session.state_reason.as_deref(), to.locale),
            session: Some(line.clone()),
            calendar: invited.then(|| session_invite(part, &session, Method::Cancel, act.now)),
            ..Facts::default()
        };
        let about = About::session(session.id, format!("session:{}:{}", session.id, session.version));
        work.post.add(act, LetterKind::SessionCancelled, &to, &about, facts);
    }
    for person in CentreSide::of(tx, session.id).await?.people() {
        let to = work.post.person(tx, person).await?;
        let facts = Facts {
            link: "/sessions".into(),
            reader: Some(yunqia_domain::letters::Side::Centre),
            reason: reason::text(session.state_reason.as_deref(), to.locale),
            session: Some(line.clone()),
            talks: Vec::<TalkLine>::new(),
            ..Facts::default()
        };
        let about = About::session(session.id, format!("session:{}:{}", session.id, session.version));
        work.post.add(act, LetterKind::SessionCancelled, &to, &about, facts);
    }
    Ok(())
}

/// Closing: requests are let go, who never came was absent, the hosts hear that the report is there.
async fn close(tx: &mut Tx, act: &mut Act, work: &mut Work) -> Result<()> {
    let id = work.session.id;
    if bookings::unfinished(tx, id, act.now).await? > 0 {
        return Err(Refusal::HasBookings.into());
    }
    let open = bookings::ahead_in_session(tx, id, act.now).await?;
    work.session.state = SessionState::Closed;
    work.expire_all(tx, act, &open).await?;
    let slots: Vec<_> = desks::slots_of_session(tx, id).await?.into_iter().map(|slot| slot.id).collect();
    work.leave_slots(tx, &slots).await?;
    let parts = registrations::in_states(tx, id, &[RegistrationState::Approved, RegistrationState::CheckedIn]).await?;
    for mut part in parts {
        part.state = match part.state {
            RegistrationState::CheckedIn => RegistrationState::Attended,
            _ => RegistrationState::Absent,
        };
        registrations::update(tx, &part).await?;
        work.echo.registrations.insert(part.id);
    }
    let session = work.session.clone();
    let line = work.post.session(tx, &session).await?;
    let hosts = sessions::hosts(tx, [id]).await?;
    let people = organisations::people_of(tx, hosts.iter().map(|host| host.centre_id)).await?;
    for person in people.into_iter().filter(|person| person.role == Role::Manager) {
        let to = work.post.person(tx, person.person_id).await?;
        let facts = Facts { link: format!("/sessions/{id}/report"), session: Some(line.clone()), ..Facts::default() };
        let about = About::session(id, format!("session:{id}:closed"));
        work.post.add(act, LetterKind::ReportReady, &to, &about, facts);
    }
    Ok(())
}
