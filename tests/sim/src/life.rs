//! Everything but bookings: sessions that change, people who leave and come back, companies that are suspended, talks that are
//! held or not, and what is said in halls, talks and letters between two sides.

use jiff::SignedDuration;
use rand::{Rng, rngs::StdRng, seq::IndexedRandom};
use serde_json::json;
use uuid::Uuid;
use yunqia_actions::{
    Act, Error, attendance, hall, members, messages,
    organisations::{self, Decision},
    sessions, talks,
};
use yunqia_domain::{
    ids::{PersonId, SessionId},
    locale::{LocalText, Locale},
    states::{Outcome as TalkEnd, Role, SanctionKind, SessionState, Word},
    topics::Topic,
};
use yunqia_store::{Tx, channels};
use yunqia_views::{sessions as views, talks::TalkOutcome};

use crate::{
    World,
    people::House,
    sight::Sight,
    steps::{Outcome, Plan, either, one, pick},
};

/// Different messages that a person has to say in a season; the same one again is a repeat.
const MESSAGES: u128 = 12;

impl World {
    pub(crate) async fn live(
        &self,
        tx: &mut Tx,
        plan: &Plan,
        sight: &Sight,
        chance: &mut StdRng,
        by: impl Fn(PersonId) -> Act,
    ) -> Outcome {
        let company = &self.companies[plan.company];
        let centre = &self.centres[plan.centre];
        let (by_company, by_centre) = (&mut by(plan.by_company), &mut by(plan.by_centre));
        let by_operator = &mut by(self.operator);
        let anybody = if chance.random_bool(0.5) { plan.by_company } else { plan.by_centre };
        match plan.what {
            "open or close" => {
                let slot = pick(&sight.slots, chance)?;
                let open = chance.random_bool(0.6);
                sessions::open_slots(tx, by_centre, slot.session_id, vec![slot.id], open, true).await.map(drop)
            }
            "settings" | "times" => settings(tx, by_centre, plan, chance).await,
            "grid" => self.grid(tx, by_centre, plan.session, chance).await,
            "hosts" => {
                let all: Vec<_> = self.centres.iter().map(|centre| centre.id).collect();
                let hosts = if chance.random_bool(0.4) { vec![centre.id] } else { all };
                sessions::set_hosts(tx, by_centre, plan.session, None, hosts, chance.random_bool(0.7)).await
            }
            "desk" => desk(tx, by_centre, centre, plan.session, sight, chance).await,
            "session" => {
                use SessionState::*;
                let to = *[RegistrationOpen, BookingOpen, Live, Talks, Closed, Archived].choose(chance).expect("six");
                sessions::move_session(tx, by_centre, plan.session, None, to, None, chance.random_bool(0.7)).await
            }
            // Seldom, since little can be done in it afterwards.
            "cancel the session" if chance.random_bool(0.3) => {
                let (to, why) = (SessionState::Cancelled, Some("a flood"));
                sessions::move_session(tx, by_centre, plan.session, None, to, why, chance.random_bool(0.7)).await
            }
            // The second person; a manager may be the last one.
            "leave the company" | "leave the centre" => {
                let house = if plan.what == "leave the company" { company } else { centre };
                let person = house.people[1];
                members::remove(tx, &mut by(person), house.id, person, chance.random_bool(0.7)).await
            }
            "come back" => {
                let house = if chance.random_bool(0.7) { company } else { centre };
                for person in &house.people {
                    let added = yunqia_store::organisations::add_member(
                        tx,
                        house.id,
                        *person,
                        Role::Member,
                        None,
                        by_centre.now,
                    );
                    added.await?;
                }
                Ok(())
            }
            "suspend" => {
                let (decision, why) = (Decision::Suspend, Some("papers"));
                organisations::decide(tx, by_operator, company.id, decision, why, chance.random_bool(0.7)).await
            }
            "reopen" => organisations::decide(tx, by_operator, company.id, Decision::Reopen, None, false).await,
            "enter the talk" => {
                let talk = pick(&sight.talks(), chance)?;
                attendance::enter_talk(tx, &mut by(either(&talk, chance)), talk.id).await
            }
            "leave the talk" => {
                let talk = pick(&sight.talks(), chance)?;
                attendance::leave(tx, Topic::Talk(talk.id), either(&talk, chance), by_company.now).await?;
                Ok(())
            }
            "call" => {
                let talk = pick(&sight.talks(), chance)?;
                talks::call(tx, &mut by(either(&talk, chance)), talk.id, chance.random_bool(0.3)).await
            }
            "minutes" => {
                let talk = pick(&sight.talks(), chance)?;
                let version = yunqia_store::talks::find(tx, talk.id).await?.ok_or(Error::NotFound)?.version;
                let minutes = talks::Minutes {
                    text: "We agreed.".into(),
                    next_step: "A visit".into(),
                    owner: chance.random_bool(0.5).then_some(talk.staff_id),
                    due_on: None,
                };
                // Now and then from an old copy.
                let version = version - i64::from(chance.random_bool(0.2));
                talks::write_minutes(tx, &mut by(either(&talk, chance)), talk.id, version, minutes).await
            }
            "word" => {
                let talk = pick(&sight.talks(), chance)?;
                let words = [Word::Held, Word::Held, Word::Held, Word::DidNotHappen, Word::Problem];
                let word = *words.choose(chance).expect("five");
                talks::give_word(tx, &mut by(either(&talk, chance)), talk.id, word, "").await
            }
            "outcome" => {
                let talk = pick(&sight.talks(), chance)?;
                let outcome = match chance.random_range(0..3) {
                    0 => (TalkEnd::NoIntent, None, None),
                    1 => (TalkEnd::Intent, Some("food_beverage".to_owned()), None),
                    _ => (TalkEnd::FollowUp, None, Some("2030-01-02".to_owned())),
                };
                let (outcome, sector, follow_up_by) = outcome;
                let amount_wan = sector.as_ref().map(|_| 3_000);
                let outcome = TalkOutcome { outcome, sector, amount_wan, follow_up_by, note: String::new() };
                talks::record_outcome(tx, &mut by(talk.staff_id), talk.id, None, outcome).await
            }
            "enter the hall" => attendance::enter_hall(tx, &mut by(anybody), plan.session, &[anybody]).await,
            "say" => {
                let channel = match sight.talks().choose(chance) {
                    // In a talk's room, or in the hall.
                    Some(talk) if chance.random_bool(0.4) => match channels::of_talk(tx, talk.id).await? {
                        Some(channel) => channel.id,
                        None => channels::talk_id(talk.id),
                    },
                    _ => channels::hall_id(plan.session),
                };
                self.say(tx, &mut by(anybody), channel, chance).await
            }
            "write directly" => {
                let act = &mut by(anybody);
                let channel = messages::open_direct(tx, act, company.id, centre.id).await?;
                self.say(tx, act, channel.id, chance).await
            }
            "read" => {
                let act = &mut by(anybody);
                let channel = messages::open_direct(tx, act, company.id, centre.id).await?;
                messages::read(tx, act, channel.id, chance.random_range(0..50)).await.map(drop)
            }
            "moderate" => {
                let message = pick(&sight.messages, chance)?;
                match chance.random_range(0..3) {
                    0 => messages::withdraw(tx, by_company, message).await.map(drop),
                    1 => messages::remove(tx, by_centre, message, Some("rude")).await.map(drop),
                    _ => {
                        let publish = chance.random_bool(0.7);
                        messages::decide(tx, by_centre, message, publish, Some("rude")).await.map(drop)
                    }
                }
            }
            "ask" => {
                let number = chance.random_range(0..MESSAGES);
                let id = Uuid::from_u128(self.season() as u128 * MESSAGES + number);
                let text = format!("How much land is there, asked for the {number}th time?");
                hall::ask(tx, by_company, plan.session, id, &text).await.map(drop)
            }
            "vote" => {
                let question = pick(&sight.questions, chance)?;
                hall::vote(tx, by_company, question, chance.random_bool(0.7)).await.map(drop)
            }
            "answer the question" => {
                let question = pick(&sight.questions, chance)?;
                match chance.random_range(0..4) {
                    0 => hall::decide(tx, by_centre, question, chance.random_bool(0.7), Some("rude")).await.map(drop),
                    1 => hall::assign(tx, by_centre, question, Some(one(centre, chance)), None).await.map(drop),
                    2 => hall::remove(tx, by_centre, question, Some("rude")).await.map(drop),
                    _ => hall::answer(tx, by_centre, question, "Plenty.").await.map(drop),
                }
            }
            "pin" => hall::pin(tx, by_centre, plan.session, LocalText::only(Locale::En, "Coffee")).await.map(drop),
            "sanction" => {
                let kind = *[SanctionKind::Mute, SanctionKind::Block].choose(chance).expect("two");
                let measure = hall::Measure { person: plan.by_company, kind, reason: "rude".into(), minutes: Some(5) };
                hall::sanction(tx, by_centre, plan.session, measure).await.map(drop)
            }
            "cancel the session" => Err(Error::NotFound),
            what => panic!("nobody knows how to {what}"),
        }
    }

    /// One of the few things a person has to say, so that some are said twice: that is one message.
    async fn say(
        &self,
        tx: &mut Tx,
        act: &mut Act,
        channel: yunqia_domain::ids::ChannelId,
        chance: &mut StdRng,
    ) -> Outcome {
        let number = chance.random_range(0..MESSAGES);
        let client_id = Uuid::from_u128(self.season() as u128 * MESSAGES + number);
        let author = act.person()?;
        let before = yunqia_store::messages::by_client_id(tx, author, client_id).await?;
        let draft = messages::Draft { client_id, text: format!("Message {number} for you"), file: None };
        let message = messages::send(tx, act, channel, draft).await?;
        if let Some(before) = before {
            assert_eq!((before.id, before.seq), (message.id, message.seq), "the same client id is the same message");
        }
        Ok(())
    }

    /// Talks begin a little earlier or later, or last longer.
    async fn grid(&self, tx: &mut Tx, act: &mut Act, id: SessionId, chance: &mut StdRng) -> Outcome {
        let session = sessions::find(tx, id).await?;
        let date = session.zone.date_at(session.starts_at);
        let from = ["11:25", "11:35", "13:00"].choose(chance).expect("three");
        let minutes = [20, 30].choose(chance).expect("two");
        let grid = json!({ "slot_minutes": minutes, "buffer_minutes": 5, "blocks": [
            { "date": date, "from": from, "until": "15:00", "breaks": [] } ] });
        let grid = serde_json::from_value(grid).expect("a grid");
        sessions::set_grid(tx, act, id, None, grid, chance.random_bool(0.8)).await.map(drop)
    }
}

async fn settings(tx: &mut Tx, act: &mut Act, plan: &Plan, chance: &mut StdRng) -> Outcome {
    let session = sessions::find(tx, plan.session).await?;
    let mut settings = views::settings(&session);
    if plan.what == "times" {
        // The hall begins and ends a little later, or booking closes early.
        if chance.random_bool(0.5) {
            settings.starts_at = later(&settings.starts_at, chance.random_range(-20..40));
            settings.ends_at = later(&settings.ends_at, chance.random_range(0..40));
        } else {
            settings.booking_closes_at = later(&settings.booking_closes_at, chance.random_range(-600..600));
        }
    } else {
        settings.talks_per_company_max = *[None, Some(1), Some(3)].choose(chance).expect("three");
        settings.talks_per_desk_max = *[None, None, Some(3)].choose(chance).expect("three");
        settings.open_requests_max = *[None, Some(1), Some(10)].choose(chance).expect("three");
        settings.repeat_meetings = chance.random_bool(0.4);
        settings.auto_approve = chance.random_bool(0.5);
        settings.question_review = chance.random_bool(0.5);
        settings.request_minutes = *[15, 120, 1_440].choose(chance).expect("three");
    }
    sessions::change_settings(tx, act, plan.session, session.version, settings, chance.random_bool(0.7)).await
}

/// A wall time as a host types it, some minutes later.
fn later(time: &str, minutes: i64) -> String {
    let time: jiff::civil::DateTime = time.parse().expect("a wall time");
    let time = time.saturating_add(SignedDuration::from_mins(minutes));
    time.strftime("%Y-%m-%dT%H:%M").to_string()
}

/// A centre changes who sits at a desk, takes one away, or adds one.
async fn desk(
    tx: &mut Tx,
    act: &mut Act,
    centre: &House,
    session: SessionId,
    sight: &Sight,
    chance: &mut StdRng,
) -> Outcome {
    let own: Vec<_> = sight.desks.iter().filter(|(_, of)| *of == centre.id).map(|(id, _)| *id).collect();
    let staff = &centre.people[..chance.random_range(1..=centre.people.len())];
    let draft = json!({ "centre_id": centre.id, "name": { "en": "Desk" }, "room": null, "staff_ids": staff });
    let mut draft: yunqia_views::drafts::DeskDraft = serde_json::from_value(draft).expect("a draft");
    match chance.random_range(0..10) {
        0 => sessions::remove_desk(tx, act, pick(&own, chance)?, chance.random_bool(0.7)).await,
        // Four desks are enough.
        1..4 if own.len() < 4 => sessions::add_desk(tx, act, session, draft).await.map(drop),
        _ => {
            let id = pick(&own, chance)?;
            draft.room = yunqia_store::desks::find(tx, id).await?.ok_or(Error::NotFound)?.room;
            sessions::change_desk(tx, act, id, None, draft).await
        }
    }
}
