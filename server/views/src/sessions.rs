//! Promotion sessions as they are shown: the card, the public page, and the desk of those who host.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use yunqia_domain::{
    Refusal, Timestamp,
    ids::{AgendaItemId, DeskId, OrganisationId, PersonId, SessionId, SessionQuestionId},
    locale::LocalText,
    session::{Entry, judge_entry, may_see_companies, wall_text},
    slot_grid::GridDraft,
    states::{AgendaKind, Audience, BookingBy, BookingMode, CompanyList, QuestionKind, SessionState},
    zones::Zone,
};
use yunqia_store::{Result, Tx, agenda, desks, organisations, registrations, sessions};

use crate::{
    Reader,
    cards::{Cards, OrganisationCard, PersonCard},
    common::Judgement,
    reason,
    registrations::Registration,
};

/// A session in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SessionCard {
    pub id: SessionId,
    pub state: SessionState,
    pub theme: LocalText,
    pub lead: OrganisationCard,
    pub hosts: i64,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    pub zone: Zone,
    pub series: Option<String>,
    pub registrations: i64,
    pub desks: i64,
    pub slots_free: i64,
}

/// Public page of a session, and the base of every other page of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SessionPage {
    pub id: SessionId,
    pub state: SessionState,
    pub state_reason: Option<String>,
    pub theme: LocalText,
    pub summary: LocalText,
    pub series: Option<String>,
    pub zone: Zone,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    pub registration_opens_at: Timestamp,
    pub registration_closes_at: Timestamp,
    pub booking_opens_at: Timestamp,
    pub booking_closes_at: Timestamp,
    pub booking_mode: BookingMode,
    pub slot_minutes: i64,
    pub buffer_minutes: i64,
    pub talks_per_company_max: Option<i64>,
    pub capacity: Option<i64>,
    pub audience: Audience,
    pub lead: OrganisationCard,
    pub hosts: Vec<OrganisationCard>,
    pub agenda: Vec<AgendaItem>,
    pub current_item_id: Option<AgendaItemId>,
    pub desks: Vec<DeskCard>,
    pub projects: i64,
    pub registrations: i64,
    /// Who sees the companies that come.
    pub company_list: CompanyList,
    pub can_see_companies: Judgement,
    pub can_register: Judgement,
    pub can_book: Judgement,
    pub mine: Option<SessionMine>,
    pub version: i64,
}

/// What the signed-in reader is in this session.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SessionMine {
    /// Belongs to a host, or is the operator.
    pub host: bool,
    /// May manage the session: belongs to the lead centre, manages a host, or is the operator.
    pub moderator: bool,
    pub registration: Option<Registration>,
    pub may_enter_hall: Judgement,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AgendaItem {
    pub id: AgendaItemId,
    pub position: i64,
    pub kind: AgendaKind,
    pub minutes: i64,
    pub title: LocalText,
    pub speaker: Option<String>,
    /// By plan: the session's start and the lengths of the items before.
    pub starts_at: Timestamp,
    pub begun_at: Option<Timestamp>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DeskCard {
    pub id: DeskId,
    pub centre: OrganisationCard,
    pub name: LocalText,
    pub room: Option<String>,
    pub position: i64,
    /// Empty for readers who take no part in the session.
    pub staff: Vec<PersonCard>,
    pub version: i64,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SessionQuestion {
    pub id: SessionQuestionId,
    pub kind: QuestionKind,
    pub text: LocalText,
    pub options: Vec<LocalText>,
    pub required: bool,
    /// It is asked no more; only hosts see it, with the answers that were given.
    pub withdrawn: bool,
}

/// What a host may set. Wall times (`2026-11-23T15:00`) are of `zone`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionSettings {
    pub theme: LocalText,
    pub summary: LocalText,
    pub series: Option<String>,
    pub zone: String,
    pub starts_at: String,
    pub ends_at: String,
    pub registration_opens_at: String,
    pub registration_closes_at: String,
    pub booking_opens_at: String,
    pub booking_closes_at: String,
    pub booking_mode: BookingMode,
    /// How long a request holds its slot.
    pub request_minutes: i64,
    /// How long an offer to the waiting list stands.
    pub offer_minutes: i64,
    /// No limit is null.
    pub talks_per_company_max: Option<i64>,
    pub talks_per_desk_max: Option<i64>,
    pub open_requests_max: Option<i64>,
    pub capacity: Option<i64>,
    pub repeat_meetings: bool,
    pub audience: Audience,
    pub company_list: CompanyList,
    pub booking_by: BookingBy,
    pub auto_approve: bool,
    pub chat_review: bool,
    pub question_review: bool,
}

/// For hosts: the settings as stored, and what can be done next.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SessionDesk {
    pub session: SessionPage,
    pub settings: SessionSettings,
    pub questions: Vec<SessionQuestion>,
    pub grid: GridDraft,
    pub moves: Vec<SessionMove>,
    pub counts: SessionCounts,
}

/// A state the session may take next.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SessionMove {
    pub to: SessionState,
    pub ok: bool,
    pub reason: Option<String>,
}

#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct SessionCounts {
    pub invited: i64,
    pub registered: i64,
    pub approved: i64,
    pub returned: i64,
    pub rejected: i64,
    pub requested: i64,
    pub confirmed: i64,
    pub held: i64,
    pub slots: i64,
    pub slots_taken: i64,
    pub held_messages: i64,
    pub open_questions: i64,
}

/// Cards in the order of `ids`.
pub async fn cards(tx: &mut Tx, ids: Vec<SessionId>, reader: &Reader) -> Result<Vec<SessionCard>> {
    let rows = sessions::find_all(tx, ids.iter().copied()).await?;
    let hosts = sessions::hosts(tx, ids.iter().copied()).await?;
    let numbers = sessions::numbers(tx, ids.iter().copied(), reader.now).await?;
    let cards = Cards::read(tx, [], rows.iter().map(|row| row.lead_centre_id)).await?;
    Ok(ids
        .iter()
        .filter_map(|id| {
            let row = rows.iter().find(|row| row.id == *id)?;
            let numbers = numbers.iter().find(|numbers| numbers.session_id == *id)?;
            Some(SessionCard {
                id: row.id,
                state: row.state_at(reader.now),
                theme: row.theme(),
                lead: cards.organisation(row.lead_centre_id),
                hosts: i64::try_from(hosts.iter().filter(|host| host.session_id == *id).count()).unwrap_or(0),
                starts_at: row.starts_at,
                ends_at: row.ends_at,
                zone: row.zone.clone(),
                series: row.series.clone(),
                registrations: numbers.registrations,
                desks: numbers.desks,
                slots_free: numbers.slots_free,
            })
        })
        .collect())
}

/// The page of a session. Whether the reader may see it is the caller's question: [`is_visible`].
pub async fn page(tx: &mut Tx, row: &sessions::Session, reader: &Reader) -> Result<SessionPage> {
    let hosts = sessions::hosts(tx, [row.id]).await?;
    let mut desks = desk_cards(tx, row.id).await?;
    let items = agenda::items(tx, row.id).await?;
    let projects = sessions::projects(tx, row.id).await?;
    let numbers = sessions::numbers(tx, [row.id], reader.now).await?.pop().ok_or(yunqia_store::Error::NotFound)?;
    let cards = Cards::read(tx, [], hosts.iter().map(|host| host.centre_id).chain([row.lead_centre_id])).await?;
    let host_ids: Vec<OrganisationId> = hosts.iter().map(|host| host.centre_id).collect();
    let mine = mine(tx, row, &host_ids, reader).await?;
    let part = mine.as_ref().and_then(|mine| mine.registration.as_ref());
    // Who sits at the desks is told with the timetable, to the same readers.
    if !mine.as_ref().is_some_and(|mine| mine.host) && !part.is_some_and(|part| part.state.takes_part()) {
        desks.iter_mut().for_each(|desk| desk.staff.clear());
    }
    let state = row.state_at(reader.now);
    let taking_part = registrations::taking_part(tx, row.id).await?;
    let entry = Entry {
        now: reader.now,
        state,
        windows: row.windows(),
        audience: row.audience,
        capacity: row.capacity,
        taking_part,
        registration: part.map(|part| part.state),
        known: mine.is_some(),
    };
    let can_book = match () {
        () if state.is_over() => Err(Refusal::SessionOver),
        () if !state.takes_bookings() || reader.now < row.booking_opens_at => Err(Refusal::BookingNotOpen),
        () if reader.now >= row.booking_closes_at => Err(Refusal::BookingClosed),
        () if row.booking_by == BookingBy::Hosts => Err(Refusal::HostsBook),
        () if part.is_some_and(|part| !part.state.takes_part()) => Err(Refusal::NotApproved),
        () if mine.is_some() && part.is_none() => Err(Refusal::NotRegistered),
        () => Ok(()),
    };
    Ok(SessionPage {
        id: row.id,
        state,
        state_reason: reason::text(row.state_reason.as_deref(), reader.locale),
        theme: row.theme(),
        summary: row.summary(),
        series: row.series.clone(),
        zone: row.zone.clone(),
        starts_at: row.starts_at,
        ends_at: row.ends_at,
        registration_opens_at: row.registration_opens_at,
        registration_closes_at: row.registration_closes_at,
        booking_opens_at: row.booking_opens_at,
        booking_closes_at: row.booking_closes_at,
        booking_mode: row.booking_mode,
        slot_minutes: row.slot_minutes,
        buffer_minutes: row.buffer_minutes,
        talks_per_company_max: row.talks_per_company_max,
        capacity: row.capacity,
        audience: row.audience,
        lead: cards.organisation(row.lead_centre_id),
        hosts: host_ids.iter().map(|id| cards.organisation(*id)).collect(),
        agenda: agenda_of(row, items),
        current_item_id: row.current_item_id,
        desks,
        projects: i64::try_from(projects.len()).unwrap_or(0),
        registrations: numbers.registrations,
        company_list: row.company_list,
        can_see_companies: Judgement::of(
            may_see_companies(
                row.company_list,
                mine.as_ref().is_some_and(|mine| mine.host),
                part.map(|part| part.state),
            ),
            reader.locale,
        ),
        can_register: Judgement::of(judge_entry(&entry), reader.locale),
        can_book: Judgement::of(can_book, reader.locale),
        mine,
        version: row.version,
    })
}

/// Anybody may read a published session; what is not published is its hosts' and the operator's. One that was cancelled
/// stays public only if it ever was, which its reason tells nobody else.
pub fn is_visible(row: &sessions::Session, hosts: &[OrganisationId], reader: &Reader) -> bool {
    row.state.is_public() || reader.operator || hosts.iter().any(|host| reader.is_member_of(*host))
}

/// The desks that stand, with their staff.
pub async fn desk_cards(tx: &mut Tx, session: SessionId) -> Result<Vec<DeskCard>> {
    let rows = desks::of_session(tx, session).await?;
    let staff = desks::staff_of_session(tx, session).await?;
    desk_cards_of(tx, rows, staff).await
}

pub async fn desk_card(tx: &mut Tx, desk: DeskId) -> Result<DeskCard> {
    let rows = desks::find_all(tx, [desk]).await?;
    let staff = desks::staff(tx, [desk]).await?;
    desk_cards_of(tx, rows, staff).await?.pop().ok_or(yunqia_store::Error::NotFound)
}

async fn desk_cards_of(tx: &mut Tx, rows: Vec<desks::Desk>, staff: Vec<desks::Staff>) -> Result<Vec<DeskCard>> {
    let cards = Cards::read(tx, staff.iter().map(|row| row.person_id), rows.iter().map(|row| row.centre_id)).await?;
    Ok(rows
        .into_iter()
        .map(|row| DeskCard {
            id: row.id,
            centre: cards.organisation(row.centre_id),
            name: row.name(),
            position: row.position,
            staff: staff
                .iter()
                .filter(|member| member.desk_id == row.id)
                .map(|member| cards.person(member.person_id, Some(row.centre_id)))
                .collect(),
            room: row.room,
            version: row.version,
        })
        .collect())
}

/// What companies are asked.
pub async fn questions(tx: &mut Tx, session: SessionId) -> Result<Vec<SessionQuestion>> {
    let mut questions = all_questions(tx, session).await?;
    questions.retain(|question| !question.withdrawn);
    Ok(questions)
}

/// The same, and after them what was asked and answered once.
pub async fn all_questions(tx: &mut Tx, session: SessionId) -> Result<Vec<SessionQuestion>> {
    let rows = agenda::all_questions(tx, session).await?;
    Ok(rows
        .into_iter()
        .map(|row| SessionQuestion {
            id: row.id,
            kind: row.kind,
            text: row.text(),
            options: row.options.0,
            required: row.required,
            withdrawn: row.withdrawn_at.is_some(),
        })
        .collect())
}

/// The page of those who host. `judge_move` says what stands in the way of a move.
pub async fn desk(
    tx: &mut Tx,
    row: &sessions::Session,
    moves: Vec<(SessionState, std::result::Result<(), Refusal>)>,
    reader: &Reader,
) -> Result<SessionDesk> {
    let counts = sessions::counts(tx, row.id).await?;
    let moves = moves.into_iter().map(|(to, judged)| SessionMove {
        to,
        ok: judged.is_ok(),
        reason: judged.err().map(|refusal| refusal.text(reader.locale).to_owned()),
    });
    Ok(SessionDesk {
        session: page(tx, row, reader).await?,
        settings: settings(row),
        questions: all_questions(tx, row.id).await?,
        grid: row.grid.0.clone(),
        moves: moves.collect(),
        counts: SessionCounts {
            invited: counts.invited,
            registered: counts.registered,
            approved: counts.approved,
            returned: counts.returned,
            rejected: counts.rejected,
            requested: counts.requested,
            confirmed: counts.confirmed,
            held: counts.held,
            slots: counts.slots,
            slots_taken: counts.slots_taken,
            held_messages: counts.held_messages,
            open_questions: counts.open_questions,
        },
    })
}

/// The settings of a session as its host edits them.
pub fn settings(row: &sessions::Session) -> SessionSettings {
    let wall = |instant| wall_text(instant, &row.zone);
    SessionSettings {
        theme: row.theme(),
        summary: row.summary(),
        series: row.series.clone(),
        zone: row.zone.to_string(),
        starts_at: wall(row.starts_at),
        ends_at: wall(row.ends_at),
        registration_opens_at: wall(row.registration_opens_at),
        registration_closes_at: wall(row.registration_closes_at),
        booking_opens_at: wall(row.booking_opens_at),
        booking_closes_at: wall(row.booking_closes_at),
        booking_mode: row.booking_mode,
        request_minutes: row.request_minutes,
        offer_minutes: row.offer_minutes,
        talks_per_company_max: row.talks_per_company_max,
        talks_per_desk_max: row.talks_per_desk_max,
        open_requests_max: row.open_requests_max,
        capacity: row.capacity,
        repeat_meetings: row.repeat_meetings,
        audience: row.audience,
        company_list: row.company_list,
        booking_by: row.booking_by,
        auto_approve: row.auto_approve,
        chat_review: row.chat_review,
        question_review: row.question_review,
    }
}

pub async fn mine(
    tx: &mut Tx,
    row: &sessions::Session,
    hosts: &[OrganisationId],
    reader: &Reader,
) -> Result<Option<SessionMine>> {
    let Some(person) = reader.person else { return Ok(None) };
    let host = reader.operator || hosts.iter().any(|host| reader.is_member_of(*host));
    let moderator =
        reader.operator || reader.is_member_of(row.lead_centre_id) || manages_a_host(tx, person, hosts).await?;
    // A person of several companies sees the one that got furthest.
    let rows = registrations::of_companies(tx, row.id, reader.organisations.iter().copied()).await?;
    let best = rows.iter().max_by_key(|row| (row.state.takes_part(), row.created_at));
    let registration = match best {
        Some(best) => Some(crate::registrations::registration(tx, best.id, reader).await?),
        None => None,
    };
    let attends = registration.as_ref().is_some_and(|registration| {
        registration.state.takes_part() && registration.attendees.iter().any(|attendee| attendee.id == person)
    });
    let state = row.state_at(reader.now);
    let may_enter = match () {
        () if !host && !attends => Err(Refusal::NotAttending),
        () if state.is_over() => Err(Refusal::SessionOver),
        () if !state.has_hall() && !host => Err(Refusal::HallNotOpen),
        () => Ok(()),
    };
    Ok(Some(SessionMine { host, moderator, registration, may_enter_hall: Judgement::of(may_enter, reader.locale) }))
}

async fn manages_a_host(tx: &mut Tx, person: PersonId, hosts: &[OrganisationId]) -> Result<bool> {
    let memberships = organisations::memberships(tx, person).await?;
    Ok(memberships.iter().any(|membership| {
        membership.role == yunqia_domain::states::Role::Manager && hosts.contains(&membership.organisation_id)
    }))
}

fn agenda_of(row: &sessions::Session, items: Vec<agenda::Item>) -> Vec<AgendaItem> {
    let mut starts_at = row.starts_at;
    items
        .into_iter()
        .map(|item| {
            let view = AgendaItem {
                id: item.id,
                position: item.position,
                title: item.title(),
                kind: item.kind,
                minutes: item.minutes,
                speaker: item.speaker,
                starts_at,
                begun_at: item.begun_at,
            };
            starts_at = starts_at.plus_minutes(item.minutes);
            view
        })
        .collect()
}
