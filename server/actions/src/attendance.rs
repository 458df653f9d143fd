//! Coming and going: stays in the hall and in talk rooms are kept as evidence, and move registrations and bookings on.

use std::collections::{HashMap, HashSet};

use yunqia_domain::{
    Refusal, Timestamp, attendance,
    ids::{BookingId, OrganisationId, PersonId, RegistrationId, SessionId},
    states::{BookingState, RegistrationState},
    talk,
    topics::Topic,
};
use yunqia_store::{Tx, channels, registrations, stays, stays::Stay, talks};
use yunqia_views::events::Event;

use crate::{
    Act,
    act::Note,
    echo::Echo,
    error::{Error, Result},
    messages::{hall_channel, talk_channel},
    parts::{self, InTalk},
    tell::tell,
};

/// People come into the hall, as many together as there are: who may not is passed over. The approved registration of each
/// one's company is checked in by that, in the name of the first of its people.
pub async fn enter_hall(tx: &mut Tx, act: &mut Act, session: SessionId, people: &[PersonId]) -> Result<()> {
    let mut here = parts::all_in_session(tx, session, people, act.now).await?;
    // A host who looks around before or after: no attendance.
    here.retain(|_, here| here.may_enter().is_ok() && here.state.has_hall());
    // In the order of arrival, each once.
    let mut seen = HashSet::new();
    let people: Vec<PersonId> =
        people.iter().filter(|person| here.contains_key(person) && seen.insert(**person)).copied().collect();
    if people.is_empty() {
        return Ok(());
    }
    channels::ensure(tx, &hall_channel(session)).await?;
    go_on(tx, act, session, &people, &here).await?;
    let mut checked_in = HashSet::new();
    for person in people {
        if let Some((id, RegistrationState::Approved)) = here[&person].registration
            && checked_in.insert(id)
        {
            act.by = Some(person);
            check_in(tx, act, id, session).await?;
        }
    }
    Ok(())
}

/// Begins the stays of people in the hall, or goes on with those that are still open.
async fn go_on(
    tx: &mut Tx,
    act: &mut Act,
    session: SessionId,
    people: &[PersonId],
    here: &HashMap<PersonId, parts::InSession>,
) -> Result<()> {
    let fresh = act.now.plus(-attendance::CONFIRMED_WITHIN);
    stays::end_unconfirmed(tx, session, people, fresh).await?;
    stays::renew(tx, session, None, people, act.now).await?;
    let open: HashSet<PersonId> =
        stays::open_of(tx, session, None, people).await?.into_iter().map(|(person,)| person).collect();
    let begun = people.iter().filter(|person| !open.contains(person));
    let begun: Vec<Stay> = begun
        .map(|&person| Stay {
            id: act.id(),
            session_id: session,
            booking_id: None,
            person_id: person,
            organisation_id: here[&person].organisation,
            joined_at: act.now,
            seen_at: act.now,
            left_at: None,
        })
        .collect();
    stays::insert_all(tx, &begun).await?;
    Ok(())
}

async fn check_in(tx: &mut Tx, act: &mut Act, id: RegistrationId, session: SessionId) -> Result<()> {
    let mut row = registrations::find(tx, id).await?.ok_or(Error::NotFound)?;
    row.state = RegistrationState::CheckedIn;
    if registrations::update(tx, &row).await? {
        let after = serde_json::json!({ "state": row.state });
        let (subject, session_id) = (id.0, Some(session));
        let what = "registration.check_in";
        let note =
            Note { act: what, kind: "registration", subject, session: session_id, before: None, after: Some(after) };
        act.note(tx, note).await?;
        Echo { registrations: [id].into(), ..Echo::default() }.send(tx, act.now).await?;
    }
    Ok(())
}

/// A person comes into a talk room. The first side there checks the booking in, both together begin the talk.
pub async fn enter_talk(tx: &mut Tx, act: &mut Act, booking: BookingId) -> Result<()> {
    let person = act.person()?;
    let session = parts::in_talk(tx, booking, person).await?.talk.session_id;
    tx.lock(session).await?;
    let here = parts::in_talk(tx, booking, person).await?;
    here.must_take_part()?;
    talk::may_enter(here.talk.state, here.talk.starts_at, act.now)?;
    if channels::of_talk(tx, booking).await?.is_none() {
        channels::ensure(tx, &talk_channel(&here.talk)).await?;
    }
    talks::ensure(tx, booking).await?;
    stay(tx, act, session, Some(booking), here.organisation()).await?;
    begin(tx, act, &here).await
}

/// Moves the booking to where the presence of its sides brings it.
async fn begin(tx: &mut Tx, act: &mut Act, here: &InTalk) -> Result<()> {
    let stays = stays::in_talk(tx, here.talk.booking_id).await?;
    let is_here = |side: OrganisationId| stays.iter().any(|s| s.organisation_id == Some(side) && is_open(s, act.now));
    let (company, centre) = (is_here(here.talk.company_id), is_here(here.talk.centre_id));
    let to = talk::state_by_presence(here.talk.state, company, centre);
    move_booking(tx, act, here, to).await?;
    Ok(())
}

/// Moves a talk's booking along and tells everybody concerned; false if it is there already.
pub async fn move_booking(tx: &mut Tx, act: &mut Act, here: &InTalk, to: BookingState) -> Result<bool> {
    let (id, from) = (here.talk.booking_id, here.talk.state);
    if from == to {
        return Ok(false);
    }
    if !from.may_become(to) {
        return Err(Refusal::IllegalMove.into());
    }
    // Back to a held talk only if the pair has not met again since.
    tx.point().await?;
    match talks::move_booking(tx, id, from, to, act.now).await {
        Ok(true) => {}
        Ok(false) => return Err(Refusal::IllegalMove.into()),
        Err(yunqia_store::Error::Duplicate(_)) => {
            tx.back().await?;
            return Err(Refusal::MetAlready.into());
        }
        Err(error) => return Err(error.into()),
    }
    let (before, after) = (serde_json::json!({ "state": from }), serde_json::json!({ "state": to }));
    let session = Some(here.talk.session_id);
    let what = "talk.move";
    let note = Note { act: what, kind: "booking", subject: id.0, session, before: Some(before), after: Some(after) };
    act.note(tx, note).await?;
    tell(tx, Topic::Talk(id), Event::TalkChanged {}, act.now).await?;
    Echo { bookings: [id].into(), ..Echo::default() }.send(tx, act.now).await?;
    Ok(true)
}

/// Begins a stay, or goes on with one that is still open: a reload, another tab, a server that was restarted.
async fn stay(
    tx: &mut Tx,
    act: &mut Act,
    session: SessionId,
    booking: Option<BookingId>,
    organisation: Option<OrganisationId>,
) -> Result<()> {
    let person = act.person()?;
    if let Some(open) = stays::open(tx, session, booking, person).await? {
        if is_open(&open, act.now) {
            stays::renew(tx, session, booking, &[person], act.now).await?;
            return Ok(());
        }
        stays::end(tx, session, booking, person, open.seen_at).await?;
    }
    let stay = Stay {
        id: act.id(),
        session_id: session,
        booking_id: booking,
        person_id: person,
        organisation_id: organisation,
        joined_at: act.now,
        seen_at: act.now,
        left_at: None,
    };
    stays::insert(tx, &stay).await?;
    Ok(())
}

fn is_open(stay: &Stay, now: Timestamp) -> bool {
    stay.left_at.is_none() && now.since(stay.seen_at) < attendance::CONFIRMED_WITHIN
}

/// A person has been gone from a hall or talk room since then.
pub async fn leave(tx: &mut Tx, topic: Topic, person: PersonId, at: Timestamp) -> Result<()> {
    match topic {
        Topic::Hall(session) => {
            stays::end(tx, session, None, person, at).await?;
        }
        Topic::Talk(booking) => {
            if let Some(talk) = yunqia_store::parts::talk(tx, booking).await? {
                stays::end(tx, talk.session_id, Some(booking), person, at).await?;
                tell(tx, topic, Event::TalkChanged {}, at).await?;
            }
        }
        _ => {}
    }
    Ok(())
}

/// These people are still there: confirmed now and then, so that a killed server loses a minute at most. Returns those who
/// have an open stay; the others are to enter anew.
pub async fn confirm(tx: &mut Tx, topic: Topic, people: &[PersonId], now: Timestamp) -> Result<HashSet<PersonId>> {
    let (session, booking) = match topic {
        Topic::Hall(session) => (session, None),
        Topic::Talk(booking) => {
            let talk = yunqia_store::parts::talk(tx, booking).await?.ok_or(Error::NotFound)?;
            (talk.session_id, Some(booking))
        }
        _ => return Ok(people.iter().copied().collect()),
    };
    stays::renew(tx, session, booking, people, now).await?;
    let open = stays::open_of(tx, session, booking, people).await?;
    Ok(open.into_iter().map(|(person,)| person).collect())
}

/// Ends the stays whose server has gone.
pub async fn end_stale(tx: &mut Tx, now: Timestamp) -> Result<u64> {
    Ok(stays::end_stale(tx, now.plus(-attendance::CONFIRMED_WITHIN)).await?)
}
