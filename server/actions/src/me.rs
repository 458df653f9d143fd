//! What people do with their own account.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use yunqia_domain::{Refusal, ids::PersonId, zones::Zone};
use yunqia_store::{
    Tx, people,
    sign_ins::{self, SignIn},
};
use yunqia_views::people::PersonChange;

use crate::{
    Act,
    error::{Error, Result},
    signing_in,
    values::Values,
};

/// Longest family or given name.
pub const NAME_CHARS_MAX: usize = 60;

/// Changes one's own details.
pub async fn change(tx: &mut Tx, act: &mut Act, change: PersonChange, version: i64) -> Result<()> {
    let mut row = people::find(tx, act.person()?).await?.ok_or(Error::NotFound)?;
    let mut values = Values::new();
    row.family_name = values.line("/family_name", &change.family_name, NAME_CHARS_MAX);
    // Some people have one name only.
    row.given_name = values.optional_line("/given_name", Some(&change.given_name), NAME_CHARS_MAX).unwrap_or_default();
    row.phone = values.optional_phone("/phone", change.phone.as_deref());
    if let Some(zone) = values.take("/zone", change.zone.parse::<Zone>()) {
        row.zone = zone.as_str().into();
    }
    values.finish()?;
    row.honorific = change.honorific.map(code);
    row.locale = change.locale;
    row.wants_digests = change.wants_digests;
    if !people::update(tx, &row, version).await? {
        return Err(Refusal::OldVersion.into());
    }
    Ok(())
}

/// The stored form of an honorific.
fn code(honorific: yunqia_domain::names::Honorific) -> String {
    match serde_json::to_value(honorific) {
        Ok(serde_json::Value::String(code)) => code,
        other => unreachable!("an honorific is a word, not {other:?}"),
    }
}

/// Gives the calendar feed a new secret address; the old one stops working.
pub async fn new_feed(tx: &mut Tx, act: &mut Act) -> Result<()> {
    let (person, token) = (act.person()?, act.secret());
    people::set_feed_token(tx, person, &token).await?;
    Ok(())
}

/// Keeps a sign-in that is in use from ending; says whether there was something to do.
pub async fn stay_signed_in(tx: &mut Tx, act: &Act, sign_in: &SignIn) -> Result<bool> {
    if !signing_in::is_due(sign_in.last_seen_at, act.now) {
        return Ok(false);
    }
    let expires_at = act.now.plus_minutes(signing_in::SIGN_IN_MINUTES);
    sign_ins::seen(tx, sign_in.id, act.now, expires_at).await?;
    Ok(true)
}

/// The secret of a letter's unsubscribe link: person and a keyed hash, so that nothing has to be stored per letter.
pub fn unsubscribe_token(secret: &[u8], person: PersonId) -> String {
    let hash: String = mac(secret, person).finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}{hash}", person.0.simple())
}

/// Stops digests and nudges for whoever the token names. What concerns a person's own bookings is still sent.
pub async fn unsubscribe(tx: &mut Tx, secret: &[u8], token: &str) -> Result<()> {
    let (id, hash) = token.split_at_checked(32).ok_or(Refusal::LinkSpent)?;
    let person = PersonId(id.parse().map_err(|_| Refusal::LinkSpent)?);
    let bytes: Option<Vec<u8>> = (0..hash.len())
        .step_by(2)
        .map(|at| hash.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()))
        .collect();
    if bytes.is_none_or(|bytes| mac(secret, person).verify_slice(&bytes).is_err()) {
        return Err(Refusal::LinkSpent.into());
    }
    people::set_wants_digests(tx, person, false).await?;
    Ok(())
}

fn mac(secret: &[u8], person: PersonId) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes keys of any length");
    mac.update(format!("unsubscribe {person}").as_bytes());
    mac
}
