//! Who asks: the signed-in person behind a request, found by the cookie.

use std::sync::{Arc, OnceLock};

use axum::{
    extract::{FromRequestParts, OptionalFromRequestParts},
    http::{HeaderMap, request::Parts},
};
use axum_extra::extract::CookieJar;
use yunqia_actions::act::hash;
use yunqia_domain::{
    Refusal, Timestamp,
    ids::{OrganisationId, PersonId, SignInId},
    locale::Locale,
    states::{OrganisationKind, PersonState, Role},
};
use yunqia_store::{
    Tx,
    organisations::Membership,
    people::Person,
    sign_ins::{self, SignedIn},
};
use yunqia_views::Reader;

use crate::{
    App,
    problem::{Fault, chosen_locale, locale_of},
};

/// Name of the cookie that carries the sign-in's secret.
pub const COOKIE: &str = "yunqia";

/// A signed-in person, with their memberships.
#[derive(Clone, Debug)]
pub struct Caller {
    pub person: Person,
    pub sign_in: SignInId,
    pub memberships: Vec<Membership>,
    /// Language of this request.
    pub locale: Locale,
    pub now: Timestamp,
}

impl Caller {
    pub fn id(&self) -> PersonId {
        self.person.id
    }

    pub fn reader(&self) -> Reader {
        Reader {
            person: Some(self.person.id),
            operator: self.person.operator,
            organisations: self.memberships.iter().map(|membership| membership.organisation_id).collect(),
            locale: self.locale,
            now: self.now,
        }
    }

    pub fn is_member_of(&self, organisation: OrganisationId) -> bool {
        self.memberships.iter().any(|membership| membership.organisation_id == organisation)
    }

    pub fn is_manager_of(&self, organisation: OrganisationId) -> bool {
        self.memberships.iter().any(|m| m.organisation_id == organisation && m.role == Role::Manager)
    }

    /// Belongs to a body that promotes, not only to companies.
    pub fn is_official(&self) -> bool {
        self.person.operator || self.memberships.iter().any(|membership| membership.kind != OrganisationKind::Company)
    }

    pub fn must_operate(&self) -> Result<(), Fault> {
        if self.person.operator { Ok(()) } else { Err(Refusal::NotAllowed.into()) }
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Fault> {
        find(parts, app).await?.ok_or(Fault::SignedOut)
    }
}

/// `Option<Caller>`: pages that anybody may read, and that show more to those who are signed in.
impl OptionalFromRequestParts<App> for Caller {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Option<Self>, Fault> {
        find(parts, app).await
    }
}

/// The reader behind an optional caller.
pub fn reader(caller: &Option<Caller>, locale: Locale, now: Timestamp) -> Reader {
    match caller {
        Some(caller) => caller.reader(),
        None => Reader { locale, ..Reader::nobody(now) },
    }
}

/// The language of a request, for handlers that need it without a caller.
pub struct Language(pub Locale);

impl<S: Send + Sync> FromRequestParts<S> for Language {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Language(locale_of(&parts.headers)))
    }
}

/// The stored language of the person behind a request: filled in when a handler finds its caller, for the answers that no
/// handler writes.
#[derive(Clone, Default)]
pub struct KnownLocale(Arc<OnceLock<Locale>>);

impl KnownLocale {
    /// What the handler found, or what is stored for the sign-in of these headers. A fault here must not hide the first.
    pub async fn or_stored(&self, app: &App, headers: &HeaderMap) -> Option<Locale> {
        if let Some(locale) = self.0.get() {
            return Some(*locale);
        }
        let (person, ..) = signed_in(headers, app).await.ok()??;
        Some(person.locale)
    }
}

/// The person whose sign-in came along, whatever their state, on an open snapshot.
async fn signed_in(headers: &HeaderMap, app: &App) -> Result<Option<(Person, SignInId, Tx)>, Fault> {
    let jar = CookieJar::from_headers(headers);
    let Some(cookie) = jar.get(COOKIE) else { return Ok(None) };
    let mut tx = app.db.read().await?;
    let found = sign_ins::by_token(&mut tx, &hash(cookie.value()), app.now()).await?;
    Ok(found.map(|SignedIn { sign_in_id, person }| (person, sign_in_id, tx)))
}

async fn find(parts: &Parts, app: &App) -> Result<Option<Caller>, Fault> {
    let now = app.now();
    let Some((person, sign_in, mut tx)) = signed_in(&parts.headers, app).await? else { return Ok(None) };
    if let Some(KnownLocale(known)) = parts.extensions.get() {
        let _ = known.set(person.locale);
    }
    if person.state != PersonState::Active {
        return Err(Refusal::AccountSuspended.into());
    }
    if !parts.method.is_safe() {
        app.rates.write(person.id)?;
    }
    let memberships = yunqia_store::organisations::memberships(&mut tx, person.id).await?;
    let locale = chosen_locale(&parts.headers).unwrap_or(person.locale);
    Ok(Some(Caller { person, sign_in, memberships, locale, now }))
}
