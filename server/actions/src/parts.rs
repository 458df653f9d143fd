//! What somebody is in a session or a talk, and which topics they may listen to: read once, decided by `domain`.

use std::{
    collections::{HashMap, HashSet, hash_map::Entry},
    sync::Arc,
};

use yunqia_domain::{
    Refusal, Timestamp,
    hall::{self, Part},
    ids::{BookingId, ChannelId, OrganisationId, PersonId, RegistrationId, SessionId},
    states::{ChannelKind, RegistrationState, SanctionKind, SessionState},
    topics::Topic,
};
use yunqia_store::{Tx, channels, halls, halls::Sanction, parts, parts::Talk, people, sessions, sessions::Session};

use yunqia_views::talks::TalkSide;

use crate::error::{Error, Result};

/// A person in a session.
pub struct InSession {
    pub session: Arc<Session>,
    /// Where the clock has brought the session.
    pub state: SessionState,
    pub part: Part,
    /// For whom they speak here.
    pub organisation: Option<OrganisationId>,
    pub registration: Option<(RegistrationId, RegistrationState)>,
    /// What counts against them now.
    pub sanctions: Vec<Sanction>,
}

impl InSession {
    pub fn may_enter(&self) -> Result<(), Refusal> {
        hall::may_enter(self.state, self.part, self.has(SanctionKind::Block))
    }

    pub fn may_write(&self) -> Result<(), Refusal> {
        self.may_enter()?;
        hall::may_write(self.state, self.part, self.has(SanctionKind::Mute))
    }

    /// Hosts of the session, and the operator.
    pub fn must_moderate(&self) -> Result<(), Refusal> {
        if self.part.moderates() { Ok(()) } else { Err(Refusal::NotAllowed) }
    }

    fn has(&self, kind: SanctionKind) -> bool {
        self.sanctions.iter().any(|sanction| sanction.kind == kind)
    }
}

/// Reads what a person is in a session.
pub async fn in_session(tx: &mut Tx, session: SessionId, person: PersonId, now: Timestamp) -> Result<InSession> {
    all_in_session(tx, session, &[person], now).await?.remove(&person).ok_or(Error::NotFound)
}

/// Reads what each of these people is in a session, with as many queries as for one.
pub async fn all_in_session(
    tx: &mut Tx,
    session: SessionId,
    people: &[PersonId],
    now: Timestamp,
) -> Result<HashMap<PersonId, InSession>> {
    let row = Arc::new(sessions::find(tx, session).await?.ok_or(Error::NotFound)?);
    let mut hosts = HashMap::new();
    for (person, centre) in parts::host_centres(tx, session, people).await? {
        // The first in the session's order.
        hosts.entry(person).or_insert(centre);
    }
    let mut attendances = HashMap::new();
    for attendance in parts::attendances(tx, session, people).await? {
        match attendances.entry(attendance.person_id) {
            Entry::Vacant(place) => drop(place.insert(attendance)),
            // One that takes part before one that does not, else the oldest.
            Entry::Occupied(mut known) if attendance.state.takes_part() && !known.get().state.takes_part() => {
                known.insert(attendance);
            }
            Entry::Occupied(_) => {}
        }
    }
    let mut sanctions: HashMap<PersonId, Vec<Sanction>> = HashMap::new();
    for sanction in halls::sanctions_of(tx, session, people, now).await? {
        sanctions.entry(sanction.person_id).or_default().push(sanction);
    }
    let others: Vec<PersonId> =
        people.iter().filter(|id| !hosts.contains_key(id) && !attendances.contains_key(id)).copied().collect();
    let operators: HashSet<PersonId> = match others.is_empty() {
        true => HashSet::new(),
        false => people::operators_among(tx, &others).await?.into_iter().map(|(id,)| id).collect(),
    };
    let state = row.state_at(now);
    let part_of = |person: PersonId| {
        let attendance = attendances.get(&person);
        let (part, organisation) = match (hosts.get(&person), attendance) {
            (Some(centre), _) => (Part::Host, Some(*centre)),
            (None, Some(attendance)) => (Part::Attendee(attendance.state), Some(attendance.company_id)),
            (None, None) if operators.contains(&person) => (Part::Operator, None),
            (None, None) => (Part::Nobody, None),
        };
        let registration = match part {
            Part::Attendee(_) => attendance.map(|attendance| (attendance.registration_id, attendance.state)),
            _ => None,
        };
        (part, organisation, registration)
    };
    let here = people.iter().map(|&person| {
        let (part, organisation, registration) = part_of(person);
        let sanctions = sanctions.get(&person).cloned().unwrap_or_default();
        (person, InSession { session: Arc::clone(&row), state, part, organisation, registration, sanctions })
    });
    Ok(here.collect())
}

/// A person in a talk.
pub struct InTalk {
    pub talk: Talk,
    pub side: TalkSide,
}

impl InTalk {
    pub fn organisation(&self) -> Option<OrganisationId> {
        match self.side {
            TalkSide::Company => Some(self.talk.company_id),
            TalkSide::Centre => Some(self.talk.centre_id),
            TalkSide::Observer => None,
        }
    }

    /// One of the two sides, not somebody who looks on.
    pub fn must_take_part(&self) -> Result<(), Refusal> {
        if self.side == TalkSide::Observer { Err(Refusal::NotAllowed) } else { Ok(()) }
    }
}

/// Reads what a person is in a talk; a booking that was never agreed has no room.
pub async fn in_talk(tx: &mut Tx, booking: BookingId, person: PersonId) -> Result<InTalk> {
    let talk = parts::talk(tx, booking).await?.ok_or(Error::NotFound)?;
    let side = if parts::is_member(tx, talk.company_id, person).await? {
        TalkSide::Company
    } else if parts::is_member(tx, talk.centre_id, person).await? {
        TalkSide::Centre
    } else if is_operator(tx, person).await? {
        TalkSide::Observer
    } else {
        return Err(Error::NotFound);
    };
    Ok(InTalk { talk, side })
}

/// What listening to a topic means for a person.
pub struct Listening {
    /// For whom they are shown as present; None on topics without presence.
    pub present: Option<Present>,
}

/// How somebody is shown to the others on a topic.
pub struct Present {
    pub organisation: Option<OrganisationId>,
    /// When their stay begins: a talk room may be listened to before it opens.
    pub from: Timestamp,
}

/// Whether a person (or nobody in particular) may listen to a topic.
pub async fn may_listen(tx: &mut Tx, person: Option<PersonId>, topic: Topic, now: Timestamp) -> Result<Listening> {
    let silent = Ok(Listening { present: None });
    if let Topic::Session(session) = topic {
        let row = sessions::find(tx, session).await?.ok_or(Error::NotFound)?;
        if row.state.is_public() {
            return silent;
        }
    }
    // Things that are not for everybody are not there for somebody who has not signed in.
    let person = person.ok_or(Error::NotFound)?;
    match topic {
        Topic::Session(session) | Topic::Host(session) => {
            in_session(tx, session, person, now).await?.must_moderate()?;
            silent
        }
        Topic::Hall(session) => {
            let here = in_session(tx, session, person, now).await?;
            here.may_enter()?;
            Ok(Listening { present: Some(Present { organisation: here.organisation, from: now }) })
        }
        Topic::Timetable(session) => {
            may_see_timetable(tx, session, person, now).await?;
            silent
        }
        Topic::Talk(booking) => {
            let here = in_talk(tx, booking, person).await?;
            if !here.talk.state.is_sold() {
                return Err(Refusal::IllegalMove.into());
            }
            if here.side == TalkSide::Observer {
                return silent;
            }
            let from = now.max(yunqia_domain::talk::opens_at(here.talk.starts_at));
            Ok(Listening { present: Some(Present { organisation: here.organisation(), from }) })
        }
        Topic::Direct(channel) => {
            direct_side(tx, channel, person).await?;
            silent
        }
        Topic::Person(id) if id == person => silent,
        Topic::Person(_) => Err(Error::NotFound),
    }
}

/// All desks and slots with the staff at them are for hosts, the operator, and everybody of a company that takes part.
pub async fn may_see_timetable(tx: &mut Tx, session: SessionId, person: PersonId, now: Timestamp) -> Result<()> {
    let here = in_session(tx, session, person, now).await?;
    let company = parts::company_registrations(tx, session, person).await?;
    if here.part.moderates() || company.iter().any(|(_, state)| state.takes_part()) {
        return Ok(());
    }
    Err(if company.is_empty() { Refusal::NotRegistered } else { Refusal::NotApproved }.into())
}

/// For whom a person speaks in a channel between a company and a centre.
pub async fn direct_side(tx: &mut Tx, channel: ChannelId, person: PersonId) -> Result<OrganisationId> {
    let channel = channels::find(tx, channel).await?.ok_or(Error::NotFound)?;
    if channel.kind != ChannelKind::Direct {
        return Err(Error::NotFound);
    }
    for organisation in [channel.company_id, channel.centre_id].into_iter().flatten() {
        if parts::is_member(tx, organisation, person).await? {
            return Ok(organisation);
        }
    }
    Err(Error::NotFound)
}

async fn is_operator(tx: &mut Tx, person: PersonId) -> Result<bool> {
    Ok(people::find(tx, person).await?.is_some_and(|person| person.operator))
}
