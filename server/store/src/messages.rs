//! Messages of channels.

use yunqia_domain::{
    Timestamp,
    ids::{ChannelId, FileId, MessageId, OrganisationId, PersonId, SessionId},
    states::MessageState,
};

use crate::db::{Result, Tx, sql};

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Message {
    pub id: MessageId,
    pub channel_id: ChannelId,
    /// Place in the channel. A held message gets a new one when it is published.
    pub seq: i64,
    pub author_id: PersonId,
    /// For whom the author spoke.
    pub organisation_id: Option<OrganisationId>,
    pub client_id: uuid::Uuid,
    pub text: String,
    pub file_id: Option<FileId>,
    pub state: MessageState,
    pub state_reason: Option<String>,
    pub created_at: Timestamp,
    pub decided_by: Option<PersonId>,
    pub decided_at: Option<Timestamp>,
}

pub async fn insert(tx: &mut Tx, message: &Message) -> Result<()> {
    sql("INSERT INTO messages (id, channel_id, seq, author_id, organisation_id, client_id, text, file_id, state,
                               state_reason, created_at, decided_by, decided_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)")
    .bind(message.id)
    .bind(message.channel_id)
    .bind(message.seq)
    .bind(message.author_id)
    .bind(message.organisation_id)
    .bind(message.client_id)
    .bind(&message.text)
    .bind(message.file_id)
    .bind(message.state)
    .bind(&message.state_reason)
    .bind(message.created_at)
    .bind(message.decided_by)
    .bind(message.decided_at)
    .execute(tx)
    .await?;
    Ok(())
}

pub async fn find(tx: &mut Tx, id: MessageId) -> Result<Option<Message>> {
    sql("SELECT id, channel_id, seq, author_id, organisation_id, client_id, text, file_id, state, state_reason,
                created_at, decided_by, decided_at
         FROM messages WHERE id = $1")
    .bind(id)
    .optional(tx)
    .await
}

/// The message that an author's client has given this id.
pub async fn by_client_id(tx: &mut Tx, author: PersonId, client_id: uuid::Uuid) -> Result<Option<Message>> {
    sql("SELECT id, channel_id, seq, author_id, organisation_id, client_id, text, file_id, state, state_reason,
                created_at, decided_by, decided_at
         FROM messages WHERE author_id = $1 AND client_id = $2")
    .bind(author)
    .bind(client_id)
    .optional(tx)
    .await
}

/// Saves state, place and decision; false if the state is no longer `from`.
pub async fn decide(tx: &mut Tx, message: &Message, from: MessageState) -> Result<bool> {
    let changed = sql("UPDATE messages SET seq = $3, state = $4, state_reason = $5, decided_by = $6, decided_at = $7
         WHERE id = $1 AND state = $2")
    .bind(message.id)
    .bind(from)
    .bind(message.seq)
    .bind(message.state)
    .bind(&message.state_reason)
    .bind(message.decided_by)
    .bind(message.decided_at)
    .execute(tx)
    .await?;
    Ok(changed == 1)
}

/// Which messages of a channel one reader is shown.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// Only below this number, if given; the newest of them.
    pub before: Option<i64>,
    /// Only above this number, if given; the oldest of them unless `before` is given too.
    pub after: Option<i64>,
    pub limit: i64,
    /// Held and rejected messages are shown to their author only.
    pub reader: Option<PersonId>,
}

/// A window of a channel, ascending.
pub async fn window(tx: &mut Tx, channel: ChannelId, window: Window) -> Result<Vec<Message>> {
    if let (Some(after), None) = (window.after, window.before) {
        return sql(
            "SELECT id, channel_id, seq, author_id, organisation_id, client_id, text, file_id, state, state_reason,
                    created_at, decided_by, decided_at
             FROM messages
             WHERE channel_id = $1 AND seq > $2 AND (state IN ('published', 'withdrawn', 'removed') OR author_id = $3)
             ORDER BY seq LIMIT $4",
        )
        .bind(channel)
        .bind(after)
        .bind(window.reader)
        .bind(window.limit)
        .all(tx)
        .await;
    }
    let mut messages: Vec<Message> =
        sql("SELECT id, channel_id, seq, author_id, organisation_id, client_id, text, file_id, state, state_reason,
                    created_at, decided_by, decided_at
             FROM messages
             WHERE channel_id = $1 AND seq < $2 AND seq > $3
               AND (state IN ('published', 'withdrawn', 'removed') OR author_id = $4)
             ORDER BY seq DESC LIMIT $5")
        .bind(channel)
        .bind(window.before.unwrap_or(i64::MAX))
        .bind(window.after.unwrap_or(0))
        .bind(window.reader)
        .bind(window.limit)
        .all(tx)
        .await?;
    messages.reverse();
    Ok(messages)
}

/// The newest published message of each of these channels.
pub async fn last_of(tx: &mut Tx, channels: impl IntoIterator<Item = ChannelId>) -> Result<Vec<Message>> {
    sql("SELECT m.id, m.channel_id, m.seq, m.author_id, m.organisation_id, m.client_id, m.text, m.file_id, m.state,
                m.state_reason, m.created_at, m.decided_by, m.decided_at
         FROM messages m
         JOIN (SELECT channel_id, max(seq) AS seq FROM messages WHERE state = 'published' AND channel_id IN (..)
               GROUP BY channel_id) newest ON newest.channel_id = m.channel_id AND newest.seq = m.seq")
    .list(channels)
    .all(tx)
    .await
}

/// What waits for a moderator of a hall, oldest first.
pub async fn held(tx: &mut Tx, channel: ChannelId, limit: i64) -> Result<Vec<Message>> {
    sql("SELECT id, channel_id, seq, author_id, organisation_id, client_id, text, file_id, state, state_reason,
                created_at, decided_by, decided_at
         FROM messages WHERE channel_id = $1 AND state = 'held' ORDER BY seq LIMIT $2")
    .bind(channel)
    .bind(limit)
    .all(tx)
    .await
}

/// The newest unread messages of a person, oldest first, for a digest.
pub async fn unread_of(tx: &mut Tx, person: PersonId, limit: i64) -> Result<Vec<Message>> {
    let mut messages: Vec<Message> = sql(
        "SELECT m.id, m.channel_id, m.seq, m.author_id, m.organisation_id, m.client_id, m.text, m.file_id, m.state,
                    m.state_reason, m.created_at, m.decided_by, m.decided_at
             FROM channels c
             JOIN messages m ON m.channel_id = c.id
             LEFT JOIN bookings b ON b.id = c.booking_id
             LEFT JOIN read_marks r ON r.channel_id = c.id AND r.person_id = $1
             WHERE m.state = 'published' AND m.author_id <> $1 AND m.seq > COALESCE(r.seq, 0)
               AND ((c.kind = 'direct' AND (c.company_id IN (SELECT organisation_id FROM members WHERE person_id = $1)
                                         OR c.centre_id IN (SELECT organisation_id FROM members WHERE person_id = $1)))
                 OR (c.kind = 'talk' AND (b.contact_id = $1 OR b.staff_id = $1)))
             ORDER BY m.created_at DESC, m.seq DESC, m.id DESC LIMIT $2",
    )
    .bind(person)
    .bind(limit)
    .all(tx)
    .await?;
    messages.reverse();
    Ok(messages)
}

/// Published messages of a session's hall and talks.
pub async fn count_in_session(tx: &mut Tx, session: SessionId) -> Result<i64> {
    sql("SELECT CAST(count(*) AS BIGINT) AS messages
         FROM channels c JOIN messages m ON m.channel_id = c.id AND m.state = 'published'
         WHERE c.session_id = $1")
    .bind(session)
    .scalar(tx)
    .await
}

/// Whether this author has said exactly this in the channel since then.
pub async fn said_before(
    tx: &mut Tx,
    channel: ChannelId,
    author: PersonId,
    text: &str,
    since: Timestamp,
) -> Result<i64> {
    sql("SELECT CAST(count(*) AS BIGINT) AS times FROM messages
         WHERE channel_id = $1 AND author_id = $2 AND text = $3 AND created_at > $4 AND state <> 'withdrawn'")
    .bind(channel)
    .bind(author)
    .bind(text)
    .bind(since)
    .scalar(tx)
    .await
}

/// What an author has said in a channel that others do not see yet: held and rejected messages, the newest of them.
pub async fn own_waiting(tx: &mut Tx, channel: ChannelId, author: PersonId, limit: i64) -> Result<Vec<Message>> {
    sql("SELECT id, channel_id, seq, author_id, organisation_id, client_id, text, file_id, state, state_reason,
                created_at, decided_by, decided_at
         FROM messages WHERE author_id = $2 AND channel_id = $1 AND state IN ('held', 'rejected')
         ORDER BY seq DESC LIMIT $3")
    .bind(channel)
    .bind(author)
    .bind(limit)
    .all(tx)
    .await
}
