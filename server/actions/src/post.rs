//! The letters of one act on a session: gathered while it works, written with one statement at its end.

use std::collections::{BTreeSet, HashMap};

use yunqia_domain::{
    Timestamp,
    calendar::{self, Answer, Method},
    ids::{BookingId, DeskId, LetterId, OrganisationId, PersonId, SessionId},
    letters::{Actor, Facts, Invite, LetterKind, SessionFacts, Side, Span, TalkFacts},
    locale::LocalText,
    names::PersonName,
    session::talk_reminders,
};
use yunqia_store::{
    Tx, bookings::Booking, desks, letters, organisations, people, people::Person, registrations::Registration,
    sessions, sessions::Session,
};

use crate::{Act, error::Result};

/// Letters to be, and the names that stand in them.
#[derive(Default)]
pub struct Post {
    letters: Vec<letters::NewLetter>,
    people: HashMap<PersonId, Person>,
    names: HashMap<OrganisationId, LocalText>,
    desks: HashMap<DeskId, LocalText>,
    sessions: HashMap<SessionId, SessionFacts>,
}

/// What a letter is about, beside its facts.
#[derive(Clone)]
pub struct About {
    /// What makes this letter one letter: the thing and its version. Kind and reader are added to it.
    pub cause: String,
    pub session: Option<SessionId>,
    pub booking: Option<BookingId>,
    /// Not before; `None`: now.
    pub due_at: Option<Timestamp>,
}

impl About {
    pub fn booking(booking: &Booking) -> About {
        About {
            cause: format!("booking:{}:{}", booking.id, booking.version),
            session: Some(booking.session_id),
            booking: Some(booking.id),
            due_at: None,
        }
    }

    pub fn session(session: SessionId, cause: String) -> About {
        About { cause, session: Some(session), booking: None, due_at: None }
    }
}

impl Post {
    /// Reads the people and organisations of bookings at once, so that writing to them asks for nothing more.
    pub async fn meet(&mut self, tx: &mut Tx, bookings: &[Booking]) -> Result<()> {
        let wanted =
            bookings.iter().flat_map(|b| [b.contact_id, b.staff_id]).filter(|id| !self.people.contains_key(id));
        let wanted: BTreeSet<PersonId> = wanted.collect();
        if !wanted.is_empty() {
            for person in people::find_all(tx, wanted).await? {
                self.people.insert(person.id, person);
            }
        }
        let wanted =
            bookings.iter().flat_map(|b| [b.company_id, b.centre_id]).filter(|id| !self.names.contains_key(id));
        let wanted: Vec<OrganisationId> = wanted.collect();
        for line in organisations::lines(tx, wanted).await? {
            self.names.insert(line.id, LocalText::from_columns(line.name_hans, line.name_hant, line.name_en));
        }
        let wanted: BTreeSet<DeskId> =
            bookings.iter().map(|b| b.desk_id).filter(|id| !self.desks.contains_key(id)).collect();
        if !wanted.is_empty() {
            for desk in desks::find_all(tx, wanted).await? {
                self.desks.insert(desk.id, desk.name());
            }
        }
        Ok(())
    }

    pub async fn person(&mut self, tx: &mut Tx, id: PersonId) -> Result<Person> {
        if !self.people.contains_key(&id) {
            let person = people::find(tx, id).await?.ok_or(crate::Error::NotFound)?;
            self.people.insert(id, person);
        }
        Ok(self.people[&id].clone())
    }

    pub async fn name(&mut self, tx: &mut Tx, id: OrganisationId) -> Result<LocalText> {
        if !self.names.contains_key(&id) {
            let line = organisations::lines(tx, [id]).await?.pop().ok_or(crate::Error::NotFound)?;
            self.names.insert(id, LocalText::from_columns(line.name_hans, line.name_hant, line.name_en));
        }
        Ok(self.names[&id].clone())
    }

    /// The session's line in a letter; when it changed within the act, [`Post::forget`] first.
    pub async fn session(&mut self, tx: &mut Tx, session: &Session) -> Result<SessionFacts> {
        if !self.sessions.contains_key(&session.id) {
            let mut hosts = Vec::new();
            for host in sessions::hosts(tx, [session.id]).await? {
                hosts.push(self.name(tx, host.centre_id).await?);
            }
            // A series names its lead, not 39 counties.
            hosts.truncate(5);
            let facts = SessionFacts {
                title: session.theme(),
                starts_at: session.starts_at,
                ends_at: session.ends_at,
                zone: session.zone.clone(),
                hosts,
            };
            self.sessions.insert(session.id, facts);
        }
        Ok(self.sessions[&session.id].clone())
    }

    pub fn forget(&mut self, session: SessionId) {
        self.sessions.remove(&session);
    }

    /// What every letter about a booking says.
    pub async fn talk(&mut self, tx: &mut Tx, session: &Session, booking: &Booking) -> Result<Facts> {
        self.meet(tx, std::slice::from_ref(booking)).await?;
        Ok(Facts {
            link: format!("/bookings/{}", booking.id),
            company: Some(self.names[&booking.company_id].clone()),
            centre: Some(self.names[&booking.centre_id].clone()),
            session: Some(self.session(tx, session).await?),
            talk: Some(TalkFacts {
                starts_at: booking.starts_at,
                ends_at: booking.ends_at,
                desk: self.desks.get(&booking.desk_id).cloned(),
            }),
            ..Facts::default()
        })
    }

    /// Adds a letter, unless its reader did what it tells of. `needs` is checked here, so that a forgotten fact fails in
    /// the act's test and not at night.
    pub fn add(&mut self, act: &mut Act, kind: LetterKind, to: &Person, about: &About, facts: Facts) {
        // A cancellation without a calendar part is no more than news.
        let receipt = kind.goes_to_actor() && (kind.calendar().is_none() || facts.calendar.is_some());
        if act.by == Some(to.id) && !receipt {
            return;
        }
        // Who did it themselves needs not be told who did it.
        let facts = Facts { by: facts.by.filter(|_| act.by != Some(to.id)), ..facts };
        if let Err(problem) = facts.check(kind) {
            debug_assert!(false, "{problem}");
            tracing::error!(%problem, "a letter was not queued");
            return;
        }
        let id: LetterId = act.id();
        self.letters.push(letters::NewLetter {
            id,
            dedup_key: format!("{}:{}:{}", kind.code(), about.cause, to.id),
            kind: kind.code().into(),
            person_id: Some(to.id),
            to_email: to.email.clone(),
            to_domain: to.email_key.rsplit('@').next().unwrap_or_default().to_owned(),
            locale: to.locale,
            facts: serde_json::value::to_raw_value(&facts).expect("facts are plain data"),
            session_id: about.session,
            booking_id: about.booking,
            due_at: about.due_at.unwrap_or(act.now),
            message_id: id.to_string(),
            created_at: act.now,
        });
    }

    /// Adds a letter to one side of a booking; `facts` without the reader's side.
    pub async fn add_to_side(
        &mut self,
        tx: &mut Tx,
        act: &mut Act,
        kind: LetterKind,
        booking: &Booking,
        side: Side,
        facts: Facts,
    ) -> Result<()> {
        let to = match side {
            Side::Company => booking.contact_id,
            _ => booking.staff_id,
        };
        let to = self.person(tx, to).await?;
        self.add(act, kind, &to, &About::booking(booking), Facts { reader: Some(side), ..facts });
        Ok(())
    }

    /// Adds a letter to both sides of a booking.
    pub async fn add_to_both(
        &mut self,
        tx: &mut Tx,
        act: &mut Act,
        kind: LetterKind,
        booking: &Booking,
        facts: Facts,
    ) -> Result<()> {
        self.add_to_side(tx, act, kind, booking, Side::Company, facts.clone()).await?;
        self.add_to_side(tx, act, kind, booking, Side::Centre, facts).await
    }

    /// Adds the reminders of a confirmed talk for both sides, or for one.
    pub async fn remind(
        &mut self,
        tx: &mut Tx,
        act: &mut Act,
        session: &Session,
        booking: &Booking,
        sides: &[Side],
    ) -> Result<()> {
        let facts = self.talk(tx, session, booking).await?;
        for side in sides {
            let to = match side {
                Side::Company => booking.contact_id,
                _ => booking.staff_id,
            };
            let to = self.person(tx, to).await?;
            let zone = to.zone.parse().unwrap_or_else(|_| session.zone.clone());
            for (kind, due_at) in talk_reminders(booking.starts_at, &zone, act.now) {
                let link = match kind {
                    LetterKind::TalkReminder1d => facts.link.clone(),
                    _ => format!("/talks/{}", booking.id),
                };
                let facts = Facts { link, reader: Some(*side), ..facts.clone() };
                self.add_reminder(act, kind, &to, &About { due_at: Some(due_at), ..About::booking(booking) }, facts);
            }
        }
        Ok(())
    }

    /// Like [`Post::add`], for letters that come later and so are news to the one who acts, too.
    pub fn add_reminder(&mut self, act: &mut Act, kind: LetterKind, to: &Person, about: &About, facts: Facts) {
        let by = act.by.take();
        self.add(act, kind, to, about, facts);
        act.by = by;
    }

    /// Writes all letters; those that were written before, by their causes, are left out.
    pub async fn send(self, tx: &mut Tx) -> Result<()> {
        letters::queue_all(tx, &self.letters).await?;
        Ok(())
    }
}

/// The calendar entry of a talk as it is now.
pub fn invite(booking: &Booking, method: Method, now: Timestamp) -> Invite {
    Invite {
        uid: booking.calendar_uid.clone(),
        sequence: booking.calendar_sequence,
        method,
        stamp: now,
        answer: Answer::Accepted,
    }
}

/// The calendar entry of a session for one company's part in it.
pub fn session_invite(part: &Registration, session: &Session, method: Method, now: Timestamp) -> Invite {
    Invite {
        uid: calendar::session_uid(part.id),
        sequence: calendar::session_sequence(session.version, part.version),
        method,
        stamp: now,
        answer: Answer::Accepted,
    }
}

/// Who did it, as a letter names them.
pub fn by(side: Side, name: Option<LocalText>) -> Actor {
    Actor { side, name }
}

pub fn span(starts_at: Timestamp, ends_at: Timestamp) -> Span {
    Span { starts_at, ends_at }
}

/// A person's name as others see it.
pub fn display(person: &Person) -> String {
    PersonName::new(&person.family_name, &person.given_name, None).display()
}
