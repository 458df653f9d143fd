//! Registering companies for sessions, and deciding about them.

use serde_json::{Map, Value, json};
use yunqia_domain::{
    Refusal,
    calendar::Method,
    company as rules,
    ids::{OrganisationId, PersonId, RegistrationId, SessionId},
    letters::{Facts, LetterKind, Side},
    locale::{LocalText, Locale},
    session::{ANSWER_LENGTH_MAX, ATTENDEES_MAX, Entry, REASON_LENGTH_MAX, judge_entry},
    states::{OrganisationKind, QuestionKind, RegistrationState, Role},
    text::clean_text,
};
use yunqia_store::{
    Json, Tx, agenda, bookings, letters, organisations,
    registrations::{self, Registration},
    sessions::Session,
};
use yunqia_views::{
    common::ImpactKind,
    drafts::{BulkRefusal, BulkResult, RegistrationDraft},
    reason,
};

use crate::{
    Act,
    act::Note,
    bookings::{Cause, Work, impact_of, leave_session, leave_waiting_lists},
    companies,
    error::{Error, Result},
    post::{About, display, session_invite},
    sessions,
    standing::{Standing, allowed, must_belong_to},
    words::{Wrong, has_twice, optional_text},
};

/// Version of the wording of the consent a company gives for one centre (PIPL art. 23); the page shows the text of this version.
pub const CONSENT_WORDING: &str = "2026-11";
/// Registrations decided or companies invited with one call, at most.
const AT_ONCE_MAX: usize = 200;
/// People of the hosts who are told of a new registration.
const HOST_READERS_MAX: usize = 10;

/// What a host decides about a registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    Approve,
    Return,
    Reject,
}

/// What a host says about registrations.
#[derive(Clone, Copy, Debug)]
pub struct Ruling<'a> {
    pub decision: Decision,
    /// Needed for a return; the company reads it.
    pub why: Option<&'a str>,
    /// The talks that a rejection cancels were looked at.
    pub accept_impact: bool,
}

impl Decision {
    fn state(self) -> RegistrationState {
        match self {
            Decision::Approve => RegistrationState::Approved,
            Decision::Return => RegistrationState::Returned,
            Decision::Reject => RegistrationState::Rejected,
        }
    }
}

/// A company registers for a session: one of its people does, or a host for a company that phoned. Who was invited, returned
/// or had withdrawn takes the same registration up again.
pub async fn register(tx: &mut Tx, act: &mut Act, id: SessionId, draft: RegistrationDraft) -> Result<RegistrationId> {
    // Who leaves the company, or closes it, looks for its registrations under this lock: the first one for a session would
    // not be found, since nothing of it can be seen yet. Before the session's, as they take it.
    tx.lock(draft.company_id).await?;
    let session = sessions::locked(tx, id).await?;
    must_register(tx, act, &session, draft.company_id).await?;
    let known = registrations::of_company(tx, id, draft.company_id).await?;
    let entry = Entry {
        now: act.now,
        state: session.state_at(act.now),
        windows: session.windows(),
        audience: session.audience,
        capacity: session.capacity,
        taking_part: registrations::taking_part(tx, id).await?,
        registration: known.as_ref().map(|known| known.state),
        known: true,
    };
    judge_entry(&entry)?;
    let said = known.as_ref().map(|known| known.answers.0.clone()).unwrap_or_default();
    let answers = check(tx, &session, &draft, &said).await?;
    let mut work = Work::on(session);
    let before = known.as_ref().map(|known| known.state);
    let mut part = known.unwrap_or_else(|| Registration {
        id: act.id(),
        session_id: id,
        company_id: draft.company_id,
        state: RegistrationState::Registered,
        state_reason: None,
        answers: Json(Map::new()),
        listed: draft.listed,
        registered_by: act.by,
        created_at: act.now,
        decided_by: None,
        decided_at: None,
        version: 1,
    });
    part.answers = Json(answers);
    part.listed = draft.listed;
    // Until a company answers, the row is its inviter's.
    let inviter = part.registered_by.filter(|_| before == Some(RegistrationState::Invited));
    part.registered_by = act.by;
    enter(tx, act, &mut work, &mut part, before).await?;
    registrations::set_attendees(tx, part.id, &draft.attendee_ids).await?;
    for centre in &draft.consent_centre_ids {
        if give(tx, act, &part, *centre).await? {
            consent_note(tx, act, "consent.give", &part, *centre).await?;
        }
    }
    note(tx, act, "registration.register", &part, before).await?;
    tell_registered(tx, act, &mut work, &part).await?;
    if before == Some(RegistrationState::Invited) {
        tell_answered(tx, act, &mut work, &part, inviter, true).await?;
    } else {
        tell_waiting(tx, act, &mut work, &part).await?;
    }
    if part.state == RegistrationState::Approved {
        tell_decided(tx, act, &mut work, &part).await?;
    }
    changed(&mut work, &part);
    work.finish(tx, act).await?;
    Ok(part.id)
}

/// Changes answers, people and consents. A returned registration is handed in again by it. People who no longer come hand
/// their talks to those who do. A consent that is left out is withdrawn: requests and talks ahead with its centre are
/// cancelled once the impact is accepted.
pub async fn change(
    tx: &mut Tx,
    act: &mut Act,
    id: RegistrationId,
    version: Option<i64>,
    draft: RegistrationDraft,
) -> Result<()> {
    let (mut work, mut part) = locked(tx, id).await?;
    must_belong_to(tx, act, part.company_id).await?;
    must_be_version(&part, version)?;
    if draft.company_id != part.company_id {
        return Err(Error::field("/company_id", Refusal::UnknownChoice));
    }
    let before = part.state;
    match before {
        RegistrationState::Registered | RegistrationState::Approved | RegistrationState::CheckedIn => {}
        RegistrationState::Returned => part.state = RegistrationState::Registered,
        _ => return Err(Refusal::IllegalMove.into()),
    }
    if work.session.state.is_over() {
        return Err(Refusal::SessionOver.into());
    }
    part.answers = Json(check(tx, &work.session, &draft, &part.answers.0).await?);
    part.listed = draft.listed;
    let people = registrations::attendees(tx, [id]).await?;
    let gone: Vec<PersonId> = people
        .iter()
        .map(|attendee| attendee.person_id)
        .filter(|person| !draft.attendee_ids.contains(person))
        .collect();
    if part.state == RegistrationState::Registered && is_taken_unseen(tx, &work, &part).await? {
        approve(tx, act, &mut work, &mut part).await?;
        part.decided_by = None;
    }
    save(tx, &mut part).await?;
    registrations::set_attendees(tx, id, &draft.attendee_ids).await?;
    change_consents(tx, act, &mut work, &part, &draft.consent_centre_ids, draft.accept_impact).await?;
    note(tx, act, "registration.change", &part, Some(before)).await?;
    crate::bookings::replace_contacts(tx, act, &mut work, part.company_id, &gone).await?;
    letters::drop_session_reminders(tx, part.session_id, Some(&gone)).await?;
    if part.state.takes_part() {
        for person in draft.attendee_ids.iter().filter(|person| !people.iter().any(|one| one.person_id == **person)) {
            sessions::remind(tx, act, &mut work, *person, Side::Company).await?;
        }
    }
    if before == RegistrationState::Returned {
        tell_registered(tx, act, &mut work, &part).await?;
        tell_waiting(tx, act, &mut work, &part).await?;
    }
    if before != part.state && part.state == RegistrationState::Approved {
        tell_decided(tx, act, &mut work, &part).await?;
    }
    changed(&mut work, &part);
    work.finish(tx, act).await
}

/// A company drops out of a session: its requests and talks ahead are cancelled, everybody concerned is told.
pub async fn withdraw(tx: &mut Tx, act: &mut Act, id: RegistrationId, version: Option<i64>, why: &str) -> Result<()> {
    let (mut work, part) = locked(tx, id).await?;
    must_belong_to(tx, act, part.company_id).await?;
    must_be_version(&part, version)?;
    if !part.state.may_become(RegistrationState::Withdrawn) || work.session.state.is_over() {
        return Err(Refusal::IllegalMove.into());
    }
    let why = optional_text("/reason", Some(why), REASON_LENGTH_MAX)?;
    let cause = Cause::by_company(why.clone().unwrap_or_else(|| reason::code(Refusal::DroppedOut)));
    let before = part.state;
    let ahead = bookings::ahead_of_organisation(tx, part.session_id, part.company_id, act.now).await?;
    work.cancel_all(tx, act, &ahead, &cause).await?;
    if before == RegistrationState::Invited {
        let declined = Registration { state_reason: why.clone(), ..part.clone() };
        tell_answered(tx, act, &mut work, &declined, part.registered_by, false).await?;
    }
    leave_session(tx, act, &mut work, part, why).await?;
    work.finish(tx, act).await
}

/// A company agrees that its details go to one more host.
pub async fn give_consent(tx: &mut Tx, act: &mut Act, id: RegistrationId, centre: OrganisationId) -> Result<()> {
    let (mut work, part) = locked(tx, id).await?;
    must_belong_to(tx, act, part.company_id).await?;
    must_host(tx, &work.session, centre).await?;
    if give(tx, act, &part, centre).await? {
        consent_note(tx, act, "consent.give", &part, centre).await?;
    }
    changed(&mut work, &part);
    work.finish(tx, act).await
}

/// A company takes its consent back. Requests and talks ahead with that centre are cancelled once the impact is accepted,
/// and the centre is told to stop using what it has.
pub async fn withdraw_consent(
    tx: &mut Tx,
    act: &mut Act,
    id: RegistrationId,
    centre: OrganisationId,
    accept_impact: bool,
) -> Result<()> {
    let (mut work, part) = locked(tx, id).await?;
    must_belong_to(tx, act, part.company_id).await?;
    take_back(tx, act, &mut work, &part, &[centre], accept_impact).await?;
    changed(&mut work, &part);
    work.finish(tx, act).await
}

/// Withdraws consents with what follows: the impact is shown or accepted, talks end, the centres are told.
async fn take_back(
    tx: &mut Tx,
    act: &mut Act,
    work: &mut Work,
    part: &Registration,
    centres: &[OrganisationId],
    accept_impact: bool,
) -> Result<()> {
    let ahead = bookings::ahead_of_organisation(tx, part.session_id, part.company_id, act.now).await?;
    let ahead = bookings::find_all(tx, ahead).await?;
    let hurt: Vec<_> = ahead.iter().filter(|row| centres.contains(&row.centre_id)).map(|row| row.id).collect();
    if !hurt.is_empty() && !accept_impact {
        return Err(Error::impact(impact_of(tx, &hurt, ImpactKind::Cancelled).await?));
    }
    let person = act.person()?;
    for centre in centres {
        if !registrations::withdraw_consent(tx, part.session_id, part.company_id, *centre, person, act.now).await? {
            return Err(Error::NotFound);
        }
        consent_note(tx, act, "consent.withdraw", part, *centre).await?;
        tell_consent_gone(tx, act, work, part, *centre).await?;
    }
    work.cancel_all(tx, act, &hurt, &Cause::by_company(reason::code(Refusal::ConsentGone))).await
}

/// Hosts decide about registrations, one or many; those that cannot be decided so are named, the others are done. Who takes
/// part already and is rejected loses requests and talks ahead: they are listed first, and cancelled when that is accepted.
pub async fn decide(
    tx: &mut Tx,
    act: &mut Act,
    id: SessionId,
    ids: Vec<RegistrationId>,
    ruling: Ruling<'_>,
    locale: Locale,
) -> Result<BulkResult> {
    let session = sessions::locked(tx, id).await?;
    Standing::read(tx, act, &session).await?.must_host()?;
    if session.state.is_over() {
        return Err(Refusal::SessionOver.into());
    }
    must_fit(ids.len(), "/ids")?;
    let Ruling { decision, why, accept_impact } = ruling;
    let why = optional_text("/reason", why, REASON_LENGTH_MAX)?;
    if decision == Decision::Return && why.is_none() {
        return Err(Error::field("/reason", Refusal::ReasonNeeded));
    }
    let mut work = Work::on(session);
    let mut result = BulkResult::default();
    let parts = registrations::find_all(tx, ids.iter().copied()).await?;
    if !accept_impact {
        let mut hurt = Vec::new();
        for part in parts.iter().filter(|part| part.session_id == work.session.id && part.state.takes_part()) {
            if part.state.may_become(decision.state()) {
                hurt.extend(bookings::ahead_of_organisation(tx, part.session_id, part.company_id, act.now).await?);
            }
        }
        if !hurt.is_empty() {
            return Err(Error::impact(impact_of(tx, &hurt, ImpactKind::Cancelled).await?));
        }
    }
    for id in ids {
        let part = parts.iter().find(|part| part.id == id && part.session_id == work.session.id).cloned();
        let Some(part) = part else {
            result.refused.push(refused(id.0, Refusal::UnknownId, locale));
            continue;
        };
        match decide_one(tx, act, &mut work, part, decision, why.clone()).await {
            Ok(()) => result.done.push(id),
            // Nothing was written yet when a rule says no.
            Err(Error::Refused(no)) => result.refused.push(refused(id.0, no.refusal, locale)),
            Err(error) => return Err(error),
        }
    }
    work.finish(tx, act).await?;
    Ok(result)
}

/// Hosts invite companies.
pub async fn invite(
    tx: &mut Tx,
    act: &mut Act,
    id: SessionId,
    companies: Vec<OrganisationId>,
    locale: Locale,
) -> Result<BulkResult> {
    let session = sessions::locked(tx, id).await?;
    let standing = Standing::read(tx, act, &session).await?;
    standing.must_host()?;
    must_fit(companies.len(), "/company_ids")?;
    if !session.state.is_public() {
        return Err(Refusal::SessionNotPublic.into());
    }
    if session.state.is_over() {
        return Err(Refusal::SessionOver.into());
    }
    let centre = standing.hosts.iter().copied().find(|host| standing.is_member_of(*host));
    let centre = centre.unwrap_or(session.lead_centre_id);
    let known = registrations::of_companies(tx, id, companies.iter().copied()).await?;
    let mut seen: Vec<OrganisationId> = known.iter().map(|part| part.company_id).collect();
    let mut work = Work::on(session);
    let mut result = BulkResult::default();
    for company in companies {
        let state = organisations::state_of(tx, company, OrganisationKind::Company).await?;
        let refusal = match () {
            () if state.is_none() => Some(Refusal::UnknownId),
            () if state.is_none_or(|state| rules::may_register(state).is_err()) => Some(Refusal::CompanyNotActive),
            () if seen.contains(&company) => Some(Refusal::AlreadyRegistered),
            () => None,
        };
        if let Some(refusal) = refusal {
            result.refused.push(refused(company.0, refusal, locale));
            continue;
        }
        seen.push(company);
        let part = Registration {
            id: act.id(),
            session_id: id,
            company_id: company,
            state: RegistrationState::Invited,
            state_reason: None,
            answers: Json(Map::new()),
            listed: false,
            registered_by: act.by,
            created_at: act.now,
            decided_by: None,
            decided_at: None,
            version: 1,
        };
        registrations::insert(tx, &part).await?;
        note(tx, act, "registration.invite", &part, None).await?;
        tell_invited(tx, act, &mut work, &part, centre).await?;
        changed(&mut work, &part);
        result.done.push(part.id);
    }
    work.finish(tx, act).await?;
    Ok(result)
}

async fn decide_one(
    tx: &mut Tx,
    act: &mut Act,
    work: &mut Work,
    mut part: Registration,
    decision: Decision,
    why: Option<String>,
) -> Result<()> {
    let before = part.state;
    let next = decision.state();
    if !before.may_become(next) {
        return Err(Refusal::IllegalMove.into());
    }
    match decision {
        Decision::Approve => {
            approve(tx, act, work, &mut part).await?;
            companies::vouch(tx, act, part.company_id).await?;
        }
        Decision::Return | Decision::Reject => {
            part.state = next;
            part.decided_by = act.by;
            part.decided_at = Some(act.now);
        }
    }
    part.state_reason = why.clone();
    save(tx, &mut part).await?;
    if before.takes_part() && !part.state.takes_part() {
        let ahead = bookings::ahead_of_organisation(tx, part.session_id, part.company_id, act.now).await?;
        let cause = why.map_or_else(|| Cause::by_hosts(Refusal::NotApproved), |why| Cause::by_hosts_because(&why));
        work.cancel_all(tx, act, &ahead, &cause).await?;
        leave_waiting_lists(tx, work, part.company_id).await?;
        let people = registrations::attendees(tx, [part.id]).await?;
        let people: Vec<PersonId> = people.iter().map(|attendee| attendee.person_id).collect();
        letters::drop_session_reminders(tx, part.session_id, Some(&people)).await?;
    }
    note(tx, act, "registration.decide", &part, Some(before)).await?;
    tell_decided(tx, act, work, &part).await?;
    changed(work, &part);
    Ok(())
}

/// A new registration, or an earlier one taken up again; approved at once where the session says so.
async fn enter(
    tx: &mut Tx,
    act: &mut Act,
    work: &mut Work,
    part: &mut Registration,
    before: Option<RegistrationState>,
) -> Result<()> {
    part.state = RegistrationState::Registered;
    part.state_reason = None;
    part.decided_by = None;
    part.decided_at = None;
    if is_taken_unseen(tx, work, part).await? {
        approve(tx, act, work, part).await?;
        part.decided_by = None;
    }
    match before {
        None => registrations::insert(tx, part).await?,
        Some(_) => save(tx, part).await?,
    }
    Ok(())
}

/// Whether a registration is approved without anybody looking at it. At a new company, which nobody has looked at yet, a
/// host does, whatever the session says.
async fn is_taken_unseen(tx: &mut Tx, work: &Work, part: &Registration) -> Result<bool> {
    let state = organisations::state_of(tx, part.company_id, OrganisationKind::Company).await?;
    Ok(work.session.auto_approve && state.is_some_and(|state| rules::may_book(state).is_ok()))
}

async fn approve(tx: &mut Tx, act: &mut Act, work: &mut Work, part: &mut Registration) -> Result<()> {
    let taking_part = registrations::taking_part(tx, part.session_id).await?;
    if work.session.capacity.is_some_and(|capacity| taking_part >= capacity) {
        return Err(Refusal::SessionFull.into());
    }
    part.state = RegistrationState::Approved;
    part.decided_by = act.by;
    part.decided_at = Some(act.now);
    Ok(())
}

/// Answers as they are kept, or everything that is wrong with the draft. `before` are those that the company gave already.
async fn check(
    tx: &mut Tx,
    session: &Session,
    draft: &RegistrationDraft,
    before: &Map<String, Value>,
) -> Result<Map<String, Value>> {
    let state = organisations::state_of(tx, draft.company_id, OrganisationKind::Company).await?;
    match state {
        None => return Err(Error::field("/company_id", Refusal::UnknownId)),
        Some(state) => rules::may_register(state)?,
    }
    let mut wrong = Wrong::default();
    match draft.attendee_ids.len() {
        0 => wrong.add("/attendee_ids", Refusal::Required),
        count if count > ATTENDEES_MAX => wrong.add("/attendee_ids", Refusal::TooMany),
        _ if has_twice(&draft.attendee_ids) => wrong.add("/attendee_ids", Refusal::Twice),
        _ => {}
    }
    let members = organisations::people_of(tx, [draft.company_id]).await?;
    for (index, person) in draft.attendee_ids.iter().enumerate() {
        if !members.iter().any(|member| member.person_id == *person) {
            wrong.add(format!("/attendee_ids/{index}"), Refusal::NotAMember);
        }
    }
    let hosts = yunqia_store::sessions::hosts(tx, [session.id]).await?;
    for (index, centre) in draft.consent_centre_ids.iter().enumerate() {
        if !hosts.iter().any(|host| host.centre_id == *centre) {
            wrong.add(format!("/consent_centre_ids/{index}"), Refusal::NotAHost);
        }
    }
    let mut answers = Map::new();
    for question in agenda::all_questions(tx, session.id).await? {
        let key = question.id.to_string();
        let said = before.get(&key);
        if question.withdrawn_at.is_some() {
            // A form does not show it any more, and so loses nothing of it.
            answers.extend(said.map(|said| (key, said.clone())));
            continue;
        }
        let place = format!("/answers/{key}");
        let given = draft.answers.get(&key).filter(|value| !value.is_null() && value.as_str() != Some(""));
        match given.map(|value| answer(&question, value, said)) {
            None if question.required => wrong.add(place, Refusal::AnswerMissing),
            None => {}
            Some(Ok(value)) => {
                answers.insert(key, value);
            }
            Some(Err(refusal)) => wrong.add(place, refusal),
        }
    }
    wrong.done()?;
    Ok(answers)
}

/// An answer as its question wants it. `said` is what the company answered before.
fn answer(question: &agenda::Question, value: &Value, said: Option<&Value>) -> Result<Value, Refusal> {
    match question.kind {
        QuestionKind::Text => {
            let text = value.as_str().ok_or(Refusal::AnswerWrong)?;
            Ok(Value::String(clean_text(text, ANSWER_LENGTH_MAX).map_err(Refusal::from)?))
        }
        QuestionKind::Number => {
            let number = value.as_f64().filter(|number| number.is_finite()).ok_or(Refusal::AnswerWrong)?;
            Ok(if value.is_i64() { value.clone() } else { json!(number) })
        }
        QuestionKind::YesNo => value.is_boolean().then(|| value.clone()).ok_or(Refusal::AnswerWrong),
        QuestionKind::Choice => {
            // Kept in the option's own words: whatever becomes of the options, it says what was chosen. What was chosen
            // once may stand, also where it is offered no more.
            let chosen: LocalText = serde_json::from_value(value.clone()).map_err(|_| Refusal::AnswerWrong)?;
            let chosen = json!(chosen);
            let offered = question.options.0.iter().any(|option| json!(option) == chosen);
            (offered || said == Some(&chosen)).then_some(chosen).ok_or(Refusal::AnswerWrong)
        }
    }
}

/// One of the company's people, or a host for a company that phoned.
async fn must_register(tx: &mut Tx, act: &Act, session: &Session, company: OrganisationId) -> Result<()> {
    if must_belong_to(tx, act, company).await.is_ok() {
        return Ok(());
    }
    Standing::read(tx, act, session).await?.must_host()
}

async fn must_host(tx: &mut Tx, session: &Session, centre: OrganisationId) -> Result<()> {
    let hosts = yunqia_store::sessions::hosts(tx, [session.id]).await?;
    if hosts.iter().any(|host| host.centre_id == centre) { Ok(()) } else { Err(Error::NotFound) }
}

fn must_fit(count: usize, pointer: &str) -> Result<()> {
    match count {
        0 => Err(Error::field(pointer, Refusal::Required)),
        count if count > AT_ONCE_MAX => Err(Error::field(pointer, Refusal::TooMany)),
        _ => Ok(()),
    }
}

fn must_be_version(part: &Registration, version: Option<i64>) -> Result<()> {
    match version {
        Some(version) if version != part.version => Err(Refusal::OldVersion.into()),
        _ => Ok(()),
    }
}

/// A registration under its session's lock.
async fn locked(tx: &mut Tx, id: RegistrationId) -> Result<(Work, Registration)> {
    let session = registrations::find(tx, id).await?.ok_or(Error::NotFound)?.session_id;
    let session = sessions::locked(tx, session).await?;
    let part = registrations::find(tx, id).await?.ok_or(Error::NotFound)?;
    Ok((Work::on(session), part))
}

async fn save(tx: &mut Tx, part: &mut Registration) -> Result<()> {
    if !registrations::update(tx, part).await? {
        return Err(Refusal::OldVersion.into());
    }
    part.version += 1;
    Ok(())
}

fn changed(work: &mut Work, part: &Registration) {
    work.echo.registrations.insert(part.id);
    work.echo.counts.insert(part.session_id);
}

fn refused(id: uuid::Uuid, refusal: Refusal, locale: Locale) -> BulkRefusal {
    BulkRefusal { id, code: refusal.code().into(), reason: refusal.text(locale).into() }
}

/// A consent of the company. What a host was told on the telephone lets it book for the company, at its own centre only; it
/// opens nobody's details, because the company has not read what it agrees to (PIPL art. 23).
async fn give(tx: &mut Tx, act: &mut Act, part: &Registration, centre: OrganisationId) -> Result<bool> {
    let wording = if must_belong_to(tx, act, part.company_id).await.is_ok() {
        CONSENT_WORDING.to_owned()
    } else {
        let person = act.person()?;
        let memberships = yunqia_store::organisations::memberships(tx, person).await?;
        allowed(memberships.iter().any(|membership| membership.organisation_id == centre))?;
        format!("{CONSENT_WORDING}{}", registrations::BY_PHONE)
    };
    let consent = registrations::Consent {
        id: act.id(),
        session_id: part.session_id,
        company_id: part.company_id,
        centre_id: centre,
        wording,
        given_by: act.person()?,
        given_at: act.now,
        withdrawn_by: None,
        withdrawn_at: None,
    };
    Ok(registrations::give_consent(tx, &consent).await?)
}

/// Consents as the draft wants them.
async fn change_consents(
    tx: &mut Tx,
    act: &mut Act,
    work: &mut Work,
    part: &Registration,
    wanted: &[OrganisationId],
    accept_impact: bool,
) -> Result<()> {
    let standing = registrations::consents(tx, part.session_id, [part.company_id]).await?;
    let standing: Vec<OrganisationId> =
        standing.iter().filter(|consent| consent.withdrawn_at.is_none()).map(|consent| consent.centre_id).collect();
    let gone: Vec<OrganisationId> = standing.iter().copied().filter(|centre| !wanted.contains(centre)).collect();
    take_back(tx, act, work, part, &gone, accept_impact).await?;
    for centre in wanted.iter().filter(|centre| !standing.contains(centre)) {
        give(tx, act, part, *centre).await?;
        consent_note(tx, act, "consent.give", part, *centre).await?;
    }
    Ok(())
}

/// The company has its receipt.
async fn tell_registered(tx: &mut Tx, act: &mut Act, work: &mut Work, part: &Registration) -> Result<()> {
    let facts = facts(tx, work, part).await?;
    let about = about(part);
    let people = registrations::attendees(tx, [part.id]).await?;
    if let Some(contact) = people.first() {
        let to = work.post.person(tx, contact.person_id).await?;
        work.post.add(act, LetterKind::RegistrationReceived, &to, &about, facts.clone());
    }
    Ok(())
}

/// The hosts hear that somebody waits, unless nobody does.
async fn tell_waiting(tx: &mut Tx, act: &mut Act, work: &mut Work, part: &Registration) -> Result<()> {
    if part.state != RegistrationState::Registered {
        return Ok(());
    }
    let session = work.session.clone();
    let facts = facts(tx, work, part).await?;
    let about = about(part);
    let members = organisations::people_of(tx, [session.lead_centre_id]).await?;
    let by = match act.by {
        Some(by) => Some(display(&work.post.person(tx, by).await?)),
        None => None,
    };
    for member in members.into_iter().take(HOST_READERS_MAX) {
        let to = work.post.person(tx, member.person_id).await?;
        let facts = Facts {
            link: format!("/sessions/{}/desk/registrations", session.id),
            reader: Some(Side::Centre),
            person: by.clone(),
            ..facts.clone()
        };
        work.post.add(act, LetterKind::RegistrationNew, &to, &about, facts);
    }
    Ok(())
}

/// Who invited, and the lead centre, hear what the company answered.
async fn tell_answered(
    tx: &mut Tx,
    act: &mut Act,
    work: &mut Work,
    part: &Registration,
    inviter: Option<PersonId>,
    accepted: bool,
) -> Result<()> {
    let session = work.session.clone();
    let person = match act.by {
        Some(by) => Some(display(&work.post.person(tx, by).await?)),
        None => None,
    };
    let facts = Facts {
        link: format!("/sessions/{}/desk/registrations", session.id),
        reader: Some(Side::Centre),
        person,
        accepted: Some(accepted),
        reason: part.state_reason.clone(),
        ..facts(tx, work, part).await?
    };
    let about = about(part);
    let members = organisations::people_of(tx, [session.lead_centre_id]).await?;
    let members = members.into_iter().map(|member| member.person_id).filter(|person| Some(*person) != inviter);
    for person in inviter.into_iter().chain(members).take(HOST_READERS_MAX) {
        let to = work.post.person(tx, person).await?;
        work.post.add(act, LetterKind::RsvpReceived, &to, &about, facts.clone());
    }
    Ok(())
}

/// Everybody who was to come hears what was decided; who comes gets the session into the calendar and a reminder.
async fn tell_decided(tx: &mut Tx, act: &mut Act, work: &mut Work, part: &Registration) -> Result<()> {
    let session = work.session.clone();
    let approved = part.state == RegistrationState::Approved;
    let (kind, link) = match part.state {
        RegistrationState::Approved => {
            (LetterKind::RegistrationApproved, format!("/sessions/{}/timetable", session.id))
        }
        RegistrationState::Returned => (LetterKind::RegistrationReturned, format!("/sessions/{}/register", session.id)),
        _ => (LetterKind::RegistrationRejected, format!("/sessions/{}", session.id)),
    };
    let facts = Facts {
        link,
        reason: part.state_reason.clone(),
        calendar: approved.then(|| session_invite(part, &session, Method::Request, act.now)),
        ..facts(tx, work, part).await?
    };
    let about = about(part);
    for attendee in registrations::attendees(tx, [part.id]).await? {
        let to = work.post.person(tx, attendee.person_id).await?;
        work.post.add(act, kind, &to, &about, facts.clone());
        if approved {
            sessions::remind(tx, act, work, attendee.person_id, Side::Company).await?;
        }
    }
    Ok(())
}

/// The company's managers are invited, those who want such letters.
async fn tell_invited(
    tx: &mut Tx,
    act: &mut Act,
    work: &mut Work,
    part: &Registration,
    centre: OrganisationId,
) -> Result<()> {
    let session = work.session.clone();
    let facts = Facts {
        link: format!("/sessions/{}", session.id),
        centre: Some(work.post.name(tx, centre).await?),
        deadline: Some(session.registration_closes_at),
        calendar: Some(session_invite(part, &session, Method::Publish, act.now)),
        ..facts(tx, work, part).await?
    };
    for member in organisations::people_of(tx, [part.company_id]).await? {
        let to = work.post.person(tx, member.person_id).await?;
        if member.role == Role::Manager && to.wants_digests {
            work.post.add(act, LetterKind::Invitation, &to, &about(part), facts.clone());
        }
    }
    Ok(())
}

async fn tell_consent_gone(
    tx: &mut Tx,
    act: &mut Act,
    work: &mut Work,
    part: &Registration,
    centre: OrganisationId,
) -> Result<()> {
    let facts = Facts {
        link: format!("/sessions/{}/desk/registrations", part.session_id),
        centre: Some(work.post.name(tx, centre).await?),
        ..facts(tx, work, part).await?
    };
    let about = About::session(part.session_id, format!("consent:{}:{centre}:{}", part.id, act.now.unix_millis()));
    for member in organisations::people_of(tx, [centre]).await?.into_iter().take(HOST_READERS_MAX) {
        let to = work.post.person(tx, member.person_id).await?;
        let facts = Facts { reader: Some(Side::Centre), ..facts.clone() };
        work.post.add(act, LetterKind::ConsentWithdrawn, &to, &about, facts);
    }
    Ok(())
}

async fn facts(tx: &mut Tx, work: &mut Work, part: &Registration) -> Result<Facts> {
    let session = work.session.clone();
    Ok(Facts {
        link: format!("/sessions/{}/register", session.id),
        reader: Some(Side::Company),
        company: Some(work.post.name(tx, part.company_id).await?),
        session: Some(work.post.session(tx, &session).await?),
        ..Facts::default()
    })
}

fn about(part: &Registration) -> About {
    About::session(part.session_id, format!("registration:{}:{}", part.id, part.version))
}

async fn note(
    tx: &mut Tx,
    act: &mut Act,
    what: &str,
    part: &Registration,
    before: Option<RegistrationState>,
) -> Result<()> {
    act.note(
        tx,
        Note {
            act: what,
            kind: "registration",
            subject: part.id.0,
            session: Some(part.session_id),
            before: before.map(|state| json!({ "state": state })),
            after: Some(json!({ "state": part.state, "reason": part.state_reason, "company_id": part.company_id })),
        },
    )
    .await
}

async fn consent_note(
    tx: &mut Tx,
    act: &mut Act,
    what: &str,
    part: &Registration,
    centre: OrganisationId,
) -> Result<()> {
    act.note(
        tx,
        Note {
            act: what,
            kind: "consent",
            subject: part.id.0,
            session: Some(part.session_id),
            before: None,
            after: Some(json!({ "company_id": part.company_id, "centre_id": centre, "wording": CONSENT_WORDING })),
        },
    )
    .await
}
