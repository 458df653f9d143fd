//! What a person is in a session: who may do what is decided from this.

use yunqia_domain::{
    Refusal,
    ids::{OrganisationId, PersonId},
    states::{OrganisationKind, OrganisationState},
};
use yunqia_store::{
    Tx, organisations,
    organisations::Membership,
    people,
    sessions::{self, Session},
};

use crate::{
    Act,
    error::{Error, Result},
};

/// The one who acts, in one session.
pub struct Standing {
    pub person: PersonId,
    pub operator: bool,
    /// Hosts of the session, in order.
    pub hosts: Vec<OrganisationId>,
    lead: OrganisationId,
    memberships: Vec<Membership>,
}

impl Standing {
    pub async fn read(tx: &mut Tx, act: &Act, session: &Session) -> Result<Standing> {
        let person = act.person()?;
        let hosts = sessions::hosts(tx, [session.id]).await?;
        Ok(Standing {
            person,
            operator: is_operator(tx, person).await?,
            hosts: hosts.iter().map(|host| host.centre_id).collect(),
            lead: session.lead_centre_id,
            memberships: organisations::memberships(tx, person).await?,
        })
    }

    pub fn is_member_of(&self, organisation: OrganisationId) -> bool {
        self.memberships.iter().any(|m| m.organisation_id == organisation && m.state == OrganisationState::Approved)
    }

    /// Belongs to a host.
    pub fn hosts(&self) -> bool {
        self.operator || self.hosts.iter().any(|host| self.is_member_of(*host))
    }

    /// Speaks for a centre in this session: belongs to it, or manages the session.
    pub fn speaks_for(&self, centre: OrganisationId) -> bool {
        self.manages() || (self.hosts.contains(&centre) && self.is_member_of(centre))
    }

    /// Manages the session: belongs to the lead centre, or operates the platform. The other hosts decide at their own desks.
    pub fn manages(&self) -> bool {
        self.operator || self.is_member_of(self.lead)
    }

    pub fn must_manage(&self) -> Result<()> {
        allowed(self.manages())
    }

    pub fn must_host(&self) -> Result<()> {
        allowed(self.hosts())
    }

    pub fn must_speak_for(&self, centre: OrganisationId) -> Result<()> {
        allowed(self.speaks_for(centre))
    }
}

/// Refuses those who do not belong to the company.
pub async fn must_belong_to(tx: &mut Tx, act: &Act, company: OrganisationId) -> Result<PersonId> {
    let person = act.person()?;
    let memberships = organisations::memberships(tx, person).await?;
    allowed(memberships.iter().any(|m| m.organisation_id == company && m.kind == OrganisationKind::Company))?;
    Ok(person)
}

pub async fn is_operator(tx: &mut Tx, person: PersonId) -> Result<bool> {
    Ok(people::find(tx, person).await?.is_some_and(|person| person.operator))
}

pub fn allowed(yes: bool) -> Result<()> {
    if yes { Ok(()) } else { Err(Error::from(Refusal::NotAllowed)) }
}
