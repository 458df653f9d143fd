//! Promotion sessions with their hosts and projects on offer.

use sqlx::types::Json;
use yunqia_domain::{
    Timestamp,
    ids::{AgendaItemId, OpportunityId, OrganisationId, PersonId, SessionId},
    locale::LocalText,
    search,
    session::Windows,
    slot_grid::GridDraft,
    states::{Audience, BookingBy, BookingMode, CompanyList, SessionState},
    zones::Zone,
};

use crate::db::{Result, Tx, sql};

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Session {
    pub id: SessionId,
    /// As last written down; by the clock it may be further ([`Session::state_at`]).
    pub state: SessionState,
    pub state_reason: Option<String>,
    pub lead_centre_id: OrganisationId,
    pub theme_hans: Option<String>,
    pub theme_hant: Option<String>,
    pub theme_en: Option<String>,
    pub summary_hans: Option<String>,
    pub summary_hant: Option<String>,
    pub summary_en: Option<String>,
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
    pub grid: Json<GridDraft>,
    pub request_minutes: i64,
    pub offer_minutes: i64,
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
    pub current_item_id: Option<AgendaItemId>,
    pub copied_from: Option<SessionId>,
    pub created_by: PersonId,
    pub created_at: Timestamp,
    pub hall_opened_at: Option<Timestamp>,
    pub closed_at: Option<Timestamp>,
    pub version: i64,
}

impl Session {
    pub fn theme(&self) -> LocalText {
        LocalText::from_columns(self.theme_hans.clone(), self.theme_hant.clone(), self.theme_en.clone())
    }

    pub fn summary(&self) -> LocalText {
        LocalText::from_columns(self.summary_hans.clone(), self.summary_hant.clone(), self.summary_en.clone())
    }

    pub fn windows(&self) -> Windows {
        Windows {
            starts_at: self.starts_at,
            ends_at: self.ends_at,
            registration_opens_at: self.registration_opens_at,
            registration_closes_at: self.registration_closes_at,
            booking_opens_at: self.booking_opens_at,
            booking_closes_at: self.booking_closes_at,
        }
    }

    /// The state by the clock: what was written down may lag by as long as the job that writes it sleeps.
    pub fn state_at(&self, now: Timestamp) -> SessionState {
        yunqia_domain::session::state_at(self.state, &self.windows(), now)
    }
}

pub async fn find(tx: &mut Tx, id: SessionId) -> Result<Option<Session>> {
    Ok(find_all(tx, [id]).await?.pop())
}

pub async fn find_all(tx: &mut Tx, ids: impl IntoIterator<Item = SessionId>) -> Result<Vec<Session>> {
    sql("SELECT id, state, state_reason, lead_centre_id, theme_hans, theme_hant, theme_en, summary_hans, summary_hant,
                summary_en, series, zone, starts_at, ends_at, registration_opens_at, registration_closes_at,
                booking_opens_at, booking_closes_at, booking_mode, slot_minutes, buffer_minutes, grid, request_minutes,
                offer_minutes, talks_per_company_max, talks_per_desk_max, open_requests_max, capacity, repeat_meetings,
                audience, company_list, booking_by, auto_approve, chat_review, question_review, current_item_id,
                copied_from, created_by, created_at, hall_opened_at, closed_at, version
         FROM sessions WHERE id IN (..)")
    .list(ids)
    .all(tx)
    .await
}

pub async fn insert(tx: &mut Tx, session: &Session) -> Result<()> {
    sql("INSERT INTO sessions (id, state, state_reason, lead_centre_id, theme_hans, theme_hant, theme_en, theme_key,
                               summary_hans, summary_hant, summary_en, series, zone, starts_at, ends_at,
                               registration_opens_at, registration_closes_at, booking_opens_at, booking_closes_at,
                               booking_mode, slot_minutes, buffer_minutes, grid, request_minutes, offer_minutes,
                               talks_per_company_max, talks_per_desk_max, open_requests_max, capacity, repeat_meetings,
                               audience, company_list, booking_by, auto_approve, chat_review, question_review,
                               current_item_id, copied_from, created_by, created_at, hall_opened_at, closed_at, version)
         VALUES (..)")
    .rows([session], |query, s| {
        query
            .bind(s.id)
            .bind(s.state)
            .bind(&s.state_reason)
            .bind(s.lead_centre_id)
            .bind(&s.theme_hans)
            .bind(&s.theme_hant)
            .bind(&s.theme_en)
            .bind(search::key(&s.theme(), None))
            .bind(&s.summary_hans)
            .bind(&s.summary_hant)
            .bind(&s.summary_en)
            .bind(&s.series)
            .bind(&s.zone)
            .bind(s.starts_at)
            .bind(s.ends_at)
            .bind(s.registration_opens_at)
            .bind(s.registration_closes_at)
            .bind(s.booking_opens_at)
            .bind(s.booking_closes_at)
            .bind(s.booking_mode)
            .bind(s.slot_minutes)
            .bind(s.buffer_minutes)
            .bind(&s.grid)
            .bind(s.request_minutes)
            .bind(s.offer_minutes)
            .bind(s.talks_per_company_max)
            .bind(s.talks_per_desk_max)
            .bind(s.open_requests_max)
            .bind(s.capacity)
            .bind(s.repeat_meetings)
            .bind(s.audience)
            .bind(s.company_list)
            .bind(s.booking_by)
            .bind(s.auto_approve)
            .bind(s.chat_review)
            .bind(s.question_review)
            .bind(s.current_item_id)
            .bind(s.copied_from)
            .bind(s.created_by)
            .bind(s.created_at)
            .bind(s.hall_opened_at)
            .bind(s.closed_at)
            .bind(s.version)
    })
    .execute(tx)
    .await?;
    Ok(())
}

/// Writes the changeable parts of a session and raises its version. False if `session.version` is not the stored one.
pub async fn update(tx: &mut Tx, session: &Session) -> Result<bool> {
    let s = session;
    let changed = sql("UPDATE sessions SET state = $1, state_reason = $2, theme_hans = $3, theme_hant = $4, theme_en = $5,
                theme_key = $6, summary_hans = $7, summary_hant = $8, summary_en = $9, series = $10, zone = $11,
                starts_at = $12, ends_at = $13, registration_opens_at = $14, registration_closes_at = $15,
                booking_opens_at = $16, booking_closes_at = $17, booking_mode = $18, slot_minutes = $19,
                buffer_minutes = $20, grid = $21, request_minutes = $22, offer_minutes = $23, talks_per_company_max = $24,
                talks_per_desk_max = $25, open_requests_max = $26, capacity = $27, repeat_meetings = $28, audience = $29,
                company_list = $30, booking_by = $31, auto_approve = $32, chat_review = $33, question_review = $34,
                current_item_id = $35, hall_opened_at = $36, closed_at = $37, version = version + 1
         WHERE id = $38 AND version = $39")
    .bind(s.state)
    .bind(&s.state_reason)
    .bind(&s.theme_hans)
    .bind(&s.theme_hant)
    .bind(&s.theme_en)
    .bind(search::key(&s.theme(), None))
    .bind(&s.summary_hans)
    .bind(&s.summary_hant)
    .bind(&s.summary_en)
    .bind(&s.series)
    .bind(&s.zone)
    .bind(s.starts_at)
    .bind(s.ends_at)
    .bind(s.registration_opens_at)
    .bind(s.registration_closes_at)
    .bind(s.booking_opens_at)
    .bind(s.booking_closes_at)
    .bind(s.booking_mode)
    .bind(s.slot_minutes)
    .bind(s.buffer_minutes)
    .bind(&s.grid)
    .bind(s.request_minutes)
    .bind(s.offer_minutes)
    .bind(s.talks_per_company_max)
    .bind(s.talks_per_desk_max)
    .bind(s.open_requests_max)
    .bind(s.capacity)
    .bind(s.repeat_meetings)
    .bind(s.audience)
    .bind(s.company_list)
    .bind(s.booking_by)
    .bind(s.auto_approve)
    .bind(s.chat_review)
    .bind(s.question_review)
    .bind(s.current_item_id)
    .bind(s.hall_opened_at)
    .bind(s.closed_at)
    .bind(s.id)
    .bind(s.version)
    .execute(tx)
    .await?;
    Ok(changed == 1)
}

/// Which sessions a list wants.
#[derive(Clone, Debug)]
pub struct Filter {
    pub states: Vec<SessionState>,
    pub host: Option<OrganisationId>,
    /// As `domain::search::typed` gives them; empty: any.
    pub words: String,
    /// The last one on the page before.
    pub after: Option<Place>,
    pub limit: i64,
}

/// A place in a list of sessions.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct Place {
    pub starts_at: Timestamp,
    pub id: SessionId,
}

/// Sessions that have begun or are to come, the next first.
pub async fn soonest_first(tx: &mut Tx, filter: &Filter) -> Result<Vec<Place>> {
    let query = sql("SELECT s.starts_at, s.id FROM sessions s
         WHERE (s.starts_at > $1 OR (s.starts_at = $1 AND s.id > $2)) AND s.theme_key LIKE $3 ESCAPE '\\'
           AND ($4 OR EXISTS (SELECT 1 FROM session_hosts h WHERE h.session_id = s.id AND h.centre_id = $5))
           AND s.state IN (..)
         ORDER BY s.starts_at, s.id LIMIT $6");
    let first = Place { starts_at: bound("0001-01-01T00:00:00Z"), id: SessionId(uuid::Uuid::nil()) };
    filtered(query, filter, first).all(tx).await
}

/// The same, the latest first.
pub async fn latest_first(tx: &mut Tx, filter: &Filter) -> Result<Vec<Place>> {
    let query = sql("SELECT s.starts_at, s.id FROM sessions s
         WHERE (s.starts_at < $1 OR (s.starts_at = $1 AND s.id < $2)) AND s.theme_key LIKE $3 ESCAPE '\\'
           AND ($4 OR EXISTS (SELECT 1 FROM session_hosts h WHERE h.session_id = s.id AND h.centre_id = $5))
           AND s.state IN (..)
         ORDER BY s.starts_at DESC, s.id DESC LIMIT $6");
    let first = Place { starts_at: bound("9999-01-01T00:00:00Z"), id: SessionId(uuid::Uuid::max()) };
    filtered(query, filter, first).all(tx).await
}

fn filtered(query: crate::db::Query, filter: &Filter, first: Place) -> crate::db::Query {
    let after = filter.after.unwrap_or(first);
    query
        .bind(after.starts_at)
        .bind(after.id)
        .bind(crate::like(&filter.words))
        .bind(filter.host.is_none())
        .bind(filter.host.unwrap_or(OrganisationId(uuid::Uuid::nil())))
        .bind(filter.limit)
        .list(filter.states.iter().copied())
}

fn bound(text: &str) -> Timestamp {
    text.parse().expect("a constant of this file")
}

/// Sessions whose state the clock may have to move on.
pub async fn on_the_clock(tx: &mut Tx, states: &[SessionState]) -> Result<Vec<SessionId>> {
    let ids: Vec<(SessionId,)> =
        sql("SELECT id FROM sessions WHERE state IN (..)").list(states.iter().copied()).all(tx).await?;
    Ok(ids.into_iter().map(|(id,)| id).collect())
}

#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct Host {
    pub session_id: SessionId,
    pub centre_id: OrganisationId,
    pub position: i64,
}

/// The hosts of sessions, in order; the lead centre is one of them.
pub async fn hosts(tx: &mut Tx, sessions: impl IntoIterator<Item = SessionId>) -> Result<Vec<Host>> {
    sql("SELECT session_id, centre_id, position FROM session_hosts WHERE session_id IN (..) ORDER BY session_id, position")
        .list(sessions)
        .all(tx)
        .await
}

pub async fn set_hosts(tx: &mut Tx, session: SessionId, centres: &[OrganisationId]) -> Result<()> {
    sql("DELETE FROM session_hosts WHERE session_id = $1").bind(session).execute(tx).await?;
    sql("INSERT INTO session_hosts (session_id, centre_id, position) VALUES (..)")
        .rows(centres.iter().zip(1i64..), |query, (centre, position)| query.bind(session).bind(*centre).bind(position))
        .execute(tx)
        .await?;
    Ok(())
}

/// The projects a session offers, in order.
pub async fn projects(tx: &mut Tx, session: SessionId) -> Result<Vec<OpportunityId>> {
    let ids: Vec<(OpportunityId,)> =
        sql("SELECT opportunity_id FROM session_projects WHERE session_id = $1 ORDER BY position, opportunity_id")
            .bind(session)
            .all(tx)
            .await?;
    Ok(ids.into_iter().map(|(id,)| id).collect())
}

pub async fn set_projects(tx: &mut Tx, session: SessionId, opportunities: &[OpportunityId]) -> Result<()> {
    sql("DELETE FROM session_projects WHERE session_id = $1").bind(session).execute(tx).await?;
    if opportunities.is_empty() {
        return Ok(());
    }
    sql("INSERT INTO session_projects (session_id, opportunity_id, position) VALUES (..)")
        .rows(opportunities.iter().zip(1i64..), |query, (id, position)| query.bind(session).bind(*id).bind(position))
        .execute(tx)
        .await?;
    Ok(())
}

/// Which of these opportunities exist.
pub async fn known_projects(tx: &mut Tx, ids: &[OpportunityId]) -> Result<Vec<OpportunityId>> {
    let found: Vec<(OpportunityId,)> =
        sql("SELECT id FROM opportunities WHERE id IN (..)").list(ids.iter().copied()).all(tx).await?;
    Ok(found.into_iter().map(|(id,)| id).collect())
}

/// What a card counts.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct Numbers {
    pub session_id: SessionId,
    pub registrations: i64,
    pub desks: i64,
    pub slots_free: i64,
}

/// Counts for cards: companies that take part or want to, desks, and slots that are open, to come and unsold.
pub async fn numbers(
    tx: &mut Tx,
    sessions: impl IntoIterator<Item = SessionId>,
    now: Timestamp,
) -> Result<Vec<Numbers>> {
    sql("SELECT s.id AS session_id,
                CAST((SELECT count(*) FROM registrations r WHERE r.session_id = s.id
                      AND r.state IN ('registered', 'approved', 'checked_in', 'attended', 'absent')) AS BIGINT) AS registrations,
                CAST((SELECT count(*) FROM desks d WHERE d.session_id = s.id AND d.removed_at IS NULL) AS BIGINT) AS desks,
                CAST((SELECT count(*) FROM slots t WHERE t.session_id = s.id AND t.removed_at IS NULL AND t.open
                      AND t.starts_at > $1 AND NOT EXISTS (
                          SELECT 1 FROM bookings b WHERE b.slot_id = t.id
                          AND b.state IN ('confirmed', 'checked_in', 'in_talk', 'held_done', 'no_show_company', 'no_show_centre')))
                     AS BIGINT) AS slots_free
         FROM sessions s WHERE s.id IN (..)")
    .bind(now)
    .list(sessions)
    .all(tx)
    .await
}

/// What the host's page counts, beside [`Numbers`].
#[derive(Clone, Copy, Debug, Default, sqlx::FromRow)]
pub struct Counts {
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

pub async fn counts(tx: &mut Tx, session: SessionId) -> Result<Counts> {
    sql("SELECT CAST((SELECT count(*) FROM registrations WHERE session_id = $1 AND state = 'invited') AS BIGINT) AS invited,
                CAST((SELECT count(*) FROM registrations WHERE session_id = $1 AND state = 'registered') AS BIGINT) AS registered,
                CAST((SELECT count(*) FROM registrations WHERE session_id = $1
                      AND state IN ('approved', 'checked_in', 'attended', 'absent')) AS BIGINT) AS approved,
                CAST((SELECT count(*) FROM registrations WHERE session_id = $1 AND state = 'returned') AS BIGINT) AS returned,
                CAST((SELECT count(*) FROM registrations WHERE session_id = $1 AND state = 'rejected') AS BIGINT) AS rejected,
                CAST((SELECT count(*) FROM bookings WHERE session_id = $1 AND state = 'requested') AS BIGINT) AS requested,
                CAST((SELECT count(*) FROM bookings WHERE session_id = $1
                      AND state IN ('confirmed', 'checked_in', 'in_talk')) AS BIGINT) AS confirmed,
                CAST((SELECT count(*) FROM bookings WHERE session_id = $1 AND state = 'held_done') AS BIGINT) AS held,
                CAST((SELECT count(*) FROM slots WHERE session_id = $1 AND removed_at IS NULL) AS BIGINT) AS slots,
                CAST((SELECT count(*) FROM bookings WHERE session_id = $1
                      AND state IN ('confirmed', 'checked_in', 'in_talk', 'held_done', 'no_show_company', 'no_show_centre'))
                     AS BIGINT) AS slots_taken,
                CAST((SELECT count(*) FROM messages m JOIN channels c ON c.id = m.channel_id
                      WHERE c.session_id = $1 AND c.kind = 'hall' AND m.state = 'held') AS BIGINT) AS held_messages,
                CAST((SELECT count(*) FROM hall_questions WHERE session_id = $1 AND state IN ('held', 'published')) AS BIGINT)
                    AS open_questions")
    .bind(session)
    .one(tx)
    .await
}

/// Published questions of the hall that have neither an answer nor an owner.
pub async fn unowned_questions(tx: &mut Tx, session: SessionId) -> Result<i64> {
    sql("SELECT CAST(count(*) AS BIGINT) FROM hall_questions
         WHERE session_id = $1 AND (state = 'held' OR (state = 'published' AND owner_id IS NULL))")
    .bind(session)
    .scalar(tx)
    .await
}

/// Sessions that end after `since` at whose desks a person is.
pub async fn staffed_by(tx: &mut Tx, person: PersonId, since: Timestamp) -> Result<Vec<SessionId>> {
    let ids: Vec<(SessionId,)> = sql("SELECT DISTINCT d.session_id
         FROM desk_staff s JOIN desks d ON d.id = s.desk_id JOIN sessions e ON e.id = d.session_id
         WHERE s.person_id = $1 AND d.removed_at IS NULL AND e.ends_at > $2")
    .bind(person)
    .bind(since)
    .all(tx)
    .await?;
    Ok(ids.into_iter().map(|(id,)| id).collect())
}

/// Sessions that are not over in which one of these is a host or has a registration, in the order of their ids.
pub async fn going_on_with(tx: &mut Tx, organisations: &[OrganisationId]) -> Result<Vec<SessionId>> {
    let ids: Vec<(SessionId,)> = sql("SELECT id FROM sessions
         WHERE state NOT IN ('closed', 'archived', 'cancelled')
           AND (id IN (SELECT session_id FROM session_hosts WHERE centre_id IN (..))
                OR id IN (SELECT session_id FROM registrations WHERE company_id IN (..)))
         ORDER BY id")
    .list(organisations.iter().copied())
    .list(organisations.iter().copied())
    .all(tx)
    .await?;
    Ok(ids.into_iter().map(|(id,)| id).collect())
}
