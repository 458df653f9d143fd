//! Slots: worked out from the grid a host enters, opened and closed one by one.

use std::collections::{HashMap, HashSet};

use serde_json::json;
use yunqia_domain::{
    Refusal, Timestamp,
    ids::{DeskId, SessionId, SlotId},
    slot_grid::{GridDraft, GridProblem, GridRule, SlotTime},
};
use yunqia_store::{
    Json, Tx, bookings,
    desks::{self, Slot},
    sessions::Session,
};
use yunqia_views::{common::ImpactKind, drafts::GridChange};

use super::{changeable, locked, save};
use crate::{
    Act,
    act::Note,
    bookings::{Cause, Work, impact_of},
    error::{Error, FieldError, Result},
    standing::Standing,
};

/// Slots opened or closed with one call, at most.
const SLOTS_AT_ONCE_MAX: usize = 5_000;

/// Replaces the grid at all desks. Slots whose times stay are kept with their bookings; those that vanish cancel theirs once
/// the impact is accepted.
pub async fn set_grid(
    tx: &mut Tx,
    act: &mut Act,
    id: SessionId,
    version: Option<i64>,
    grid: GridDraft,
    accept_impact: bool,
) -> Result<GridChange> {
    let mut session = locked(tx, id).await?;
    Standing::read(tx, act, &session).await?.must_manage()?;
    changeable(&session, version)?;
    let times = times(&grid, &session)?;
    let wanted: HashSet<(Timestamp, Timestamp)> =
        times.iter().map(|time| (time.start.into(), time.end.into())).collect();
    let old = desks::slots_of_session(tx, id).await?;
    let (kept, gone): (Vec<Slot>, Vec<Slot>) =
        old.into_iter().partition(|slot| wanted.contains(&(slot.starts_at, slot.ends_at)));
    // What has begun is history: it neither vanishes nor is cancelled.
    let (begun, gone): (Vec<Slot>, Vec<Slot>) = gone.into_iter().partition(|slot| slot.starts_at <= act.now);
    let hurt = bookings::ahead_in_slots(tx, gone.iter().map(|slot| slot.id), act.now).await?;
    let impact = impact_of(tx, &hurt, ImpactKind::SlotRemoved).await?;
    if !impact.is_empty() && !accept_impact {
        return Err(Error::impact(impact));
    }
    let mut work = Work::on(session.clone());
    work.cancel_all(tx, act, &hurt, &Cause::by_hosts(Refusal::SlotWithdrawn)).await?;
    let gone: Vec<SlotId> = gone.iter().map(|slot| slot.id).collect();
    work.leave_slots(tx, &gone).await?;
    desks::remove_slots(tx, &gone, act.now).await?;
    let added = add_missing(tx, act, id, &wanted, &kept, &begun).await?;
    session.slot_minutes = grid.slot_minutes;
    session.buffer_minutes = grid.buffer_minutes;
    session.grid = Json(grid);
    save(tx, &mut session).await?;
    act.note(
        tx,
        Note {
            act: "session.grid",
            kind: "session",
            subject: id.0,
            session: Some(id),
            before: None,
            after: Some(json!({ "grid": session.grid.0, "added": added, "removed": gone.len() })),
        },
    )
    .await?;
    let version = session.version;
    work.session = session;
    work.echo.sessions.insert(id);
    work.echo.grids.insert(id);
    work.finish(tx, act).await?;
    let kept = number(kept.len() + begun.len());
    Ok(GridChange { added: number(added), removed: number(gone.len()), kept, impact, version })
}

/// Opens or closes slots: a desk's own centre may, and who manages. Closing one with a booking cancels it once accepted.
pub async fn open_slots(
    tx: &mut Tx,
    act: &mut Act,
    id: SessionId,
    slots: Vec<SlotId>,
    open: bool,
    accept_impact: bool,
) -> Result<GridChange> {
    let session = locked(tx, id).await?;
    let standing = Standing::read(tx, act, &session).await?;
    standing.must_host()?;
    changeable(&session, None)?;
    if slots.len() > SLOTS_AT_ONCE_MAX {
        return Err(Error::field("/slot_ids", Refusal::TooMany));
    }
    let found = desks::slots(tx, slots.iter().copied()).await?;
    for (index, slot) in slots.iter().enumerate() {
        if !found.iter().any(|known| known.id == *slot && known.session_id == id && known.removed_at.is_none()) {
            return Err(Error::field(format!("/slot_ids/{index}"), Refusal::UnknownId));
        }
    }
    let places: HashSet<DeskId> = found.iter().map(|slot| slot.desk_id).collect();
    for desk in desks::find_all(tx, places).await? {
        standing.must_speak_for(desk.centre_id)?;
    }
    let changed: Vec<SlotId> = found.iter().filter(|slot| slot.open != open).map(|slot| slot.id).collect();
    let mut impact = Vec::new();
    let version = session.version;
    let mut work = Work::on(session);
    if !open {
        let hurt = bookings::ahead_in_slots(tx, changed.iter().copied(), act.now).await?;
        impact = impact_of(tx, &hurt, ImpactKind::Cancelled).await?;
        if !impact.is_empty() && !accept_impact {
            return Err(Error::impact(impact));
        }
        work.cancel_all(tx, act, &hurt, &Cause::by_hosts(Refusal::SlotWithdrawn)).await?;
        work.withdraw_offers(tx, act, &changed).await?;
    }
    desks::open_slots(tx, &changed, open).await?;
    for slot in &changed {
        work.echo.cells.insert((id, *slot));
        if open {
            work.freed.insert(*slot);
        }
    }
    act.note(
        tx,
        Note {
            act: if open { "slots.open" } else { "slots.close" },
            kind: "session",
            subject: id.0,
            session: Some(id),
            before: None,
            after: Some(json!({ "slot_ids": changed })),
        },
    )
    .await?;
    work.finish(tx, act).await?;
    Ok(GridChange { added: 0, removed: 0, kept: number(found.len()), impact, version })
}

/// Gives a desk the slots of its session's grid.
pub(super) async fn fill_desk(tx: &mut Tx, act: &mut Act, session: &Session, desk: DeskId) -> Result<()> {
    let slots: Vec<Slot> = times(&session.grid.0, session)?
        .into_iter()
        .map(|time| slot(act, session.id, desk, time.start.into(), time.end.into()))
        .collect();
    desks::insert_slots(tx, &slots).await?;
    Ok(())
}

async fn add_missing(
    tx: &mut Tx,
    act: &mut Act,
    session: SessionId,
    wanted: &HashSet<(Timestamp, Timestamp)>,
    kept: &[Slot],
    begun: &[Slot],
) -> Result<usize> {
    let mut there: HashMap<DeskId, HashSet<(Timestamp, Timestamp)>> = HashMap::new();
    for slot in kept {
        there.entry(slot.desk_id).or_default().insert((slot.starts_at, slot.ends_at));
    }
    let mut wanted: Vec<_> = wanted.iter().copied().collect();
    wanted.sort();
    let mut new = Vec::new();
    for desk in desks::of_session(tx, session).await? {
        for (starts_at, ends_at) in &wanted {
            let has = there.get(&desk.id).is_some_and(|times| times.contains(&(*starts_at, *ends_at)));
            // A slot that runs now keeps its time free of new ones.
            let runs = begun
                .iter()
                .any(|slot| slot.desk_id == desk.id && slot.starts_at < *ends_at && *starts_at < slot.ends_at);
            if !has && !runs {
                new.push(slot(act, session, desk.id, *starts_at, *ends_at));
            }
        }
    }
    desks::insert_slots(tx, &new).await?;
    Ok(new.len())
}

fn slot(act: &mut Act, session_id: SessionId, desk_id: DeskId, starts_at: Timestamp, ends_at: Timestamp) -> Slot {
    Slot { id: act.id::<SlotId>(), session_id, desk_id, starts_at, ends_at, open: true, removed_at: None }
}

fn times(grid: &GridDraft, session: &Session) -> Result<Vec<SlotTime>> {
    grid.slots(&session.zone).map_err(|problems| {
        let fields = problems.into_iter();
        let field = |problem: GridProblem| {
            let pointer = format!("/grid{}", problem.pointer);
            match problem.rule {
                GridRule::Minutes { min, max } => FieldError::out_of_range(pointer, min..=max),
                rule => FieldError::new(pointer, rule.into()),
            }
        };
        Error::Fields(fields.map(field).collect())
    })
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
