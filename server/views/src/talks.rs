//! The talk room as its two sides see it.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;
use yunqia_domain::{
    Timestamp,
    ids::{BookingId, ChannelId, PersonId},
    states::{Outcome, Word},
    talk,
    topics::Topic,
};
use yunqia_store::{
    Result, Tx, channels, events, messages,
    messages::Window,
    parts,
    talks::{self, Record},
};

use crate::{
    Reader,
    bookings::Booking,
    cards::{Cards, PersonCard},
    messages::Message,
};

/// Messages that somebody who enters is shown.
const MESSAGES_SHOWN: i64 = 200;

/// On which side of a talk somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TalkSide {
    Company,
    Centre,
    /// The operator: sees, and does not take part.
    Observer,
}

/// The state of a talk room as of event `seq`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TalkRoom {
    pub booking: Booking,
    pub channel_id: ChannelId,
    pub seq: i64,
    pub side: TalkSide,
    #[schema(value_type = Vec<PersonCard>)]
    pub present: Vec<Box<RawValue>>,
    pub opens_at: Timestamp,
    pub now: Timestamp,
    /// The reader's next talk.
    pub next: Option<Booking>,
    pub company_word: Option<Word>,
    pub centre_word: Option<Word>,
    pub minutes: TalkMinutes,
    /// What the centre recorded; the company does not see it.
    pub outcome: Option<TalkOutcome>,
    pub messages: Vec<Message>,
    /// Of minutes, words and outcome: the `If-Match` of their changes.
    pub version: i64,
}

/// What was agreed, and who does what next.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct TalkMinutes {
    pub text: String,
    pub next_step: String,
    pub owner: Option<PersonCard>,
    /// A date, YYYY-MM-DD.
    pub due_on: Option<String>,
    /// Who wrote last.
    pub by: Option<PersonCard>,
}

/// What came of a talk, as the centre records it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TalkOutcome {
    pub outcome: Outcome,
    pub sector: Option<String>,
    /// In 万元.
    pub amount_wan: Option<i64>,
    /// A date, YYYY-MM-DD.
    pub follow_up_by: Option<String>,
    #[serde(default)]
    pub note: String,
}

impl TalkOutcome {
    /// What is recorded, if anything is.
    pub fn of(record: &Record) -> Option<TalkOutcome> {
        Some(TalkOutcome {
            outcome: record.outcome?,
            sector: record.outcome_sector.clone(),
            amount_wan: record.outcome_wan,
            follow_up_by: record.follow_up_by.clone(),
            note: record.outcome_note.clone(),
        })
    }
}

impl TalkMinutes {
    /// The people named are speaking for nobody in particular: the booking tells their sides.
    pub fn of(record: &Record, cards: &Cards) -> TalkMinutes {
        TalkMinutes {
            text: record.minutes.clone(),
            next_step: record.next_step.clone(),
            owner: record.next_step_owner_id.map(|id| cards.person(id, None)),
            due_on: record.next_step_due.clone(),
            by: record.minutes_by.map(|id| cards.person(id, None)),
        }
    }
}

/// The people that a record names.
pub fn named(record: &Record) -> impl Iterator<Item = PersonId> + use<> {
    [record.next_step_owner_id, record.minutes_by].into_iter().flatten()
}

/// The room of a talk for somebody who may see it.
pub async fn room(
    tx: &mut Tx,
    booking: BookingId,
    side: TalkSide,
    present: Vec<Box<RawValue>>,
    reader: &Reader,
) -> Result<TalkRoom> {
    let seq = events::head(tx, &Topic::Talk(booking).to_string()).await?;
    let view = crate::bookings::booking(tx, booking, reader).await?;
    let channel = channels::of_talk(tx, booking).await?;
    let channel_id = channel.map_or(channels::talk_id(booking), |channel| channel.id);
    let record = match talks::find(tx, booking).await? {
        Some(record) => record,
        None => Record::empty(booking),
    };
    let cards = Cards::read(tx, named(&record), []).await?;
    let next = match reader.person {
        Some(person) => parts::next_talk(tx, person, view.ends_at, booking).await?,
        None => None,
    };
    let next = match next {
        Some((id,)) => Some(crate::bookings::booking(tx, id, reader).await?),
        None => None,
    };
    let window = Window { before: None, after: None, limit: MESSAGES_SHOWN, reader: reader.person };
    let shown = messages::window(tx, channel_id, window).await?;
    Ok(TalkRoom {
        opens_at: talk::opens_at(view.starts_at),
        booking: view,
        channel_id,
        seq,
        side,
        present,
        now: reader.now,
        next,
        company_word: record.company_word,
        centre_word: record.centre_word,
        minutes: TalkMinutes::of(&record, &cards),
        outcome: TalkOutcome::of(&record).filter(|_| side != TalkSide::Company),
        messages: crate::messages::messages(tx, shown, reader, false).await?,
        version: record.version,
    })
}
