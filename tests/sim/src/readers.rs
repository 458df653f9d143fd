//! People who only look, beside those who act: what they are shown must be true of one moment, and an old view with the
//! events that came since must be the new view.

use std::collections::{BTreeMap, HashMap};

use rand::{Rng, rngs::StdRng, seq::IndexedRandom};
use serde_json::Value;
use yunqia_domain::{
    Timestamp,
    booking::By,
    ids::{OrganisationId, PersonId, SessionId, SlotId},
    locale::Locale,
    states::BookingState,
};
use yunqia_store::{Tx, db::sql, desks, events, sessions};
use yunqia_tests_api::TestApp;
use yunqia_views::{Reader, schedule, timetable};

use crate::{World, steps::one};

/// Cells by slot, as they travel.
type Cells = BTreeMap<String, Value>;

/// What was shown of each session when it was last looked at: the topic's number, and the cells.
#[derive(Default)]
pub struct Watcher {
    shown: HashMap<SessionId, (i64, Cells)>,
}

/// Who looks at what.
pub struct Look {
    session: SessionId,
    company: OrganisationId,
    person: PersonId,
    why: f64,
}

/// What the readers of a round found.
#[derive(Default)]
pub struct Read {
    pub seen: usize,
    pub wrong: Vec<String>,
}

impl Watcher {
    /// One or two readers.
    pub fn plan(&self, world: &World, chance: &mut StdRng) -> Vec<Look> {
        let count = chance.random_range(1..=2);
        let look = |_| {
            let company = world.companies.choose(chance).expect("eight");
            Look {
                session: *world.sessions.choose(chance).expect("two sessions"),
                company: company.id,
                person: one(company, chance),
                why: chance.random(),
            }
        };
        (0..count).map(look).collect()
    }

    pub async fn read(&mut self, app: &TestApp, looks: Vec<Look>) -> Read {
        let mut read = Read::default();
        for look in looks {
            let mut tx = app.read().await;
            self.look(&mut tx, &look, app.now(), &mut read.wrong).await.expect("views can be read");
            read.seen += 3;
        }
        read
    }

    async fn look(
        &mut self,
        tx: &mut Tx,
        look: &Look,
        now: Timestamp,
        wrong: &mut Vec<String>,
    ) -> yunqia_store::Result<()> {
        let Some(session) = sessions::find(tx, look.session).await? else { return Ok(()) };
        let reader = Reader {
            person: Some(look.person),
            operator: false,
            organisations: vec![look.company],
            locale: Locale::En,
            now,
        };
        let shown = timetable::timetable(tx, &session, &[look.company], &[], &reader).await?;
        self.cells_are_true(tx, look.session, &shown, wrong).await?;
        self.events_lead_here(tx, look.session, &shown, now, wrong).await?;

        // Why a slot is to be had or not agrees with the cell, and the times named instead are such.
        if !shown.cells.is_empty() {
            let cell = &shown.cells[(look.why * shown.cells.len() as f64) as usize];
            let slot = desks::slot(tx, cell.slot_id).await?.expect("the timetable names slots that are there");
            let why = timetable::why(tx, &session, &slot, look.company, By::Company, &reader).await?;
            let can_be_had = matches!(cell.state, timetable::CellState::Free | timetable::CellState::Requested);
            if why.book.ok && (!can_be_had && cell.state != timetable::CellState::Offered) {
                wrong.push(format!("slot {} is {:?}, but {} may book it", cell.slot_id, cell.state, look.company));
            }
            if why.book.ok != why.reasons.is_empty() {
                wrong.push(format!("slot {}: may book: {}, reasons: {:?}", cell.slot_id, why.book.ok, why.reasons));
            }
            if why.book.ok && why.wait.ok {
                wrong.push(format!("slot {} can be booked and waited for", cell.slot_id));
            }
            for free in &why.free_slots {
                let other = shown.cells.iter().find(|cell| cell.slot_id == free.slot_id).map(|cell| cell.state);
                if !matches!(other, Some(timetable::CellState::Free | timetable::CellState::Requested)) {
                    wrong.push(format!("slot {} is named as free and is {other:?}", free.slot_id));
                }
            }
        }

        // A person's own schedule has no two talks at once.
        let schedule = schedule::schedule(tx, look.person, &reader).await?;
        let mut talks: Vec<_> = schedule
            .iter()
            .filter_map(|entry| entry.booking.as_ref())
            .filter(|booking| booking.state.is_sold())
            .map(|booking| (booking.starts_at, booking.ends_at))
            .collect();
        talks.sort();
        if talks.windows(2).any(|pair| pair[1].0 < pair[0].1) {
            wrong.push(format!("the schedule of {} has two talks at once", look.person));
        }
        Ok(())
    }

    /// The cells are what the rows of the same moment say.
    async fn cells_are_true(
        &self,
        tx: &mut Tx,
        session: SessionId,
        shown: &timetable::Timetable,
        wrong: &mut Vec<String>,
    ) -> yunqia_store::Result<()> {
        let rows: Vec<(SlotId, BookingState)> =
            sql("SELECT slot_id, state FROM bookings WHERE session_id = $1").bind(session).all(tx).await?;
        let waiting: Vec<(SlotId, bool)> = sql("SELECT slot_id, state = 'offered' FROM waiting_places
             WHERE session_id = $1 AND state IN ('waiting', 'offered')")
        .bind(session)
        .all(tx)
        .await?;
        for cell in &shown.cells {
            let of_slot = || rows.iter().filter(|(slot, _)| *slot == cell.slot_id);
            let sold = of_slot().any(|(_, state)| state.is_sold());
            let holds = of_slot().filter(|(_, state)| *state == BookingState::Requested).count() as i64;
            let places = waiting.iter().filter(|(slot, _)| *slot == cell.slot_id);
            let (waits, offered) = (places.clone().count() as i64, places.clone().any(|(_, offered)| *offered));
            let fine = sold == (cell.state == timetable::CellState::Taken)
                && holds == cell.holds
                && waits == cell.waiting
                && (cell.state != timetable::CellState::Offered || offered)
                && (cell.state != timetable::CellState::Free || !offered && holds == 0);
            if !fine {
                wrong.push(format!(
                    "cell {cell:?} has sold: {sold}, holds: {holds}, waiting: {waits}, offered: {offered}"
                ));
            }
        }
        Ok(())
    }

    /// What was shown before, with the events since, is what is shown now.
    async fn events_lead_here(
        &mut self,
        tx: &mut Tx,
        session: SessionId,
        shown: &timetable::Timetable,
        now: Timestamp,
        wrong: &mut Vec<String>,
    ) -> yunqia_store::Result<()> {
        let is = |cell: &timetable::Cell| {
            (cell.slot_id.to_string(), serde_json::to_value(cell).expect("a cell is plain data"))
        };
        let fresh: Cells = shown.cells.iter().map(is).collect();
        let Some((seq, mut cells)) = self.shown.insert(session, (shown.seq, fresh.clone())) else { return Ok(()) };
        let mut expected = seq;
        for event in events::since(tx, &format!("timetable:{session}"), seq, 10_000).await? {
            expected += 1;
            if event.seq != expected {
                wrong.push(format!("event {expected} of the timetable is missing"));
            }
            match event.kind.as_str() {
                "cell.changed" => {
                    let cell: Value = serde_json::from_str(event.body.0.get()).expect("an event is JSON");
                    let slot = cell["slot_id"].as_str().expect("a cell has a slot").to_owned();
                    cells.insert(slot, cell);
                }
                // Who is told this reads the whole again.
                "grid.changed" => cells = fresh.clone(),
                _ => {}
            }
        }
        if expected != shown.seq {
            wrong.push(format!("the timetable is at {}, its events at {expected}", shown.seq));
        }
        // That a slot has begun needs no event: every reader has a clock.
        let begun = |cell: &&timetable::Cell| cell.starts_at <= now;
        let begun: Vec<String> = shown.cells.iter().filter(begun).map(|cell| cell.slot_id.to_string()).collect();
        for (slot, cell) in &fresh {
            if !begun.contains(slot) && cells.get(slot) != Some(cell) {
                wrong.push(format!("a reader who follows the events sees {:?}, but it is {cell}", cells.get(slot)));
            }
        }
        Ok(())
    }
}
