//! The numbers and lists behind the report of a session: a few queries, however many companies came.

use yunqia_domain::ids::{BookingId, OrganisationId, SessionId};

use crate::{
    db::{Result, Tx, sql},
    interests::Interest,
};

/// All bookings of a session in order of time, whatever became of them.
pub async fn bookings(tx: &mut Tx, session: SessionId) -> Result<Vec<BookingId>> {
    let ids: Vec<(BookingId,)> = sql("SELECT b.id FROM bookings b JOIN slots s ON s.id = b.slot_id
         WHERE b.session_id = $1 ORDER BY s.starts_at, b.id")
    .bind(session)
    .all(tx)
    .await?;
    Ok(ids.into_iter().map(|(id,)| id).collect())
}

/// The open slots of each centre's desks.
pub async fn slots(tx: &mut Tx, session: SessionId) -> Result<Vec<(OrganisationId, i64)>> {
    sql("SELECT d.centre_id, CAST(count(*) AS BIGINT) AS slots FROM slots s JOIN desks d ON d.id = s.desk_id
         WHERE s.session_id = $1 AND s.open AND s.removed_at IS NULL AND d.removed_at IS NULL GROUP BY d.centre_id")
    .bind(session)
    .all(tx)
    .await
}

/// The open interests that were registered in a session, oldest first.
pub async fn interests(tx: &mut Tx, session: SessionId) -> Result<Vec<Interest>> {
    sql("SELECT id, company_id, centre_id, opportunity_id, session_id, priority, planned_wan, horizon, note, state, created_by,
                created_at, version
         FROM interests WHERE session_id = $1 AND state = 'open' ORDER BY created_at, id LIMIT 5000")
    .bind(session)
    .all(tx)
    .await
}
