//! Companies in a session: registrations, the people who come, and the consents they gave.

use std::collections::BTreeSet;

use sqlx::types::Json;
use yunqia_domain::{
    Timestamp,
    ids::{ConsentId, OrganisationId, PersonId, RegistrationId, SessionId},
    states::RegistrationState,
};

use crate::db::{Result, Tx, sql};

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Registration {
    pub id: RegistrationId,
    pub session_id: SessionId,
    pub company_id: OrganisationId,
    pub state: RegistrationState,
    pub state_reason: Option<String>,
    pub answers: Json<serde_json::Map<String, serde_json::Value>>,
    /// The company agreed to stand in the session's list of companies.
    pub listed: bool,
    pub registered_by: Option<PersonId>,
    pub created_at: Timestamp,
    pub decided_by: Option<PersonId>,
    pub decided_at: Option<Timestamp>,
    pub version: i64,
}

pub async fn find(tx: &mut Tx, id: RegistrationId) -> Result<Option<Registration>> {
    Ok(find_all(tx, [id]).await?.pop())
}

pub async fn find_all(tx: &mut Tx, ids: impl IntoIterator<Item = RegistrationId>) -> Result<Vec<Registration>> {
    sql("SELECT id, session_id, company_id, state, state_reason, answers, listed, registered_by, created_at,
                decided_by, decided_at, version
         FROM registrations WHERE id IN (..)")
    .list(ids)
    .all(tx)
    .await
}

/// The company's part in a session.
pub async fn of_company(tx: &mut Tx, session: SessionId, company: OrganisationId) -> Result<Option<Registration>> {
    sql("SELECT id, session_id, company_id, state, state_reason, answers, listed, registered_by, created_at,
                decided_by, decided_at, version
         FROM registrations WHERE session_id = $1 AND company_id = $2")
    .bind(session)
    .bind(company)
    .optional(tx)
    .await
}

/// What these companies are in a session.
pub async fn of_companies(
    tx: &mut Tx,
    session: SessionId,
    companies: impl IntoIterator<Item = OrganisationId>,
) -> Result<Vec<Registration>> {
    sql("SELECT id, session_id, company_id, state, state_reason, answers, listed, registered_by, created_at,
                decided_by, decided_at, version
         FROM registrations WHERE session_id = $1 AND company_id IN (..)")
    .bind(session)
    .list(companies)
    .all(tx)
    .await
}

/// What these companies registered for, everything or one session, the newest first; `before` is the last one of the page
/// before.
pub async fn by_companies(
    tx: &mut Tx,
    companies: impl IntoIterator<Item = OrganisationId>,
    session: Option<SessionId>,
    before: Option<RegistrationId>,
    limit: i64,
) -> Result<Vec<RegistrationId>> {
    let ids: Vec<(RegistrationId,)> = sql("SELECT id FROM registrations
         WHERE id < $1 AND (session_id = $2 OR $2 IS NULL) AND company_id IN (..) ORDER BY id DESC LIMIT $3")
    .bind(before.unwrap_or(RegistrationId(uuid::Uuid::max())))
    .bind(session)
    .bind(limit)
    .list(companies)
    .all(tx)
    .await?;
    Ok(ids.into_iter().map(|(id,)| id).collect())
}

/// Registrations in these states.
pub async fn in_states(tx: &mut Tx, session: SessionId, states: &[RegistrationState]) -> Result<Vec<Registration>> {
    sql("SELECT id, session_id, company_id, state, state_reason, answers, listed, registered_by, created_at,
                decided_by, decided_at, version
         FROM registrations WHERE session_id = $1 AND state IN (..) ORDER BY created_at, id")
    .bind(session)
    .list(states.iter().copied())
    .all(tx)
    .await
}

/// One page of a session's registrations in order of arrival, found by the company's name.
pub async fn page(
    tx: &mut Tx,
    session: SessionId,
    states: &[RegistrationState],
    words: &str,
    after: Option<RegistrationId>,
    limit: i64,
) -> Result<Vec<RegistrationId>> {
    let ids: Vec<(RegistrationId,)> =
        sql("SELECT r.id FROM registrations r JOIN organisations o ON o.id = r.company_id
         WHERE r.session_id = $1 AND r.id > $2 AND o.name_key LIKE $3 ESCAPE '\\' AND r.state IN (..)
         ORDER BY r.id LIMIT $4")
        .bind(session)
        .bind(after.unwrap_or(RegistrationId(uuid::Uuid::nil())))
        .bind(crate::like(words))
        .bind(limit)
        .list(states.iter().copied())
        .all(tx)
        .await?;
    Ok(ids.into_iter().map(|(id,)| id).collect())
}

/// A company that comes to a session.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct Coming {
    pub id: RegistrationId,
    pub company_id: OrganisationId,
    pub listed: bool,
}

/// One page of the companies that come, in order of arrival, found by name; `all`: also those that did not agree to be listed.
pub async fn coming(
    tx: &mut Tx,
    session: SessionId,
    all: bool,
    words: &str,
    after: Option<RegistrationId>,
    limit: i64,
) -> Result<Vec<Coming>> {
    sql("SELECT r.id, r.company_id, r.listed FROM registrations r JOIN organisations o ON o.id = r.company_id
         WHERE r.session_id = $1 AND r.id > $2 AND o.name_key LIKE $3 ESCAPE '\\' AND (r.listed OR $4)
           AND r.state IN ('approved', 'checked_in', 'attended', 'absent')
         ORDER BY r.id LIMIT $5")
    .bind(session)
    .bind(after.unwrap_or(RegistrationId(uuid::Uuid::nil())))
    .bind(crate::like(words))
    .bind(all)
    .bind(limit)
    .all(tx)
    .await
}

/// Companies that take part, which a session's capacity limits.
pub async fn taking_part(tx: &mut Tx, session: SessionId) -> Result<i64> {
    sql("SELECT CAST(count(*) AS BIGINT) FROM registrations
         WHERE session_id = $1 AND state IN ('approved', 'checked_in', 'attended')")
    .bind(session)
    .scalar(tx)
    .await
}

pub async fn insert(tx: &mut Tx, registration: &Registration) -> Result<()> {
    let r = registration;
    sql("INSERT INTO registrations (id, session_id, company_id, state, state_reason, answers, listed, registered_by, created_at,
                                    decided_by, decided_at, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)")
    .bind(r.id)
    .bind(r.session_id)
    .bind(r.company_id)
    .bind(r.state)
    .bind(&r.state_reason)
    .bind(&r.answers)
    .bind(r.listed)
    .bind(r.registered_by)
    .bind(r.created_at)
    .bind(r.decided_by)
    .bind(r.decided_at)
    .bind(r.version)
    .execute(tx)
    .await?;
    Ok(())
}

/// Writes the changeable parts and raises the version; false if `registration.version` is not the stored one.
pub async fn update(tx: &mut Tx, registration: &Registration) -> Result<bool> {
    let r = registration;
    let changed = sql("UPDATE registrations SET state = $1, state_reason = $2, answers = $3, registered_by = $4,
                              decided_by = $5, decided_at = $6, listed = $7, version = version + 1
         WHERE id = $8 AND version = $9")
    .bind(r.state)
    .bind(&r.state_reason)
    .bind(&r.answers)
    .bind(r.registered_by)
    .bind(r.decided_by)
    .bind(r.decided_at)
    .bind(r.listed)
    .bind(r.id)
    .bind(r.version)
    .execute(tx)
    .await?;
    Ok(changed == 1)
}

/// The questions of a session that somebody answered, by the keys under which answers are kept.
pub async fn answered(tx: &mut Tx, session: SessionId) -> Result<BTreeSet<String>> {
    type Answers = Json<serde_json::Map<String, serde_json::Value>>;
    let rows: Vec<(Answers,)> =
        sql("SELECT answers FROM registrations WHERE session_id = $1").bind(session).all(tx).await?;
    Ok(rows.into_iter().flat_map(|(answers,)| answers.0.into_iter().map(|(key, _)| key)).collect())
}

#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct Attendee {
    pub registration_id: RegistrationId,
    pub person_id: PersonId,
    pub position: i64,
}

/// Who comes, in order: the first is the contact.
pub async fn attendees(tx: &mut Tx, registrations: impl IntoIterator<Item = RegistrationId>) -> Result<Vec<Attendee>> {
    sql("SELECT registration_id, person_id, position FROM attendees WHERE registration_id IN (..)
         ORDER BY registration_id, position")
    .list(registrations)
    .all(tx)
    .await
}

pub async fn set_attendees(tx: &mut Tx, registration: RegistrationId, people: &[PersonId]) -> Result<()> {
    sql("DELETE FROM attendees WHERE registration_id = $1").bind(registration).execute(tx).await?;
    if people.is_empty() {
        return Ok(());
    }
    sql("INSERT INTO attendees (registration_id, person_id, position) VALUES (..)")
        .rows(people.iter().zip(1i64..), |query, (person, position)| {
            query.bind(registration).bind(*person).bind(position)
        })
        .execute(tx)
        .await?;
    Ok(())
}

/// Takes a person off a company's registration for a session.
pub async fn take_off(tx: &mut Tx, session: SessionId, person: PersonId, company: OrganisationId) -> Result<()> {
    sql("DELETE FROM attendees WHERE person_id = $1
         AND registration_id IN (SELECT id FROM registrations WHERE session_id = $2 AND company_id = $3)")
    .bind(person)
    .bind(session)
    .bind(company)
    .execute(tx)
    .await?;
    Ok(())
}

/// Ends the wording of a consent that a host took down on the telephone.
pub const BY_PHONE: &str = "+phone";

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Consent {
    pub id: ConsentId,
    pub session_id: SessionId,
    pub company_id: OrganisationId,
    pub centre_id: OrganisationId,
    pub wording: String,
    pub given_by: PersonId,
    pub given_at: Timestamp,
    pub withdrawn_by: Option<PersonId>,
    pub withdrawn_at: Option<Timestamp>,
}

/// Every consent of a company for a session, withdrawn ones too, in order.
pub async fn consents(
    tx: &mut Tx,
    session: SessionId,
    companies: impl IntoIterator<Item = OrganisationId>,
) -> Result<Vec<Consent>> {
    sql("SELECT id, session_id, company_id, centre_id, wording, given_by, given_at, withdrawn_by, withdrawn_at
         FROM consents WHERE session_id = $1 AND company_id IN (..) ORDER BY given_at, id")
    .bind(session)
    .list(companies)
    .all(tx)
    .await
}

/// Which of these companies agreed, and did not take it back, that their details go to which of these centres.
pub async fn consenting(
    tx: &mut Tx,
    session: SessionId,
    companies: impl IntoIterator<Item = OrganisationId>,
    centres: impl IntoIterator<Item = OrganisationId>,
) -> Result<Vec<(OrganisationId, OrganisationId)>> {
    sql("SELECT company_id, centre_id FROM consents
         WHERE session_id = $1 AND company_id IN (..) AND centre_id IN (..) AND withdrawn_at IS NULL")
    .bind(session)
    .list(companies)
    .list(centres)
    .all(tx)
    .await
}

/// Which of these agreed, each company asked about one centre: what [`consenting`] says of all of them with each other is a
/// row for each pair.
pub async fn consented(
    tx: &mut Tx,
    session: SessionId,
    pairs: impl IntoIterator<Item = (OrganisationId, OrganisationId)>,
) -> Result<Vec<(OrganisationId, OrganisationId)>> {
    let mut pairs: Vec<_> = pairs.into_iter().collect();
    let Some(last) = pairs.last().copied() else { return Ok(Vec::new()) };
    // As a list is: few texts, each prepared once.
    pairs.resize(pairs.len().next_power_of_two(), last);
    sql("SELECT company_id, centre_id FROM consents
         WHERE session_id = $1 AND withdrawn_at IS NULL AND (company_id, centre_id) IN (VALUES (..))")
    .bind(session)
    .rows(pairs, |query, (company, centre)| query.bind(company).bind(centre))
    .all(tx)
    .await
}

/// Writes a consent down; false if one stands already.
pub async fn give_consent(tx: &mut Tx, consent: &Consent) -> Result<bool> {
    let given = sql("INSERT INTO consents (id, session_id, company_id, centre_id, wording, given_by, given_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING")
    .bind(consent.id)
    .bind(consent.session_id)
    .bind(consent.company_id)
    .bind(consent.centre_id)
    .bind(&consent.wording)
    .bind(consent.given_by)
    .bind(consent.given_at)
    .execute(tx)
    .await?;
    Ok(given == 1)
}

/// False if there was none.
pub async fn withdraw_consent(
    tx: &mut Tx,
    session: SessionId,
    company: OrganisationId,
    centre: OrganisationId,
    by: PersonId,
    now: Timestamp,
) -> Result<bool> {
    let withdrawn = sql("UPDATE consents SET withdrawn_by = $4, withdrawn_at = $5
         WHERE session_id = $1 AND company_id = $2 AND centre_id = $3 AND withdrawn_at IS NULL")
    .bind(session)
    .bind(company)
    .bind(centre)
    .bind(by)
    .bind(now)
    .execute(tx)
    .await?;
    Ok(withdrawn == 1)
}

/// Sessions that are not over, in which a company has a part.
pub async fn live_sessions(tx: &mut Tx, company: OrganisationId) -> Result<Vec<SessionId>> {
    let ids: Vec<(SessionId,)> = sql("SELECT r.session_id FROM registrations r JOIN sessions s ON s.id = r.session_id
         WHERE r.company_id = $1 AND r.state <> 'withdrawn' AND s.state NOT IN ('closed', 'archived', 'cancelled')
         ORDER BY r.session_id")
    .bind(company)
    .all(tx)
    .await?;
    Ok(ids.into_iter().map(|(id,)| id).collect())
}

/// A person's part in a session for a company that was once approved.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct Part {
    pub id: RegistrationId,
    pub session_id: SessionId,
    pub state: RegistrationState,
    pub version: i64,
}

/// Registrations by which a person comes, or would have come, to a session that ends after `since`. What a person can attend
/// limits them.
pub async fn of_attendee(tx: &mut Tx, person: PersonId, since: Timestamp) -> Result<Vec<Part>> {
    sql("SELECT r.id, r.session_id, r.state, r.version
         FROM attendees a JOIN registrations r ON r.id = a.registration_id JOIN sessions s ON s.id = r.session_id
         WHERE a.person_id = $1 AND s.ends_at > $2
           AND (r.state IN ('approved', 'checked_in', 'attended', 'absent')
                OR (r.state = 'withdrawn' AND r.decided_at IS NOT NULL))
         ORDER BY r.id")
    .bind(person)
    .bind(since)
    .all(tx)
    .await
}
