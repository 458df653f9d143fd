//! The post: takes letters that are due from the outbox, writes them, hands them over, and marks what became of each.
//!
//! Sending happens outside any transaction, so nothing waits for a mail server. A post that dies between handing a letter
//! over and marking it sends it again when the lease has run out, under the same Message-ID. Several posts share the work.

mod preview;
mod set_up;
mod still_true;
#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::{StreamExt, stream};
use jiff::SignedDuration;
use rand::Rng;
use tokio_util::sync::CancellationToken;
use yunqia_domain::{
    Timestamp,
    ids::{BookingId, LetterId, PersonId},
    letters::{Facts, LetterKind},
    states::BookingState,
    zones::Zone,
};
use yunqia_mail::{
    Failure, FailureKind, Letter, Message, Reader, Renderer, Sender, Transport, Unsubscribe,
    backoff::{Backoff, Paces},
};
use yunqia_store::{
    Db,
    outbox::{self, Due},
};

pub use preview::Preview;
pub use set_up::{check, renderer, set_up, unsubscribe};

/// How long a leased letter is this post's alone.
const LEASE: SignedDuration = SignedDuration::from_mins(5);
/// A letter is not begun later than this after it was leased: the slowest handing-over (three minutes) ends before the lease.
const BEGIN_WITHIN: SignedDuration = SignedDuration::from_mins(2);
/// Letters taken at once.
const BATCH: i64 = 50;
/// When no letter can leave at all, everything rests this long.
const REST: SignedDuration = SignedDuration::from_secs(20);

/// A running post.
pub struct Post {
    pub db: Db,
    pub renderer: Arc<Renderer>,
    pub sender: Arc<Sender>,
    pub transport: Arc<Transport>,
    /// The part of Message-IDs behind the @.
    pub host: String,
    /// Makes the links of `List-Unsubscribe`.
    pub unsubscribe: Arc<dyn Fn(PersonId) -> Unsubscribe + Send + Sync>,
    pub backoff: Backoff,
    pub paces: Paces,
    /// Letters handed over side by side.
    pub connections: usize,
    /// Keep the codes and links of letters that were sent: the demo's mailbox shows them.
    pub keeps_secrets: bool,
    /// No letter can leave before this.
    rests_until: Option<Timestamp>,
}

/// What one step did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Step {
    pub sent: usize,
    pub put_off: usize,
    pub undeliverable: usize,
    pub dropped: usize,
}

impl Step {
    /// Nothing was due, or nothing could leave.
    pub fn was_idle(&self) -> bool {
        *self == Step::default()
    }
}

/// What becomes of a leased letter before it is tried.
enum Plan {
    Send(Box<Message>),
    Drop(&'static str),
    /// The letter cannot be written: a fault of ours, kept where the operator sees it.
    Broken(String),
}

impl Post {
    /// Takes one batch of letters through. `clock` is asked again for every mark, because sending takes time.
    pub async fn step(&mut self, clock: &(dyn Fn() -> Timestamp + Send + Sync)) -> yunqia_store::Result<Step> {
        let now = clock();
        // A rest that seems longer than any is one from before the clock was set back.
        if self.rests_until.is_some_and(|until| now < until && until <= now.plus(REST)) {
            return Ok(Step::default());
        }
        let mut step = Step::default();
        let batch = self.take(now).await?;
        let (readers, bookings) = self.circumstances(&batch).await?;
        let mut to_send = Vec::new();
        for due in batch {
            match self.plan(&due, &readers, &bookings, now) {
                Plan::Send(message) => to_send.push((due, *message)),
                Plan::Drop(why) => {
                    step.dropped += 1;
                    let mut tx = self.db.write().await?;
                    outbox::drop_letter(&mut tx, due.id, why).await?;
                    tx.commit().await?;
                }
                Plan::Broken(why) => {
                    step.undeliverable += 1;
                    tracing::error!(letter.id = %due.id, letter.kind = due.kind, why, "a letter cannot be written");
                    self.mark_undeliverable(due.id, &why).await?;
                }
            }
        }
        let transport = self.transport.clone();
        let begin_until = now.plus(BEGIN_WITHIN);
        let rests = AtomicBool::new(false);
        let mut answers = stream::iter(to_send)
            .map(|(due, message)| {
                let (transport, rests) = (transport.clone(), &rests);
                async move {
                    if rests.load(Ordering::Relaxed) || clock() > begin_until {
                        return (due, None);
                    }
                    let answer = transport.send(&message).await;
                    (due, Some(answer))
                }
            })
            .buffer_unordered(self.connections.max(1));
        let mut back = Vec::new();
        // Marked one by one as the answers come: what was handed over must not wait for a slow neighbour.
        while let Some((due, answer)) = answers.next().await {
            let now = clock();
            match answer {
                None => back.push(due.id),
                Some(Ok(_)) => {
                    step.sent += 1;
                    metrics::counter!("yunqia_letters_total", "result" => "sent").increment(1);
                    let is_secret = LetterKind::from_code(&due.kind).is_some_and(LetterKind::is_secret);
                    let erased = (is_secret && !self.keeps_secrets).then(|| serde_json::json!({}));
                    let mut tx = self.db.write().await?;
                    outbox::sent(&mut tx, due.id, now, erased).await?;
                    tx.commit().await?;
                }
                Some(Err(failure)) => {
                    if failure.kind == FailureKind::Unavailable {
                        rests.store(true, Ordering::Relaxed);
                    }
                    self.failed(&due, &failure, now, &mut step).await?;
                }
            }
        }
        drop(answers);
        if !back.is_empty() {
            let mut tx = self.db.write().await?;
            outbox::give_back(&mut tx, back).await?;
            tx.commit().await?;
        }
        Ok(step)
    }

    /// Leases letters, each with its place in the pace of its domain; those without one go back untouched.
    async fn take(&mut self, now: Timestamp) -> yunqia_store::Result<Vec<Due>> {
        let mut taken = Vec::new();
        let mut resting: Vec<String> = Vec::new();
        // A domain that has had enough must not keep the letters of others from being found.
        for _ in 0..10 {
            let mut tx = self.db.write().await?;
            let leased = outbox::lease(&mut tx, now, now.plus(LEASE), &resting, BATCH).await?;
            if leased.is_empty() {
                break;
            }
            let mut back = Vec::new();
            for due in leased {
                if !resting.contains(&due.to_domain) && self.paces.take(&due.to_domain, now.jiff()).is_ok() {
                    taken.push(due);
                } else {
                    if !resting.contains(&due.to_domain) {
                        resting.push(due.to_domain);
                    }
                    back.push(due.id);
                }
            }
            let enough = back.is_empty() || taken.len() >= BATCH as usize;
            outbox::give_back(&mut tx, back).await?;
            tx.commit().await?;
            if enough {
                break;
            }
        }
        Ok(taken)
    }

    async fn circumstances(
        &self,
        batch: &[Due],
    ) -> yunqia_store::Result<(HashMap<PersonId, outbox::Reader>, HashMap<BookingId, BookingState>)> {
        if batch.is_empty() {
            return Ok(Default::default());
        }
        let mut tx = self.db.read().await?;
        let people = batch.iter().filter_map(|due| due.person_id).collect();
        let bookings = batch.iter().filter_map(|due| due.booking_id).collect();
        let readers = outbox::readers(&mut tx, people).await?;
        let bookings = outbox::booking_states(&mut tx, bookings).await?;
        Ok((readers.into_iter().map(|reader| (reader.id, reader)).collect(), bookings.into_iter().collect()))
    }

    fn plan(
        &self,
        due: &Due,
        readers: &HashMap<PersonId, outbox::Reader>,
        bookings: &HashMap<BookingId, BookingState>,
        now: Timestamp,
    ) -> Plan {
        let Some(kind) = LetterKind::from_code(&due.kind) else {
            return Plan::Broken(format!("the kind `{}` is unknown", due.kind));
        };
        let facts: Facts = match serde_json::from_value(due.facts.0.clone()) {
            Ok(facts) => facts,
            Err(error) => return Plan::Broken(format!("the facts cannot be read: {error}")),
        };
        let reader = due.person_id.and_then(|id| readers.get(&id));
        let booking = due.booking_id.and_then(|id| bookings.get(&id)).copied();
        if let Some(why) = still_true::reason_to_drop(kind, &facts, reader, booking, due.created_at, now) {
            return Plan::Drop(why);
        }
        match self.write(kind, facts, due, reader) {
            Ok(message) => Plan::Send(Box::new(message)),
            Err(why) => Plan::Broken(why),
        }
    }

    fn write(
        &self,
        kind: LetterKind,
        facts: Facts,
        due: &Due,
        reader: Option<&outbox::Reader>,
    ) -> Result<Message, String> {
        let letter = letter(kind, facts, due.locale, &due.to_email, reader, &*self.unsubscribe);
        let rendered = self.renderer.render(&letter).map_err(|error| error.to_string())?;
        let name =
            reader.map(|reader| format!("{}{}", reader.family_name, reader.given_name)).filter(|name| !name.is_empty());
        let id = format!("{}@{}", due.message_id, self.host);
        Message::new(&self.sender, name.as_deref(), &due.to_email, &rendered, &id, due.created_at.jiff())
            .map_err(|error| error.to_string())
    }

    async fn mark_undeliverable(&self, id: LetterId, why: &str) -> yunqia_store::Result<()> {
        let mut tx = self.db.write().await?;
        outbox::undeliverable(&mut tx, id, why).await?;
        tx.commit().await
    }

    async fn failed(
        &mut self,
        due: &Due,
        failure: &Failure,
        now: Timestamp,
        step: &mut Step,
    ) -> yunqia_store::Result<()> {
        let result = match failure.kind {
            FailureKind::Permanent => "undeliverable",
            FailureKind::Temporary | FailureKind::Unavailable => "put_off",
        };
        metrics::counter!("yunqia_letters_total", "result" => result).increment(1);
        let failed = u32::try_from(due.attempts).unwrap_or(u32::MAX).saturating_add(1);
        let mut tx = self.db.write().await?;
        match failure.kind {
            FailureKind::Permanent => {
                step.undeliverable += 1;
                outbox::undeliverable(&mut tx, due.id, &failure.text).await?;
            }
            FailureKind::Unavailable => {
                step.put_off += 1;
                tracing::warn!(code = ?failure.code, "no letter can leave now; the post rests");
                self.rests_until = Some(now.plus(REST));
                outbox::put_off(&mut tx, due.id, now.plus(REST), false, &failure.text).await?;
            }
            FailureKind::Temporary => match self.backoff.wait(failed, jitter()) {
                Some(wait) => {
                    step.put_off += 1;
                    // 421 and 4.7.x speak of us, not of the letter: the whole domain rests a little.
                    if failure.code == Some(421) {
                        self.paces.rest(&due.to_domain, now.jiff(), SignedDuration::from_secs(60));
                    }
                    outbox::put_off(&mut tx, due.id, now.plus(wait), true, &failure.text).await?;
                }
                None => {
                    step.undeliverable += 1;
                    outbox::undeliverable(&mut tx, due.id, &failure.text).await?;
                }
            },
        }
        tx.commit().await
    }
}

/// Works until `stop`; looks for letters every second while there is nothing to do.
pub async fn run(mut post: Post, clock: Arc<dyn Fn() -> Timestamp + Send + Sync>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let idle = match post.step(&*clock).await {
            Ok(step) => step.was_idle(),
            Err(error) => {
                tracing::error!(?error, "the outbox cannot be worked on");
                true
            }
        };
        if idle {
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(Duration::from_secs(1)) => {}
            }
        }
    }
}

/// A stored letter with its reader, ready to be rendered.
fn letter(
    kind: LetterKind,
    facts: Facts,
    locale: yunqia_domain::locale::Locale,
    email: &str,
    reader: Option<&outbox::Reader>,
    unsubscribe: &(dyn Fn(PersonId) -> Unsubscribe + Send + Sync),
) -> Letter {
    let zone = reader.map(|reader| reader.zone.clone()).unwrap_or_else(Zone::shanghai);
    Letter {
        kind,
        locale,
        reader: Reader {
            email: email.to_owned(),
            family_name: reader.map(|reader| reader.family_name.clone()).unwrap_or_default(),
            given_name: reader.map(|reader| reader.given_name.clone()).unwrap_or_default(),
            honorific: reader.and_then(|reader| reader.honorific),
            zone,
        },
        facts,
        feed: reader.map(|reader| format!("/feed/{}.ics", reader.feed_token)),
        unsubscribe: reader.map(|reader| unsubscribe(reader.id)),
    }
}

/// The one place where the post is given its chance.
#[expect(clippy::disallowed_methods, reason = "the spread of waits needs no seed")]
fn jitter() -> f64 {
    rand::rng().random_range(0.0..1.0)
}
