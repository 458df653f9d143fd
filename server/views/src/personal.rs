//! What is kept about one person, as they take it away (PIPL art. 45), and what closing their account will do (art. 47).

use std::collections::HashMap;

use serde::Serialize;
use utoipa::ToSchema;
use yunqia_domain::{
    Timestamp,
    ids::{OrganisationId, PersonId, SessionId},
    locale::Locale,
    states::{
        BookingState, ChannelKind, InterestState, LetterState, MessageState, PersonState, Priority, QuestionState,
        RegistrationState, SanctionKind,
    },
};
use yunqia_store::{Result, Tx, people as person_rows, personal as rows, sessions};

use crate::{
    bookings::unique,
    cards::{Cards, OrganisationCard},
    common::ImpactItem,
    people::{self, Membership, Person},
};

/// Everything kept about a person, with names instead of ids, in their language.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PersonalData {
    pub made_at: Timestamp,
    pub person: Person,
    pub state: PersonState,
    pub created_at: Timestamp,
    pub memberships: Vec<Membership>,
    pub sign_ins: Vec<OwnSignIn>,
    pub registrations: Vec<OwnRegistration>,
    pub consents: Vec<OwnConsent>,
    pub bookings: Vec<OwnBooking>,
    pub interests: Vec<OwnInterest>,
    pub messages: Vec<OwnMessage>,
    pub questions: Vec<OwnQuestion>,
    pub stays: Vec<OwnStay>,
    pub sanctions: Vec<OwnSanction>,
    pub letters: Vec<OwnLetter>,
    /// Lines of the audit log about what the person did.
    pub acts: Vec<OwnAct>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OwnSignIn {
    pub device: String,
    pub created_at: Timestamp,
    pub last_seen_at: Timestamp,
    pub ended_at: Option<Timestamp>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OwnRegistration {
    pub session: String,
    pub company: String,
    pub state: RegistrationState,
    pub created_at: Timestamp,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OwnConsent {
    pub session: String,
    pub company: String,
    pub centre: String,
    /// The version of the text that was agreed to.
    pub wording: String,
    pub given_at: Timestamp,
    pub withdrawn_at: Option<Timestamp>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OwnBooking {
    pub session: String,
    pub company: String,
    pub centre: String,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    pub state: BookingState,
    pub subject: String,
    /// Only where the person wrote them.
    pub minutes: Option<String>,
    pub next_step: Option<String>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OwnInterest {
    pub company: String,
    /// A centre's name, or the code of a project on offer.
    pub target: String,
    pub priority: Priority,
    pub planned_wan: Option<i64>,
    pub note: String,
    pub state: InterestState,
    pub created_at: Timestamp,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OwnMessage {
    pub kind: ChannelKind,
    pub session: Option<String>,
    pub company: Option<String>,
    pub centre: Option<String>,
    pub text: String,
    /// Name of the file it carries.
    pub file: Option<String>,
    pub state: MessageState,
    pub created_at: Timestamp,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OwnQuestion {
    pub session: String,
    pub text: String,
    pub answer: Option<String>,
    pub state: QuestionState,
    pub created_at: Timestamp,
}

/// A stay in a hall or a talk room.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OwnStay {
    pub session: String,
    pub in_talk: bool,
    pub joined_at: Timestamp,
    pub left_at: Option<Timestamp>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OwnSanction {
    pub session: String,
    pub kind: SanctionKind,
    pub reason: String,
    pub until: Option<Timestamp>,
    pub created_at: Timestamp,
    pub lifted_at: Option<Timestamp>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OwnLetter {
    pub kind: String,
    pub to_email: String,
    pub state: LetterState,
    pub created_at: Timestamp,
    pub sent_at: Option<Timestamp>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OwnAct {
    pub at: Timestamp,
    pub act: String,
    pub subject: String,
}

/// What closing one's account will do.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Closing {
    /// Requests and talks ahead, each handed to a colleague who is free, or cancelled.
    pub impact: Vec<ImpactItem>,
    /// Companies that have nobody else: they are closed with the account.
    pub companies: Vec<OrganisationCard>,
    /// Organisations that need another manager first. Not empty: the account cannot be closed yet.
    pub needs_manager: Vec<OrganisationCard>,
    /// An operator gives that part to somebody else first.
    pub operator: bool,
}

/// Reads all of it. None if there is no such person.
pub async fn data(tx: &mut Tx, id: PersonId, locale: Locale, now: Timestamp) -> Result<Option<PersonalData>> {
    let Some(person) = person_rows::find(tx, id).await? else { return Ok(None) };
    let memberships = people::memberships(tx, &[id]).await?.remove(&id).unwrap_or_default();
    let registrations = rows::registrations(tx, id).await?;
    let consents = rows::consents(tx, id).await?;
    let bookings = rows::bookings(tx, id).await?;
    let interests = rows::interests(tx, id).await?;
    let messages = rows::messages(tx, id).await?;
    let questions = rows::questions(tx, id).await?;
    let stays = rows::stays(tx, id).await?;
    let sanctions = rows::sanctions(tx, id).await?;
    let sessions = (registrations.iter().map(|row| row.session_id))
        .chain(consents.iter().map(|row| row.session_id))
        .chain(bookings.iter().map(|row| row.session_id))
        .chain(messages.iter().filter_map(|row| row.session_id))
        .chain(questions.iter().map(|row| row.session_id))
        .chain(stays.iter().map(|row| row.session_id))
        .chain(sanctions.iter().map(|row| row.session_id));
    let organisations = (registrations.iter().map(|row| row.company_id))
        .chain(consents.iter().flat_map(|row| [row.company_id, row.centre_id]))
        .chain(bookings.iter().flat_map(|row| [row.company_id, row.centre_id]))
        .chain(interests.iter().flat_map(|row| [Some(row.company_id), row.centre_id]).flatten())
        .chain(messages.iter().flat_map(|row| [row.company_id, row.centre_id]).flatten());
    let names = Names::read(tx, unique(sessions), unique(organisations), locale).await?;
    Ok(Some(PersonalData {
        made_at: now,
        state: person.state,
        created_at: person.created_at,
        person: person.into(),
        memberships,
        sign_ins: (rows::sign_ins(tx, id).await?.into_iter())
            .map(|row| OwnSignIn {
                device: row.device,
                created_at: row.created_at,
                last_seen_at: row.last_seen_at,
                ended_at: row.ended_at,
            })
            .collect(),
        registrations: (registrations.into_iter())
            .map(|row| OwnRegistration {
                session: names.session(row.session_id),
                company: names.organisation(row.company_id),
                state: row.state,
                created_at: row.created_at,
            })
            .collect(),
        consents: (consents.into_iter())
            .map(|row| OwnConsent {
                session: names.session(row.session_id),
                company: names.organisation(row.company_id),
                centre: names.organisation(row.centre_id),
                wording: row.wording,
                given_at: row.given_at,
                withdrawn_at: row.withdrawn_at,
            })
            .collect(),
        bookings: (bookings.into_iter())
            .map(|row| OwnBooking {
                session: names.session(row.session_id),
                company: names.organisation(row.company_id),
                centre: names.organisation(row.centre_id),
                starts_at: row.starts_at,
                ends_at: row.ends_at,
                state: row.state,
                subject: row.subject,
                minutes: row.minutes,
                next_step: row.next_step,
            })
            .collect(),
        interests: (interests.into_iter())
            .map(|row| OwnInterest {
                company: names.organisation(row.company_id),
                target: row.centre_id.map(|id| names.organisation(id)).or(row.opportunity).unwrap_or_default(),
                priority: row.priority,
                planned_wan: row.planned_wan,
                note: row.note,
                state: row.state,
                created_at: row.created_at,
            })
            .collect(),
        messages: (messages.into_iter())
            .map(|row| OwnMessage {
                kind: row.kind,
                session: row.session_id.map(|id| names.session(id)),
                company: row.company_id.map(|id| names.organisation(id)),
                centre: row.centre_id.map(|id| names.organisation(id)),
                text: row.text,
                file: row.file,
                state: row.state,
                created_at: row.created_at,
            })
            .collect(),
        questions: (questions.into_iter())
            .map(|row| OwnQuestion {
                session: names.session(row.session_id),
                text: row.text,
                answer: row.answer,
                state: row.state,
                created_at: row.created_at,
            })
            .collect(),
        stays: (stays.into_iter())
            .map(|row| OwnStay {
                session: names.session(row.session_id),
                in_talk: row.booking_id.is_some(),
                joined_at: row.joined_at,
                left_at: row.left_at,
            })
            .collect(),
        sanctions: (sanctions.into_iter())
            .map(|row| OwnSanction {
                session: names.session(row.session_id),
                kind: row.kind,
                reason: row.reason,
                until: row.until,
                created_at: row.created_at,
                lifted_at: row.lifted_at,
            })
            .collect(),
        letters: (rows::letters(tx, id).await?.into_iter())
            .map(|row| OwnLetter {
                kind: row.kind,
                to_email: row.to_email,
                state: row.state,
                created_at: row.created_at,
                sent_at: row.sent_at,
            })
            .collect(),
        acts: (rows::acts(tx, id).await?.into_iter()).map(|(at, act, subject)| OwnAct { at, act, subject }).collect(),
    }))
}

/// Names of sessions and organisations in one language.
struct Names {
    sessions: HashMap<SessionId, String>,
    cards: Cards,
    locale: Locale,
}

impl Names {
    async fn read(
        tx: &mut Tx,
        sessions: Vec<SessionId>,
        organisations: Vec<OrganisationId>,
        locale: Locale,
    ) -> Result<Names> {
        let sessions = sessions::find_all(tx, sessions).await?;
        let cards = Cards::read(tx, [], organisations).await?;
        let theme = |row: &sessions::Session| row.theme().text(locale).to_owned();
        Ok(Names { sessions: sessions.iter().map(|row| (row.id, theme(row))).collect(), cards, locale })
    }

    fn session(&self, id: SessionId) -> String {
        self.sessions.get(&id).cloned().unwrap_or_default()
    }

    fn organisation(&self, id: OrganisationId) -> String {
        self.cards.organisation(id).name.text(self.locale).to_owned()
    }
}
