//! Who may speak for an organisation.

use yunqia_domain::{
    Refusal,
    ids::OrganisationId,
    states::{OrganisationKind, OrganisationState, Role},
};
use yunqia_store::{
    Tx, members,
    organisations::{self, Organisation},
    people,
};

use crate::{
    Act,
    error::{Error, Result},
};

/// The organisation, if the one who acts belongs to it.
pub async fn member(tx: &mut Tx, act: &Act, id: OrganisationId) -> Result<(Organisation, Role)> {
    let row = organisations::find(tx, id).await?.ok_or(Error::NotFound)?;
    match members::role_of(tx, id, act.person()?).await? {
        Some(role) => Ok((row, role)),
        None => Err(Refusal::NotAllowed.into()),
    }
}

/// The organisation, if the one who acts manages it. The operator manages every body.
pub async fn manager(tx: &mut Tx, act: &Act, id: OrganisationId) -> Result<Organisation> {
    if is_operator(tx, act).await? {
        return organisations::find(tx, id).await?.ok_or(Error::NotFound);
    }
    match member(tx, act, id).await? {
        (row, Role::Manager) => Ok(row),
        _ => Err(Refusal::NotAllowed.into()),
    }
}

pub async fn operator(tx: &mut Tx, act: &Act) -> Result<()> {
    if is_operator(tx, act).await? { Ok(()) } else { Err(Refusal::NotAllowed.into()) }
}

pub async fn is_operator(tx: &mut Tx, act: &Act) -> Result<bool> {
    Ok(people::find(tx, act.person()?).await?.is_some_and(|person| person.operator))
}

/// Belongs to a body that promotes and whose account is in order, or operates the platform.
pub async fn is_official(tx: &mut Tx, act: &Act) -> Result<bool> {
    let official =
        |m: &organisations::Membership| m.kind != OrganisationKind::Company && m.state == OrganisationState::Approved;
    Ok(is_operator(tx, act).await? || organisations::memberships(tx, act.person()?).await?.iter().any(official))
}
