//! The bell of a listener: whoever has something for it rings, and its task looks at everything at once. Ringing a bell that
//! was not heard yet costs one exchange of an atomic, so a burst wakes a task once.

use std::{
    future::poll_fn,
    sync::atomic::{AtomicBool, Ordering},
    task::{Context, Poll},
};

use futures_util::task::AtomicWaker;

/// Rung from anywhere, heard by one task.
#[derive(Debug, Default)]
pub struct Bell {
    task: AtomicWaker,
    rung: AtomicBool,
}

impl Bell {
    /// Wakes the task, now or when it next asks.
    pub fn ring(&self) {
        if !self.rung.swap(true, Ordering::AcqRel) {
            self.task.wake();
        }
    }

    /// Ready once for all the ringing since the last time.
    pub fn poll_rung(&self, cx: &mut Context<'_>) -> Poll<()> {
        if self.rung.swap(false, Ordering::AcqRel) {
            return Poll::Ready(());
        }
        self.task.register(cx.waker());
        // Rung in between: the ringer may have found no task to wake.
        if self.rung.swap(false, Ordering::AcqRel) { Poll::Ready(()) } else { Poll::Pending }
    }

    /// Waits for the next ring.
    pub async fn rung(&self) {
        poll_fn(|cx| self.poll_rung(cx)).await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn no_ring_is_lost_and_many_are_one() {
        let bell = Arc::new(Bell::default());
        bell.ring();
        bell.ring();
        bell.rung().await;
        assert!(poll_fn(|cx| Poll::Ready(bell.poll_rung(cx))).await.is_pending(), "two rings before were one");
        let heard = Arc::new(std::sync::atomic::AtomicU32::new(0));
        let (ringer, counted) = (Arc::clone(&bell), Arc::clone(&heard));
        let rings = tokio::spawn(async move {
            for n in 1..=10_000 {
                ringer.ring();
                // Each ring is heard before the next, or this never ends.
                while counted.load(Ordering::Acquire) < n {
                    tokio::task::yield_now().await;
                }
            }
        });
        while heard.load(Ordering::Acquire) < 10_000 {
            bell.rung().await;
            heard.fetch_add(1, Ordering::Release);
        }
        rings.await.unwrap();
    }
}
