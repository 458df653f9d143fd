//! The short forms of people and organisations that stand inside other views.

use std::collections::HashMap;

use serde::Serialize;
use utoipa::ToSchema;
use yunqia_domain::{
    ids::{OrganisationId, PersonId},
    locale::LocalText,
    names::Honorific,
    states::{OrganisationKind, PersonState},
};
use yunqia_store::{Result, Tx, organisations, people};

/// An organisation in one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct OrganisationCard {
    pub id: OrganisationId,
    pub kind: OrganisationKind,
    pub name: LocalText,
    /// GB/T 2260 code; null for a company from abroad.
    pub division: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: String,
}

/// A person in one line, with the organisation for which they speak here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PersonCard {
    pub id: PersonId,
    pub family_name: String,
    pub given_name: String,
    #[schema(value_type = Option<Honorific>)]
    pub honorific: Option<String>,
    pub organisation: Option<OrganisationCard>,
    /// Closed their account: the name is erased, what they said and did is kept.
    pub former: bool,
}

/// The cards that a list of views needs, read with one query for people and one for organisations.
#[derive(Default)]
pub struct Cards {
    people: HashMap<PersonId, people::Name>,
    organisations: HashMap<OrganisationId, OrganisationCard>,
}

impl Cards {
    pub async fn read(
        tx: &mut Tx,
        people: impl IntoIterator<Item = PersonId>,
        organisations: impl IntoIterator<Item = OrganisationId>,
    ) -> Result<Cards> {
        let names = people::names(tx, people).await?;
        let rows = organisations::lines(tx, organisations).await?;
        Ok(Cards {
            people: names.into_iter().map(|name| (name.id, name)).collect(),
            organisations: rows.into_iter().map(|row| (row.id, row.into())).collect(),
        })
    }

    /// The card of an organisation that was asked for in [`Cards::read`].
    pub fn organisation(&self, id: OrganisationId) -> OrganisationCard {
        self.organisations
            .get(&id)
            .cloned()
            .expect("every id in the view was asked for, and organisations are never deleted")
    }

    /// The card of a person that was asked for in [`Cards::read`], speaking for `organisation`.
    pub fn person(&self, id: PersonId, organisation: Option<OrganisationId>) -> PersonCard {
        let name = self.people.get(&id).expect("every id in the view was asked for, and people are never deleted");
        PersonCard {
            id,
            family_name: name.family_name.clone(),
            given_name: name.given_name.clone(),
            honorific: name.honorific.clone(),
            organisation: organisation.map(|id| self.organisation(id)),
            former: name.state == PersonState::Closed,
        }
    }
}

impl From<organisations::Line> for OrganisationCard {
    fn from(row: organisations::Line) -> OrganisationCard {
        OrganisationCard {
            id: row.id,
            kind: row.kind,
            name: LocalText { hans: row.name_hans, hant: row.name_hant, en: row.name_en },
            division: row.division,
            country: row.country,
        }
    }
}
