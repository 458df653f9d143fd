//! A company's part in a session, as it is shown.

use std::collections::HashMap;

use serde::Serialize;
use utoipa::ToSchema;
use yunqia_domain::{
    Timestamp,
    ids::{OrganisationId, RegistrationId, SessionId},
    locale::LocalText,
    states::{CompanySize, RegistrationState},
};
use yunqia_store::{Result, Tx, companies, registrations, sessions};

use crate::{
    Reader,
    bookings::unique,
    cards::{Cards, OrganisationCard, PersonCard},
    reason,
    sessions::SessionCard,
};

/// A company's registration for a session.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Registration {
    pub id: RegistrationId,
    pub session_id: SessionId,
    pub company: OrganisationCard,
    pub state: RegistrationState,
    pub state_reason: Option<String>,
    /// By question id: a text, a number, true or false; for a choice the option in the words that were chosen.
    #[schema(value_type = HashMap<String, crate::drafts::QuestionAnswer>)]
    pub answers: serde_json::Map<String, serde_json::Value>,
    /// The first is the contact.
    pub attendees: Vec<PersonCard>,
    /// One for each host of the session.
    pub consents: Vec<Consent>,
    /// The company agreed to stand in the session's list of companies.
    pub listed: bool,
    pub created_at: Timestamp,
    pub decided_at: Option<Timestamp>,
    pub version: i64,
}

/// Whether the company's details may be given to a centre.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Consent {
    pub centre: OrganisationCard,
    pub given_at: Option<Timestamp>,
    pub withdrawn_at: Option<Timestamp>,
}

/// A line of "my registrations".
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RegistrationRow {
    pub registration: Registration,
    pub session: SessionCard,
}

pub async fn registration(tx: &mut Tx, id: RegistrationId, reader: &Reader) -> Result<Registration> {
    registrations(tx, [id], reader).await?.pop().ok_or(yunqia_store::Error::NotFound)
}

/// Registrations in order of arrival.
pub async fn registrations(
    tx: &mut Tx,
    ids: impl IntoIterator<Item = RegistrationId>,
    reader: &Reader,
) -> Result<Vec<Registration>> {
    let mut rows = registrations::find_all(tx, ids).await?;
    rows.sort_by_key(|row| row.id);
    let attendees = registrations::attendees(tx, rows.iter().map(|row| row.id)).await?;
    let session_ids = unique(rows.iter().map(|row| row.session_id));
    let hosts = sessions::hosts(tx, session_ids.iter().copied()).await?;
    let mut consents = Vec::new();
    for session in &session_ids {
        let companies = unique(rows.iter().filter(|row| row.session_id == *session).map(|row| row.company_id));
        consents.extend(registrations::consents(tx, *session, companies).await?);
    }
    let leads: HashMap<SessionId, OrganisationId> = sessions::find_all(tx, session_ids.iter().copied())
        .await?
        .into_iter()
        .map(|session| (session.id, session.lead_centre_id))
        .collect();
    let cards = Cards::read(
        tx,
        attendees.iter().map(|attendee| attendee.person_id),
        rows.iter().map(|row| row.company_id).chain(hosts.iter().map(|host| host.centre_id)),
    )
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let consent = |host: &sessions::Host| {
                // The newest word counts.
                let last = consents.iter().rev().find(|consent| {
                    consent.session_id == row.session_id
                        && consent.company_id == row.company_id
                        && consent.centre_id == host.centre_id
                });
                Consent {
                    centre: cards.organisation(host.centre_id),
                    given_at: last.map(|consent| consent.given_at),
                    withdrawn_at: last.and_then(|consent| consent.withdrawn_at),
                }
            };
            let consents: Vec<Consent> =
                hosts.iter().filter(|host| host.session_id == row.session_id).map(consent).collect();
            // Names of people and answers are for the company, for who leads the session and decides, and for centres the
            // company agreed to (PIPL art. 23); an event that all hosts receive carries none.
            let agreed = |consent: &Consent| {
                consent.given_at.is_some() && consent.withdrawn_at.is_none() && reader.is_member_of(consent.centre.id)
            };
            let open = reader.operator
                || reader.is_member_of(row.company_id)
                || leads.get(&row.session_id).is_some_and(|lead| reader.is_member_of(*lead))
                || consents.iter().any(agreed);
            Registration {
                id: row.id,
                session_id: row.session_id,
                company: cards.organisation(row.company_id),
                state: row.state,
                state_reason: reason::text(row.state_reason.as_deref(), reader.locale),
                attendees: attendees
                    .iter()
                    .filter(|attendee| open && attendee.registration_id == row.id)
                    .map(|attendee| cards.person(attendee.person_id, Some(row.company_id)))
                    .collect(),
                consents,
                listed: row.listed,
                answers: if open { row.answers.0 } else { serde_json::Map::new() },
                created_at: row.created_at,
                decided_at: row.decided_at,
                version: row.version,
            }
        })
        .collect())
}

/// These registrations of a person's companies with their sessions, the newest first.
pub async fn mine(tx: &mut Tx, ids: Vec<RegistrationId>, reader: &Reader) -> Result<Vec<RegistrationRow>> {
    let mut rows = registrations(tx, ids, reader).await?;
    rows.reverse();
    let cards = crate::sessions::cards(tx, unique(rows.iter().map(|row| row.session_id)), reader).await?;
    Ok(rows
        .into_iter()
        .filter_map(|registration| {
            let session = cards.iter().find(|card| card.id == registration.session_id)?.clone();
            Some(RegistrationRow { registration, session })
        })
        .collect())
}

/// A company in a session's list: what it tells everybody of itself, no person, no number.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ComingCompany {
    pub company: OrganisationCard,
    pub sectors: Vec<String>,
    pub size: CompanySize,
    pub offers: LocalText,
    pub seeks: LocalText,
    /// False: it did not agree to be listed, and only hosts see it here.
    pub listed: bool,
}

/// Companies of a session's list, in its order.
pub async fn coming(tx: &mut Tx, rows: Vec<registrations::Coming>) -> Result<Vec<ComingCompany>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let cards = Cards::read(tx, [], rows.iter().map(|row| row.company_id)).await?;
    let companies = companies::find_all(tx, rows.iter().map(|row| row.company_id)).await?;
    let view = |row: registrations::Coming| {
        let company = companies.iter().find(|company| company.organisation_id == row.company_id)?.clone();
        Some(ComingCompany {
            company: cards.organisation(row.company_id),
            sectors: company.sectors.0,
            size: company.size,
            offers: LocalText::from_columns(company.offers_hans, company.offers_hant, company.offers_en),
            seeks: LocalText::from_columns(company.seeks_hans, company.seeks_hant, company.seeks_en),
            listed: row.listed,
        })
    };
    Ok(rows.into_iter().filter_map(view).collect())
}
