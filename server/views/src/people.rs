//! People as they are shown to themselves and to those who share an organisation with them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use yunqia_domain::{
    Timestamp,
    ids::{OrganisationId, PersonId, SignInId},
    locale::{LocalText, Locale},
    names::{Honorific, PersonName},
    states::{OrganisationState, PersonState, Role},
};
use yunqia_store::{Result, Tx, organisations, people, sign_ins};

use crate::cards::{Cards, OrganisationCard};

/// A person, as they see themselves.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Person {
    pub id: PersonId,
    pub email: String,
    /// Empty until the person has told their name.
    pub family_name: String,
    pub given_name: String,
    #[schema(value_type = Option<Honorific>)]
    pub honorific: Option<String>,
    pub phone: Option<String>,
    pub locale: Locale,
    pub zone: String,
    pub wants_digests: bool,
    pub version: i64,
}

impl From<people::Person> for Person {
    fn from(row: people::Person) -> Person {
        Person {
            id: row.id,
            email: row.email,
            family_name: row.family_name,
            given_name: row.given_name,
            honorific: row.honorific,
            phone: row.phone,
            locale: row.locale,
            zone: row.zone,
            wants_digests: row.wants_digests,
            version: row.version,
        }
    }
}

/// What a person may change of themselves.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonChange {
    pub family_name: String,
    pub given_name: String,
    pub honorific: Option<Honorific>,
    pub phone: Option<String>,
    pub locale: Locale,
    /// IANA name, e.g. `Asia/Shanghai`.
    pub zone: String,
    pub wants_digests: bool,
}

/// A person's place in an organisation.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Membership {
    pub organisation: OrganisationCard,
    pub organisation_state: OrganisationState,
    pub role: Role,
    pub title: Option<String>,
}

/// The signed-in person with everything a page's frame needs.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Me {
    pub person: Person,
    pub operator: bool,
    pub memberships: Vec<Membership>,
    /// Unread messages in all channels.
    pub unread: i64,
    /// Address of the private calendar feed; whoever knows it reads the schedule.
    pub feed_url: String,
}

/// The view of oneself; None if there is no such person. `base_url` is the public address of this installation.
pub async fn me(tx: &mut Tx, person: PersonId, base_url: &str) -> Result<Option<Me>> {
    let Some(row) = people::find(tx, person).await? else { return Ok(None) };
    let memberships = memberships(tx, &[person]).await?.remove(&person).unwrap_or_default();
    let feed_url = format!("{base_url}/feed/{}.ics", row.feed_token);
    let unread = yunqia_store::unread::total(tx, person).await?;
    Ok(Some(Me { operator: row.operator, person: row.into(), memberships, unread, feed_url }))
}

/// The memberships of several people, with two queries.
pub async fn memberships(
    tx: &mut Tx,
    people: &[PersonId],
) -> Result<std::collections::HashMap<PersonId, Vec<Membership>>> {
    let rows = organisations::memberships_of(tx, people.iter().copied()).await?;
    let cards = Cards::read(tx, [], rows.iter().map(|row| row.organisation_id)).await?;
    let mut found: std::collections::HashMap<PersonId, Vec<Membership>> = Default::default();
    for row in rows {
        let membership = Membership {
            organisation: cards.organisation(row.organisation_id),
            organisation_state: row.state,
            role: row.role,
            title: row.title,
        };
        found.entry(row.person_id).or_default().push(membership);
    }
    Ok(found)
}

/// A browser on which the person is signed in.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SignIn {
    pub id: SignInId,
    /// Browser and system, e.g. `Firefox · Windows`; empty where they do not tell.
    pub device: String,
    pub created_at: Timestamp,
    pub last_seen_at: Timestamp,
    /// The one that asks.
    pub current: bool,
}

pub async fn sign_ins(tx: &mut Tx, person: PersonId, current: SignInId, now: Timestamp) -> Result<Vec<SignIn>> {
    let rows = sign_ins::of_person(tx, person, now).await?;
    let view = |row: sign_ins::SignIn| SignIn {
        current: row.id == current,
        id: row.id,
        device: row.device,
        created_at: row.created_at,
        last_seen_at: row.last_seen_at,
    };
    Ok(rows.into_iter().map(view).collect())
}

/// Somebody one can be in the demo.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DemoPerson {
    pub person_id: PersonId,
    pub name: String,
    /// What this person does in the demo.
    pub part: LocalText,
    pub email: String,
}

/// What the demo keeps under the fact `demo_people`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DemoPart {
    pub person_id: PersonId,
    pub part: LocalText,
}

/// The people of the demo, in the order of the fact.
pub async fn demo_people(tx: &mut Tx) -> Result<Vec<DemoPerson>> {
    let Some(value) = yunqia_store::facts::find(tx, "demo_people").await? else { return Ok(Vec::new()) };
    let parts: Vec<DemoPart> = serde_json::from_value(value).unwrap_or_default();
    let rows = people::find_all(tx, parts.iter().map(|part| part.person_id)).await?;
    let view = |part: DemoPart| {
        let row = rows.iter().find(|row| row.id == part.person_id)?;
        let name = PersonName::new(&row.family_name, &row.given_name, None).display();
        Some(DemoPerson { person_id: part.person_id, name, part: part.part, email: row.email.clone() })
    };
    Ok(parts.into_iter().filter_map(view).collect())
}

/// A person in the operator's list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PersonRow {
    pub person: Person,
    pub operator: bool,
    pub state: PersonState,
    pub memberships: Vec<Membership>,
    pub created_at: Timestamp,
}

pub async fn person_rows(tx: &mut Tx, rows: Vec<people::Person>) -> Result<Vec<PersonRow>> {
    let ids: Vec<PersonId> = rows.iter().map(|row| row.id).collect();
    let mut memberships = memberships(tx, &ids).await?;
    let view = |row: people::Person| PersonRow {
        operator: row.operator,
        state: row.state,
        memberships: memberships.remove(&row.id).unwrap_or_default(),
        created_at: row.created_at,
        person: row.into(),
    };
    Ok(rows.into_iter().map(view).collect())
}

/// People and invitations of an organisation, for its members.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Members {
    pub members: Vec<Member>,
    pub invitations: Vec<MemberInvitation>,
    pub join_requests: Vec<JoinRequest>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Member {
    pub person: crate::cards::PersonCard,
    pub email: String,
    pub role: Role,
    pub title: Option<String>,
    pub joined_at: Timestamp,
    pub version: i64,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MemberInvitation {
    pub id: yunqia_domain::ids::MemberInvitationId,
    pub email: String,
    pub role: Role,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub accepted_at: Option<Timestamp>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct JoinRequest {
    pub id: yunqia_domain::ids::JoinRequestId,
    pub person: crate::cards::PersonCard,
    pub email: String,
    pub note: Option<String>,
    pub state: yunqia_domain::states::JoinRequestState,
    pub created_at: Timestamp,
}

/// What the holder of an invitation's link sees before accepting.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct InvitationPreview {
    pub organisation: OrganisationCard,
    pub email: String,
    pub role: Role,
    /// Name of the person who invites.
    pub invited_by: String,
    pub expires_at: Timestamp,
    /// False once it was accepted, taken back or too old.
    pub usable: bool,
}

/// Everybody of an organisation. Invitations and requests are for its managers.
pub async fn members(tx: &mut Tx, organisation: OrganisationId, manager: bool, now: Timestamp) -> Result<Members> {
    let rows = yunqia_store::members::of_organisation(tx, organisation).await?;
    let (invitations, requests) = if manager {
        (
            yunqia_store::members::open_invitations(tx, organisation, now).await?,
            yunqia_store::members::open_requests(tx, organisation).await?,
        )
    } else {
        (Vec::new(), Vec::new())
    };
    let people = rows.iter().map(|row| row.person_id).chain(requests.iter().map(|row| row.person_id));
    let cards = Cards::read(tx, people.collect::<Vec<_>>(), [organisation]).await?;
    let members = rows
        .into_iter()
        .map(|row| Member {
            person: cards.person(row.person_id, Some(organisation)),
            email: row.email,
            role: row.role,
            title: row.title,
            joined_at: row.joined_at,
            version: row.version,
        })
        .collect();
    let invitations = invitations
        .into_iter()
        .map(|row| MemberInvitation {
            id: row.id,
            email: row.email,
            role: row.role,
            created_at: row.created_at,
            expires_at: row.expires_at,
            accepted_at: row.accepted_at,
        })
        .collect();
    let join_requests = requests
        .into_iter()
        .map(|row| JoinRequest {
            id: row.id,
            person: cards.person(row.person_id, None),
            email: row.email,
            note: row.note,
            state: row.state,
            created_at: row.created_at,
        })
        .collect();
    Ok(Members { members, invitations, join_requests })
}
