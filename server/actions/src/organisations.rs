//! The bodies of the tree, and what the operator decides about any organisation.

use yunqia_domain::{
    Refusal, company as rules, divisions,
    ids::OrganisationId,
    letters::{Facts, LetterKind},
    locale::LocalText,
    search,
    states::{OrganisationKind, OrganisationState},
};
use yunqia_store::{
    Tx,
    organisations::{self, Organisation},
};
use yunqia_views::{common::ImpactKind, organisations::OrganisationDraft};

use crate::{
    Act,
    act::Note,
    authority,
    bookings::{self, Leave, impact_of},
    companies,
    error::{Error, Result},
    values::{self, Values},
};

/// What the operator decides about an organisation's account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    Approve,
    Return,
    Suspend,
    /// Lifts a suspension.
    Reopen,
    /// For good.
    Close,
}

impl Decision {
    fn state(self) -> OrganisationState {
        match self {
            Decision::Approve | Decision::Reopen => OrganisationState::Approved,
            Decision::Return => OrganisationState::Returned,
            Decision::Suspend => OrganisationState::Suspended,
            Decision::Close => OrganisationState::Closed,
        }
    }

    /// Approving what is suspended would lift the suspension by mistake, so each has its own word.
    fn fits(self, before: OrganisationState) -> bool {
        use OrganisationState::*;
        match self {
            Decision::Approve | Decision::Return => before == Submitted,
            Decision::Suspend => before == Approved,
            Decision::Reopen => before == Suspended,
            Decision::Close => before != Closed,
        }
    }

    fn needs_reason(self) -> bool {
        matches!(self, Decision::Return | Decision::Suspend | Decision::Close)
    }

    /// The word for the audit log.
    fn word(self) -> &'static str {
        match self {
            Decision::Approve => "organisation.approve",
            Decision::Return => "organisation.return",
            Decision::Suspend => "organisation.suspend",
            Decision::Reopen => "organisation.reopen",
            Decision::Close => "organisation.close",
        }
    }
}

/// Adds a bureau, office or centre to the tree.
pub async fn create(tx: &mut Tx, act: &mut Act, draft: OrganisationDraft) -> Result<OrganisationId> {
    authority::operator(tx, act).await?;
    let id: OrganisationId = act.id();
    let mut row = Organisation {
        id,
        kind: draft.kind,
        parent_id: None,
        division: None,
        country: "CN".into(),
        name_hans: None,
        name_hant: None,
        name_en: None,
        name_key: String::new(),
        state: OrganisationState::Approved,
        state_reason: None,
        created_at: act.now,
        version: 1,
    };
    fill(tx, &mut row, draft).await?;
    organisations::insert(tx, &row).await?;
    let after = serde_json::json!({ "kind": row.kind, "division": row.division, "parent": row.parent_id });
    note(tx, act, "organisation.create", id, None, Some(after)).await?;
    Ok(id)
}

/// Changes a body's name or place in the tree.
pub async fn change(
    tx: &mut Tx,
    act: &mut Act,
    id: OrganisationId,
    draft: OrganisationDraft,
    version: i64,
) -> Result<()> {
    authority::operator(tx, act).await?;
    let mut row = organisations::find(tx, id).await?.ok_or(Error::NotFound)?;
    let before = serde_json::json!({ "division": row.division, "parent": row.parent_id });
    if draft.kind != row.kind {
        return Err(Error::field("/kind", Refusal::UnknownChoice));
    }
    fill(tx, &mut row, draft).await?;
    if !organisations::update(tx, &row, version).await? {
        return Err(Refusal::OldVersion.into());
    }
    let after = serde_json::json!({ "division": row.division, "parent": row.parent_id });
    note(tx, act, "organisation.change", id, Some(before), Some(after)).await
}

async fn fill(tx: &mut Tx, row: &mut Organisation, draft: OrganisationDraft) -> Result<()> {
    let mut values = Values::new();
    if draft.kind == OrganisationKind::Company {
        // A company needs its identifier and registers itself.
        values.refuse("/kind", Refusal::UnknownChoice);
    }
    let name = values.local_line("/name", draft.name, rules::NAME_CHARS_MAX);
    let division = draft.division.filter(|code| !code.is_empty());
    match &division {
        Some(code) if divisions::find(code).is_none() => values.refuse("/division", Refusal::DivisionUnknown),
        None if matches!(row.kind, OrganisationKind::Centre | OrganisationKind::CityBureau) => {
            values.refuse("/division", Refusal::Required);
        }
        _ => {}
    }
    if let Some(parent) = draft.parent_id {
        check_parent(tx, &mut values, row.id, parent).await?;
    }
    values.finish()?;
    row.name_key = search::key(&name, division.as_deref());
    (row.name_hans, row.name_hant, row.name_en) = (name.hans, name.hant, name.en);
    row.division = division;
    row.parent_id = draft.parent_id;
    Ok(())
}

/// The body above exists, is no company, and does not lie below.
async fn check_parent(tx: &mut Tx, values: &mut Values, id: OrganisationId, parent: OrganisationId) -> Result<()> {
    let mut above = Some(parent);
    // The tree is three or four deep; the bound only guards against a circle that is there already.
    for _ in 0..16 {
        let Some(next) = above else { return Ok(()) };
        let row = organisations::find(tx, next).await?;
        match row {
            Some(row) if row.kind != OrganisationKind::Company && row.id != id => above = row.parent_id,
            _ => break,
        }
    }
    values.refuse("/parent_id", Refusal::UnknownId);
    Ok(())
}

/// Decides about an account. One that is suspended or closed drops out of everything ahead; what that ends is listed first,
/// and ended when that is accepted.
pub async fn decide(
    tx: &mut Tx,
    act: &mut Act,
    id: OrganisationId,
    decision: Decision,
    reason: Option<&str>,
    accept_impact: bool,
) -> Result<()> {
    authority::operator(tx, act).await?;
    let mut row = organisations::find(tx, id).await?.ok_or(Error::NotFound)?;
    let (before, after) = (row.state, decision.state());
    if !decision.fits(before) || !before.may_become(after) {
        return Err(Refusal::IllegalMove.into());
    }
    row.state_reason = if decision.needs_reason() { Some(values::reason(reason)?) } else { None };
    if rules::drops_out(after) {
        bookings::lock_sessions_of(tx, &[id]).await?;
        let ahead = bookings::ahead_of(tx, act, id).await?;
        if !ahead.is_empty() && !accept_impact {
            return Err(Error::impact(impact_of(tx, &ahead, ImpactKind::Cancelled).await?));
        }
    }
    row.state = after;
    let version = row.version;
    if !organisations::update(tx, &row, version).await? {
        return Err(Refusal::OldVersion.into());
    }
    note(
        tx,
        act,
        decision.word(),
        id,
        Some(serde_json::json!({ "state": before })),
        Some(serde_json::json!({ "state": after, "reason": row.state_reason })),
    )
    .await?;
    tell(tx, act, &row, decision).await?;
    // A centre that drops out leaves its desks as a company leaves its talks.
    if rules::drops_out(after) {
        bookings::drop_out_company(tx, act, id, Leave::Operator).await?;
    }
    Ok(())
}

/// A company whose last person has gone ends; its talks ahead are cancelled and the other sides told.
pub(crate) async fn close_deserted(tx: &mut Tx, act: &mut Act, id: OrganisationId) -> Result<()> {
    let mut row = organisations::find(tx, id).await?.ok_or(Error::NotFound)?;
    let before = row.state;
    if before != OrganisationState::Closed {
        row.state = OrganisationState::Closed;
        row.state_reason = None;
        let version = row.version;
        if !organisations::update(tx, &row, version).await? {
            return Err(Refusal::OldVersion.into());
        }
        let (was, is) = (serde_json::json!({ "state": before }), serde_json::json!({ "state": row.state }));
        note(tx, act, "organisation.close", id, Some(was), Some(is)).await?;
    }
    bookings::drop_out_company(tx, act, id, Leave::OwnSide).await
}

/// The managers hear what was decided. Approving and returning is said of companies only: bodies are made by the operator.
async fn tell(tx: &mut Tx, act: &mut Act, row: &Organisation, decision: Decision) -> Result<()> {
    let name = LocalText::from_columns(row.name_hans.clone(), row.name_hant.clone(), row.name_en.clone());
    let is_company = row.kind == OrganisationKind::Company;
    let (kind, link) = match decision {
        Decision::Approve | Decision::Reopen if is_company => (LetterKind::AccountApproved, "/sessions"),
        Decision::Return if is_company => (LetterKind::AccountReturned, "/company"),
        Decision::Suspend => (LetterKind::AccountSuspended, "/sessions"),
        Decision::Close => (LetterKind::AccountClosed, "/sessions"),
        Decision::Approve | Decision::Reopen | Decision::Return => return Ok(()),
    };
    let facts = Facts {
        link: link.into(),
        company: is_company.then(|| name.clone()),
        organisation: Some(name),
        reason: row.state_reason.clone(),
        ..Facts::default()
    };
    companies::tell_managers(tx, act, row, kind, &facts).await
}

async fn note(
    tx: &mut Tx,
    act: &mut Act,
    what: &str,
    id: OrganisationId,
    before: Option<serde_json::Value>,
    after: Option<serde_json::Value>,
) -> Result<()> {
    act.note(tx, Note { act: what, kind: "organisation", subject: id.0, session: None, before, after }).await
}
