//! What the operator of the platform does: people and letters.

use yunqia_domain::{
    Refusal,
    ids::{LetterId, PersonId},
    letters::LetterKind,
    states::{LetterState, PersonState},
};
use yunqia_store::{Tx, bookings as rows, letters, members, organisations, people};
use yunqia_views::common::ImpactKind;

use crate::{
    Act,
    act::Note,
    authority,
    bookings::{self, Leave, impact_of},
    error::{Error, Result},
    signing_in,
};

/// Makes a person an operator or not, lets them in or keeps them out. Whoever is kept out is signed out everywhere, and
/// their talks ahead are listed first, and go to colleagues or are cancelled when that is accepted.
pub async fn change_person(
    tx: &mut Tx,
    act: &mut Act,
    id: PersonId,
    version: i64,
    operator: bool,
    state: PersonState,
    accept_impact: bool,
) -> Result<()> {
    authority::operator(tx, act).await?;
    let row = people::find(tx, id).await?.ok_or(Error::NotFound)?;
    let loses = (row.operator && row.state == PersonState::Active) && !(operator && state == PersonState::Active);
    if loses && act.person()? == id {
        // Another operator has to do it, so that one always remains.
        return Err(Refusal::LastManager.into());
    }
    if row.state == PersonState::Closed && state != PersonState::Closed {
        return Err(Refusal::IllegalMove.into());
    }
    if row.version != version {
        return Err(Refusal::OldVersion.into());
    }
    let kept_out = row.state == PersonState::Active && state != PersonState::Active;
    if kept_out {
        let mut ahead = Vec::new();
        let memberships = organisations::memberships(tx, id).await?;
        let theirs: Vec<_> = memberships.iter().map(|membership| membership.organisation_id).collect();
        bookings::lock_sessions_of(tx, &theirs).await?;
        for membership in memberships {
            ahead.extend(rows::ahead_of_person(tx, id, membership.organisation_id, act.now).await?);
        }
        if !ahead.is_empty() && !accept_impact {
            return Err(Error::impact(impact_of(tx, &ahead, ImpactKind::HandedOn).await?));
        }
    }
    if !people::set_standing(tx, id, version, operator, state).await? {
        return Err(Refusal::OldVersion.into());
    }
    let note = Note {
        act: "person.change",
        kind: "person",
        subject: id.0,
        session: None,
        before: Some(serde_json::json!({ "operator": row.operator, "state": row.state })),
        after: Some(serde_json::json!({ "operator": operator, "state": state })),
    };
    act.note(tx, note).await?;
    if kept_out {
        for membership in organisations::memberships(tx, id).await? {
            bookings::drop_out_person(tx, act, id, membership.organisation_id, Leave::Operator).await?;
            if state == PersonState::Closed {
                members::remove(tx, membership.organisation_id, id).await?;
            }
        }
        signing_in::end_all(tx, act, id, None).await?;
    }
    Ok(())
}

/// Sends a letter once more that was sent, held, or could not be delivered. It keeps its identity, so a reader who has it
/// already sees it once.
pub async fn send_again(tx: &mut Tx, act: &mut Act, id: LetterId) -> Result<()> {
    let letter = letters::find(tx, id).await?.ok_or(Error::NotFound)?;
    let secret = LetterKind::from_code(&letter.kind).is_some_and(LetterKind::is_secret);
    if secret && letter.state == LetterState::Sent {
        // What was in it is erased; a new one has to be asked for.
        return Err(Refusal::IllegalMove.into());
    }
    let from = [LetterState::Sent, LetterState::Undeliverable, LetterState::Held, LetterState::Dropped];
    move_letter(tx, act, id, &from, LetterState::Queued, "letter.send_again").await
}

/// Keeps a letter back.
pub async fn hold(tx: &mut Tx, act: &mut Act, id: LetterId) -> Result<()> {
    move_letter(tx, act, id, &[LetterState::Queued], LetterState::Held, "letter.hold").await
}

/// Lets a letter go that was kept back.
pub async fn release(tx: &mut Tx, act: &mut Act, id: LetterId) -> Result<()> {
    move_letter(tx, act, id, &[LetterState::Held], LetterState::Queued, "letter.release").await
}

async fn move_letter(
    tx: &mut Tx,
    act: &mut Act,
    id: LetterId,
    from: &[LetterState],
    to: LetterState,
    what: &str,
) -> Result<()> {
    authority::operator(tx, act).await?;
    let before = letters::find(tx, id).await?.ok_or(Error::NotFound)?;
    if !letters::set_state(tx, id, from, to, act.now).await? {
        return Err(Refusal::IllegalMove.into());
    }
    let note = Note {
        act: what,
        kind: "letter",
        subject: id.0,
        session: before.session_id,
        before: Some(serde_json::json!({ "state": before.state })),
        after: Some(serde_json::json!({ "state": to })),
    };
    act.note(tx, note).await
}
