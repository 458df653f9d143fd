//! What the clock does. Each job takes no input but the time, may run twice and on several nodes: it works under the lock of
//! the session it changes and reads everything again there. Each gives the number of things it did.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use yunqia_domain::{
    Timestamp,
    ids::{FileId, SessionId},
    letters::{Facts, LetterKind, Side},
    states::{BookingState, SessionState, WaitingState},
};
use yunqia_store::{
    Db, bookings, files, idempotent_answers, sessions as rows, sign_in_letters, topics, waiting_places,
};

use crate::{Act, bookings::Work, error::Result, post::About, sessions};

/// Things done in one run, at most; the next run goes on.
const BATCH_MAX: i64 = 500;
/// Events are kept this long for those who come back.
const EVENTS_KEPT_DAYS: i64 = 3;
/// Answers to repeated requests are kept this long.
const ANSWERS_KEPT_HOURS: i64 = 48;
/// Files that were uploaded and not sent wait this long for their message.
const UNSENT_FILES_KEPT_HOURS: i64 = 24;
/// How far back a run looks for talks that have ended: as long as a server may have been down.
const FEEDBACK_LOOKS_BACK_HOURS: i64 = 24;
/// After the end of a talk, before its people are asked how it was.
const FEEDBACK_AFTER_MINUTES: i64 = 5;

/// Moves sessions on whose windows have opened or passed.
pub async fn advance_sessions(db: &Db, now: Timestamp) -> Result<usize> {
    use SessionState::*;
    let mut tx = db.read().await?;
    let ids = rows::on_the_clock(&mut tx, &[Published, RegistrationOpen, BookingOpen, Live]).await?;
    let due = rows::find_all(&mut tx, ids).await?.into_iter().filter(|session| session.state_at(now) != session.state);
    let due: Vec<SessionId> = due.map(|session| session.id).collect();
    drop(tx);
    let mut done = 0;
    for id in due {
        let mut act = Act::unpredictable(now, None);
        let mut tx = db.write().await?;
        done += usize::from(sessions::advance(&mut tx, &mut act, id).await?);
        tx.commit().await?;
    }
    Ok(done)
}

/// Lets requests go whose time is up.
pub async fn expire_requests(db: &Db, now: Timestamp) -> Result<usize> {
    let mut tx = db.read().await?;
    let due = bookings::expired(&mut tx, now, BATCH_MAX).await?;
    let due = bookings::find_all(&mut tx, due).await?;
    drop(tx);
    let sessions: BTreeSet<SessionId> = due.iter().map(|row| row.session_id).collect();
    let mut done = 0;
    for session in sessions {
        let mut act = Act::unpredictable(now, None);
        let mut tx = db.write().await?;
        let locked = sessions::locked(&mut tx, session).await?;
        let ids = due.iter().filter(|row| row.session_id == session).map(|row| row.id);
        let ids: Vec<_> = bookings::find_all(&mut tx, ids.collect::<Vec<_>>())
            .await?
            .into_iter()
            .filter(|row| row.state == BookingState::Requested && row.expires_at.is_some_and(|at| at <= now))
            .map(|row| row.id)
            .collect();
        let mut work = Work::on(locked);
        work.expire_all(&mut tx, &mut act, &ids).await?;
        work.finish(&mut tx, &mut act).await?;
        tx.commit().await?;
        done += ids.len();
    }
    Ok(done)
}

/// Lets offers to waiting lists lapse and makes the next ones; places whose slot has begun leave their lists.
pub async fn lapse_offers(db: &Db, now: Timestamp) -> Result<usize> {
    let mut tx = db.read().await?;
    let due = waiting_places::lapsed(&mut tx, now, BATCH_MAX).await?;
    let due = waiting_places::find_all(&mut tx, due).await?;
    drop(tx);
    let sessions: BTreeSet<SessionId> = due.iter().map(|place| place.session_id).collect();
    let mut done = 0;
    for session in sessions {
        let mut act = Act::unpredictable(now, None);
        let mut tx = db.write().await?;
        let mut work = Work::on(sessions::locked(&mut tx, session).await?);
        let ids: Vec<_> = due.iter().filter(|place| place.session_id == session).map(|place| place.id).collect();
        for place in waiting_places::find_all(&mut tx, ids).await? {
            let over = match place.state {
                WaitingState::Offered => place.lapses_at.is_some_and(|at| at <= now),
                WaitingState::Waiting => place.starts_at <= now,
                _ => false,
            };
            if over {
                work.lapse(&mut tx, &mut act, &place).await?;
                done += 1;
            }
        }
        work.finish(&mut tx, &mut act).await?;
        tx.commit().await?;
    }
    Ok(done)
}

/// Asks both sides of talks that have ended how it was. The letter's cause is the talk, so asking twice is asking once.
pub async fn request_feedback(db: &Db, now: Timestamp) -> Result<usize> {
    let until = now.plus(SignedDuration::from_mins(-FEEDBACK_AFTER_MINUTES));
    let from = until.plus(SignedDuration::from_hours(-FEEDBACK_LOOKS_BACK_HOURS));
    let mut tx = db.read().await?;
    let ended = bookings::ended_without_letter(&mut tx, from, until, LetterKind::FeedbackRequest.code()).await?;
    let ended = bookings::find_all(&mut tx, ended).await?;
    drop(tx);
    let sessions: BTreeSet<SessionId> = ended.iter().map(|row| row.session_id).collect();
    for session in sessions {
        let mut act = Act::unpredictable(now, None);
        let mut tx = db.write().await?;
        let session = sessions::find(&mut tx, session).await?;
        let mut work = Work::on(session.clone());
        for talk in ended.iter().filter(|row| row.session_id == session.id) {
            let facts = work.post.talk(&mut tx, &session, talk).await?;
            for (side, person) in [(Side::Company, talk.contact_id), (Side::Centre, talk.staff_id)] {
                let to = work.post.person(&mut tx, person).await?;
                let facts = Facts { link: format!("/talks/{}", talk.id), reader: Some(side), ..facts.clone() };
                let about = About { cause: format!("booking:{}:feedback", talk.id), ..About::booking(talk) };
                if to.wants_digests {
                    work.post.add(&mut act, LetterKind::FeedbackRequest, &to, &about, facts);
                }
            }
        }
        work.finish(&mut tx, &mut act).await?;
        tx.commit().await?;
    }
    Ok(ended.len())
}

/// Forgets files that were uploaded more than a day ago and never sent; their ids, for the caller to remove the bytes.
pub async fn forget_unsent_files(db: &Db, now: Timestamp) -> Result<Vec<FileId>> {
    let mut tx = db.write().await?;
    let gone = files::forget_unsent(&mut tx, now.plus(SignedDuration::from_hours(-UNSENT_FILES_KEPT_HOURS))).await?;
    tx.commit().await?;
    Ok(gone.into_iter().map(|(id,)| id).collect())
}

/// Forgets events, kept answers and sign-in letters that nobody can ask for any more.
pub async fn prune(db: &Db, now: Timestamp) -> Result<u64> {
    let mut tx = db.write_long().await?;
    let events = topics::prune(&mut tx, now.plus(SignedDuration::from_hours(-24 * EVENTS_KEPT_DAYS))).await?;
    let answers = idempotent_answers::prune(&mut tx, now.plus(SignedDuration::from_hours(-ANSWERS_KEPT_HOURS))).await?;
    // A day's letters are counted against the limit of an address.
    let letters = sign_in_letters::prune(&mut tx, now.plus(SignedDuration::from_hours(-48))).await?;
    tx.commit().await?;
    Ok(events + answers + letters)
}
