//! The token behind "no more of these letters": it names a person and proves that we wrote it. It signs nobody in and can
//! do one thing only, so it needs no row and does not run out (RFC 8058 asks for links that work for long).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use uuid::Uuid;
use yunqia_domain::ids::PersonId;

/// Bytes of a UUID.
const ID: usize = 16;

/// The token for this person's letters, made with the installation's secret key.
pub fn token(secret: &[u8], person: PersonId) -> String {
    let mut bytes = person.0.as_bytes().to_vec();
    bytes.extend_from_slice(&mac(secret, person).finalize().into_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The person a token was made for; None if we did not make it.
pub fn person(secret: &[u8], token: &str) -> Option<PersonId> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let (id, tag) = bytes.split_at_checked(ID)?;
    let person = PersonId(Uuid::from_slice(id).ok()?);
    // Compared in constant time.
    mac(secret, person).verify_slice(tag).ok()?;
    Some(person)
}

fn mac(secret: &[u8], person: PersonId) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes a key of any length");
    mac.update(b"unsubscribe");
    mac.update(person.0.as_bytes());
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_leads_back_to_its_person_and_no_other_key_makes_it() {
        let person_id = PersonId(Uuid::from_u128(7));
        let made = token(b"secret", person_id);
        assert_eq!(person(b"secret", &made), Some(person_id));
        assert_eq!(person(b"another", &made), None);
        assert_eq!(person(b"secret", &made[1..]), None);
        assert_eq!(person(b"secret", ""), None);
    }
}
