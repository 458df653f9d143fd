//! Settings of a session: checked, compared with the bookings they would hurt, told to those who come.

use std::collections::HashMap;

use serde_json::json;
use yunqia_domain::{
    Refusal, Timestamp,
    ids::{BookingId, DeskId, OrganisationId, SessionId, SlotId},
    letters::SessionChange,
    session::{SERIES_LENGTH_MAX, SUMMARY_LENGTH_MAX, TITLE_LENGTH_MAX, wall_time},
    states::BookingState,
    zones::Zone,
};
use yunqia_store::{
    Tx,
    bookings::{self, Booking},
    desks, registrations,
    sessions::Session,
};
use yunqia_views::{common::ImpactKind, sessions::SessionSettings};

use super::{changeable, locked, save, told::tell_changed};
use crate::{
    Act,
    act::Note,
    bookings::{Cause, Work, impact_of},
    error::{Error, Result},
    post::span,
    standing::Standing,
    words::{LIMIT_MAX, Wrong},
};

/// Changes the settings. Lower limits may cancel bookings over them, the newest first, and a hall that moves those it now
/// lies upon, once the impact is accepted. Who comes is told of a new time or title.
pub async fn change_settings(
    tx: &mut Tx,
    act: &mut Act,
    id: SessionId,
    version: i64,
    settings: SessionSettings,
    accept_impact: bool,
) -> Result<()> {
    let before = locked(tx, id).await?;
    Standing::read(tx, act, &before).await?.must_manage()?;
    changeable(&before, Some(version))?;
    let mut session = changed(&before, settings)?;
    session.state = session.state_at(act.now);
    fits_what_is_there(tx, act, &before, &session).await?;
    let over = over_limits(tx, &session).await?;
    let around = around_the_hall(tx, act, &before, &session).await?;
    let hurts = !over.is_empty() || !around.is_empty();
    if hurts && !accept_impact {
        let mut impact = impact_of(tx, &over, ImpactKind::OverLimit).await?;
        for (what, ids) in [(ImpactKind::HallThen, &around.under), (ImpactKind::Kept, &around.kept)] {
            let ids: Vec<BookingId> = ids.iter().copied().filter(|id| !over.contains(id)).collect();
            impact.extend(impact_of(tx, &ids, what).await?);
        }
        return Err(Error::impact(impact));
    }
    let mut work = Work::on(session.clone());
    work.cancel_all(tx, act, &over, &Cause::by_hosts(Refusal::LimitLowered)).await?;
    // Closed before their talks end, so that nobody is offered a slot that lies under the hall.
    desks::open_slots(tx, &around.slots, false).await?;
    work.withdraw_offers(tx, act, &around.slots).await?;
    work.cancel_all(tx, act, &around.under, &Cause::by_hosts(Refusal::HallThen)).await?;
    if !around.slots.is_empty() {
        work.echo.grids.insert(id);
    }
    if session.repeat_meetings != before.repeat_meetings {
        bookings::set_exclusive(tx, id, !session.repeat_meetings).await?;
    }
    save(tx, &mut session).await?;
    act.note(
        tx,
        Note {
            act: "session.settings",
            kind: "session",
            subject: id.0,
            session: Some(id),
            before: Some(json!(yunqia_views::sessions::settings(&before))),
            after: Some(json!(yunqia_views::sessions::settings(&session))),
        },
    )
    .await?;
    work.session = session;
    tell(tx, act, &mut work, &before).await?;
    work.echo.sessions.insert(id);
    work.finish(tx, act).await
}

/// The session with the new settings, or everything that is wrong with them.
fn changed(before: &Session, settings: SessionSettings) -> Result<Session> {
    let mut wrong = Wrong::default();
    let s = settings;
    let zone: Zone = s.zone.parse().map_err(|_| Error::field("/settings/zone", Refusal::ZoneUnknown))?;
    let theme = wrong.title("/settings/theme", s.theme, TITLE_LENGTH_MAX);
    let summary = wrong.description("/settings/summary", s.summary, SUMMARY_LENGTH_MAX);
    let mut wall = |name: &str, text: &str, stored: Timestamp| -> Timestamp {
        // What was not touched keeps its seconds.
        if zone == before.zone && yunqia_domain::session::wall_text(stored, &zone) == text {
            return stored;
        }
        wall_time(text, &zone).unwrap_or_else(|refusal| {
            wrong.add(format!("/settings/{name}"), refusal);
            stored
        })
    };
    let mut session = Session {
        starts_at: wall("starts_at", &s.starts_at, before.starts_at),
        ends_at: wall("ends_at", &s.ends_at, before.ends_at),
        registration_opens_at: wall("registration_opens_at", &s.registration_opens_at, before.registration_opens_at),
        registration_closes_at: wall(
            "registration_closes_at",
            &s.registration_closes_at,
            before.registration_closes_at,
        ),
        booking_opens_at: wall("booking_opens_at", &s.booking_opens_at, before.booking_opens_at),
        booking_closes_at: wall("booking_closes_at", &s.booking_closes_at, before.booking_closes_at),
        theme_hans: theme.hans,
        theme_hant: theme.hant,
        theme_en: theme.en,
        summary_hans: summary.hans,
        summary_hant: summary.hant,
        summary_en: summary.en,
        booking_mode: s.booking_mode,
        repeat_meetings: s.repeat_meetings,
        audience: s.audience,
        company_list: s.company_list,
        booking_by: s.booking_by,
        auto_approve: s.auto_approve,
        chat_review: s.chat_review,
        question_review: s.question_review,
        zone,
        ..before.clone()
    };
    session.series = wrong.optional_line("/settings/series", s.series, SERIES_LENGTH_MAX);
    session.request_minutes = wrong.range("/settings/request_minutes", s.request_minutes, 15..=14_400);
    session.offer_minutes = wrong.range("/settings/offer_minutes", s.offer_minutes, 5..=1_440);
    session.talks_per_company_max = wrong.limit("/settings/talks_per_company_max", s.talks_per_company_max);
    session.talks_per_desk_max = wrong.limit("/settings/talks_per_desk_max", s.talks_per_desk_max);
    session.open_requests_max = wrong.limit("/settings/open_requests_max", s.open_requests_max);
    session.capacity = wrong.limit("/settings/capacity", s.capacity);
    if let Some((name, refusal)) = session.windows().problem() {
        wrong.add(format!("/settings/{name}"), refusal);
    }
    wrong.done()?;
    Ok(session)
}

/// Refuses what would leave agreed talks behind on another day or in another zone, or companies without their place.
/// The grid shows whom another day hurts: the hosts change that first. Another hour of the same day is [`around_the_hall`].
async fn fits_what_is_there(tx: &mut Tx, act: &Act, before: &Session, session: &Session) -> Result<()> {
    let mut wrong = Wrong::default();
    let zone_changes = session.zone != before.zone;
    let day = |session: &Session| session.zone.date_at(session.starts_at);
    let moves = zone_changes || day(session) != day(before);
    if moves && !bookings::ahead_in_session(tx, session.id, act.now).await?.is_empty() {
        let name = if zone_changes { "zone" } else { "starts_at" };
        wrong.add(format!("/settings/{name}"), Refusal::HasBookings);
    }
    if let Some(capacity) = session.capacity.filter(|_| session.capacity != before.capacity) {
        let taking_part = registrations::taking_part(tx, session.id).await?;
        wrong.range("/settings/capacity", capacity, taking_part.max(1)..=LIMIT_MAX);
    }
    wrong.done()
}

/// What a hall that moves within its day does to the talks ahead.
#[derive(Default)]
struct Around {
    /// Talks and requests that the hall did not lie upon and now does.
    under: Vec<BookingId>,
    /// Those that keep their time while the hall moves away from them or towards them.
    kept: Vec<BookingId>,
    /// The slots the hall newly lies upon, booked or not.
    slots: Vec<SlotId>,
}

impl Around {
    fn is_empty(&self) -> bool {
        self.under.is_empty() && self.kept.is_empty()
    }
}

async fn around_the_hall(tx: &mut Tx, act: &Act, before: &Session, session: &Session) -> Result<Around> {
    let mut around = Around::default();
    if (session.starts_at, session.ends_at) == (before.starts_at, before.ends_at) {
        return Ok(around);
    }
    let under = |hall: &Session, from, until| from < hall.ends_at && hall.starts_at < until;
    let newly = |from, until| under(session, from, until) && !under(before, from, until);
    let slots = desks::slots_of_session(tx, session.id).await?;
    around.slots = slots.iter().filter(|slot| newly(slot.starts_at, slot.ends_at)).map(|slot| slot.id).collect();
    let ahead = bookings::ahead_in_session(tx, session.id, act.now).await?;
    for row in bookings::find_all(tx, ahead).await? {
        if newly(row.starts_at, row.ends_at) {
            around.under.push(row.id);
        } else {
            around.kept.push(row.id);
        }
    }
    Ok(around)
}

/// Bookings that the limits leave no room for: of each company and desk the newest, and second meetings of a pair where they
/// are no longer allowed.
async fn over_limits(tx: &mut Tx, session: &Session) -> Result<Vec<BookingId>> {
    let ids: Vec<BookingId> =
        bookings::occupants_of_session(tx, session.id).await?.into_iter().map(|occupant| occupant.id).collect();
    let mut rows = bookings::find_all(tx, ids).await?;
    // Talks that were held count first: they cannot be taken back.
    rows.sort_by_key(|row| {
        (!matches!(row.state, BookingState::HeldDone | BookingState::InTalk), row.created_at, row.id)
    });
    let mut companies: HashMap<OrganisationId, i64> = HashMap::new();
    let mut at_desk: HashMap<DeskId, i64> = HashMap::new();
    let mut requests: HashMap<OrganisationId, i64> = HashMap::new();
    let mut pairs: HashMap<(OrganisationId, OrganisationId), i64> = HashMap::new();
    let mut over = Vec::new();
    let fits = |count: i64, max: Option<i64>| max.is_none_or(|max| count < max);
    for row in rows {
        let requested = row.state == BookingState::Requested;
        if !requested && !row.state.counts_as_talk() {
            continue;
        }
        let pair = pairs.entry((row.company_id, row.centre_id)).or_default();
        let company = companies.entry(row.company_id).or_default();
        let desk = at_desk.entry(row.desk_id).or_default();
        let asked = requests.entry(row.company_id).or_default();
        let fits = (session.repeat_meetings || *pair == 0)
            && if requested {
                fits(*asked, session.open_requests_max)
            } else {
                fits(*company, session.talks_per_company_max) && fits(*desk, session.talks_per_desk_max)
            };
        if !fits && can_be_cancelled(&row) {
            over.push(row.id);
            continue;
        }
        *pair += 1;
        if requested {
            *asked += 1;
        } else {
            *company += 1;
            *desk += 1;
        }
    }
    Ok(over)
}

fn can_be_cancelled(row: &Booking) -> bool {
    matches!(row.state, BookingState::Requested | BookingState::Confirmed | BookingState::CheckedIn)
}

/// Tells both sides of a new time, title or booking window.
async fn tell(tx: &mut Tx, act: &mut Act, work: &mut Work, before: &Session) -> Result<()> {
    let session = &work.session;
    let moved =
        (session.starts_at, session.ends_at) != (before.starts_at, before.ends_at) || session.zone != before.zone;
    let mut changes = Vec::new();
    if moved {
        changes.push(SessionChange::Time);
    }
    if session.theme() != before.theme() {
        changes.push(SessionChange::Title);
    }
    let window = |session: &Session| (session.booking_opens_at, session.booking_closes_at);
    if window(session) != window(before) {
        changes.push(SessionChange::Windows);
    }
    tell_changed(tx, act, work, changes, moved.then(|| span(before.starts_at, before.ends_at))).await
}
