//! Making a session: from a run sheet, or by copying an earlier one.

use jiff::{SignedDuration, civil::DateTime};
use serde_json::json;
use yunqia_domain::{
    Refusal, Timestamp,
    ids::{AgendaItemId, DeskId, SessionId, SessionQuestionId},
    run_sheet::{self, RunSheet},
    session::{SERIES_LENGTH_MAX, SUMMARY_LENGTH_MAX, TITLE_LENGTH_MAX, defaults, wall_time},
    slot_grid::{BlockDraft, BreakDraft, GridDraft},
    states::{Audience, BookingBy, BookingMode, CompanyList, OrganisationKind, OrganisationState, SessionState},
    zones::Zone,
};
use yunqia_store::{
    Json, Tx, agenda, desks, organisations,
    sessions::{self, Session},
};
use yunqia_views::drafts::SessionDraft;

use super::{find, grid::fill_desk};
use crate::{
    Act,
    act::Note,
    error::{Error, Result},
    standing::{Standing, allowed, is_operator},
    words::Wrong,
};

/// Makes a session as a draft. Anybody of the lead centre may, and the operator.
pub async fn create(tx: &mut Tx, act: &mut Act, draft: SessionDraft) -> Result<SessionId> {
    let person = act.person()?;
    let memberships = organisations::memberships(tx, person).await?;
    let member = memberships.iter().any(|membership| membership.organisation_id == draft.lead_centre_id);
    allowed(member || is_operator(tx, person).await?)?;
    let state = organisations::state_of(tx, draft.lead_centre_id, OrganisationKind::Centre).await?;
    if state != Some(OrganisationState::Approved) {
        return Err(Error::field("/lead_centre_id", Refusal::NotACentre));
    }
    let session = match draft.copy_of {
        Some(earlier) => copy(tx, act, draft, earlier).await?,
        None => from_run_sheet(tx, act, draft).await?,
    };
    act.note(
        tx,
        Note {
            act: "session.create",
            kind: "session",
            subject: session.id.0,
            session: Some(session.id),
            before: None,
            after: Some(json!({ "theme": session.theme(), "starts_at": session.starts_at })),
        },
    )
    .await?;
    Ok(session.id)
}

async fn from_run_sheet(tx: &mut Tx, act: &mut Act, draft: SessionDraft) -> Result<Session> {
    let mut wrong = Wrong::default();
    let sheet = match &draft.run_sheet {
        Some(code) => {
            let sheet = run_sheet::find(code).filter(|sheet| !sheet.items.is_empty());
            if sheet.is_none() {
                wrong.add("/run_sheet", Refusal::UnknownChoice);
            }
            sheet
        }
        None => None,
    };
    let mut session = blank(act, draft, &mut wrong)?;
    wrong.done()?;
    let hall = sheet.map_or(defaults::HALL_MINUTES, RunSheet::total_minutes);
    session.ends_at = session.starts_at.plus_minutes(hall);
    let talks = sheet.and_then(|sheet| sheet.talks);
    session.slot_minutes = talks.map_or(defaults::SLOT_MINUTES, |talks| talks.slot_minutes);
    session.buffer_minutes = talks.map_or(defaults::BUFFER_MINUTES, |talks| talks.buffer_minutes);
    let first_talk = rounded_up(session.ends_at.plus_minutes(defaults::PAUSE_MINUTES));
    let talk_minutes = talks.map_or(0, |talks| talks.total_minutes());
    session.grid = Json(GridDraft {
        slot_minutes: session.slot_minutes,
        buffer_minutes: session.buffer_minutes,
        blocks: block(first_talk, talk_minutes, &session.zone).into_iter().collect(),
    });
    session.registration_closes_at = session.ends_at;
    session.booking_closes_at = first_talk.plus_minutes(talk_minutes).max(session.ends_at);
    sessions::insert(tx, &session).await?;
    sessions::set_hosts(tx, session.id, &[session.lead_centre_id]).await?;
    let items: Vec<agenda::Item> = sheet
        .map_or(&[][..], |sheet| &sheet.items)
        .iter()
        .zip(1i64..)
        .map(|(item, position)| agenda::Item {
            id: act.id::<AgendaItemId>(),
            session_id: session.id,
            position,
            kind: item.kind,
            minutes: item.minutes,
            title_hans: item.title.hans.clone(),
            title_hant: item.title.hant.clone(),
            title_en: item.title.en.clone(),
            speaker: None,
            begun_at: None,
        })
        .collect();
    agenda::set_items(tx, session.id, &items).await?;
    Ok(session)
}

/// Everything of the earlier session but its companies, with all times moved by the same stretch.
async fn copy(tx: &mut Tx, act: &mut Act, draft: SessionDraft, earlier: SessionId) -> Result<Session> {
    let from = find(tx, earlier).await?;
    let standing = Standing::read(tx, act, &from).await?;
    standing.must_host()?;
    let mut wrong = Wrong::default();
    let new = blank(act, draft, &mut wrong)?;
    wrong.done()?;
    let shift = new.starts_at.since(from.starts_at);
    let moved = |instant: Timestamp| instant.plus(shift);
    let session = Session {
        ends_at: moved(from.ends_at),
        registration_closes_at: moved(from.registration_closes_at).max(act.now.plus_minutes(1)),
        booking_opens_at: moved(from.booking_opens_at).max(act.now),
        booking_closes_at: moved(from.booking_closes_at).max(act.now.plus_minutes(1)),
        grid: Json(moved_grid(&from.grid.0, &from, &new)),
        copied_from: Some(from.id),
        slot_minutes: from.slot_minutes,
        buffer_minutes: from.buffer_minutes,
        booking_mode: from.booking_mode,
        request_minutes: from.request_minutes,
        offer_minutes: from.offer_minutes,
        talks_per_company_max: from.talks_per_company_max,
        talks_per_desk_max: from.talks_per_desk_max,
        open_requests_max: from.open_requests_max,
        capacity: from.capacity,
        repeat_meetings: from.repeat_meetings,
        audience: from.audience,
        company_list: from.company_list,
        booking_by: from.booking_by,
        auto_approve: from.auto_approve,
        chat_review: from.chat_review,
        question_review: from.question_review,
        ..new
    };
    sessions::insert(tx, &session).await?;
    let mut hosts = standing.hosts.clone();
    hosts.retain(|host| *host != session.lead_centre_id);
    hosts.insert(0, session.lead_centre_id);
    sessions::set_hosts(tx, session.id, &hosts).await?;
    let projects = sessions::projects(tx, from.id).await?;
    sessions::set_projects(tx, session.id, &projects).await?;
    copy_agenda(tx, act, &from, &session).await?;
    copy_desks(tx, act, &from, &session).await?;
    Ok(session)
}

async fn copy_agenda(tx: &mut Tx, act: &mut Act, from: &Session, to: &Session) -> Result<()> {
    let mut items = agenda::items(tx, from.id).await?;
    for item in &mut items {
        item.id = act.id::<AgendaItemId>();
        item.begun_at = None;
    }
    agenda::set_items(tx, to.id, &items).await?;
    let mut questions = agenda::questions(tx, from.id).await?;
    for question in &mut questions {
        question.id = act.id::<SessionQuestionId>();
    }
    agenda::set_questions(tx, to.id, &questions).await?;
    Ok(())
}

async fn copy_desks(tx: &mut Tx, act: &mut Act, from: &Session, to: &Session) -> Result<()> {
    let staff = desks::staff_of_session(tx, from.id).await?;
    for desk in desks::of_session(tx, from.id).await? {
        let id: DeskId = act.id();
        let people: Vec<_> = staff.iter().filter(|row| row.desk_id == desk.id).map(|row| row.person_id).collect();
        desks::insert(tx, &desks::Desk { id, session_id: to.id, version: 1, ..desk }).await?;
        desks::set_staff(tx, id, &people).await?;
        fill_desk(tx, act, to, id).await?;
    }
    Ok(())
}

/// A session with what the draft says and the defaults for the rest.
fn blank(act: &mut Act, draft: SessionDraft, wrong: &mut Wrong) -> Result<Session> {
    let person = act.person()?;
    let theme = wrong.title("/theme", draft.theme, TITLE_LENGTH_MAX);
    let summary = wrong.description("/summary", draft.summary, SUMMARY_LENGTH_MAX);
    let series = wrong.optional_line("/series", draft.series, SERIES_LENGTH_MAX);
    let zone: Zone = draft.zone.parse().map_err(|_| Error::field("/zone", Refusal::ZoneUnknown))?;
    let starts_at = wall_time(&draft.starts_at, &zone).map_err(|refusal| Error::field("/starts_at", refusal))?;
    if starts_at <= act.now {
        wrong.add("/starts_at", Refusal::DatePast);
    }
    let booking_opens_at = starts_at.plus(SignedDuration::from_hours(-24 * defaults::BOOKING_OPENS_DAYS)).max(act.now);
    Ok(Session {
        id: act.id::<SessionId>(),
        state: SessionState::Draft,
        state_reason: None,
        lead_centre_id: draft.lead_centre_id,
        theme_hans: theme.hans,
        theme_hant: theme.hant,
        theme_en: theme.en,
        summary_hans: summary.hans,
        summary_hant: summary.hant,
        summary_en: summary.en,
        series,
        zone,
        starts_at,
        ends_at: starts_at.plus_minutes(defaults::HALL_MINUTES),
        // It opens when the session is published.
        registration_opens_at: act.now,
        registration_closes_at: starts_at.plus_minutes(defaults::HALL_MINUTES),
        booking_opens_at,
        booking_closes_at: starts_at.plus_minutes(defaults::HALL_MINUTES),
        booking_mode: BookingMode::FirstCome,
        slot_minutes: defaults::SLOT_MINUTES,
        buffer_minutes: defaults::BUFFER_MINUTES,
        grid: Json(GridDraft {
            slot_minutes: defaults::SLOT_MINUTES,
            buffer_minutes: defaults::BUFFER_MINUTES,
            blocks: Vec::new(),
        }),
        request_minutes: defaults::REQUEST_MINUTES,
        offer_minutes: defaults::OFFER_MINUTES,
        talks_per_company_max: None,
        talks_per_desk_max: None,
        open_requests_max: Some(defaults::OPEN_REQUESTS_MAX),
        capacity: None,
        repeat_meetings: false,
        audience: Audience::Public,
        company_list: CompanyList::Hosts,
        booking_by: BookingBy::Approved,
        auto_approve: false,
        chat_review: false,
        question_review: false,
        current_item_id: None,
        copied_from: None,
        created_by: person,
        created_at: act.now,
        hall_opened_at: None,
        closed_at: None,
        version: 1,
    })
}

/// The next full five minutes: slots begin on them.
fn rounded_up(instant: Timestamp) -> Timestamp {
    let over = instant.jiff().as_second().rem_euclid(300);
    instant.plus(SignedDuration::from_secs(if over == 0 { 0 } else { 300 - over }))
}

/// One block of wall time from an instant on, unless it would run over midnight: then the host says when talks are.
fn block(first: Timestamp, minutes: i64, zone: &Zone) -> Option<BlockDraft> {
    let (from, until) = (zone.wall_at(first), zone.wall_at(first.plus_minutes(minutes)));
    (minutes > 0 && from.date() == until.date()).then(|| BlockDraft {
        date: from.date().to_string(),
        from: from.strftime("%H:%M").to_string(),
        until: until.strftime("%H:%M").to_string(),
        breaks: Vec::new(),
    })
}

/// The same grid on the new session's days. A block that would leave its day is left out.
fn moved_grid(grid: &GridDraft, from: &Session, to: &Session) -> GridDraft {
    let (old, new) = (from.zone.wall_at(from.starts_at), to.zone.wall_at(to.starts_at));
    let shift = new.duration_since(old);
    let moved = |date: &str, time: &str| -> Option<DateTime> {
        let wall: DateTime = format!("{date}T{time}").parse().ok()?;
        wall.checked_add(shift).ok()
    };
    let clock = |wall: DateTime| wall.strftime("%H:%M").to_string();
    let block = |block: &BlockDraft| {
        let (start, end) = (moved(&block.date, &block.from)?, moved(&block.date, &block.until)?);
        let breaks = block.breaks.iter().filter_map(|pause| {
            let (start, end) = (moved(&block.date, &pause.from)?, moved(&block.date, &pause.until)?);
            Some(BreakDraft { from: clock(start), until: clock(end) })
        });
        (start.date() == end.date() || block.until == "00:00").then(|| BlockDraft {
            date: start.date().to_string(),
            from: clock(start),
            until: clock(end),
            breaks: breaks.collect(),
        })
    };
    let blocks: Vec<BlockDraft> = grid.blocks.iter().filter_map(block).collect();
    let moved = GridDraft { blocks, ..grid.clone() };
    // A wall time may not exist on the new day; then the host enters the grid anew.
    if moved.slots(&to.zone).is_ok() { moved } else { GridDraft { blocks: Vec::new(), ..grid.clone() } }
}
