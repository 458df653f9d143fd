//! Bookings that arrive together are made together: while one batch of a session is under way, what comes is gathered, and
//! is the next batch. Nobody waits where nobody is before them, and sessions run side by side.
//!
//! A batch is one transaction with one statement for each kind of row (`actions::bookings::book_all`), so a thousand
//! companies that press "book" in one second cost one reading of the board for sixty-four of them. Who may not have their
//! slot is told so, with what is free, and costs the others nothing. Where a batch fails as a whole, because another node was
//! faster or because of a fault, its wishes are tried one by one.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

use axum::{http::StatusCode, response::Response};
use tokio::sync::oneshot;
use yunqia_actions::{
    Act, Error,
    bookings::{self as acts, Wish},
    sessions,
};
use yunqia_domain::{
    ids::{BookingId, PersonId, SessionId, SlotId},
    refusal::Kind,
};
use yunqia_views::{Reader, bookings, common::FreeSlot, drafts::BookingDraft};

use crate::{
    App,
    caller::Caller,
    once::{self, Key},
    problem::Fault,
};

/// Bookings made in one transaction at most: it is over in a few milliseconds.
const TOGETHER_MAX: usize = 64;
/// Bookings that wait for one session at most; more are asked to come again.
const WAITING_MAX: usize = 4_096;
/// After how many seconds they may.
const COME_AGAIN_SECONDS: u64 = 1;
/// Slots whose session is remembered.
const SLOTS_KNOWN_MAX: usize = 50_000;

/// The bookings of one process that are under way or wait; cheap to clone.
#[derive(Clone, Default)]
pub struct BookingQueue(Arc<Shared>);

#[derive(Default)]
struct Shared {
    /// Who waits, by session. A session is in here as long as somebody works on it.
    waiting: Mutex<HashMap<SessionId, VecDeque<Asked>>>,
    /// To which session a slot belongs never changes.
    sessions: Mutex<HashMap<SlotId, SessionId>>,
    /// Held by who reads them: when booking opens, hundreds ask at once.
    reading: tokio::sync::Mutex<()>,
}

/// A booking that is asked for.
struct Asked {
    person: PersonId,
    act: Act,
    reader: Reader,
    key: Key,
    hash: String,
    draft: BookingDraft,
    answer: oneshot::Sender<Result<Response, Fault>>,
}

impl BookingQueue {
    /// Books as soon as those before it are done.
    pub async fn book(
        &self,
        app: &App,
        caller: &Caller,
        key: Key,
        hash: String,
        draft: BookingDraft,
    ) -> Result<Response, Fault> {
        let session = self.session_of(app, draft.slot_id).await?;
        let (answer, answered) = oneshot::channel();
        let asked =
            Asked { person: caller.id(), act: app.act(caller.id()), reader: caller.reader(), key, hash, draft, answer };
        let idle = {
            let mut waiting = self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            let idle = !waiting.contains_key(&session);
            let queue = waiting.entry(session).or_default();
            if queue.len() >= WAITING_MAX {
                return Err(Fault::Busy(COME_AGAIN_SECONDS));
            }
            queue.push_back(asked);
            idle
        };
        if idle {
            tokio::spawn(Work { app: app.clone(), queue: self.clone(), session, done: false }.go_on());
        }
        answered.await.unwrap_or_else(|_| Err(Fault::Inside("a batch of bookings was given up".into())))
    }

    async fn session_of(&self, app: &App, slot: SlotId) -> Result<SessionId, Fault> {
        let known = || self.0.sessions.lock().unwrap_or_else(PoisonError::into_inner).get(&slot).copied();
        if let Some(session) = known() {
            return Ok(session);
        }
        let _reading = self.0.reading.lock().await;
        if let Some(session) = known() {
            return Ok(session);
        }
        let beside = acts::slots_beside(&mut app.db.read().await?, slot).await?;
        let mut all = self.0.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() + beside.len() > SLOTS_KNOWN_MAX {
            all.clear();
        }
        all.extend(beside);
        all.get(&slot).copied().ok_or_else(|| Error::NotFound.into())
    }

    /// The next batch; those whose client has left are left out. A person's key comes once in it: its repeat is answered by
    /// the batch after. None: nobody waits, and whoever comes next begins anew.
    fn next(&self, session: SessionId) -> Option<Vec<Asked>> {
        let mut waiting = self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let queue = waiting.get_mut(&session)?;
        queue.retain(|asked| !asked.answer.is_closed());
        let mut keys = HashSet::new();
        let mut batch = Vec::new();
        while batch.len() < TOGETHER_MAX
            && let Some(asked) = queue.pop_front_if(|asked| keys.insert((asked.person, asked.key.text().to_owned())))
        {
            batch.push(asked);
        }
        if batch.is_empty() {
            waiting.remove(&session);
            return None;
        }
        Some(batch)
    }
}

/// Somebody works on a session's queue.
struct Work {
    app: App,
    queue: BookingQueue,
    session: SessionId,
    done: bool,
}

/// A queue is not left behind with nobody at it: if the work breaks off, those who wait see that no answer will come.
impl Drop for Work {
    fn drop(&mut self) {
        if !self.done {
            self.queue.0.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.session);
        }
    }
}

impl Work {
    async fn go_on(mut self) {
        while let Some(batch) = self.queue.next(self.session) {
            self.answer(batch).await;
        }
        self.done = true;
    }

    async fn answer(&self, mut batch: Vec<Asked>) {
        let answers = match self.together(&mut batch).await {
            Ok(answers) => answers,
            Err(_) if batch.len() > 1 => {
                for asked in batch {
                    Box::pin(self.answer(vec![asked])).await;
                }
                return;
            }
            // Two transactions were in each other's way, and this one had to give in.
            Err(Fault::Busy(_)) => self.together(&mut batch).await.unwrap_or_else(|fault| vec![Err(fault)]),
            Err(fault) => vec![Err(fault)],
        };
        let answers = self.with_free_slots(&mut batch, answers).await;
        for (asked, answer) in batch.into_iter().zip(answers) {
            // Who has left finds the answer by the key.
            let _ = asked.answer.send(answer);
        }
    }

    /// Makes what may be made, in one transaction. An error is one of all: nothing was kept.
    async fn together(&self, batch: &mut [Asked]) -> Result<Vec<Result<Response, Fault>>, Fault> {
        let mut tx = self.app.db.write().await?;
        // Also orders those who send one key to two nodes.
        tx.lock(self.session).await?;
        let keys: Vec<_> = batch.iter().map(|asked| (asked.person, &asked.key, asked.hash.as_str())).collect();
        let mut answers = once::repeats(&mut tx, &keys).await?;
        let fresh: Vec<usize> = (0..answers.len()).filter(|n| answers[*n].is_none()).collect();
        let mut wishes: Vec<Wish> = batch
            .iter_mut()
            .zip(&answers)
            .filter(|(_, answer)| answer.is_none())
            .map(|(asked, _)| Wish { act: &mut asked.act, draft: &asked.draft })
            .collect();
        let outcomes = match wishes.is_empty() {
            true => Vec::new(),
            false => acts::book_all(&mut tx, self.session, &mut wishes).await?,
        };
        let mut made: Vec<(usize, BookingId)> = Vec::new();
        for (n, outcome) in fresh.into_iter().zip(outcomes) {
            match outcome {
                Ok(booking) => made.push((n, booking)),
                Err(error) => answers[n] = Some(Err(error.into())),
            }
        }
        let wanted: Vec<(BookingId, Reader)> = made.iter().map(|(n, id)| (*id, batch[*n].reader.clone())).collect();
        let views = bookings::for_readers(&mut tx, &wanted).await.map_err(Error::from)?;
        let mut kept = Vec::new();
        for ((n, _), view) in made.into_iter().zip(views) {
            let asked = &batch[n];
            let (answer, kept_answer) =
                once::answer(asked.person, &asked.key, &asked.hash, StatusCode::CREATED, &view)?;
            answers[n] = Some(Ok(answer));
            kept.push(kept_answer);
        }
        let now = batch.iter().map(|asked| asked.act.now).max().unwrap_or_else(|| self.app.now());
        once::keep_all(&mut tx, &kept, now).await?;
        tx.commit().await?;
        Ok(answers.into_iter().map(|answer| answer.expect("each was repeated, refused or made")).collect())
    }

    /// Adds to each refusal by a rule what is free now: one reading for all of them.
    async fn with_free_slots(
        &self,
        batch: &mut [Asked],
        mut answers: Vec<Result<Response, Fault>>,
    ) -> Vec<Result<Response, Fault>> {
        let lost = |answer: &Result<Response, Fault>| matches!(answer, Err(Fault::Act(Error::Refused(no))) if no.refusal.kind() == Kind::Rule);
        let losers: Vec<usize> = (0..answers.len()).filter(|n| lost(&answers[*n])).collect();
        let mut wishes: Vec<Wish> = Vec::new();
        for (n, asked) in batch.iter_mut().enumerate() {
            if losers.contains(&n) {
                wishes.push(Wish { act: &mut asked.act, draft: &asked.draft });
            }
        }
        if wishes.is_empty() {
            return answers;
        }
        match self.free_instead(&wishes).await {
            Ok(free) => {
                for (n, free) in losers.into_iter().zip(free) {
                    if let Err(Fault::Act(Error::Refused(no))) = &mut answers[n] {
                        no.free_slots = free;
                    }
                }
            }
            // The refusal stands without them.
            Err(error) => tracing::warn!(%error, "free times could not be read"),
        }
        answers
    }

    async fn free_instead(&self, wishes: &[Wish<'_>]) -> Result<Vec<Vec<FreeSlot>>, Error> {
        let mut tx = self.app.db.read().await?;
        let session = sessions::find(&mut tx, self.session).await?;
        acts::instead(&mut tx, session, wishes).await
    }
}
