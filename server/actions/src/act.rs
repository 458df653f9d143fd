//! The circumstances of an act: when, by whom, and a source of chance. Time and chance are arguments, so that a test or a
//! simulation decides both.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::{Rng, RngCore, SeedableRng, rngs::StdRng};
use sha2::{Digest, Sha256};
use uuid::Uuid;
use yunqia_domain::{
    Timestamp,
    ids::{AuditId, PersonId, SessionId},
};
use yunqia_store::{Tx, audit};

use crate::error::Result;

/// Who acts, when, and with what luck.
pub struct Act {
    pub now: Timestamp,
    /// None: the clock did it (a request expired, a window opened).
    pub by: Option<PersonId>,
    chance: StdRng,
}

impl Act {
    pub fn new(now: Timestamp, by: Option<PersonId>, seed: u64) -> Act {
        Act { now, by, chance: StdRng::seed_from_u64(seed) }
    }

    /// The same with chance from the operating system: what a server uses, because secrets are drawn from it.
    pub fn unpredictable(now: Timestamp, by: Option<PersonId>) -> Act {
        Act { now, by, chance: StdRng::from_os_rng() }
    }

    /// A new id (UUIDv7, RFC 9562): sorts by the time of the act.
    pub fn id<T: From<Uuid>>(&mut self) -> T {
        let mut random = [0; 10];
        self.chance.fill_bytes(&mut random);
        let millis = self.now.unix_millis().max(0).unsigned_abs();
        T::from(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
    }

    /// A secret of 256 bits for a link or cookie; keep only its [`hash`].
    pub fn secret(&mut self) -> String {
        let mut bytes = [0; 32];
        self.chance.fill_bytes(&mut bytes);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Six digits for a letter.
    pub fn six_digits(&mut self) -> String {
        format!("{:06}", self.chance.random_range(0..1_000_000))
    }

    /// The person who acts; acts that only people do take this.
    pub fn person(&self) -> Result<PersonId> {
        self.by.ok_or_else(|| yunqia_domain::Refusal::NotAllowed.into())
    }

    /// Writes down what was done, in the same transaction. `before` and `after` are objects or null.
    pub async fn note(&mut self, tx: &mut Tx, what: Note<'_>) -> Result<()> {
        Ok(audit::insert_all(tx, &[self.line(what)]).await?)
    }

    /// The same line for [`audit::insert_all`], where several are written at once.
    pub(crate) fn line(&mut self, what: Note<'_>) -> audit::Entry {
        audit::Entry {
            id: self.id::<AuditId>(),
            at: self.now,
            actor_id: self.by,
            act: what.act.into(),
            subject_kind: what.kind.into(),
            subject_id: what.subject,
            session_id: what.session,
            before: what.before.map(sqlx_json),
            after: what.after.map(sqlx_json),
        }
    }
}

/// One line of the audit log.
pub struct Note<'a> {
    /// A verb of the user: `booking.accept`, `session.move`.
    pub act: &'a str,
    /// The kind of thing: `booking`, `session`.
    pub kind: &'a str,
    pub subject: Uuid,
    pub session: Option<SessionId>,
    pub before: Option<serde_json::Value>,
    pub after: Option<serde_json::Value>,
}

/// What is stored of a secret: SHA-256, in hexadecimal. Secrets have 256 bits, so no salt and no slow hash is needed.
pub fn hash(secret: &str) -> String {
    Sha256::digest(secret.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn sqlx_json(value: serde_json::Value) -> yunqia_store::Json<serde_json::Value> {
    yunqia_store::Json(value)
}
