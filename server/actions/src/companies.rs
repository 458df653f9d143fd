//! A company's account: registered once, changed by its managers, decided on by the operator.

use yunqia_domain::{
    Refusal, company as rules,
    identifiers::{CompanyId, CompanyIdKind},
    ids::OrganisationId,
    letters::{Facts, LetterKind},
    links,
    locale::LocalText,
    regions::{self, Region},
    search, sectors,
    states::{OrganisationKind, OrganisationState, Role},
};
use yunqia_store::{
    Json, Tx,
    companies::{self, Company},
    members,
    organisations::{self, Organisation},
    people,
};
use yunqia_views::{
    cards::{Cards, OrganisationCard},
    organisations::CompanyDraft,
};

use crate::{
    Act,
    act::Note,
    authority,
    error::{Error, Result},
    letters::{self, Letter},
    values::Values,
};

/// Longest name of a contact: a person's two names with a space between them, as the form fills it in.
const CONTACT_CHARS_MAX: usize = 2 * crate::me::NAME_CHARS_MAX + 1;

/// Registers a company; whoever does so manages it. `at_once`: this installation approves new companies unseen.
pub async fn register(tx: &mut Tx, act: &mut Act, draft: CompanyDraft, at_once: bool) -> Result<OrganisationId> {
    let person = act.person()?;
    let checked = check(draft)?;
    if let Some(known) = companies::by_identifier(tx, &checked.kind, &checked.identifier).await? {
        return Err(Error::company_exists(card(tx, known).await?));
    }
    let id: OrganisationId = act.id();
    let state = if at_once { OrganisationState::Approved } else { OrganisationState::Submitted };
    let row = Organisation {
        id,
        kind: OrganisationKind::Company,
        parent_id: None,
        division: checked.division.clone(),
        country: checked.country.clone(),
        name_hans: checked.name.hans.clone(),
        name_hant: checked.name.hant.clone(),
        name_en: checked.name.en.clone(),
        name_key: search::key(&checked.name, checked.division.as_deref()),
        state,
        state_reason: None,
        created_at: act.now,
        version: 1,
    };
    organisations::insert(tx, &row).await?;
    let company = checked.company(id);
    if !companies::insert(tx, &company).await? {
        // Somebody registered it at the same moment.
        let known = companies::by_identifier(tx, &company.identifier_kind, &company.identifier).await?;
        return Err(Error::company_exists(card(tx, known.ok_or(Error::NotFound)?).await?));
    }
    organisations::add_member(tx, id, person, Role::Manager, None, act.now).await?;
    let after = serde_json::json!({ "identifier": company.identifier, "state": state });
    act.note(
        tx,
        Note {
            act: "company.register",
            kind: "company",
            subject: id.0,
            session: None,
            before: None,
            after: Some(after),
        },
    )
    .await?;
    Ok(id)
}

/// Changes a company's details. One that was returned is submitted again.
pub async fn change(tx: &mut Tx, act: &mut Act, id: OrganisationId, draft: CompanyDraft, version: i64) -> Result<()> {
    let mut row = authority::manager(tx, act, id).await?;
    let before = companies::find(tx, id).await?.ok_or(Error::NotFound)?;
    let checked = check(draft)?;
    if let Some(known) = companies::by_identifier(tx, &checked.kind, &checked.identifier).await?
        && known != id
    {
        return Err(Error::company_exists(card(tx, known).await?));
    }
    let state = row.state;
    row.division = checked.division.clone();
    row.country = checked.country.clone();
    row.name_key = search::key(&checked.name, checked.division.as_deref());
    (row.name_hans, row.name_hant, row.name_en) =
        (checked.name.hans.clone(), checked.name.hant.clone(), checked.name.en.clone());
    row.state = rules::after_change(state);
    if row.state != state {
        row.state_reason = None;
    }
    if !organisations::update(tx, &row, version).await? {
        return Err(Refusal::OldVersion.into());
    }
    let company = checked.company(id);
    companies::update(tx, &company).await?;
    let audit = Note {
        act: "company.change",
        kind: "company",
        subject: id.0,
        session: None,
        before: Some(serde_json::json!({ "identifier": before.identifier, "state": state })),
        after: Some(serde_json::json!({ "identifier": company.identifier, "state": row.state })),
    };
    act.note(tx, audit).await
}

/// Approves a submitted company because a host approved its registration for a session.
pub async fn vouch(tx: &mut Tx, act: &mut Act, id: OrganisationId) -> Result<()> {
    let mut row = organisations::find(tx, id).await?.ok_or(Error::NotFound)?;
    let (before, after) = (row.state, rules::after_registration(row.state));
    if before == after {
        return Ok(());
    }
    row.state = after;
    let version = row.version;
    if !organisations::update(tx, &row, version).await? {
        return Err(Refusal::OldVersion.into());
    }
    let audit = Note {
        act: "organisation.approve",
        kind: "organisation",
        subject: id.0,
        session: None,
        before: Some(serde_json::json!({ "state": before })),
        after: Some(serde_json::json!({ "state": after })),
    };
    act.note(tx, audit).await
}

/// Tells an organisation's managers what was decided about its account.
pub(crate) async fn tell_managers(
    tx: &mut Tx,
    act: &mut Act,
    row: &Organisation,
    kind: LetterKind,
    facts: &Facts,
) -> Result<()> {
    let managers: Vec<_> = members::of_organisation(tx, row.id)
        .await?
        .into_iter()
        .filter(|member| member.role == Role::Manager)
        .map(|member| member.person_id)
        .collect();
    for to in people::find_all(tx, managers).await? {
        let letter = Letter {
            kind,
            to: &to,
            cause: format!("organisation:{}:{}", row.id, row.version + 1),
            facts: facts.clone(),
            session: None,
            booking: None,
            due_at: None,
        };
        letters::queue(tx, act, letter).await?;
    }
    Ok(())
}

pub(crate) async fn card(tx: &mut Tx, id: OrganisationId) -> Result<OrganisationCard> {
    Ok(Cards::read(tx, [], [id]).await?.organisation(id))
}

/// A company's details after every rule was looked at.
struct Checked {
    name: LocalText,
    kind: String,
    identifier: String,
    division: Option<String>,
    country: String,
    draft: CompanyDraft,
}

impl Checked {
    fn company(self, id: OrganisationId) -> Company {
        let draft = self.draft;
        Company {
            organisation_id: id,
            identifier_kind: self.kind,
            identifier: self.identifier,
            sectors: Json(draft.sectors),
            size: draft.size,
            website: draft.website,
            contact_name: draft.contact_name,
            contact_phone: draft.contact_phone,
            contact_email: draft.contact_email,
            offers_hans: draft.offers.hans,
            offers_hant: draft.offers.hant,
            offers_en: draft.offers.en,
            seeks_hans: draft.seeks.hans,
            seeks_hant: draft.seeks.hant,
            seeks_en: draft.seeks.en,
        }
    }
}

fn check(draft: CompanyDraft) -> Result<Checked> {
    let mut values = Values::new();
    let name = values.local_line("/name", draft.name.clone(), rules::NAME_CHARS_MAX);
    let identifier = values.take("/identifier/value", CompanyId::parse(draft.identifier.kind, &draft.identifier.value));
    let country = draft.country.trim().to_ascii_uppercase();
    if !regions::is_country(&country) {
        values.refuse("/country", Refusal::CountryUnknown);
    }
    let division = check_division(&mut values, draft.division.as_deref(), &country);
    check_identifier_fits(&mut values, draft.identifier.kind, &country);
    if draft.sectors.is_empty() {
        values.refuse("/sectors", Refusal::Required);
    }
    if draft.sectors.len() > rules::SECTORS_MAX {
        values.refuse("/sectors", Refusal::TooMany);
    }
    for (n, sector) in draft.sectors.iter().enumerate() {
        if sectors::find(sector).is_none() {
            values.refuse(format!("/sectors/{n}"), Refusal::SectorUnknown);
        } else if draft.sectors[..n].contains(sector) {
            values.refuse(format!("/sectors/{n}"), Refusal::Twice);
        }
    }
    let checked = CompanyDraft {
        website: check_website(&mut values, draft.website.as_deref()),
        contact_name: values.optional_line("/contact_name", draft.contact_name.as_deref(), CONTACT_CHARS_MAX),
        contact_phone: values.optional_phone("/contact_phone", draft.contact_phone.as_deref()),
        contact_email: values.optional_email("/contact_email", draft.contact_email.as_deref()),
        offers: values.optional_local("/offers", draft.offers.clone(), rules::TEXT_CHARS_MAX),
        seeks: values.optional_local("/seeks", draft.seeks.clone(), rules::TEXT_CHARS_MAX),
        ..draft
    };
    values.finish()?;
    let identifier = identifier.ok_or(Error::NotFound)?;
    Ok(Checked {
        name,
        kind: identifier.kind().as_str().into(),
        identifier: identifier.value().into(),
        division,
        country,
        draft: checked,
    })
}

fn check_division(values: &mut Values, division: Option<&str>, country: &str) -> Option<String> {
    let division = division.map(str::trim).filter(|code| !code.is_empty())?;
    let region = division.parse::<Region>().ok().filter(Region::is_division);
    if region.is_none() || country != "CN" {
        values.refuse("/division", Refusal::DivisionUnknown);
        return None;
    }
    Some(division.to_owned())
}

/// Each register belongs to a place.
fn check_identifier_fits(values: &mut Values, kind: CompanyIdKind, country: &str) {
    let fits = match kind {
        CompanyIdKind::Uscc => country == "CN",
        CompanyIdKind::HkBr => country == "HK",
        CompanyIdKind::TwUbn => country == "TW",
        CompanyIdKind::Lei | CompanyIdKind::ForeignReg => true,
    };
    if !fits {
        values.refuse("/identifier/kind", Refusal::UnknownChoice);
    }
}

/// http or https with a name; a bare `acme.example` is meant as https.
fn check_website(values: &mut Values, text: Option<&str>) -> Option<String> {
    let text = values.optional_line("/website", text, 200)?;
    let url = if text.contains("://") { text } else { format!("https://{text}") };
    if links::is_web_address(&url) {
        return Some(url);
    }
    values.refuse("/website", Refusal::UrlWrong);
    None
}
