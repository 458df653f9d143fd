//! Letters about a session as a whole: to the companies' people who come, and to the centres' people who host.

use std::collections::BTreeSet;

use yunqia_domain::{
    calendar::Method,
    ids::{PersonId, SessionId},
    letters::{Facts, LetterKind, SessionChange, Side, Span},
    session::session_reminders,
    states::{RegistrationState, Role},
    zones::Zone,
};
use yunqia_store::{
    Tx, desks, letters, organisations,
    people::Person,
    registrations::{self, Registration},
    sessions,
};

use crate::{
    Act,
    bookings::Work,
    error::Result,
    post::{About, session_invite},
};

/// A changing agenda is told of once in this many minutes; the letter leads to the page.
const AGENDA_EVERY_MINUTES: i64 = 15;

/// The centres' people who hear of a session: those at its desks, and the managers of its hosts.
pub(crate) struct CentreSide(BTreeSet<PersonId>);

impl CentreSide {
    pub async fn of(tx: &mut Tx, session: SessionId) -> Result<CentreSide> {
        let mut people: BTreeSet<PersonId> =
            desks::staff_of_session(tx, session).await?.into_iter().map(|staff| staff.person_id).collect();
        let hosts = sessions::hosts(tx, [session]).await?;
        let members = organisations::people_of(tx, hosts.iter().map(|host| host.centre_id)).await?;
        let managers = members.into_iter().filter(|member| member.role == Role::Manager);
        people.extend(managers.map(|member| member.person_id));
        Ok(CentreSide(people))
    }

    pub fn people(&self) -> impl Iterator<Item = PersonId> {
        self.0.iter().copied()
    }

    /// After desks or hosts changed: who is new is reminded of the session, who is gone no more.
    pub async fn follow(self, tx: &mut Tx, act: &mut Act, work: &mut Work) -> Result<()> {
        if !work.session.state.is_public() {
            return Ok(());
        }
        let now = CentreSide::of(tx, work.session.id).await?;
        let gone: Vec<PersonId> = self.0.difference(&now.0).copied().collect();
        if !gone.is_empty() {
            letters::drop_session_reminders(tx, work.session.id, Some(&gone)).await?;
        }
        for person in now.0.difference(&self.0) {
            remind(tx, act, work, *person, Side::Centre).await?;
        }
        Ok(())
    }
}

/// The companies' people who hear of a session as a whole, each with their company's part in it: who comes or asked to come.
/// Where nobody is named, because the company was only invited or its people have left, those are its managers.
pub(crate) async fn company_side(tx: &mut Tx, work: &mut Work) -> Result<Vec<(Registration, Person)>> {
    use RegistrationState::*;
    let states = [Invited, Registered, Returned, Approved, CheckedIn];
    let parts = registrations::in_states(tx, work.session.id, &states).await?;
    let attendees = registrations::attendees(tx, parts.iter().map(|part| part.id)).await?;
    let members = organisations::people_of(tx, parts.iter().map(|part| part.company_id)).await?;
    let mut side = Vec::new();
    for part in parts {
        let named = attendees.iter().filter(|one| one.registration_id == part.id).map(|one| one.person_id);
        let mut people: Vec<PersonId> = named.collect();
        if people.is_empty() {
            let managers = members.iter().filter(|one| one.organisation_id == part.company_id);
            people.extend(managers.filter(|one| one.role == Role::Manager).map(|one| one.person_id));
        }
        for person in people {
            let person = work.post.person(tx, person).await?;
            // As with the invitation itself.
            if part.state != Invited || person.wants_digests {
                side.push((part.clone(), person));
            }
        }
    }
    Ok(side)
}

/// Queues the reminders of a session for everybody on the centres' side.
pub(crate) async fn remind_centres(tx: &mut Tx, act: &mut Act, work: &mut Work) -> Result<()> {
    for person in CentreSide::of(tx, work.session.id).await?.people() {
        remind(tx, act, work, person, Side::Centre).await?;
    }
    Ok(())
}

/// Queues the reminders of a session, the day and half an hour before, for one person of a side.
pub(crate) async fn remind(tx: &mut Tx, act: &mut Act, work: &mut Work, person: PersonId, side: Side) -> Result<()> {
    let session = work.session.clone();
    let to = work.post.person(tx, person).await?;
    let zone: Zone = to.zone.parse().unwrap_or_else(|_| session.zone.clone());
    let facts = Facts {
        link: format!("/sessions/{}/hall", session.id),
        reader: Some(side),
        session: Some(work.post.session(tx, &session).await?),
        ..Facts::default()
    };
    for (kind, due_at) in session_reminders(session.starts_at, &zone, act.now) {
        let about = About {
            due_at: Some(due_at),
            // A reminder that was dropped comes again when the company is back.
            ..About::session(session.id, format!("session:{}:{}", session.id, act.now.unix_millis()))
        };
        work.post.add_reminder(act, kind, &to, &about, facts.clone());
    }
    Ok(())
}

/// Tells everybody on both sides what of a published session is new; `was`: its time before, when that changed. Reminders
/// follow a new time. Companies that have a calendar entry get it again. Who was only invited hears of what the invitation
/// said.
pub(crate) async fn tell_changed(
    tx: &mut Tx,
    act: &mut Act,
    work: &mut Work,
    changes: Vec<SessionChange>,
    was: Option<Span>,
) -> Result<()> {
    let session = work.session.clone();
    if changes.is_empty() || !session.state.is_public() {
        return Ok(());
    }
    if was.is_some() {
        letters::drop_session_reminders(tx, session.id, None).await?;
    }
    work.post.forget(session.id);
    let facts = Facts {
        link: format!("/sessions/{}", session.id),
        session: Some(work.post.session(tx, &session).await?),
        was,
        ..Facts::default()
    };
    let cause = match changes[..] {
        [SessionChange::Agenda] => {
            format!("session:{}:agenda:{}", session.id, act.now.unix_millis() / (AGENDA_EVERY_MINUTES * 60_000))
        }
        _ => format!("session:{}:{}", session.id, session.version),
    };
    let was_told =
        |change: &SessionChange| matches!(change, SessionChange::Time | SessionChange::Title | SessionChange::Windows);
    let concerns_invited = changes.iter().any(was_told);
    let facts = Facts { changes, ..facts };
    let about = About::session(session.id, cause);
    for (part, to) in company_side(tx, work).await? {
        let method = match part.state {
            RegistrationState::Invited if !concerns_invited => continue,
            RegistrationState::Invited => Some(Method::Publish),
            state if state.takes_part() => Some(Method::Request),
            // Nobody has approved it yet: there is no entry.
            _ => None,
        };
        let facts = Facts {
            reader: Some(Side::Company),
            calendar: method.map(|method| session_invite(&part, &session, method, act.now)),
            ..facts.clone()
        };
        work.post.add(act, LetterKind::SessionChanged, &to, &about, facts);
        if was.is_some() && part.state.takes_part() {
            remind(tx, act, work, to.id, Side::Company).await?;
        }
    }
    for person in CentreSide::of(tx, session.id).await?.people() {
        let to = work.post.person(tx, person).await?;
        let facts = Facts { reader: Some(Side::Centre), ..facts.clone() };
        work.post.add(act, LetterKind::SessionChanged, &to, &about, facts);
        if was.is_some() {
            remind(tx, act, work, person, Side::Centre).await?;
        }
    }
    Ok(())
}
