//! What the command line asks: who runs this installation, and whether letters are late.

use yunqia_domain::{Timestamp, ids::PersonId};

use crate::{
    db::{Result, Tx, sql},
    people::Person,
};

/// Operators, oldest first.
pub async fn all(tx: &mut Tx) -> Result<Vec<Person>> {
    sql("SELECT id, email, email_key, family_name, given_name, honorific, phone, locale, zone, operator, wants_digests,
                feed_token, state, created_at, version
         FROM people WHERE operator ORDER BY created_at, id")
    .all(tx)
    .await
}

pub async fn appoint(tx: &mut Tx, person: PersonId) -> Result<()> {
    sql("UPDATE people SET operator = TRUE, version = version + 1 WHERE id = $1").bind(person).execute(tx).await?;
    Ok(())
}

/// Letters that were due before `instant` and have not left.
pub async fn letters_overdue(tx: &mut Tx, instant: Timestamp) -> Result<i64> {
    sql("SELECT CAST(count(*) AS BIGINT) FROM letters WHERE state = 'queued' AND due_at < $1")
        .bind(instant)
        .scalar(tx)
        .await
}
