//! Channels and messages as they are read.

use std::collections::HashMap;

use serde::Serialize;
use utoipa::ToSchema;
use yunqia_domain::{
    Refusal, Timestamp,
    ids::{BookingId, ChannelId, FileId, MessageId, OrganisationId, PersonId, SessionId},
    links::{Link, find_links},
    states::{ChannelKind, MessageState, OrganisationState},
};
use yunqia_store::{Result, Tx, channels, files, messages, messages::Window, organisations, unread};

use crate::{
    Reader,
    cards::{Cards, OrganisationCard, PersonCard},
    common::Judgement,
    reason,
};

/// A conversation: in a hall, in a talk, or between a company and a centre.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Channel {
    pub id: ChannelId,
    pub kind: ChannelKind,
    pub session_id: Option<SessionId>,
    pub booking_id: Option<BookingId>,
    pub company: Option<OrganisationCard>,
    pub centre: Option<OrganisationCard>,
    pub last: Option<Message>,
    /// Messages of others that the reader has not read.
    pub unread: i64,
    /// Number of the newest message.
    pub head: i64,
    /// Whether the reader may write here now; for halls and talks their rooms say.
    pub may_write: Judgement,
}

/// One message. The text of one that was withdrawn or removed is empty.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Message {
    pub id: MessageId,
    pub channel_id: ChannelId,
    /// Place in the channel. A held message gets its final one when it is published.
    pub seq: i64,
    pub author: PersonCard,
    pub client_id: uuid::Uuid,
    pub text: String,
    /// Web addresses in the text; offsets in UTF-16 code units.
    pub links: Vec<Link>,
    pub file: Option<FileRef>,
    pub state: MessageState,
    /// Why it was held, rejected or removed.
    pub state_reason: Option<String>,
    pub created_at: Timestamp,
}

/// A file that was handed over: downloaded, never shown as a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FileRef {
    pub id: FileId,
    pub name: String,
    pub media_type: String,
    pub bytes: i64,
    pub url: String,
}

/// A window of a channel, ascending by number.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MessagePage {
    pub messages: Vec<Message>,
    /// Number of the newest message of the channel.
    pub head: i64,
    /// There are more beyond this window, in the direction in which it was read.
    pub more: bool,
}

impl From<files::File> for FileRef {
    fn from(file: files::File) -> FileRef {
        let url = format!("/api/files/{}", file.id);
        FileRef { id: file.id, name: file.name, media_type: file.media_type, bytes: file.bytes, url }
    }
}

/// Messages as their reader may see them: what is not published shows its text to its author and to moderators only.
pub async fn messages(
    tx: &mut Tx,
    rows: Vec<messages::Message>,
    reader: &Reader,
    moderates: bool,
) -> Result<Vec<Message>> {
    let organisations = rows.iter().filter_map(|row| row.organisation_id);
    let cards = Cards::read(tx, rows.iter().map(|row| row.author_id), organisations).await?;
    let files = files::find_all(tx, rows.iter().filter_map(|row| row.file_id)).await?;
    let mut files: HashMap<FileId, FileRef> = files.into_iter().map(|file| (file.id, file.into())).collect();
    let view = |row: messages::Message| {
        let waiting = matches!(row.state, MessageState::Held | MessageState::Rejected);
        let own = reader.person == Some(row.author_id);
        let shown = row.state == MessageState::Published || (waiting && (moderates || own));
        Message {
            id: row.id,
            channel_id: row.channel_id,
            seq: row.seq,
            author: cards.person(row.author_id, row.organisation_id),
            client_id: row.client_id,
            links: if shown { find_links(&row.text) } else { Vec::new() },
            text: if shown { row.text } else { String::new() },
            file: row.file_id.filter(|_| shown).and_then(|id| files.remove(&id)),
            state: row.state,
            state_reason: reason::text(row.state_reason.as_deref(), reader.locale),
            created_at: row.created_at,
        }
    };
    Ok(rows.into_iter().map(view).collect())
}

/// One message.
pub async fn message(tx: &mut Tx, row: messages::Message, reader: &Reader, moderates: bool) -> Result<Message> {
    messages(tx, vec![row], reader, moderates).await?.pop().ok_or(yunqia_store::Error::NotFound)
}

/// A window of a channel.
pub async fn page(
    tx: &mut Tx,
    channel: &channels::Channel,
    before: Option<i64>,
    after: Option<i64>,
    limit: i64,
    reader: &Reader,
) -> Result<MessagePage> {
    let window = Window { before, after, limit: limit + 1, reader: reader.person };
    let mut rows = messages::window(tx, channel.id, window).await?;
    let more = rows.len() as i64 > limit;
    if more {
        // One was read too many, at the far end.
        if after.is_some() && before.is_none() {
            rows.pop()
        } else {
            Some(rows.remove(0))
        };
    }
    Ok(MessagePage { messages: messages(tx, rows, reader, false).await?, head: channel.head, more })
}

/// Channels with their newest message and what the reader has not read.
pub async fn channels(tx: &mut Tx, rows: Vec<channels::Channel>, reader: &Reader) -> Result<Vec<Channel>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids = || rows.iter().map(|row| row.id);
    let last = messages::last_of(tx, ids()).await?;
    let last = messages(tx, last, reader, false).await?;
    let mut last: HashMap<ChannelId, Message> = last.into_iter().map(|message| (message.channel_id, message)).collect();
    let unread: HashMap<ChannelId, i64> = match reader.person {
        Some(person) => channels::unread(tx, person, ids()).await?.into_iter().collect(),
        None => HashMap::new(),
    };
    let sides: Vec<_> = rows.iter().flat_map(|row| [row.company_id, row.centre_id]).flatten().collect();
    let cards = Cards::read(tx, [], sides).await?;
    let active: Vec<OrganisationId> = match reader.person {
        Some(person) => organisations::memberships(tx, person)
            .await?
            .into_iter()
            .filter(|membership| membership.state == OrganisationState::Approved)
            .map(|membership| membership.organisation_id)
            .collect(),
        None => Vec::new(),
    };
    let speaks = |row: &channels::Channel| match row.kind {
        ChannelKind::Direct if ![row.company_id, row.centre_id].iter().flatten().any(|id| active.contains(id)) => {
            Err(Refusal::CompanyNotActive)
        }
        _ => Ok(()),
    };
    let view = |row: &channels::Channel| Channel {
        may_write: Judgement::of(speaks(row), reader.locale),
        id: row.id,
        kind: row.kind,
        session_id: row.session_id,
        booking_id: row.booking_id,
        company: row.company_id.map(|id| cards.organisation(id)),
        centre: row.centre_id.map(|id| cards.organisation(id)),
        last: last.remove(&row.id),
        unread: unread.get(&row.id).copied().unwrap_or(0),
        head: row.head,
    };
    Ok(rows.iter().map(view).collect())
}

/// What a change of unread counts tells all devices of a person.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Unread {
    pub channel_id: ChannelId,
    pub unread: i64,
    /// In all channels.
    pub total: i64,
}

pub async fn unread(tx: &mut Tx, person: PersonId, channel: ChannelId) -> Result<Unread> {
    let here = channels::unread(tx, person, [channel]).await?;
    let total = unread::total(tx, person).await?;
    Ok(Unread { channel_id: channel, unread: here.first().map_or(0, |(_, unread)| *unread), total })
}
