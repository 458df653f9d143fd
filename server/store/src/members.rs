//! How people come to an organisation and leave it: invitations, requests to join, roles.

use yunqia_domain::{
    Timestamp,
    ids::{JoinRequestId, MemberInvitationId, OrganisationId, PersonId},
    states::{JoinRequestState, Role},
};

use crate::db::{Result, Tx, sql};

/// A person of an organisation.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Member {
    pub person_id: PersonId,
    pub email: String,
    pub role: Role,
    pub title: Option<String>,
    pub joined_at: Timestamp,
    pub version: i64,
}

/// Everybody of an organisation, managers first.
pub async fn of_organisation(tx: &mut Tx, organisation: OrganisationId) -> Result<Vec<Member>> {
    sql("SELECT m.person_id, p.email, m.role, m.title, m.joined_at, m.version
         FROM members m JOIN people p ON p.id = m.person_id
         WHERE m.organisation_id = $1 ORDER BY m.role, m.joined_at, m.person_id")
    .bind(organisation)
    .all(tx)
    .await
}

pub async fn role_of(tx: &mut Tx, organisation: OrganisationId, person: PersonId) -> Result<Option<Role>> {
    let found: Option<(Role,)> = sql("SELECT role FROM members WHERE organisation_id = $1 AND person_id = $2")
        .bind(organisation)
        .bind(person)
        .optional(tx)
        .await?;
    Ok(found.map(|(role,)| role))
}

/// Changes a member's role and title; false if somebody did so since `version`, or the person is none.
pub async fn update(
    tx: &mut Tx,
    organisation: OrganisationId,
    person: PersonId,
    version: i64,
    role: Role,
    title: &Option<String>,
) -> Result<bool> {
    let changed = sql("UPDATE members SET role = $4, title = $5, version = version + 1
         WHERE organisation_id = $1 AND person_id = $2 AND version = $3")
    .bind(organisation)
    .bind(person)
    .bind(version)
    .bind(role)
    .bind(title)
    .execute(tx)
    .await?;
    Ok(changed == 1)
}

pub async fn remove(tx: &mut Tx, organisation: OrganisationId, person: PersonId) -> Result<bool> {
    let removed = sql("DELETE FROM members WHERE organisation_id = $1 AND person_id = $2")
        .bind(organisation)
        .bind(person)
        .execute(tx)
        .await?;
    Ok(removed == 1)
}

/// How many managers an organisation has, not counting `except`.
pub async fn managers_besides(tx: &mut Tx, organisation: OrganisationId, except: PersonId) -> Result<i64> {
    sql("SELECT CAST(count(*) AS BIGINT) FROM members m JOIN people p ON p.id = m.person_id
         WHERE m.organisation_id = $1 AND m.role = 'manager' AND m.person_id <> $2 AND p.state = 'active'")
    .bind(organisation)
    .bind(except)
    .scalar(tx)
    .await
}

/// An invitation to act for an organisation.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Invitation {
    pub id: MemberInvitationId,
    pub organisation_id: OrganisationId,
    pub email: String,
    pub email_key: String,
    pub role: Role,
    pub title: Option<String>,
    pub invited_by: PersonId,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub accepted_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
}

pub async fn insert_invitation(tx: &mut Tx, row: &Invitation, token_hash: &str) -> Result<()> {
    sql("INSERT INTO member_invitations (id, organisation_id, email, email_key, role, title, token_hash, invited_by,
                                         created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)")
    .bind(row.id)
    .bind(row.organisation_id)
    .bind(&row.email)
    .bind(&row.email_key)
    .bind(row.role)
    .bind(&row.title)
    .bind(token_hash)
    .bind(row.invited_by)
    .bind(row.created_at)
    .bind(row.expires_at)
    .execute(tx)
    .await?;
    Ok(())
}

pub async fn invitation_by_token(tx: &mut Tx, token_hash: &str) -> Result<Option<Invitation>> {
    sql("SELECT id, organisation_id, email, email_key, role, title, invited_by, created_at, expires_at, accepted_at,
                revoked_at
         FROM member_invitations WHERE token_hash = $1")
    .bind(token_hash)
    .optional(tx)
    .await
}

/// Invitations that can still be accepted, newest first.
pub async fn open_invitations(tx: &mut Tx, organisation: OrganisationId, now: Timestamp) -> Result<Vec<Invitation>> {
    sql("SELECT id, organisation_id, email, email_key, role, title, invited_by, created_at, expires_at, accepted_at,
                revoked_at
         FROM member_invitations
         WHERE organisation_id = $1 AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > $2
         ORDER BY created_at DESC, id DESC LIMIT 200")
    .bind(organisation)
    .bind(now)
    .all(tx)
    .await
}

/// Uses an invitation; false if it was used, taken back or too old meanwhile.
pub async fn accept_invitation(tx: &mut Tx, id: MemberInvitationId, now: Timestamp) -> Result<bool> {
    let accepted = sql("UPDATE member_invitations SET accepted_at = $2
         WHERE id = $1 AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > $2")
    .bind(id)
    .bind(now)
    .execute(tx)
    .await?;
    Ok(accepted == 1)
}

/// Takes back the open invitations of an organisation: one, or those to an address.
pub async fn revoke_invitations(
    tx: &mut Tx,
    organisation: OrganisationId,
    id: Option<MemberInvitationId>,
    email_key: Option<&str>,
    now: Timestamp,
) -> Result<u64> {
    sql("UPDATE member_invitations SET revoked_at = $4
         WHERE organisation_id = $1 AND (id = $2 OR $2 IS NULL) AND (email_key = $3 OR $3 IS NULL)
           AND accepted_at IS NULL AND revoked_at IS NULL")
    .bind(organisation)
    .bind(id)
    .bind(email_key.map(str::to_owned))
    .bind(now)
    .execute(tx)
    .await
}

/// Somebody who asks to be let in.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct JoinRequest {
    pub id: JoinRequestId,
    pub organisation_id: OrganisationId,
    pub person_id: PersonId,
    pub email: String,
    pub state: JoinRequestState,
    pub note: Option<String>,
    pub created_at: Timestamp,
}

pub async fn request(tx: &mut Tx, id: JoinRequestId) -> Result<Option<JoinRequest>> {
    sql("SELECT j.id, j.organisation_id, j.person_id, p.email, j.state, j.note, j.created_at
         FROM join_requests j JOIN people p ON p.id = j.person_id WHERE j.id = $1")
    .bind(id)
    .optional(tx)
    .await
}

/// Requests that wait for an answer, oldest first.
pub async fn open_requests(tx: &mut Tx, organisation: OrganisationId) -> Result<Vec<JoinRequest>> {
    sql("SELECT j.id, j.organisation_id, j.person_id, p.email, j.state, j.note, j.created_at
         FROM join_requests j JOIN people p ON p.id = j.person_id
         WHERE j.organisation_id = $1 AND j.state = 'open' ORDER BY j.created_at, j.id LIMIT 200")
    .bind(organisation)
    .all(tx)
    .await
}

/// Adds a request; false if one by this person is open.
pub async fn insert_request(tx: &mut Tx, row: &JoinRequest) -> Result<bool> {
    let added = sql("INSERT INTO join_requests (id, organisation_id, person_id, state, note, created_at)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (organisation_id, person_id) WHERE state = 'open' DO NOTHING")
    .bind(row.id)
    .bind(row.organisation_id)
    .bind(row.person_id)
    .bind(row.state)
    .bind(&row.note)
    .bind(row.created_at)
    .execute(tx)
    .await?;
    Ok(added == 1)
}

/// Answers an open request; false if it was answered before.
pub async fn answer_request(
    tx: &mut Tx,
    id: JoinRequestId,
    state: JoinRequestState,
    by: PersonId,
    now: Timestamp,
) -> Result<bool> {
    let answered =
        sql("UPDATE join_requests SET state = $2, decided_by = $3, decided_at = $4 WHERE id = $1 AND state = 'open'")
            .bind(id)
            .bind(state)
            .bind(by)
            .bind(now)
            .execute(tx)
            .await?;
    Ok(answered == 1)
}
