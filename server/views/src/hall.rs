//! The hall of a session as people in it see it. Most of a snapshot is the same for everybody and is made once
//! ([`shared`]); the rest is added for each reader ([`snapshot`]).

use std::collections::{HashMap, HashSet};

use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;
use yunqia_domain::{
    Timestamp, attendance,
    hall::MESSAGES_SHOWN,
    ids::{ChannelId, HallQuestionId, NoticeId, PersonId, SanctionId, SessionId},
    locale::{LocalText, Locale},
    states::{NoticeState, QuestionState, SanctionKind},
    topics::Topic,
};
use yunqia_store::{Result, Tx, channels, events, halls, messages, messages::Window, sessions, stays};

use crate::{
    Reader,
    cards::{Cards, PersonCard},
    messages::Message,
    reason,
    sessions::SessionPage,
};

/// Questions of one session that are shown.
const QUESTIONS_MAX: i64 = 2_000;
/// Held messages and questions that a moderator is shown at once.
const HELD_MAX: i64 = 200;

/// The state of a hall as of event `seq`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HallSnapshot {
    // Made for nobody in particular: `mine` is null.
    pub session: SessionPage,
    pub seq: i64,
    pub channel_id: ChannelId,
    /// The last 50, ascending.
    pub messages: Vec<Message>,
    pub questions: Vec<HallQuestion>,
    pub notices: Vec<Notice>,
    pub present: HallPresence,
    pub me: HallMe,
    /// What waits for a decision; for moderators.
    pub held: Option<HallHeld>,
    /// What counts against people now; for moderators.
    pub sanctions: Vec<Sanction>,
}

/// Who is in the hall. In a full one only some are named.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct HallPresence {
    pub count: i64,
    #[schema(value_type = Vec<PersonCard>)]
    pub people: Vec<Box<RawValue>>,
}

/// What the reader is in the hall.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HallMe {
    pub moderator: bool,
    pub muted: bool,
    pub muted_until: Option<Timestamp>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HallHeld {
    pub messages: Vec<Message>,
    pub questions: Vec<HallQuestion>,
}

/// A question to the hosts.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct HallQuestion {
    pub id: HallQuestionId,
    pub session_id: SessionId,
    pub author: PersonCard,
    pub text: String,
    pub state: QuestionState,
    pub state_reason: Option<String>,
    pub votes: i64,
    pub my_vote: bool,
    pub answer: Option<String>,
    pub answered_by: Option<PersonCard>,
    pub answered_at: Option<Timestamp>,
    /// Who sees to it after the session.
    pub owner: Option<PersonCard>,
    /// A date, YYYY-MM-DD.
    pub due_on: Option<String>,
    pub created_at: Timestamp,
    pub version: i64,
}

/// Pinned by the hosts.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Notice {
    pub id: NoticeId,
    pub text: LocalText,
    pub state: NoticeState,
    pub created_at: Timestamp,
}

/// What a moderator did to a person.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Sanction {
    pub id: SanctionId,
    pub person: PersonCard,
    pub kind: SanctionKind,
    pub reason: String,
    pub until: Option<Timestamp>,
    pub created_at: Timestamp,
}

/// A person's time in the hall.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Attendance {
    pub person: PersonCard,
    pub joined_at: Timestamp,
    /// None: still there.
    pub left_at: Option<Timestamp>,
    pub minutes: i64,
    pub present: bool,
}

/// What is the same for everybody in the hall (of one language).
#[derive(Clone, Debug)]
pub struct Shared {
    pub seq: i64,
    pub channel_id: ChannelId,
    session: SessionPage,
    messages: Vec<Message>,
    questions: Vec<HallQuestion>,
    notices: Vec<Notice>,
}

impl Shared {
    /// The snapshot of somebody who sees nothing that others do not see.
    pub fn plain(&self, present: HallPresence) -> HallSnapshot {
        HallSnapshot {
            session: self.session.clone(),
            seq: self.seq,
            channel_id: self.channel_id,
            messages: self.messages.clone(),
            questions: self.questions.clone(),
            notices: self.notices.clone(),
            present,
            me: HallMe { moderator: false, muted: false, muted_until: None },
            held: None,
            sanctions: Vec::new(),
        }
    }
}

/// Reads the common part, as of the newest event of the hall.
pub async fn shared(tx: &mut Tx, row: &sessions::Session, locale: Locale, now: Timestamp) -> Result<Shared> {
    let nobody = Reader { locale, ..Reader::nobody(now) };
    let seq = events::head(tx, &Topic::Hall(row.id).to_string()).await?;
    let channel = channels::of_hall(tx, row.id).await?;
    let channel_id = channel.map_or(channels::hall_id(row.id), |channel| channel.id);
    let window = Window { before: None, after: None, limit: MESSAGES_SHOWN, reader: None };
    let messages = messages::window(tx, channel_id, window).await?;
    let mut questions = halls::questions(tx, row.id, QUESTIONS_MAX).await?;
    questions.retain(|question| is_shown(question.state));
    Ok(Shared {
        seq,
        session: crate::sessions::page(tx, row, &nobody).await?,
        channel_id,
        messages: crate::messages::messages(tx, messages, &nobody, false).await?,
        questions: self::questions(tx, questions, &nobody, false).await?,
        notices: notices(tx, row.id).await?,
    })
}

/// Adds what one reader sees beside the common part.
pub async fn snapshot(
    tx: &mut Tx,
    row: &sessions::Session,
    shared: &Shared,
    moderates: bool,
    present: HallPresence,
    reader: &Reader,
) -> Result<HallSnapshot> {
    let mut snapshot = shared.plain(present);
    snapshot.me.moderator = moderates;
    if let Some(person) = reader.person {
        let mine: HashSet<_> = halls::votes_of(tx, row.id, person).await?.into_iter().map(|(id,)| id).collect();
        snapshot.questions.iter_mut().for_each(|question| question.my_vote = mine.contains(&question.id));
        let HallSnapshot { messages, questions, me, .. } = &mut snapshot;
        add_own(tx, row.id, shared, person, reader, messages, questions).await?;
        let sanctions = halls::sanctions_of(tx, row.id, &[person], reader.now).await?;
        if let Some(mute) = sanctions.iter().find(|sanction| sanction.kind == SanctionKind::Mute) {
            me.muted = !moderates;
            me.muted_until = mute.until.filter(|_| !moderates);
        }
    }
    if moderates {
        snapshot.held = Some(held(tx, row.id, shared.channel_id, reader).await?);
        snapshot.sanctions = sanctions(tx, row.id, reader.now).await?;
    }
    Ok(snapshot)
}

/// What the reader wrote and others do not see yet.
async fn add_own(
    tx: &mut Tx,
    session: SessionId,
    shared: &Shared,
    person: PersonId,
    reader: &Reader,
    shown: &mut Vec<Message>,
    questions: &mut Vec<HallQuestion>,
) -> Result<()> {
    let own = messages::own_waiting(tx, shared.channel_id, person, MESSAGES_SHOWN).await?;
    if !own.is_empty() {
        shown.extend(crate::messages::messages(tx, own, reader, false).await?);
        shown.sort_by_key(|message| message.seq);
    }
    let own = halls::own_waiting(tx, session, person).await?;
    if !own.is_empty() {
        questions.extend(self::questions(tx, own, reader, false).await?);
        questions.sort_by_key(|question| (question.created_at, question.id));
    }
    Ok(())
}

async fn held(tx: &mut Tx, session: SessionId, channel: ChannelId, reader: &Reader) -> Result<HallHeld> {
    let messages = messages::held(tx, channel, HELD_MAX).await?;
    let waiting = halls::held_questions(tx, session, HELD_MAX).await?;
    Ok(HallHeld {
        messages: crate::messages::messages(tx, messages, reader, true).await?,
        questions: questions(tx, waiting, reader, true).await?,
    })
}

/// Everybody in the hall sees it.
pub fn is_shown(state: QuestionState) -> bool {
    matches!(state, QuestionState::Published | QuestionState::Answered)
}

/// Questions as their reader may see them.
pub async fn questions(
    tx: &mut Tx,
    rows: Vec<halls::Question>,
    reader: &Reader,
    moderates: bool,
) -> Result<Vec<HallQuestion>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let votes: HashMap<_, _> = halls::votes(tx, rows.iter().map(|row| row.id)).await?.into_iter().collect();
    let named = |row: &halls::Question| [Some(row.author_id), row.answered_by, row.owner_id].into_iter().flatten();
    let people: Vec<PersonId> = rows.iter().flat_map(named).collect();
    let cards = Cards::read(tx, people, rows.iter().filter_map(|row| row.organisation_id)).await?;
    let mine: HashSet<_> = match reader.person {
        Some(person) => halls::votes_of(tx, rows[0].session_id, person).await?.into_iter().map(|(id,)| id).collect(),
        None => HashSet::new(),
    };
    let view = |row: halls::Question| {
        let own = reader.person == Some(row.author_id);
        let waiting = matches!(row.state, QuestionState::Held | QuestionState::Rejected);
        let shown = is_shown(row.state) || (waiting && (moderates || own));
        HallQuestion {
            id: row.id,
            session_id: row.session_id,
            author: cards.person(row.author_id, row.organisation_id),
            text: if shown { row.text } else { String::new() },
            state: row.state,
            state_reason: reason::text(row.state_reason.as_deref(), reader.locale),
            votes: votes.get(&row.id).copied().unwrap_or(0),
            my_vote: mine.contains(&row.id),
            answer: row.answer.filter(|_| shown),
            answered_by: row.answered_by.map(|id| cards.person(id, None)),
            answered_at: row.answered_at,
            owner: row.owner_id.map(|id| cards.person(id, None)),
            due_on: row.due_on,
            created_at: row.created_at,
            version: row.version,
        }
    };
    Ok(rows.into_iter().map(view).collect())
}

pub async fn question(tx: &mut Tx, row: halls::Question, reader: &Reader, moderates: bool) -> Result<HallQuestion> {
    questions(tx, vec![row], reader, moderates).await?.pop().ok_or(yunqia_store::Error::NotFound)
}

/// The pinned notices, oldest first.
pub async fn notices(tx: &mut Tx, session: SessionId) -> Result<Vec<Notice>> {
    let rows = halls::active_notices(tx, session, yunqia_domain::hall::NOTICES_MAX as i64).await?;
    Ok(rows.into_iter().map(Notice::from).collect())
}

impl From<halls::Notice> for Notice {
    fn from(row: halls::Notice) -> Notice {
        let text = LocalText { hans: row.text_hans, hant: row.text_hant, en: row.text_en };
        Notice { id: row.id, text, state: row.state, created_at: row.created_at }
    }
}

/// What counts against people in the hall now, newest first.
pub async fn sanctions(tx: &mut Tx, session: SessionId, now: Timestamp) -> Result<Vec<Sanction>> {
    let rows = halls::sanctions(tx, session, now).await?;
    let cards = Cards::read(tx, rows.iter().map(|row| row.person_id), []).await?;
    Ok(rows.into_iter().map(|row| sanction_view(row, &cards)).collect())
}

pub async fn sanction(tx: &mut Tx, row: halls::Sanction) -> Result<Sanction> {
    let cards = Cards::read(tx, [row.person_id], []).await?;
    Ok(sanction_view(row, &cards))
}

fn sanction_view(row: halls::Sanction, cards: &Cards) -> Sanction {
    Sanction {
        id: row.id,
        person: cards.person(row.person_id, None),
        kind: row.kind,
        reason: row.reason,
        until: row.until,
        created_at: row.created_at,
    }
}

/// How long these people were in the hall, in the order of arrival. Overlapping stays count once.
pub async fn attendances(
    tx: &mut Tx,
    session: SessionId,
    arrivals: &[stays::Arrival],
    now: Timestamp,
) -> Result<Vec<Attendance>> {
    let rows = stays::in_hall_of(tx, session, arrivals.iter().map(|arrival| arrival.person_id)).await?;
    let organisations = rows.iter().filter_map(|row| row.organisation_id);
    let cards = Cards::read(tx, rows.iter().map(|row| row.person_id), organisations).await?;
    let mut list: Vec<Attendance> = rows
        .chunk_by(|a, b| a.person_id == b.person_id)
        .map(|stays| {
            let fresh =
                |stay: &&stays::Stay| stay.left_at.is_none() && now.since(stay.seen_at) < attendance::CONFIRMED_WITHIN;
            let present = stays.iter().any(|stay| fresh(&stay));
            let spans: Vec<_> = stays
                .iter()
                .map(|stay| (stay.joined_at, if fresh(&stay) { now.max(stay.seen_at) } else { stay.until() }))
                .collect();
            let last = spans.iter().map(|(_, until)| *until).max();
            let organisation = stays.iter().rev().find_map(|stay| stay.organisation_id);
            Attendance {
                person: cards.person(stays[0].person_id, organisation),
                joined_at: stays[0].joined_at,
                left_at: last.filter(|_| !present),
                minutes: attendance::minutes(attendance::total(&spans)),
                present,
            }
        })
        .collect();
    list.sort_by_key(|attendance| (attendance.joined_at, attendance.person.id));
    Ok(list)
}
