//! Questions that many ask at the same moment are answered together: while one lot is worked on the next one gathers, so that a
//! single question waits for nobody and a storm costs a few queries a lot instead of a dozen each. What waits is limited.

use futures_util::future::BoxFuture;
use tokio::sync::{mpsc, oneshot};

/// Questions of type `Q`, answered with `A`.
pub struct Together<Q, A> {
    asked: mpsc::Sender<(Q, oneshot::Sender<A>)>,
}

/// So many wait already that it is better to come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

impl<Q: Send + 'static, A: Send + 'static> Together<Q, A> {
    /// Answers at most `together` questions at once, while at most `waiting` wait. `answer` gives one answer per question, in
    /// their order. Ends when this is dropped.
    pub fn start(
        together: usize,
        waiting: usize,
        answer: impl Fn(Vec<Q>) -> BoxFuture<'static, Vec<A>> + Send + Sync + 'static,
    ) -> Together<Q, A> {
        let (asked, mut inbox) = mpsc::channel::<(Q, oneshot::Sender<A>)>(waiting);
        tokio::spawn(async move {
            let mut lot = Vec::new();
            while inbox.recv_many(&mut lot, together).await > 0 {
                let (questions, askers): (Vec<Q>, Vec<_>) = lot.drain(..).unzip();
                for (asker, answer) in askers.into_iter().zip(answer(questions).await) {
                    // Who asked may have gone meanwhile.
                    let _ = asker.send(answer);
                }
            }
        });
        Together { asked }
    }

    /// Waits for the answer.
    pub async fn ask(&self, question: Q) -> Result<A, Full> {
        let (asker, answer) = oneshot::channel();
        self.asked.try_send((question, asker)).map_err(|_| Full)?;
        answer.await.map_err(|_| Full)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use futures_util::{FutureExt, future::join_all};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_storm_is_answered_in_few_lots_and_what_is_too_much_is_refused() {
        let lots = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&lots);
        let twice = Together::start(100, 250, move |numbers: Vec<usize>| {
            counted.fetch_add(1, Ordering::SeqCst);
            async move {
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
                numbers.into_iter().map(|n| n * 2).collect()
            }
            .boxed()
        });
        assert_eq!(twice.ask(7).await, Ok(14), "one alone does not wait for others");
        let answers = join_all((0..300).map(|n| twice.ask(n))).await;
        assert_eq!(answers.iter().filter(|answer| answer.is_err()).count(), 50);
        assert!(answers.iter().enumerate().all(|(n, answer)| answer.is_err() || *answer == Ok(n * 2)));
        assert_eq!(lots.load(Ordering::SeqCst), 1 + 3);
    }
}
