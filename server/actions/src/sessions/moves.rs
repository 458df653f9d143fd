//! Moving a session along its states: by its hosts, and by the clock.

use serde_json::json;
use yunqia_domain::{
    Refusal,
    calendar::Method,
    ids::{OrganisationId, SessionId},
    letters::{Actor, Facts, LetterKind, Side, TalkLine},
    session::REASON_LENGTH_MAX,
    states::{RegistrationState, Role, SessionState},
};
use yunqia_store::{
    Tx, agenda,
    bookings::{self, Booking},
    desks, letters, organisations, registrations,
    sessions::{self, Session},
};
use yunqia_views::{common::ImpactKind, reason};

use super::{
    changeable, locked, save,
    told::{CentreSide, company_side, remind_centres},
};
use crate::{
    Act,
    act::Note,
    bookings::{Cause, Work, impact_of},
    echo::Echo,
    error::{Error, Result},
    post::{About, by, session_invite},
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
    let standing = Standing::read(tx, act, &session).await?;
    standing.must_manage()?;
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
    let by_operator = standing.operator && !standing.is_member_of(session.lead_centre_id);
    let mut fallen = Vec::new();
    match to {
        SessionState::Cancelled => {
            fallen = cancel(tx, act, &mut work, why.as_deref(), by_operator, accept_impact).await?;
        }
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
        cancel_letters(tx, act, &mut work, by_operator, &fallen).await?;
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

/// Gives the talks that fall with the session, as they were.
async fn cancel(
    tx: &mut Tx,
    act: &mut Act,
    work: &mut Work,
    why: Option<&str>,
    by_operator: bool,
    accept_impact: bool,
) -> Result<Vec<Booking>> {
    let id = work.session.id;
    let hurt = bookings::ahead_in_session(tx, id, act.now).await?;
    if !hurt.is_empty() && !accept_impact {
        return Err(Error::impact(impact_of(tx, &hurt, ImpactKind::Cancelled).await?));
    }
    let mut fallen = bookings::find_all(tx, hurt.iter().copied()).await?;
    fallen.retain(|booking| booking.state.is_sold());
    // The letter about the session tells of its talks; the talks' own letters take them out of calendars.
    let cause = match why {
        _ if by_operator => Cause::by_operator(why.map_or_else(|| reason::code(Refusal::SessionOff), str::to_owned)),
        Some(why) => Cause::by_hosts_because(why),
        None => Cause::by_hosts(Refusal::SessionOff),
    };
    // No offers to waiting lists: there is nothing to wait for.
    work.session.state = SessionState::Cancelled;
    work.cancel_all(tx, act, &hurt, &cause).await?;
    let slots: Vec<_> = desks::slots_of_session(tx, id).await?.into_iter().map(|slot| slot.id).collect();
    work.leave_slots(tx, &slots).await?;
    letters::drop_session_reminders(tx, id, None).await?;
    Ok(fallen)
}

/// Tells everybody who comes, asked to come or was invited, and everybody who hosts, that the session is off; each with the
/// talks of their own that fall with it.
async fn cancel_letters(
    tx: &mut Tx,
    act: &mut Act,
    work: &mut Work,
    by_operator: bool,
    fallen: &[Booking],
) -> Result<()> {
    use RegistrationState::{Registered, Returned};
    let session = work.session.clone();
    work.post.forget(session.id);
    let actor: Actor = match by_operator {
        true => by(Side::Operator, None),
        false => by(Side::Centre, Some(work.post.name(tx, session.lead_centre_id).await?)),
    };
    let facts = Facts {
        link: "/sessions".into(),
        by: Some(actor),
        session: Some(work.post.session(tx, &session).await?),
        ..Facts::default()
    };
    let about = About::session(session.id, format!("session:{}:{}", session.id, session.version));
    for (part, to) in company_side(tx, work).await? {
        let own = fallen.iter().filter(|talk| talk.contact_id == to.id).map(|talk| (talk, talk.centre_id));
        // Who was never approved nor invited has no entry to take away.
        let has_entry = !matches!(part.state, Registered | Returned);
        let facts = Facts {
            reader: Some(Side::Company),
            reason: reason::text(session.state_reason.as_deref(), to.locale),
            talks: lines(tx, work, own).await?,
            calendar: has_entry.then(|| session_invite(&part, &session, Method::Cancel, act.now)),
            ..facts.clone()
        };
        work.post.add(act, LetterKind::SessionCancelled, &to, &about, facts);
    }
    for person in CentreSide::of(tx, session.id).await?.people() {
        let to = work.post.person(tx, person).await?;
        let own = fallen.iter().filter(|talk| talk.staff_id == to.id).map(|talk| (talk, talk.company_id));
        let facts = Facts {
            reader: Some(Side::Centre),
            reason: reason::text(session.state_reason.as_deref(), to.locale),
            talks: lines(tx, work, own).await?,
            ..facts.clone()
        };
        work.post.add(act, LetterKind::SessionCancelled, &to, &about, facts);
    }
    Ok(())
}

/// A reader's talks as a letter lists them, each with the other side.
async fn lines(
    tx: &mut Tx,
    work: &mut Work,
    talks: impl Iterator<Item = (&Booking, OrganisationId)>,
) -> Result<Vec<TalkLine>> {
    let mut lines = Vec::new();
    for (talk, other) in talks {
        let with = work.post.name(tx, other).await?;
        lines.push(TalkLine { starts_at: talk.starts_at, ends_at: talk.ends_at, with });
    }
    Ok(lines)
}

/// Closing: requests are let go, who never came was absent, the hosts hear that the report is there.
async fn close(tx: &mut Tx, act: &mut Act, work: &mut Work) -> Result<()> {
    let id = work.session.id;
    if bookings::unfinished(tx, id, act.now).await? > 0 {
        return Err(Refusal::TalksUnfinished.into());
    }
    let open = bookings::ahead_in_session(tx, id, act.now).await?;
    work.session.state = SessionState::Closed;
    work.expire_all(tx, act, &open).await?;
    let slots: Vec<_> = desks::slots_of_session(tx, id).await?.into_iter().map(|slot| slot.id).collect();
    work.leave_slots(tx, &slots).await?;
    let parts = registrations::in_states(tx, id, &[RegistrationState::Approved, RegistrationState::CheckedIn]).await?;
    for mut part in parts {
        let before = part.state;
        part.state = match before {
            RegistrationState::CheckedIn => RegistrationState::Attended,
            _ => RegistrationState::Absent,
        };
        registrations::update(tx, &part).await?;
        work.note_part(act, "registration.close", &part, before);
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
