//! Messages in halls, talks and between a company and a centre: sending, taking back, deciding, removing, reading.

use jiff::SignedDuration;
use uuid::Uuid;
use yunqia_domain::{
    Refusal, Timestamp, company,
    hall::{self, MESSAGE_LENGTH_MAX, REASON_LENGTH_MAX},
    ids::{BookingId, ChannelId, FileId, MessageId, OrganisationId, PersonId, SessionId},
    moderation::{self, Verdict},
    states::{ChannelKind, MessageState},
    talk,
    text::{TextProblem, clean_text},
    topics::Topic,
};
use yunqia_store::{
    Tx, channels, channels::Channel, files, messages, messages::Message, organisations, parts as store_parts, sessions,
};
use yunqia_views::{Reader, events::Event, messages as views, reason::rule as reason_code};

use crate::{
    Act,
    act::Note,
    digests,
    error::{Error, Result},
    parts,
    tell::tell,
};

/// Where a message is said, and by whom.
pub struct Place {
    pub channel: Channel,
    pub topic: Topic,
    /// For whom the person speaks.
    pub organisation: Option<OrganisationId>,
    /// Of a hall: its session, and whether everything from companies is reviewed.
    hall: Option<SessionId>,
    review: bool,
    /// Hosts of a hall.
    pub moderates: bool,
}

/// What somebody types.
pub struct Draft {
    /// Made by the client; the same one twice is the same message.
    pub client_id: Uuid,
    pub text: String,
    pub file: Option<FileId>,
}

/// Finds a channel for somebody who may read it. That of a hall or talk is there before it is made.
pub async fn place(tx: &mut Tx, id: ChannelId, person: PersonId, now: Timestamp) -> Result<Place> {
    let channel = match channels::find(tx, id).await? {
        Some(channel) => channel,
        None => unmade(tx, id).await?,
    };
    match channel.kind {
        ChannelKind::Hall => {
            let session = channel.session_id.ok_or(Error::NotFound)?;
            let here = parts::in_session(tx, session, person, now).await?;
            here.may_enter()?;
            let moderates = here.part.moderates();
            Ok(Place {
                channel,
                topic: Topic::Hall(session),
                organisation: here.organisation,
                hall: Some(session),
                review: here.session.chat_review && !moderates,
                moderates,
            })
        }
        ChannelKind::Talk => {
            let booking = channel.booking_id.ok_or(Error::NotFound)?;
            let here = parts::in_talk(tx, booking, person).await?;
            let organisation = here.organisation();
            let topic = Topic::Talk(booking);
            Ok(Place { channel, topic, organisation, hall: None, review: false, moderates: false })
        }
        ChannelKind::Direct => {
            let organisation = Some(parts::direct_side(tx, id, person).await?);
            Ok(Place { channel, topic: Topic::Direct(id), organisation, hall: None, review: false, moderates: false })
        }
    }
}

/// The channel of a hall or talk that nobody has written in yet.
async fn unmade(tx: &mut Tx, id: ChannelId) -> Result<Channel> {
    if sessions::find(tx, SessionId(id.0)).await?.is_some() {
        return Ok(hall_channel(SessionId(id.0)));
    }
    let talk = store_parts::talk(tx, BookingId(id.0)).await?.ok_or(Error::NotFound)?;
    Ok(talk_channel(&talk))
}

/// The channel of a hall as it is made.
pub fn hall_channel(session: SessionId) -> Channel {
    Channel {
        id: channels::hall_id(session),
        kind: ChannelKind::Hall,
        session_id: Some(session),
        booking_id: None,
        company_id: None,
        centre_id: None,
        head: 0,
    }
}

/// The channel of a talk as it is made where the confirmation did not.
pub fn talk_channel(talk: &store_parts::Talk) -> Channel {
    Channel {
        id: channels::talk_id(talk.booking_id),
        kind: ChannelKind::Talk,
        session_id: Some(talk.session_id),
        booking_id: Some(talk.booking_id),
        company_id: Some(talk.company_id),
        centre_id: Some(talk.centre_id),
        head: 0,
    }
}

/// Whether this person may write here now.
async fn may_write(tx: &mut Tx, place: &Place, person: PersonId, now: Timestamp) -> Result<()> {
    match place.topic {
        Topic::Hall(session) => parts::in_session(tx, session, person, now).await?.may_write()?,
        Topic::Talk(booking) => {
            let here = parts::in_talk(tx, booking, person).await?;
            here.must_take_part()?;
            talk::may_enter(here.talk.state, here.talk.starts_at, now)?;
            side_may_write(tx, place).await?;
        }
        _ => side_may_write(tx, place).await?,
    }
    Ok(())
}

/// Whether the organisation for which somebody speaks may still be heard; reading is not taken away.
async fn side_may_write(tx: &mut Tx, place: &Place) -> Result<()> {
    let Some(id) = place.organisation else { return Ok(()) };
    let organisation = organisations::find(tx, id).await?.ok_or(Error::NotFound)?;
    company::may_write(organisation.state)?;
    Ok(())
}

/// Says something. The same client id twice is the same message, whatever else is sent with it.
pub async fn send(tx: &mut Tx, act: &mut Act, channel: ChannelId, draft: Draft) -> Result<Message> {
    let author = act.person()?;
    // The same message sent over two sockets at once waits for itself.
    tx.lock(author).await?;
    if let Some(message) = messages::by_client_id(tx, author, draft.client_id).await? {
        return Ok(message);
    }
    let place = place(tx, channel, author, act.now).await?;
    may_write(tx, &place, author, act.now).await?;
    let (state, state_reason, text) = judge(tx, &place, author, &draft, act.now).await?;
    if let Some(file) = draft.file {
        own_file(tx, file, place.channel.id, author).await?;
    }
    channels::ensure(tx, &place.channel).await?;
    let message = Message {
        id: act.id(),
        channel_id: place.channel.id,
        seq: channels::next_number(tx, place.channel.id).await?,
        author_id: author,
        organisation_id: place.organisation,
        client_id: draft.client_id,
        text,
        file_id: draft.file,
        state,
        state_reason,
        created_at: act.now,
        decided_by: None,
        decided_at: None,
    };
    messages::insert(tx, &message).await?;
    match (state, place.hall) {
        (MessageState::Held, Some(session)) => tell_moderators(tx, act, &message, session).await?,
        (MessageState::Published, _) => publish(tx, act, &place, &message).await?,
        _ => {}
    }
    Ok(message)
}

/// What becomes of a text: its state, why, and the text as it is kept. Spam and abuse are not taken at all.
async fn judge(
    tx: &mut Tx,
    place: &Place,
    author: PersonId,
    draft: &Draft,
    now: Timestamp,
) -> Result<(MessageState, Option<String>, String)> {
    if draft.text.trim().is_empty() && draft.file.is_some() {
        let held = place.review.then(|| reason_code("review"));
        return Ok((if place.review { MessageState::Held } else { MessageState::Published }, held, String::new()));
    }
    let verdict = moderation::review(&draft.text, MESSAGE_LENGTH_MAX, place.moderates);
    let (text, held) = match verdict {
        Verdict::Refuse(TextProblem::Empty) => return Err(Error::field("/text", Refusal::MessageEmpty)),
        Verdict::Refuse(TextProblem::TooLong { .. }) => return Err(Error::field("/text", Refusal::MessageLong)),
        Verdict::Reject(_, reason) => return Err(rejected(reason)),
        Verdict::Publish(text) => (text, None),
        Verdict::Hold(text, reason) => (text, Some(reason)),
    };
    let since = now.plus(-hall::REPEAT_WITHIN);
    if messages::said_before(tx, place.channel.id, author, &text, since).await? >= hall::REPEATS_MAX {
        return Err(Refusal::MessageRepeated.into());
    }
    Ok(match held {
        // Two parties that talk to each other exchange contacts and terms: nobody stands between them.
        _ if place.hall.is_none() => (MessageState::Published, None, text),
        Some(reason) => (MessageState::Held, Some(reason_code(reason.code())), text),
        None if place.review => (MessageState::Held, Some(reason_code("review")), text),
        None => (MessageState::Published, None, text),
    })
}

/// The refusal that tells why a text is not taken.
pub fn rejected(reason: moderation::Reason) -> Error {
    match reason {
        moderation::Reason::Abuse => Refusal::MessageAbusive.into(),
        moderation::Reason::Flood => Refusal::MessageRepeated.into(),
        _ => Refusal::MessageRejected.into(),
    }
}

/// A file can be sent once, by who uploaded it, in the channel for which it was uploaded.
async fn own_file(tx: &mut Tx, id: FileId, channel: ChannelId, author: PersonId) -> Result<()> {
    let file = files::find(tx, id).await?;
    let own = file.is_some_and(|file| file.channel_id == channel && file.uploaded_by == author);
    if !own || files::is_sent(tx, id).await? {
        return Err(Error::field("/file_id", Refusal::UnknownId));
    }
    Ok(())
}

/// Tells everybody of a published message: the channel's listeners, then those who will find it unread.
async fn publish(tx: &mut Tx, act: &mut Act, place: &Place, message: &Message) -> Result<()> {
    let view = views::message(tx, message.clone(), &Reader::nobody(act.now), false).await?;
    tell(tx, place.topic, Event::MessagePublished(view), act.now).await?;
    for person in others(tx, &place.channel, message.author_id).await? {
        let unread = views::unread(tx, person, place.channel.id).await?;
        digests::queue(tx, act, person).await?;
        tell(tx, Topic::Person(person), Event::Unread(unread), act.now).await?;
    }
    Ok(())
}

/// The people who have a message in this channel waiting, except its author. Nobody is told of a hall's chat in person.
async fn others(tx: &mut Tx, channel: &Channel, author: PersonId) -> Result<Vec<PersonId>> {
    /// More people of one organisation are not told each by each.
    const PEOPLE_MAX: i64 = 50;
    let mut people = Vec::new();
    match (channel.kind, channel.booking_id) {
        (ChannelKind::Direct, _) => {
            for organisation in [channel.company_id, channel.centre_id].into_iter().flatten() {
                let members = store_parts::members(tx, organisation, PEOPLE_MAX).await?;
                people.extend(members.into_iter().map(|(person,)| person));
            }
        }
        (ChannelKind::Talk, Some(booking)) => {
            let talk = store_parts::talk(tx, booking).await?.ok_or(Error::NotFound)?;
            people.extend([talk.contact_id, talk.staff_id]);
        }
        _ => {}
    }
    people.retain(|person| *person != author);
    // Topics are written to in one order by everybody.
    people.sort();
    people.dedup();
    Ok(people)
}

async fn tell_moderators(tx: &mut Tx, act: &Act, message: &Message, session: SessionId) -> Result<()> {
    let view = views::message(tx, message.clone(), &Reader::nobody(act.now), true).await?;
    tell(tx, Topic::Host(session), Event::MessageHeld(view), act.now).await
}

/// Tells listeners that a message is not what it was.
async fn tell_change(tx: &mut Tx, act: &Act, topic: Topic, message: &Message) -> Result<()> {
    let view = views::message(tx, message.clone(), &Reader::nobody(act.now), false).await?;
    tell(tx, topic, Event::MessageChanged(view), act.now).await
}

/// The author takes a message back, within two minutes.
pub async fn withdraw(tx: &mut Tx, act: &mut Act, id: MessageId) -> Result<Message> {
    let person = act.person()?;
    let mut message = messages::find(tx, id).await?.ok_or(Error::NotFound)?;
    let place = place(tx, message.channel_id, person, act.now).await?;
    if message.author_id != person {
        return Err(Refusal::NotAllowed.into());
    }
    hall::may_withdraw(message.state, message.created_at, act.now)?;
    let was_held = message.state == MessageState::Held;
    change(tx, act, &mut message, MessageState::Withdrawn, None).await?;
    tell_change(tx, act, place.topic, &message).await?;
    if let (true, Some(session)) = (was_held, place.hall) {
        tell_moderators(tx, act, &message, session).await?;
    }
    for other in others(tx, &place.channel, person).await? {
        let unread = views::unread(tx, other, place.channel.id).await?;
        digests::refresh(tx, act, other).await?;
        tell(tx, Topic::Person(other), Event::Unread(unread), act.now).await?;
    }
    Ok(message)
}

/// A moderator publishes or rejects a held message. What is published late goes to the end, where it will be read.
pub async fn decide(
    tx: &mut Tx,
    act: &mut Act,
    id: MessageId,
    publish_it: bool,
    reason: Option<&str>,
) -> Result<Message> {
    let (mut message, place, session) = for_moderator(tx, act, id).await?;
    // A host's promise waits for a second person.
    if publish_it && act.by == Some(message.author_id) {
        return Err(Refusal::SecondPerson.into());
    }
    if publish_it {
        message.seq = channels::next_number(tx, message.channel_id).await?;
        change(tx, act, &mut message, MessageState::Published, None).await?;
        publish(tx, act, &place, &message).await?;
    } else {
        let reason = given_reason(reason)?;
        change(tx, act, &mut message, MessageState::Rejected, Some(reason)).await?;
        tell_change(tx, act, place.topic, &message).await?;
    }
    tell_moderators(tx, act, &message, session).await?;
    note(tx, act, &message, session, "message.decide", MessageState::Held).await?;
    Ok(message)
}

/// A moderator takes down a published message of the hall, with a reason.
pub async fn remove(tx: &mut Tx, act: &mut Act, id: MessageId, reason: Option<&str>) -> Result<Message> {
    let (mut message, place, session) = for_moderator(tx, act, id).await?;
    let reason = given_reason(reason)?;
    change(tx, act, &mut message, MessageState::Removed, Some(reason)).await?;
    tell_change(tx, act, place.topic, &message).await?;
    note(tx, act, &message, session, "message.remove", MessageState::Published).await?;
    Ok(message)
}

async fn for_moderator(tx: &mut Tx, act: &Act, id: MessageId) -> Result<(Message, Place, SessionId)> {
    let message = messages::find(tx, id).await?.ok_or(Error::NotFound)?;
    let place = place(tx, message.channel_id, act.person()?, act.now).await?;
    match place.hall {
        Some(session) if place.moderates => Ok((message, place, session)),
        _ => Err(Refusal::NotAllowed.into()),
    }
}

async fn change(tx: &mut Tx, act: &Act, message: &mut Message, to: MessageState, reason: Option<String>) -> Result<()> {
    let from = message.state;
    if !from.may_become(to) {
        return Err(Refusal::IllegalMove.into());
    }
    message.state = to;
    message.state_reason = reason;
    message.decided_by = act.by;
    message.decided_at = Some(act.now);
    if messages::decide(tx, message, from).await? { Ok(()) } else { Err(Refusal::IllegalMove.into()) }
}

async fn note(
    tx: &mut Tx,
    act: &mut Act,
    message: &Message,
    session: SessionId,
    what: &str,
    before: MessageState,
) -> Result<()> {
    let before = serde_json::json!({ "state": before });
    let after = serde_json::json!({ "state": message.state, "reason": message.state_reason });
    let (subject, session) = (message.id.0, Some(session));
    act.note(tx, Note { act: what, kind: "message", subject, session, before: Some(before), after: Some(after) }).await
}

/// A reason that must be given.
pub fn given_reason(reason: Option<&str>) -> Result<String> {
    clean_text(reason.unwrap_or_default(), REASON_LENGTH_MAX).map_err(|problem| {
        let refusal = match problem {
            TextProblem::Empty => Refusal::ReasonNeeded,
            TextProblem::TooLong { .. } => Refusal::TooLong,
        };
        Error::field("/reason", refusal)
    })
}

/// A person has read a channel up to a number. All their devices learn what is left.
pub async fn read(tx: &mut Tx, act: &mut Act, channel: ChannelId, seq: i64) -> Result<views::Unread> {
    let person = act.person()?;
    let place = place(tx, channel, person, act.now).await?;
    let seq = seq.clamp(0, place.channel.head);
    let made = place.channel.head > 0;
    let moved = made && channels::mark_read(tx, place.channel.id, person, seq).await?;
    let unread = views::unread(tx, person, place.channel.id).await?;
    if moved && place.hall.is_none() {
        digests::refresh(tx, act, person).await?;
        tell(tx, Topic::Person(person), Event::Unread(unread.clone()), act.now).await?;
    }
    Ok(unread)
}

/// Opens the conversation between a company and a centre, for somebody of either side.
pub async fn open_direct(
    tx: &mut Tx,
    act: &mut Act,
    company: OrganisationId,
    centre: OrganisationId,
) -> Result<Channel> {
    use yunqia_domain::states::{OrganisationKind, OrganisationState};
    let person = act.person()?;
    let of_company = store_parts::is_member(tx, company, person).await?;
    let of_centre = store_parts::is_member(tx, centre, person).await?;
    if !of_company && !of_centre {
        return Err(Refusal::NotAllowed.into());
    }
    let kinds = organisations::lines(tx, [company, centre]).await?;
    let kind = |id| kinds.iter().find(|line| line.id == id).map(|line| line.kind);
    match kind(company) {
        Some(OrganisationKind::Company) => {}
        _ => return Err(Error::field("/company_id", Refusal::UnknownId)),
    }
    match kind(centre) {
        None | Some(OrganisationKind::Company) => return Err(Error::field("/centre_id", Refusal::NotACentre)),
        Some(_) => {}
    }
    // Who is not verified yet writes to nobody.
    let own = if of_company { company } else { centre };
    let memberships = organisations::memberships(tx, person).await?;
    let active = memberships.iter().any(|m| m.organisation_id == own && m.state == OrganisationState::Approved);
    if !active {
        return Err(Refusal::CompanyNotActive.into());
    }
    if let Some(channel) = channels::direct(tx, company, centre).await? {
        return Ok(channel);
    }
    let channel = Channel {
        id: act.id(),
        kind: ChannelKind::Direct,
        session_id: None,
        booking_id: None,
        company_id: Some(company),
        centre_id: Some(centre),
        head: 0,
    };
    channels::ensure(tx, &channel).await?;
    // Somebody of the other side may have been quicker.
    channels::direct(tx, company, centre).await?.ok_or(Error::NotFound)
}

/// Uploads count against these, per person.
const FILES_PER_HOUR: i64 = 60;
const BYTES_PER_HOUR: i64 = 500 << 20;

/// A file that was uploaded for a channel, already judged and stored.
pub struct Upload {
    pub id: FileId,
    pub name: String,
    pub media_type: String,
    pub bytes: i64,
    pub sha256: String,
}

/// Whether this person may hand over a file in the channel; asked before the bytes are read.
pub async fn may_upload(tx: &mut Tx, channel: ChannelId, person: PersonId, now: Timestamp) -> Result<()> {
    let place = place(tx, channel, person, now).await?;
    may_write(tx, &place, person, now).await?;
    let since = now.plus(-SignedDuration::from_hours(1));
    let (files, bytes) = files::uploaded_since(tx, person, since).await?;
    if files >= FILES_PER_HOUR || bytes >= BYTES_PER_HOUR {
        return Err(Refusal::TooManyFiles.into());
    }
    Ok(())
}

/// Writes down an upload. It can be sent in its channel, once.
pub async fn keep_file(tx: &mut Tx, act: &mut Act, channel: ChannelId, upload: Upload) -> Result<files::File> {
    let person = act.person()?;
    may_upload(tx, channel, person, act.now).await?;
    let place = place(tx, channel, person, act.now).await?;
    channels::ensure(tx, &place.channel).await?;
    let file = files::File {
        id: upload.id,
        channel_id: place.channel.id,
        uploaded_by: person,
        name: upload.name,
        media_type: upload.media_type,
        bytes: upload.bytes,
        sha256: upload.sha256,
        created_at: act.now,
    };
    files::insert(tx, &file).await?;
    Ok(file)
}

/// A file for somebody who may have it: of a channel they can read, sent and still shown, or their own.
pub async fn file(tx: &mut Tx, id: FileId, person: PersonId, now: Timestamp) -> Result<files::File> {
    let file = files::find(tx, id).await?.ok_or(Error::NotFound)?;
    let place = place(tx, file.channel_id, person, now).await?;
    let shown = match files::message_state(tx, id).await? {
        Some((MessageState::Published, _)) => true,
        Some((MessageState::Held, author)) => place.moderates || author == person,
        Some(_) => false,
        None => file.uploaded_by == person,
    };
    if shown { Ok(file) } else { Err(Error::NotFound) }
}
