//! How many messages a person has not read.

use yunqia_domain::ids::PersonId;

use crate::db::{Result, Tx, sql};

/// Unread messages of others, in direct channels of the person's organisations and in the rooms of their talks.
pub async fn total(tx: &mut Tx, person: PersonId) -> Result<i64> {
    sql("SELECT CAST(count(*) AS BIGINT) AS unread
         FROM channels c
         JOIN messages m ON m.channel_id = c.id
         LEFT JOIN bookings b ON b.id = c.booking_id
         LEFT JOIN read_marks r ON r.channel_id = c.id AND r.person_id = $1
         WHERE m.state = 'published' AND m.author_id <> $1 AND m.seq > COALESCE(r.seq, 0)
           AND ((c.kind = 'direct' AND (c.company_id IN (SELECT organisation_id FROM members WHERE person_id = $1)
                                     OR c.centre_id IN (SELECT organisation_id FROM members WHERE person_id = $1)))
             OR (c.kind = 'talk' AND (b.contact_id = $1 OR b.staff_id = $1)))")
    .bind(person)
    .scalar(tx)
    .await
}
