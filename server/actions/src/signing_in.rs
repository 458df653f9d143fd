//! Signing in by e-mail: a letter with a code and a link, either of which works once and for a quarter of an hour.
//!
//! What is answered never tells whether an address is known. Somebody new becomes a person when they prove that the
//! address is theirs.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use yunqia_domain::{
    Refusal, Timestamp,
    contact::Email,
    ids::{PersonId, SignInId, SignInLetterId},
    letters::{Facts, LetterKind},
    locale::Locale,
    states::PersonState,
    topics::Topic,
    zones::Zone,
};
use yunqia_store::{
    Tx,
    people::{self, Person},
    sign_in_letters::{self, SignInLetter},
    sign_ins::{self, SignIn},
};
use yunqia_views::events::{Event, SignInsEnded};

use crate::{
    Act,
    act::hash,
    error::{Error, Result},
    letters,
    tell::tell,
};

/// How long a code or link is good for, in minutes.
pub const LETTER_MINUTES: i64 = 15;
/// Wrong codes after which a letter is worthless.
const TRIES: i64 = 5;
/// Letters to one address in a quarter of an hour and in a day. With five tries each, a day of guessing finds one code
/// in ten thousand addresses.
const LETTERS_PER_QUARTER: i64 = 5;
const LETTERS_PER_DAY: i64 = 20;
/// How long a browser stays signed in without being used, in minutes.
pub const SIGN_IN_MINUTES: i64 = 30 * 24 * 60;
/// A sign-in in use is written down at most this often, in minutes.
const SEEN_MINUTES: i64 = 60;

/// Sends a letter to whoever reads at this address; says until when it can be used.
pub async fn ask_letter(
    tx: &mut Tx,
    act: &mut Act,
    secret: &[u8],
    email: &str,
    locale: Locale,
    zone: &str,
) -> Result<Timestamp> {
    let email: Email = email.parse().map_err(|_| Error::field("/email", Refusal::EmailWrong))?;
    // A zone that this server does not know is no reason to keep somebody out.
    let zone = zone.parse().unwrap_or_else(|_| Zone::shanghai());
    let key = email.key();
    let recent = sign_in_letters::count_since(tx, &key, act.now.plus_minutes(-LETTER_MINUTES)).await?;
    let today = sign_in_letters::count_since(tx, &key, act.now.plus_minutes(-24 * 60)).await?;
    if recent >= LETTERS_PER_QUARTER || today >= LETTERS_PER_DAY {
        return Err(Refusal::TooManyLetters.into());
    }
    let id: SignInLetterId = act.id();
    let (code, token) = (act.six_digits(), act.secret());
    let expires_at = act.now.plus_minutes(LETTER_MINUTES);
    let letter = SignInLetter {
        id,
        email: email.as_str().into(),
        email_key: key.clone(),
        locale,
        zone: zone.as_str().into(),
        code_hash: code_hash(secret, id, &code),
    };
    sign_in_letters::insert(tx, &letter, &hash(&token), TRIES, act.now, expires_at).await?;
    let facts = Facts {
        link: format!("/sign-in/link#token={token}"),
        code: Some(code),
        minutes: Some(LETTER_MINUTES),
        ..Facts::default()
    };
    // Only whoever reads the letter learns whether the address is known; what is answered here is the same.
    let kind = match people::by_email(tx, &key).await? {
        Some(_) => LetterKind::SignInCode,
        None => LetterKind::AccountVerify,
    };
    letters::queue_to_address(tx, act, kind, &email, locale, &id.to_string(), &facts).await?;
    Ok(expires_at)
}

/// A person who has just signed in, and the secret for their browser's cookie.
pub struct SignedIn {
    pub person: PersonId,
    pub secret: String,
}

/// Signs in with the code of a letter. A wrong code costs a try, so the caller commits in both cases.
pub async fn with_code(
    tx: &mut Tx,
    act: &mut Act,
    secret: &[u8],
    email: &str,
    code: &str,
    device: &str,
) -> Result<Result<SignedIn, Refusal>> {
    let Ok(email) = email.parse::<Email>() else { return Ok(Err(Refusal::CodeWrong)) };
    let code: String = code.chars().filter_map(|c| c.to_digit(10).or_else(|| full_width_digit(c))).map(digit).collect();
    let live = sign_in_letters::take_try(tx, &email.key(), act.now).await?;
    match live.into_iter().find(|letter| is_code(secret, letter, &code)) {
        Some(letter) => enter(tx, act, &letter, device).await,
        None => Ok(Err(Refusal::CodeWrong)),
    }
}

/// Signs in with the link of a letter.
pub async fn with_link(tx: &mut Tx, act: &mut Act, token: &str, device: &str) -> Result<Result<SignedIn, Refusal>> {
    match sign_in_letters::use_link(tx, &hash(token), act.now).await? {
        Some(letter) => enter(tx, act, &letter, device).await,
        None => Ok(Err(Refusal::LinkSpent)),
    }
}

/// Signs a person in without a letter. Only for the demo, whose people are nobody.
pub async fn as_person(tx: &mut Tx, act: &mut Act, person: PersonId, device: &str) -> Result<SignedIn> {
    let person = people::find(tx, person).await?.ok_or(Error::NotFound)?;
    if person.state != PersonState::Active {
        return Err(Refusal::AccountSuspended.into());
    }
    start(tx, act, person.id, device).await
}

async fn enter(tx: &mut Tx, act: &mut Act, letter: &SignInLetter, device: &str) -> Result<Result<SignedIn, Refusal>> {
    sign_in_letters::use_all(tx, &letter.email_key, act.now).await?;
    let person = match people::by_email(tx, &letter.email_key).await? {
        Some(person) => person,
        None => new_person(tx, act, letter).await?,
    };
    if person.state != PersonState::Active {
        return Ok(Err(Refusal::AccountSuspended));
    }
    start(tx, act, person.id, device).await.map(Ok)
}

async fn new_person(tx: &mut Tx, act: &mut Act, letter: &SignInLetter) -> Result<Person> {
    let person = Person {
        id: act.id(),
        email: letter.email.clone(),
        email_key: letter.email_key.clone(),
        // Asked for on their first page.
        family_name: String::new(),
        given_name: String::new(),
        honorific: None,
        phone: None,
        locale: letter.locale,
        zone: letter.zone.clone(),
        operator: false,
        wants_digests: true,
        feed_token: act.secret(),
        state: PersonState::Active,
        created_at: act.now,
        version: 1,
    };
    // Two letters may be used at the same moment; the first makes the person.
    people::insert_if_new(tx, &person).await?;
    people::by_email(tx, &letter.email_key).await?.ok_or(Error::NotFound)
}

async fn start(tx: &mut Tx, act: &mut Act, person: PersonId, device: &str) -> Result<SignedIn> {
    let secret = act.secret();
    let sign_in = SignIn {
        id: act.id(),
        person_id: person,
        device: device.chars().take(80).collect(),
        created_at: act.now,
        last_seen_at: act.now,
        expires_at: act.now.plus_minutes(SIGN_IN_MINUTES),
    };
    sign_ins::insert(tx, &sign_in, &hash(&secret)).await?;
    Ok(SignedIn { person, secret })
}

/// Ends one sign-in of a person.
pub async fn end(tx: &mut Tx, act: &mut Act, id: SignInId) -> Result<()> {
    let person = act.person()?;
    if !sign_ins::end(tx, person, id, act.now).await? {
        return Err(Error::NotFound);
    }
    tell_ended(tx, act, person, &[id]).await
}

/// Ends all sign-ins of a person, but for `keep`.
pub async fn end_all(tx: &mut Tx, act: &mut Act, person: PersonId, keep: Option<SignInId>) -> Result<()> {
    let ended: Vec<SignInId> =
        sign_ins::end_others(tx, person, keep, act.now).await?.into_iter().map(|(id,)| id).collect();
    tell_ended(tx, act, person, &ended).await
}

/// Open sockets of an ended sign-in close when they hear of it.
async fn tell_ended(tx: &mut Tx, act: &Act, person: PersonId, ended: &[SignInId]) -> Result<()> {
    if !ended.is_empty() {
        let event = Event::SignInEnded(SignInsEnded { sign_ins: ended.to_vec() });
        tell(tx, Topic::Person(person), event, act.now).await?;
    }
    Ok(())
}

/// Whether a sign-in last seen then should be written down again, so that it does not end while it is in use.
pub fn is_due(last_seen_at: Timestamp, now: Timestamp) -> bool {
    now.since(last_seen_at).as_mins() >= SEEN_MINUTES
}

/// Keyed, because a million codes are quickly tried against a plain hash.
fn code_hash(secret: &[u8], letter: SignInLetterId, code: &str) -> String {
    mac(secret, letter, code).finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn is_code(secret: &[u8], letter: &SignInLetter, code: &str) -> bool {
    let pairs = letter.code_hash.as_bytes().chunks(2);
    let expected: Option<Vec<u8>> =
        pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect();
    // Takes the same time however much of it is right.
    expected.is_some_and(|expected| mac(secret, letter.id, code).verify_slice(&expected).is_ok())
}

fn mac(secret: &[u8], letter: SignInLetterId, code: &str) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes keys of any length");
    mac.update(format!("sign-in code {letter} {code}").as_bytes());
    mac
}

fn full_width_digit(c: char) -> Option<u32> {
    ('０'..='９').contains(&c).then(|| u32::from(c) - u32::from('０'))
}

fn digit(value: u32) -> char {
    char::from_digit(value, 10).expect("a digit is below ten")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_belongs_to_its_letter_and_key() {
        let id = SignInLetterId(uuid::Uuid::from_u128(7));
        let letter = |id, secret: &[u8]| SignInLetter {
            id,
            email: String::new(),
            email_key: String::new(),
            locale: Locale::En,
            zone: String::new(),
            code_hash: code_hash(secret, SignInLetterId(uuid::Uuid::from_u128(7)), "012345"),
        };
        assert!(is_code(b"key", &letter(id, b"key"), "012345"));
        assert!(!is_code(b"key", &letter(id, b"key"), "012346"));
        assert!(!is_code(b"key", &letter(id, b"other"), "012345"));
        assert!(!is_code(b"key", &letter(SignInLetterId(uuid::Uuid::from_u128(8)), b"key"), "012345"));
    }
}
