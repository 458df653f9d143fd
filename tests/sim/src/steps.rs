//! What somebody does next: chosen by chance, often something that is refused.

use rand::{Rng, rngs::StdRng, seq::IndexedRandom};
use serde_json::json;
use yunqia_actions::{
    Act, Error,
    bookings::{self, drop_out_person},
    jobs,
    registrations::{self, Decision},
    sessions,
};
use yunqia_domain::{
    ids::{BookingId, PersonId, RegistrationId, SessionId, SlotId, WaitingPlaceId},
    locale::Locale,
};
use yunqia_store::{Tx, db::Record, db::sql};
use yunqia_tests_api::TestApp;
use yunqia_views::sessions as views;

use crate::{World, people::House};

type Outcome = Result<(), Error>;

/// Kinds of steps with their weights: bookings most, changes of the whole session seldom.
const STEPS: &[(&str, u32)] = &[
    ("book", 30),
    ("book on behalf", 6),
    ("accept", 14),
    ("decline", 4),
    ("cancel", 8),
    ("move", 12),
    ("propose", 5),
    ("answer", 5),
    ("reassign", 6),
    ("wait", 10),
    ("leave", 3),
    ("take", 8),
    ("the clock", 20),
    ("decide", 8),
    ("register", 6),
    ("withdraw", 2),
    ("give consent", 4),
    ("take consent back", 2),
    ("attend", 3),
    ("open or close", 4),
    ("settings", 2),
    ("grid", 1),
    ("leave the company", 1),
];

impl World {
    /// One step and what came of it. What is refused leaves nothing behind: its transaction is dropped.
    pub async fn step(&self, app: &TestApp, chance: &mut StdRng) -> (String, Outcome) {
        let total: u32 = STEPS.iter().map(|(_, weight)| weight).sum();
        let mut point = chance.random_range(0..total);
        let mut what = STEPS[0].0;
        for (name, weight) in STEPS {
            if point < *weight {
                what = name;
                break;
            }
            point -= weight;
        }
        if what == "the clock" {
            return (what.to_owned(), clock(app).await);
        }
        let mut tx = app.write().await;
        let outcome = self.act(&mut tx, app, what, chance).await;
        if outcome.is_ok() {
            tx.commit().await.expect("what was done is kept");
        }
        (what.to_owned(), outcome)
    }

    async fn act(&self, tx: &mut Tx, app: &TestApp, what: &str, chance: &mut StdRng) -> Outcome {
        let company = self.companies.choose(chance).expect("eight companies");
        let centre = self.centres.choose(chance).expect("two centres");
        let session = *self.sessions.choose(chance).expect("two sessions");
        let by_company = &mut app.act(Some(one(company, chance)));
        let by_centre = &mut app.act(Some(one(centre, chance)));
        match what {
            "book" => self.book(tx, by_company, company, chance).await,
            "book on behalf" => self.book(tx, by_centre, company, chance).await,
            "accept" => {
                let id = request(tx, chance).await?;
                bookings::accept(tx, by_centre, id, None).await
            }
            "decline" => {
                let id = request(tx, chance).await?;
                bookings::decline(tx, by_centre, id, None, None).await
            }
            "cancel" => {
                let id = ahead(tx, chance).await?;
                let by = self.either(app, tx, id, chance).await?;
                bookings::cancel(tx, &mut app.act(Some(by)), id, None, "plans changed").await
            }
            "move" => {
                let id = ahead(tx, chance).await?;
                let by = self.either(app, tx, id, chance).await?;
                let slot = slot(tx, chance).await?;
                bookings::reschedule(tx, &mut app.act(Some(by)), id, None, slot, None).await.map(drop)
            }
            "propose" => {
                let (id, slot) = (request(tx, chance).await?, slot(tx, chance).await?);
                bookings::propose(tx, by_centre, id, None, slot, None).await
            }
            "answer" => {
                let id =
                    any(tx, "SELECT id FROM bookings WHERE proposed_slot_id IS NOT NULL ORDER BY id", chance).await?;
                let by = self.contact(tx, id).await?;
                let yes = chance.random_bool(0.7);
                bookings::answer_proposal(tx, &mut app.act(Some(by)), id, None, yes).await.map(drop)
            }
            "reassign" => {
                let id = ahead(tx, chance).await?;
                bookings::reassign(tx, by_centre, id, None, one(centre, chance)).await
            }
            "wait" => {
                let slot = slot(tx, chance).await?;
                bookings::join_waiting(tx, by_company, slot, company.id).await.map(drop)
            }
            "leave" | "take" => {
                let id: WaitingPlaceId =
                    any(tx, "SELECT id FROM waiting_places WHERE state IN ('waiting', 'offered') ORDER BY id", chance)
                        .await?;
                let place = yunqia_store::waiting_places::find(tx, id).await?.expect("it was found");
                let act = &mut app.act(Some(place.person_id));
                match what {
                    "leave" => bookings::leave_waiting(tx, act, id).await,
                    _ => bookings::take_offer(tx, act, id).await.map(drop),
                }
            }
            "decide" => {
                let id = registration(tx, chance).await?;
                let decision =
                    *[Decision::Approve, Decision::Approve, Decision::Approve, Decision::Return, Decision::Reject]
                        .choose(chance)
                        .expect("five");
                let session = yunqia_store::registrations::find(tx, id).await?.expect("it was found").session_id;
                registrations::decide(tx, by_centre, session, vec![id], decision, Some("because"), Locale::En)
                    .await
                    .map(drop)
            }
            "register" => self.register(tx, by_company, company, session).await,
            "withdraw" => {
                let part = part(tx, company, session).await?;
                registrations::withdraw(tx, by_company, part, None, "no time").await
            }
            "give consent" => {
                let part = part(tx, company, session).await?;
                registrations::give_consent(tx, by_company, part, centre.id).await
            }
            "take consent back" => {
                let part = part(tx, company, session).await?;
                let accept = chance.random_bool(0.7);
                registrations::withdraw_consent(tx, by_company, part, centre.id, accept).await
            }
            "attend" => {
                let part = part(tx, company, session).await?;
                let people = if chance.random_bool(0.5) { &company.people[..1] } else { &company.people[..] };
                let centres: Vec<_> = self.centres.iter().map(|centre| centre.id).collect();
                let draft = json!({ "company_id": company.id, "attendee_ids": people, "answers": {}, "consent_centre_ids": centres });
                let draft = serde_json::from_value(draft).expect("a draft");
                registrations::change(tx, by_company, part, None, draft).await
            }
            "open or close" => {
                let slot = slot(tx, chance).await?;
                let open = chance.random_bool(0.6);
                let session = yunqia_store::desks::slot(tx, slot).await?.expect("it was found").session_id;
                sessions::open_slots(tx, by_centre, session, vec![slot], open, true).await.map(drop)
            }
            "settings" => self.settings(tx, by_centre, session, chance).await,
            "grid" => grid(tx, by_centre, session, chance).await,
            // The second person of a company; they stay its member, so that they can come back.
            _ => drop_out_person(tx, by_company, company.people[1], company.id).await,
        }
    }

    async fn book(&self, tx: &mut Tx, act: &mut Act, company: &House, chance: &mut StdRng) -> Outcome {
        let contact = chance.random_bool(0.5).then(|| one(company, chance));
        let draft = json!({ "slot_id": slot(tx, chance).await?, "company_id": company.id, "contact_id": contact, "subject": "" });
        let draft = serde_json::from_value(draft).expect("a draft");
        // The early look and the act must agree when nothing lies between them.
        let early = bookings::check(tx, act, &draft).await;
        let outcome = bookings::book(tx, act, draft).await.map(drop);
        assert_eq!(early.is_ok(), outcome.is_ok(), "the early look says {early:?}, the act {outcome:?}");
        outcome
    }

    async fn register(&self, tx: &mut Tx, act: &mut Act, company: &House, session: SessionId) -> Outcome {
        let centres: Vec<_> = self.centres.iter().map(|centre| centre.id).collect();
        let draft = json!({ "company_id": company.id, "attendee_ids": company.people, "answers": {}, "consent_centre_ids": centres });
        let draft = serde_json::from_value(draft).expect("a draft");
        registrations::register(tx, act, session, draft).await.map(drop)
    }

    async fn settings(&self, tx: &mut Tx, act: &mut Act, id: SessionId, chance: &mut StdRng) -> Outcome {
        let session = sessions::find(tx, id).await?;
        let mut settings = views::settings(&session);
        settings.talks_per_company_max = *[None, Some(1), Some(3)].choose(chance).expect("three");
        settings.talks_per_desk_max = *[None, None, Some(3)].choose(chance).expect("three");
        settings.open_requests_max = *[None, Some(1), Some(10)].choose(chance).expect("three");
        settings.repeat_meetings = chance.random_bool(0.4);
        settings.auto_approve = chance.random_bool(0.5);
        sessions::change_settings(tx, act, id, session.version, settings, chance.random_bool(0.7)).await
    }

    /// Somebody on one of the two sides of a booking.
    async fn either(&self, _app: &TestApp, tx: &mut Tx, id: BookingId, chance: &mut StdRng) -> Result<PersonId, Error> {
        let row = yunqia_store::bookings::find(tx, id).await?.expect("it was found");
        Ok(if chance.random_bool(0.5) { row.contact_id } else { row.staff_id })
    }

    async fn contact(&self, tx: &mut Tx, id: BookingId) -> Result<PersonId, Error> {
        Ok(yunqia_store::bookings::find(tx, id).await?.expect("it was found").contact_id)
    }
}

async fn clock(app: &TestApp) -> Outcome {
    jobs::advance_sessions(&app.db, app.now()).await?;
    jobs::expire_requests(&app.db, app.now()).await?;
    jobs::lapse_offers(&app.db, app.now()).await?;
    jobs::request_feedback(&app.db, app.now()).await?;
    Ok(())
}

/// Talks begin a little earlier or later, or last longer.
async fn grid(tx: &mut Tx, act: &mut Act, session: SessionId, chance: &mut StdRng) -> Outcome {
    let from = ["11:25", "11:35", "13:00"].choose(chance).expect("three");
    let minutes = [20, 30].choose(chance).expect("two");
    let grid = json!({ "slot_minutes": minutes, "buffer_minutes": 5, "blocks": [
        { "date": "2026-12-01", "from": from, "until": "15:00", "breaks": [] } ] });
    let grid = serde_json::from_value(grid).expect("a grid");
    sessions::set_grid(tx, act, session, None, grid, chance.random_bool(0.8)).await.map(drop)
}

fn one(house: &House, chance: &mut StdRng) -> PersonId {
    *house.people.choose(chance).expect("two people")
}

async fn part(tx: &mut Tx, company: &House, session: SessionId) -> Result<RegistrationId, Error> {
    let found = yunqia_store::registrations::of_company(tx, session, company.id).await?;
    Ok(found.ok_or(Error::NotFound)?.id)
}

async fn request(tx: &mut Tx, chance: &mut StdRng) -> Result<BookingId, Error> {
    any(tx, "SELECT id FROM bookings WHERE state = 'requested' ORDER BY id", chance).await
}

async fn ahead(tx: &mut Tx, chance: &mut StdRng) -> Result<BookingId, Error> {
    any(tx, "SELECT id FROM bookings WHERE state IN ('requested', 'confirmed') ORDER BY id", chance).await
}

async fn slot(tx: &mut Tx, chance: &mut StdRng) -> Result<SlotId, Error> {
    any(tx, "SELECT id FROM slots WHERE removed_at IS NULL ORDER BY starts_at, id", chance).await
}

async fn registration(tx: &mut Tx, chance: &mut StdRng) -> Result<RegistrationId, Error> {
    any(tx, "SELECT id FROM registrations ORDER BY id", chance).await
}

async fn any<T: Copy>(tx: &mut Tx, query: &'static str, chance: &mut StdRng) -> Result<T, Error>
where
    (T,): Record,
{
    let rows: Vec<(T,)> = sql(query).all(tx).await?;
    rows.choose(chance).map(|row| row.0).ok_or(Error::NotFound)
}
