//! The door of the halls: whose a sign-in is, and whether somebody may come in. When thousands come back at once their questions
//! are answered together, with as many queries a lot as one alone would need.

use std::{
    collections::{HashMap, HashSet, hash_map::Entry},
    sync::Arc,
};

use futures_util::FutureExt;
use serde_json::value::RawValue;
use yunqia_actions::parts;
use yunqia_domain::{
    Timestamp,
    ids::{OrganisationId, PersonId, SessionId},
    locale::Locale,
};
use yunqia_store::{Db, Tx, channels, halls, sign_ins, sign_ins::Holder};
use yunqia_views::{cards::Cards, hall};

use super::{
    listen::raw,
    snapshots::Snapshots,
    together::{Full, Together},
};
use crate::{problem::Fault, state::Clock};

/// Answered together.
const TOGETHER: usize = 256;
/// Questions that may wait; at a few thousand a second the last of them waits about a second.
const WAITING: usize = 4096;

/// Asked by every socket that opens and every one that enters a hall.
pub struct Door {
    sign_ins: Together<String, Result<Option<Holder>, Fault>>,
    halls: Together<Guest, Result<Welcome, Fault>>,
}

/// Somebody in front of a hall.
#[derive(Clone, Copy, Debug)]
pub struct Guest {
    pub session: SessionId,
    pub person: PersonId,
    pub locale: Locale,
}

/// Somebody may come in.
pub struct Welcome {
    /// What others are shown of them, as JSON.
    pub card: Box<RawValue>,
    /// What everybody sees.
    pub shared: Arc<hall::Shared>,
    /// Nothing but that.
    pub plain: bool,
}

impl Door {
    pub fn start(db: Db, clock: Clock, snapshots: Arc<Snapshots>) -> Door {
        let (sign_in_db, sign_in_clock) = (db.clone(), Arc::clone(&clock));
        Door {
            sign_ins: Together::start(TOGETHER, WAITING, move |hashes| {
                let (db, now) = (sign_in_db.clone(), sign_in_clock());
                async move { holders(&db, hashes, now).await }.boxed()
            }),
            halls: Together::start(TOGETHER, WAITING, move |guests| {
                let (db, snapshots, now) = (db.clone(), Arc::clone(&snapshots), clock());
                async move { welcomed(&db, &snapshots, guests, now).await }.boxed()
            }),
        }
    }

    /// Whose the live sign-in with this token is. The inner None: nobody's.
    pub async fn holder(&self, token_hash: String) -> Result<Result<Option<Holder>, Fault>, Full> {
        self.sign_ins.ask(token_hash).await
    }

    /// Whether somebody may enter a hall, and what they see there.
    pub async fn enter(&self, guest: Guest) -> Result<Result<Welcome, Fault>, Full> {
        self.halls.ask(guest).await
    }
}

async fn holders(db: &Db, hashes: Vec<String>, now: Timestamp) -> Vec<Result<Option<Holder>, Fault>> {
    let read = async {
        let mut tx = db.read().await?;
        sign_ins::by_tokens(&mut tx, &hashes, now).await
    };
    match read.await {
        Ok(holders) => {
            let found: HashMap<String, Holder> =
                holders.into_iter().map(|holder| (holder.token_hash.clone(), holder)).collect();
            hashes.iter().map(|hash| Ok(found.get(hash).cloned())).collect()
        }
        Err(error) => hashes.iter().map(|_| Err(Fault::Inside(error.to_string()))).collect(),
    }
}

async fn welcomed(db: &Db, snapshots: &Snapshots, guests: Vec<Guest>, now: Timestamp) -> Vec<Result<Welcome, Fault>> {
    let mut places: HashMap<SessionId, Vec<usize>> = HashMap::new();
    for (place, guest) in guests.iter().enumerate() {
        places.entry(guest.session).or_default().push(place);
    }
    let mut answers: Vec<Option<Result<Welcome, Fault>>> = guests.iter().map(|_| None).collect();
    let mut tx = match db.read().await {
        Ok(tx) => tx,
        Err(error) => return guests.iter().map(|_| Err(Fault::Inside(error.to_string()))).collect(),
    };
    for (session, places) in places {
        let here: Vec<Guest> = places.iter().map(|place| guests[*place]).collect();
        match into_one(&mut tx, snapshots, session, &here, now).await {
            Ok(welcomes) => places.into_iter().zip(welcomes).for_each(|(place, answer)| answers[place] = Some(answer)),
            Err(Fault::NotFound) => places.into_iter().for_each(|place| answers[place] = Some(Err(Fault::NotFound))),
            Err(fault) => {
                let told = || Fault::Inside(format!("{fault:?}"));
                places.into_iter().for_each(|place| answers[place] = Some(Err(told())));
            }
        }
    }
    answers.into_iter().map(|answer| answer.unwrap_or(Err(Fault::NotFound))).collect()
}

/// Those in front of one hall.
async fn into_one(
    tx: &mut Tx,
    snapshots: &Snapshots,
    session: SessionId,
    guests: &[Guest],
    now: Timestamp,
) -> Result<Vec<Result<Welcome, Fault>>, Fault> {
    let mut people: Vec<PersonId> = guests.iter().map(|guest| guest.person).collect();
    people.sort();
    people.dedup();
    let here = parts::all_in_session(tx, session, &people, now).await?;
    let channel = channels::hall_id(session);
    let own: HashSet<PersonId> =
        halls::with_something_own(tx, session, channel, &people).await?.into_iter().map(|(person,)| person).collect();
    let speaks_for: HashMap<PersonId, Option<OrganisationId>> =
        here.iter().map(|(person, here)| (*person, here.organisation)).collect();
    let cards = Cards::read(tx, people.iter().copied(), speaks_for.values().copied().flatten()).await?;
    let mut shared: HashMap<Locale, Arc<hall::Shared>> = HashMap::new();
    let mut answers = Vec::with_capacity(guests.len());
    for guest in guests {
        let Some(here) = here.get(&guest.person) else { return Err(Fault::NotFound) };
        answers.push(match here.may_enter() {
            Err(refusal) => Err(refusal.into()),
            Ok(()) => {
                let shared = match shared.entry(guest.locale) {
                    Entry::Occupied(known) => Arc::clone(known.get()),
                    Entry::Vacant(place) => {
                        let made = snapshots.shared(tx, &here.session, guest.locale, now).await?;
                        Arc::clone(place.insert(made))
                    }
                };
                Ok(Welcome {
                    card: raw(&cards.person(guest.person, here.organisation))?,
                    shared,
                    plain: !here.part.moderates() && here.sanctions.is_empty() && !own.contains(&guest.person),
                })
            }
        });
    }
    Ok(answers)
}
