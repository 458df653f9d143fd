//! Who is in the demo: the bodies and companies as they were made, for the parts that come after.

use std::collections::HashMap;

use anyhow::Context;
use serde_json::{Value, json};
use yunqia_actions::Act;
use yunqia_domain::{
    contact::Email,
    ids::{OpportunityId, OrganisationId, PersonId},
    locale::{LocalText, Locale},
    states::{PersonState, Role},
};
use yunqia_store::{bulk::NewMember, people::Person};

/// A body that promotes, with its people; the first is its manager.
#[derive(Clone, Debug)]
pub struct Body {
    pub id: OrganisationId,
    pub division: String,
    pub name: LocalText,
    pub people: Vec<Person>,
}

/// A company with its people; the first is its manager and contact.
#[derive(Clone, Debug)]
pub struct DemoCompany {
    pub id: OrganisationId,
    pub name: LocalText,
    pub region: String,
    pub sector: String,
    pub people: Vec<Person>,
}

/// A project as the sessions need it.
#[derive(Clone, Debug)]
pub struct Project {
    pub id: OpportunityId,
    pub division: String,
    pub sector: String,
    pub amount_wan: i64,
    pub open: bool,
}

/// Everybody.
#[derive(Default)]
pub struct Cast {
    pub bureau: Vec<Body>,
    pub city_bureaus: Vec<Body>,
    pub offices: Vec<Body>,
    /// Yanting first.
    pub centres: Vec<Body>,
    pub companies: Vec<DemoCompany>,
    pub projects: Vec<Project>,
    /// Projects and companies by the codes of the tables.
    pub project_by_code: HashMap<String, usize>,
    pub company_by_code: HashMap<String, usize>,
}

impl Cast {
    pub fn operator(&self) -> &Person {
        &self.bureau[0].people[0]
    }

    pub fn yanting(&self) -> &Body {
        &self.centres[0]
    }

    /// The centre of a division.
    pub fn centre(&self, division: &str) -> &Body {
        let found = self.centres.iter().find(|centre| centre.division == division);
        found.expect("the table of centres has every county that is asked for")
    }

    /// The companies whose people are on the sign-in page: from Beijing, Germany, Hong Kong and Taiwan.
    pub fn leading_companies(&self) -> Vec<&DemoCompany> {
        vec![&self.companies[0], self.company_from("DE", 0), self.company_from("HK", 0), self.company_from("TW", 0)]
    }

    /// The n-th company from a region, counted from 0.
    pub fn company_from(&self, region: &str, nth: usize) -> &DemoCompany {
        let mut found = self.companies.iter().filter(|company| company.region == region);
        found.nth(nth).expect("the table of companies has several from each region that is asked for")
    }

    /// The people one can be on the demo's sign-in page, and the part each plays.
    pub fn sign_in_page(&self) -> Value {
        let text = |hans: &str, hant: &str, en: &str| LocalText::new(hans, hant, en);
        let of = |role: [&str; 3], name: &LocalText| {
            LocalText::new(
                format!("{}，{}", name.text(Locale::ZhHans), role[0]),
                format!("{}，{}", name.text(Locale::ZhHant), role[1]),
                format!("{}, {}", role[2], name.text(Locale::En)),
            )
        };
        let director = ["负责人", "負責人", "Director"];
        let colleague = ["同事", "同事", "Colleague"];
        let yanting = self.yanting();
        let cangxi = self.centre("510824");
        let leading = self.leading_companies();
        let [chinese, german, hong_kong, taiwan] = [leading[0], leading[1], leading[2], leading[3]];
        let people = [
            (
                self.operator(),
                text(
                    "平台管理员，四川省经济合作局",
                    "平台管理員，四川省經濟合作局",
                    "Operator of the platform, provincial bureau",
                ),
            ),
            (
                &yanting.people[0],
                of(
                    ["中心主任，推介会主办", "中心主任，推介會主辦", "Head of the centre, host of the session"],
                    &yanting.name,
                ),
            ),
            (
                &yanting.people[1],
                of(["工作人员，对接席位", "工作人員，對接席位", "Officer at the desk"], &yanting.name),
            ),
            (
                &cangxi.people[0],
                of(["负责人，另一主办单位", "負責人，另一主辦單位", "Head of another host"], &cangxi.name),
            ),
            (&chinese.people[0], of(director, &chinese.name)),
            (&chinese.people[1], of(colleague, &chinese.name)),
            (&german.people[0], of(director, &german.name)),
            (&hong_kong.people[0], of(director, &hong_kong.name)),
            (&taiwan.people[0], of(director, &taiwan.name)),
        ];
        people.iter().map(|(person, part)| json!({ "person_id": person.id, "part": part })).collect()
    }
}

/// What a table says of a person.
pub struct Draft<'a> {
    pub family: &'a str,
    pub given: &'a str,
    pub honorific: Option<&'a str>,
    pub email: &'a str,
    pub locale: Locale,
    pub zone: &'a str,
}

/// A person of the demo.
pub fn person(act: &mut Act, draft: &Draft) -> anyhow::Result<Person> {
    let email: Email = draft.email.parse().with_context(|| draft.email.to_owned())?;
    Ok(Person {
        id: act.id(),
        email: email.as_str().to_owned(),
        email_key: email.key(),
        family_name: draft.family.to_owned(),
        given_name: draft.given.to_owned(),
        honorific: draft.honorific.map(str::to_owned),
        phone: None,
        locale: draft.locale,
        zone: draft.zone.to_owned(),
        operator: false,
        wants_digests: true,
        feed_token: act.secret(),
        state: PersonState::Active,
        created_at: act.now,
        version: 1,
    })
}

/// A place in an organisation; the first person of it is its manager.
pub fn member(act: &Act, organisation: OrganisationId, person: PersonId, nth: usize, title: &str) -> NewMember {
    NewMember {
        organisation_id: organisation,
        person_id: person,
        role: if nth == 0 { Role::Manager } else { Role::Member },
        title: (!title.is_empty()).then(|| title.to_owned()),
        joined_at: act.now,
    }
}
