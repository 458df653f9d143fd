//! Who belongs to an organisation: invitations by letter, requests to join, roles, leaving. At least one manager stays.

use yunqia_domain::{
    Refusal,
    contact::Email,
    ids::{JoinRequestId, MemberInvitationId, OrganisationId, PersonId},
    letters::{Facts, LetterKind},
    locale::{LocalText, Locale},
    names::PersonName,
    states::{JoinRequestState, OrganisationKind, OrganisationState, Role},
};
use yunqia_store::{
    Tx,
    bookings::ahead_of_person,
    members::{self, Invitation, JoinRequest},
    organisations::{self, Organisation},
    people::{self, Person},
};
use yunqia_views::{cards::Cards, common::ImpactKind, people::InvitationPreview};

use crate::{
    Act,
    act::{Note, hash},
    authority,
    bookings::{self, Leave, impact_of},
    error::{Error, Result},
    letters::{self, Letter},
    values::Values,
};

/// How long an invitation can be accepted, in minutes.
const INVITATION_MINUTES: i64 = 14 * 24 * 60;
/// Invitations that may wait at one organisation; more look like spam.
const INVITATIONS_MAX: usize = 50;
const TITLE_CHARS_MAX: usize = 60;
const NOTE_CHARS_MAX: usize = 500;

/// Invites somebody by letter. A second invitation to the same address replaces the first.
pub async fn invite(
    tx: &mut Tx,
    act: &mut Act,
    organisation: OrganisationId,
    email: &str,
    role: Role,
    title: Option<&str>,
    locale: Locale,
) -> Result<MemberInvitationId> {
    let row = authority::manager(tx, act, organisation).await?;
    let mut values = Values::new();
    let email = values.take("/email", email.parse::<Email>());
    let title = values.optional_line("/title", title, TITLE_CHARS_MAX);
    values.finish()?;
    let email = email.ok_or(Error::NotFound)?;
    let known = people::by_email(tx, &email.key()).await?;
    if let Some(person) = &known
        && members::role_of(tx, organisation, person.id).await?.is_some()
    {
        return Err(Refusal::AlreadyMember.into());
    }
    members::revoke_invitations(tx, organisation, None, Some(&email.key()), act.now).await?;
    if members::open_invitations(tx, organisation, act.now).await?.len() >= INVITATIONS_MAX {
        return Err(Refusal::TooMany.into());
    }
    let (id, token): (MemberInvitationId, String) = (act.id(), act.secret());
    let invitation = Invitation {
        id,
        organisation_id: organisation,
        email: email.as_str().into(),
        email_key: email.key(),
        role,
        title,
        invited_by: act.person()?,
        created_at: act.now,
        expires_at: act.now.plus_minutes(INVITATION_MINUTES),
        accepted_at: None,
        revoked_at: None,
    };
    members::insert_invitation(tx, &invitation, &hash(&token)).await?;
    let inviter = people::find(tx, act.person()?).await?.ok_or(Error::NotFound)?;
    let facts = Facts {
        link: format!("/invitation#token={token}"),
        organisation: Some(name(&row)),
        person: Some(shown(&inviter)),
        deadline: Some(invitation.expires_at),
        ..Facts::default()
    };
    // Who is known reads it in their own language, others in the inviter's.
    let locale = known.map_or(locale, |person| person.locale);
    letters::queue_to_address(tx, act, LetterKind::MemberInvitation, &email, locale, &id.to_string(), &facts).await?;
    note(tx, act, "member.invite", organisation, serde_json::json!({ "invitation": id, "role": role })).await?;
    Ok(id)
}

/// Takes an invitation back: its link stops working.
pub async fn revoke(tx: &mut Tx, act: &mut Act, organisation: OrganisationId, id: MemberInvitationId) -> Result<()> {
    authority::manager(tx, act, organisation).await?;
    if members::revoke_invitations(tx, organisation, Some(id), None, act.now).await? == 0 {
        return Err(Error::NotFound);
    }
    note(tx, act, "member.invite_revoke", organisation, serde_json::json!({ "invitation": id })).await
}

/// What the holder of a link is invited to.
pub async fn preview(tx: &mut Tx, act: &Act, token: &str) -> Result<InvitationPreview> {
    let found = members::invitation_by_token(tx, &hash(token)).await?.ok_or(Refusal::LinkSpent)?;
    let inviter = people::find(tx, found.invited_by).await?.ok_or(Error::NotFound)?;
    let usable = found.accepted_at.is_none() && found.revoked_at.is_none() && found.expires_at > act.now;
    Ok(InvitationPreview {
        organisation: Cards::read(tx, [], [found.organisation_id]).await?.organisation(found.organisation_id),
        email: found.email,
        role: found.role,
        invited_by: shown(&inviter),
        expires_at: found.expires_at,
        usable,
    })
}

/// Accepts an invitation. It is for the person whose address it was sent to, so a forwarded letter lets nobody in.
pub async fn accept(tx: &mut Tx, act: &mut Act, token: &str) -> Result<()> {
    let person = people::find(tx, act.person()?).await?.ok_or(Error::NotFound)?;
    let found = members::invitation_by_token(tx, &hash(token)).await?.ok_or(Refusal::LinkSpent)?;
    if found.email_key != person.email_key {
        return Err(Refusal::OtherAddress.into());
    }
    if !members::accept_invitation(tx, found.id, act.now).await? {
        return Err(Refusal::LinkSpent.into());
    }
    let organisation = found.organisation_id;
    let title = found.title.as_deref();
    organisations::add_member(tx, organisation, person.id, found.role, title, act.now).await?;
    note(tx, act, "member.join", organisation, serde_json::json!({ "person": person.id, "role": found.role })).await
}

/// Asks to be let into a company that is registered already.
pub async fn ask(
    tx: &mut Tx,
    act: &mut Act,
    organisation: OrganisationId,
    text: Option<&str>,
) -> Result<JoinRequestId> {
    let person = people::find(tx, act.person()?).await?.ok_or(Error::NotFound)?;
    let row = organisations::find(tx, organisation).await?.ok_or(Error::NotFound)?;
    // People of public bodies are invited; nobody asks their way in.
    if row.kind != OrganisationKind::Company {
        return Err(Refusal::NotAllowed.into());
    }
    if row.state == OrganisationState::Closed {
        return Err(Refusal::CompanyNotActive.into());
    }
    let mut values = Values::new();
    let text = values.optional_text("/note", text, NOTE_CHARS_MAX);
    values.finish()?;
    if members::role_of(tx, organisation, person.id).await?.is_some() {
        return Err(Refusal::AlreadyMember.into());
    }
    let request = JoinRequest {
        id: act.id(),
        organisation_id: organisation,
        person_id: person.id,
        email: person.email.clone(),
        state: JoinRequestState::Open,
        note: text,
        created_at: act.now,
    };
    if !members::insert_request(tx, &request).await? {
        return Err(Refusal::AskedToJoin.into());
    }
    let facts = Facts {
        link: "/company/members".into(),
        organisation: Some(name(&row)),
        person: Some(format!("{} <{}>", shown(&person), person.email)),
        note: request.note.clone(),
        ..Facts::default()
    };
    for manager in managers(tx, organisation).await? {
        let cause = format!("join-request:{}", request.id);
        send(tx, act, LetterKind::JoinRequestReceived, &manager, cause, facts.clone()).await?;
    }
    note(tx, act, "member.ask", organisation, serde_json::json!({ "request": request.id })).await?;
    Ok(request.id)
}

/// Lets somebody in, or does not.
pub async fn answer(tx: &mut Tx, act: &mut Act, id: JoinRequestId, accept: bool) -> Result<OrganisationId> {
    let request = members::request(tx, id).await?.ok_or(Error::NotFound)?;
    let organisation = request.organisation_id;
    let row = authority::manager(tx, act, organisation).await?;
    let state = if accept { JoinRequestState::Accepted } else { JoinRequestState::Declined };
    if !members::answer_request(tx, id, state, act.person()?, act.now).await? {
        return Err(Refusal::IllegalMove.into());
    }
    if accept {
        organisations::add_member(tx, organisation, request.person_id, Role::Member, None, act.now).await?;
    }
    let asker = people::find(tx, request.person_id).await?.ok_or(Error::NotFound)?;
    let facts = Facts {
        link: if accept { "/company".into() } else { "/company/new".into() },
        organisation: Some(name(&row)),
        accepted: Some(accept),
        ..Facts::default()
    };
    send(tx, act, LetterKind::JoinRequestAnswered, &asker, format!("join-request:{id}"), facts).await?;
    let after = serde_json::json!({ "person": request.person_id, "accepted": accept });
    note(tx, act, "member.answer", organisation, after).await?;
    Ok(organisation)
}

/// Changes what a member is.
pub async fn change(
    tx: &mut Tx,
    act: &mut Act,
    organisation: OrganisationId,
    person: PersonId,
    version: i64,
    role: Role,
    title: Option<&str>,
) -> Result<()> {
    authority::manager(tx, act, organisation).await?;
    tx.lock(organisation).await?;
    let mut values = Values::new();
    let title = values.optional_line("/title", title, TITLE_CHARS_MAX);
    values.finish()?;
    let before = members::role_of(tx, organisation, person).await?.ok_or(Error::NotFound)?;
    if before == Role::Manager && role != Role::Manager {
        keep_a_manager(tx, organisation, person).await?;
    }
    if !members::update(tx, organisation, person, version, role, &title).await? {
        return Err(Refusal::OldVersion.into());
    }
    let after = serde_json::json!({ "person": person, "role": role, "title": title });
    note(tx, act, "member.change", organisation, after).await
}

/// A member leaves, or is taken out by a manager. Their talks ahead are listed first, and go to colleagues or are cancelled
/// when that is accepted.
pub async fn remove(
    tx: &mut Tx,
    act: &mut Act,
    organisation: OrganisationId,
    person: PersonId,
    accept_impact: bool,
) -> Result<()> {
    if act.person()? == person {
        authority::member(tx, act, organisation).await?;
    } else {
        authority::manager(tx, act, organisation).await?;
    }
    tx.lock(organisation).await?;
    let role = members::role_of(tx, organisation, person).await?.ok_or(Error::NotFound)?;
    if role == Role::Manager {
        keep_a_manager(tx, organisation, person).await?;
    }
    bookings::lock_sessions_of(tx, &[organisation]).await?;
    let ahead = ahead_of_person(tx, person, organisation, act.now).await?;
    if !ahead.is_empty() && !accept_impact {
        return Err(Error::impact(impact_of(tx, &ahead, ImpactKind::HandedOn).await?));
    }
    members::remove(tx, organisation, person).await?;
    note(tx, act, "member.leave", organisation, serde_json::json!({ "person": person })).await?;
    bookings::drop_out_person(tx, act, person, organisation, Leave::OwnSide).await
}

async fn keep_a_manager(tx: &mut Tx, organisation: OrganisationId, leaving: PersonId) -> Result<()> {
    if members::managers_besides(tx, organisation, leaving).await? == 0 {
        return Err(Refusal::LastManager.into());
    }
    Ok(())
}

async fn managers(tx: &mut Tx, organisation: OrganisationId) -> Result<Vec<Person>> {
    let rows = members::of_organisation(tx, organisation).await?;
    let ids: Vec<PersonId> = rows.iter().filter(|row| row.role == Role::Manager).map(|row| row.person_id).collect();
    Ok(people::find_all(tx, ids).await?)
}

async fn send(tx: &mut Tx, act: &mut Act, kind: LetterKind, to: &Person, cause: String, facts: Facts) -> Result<()> {
    letters::queue(tx, act, Letter { kind, to, cause, facts, session: None, booking: None, due_at: None }).await?;
    Ok(())
}

async fn note(
    tx: &mut Tx,
    act: &mut Act,
    what: &str,
    organisation: OrganisationId,
    after: serde_json::Value,
) -> Result<()> {
    let line = Note {
        act: what,
        kind: "organisation",
        subject: organisation.0,
        session: None,
        before: None,
        after: Some(after),
    };
    act.note(tx, line).await
}

fn name(row: &Organisation) -> LocalText {
    LocalText::from_columns(row.name_hans.clone(), row.name_hant.clone(), row.name_en.clone())
}

/// The name as others see it; the address where somebody has not told their name yet.
fn shown(person: &Person) -> String {
    let name = PersonName::new(&person.family_name, &person.given_name, None).display();
    if name.is_empty() { person.email.clone() } else { name }
}
