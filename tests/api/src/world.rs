//! The things of the field, made past the interface, so that a test begins where its subject begins.

use serde_json::Value;
use yunqia_actions::act::hash;
use yunqia_domain::{
    contact::Email,
    ids::{LetterId, OrganisationId, PersonId},
    locale::{LocalText, Locale},
    search,
    states::{OrganisationKind, OrganisationState, PersonState, Role},
};
use yunqia_store::{
    letters,
    organisations::{self, Organisation},
    people::{self, Person},
    sign_ins::{self, SignIn},
};

use crate::{Browser, TestApp};

/// A letter in the outbox.
#[derive(Clone, Debug)]
pub struct Letter {
    pub id: LetterId,
    pub kind: String,
    pub facts: Value,
    pub locale: Locale,
}

/// A promotion centre and its manager.
pub struct Centre {
    pub id: OrganisationId,
    pub host: Browser,
}

/// An approved company and its manager.
pub struct Company {
    pub id: OrganisationId,
    pub manager: Browser,
}

impl TestApp {
    /// Signs a person in, new or known, without letters; their name is the part before the `@`.
    pub async fn sign_in(&self, email: &str) -> Browser {
        let mut act = self.act(None);
        let mut tx = self.write().await;
        let address: Email = email.parse().expect("an e-mail address");
        let person = match people::by_email(&mut tx, &address.key()).await.expect("the query runs") {
            Some(person) => person,
            None => {
                let person = Person {
                    id: act.id(),
                    email: address.as_str().into(),
                    email_key: address.key(),
                    family_name: address.local_part().into(),
                    given_name: "Test".into(),
                    honorific: None,
                    phone: None,
                    locale: Locale::En,
                    zone: "Asia/Shanghai".into(),
                    operator: false,
                    wants_digests: true,
                    feed_token: act.secret(),
                    state: PersonState::Active,
                    created_at: self.now(),
                    version: 1,
                };
                people::insert(&mut tx, &person).await.expect("a new address");
                person
            }
        };
        let secret = act.secret();
        let sign_in = SignIn {
            id: act.id(),
            person_id: person.id,
            device: "Test Browser".into(),
            created_at: self.now(),
            last_seen_at: self.now(),
            expires_at: self.now().plus_minutes(60 * 24 * 365),
        };
        sign_ins::insert(&mut tx, &sign_in, &hash(&secret)).await.expect("the query runs");
        tx.commit().await.expect("the sign-in is kept");
        let mut browser = self.browser().with_cookie(format!("yunqia={secret}"));
        (browser.person, browser.email) = (Some(person.id), person.email);
        browser
    }

    /// Signs the operator of the platform in.
    pub async fn operator(&self) -> Browser {
        let browser = self.sign_in("operator@bureau.example").await;
        let mut tx = self.write().await;
        yunqia_store::operators::appoint(&mut tx, browser.id()).await.expect("the query runs");
        tx.commit().await.expect("the change is kept");
        browser
    }

    /// A county's promotion centre with a manager signed in.
    pub async fn centre(&self, hans: &str, division: &str) -> Centre {
        let name = LocalText::new(hans, hans, hans);
        let id = self.organisation(OrganisationKind::Centre, &name, Some(division)).await;
        let host = self.sign_in(&format!("host{}@centre.example", id.0.simple())).await;
        self.join(id, host.id(), Role::Manager).await;
        Centre { id, host }
    }

    /// An approved company with a manager signed in.
    pub async fn company(&self, name: &str) -> Company {
        let id = self.organisation(OrganisationKind::Company, &LocalText::only(Locale::En, name), None).await;
        let manager = self.sign_in(&format!("manager{}@company.example", id.0.simple())).await;
        self.join(id, manager.id(), Role::Manager).await;
        Company { id, manager }
    }

    /// Makes a person a member.
    pub async fn join(&self, organisation: OrganisationId, person: PersonId, role: Role) {
        let mut tx = self.write().await;
        organisations::add_member(&mut tx, organisation, person, role, None, self.now()).await.expect("the query runs");
        tx.commit().await.expect("the change is kept");
    }

    /// An approved organisation without people.
    pub async fn organisation(
        &self,
        kind: OrganisationKind,
        name: &LocalText,
        division: Option<&str>,
    ) -> OrganisationId {
        let mut act = self.act(None);
        let id: OrganisationId = act.id();
        let row = Organisation {
            id,
            kind,
            parent_id: None,
            division: division.map(str::to_owned),
            country: "CN".into(),
            name_hans: name.hans.clone(),
            name_hant: name.hant.clone(),
            name_en: name.en.clone(),
            name_key: search::key(name, division),
            state: OrganisationState::Approved,
            state_reason: None,
            created_at: self.now(),
            version: 1,
        };
        let mut tx = self.write().await;
        organisations::insert(&mut tx, &row).await.expect("the query runs");
        if kind == OrganisationKind::Company {
            let company = yunqia_store::companies::Company {
                organisation_id: id,
                identifier_kind: "foreign_reg".into(),
                identifier: format!("DE-{}", id.0.simple()).to_uppercase(),
                sectors: yunqia_store::Json(vec!["food_beverage".into()]),
                size: yunqia_domain::states::CompanySize::Medium,
                website: None,
                contact_name: None,
                contact_phone: None,
                contact_email: None,
                offers_hans: None,
                offers_hant: None,
                offers_en: None,
                seeks_hans: None,
                seeks_hant: None,
                seeks_en: None,
            };
            yunqia_store::companies::insert(&mut tx, &company).await.expect("the query runs");
        }
        tx.commit().await.expect("the organisation is kept");
        id
    }

    /// The letters to an address, oldest first.
    pub async fn letters_to(&self, email: &str) -> Vec<Letter> {
        let wanted = letters::Wanted { email: email.to_lowercase(), ..letters::Wanted::default() };
        let mut tx = self.read().await;
        let mut found = letters::newest(&mut tx, &wanted, None, 1000).await.expect("the query runs");
        found.reverse();
        found
            .into_iter()
            .filter(|row| row.to_email.eq_ignore_ascii_case(email))
            .map(|row| Letter { id: row.id, kind: row.kind, facts: row.facts.0, locale: row.locale })
            .collect()
    }

    /// The kinds of the letters to an address, oldest first.
    pub async fn kinds_to(&self, email: &str) -> Vec<String> {
        self.letters_to(email).await.into_iter().map(|letter| letter.kind).collect()
    }

    /// The newest letter of a kind to an address.
    pub async fn last_letter(&self, email: &str, kind: &str) -> Letter {
        let letters = self.letters_to(email).await;
        let kinds: Vec<String> = letters.iter().map(|letter| letter.kind.clone()).collect();
        letters
            .into_iter()
            .rfind(|letter| letter.kind == kind)
            .unwrap_or_else(|| panic!("no letter {kind} to {email}; there are {kinds:?}"))
    }
}
