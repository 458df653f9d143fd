//! Channels: the chat of a hall, of a talk, and between a company and a centre.

use yunqia_domain::{
    Timestamp,
    ids::{BookingId, ChannelId, OrganisationId, PersonId, SessionId},
    states::ChannelKind,
};

use crate::db::{Result, Tx, sql};

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Channel {
    pub id: ChannelId,
    pub kind: ChannelKind,
    pub session_id: Option<SessionId>,
    pub booking_id: Option<BookingId>,
    pub company_id: Option<OrganisationId>,
    pub centre_id: Option<OrganisationId>,
    /// Number of the newest message.
    pub head: i64,
}

/// The chat of a session's hall.
pub async fn of_hall(tx: &mut Tx, session: SessionId) -> Result<Option<Channel>> {
    sql("SELECT id, kind, session_id, booking_id, company_id, centre_id, head FROM channels
         WHERE kind = 'hall' AND session_id = $1")
    .bind(session)
    .optional(tx)
    .await
}

/// The chat of a talk.
pub async fn of_talk(tx: &mut Tx, booking: BookingId) -> Result<Option<Channel>> {
    sql("SELECT id, kind, session_id, booking_id, company_id, centre_id, head FROM channels
         WHERE kind = 'talk' AND booking_id = $1")
    .bind(booking)
    .optional(tx)
    .await
}

/// The id that a hall's channel gets when it is made: known to all before anybody has written.
pub fn hall_id(session: SessionId) -> ChannelId {
    ChannelId(session.0)
}

/// The id of a talk's channel where the booking's confirmation made none.
pub fn talk_id(booking: BookingId) -> ChannelId {
    ChannelId(booking.0)
}

pub async fn find(tx: &mut Tx, id: ChannelId) -> Result<Option<Channel>> {
    sql("SELECT id, kind, session_id, booking_id, company_id, centre_id, head FROM channels WHERE id = $1")
        .bind(id)
        .optional(tx)
        .await
}

pub async fn direct(tx: &mut Tx, company: OrganisationId, centre: OrganisationId) -> Result<Option<Channel>> {
    sql("SELECT id, kind, session_id, booking_id, company_id, centre_id, head FROM channels
         WHERE kind = 'direct' AND company_id = $1 AND centre_id = $2")
    .bind(company)
    .bind(centre)
    .optional(tx)
    .await
}

/// Makes the channel unless it is there.
pub async fn ensure(tx: &mut Tx, channel: &Channel) -> Result<()> {
    sql("INSERT INTO channels (id, kind, session_id, booking_id, company_id, centre_id, head)
         VALUES ($1, $2, $3, $4, $5, $6, 0) ON CONFLICT DO NOTHING")
    .bind(channel.id)
    .bind(channel.kind)
    .bind(channel.session_id)
    .bind(channel.booking_id)
    .bind(channel.company_id)
    .bind(channel.centre_id)
    .execute(tx)
    .await?;
    Ok(())
}

/// Hands the conversation of a talk, with its files, to the booking that follows it between the same two organisations;
/// false if that talk has none.
pub async fn follow(
    tx: &mut Tx,
    from: BookingId,
    to: BookingId,
    company: OrganisationId,
    centre: OrganisationId,
) -> Result<bool> {
    let moved = sql("UPDATE channels SET booking_id = $2
         WHERE kind = 'talk' AND booking_id = $1 AND company_id = $3 AND centre_id = $4")
    .bind(from)
    .bind(to)
    .bind(company)
    .bind(centre)
    .execute(tx)
    .await?;
    Ok(moved == 1)
}

/// Takes the next number of a channel. Its row stays locked, so numbers follow the order of commits.
pub async fn next_number(tx: &mut Tx, id: ChannelId) -> Result<i64> {
    sql("UPDATE channels SET head = head + 1 WHERE id = $1 RETURNING head").bind(id).scalar(tx).await
}

/// A channel in a person's list.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Conversation {
    #[sqlx(flatten)]
    pub channel: Channel,
    /// When the newest message was sent; long ago where there is none.
    pub at: Timestamp,
}

/// A place in a person's list. The time is kept with it, since the row may have gone to the top of the list meanwhile.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    pub at: Timestamp,
    pub id: ChannelId,
}

/// Which conversations a list shows; what is None does not narrow it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    pub company: Option<OrganisationId>,
    pub centre: Option<OrganisationId>,
}

/// The channels in which a person converses: between their companies or centres and others, and of their own talks.
/// Those with the newest message first; `after` is the place of the last one of the page before.
pub async fn of_person(
    tx: &mut Tx,
    person: PersonId,
    wanted: Wanted,
    after: Option<Place>,
    limit: i64,
) -> Result<Vec<Conversation>> {
    let never: Timestamp = "0001-01-01T00:00:00Z".parse().expect("a constant");
    let end: Timestamp = "9999-01-01T00:00:00Z".parse().expect("a constant");
    let after = after.unwrap_or(Place { at: end, id: ChannelId(uuid::Uuid::max()) });
    sql("SELECT c.id, c.kind, c.session_id, c.booking_id, c.company_id, c.centre_id, c.head,
                COALESCE(m.created_at, $2) AS at
         FROM channels c
         LEFT JOIN bookings b ON b.id = c.booking_id
         LEFT JOIN messages m ON m.channel_id = c.id AND m.seq = c.head
         WHERE ((c.kind = 'direct' AND (c.company_id IN (SELECT organisation_id FROM members WHERE person_id = $1)
                                     OR c.centre_id IN (SELECT organisation_id FROM members WHERE person_id = $1)))
             OR (c.kind = 'talk' AND c.head > 0 AND (b.contact_id = $1 OR b.staff_id = $1)))
           AND (c.company_id = $3 OR $3 IS NULL) AND (c.centre_id = $4 OR $4 IS NULL)
           AND (COALESCE(m.created_at, $2), c.id) < ($5, $6)
         ORDER BY at DESC, c.id DESC LIMIT $7")
    .bind(person)
    .bind(never)
    .bind(wanted.company)
    .bind(wanted.centre)
    .bind(after.at)
    .bind(after.id)
    .bind(limit)
    .all(tx)
    .await
}

/// How many messages of others a person has not read, per channel; channels without any are missing.
pub async fn unread(
    tx: &mut Tx,
    person: PersonId,
    channels: impl IntoIterator<Item = ChannelId>,
) -> Result<Vec<(ChannelId, i64)>> {
    sql("SELECT m.channel_id, CAST(count(*) AS BIGINT) AS unread
         FROM messages m LEFT JOIN read_marks r ON r.channel_id = m.channel_id AND r.person_id = $1
         WHERE m.state = 'published' AND m.author_id <> $1 AND m.seq > COALESCE(r.seq, 0) AND m.channel_id IN (..)
         GROUP BY m.channel_id")
    .bind(person)
    .list(channels)
    .all(tx)
    .await
}

/// How far a person has read; 0 if never.
pub async fn read_mark(tx: &mut Tx, channel: ChannelId, person: PersonId) -> Result<i64> {
    let mark: Option<(i64,)> = sql("SELECT seq FROM read_marks WHERE channel_id = $1 AND person_id = $2")
        .bind(channel)
        .bind(person)
        .optional(tx)
        .await?;
    Ok(mark.map_or(0, |(seq,)| seq))
}

/// Moves a read mark forward, never back; says whether it moved.
pub async fn mark_read(tx: &mut Tx, channel: ChannelId, person: PersonId, seq: i64) -> Result<bool> {
    let moved = sql("INSERT INTO read_marks (channel_id, person_id, seq) VALUES ($1, $2, $3)
         ON CONFLICT (channel_id, person_id) DO UPDATE SET seq = excluded.seq WHERE read_marks.seq < excluded.seq")
    .bind(channel)
    .bind(person)
    .bind(seq)
    .execute(tx)
    .await?;
    Ok(moved == 1)
}
