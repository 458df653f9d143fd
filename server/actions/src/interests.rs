//! A company's interest in a centre or in a project on offer: told to the centre, kept true by the company.

use yunqia_domain::{
    Refusal, company as rules,
    ids::{InterestId, OrganisationId},
    letters::{Facts, LetterKind},
    locale::LocalText,
    states::{InterestState, OrganisationKind, OrganisationState, PersonState},
};
use yunqia_store::{
    Tx, companies,
    interests::{self, Interest},
    members, opportunities,
    organisations::{self, Organisation},
    people, sessions,
};
use yunqia_views::opportunities::InterestDraft;

use crate::{
    Act,
    act::Note,
    authority,
    error::{Error, Result},
    letters::{self, Letter},
    values::Values,
};

const NOTE_CHARS_MAX: usize = 1000;
/// 10 trillion 万元 would be a slip of the finger: the largest sum taken is 1,000 亿元.
const PLANNED_WAN_MAX: i64 = 10_000_000;
/// A centre answers within a day (the service promise of the field).
const ANSWER_MINUTES: i64 = 24 * 60;

/// Registers an interest and tells both sides.
pub async fn register(tx: &mut Tx, act: &mut Act, draft: InterestDraft) -> Result<InterestId> {
    let (company, _) = authority::member(tx, act, draft.company_id).await?;
    rules::may_register(company.state)?;
    let note = check(&draft)?;
    let target = target(tx, &draft).await?;
    if let Some(session) = draft.session_id {
        let known = sessions::find(tx, session).await?;
        if !known.is_some_and(|session| session.state.is_public()) {
            return Err(Error::field("/session_id", Refusal::UnknownId));
        }
    }
    let row = Interest {
        id: act.id(),
        company_id: draft.company_id,
        centre_id: draft.centre_id,
        opportunity_id: draft.opportunity_id,
        session_id: draft.session_id,
        priority: draft.priority,
        planned_wan: draft.planned_wan,
        horizon: draft.horizon,
        note,
        state: InterestState::Open,
        created_by: act.person()?,
        created_at: act.now,
        version: 1,
    };
    if !interests::insert(tx, &row).await? {
        return Err(Refusal::InterestExists.into());
    }
    write_down(tx, act, "interest.register", &row).await?;
    tell(tx, act, &company, &target, &row).await?;
    Ok(row.id)
}

/// Changes what was told of an interest; its target stays.
pub async fn change(tx: &mut Tx, act: &mut Act, id: InterestId, draft: InterestDraft, version: i64) -> Result<()> {
    let mut row = own(tx, act, id).await?;
    let same = (row.company_id, row.centre_id, row.opportunity_id)
        == (draft.company_id, draft.centre_id, draft.opportunity_id);
    if !same {
        return Err(Error::field("", Refusal::UnknownChoice));
    }
    row.note = check(&draft)?;
    row.priority = draft.priority;
    row.planned_wan = draft.planned_wan;
    row.horizon = draft.horizon;
    save(tx, act, "interest.change", &row, version).await
}

/// Takes an interest back; the centre no longer sees it.
pub async fn withdraw(tx: &mut Tx, act: &mut Act, id: InterestId) -> Result<()> {
    let mut row = own(tx, act, id).await?;
    row.state = InterestState::Withdrawn;
    let version = row.version;
    save(tx, act, "interest.withdraw", &row, version).await
}

async fn own(tx: &mut Tx, act: &Act, id: InterestId) -> Result<Interest> {
    let row = interests::find(tx, id).await?.ok_or(Error::NotFound)?;
    authority::member(tx, act, row.company_id).await?;
    if row.state != InterestState::Open {
        return Err(Refusal::IllegalMove.into());
    }
    Ok(row)
}

async fn save(tx: &mut Tx, act: &mut Act, what: &str, row: &Interest, version: i64) -> Result<()> {
    if !interests::update(tx, row, version).await? {
        return Err(Refusal::OldVersion.into());
    }
    write_down(tx, act, what, row).await
}

async fn write_down(tx: &mut Tx, act: &mut Act, what: &str, row: &Interest) -> Result<()> {
    let after = serde_json::json!({
        "company": row.company_id, "centre": row.centre_id, "opportunity": row.opportunity_id, "priority": row.priority,
        "planned_wan": row.planned_wan, "horizon": row.horizon,
    });
    let note = Note {
        act: what,
        kind: "interest",
        subject: row.id.0,
        session: row.session_id,
        before: None,
        after: Some(after),
    };
    act.note(tx, note).await
}

fn check(draft: &InterestDraft) -> Result<String> {
    let mut values = Values::new();
    if draft.centre_id.is_some() == draft.opportunity_id.is_some() {
        values.refuse("/centre_id", if draft.centre_id.is_some() { Refusal::Twice } else { Refusal::Required });
    }
    values.range("/planned_wan", draft.planned_wan, 1..=PLANNED_WAN_MAX);
    let note = values.optional_text("/note", Some(&draft.note), NOTE_CHARS_MAX).unwrap_or_default();
    values.finish()?;
    Ok(note)
}

/// What the interest is in.
struct Target {
    /// The centre that is told; none where a project's place has no centre yet.
    centre: Option<Organisation>,
    project: Option<LocalText>,
}

async fn target(tx: &mut Tx, draft: &InterestDraft) -> Result<Target> {
    if let Some(id) = draft.centre_id {
        let centre = organisations::find(tx, id).await?;
        let centre =
            centre.filter(|row| row.kind == OrganisationKind::Centre && row.state == OrganisationState::Approved);
        let centre = centre.ok_or_else(|| Error::field("/centre_id", Refusal::NotACentre))?;
        return Ok(Target { centre: Some(centre), project: None });
    }
    let id = draft.opportunity_id.ok_or_else(|| Error::field("/opportunity_id", Refusal::Required))?;
    let project = opportunities::find(tx, id).await?;
    let project = project.ok_or_else(|| Error::field("/opportunity_id", Refusal::UnknownId))?;
    if project.status == "signed" {
        return Err(Refusal::OpportunityEnded.into());
    }
    let centre = match project.centre_id {
        Some(id) => organisations::find(tx, id).await?,
        None => None,
    };
    let title = LocalText::from_columns(project.title_hans, project.title_hant, project.title_en);
    Ok(Target { centre, project: Some(title) })
}

/// A receipt to the one who registered it, and a letter to the centre's people. Where the interest belongs to a session,
/// they are written to only if the company consented to this centre there: on their page they see it in any case,
/// without anybody's personal details.
async fn tell(tx: &mut Tx, act: &mut Act, company: &Organisation, target: &Target, row: &Interest) -> Result<()> {
    let Some(centre) = &target.centre else { return Ok(()) };
    let facts = Facts {
        link: "/interests".into(),
        company: Some(name(company)),
        centre: Some(name(centre)),
        project: target.project.clone(),
        ..Facts::default()
    };
    let person = people::find(tx, row.created_by).await?.ok_or(Error::NotFound)?;
    send(tx, act, LetterKind::InterestReceived, &person, row, facts.clone()).await?;
    let consented = match row.session_id {
        Some(session) => companies::consents_in(tx, company.id, session, centre.id).await?,
        None => true,
    };
    if !consented {
        return Ok(());
    }
    let facts = Facts {
        link: "/centre/interests".into(),
        planned_wan: row.planned_wan,
        horizon: Some(row.horizon),
        priority: Some(row.priority),
        deadline: Some(act.now.plus_minutes(ANSWER_MINUTES)),
        note: (!row.note.is_empty()).then(|| row.note.clone()),
        ..facts
    };
    for to in people_of(tx, centre.id).await? {
        send(tx, act, LetterKind::InterestNew, &to, row, facts.clone()).await?;
    }
    Ok(())
}

async fn people_of(tx: &mut Tx, organisation: OrganisationId) -> Result<Vec<people::Person>> {
    let ids = members::of_organisation(tx, organisation).await?.into_iter().map(|member| member.person_id);
    let all = people::find_all(tx, ids).await?;
    Ok(all.into_iter().filter(|person| person.state == PersonState::Active).collect())
}

async fn send(
    tx: &mut Tx,
    act: &mut Act,
    kind: LetterKind,
    to: &people::Person,
    row: &Interest,
    facts: Facts,
) -> Result<()> {
    let cause = format!("interest:{}", row.id);
    let letter = Letter { kind, to, cause, facts, session: row.session_id, booking: None, due_at: None };
    letters::queue(tx, act, letter).await?;
    Ok(())
}

fn name(row: &Organisation) -> LocalText {
    LocalText::from_columns(row.name_hans.clone(), row.name_hant.clone(), row.name_en.clone())
}
