//! Putting a letter into the outbox, in the transaction that causes it.

use yunqia_domain::{
    Timestamp,
    contact::Email,
    ids::{BookingId, LetterId, SessionId},
    letters::{Facts, LetterKind},
    locale::Locale,
};
use yunqia_store::{Tx, letters, people::Person};

use crate::{Act, error::Result};

/// A letter to one person.
pub struct Letter<'a> {
    pub kind: LetterKind,
    pub to: &'a Person,
    /// What makes this letter one letter: the thing and its version, e.g. `booking:{id}:{sequence}`. Kind and recipient are
    /// added to it.
    pub cause: String,
    /// What the letter says; [`LetterKind::facts`] lists what each kind needs.
    pub facts: Facts,
    pub session: Option<SessionId>,
    pub booking: Option<BookingId>,
    /// Not before; None: now.
    pub due_at: Option<Timestamp>,
}

/// Queues a letter unless the same one was queued before. The actor is not told of their own act.
pub async fn queue(tx: &mut Tx, act: &mut Act, letter: Letter<'_>) -> Result<bool> {
    let to = letter.to;
    if act.by == Some(to.id) && !letter.kind.goes_to_actor() {
        return Ok(false);
    }
    // A test finds what an act forgot to say. In operation the act goes on: no booking depends on its letters.
    debug_assert_eq!(letter.facts.check(letter.kind), Ok(()), "facts of a {}", letter.kind.code());
    let id: LetterId = act.id();
    let domain = to.email_key.rsplit('@').next().unwrap_or_default().to_owned();
    let new = letters::NewLetter {
        id,
        dedup_key: format!("{}:{}:{}", letter.kind.code(), letter.cause, to.id),
        kind: letter.kind.code().into(),
        person_id: Some(to.id),
        to_email: to.email.clone(),
        to_domain: domain,
        locale: to.locale,
        facts: serde_json::value::to_raw_value(&letter.facts).expect("facts are plain data"),
        session_id: letter.session,
        booking_id: letter.booking,
        due_at: letter.due_at.unwrap_or(act.now),
        // Derived from the row, so that a repeat can be recognised (RFC 5322 §3.6.4); the worker adds the host.
        message_id: format!("{id}"),
        created_at: act.now,
    };
    Ok(letters::queue(tx, &new).await?)
}

/// Queues a letter to an address, whether or not a person is known under it.
pub async fn queue_to_address(
    tx: &mut Tx,
    act: &mut Act,
    kind: LetterKind,
    email: &Email,
    locale: Locale,
    cause: &str,
    facts: &Facts,
) -> Result<()> {
    debug_assert_eq!(facts.check(kind), Ok(()), "facts of a {}", kind.code());
    let id: LetterId = act.id();
    let new = letters::NewLetter {
        id,
        dedup_key: format!("{}:{cause}", kind.code()),
        kind: kind.code().into(),
        person_id: None,
        to_email: email.as_str().into(),
        to_domain: email.domain().into(),
        locale,
        facts: serde_json::value::to_raw_value(&facts).expect("facts are plain data"),
        session_id: None,
        booking_id: None,
        due_at: act.now,
        message_id: format!("{id}"),
        created_at: act.now,
    };
    letters::queue(tx, &new).await?;
    Ok(())
}
