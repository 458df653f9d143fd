//! What somebody does next: chosen by chance, often something that is refused. Here what concerns bookings and registrations;
//! everything else is in [`crate::life`].

use std::fmt;

use jiff::SignedDuration;
use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use serde_json::json;
use yunqia_actions::{
    Act, Error, bookings,
    registrations::{self, Decision, Ruling},
};
use yunqia_domain::{
    Timestamp,
    ids::{PersonId, RegistrationId, SessionId},
    locale::Locale,
};
use yunqia_store::Tx;

use crate::{
    World,
    people::House,
    sight::{Seen, Sight},
};

pub(crate) type Outcome = Result<(), Error>;

/// Kinds of steps with their weights: bookings most, changes of the whole session seldom.
const STEPS: &[(&str, u32)] = &[
    ("book", 120),
    ("book on behalf", 24),
    ("accept", 80),
    ("decline", 14),
    ("cancel", 30),
    ("move", 50),
    ("propose", 20),
    ("answer", 24),
    ("reassign", 24),
    ("wait", 60),
    ("leave the list", 10),
    ("take the offer", 50),
    ("decide", 60),
    ("register", 60),
    ("withdraw", 4),
    ("give consent", 14),
    ("take consent back", 4),
    ("attend", 12),
    ("open or close", 14),
    ("settings", 8),
    ("times", 3),
    ("grid", 4),
    ("hosts", 3),
    ("desk", 8),
    ("session", 5),
    ("cancel the session", 1),
    ("leave the company", 5),
    ("leave the centre", 4),
    ("come back", 16),
    ("suspend", 2),
    ("reopen", 24),
    ("enter the talk", 40),
    ("leave the talk", 10),
    ("call", 8),
    ("minutes", 12),
    ("word", 30),
    ("outcome", 12),
    ("enter the hall", 14),
    ("say", 24),
    ("write directly", 16),
    ("read", 10),
    ("moderate", 10),
    ("ask", 8),
    ("vote", 8),
    ("answer the question", 8),
    ("pin", 3),
    ("sanction", 2),
];

/// What one person is going to do.
pub struct Plan {
    pub what: &'static str,
    pub company: usize,
    pub centre: usize,
    pub session: SessionId,
    /// Who acts, if the company does, and if the centre does.
    pub by_company: PersonId,
    pub by_centre: PersonId,
    /// The choices that are made on the way: somebody who presses twice makes the same ones.
    choices: u64,
    /// Of the act's ids; never the same twice.
    pub luck: u64,
    /// Place in the round: acts of one moment are told apart by microseconds.
    pub number: i64,
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} (company {}, centre {})", self.what, self.company, self.centre)
    }
}

impl Plan {
    /// The same again, by the same person.
    pub fn again(&self) -> Plan {
        Plan { ..*self }
    }

    pub fn chance(&self) -> StdRng {
        StdRng::seed_from_u64(self.choices)
    }
}

impl World {
    /// What somebody wants to do.
    pub fn plan(&self, sight: &Sight, chance: &mut StdRng) -> Plan {
        let possible: Vec<_> = STEPS.iter().filter(|(what, _)| sight.allows(what)).collect();
        let (what, _) = possible.choose_weighted(chance, |(_, weight)| *weight).expect("there is always something");
        let company = chance.random_range(0..self.companies.len());
        let centre = chance.random_range(0..self.centres.len());
        Plan {
            what,
            company,
            centre,
            session: *self.sessions.choose(chance).expect("two sessions"),
            by_company: one(&self.companies[company], chance),
            by_centre: one(&self.centres[centre], chance),
            choices: chance.random(),
            luck: 0,
            number: 0,
        }
    }

    /// Does it. What is refused leaves nothing behind once its transaction is dropped.
    pub async fn act(&self, tx: &mut Tx, now: Timestamp, plan: &Plan, sight: &Sight) -> Outcome {
        let chance = &mut plan.chance();
        let now = now.plus(SignedDuration::from_micros(plan.number));
        let by = |person| Act::new(now, Some(person), plan.luck);
        let company = &self.companies[plan.company];
        let centre = &self.centres[plan.centre];
        let (by_company, by_centre) = (&mut by(plan.by_company), &mut by(plan.by_centre));
        match plan.what {
            "book" => book(tx, by_company, company, sight, chance).await,
            "book on behalf" => book(tx, by_centre, company, sight, chance).await,
            "accept" => {
                let request = pick(&sight.requests(), chance)?;
                bookings::accept(tx, &mut by(desk(&request, plan, chance)), request.id, version(&request, chance)).await
            }
            "decline" => {
                let request = pick(&sight.requests(), chance)?;
                bookings::decline(
                    tx,
                    &mut by(desk(&request, plan, chance)),
                    request.id,
                    version(&request, chance),
                    None,
                )
                .await
            }
            "cancel" => {
                let booking = pick(&sight.ahead(), chance)?;
                let act = &mut by(either(&booking, chance));
                bookings::cancel(tx, act, booking.id, version(&booking, chance), "plans changed").await
            }
            "move" => {
                let booking = pick(&sight.ahead(), chance)?;
                let act = &mut by(either(&booking, chance));
                let slot = sight.other_slot(&booking, chance).ok_or(Error::NotFound)?;
                bookings::reschedule(tx, act, booking.id, version(&booking, chance), slot, None).await.map(drop)
            }
            "propose" => {
                let request = pick(&sight.requests(), chance)?;
                let slot = sight.other_slot(&request, chance).ok_or(Error::NotFound)?;
                bookings::propose(
                    tx,
                    &mut by(desk(&request, plan, chance)),
                    request.id,
                    version(&request, chance),
                    slot,
                    None,
                )
                .await
            }
            "answer" => {
                let proposed: Vec<Seen> = sight.bookings.iter().copied().filter(|booking| booking.proposed).collect();
                let booking = pick(&proposed, chance)?;
                let yes = chance.random_bool(0.7);
                let act = &mut by(booking.contact_id);
                bookings::answer_proposal(tx, act, booking.id, version(&booking, chance), yes).await.map(drop)
            }
            "reassign" => {
                let booking = pick(&sight.ahead(), chance)?;
                let to = one(centre, chance);
                bookings::reassign(tx, &mut by(desk(&booking, plan, chance)), booking.id, version(&booking, chance), to)
                    .await
            }
            "wait" => {
                let slot = pick(&sight.slots, chance)?.id;
                bookings::join_waiting(tx, by_company, slot, company.id).await.map(drop)
            }
            "leave the list" => {
                let (place, person, _) = pick(&sight.places, chance)?;
                bookings::leave_waiting(tx, &mut by(person), place).await
            }
            "take the offer" => {
                let offered: Vec<_> = sight.places.iter().copied().filter(|(.., offered)| *offered).collect();
                let (place, person, _) = pick(&offered, chance)?;
                bookings::take_offer(tx, &mut by(person), place).await.map(drop)
            }
            "decide" => {
                let part = pick(&sight.undecided(chance), chance)?;
                let yes = [Decision::Approve, Decision::Approve, Decision::Approve, Decision::Return, Decision::Reject];
                let decision = *yes.choose(chance).expect("five");
                let ruling = Ruling { decision, why: Some("because"), accept_impact: chance.random_bool(0.7) };
                let parts = vec![part.id];
                registrations::decide(tx, by_centre, part.session_id, parts, ruling, Locale::En).await.map(drop)
            }
            "register" => {
                let draft = self.registration(tx, company).await;
                registrations::register(tx, by_company, plan.session, draft).await.map(drop)
            }
            "withdraw" => {
                let part = part(tx, company, plan.session).await?;
                registrations::withdraw(tx, by_company, part, None, "no time").await
            }
            "give consent" => {
                let part = part(tx, company, plan.session).await?;
                registrations::give_consent(tx, by_company, part, centre.id).await
            }
            "take consent back" => {
                let part = part(tx, company, plan.session).await?;
                registrations::withdraw_consent(tx, by_company, part, centre.id, chance.random_bool(0.7)).await
            }
            "attend" => {
                let part = part(tx, company, plan.session).await?;
                let mut draft = self.registration(tx, company).await;
                if chance.random_bool(0.5) {
                    draft.attendee_ids.truncate(1);
                }
                registrations::change(tx, by_company, part, None, draft).await
            }
            _ => self.live(tx, plan, sight, chance, by).await,
        }
    }
}

async fn book(tx: &mut Tx, act: &mut Act, company: &House, sight: &Sight, chance: &mut StdRng) -> Outcome {
    let slot = pick(&sight.slots, chance)?.id;
    let contact = chance.random_bool(0.5).then(|| one(company, chance));
    let draft = json!({ "slot_id": slot, "company_id": company.id, "contact_id": contact, "subject": "" });
    let draft = serde_json::from_value(draft).expect("a draft");
    // The early look and the act must agree when nothing lies between them. Where writers overlap, something may.
    let early = bookings::check(tx, act, &draft).await;
    let outcome = bookings::book(tx, act, draft).await.map(drop);
    assert!(
        sight.writers_overlap || early.is_ok() == outcome.is_ok(),
        "the early look says {early:?}, the act {outcome:?}"
    );
    outcome
}

async fn part(tx: &mut Tx, company: &House, session: SessionId) -> Result<RegistrationId, Error> {
    let found = yunqia_store::registrations::of_company(tx, session, company.id).await?;
    Ok(found.ok_or(Error::NotFound)?.id)
}

/// The version that was seen, for those who send it.
fn version(booking: &Seen, chance: &mut StdRng) -> Option<i64> {
    chance.random_bool(0.5).then_some(booking.version)
}

/// Somebody on one of the two sides of a booking.
pub(crate) fn either(booking: &Seen, chance: &mut StdRng) -> PersonId {
    if chance.random_bool(0.5) { booking.contact_id } else { booking.staff_id }
}

/// Who answers for the desk: mostly the one whose talk it is, else anybody of a centre.
fn desk(booking: &Seen, plan: &Plan, chance: &mut StdRng) -> PersonId {
    if chance.random_bool(0.7) { booking.staff_id } else { plan.by_centre }
}

pub(crate) fn one(house: &House, chance: &mut StdRng) -> PersonId {
    *house.people.choose(chance).expect("two people")
}

pub(crate) fn pick<T: Copy>(from: &[T], chance: &mut StdRng) -> Result<T, Error> {
    from.choose(chance).copied().ok_or(Error::NotFound)
}
