//! Futures that run side by side, each begun as soon as it is added.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

/// Futures that run side by side.
///
/// A [`FuturesUnordered`] first polls a future after all that have ended before were taken. Of 25 lanes
/// whose answers arrive together, the first would send its next request after the rows of all 25 were
/// written, and the network would be idle meanwhile.
pub(crate) struct Running<'a, T> {
    running: FuturesUnordered<Pin<Box<dyn Future<Output = T> + Send + 'a>>>,
    /// What has ended at once.
    ended: VecDeque<T>,
}

impl<'a, T> Running<'a, T> {
    pub(crate) fn new() -> Self {
        Self {
            running: FuturesUnordered::new(),
            ended: VecDeque::new(),
        }
    }

    /// Adds a future, and runs it until it waits for something.
    pub(crate) async fn begin(&mut self, future: impl Future<Output = T> + Send + 'a) {
        let mut future: Pin<Box<dyn Future<Output = T> + Send + 'a>> = Box::pin(future);
        match poll_fn(|context| Poll::Ready(future.as_mut().poll(context))).await {
            Poll::Ready(value) => self.ended.push_back(value),
            Poll::Pending => {
                self.running.push(future);
                // What it has handed to other tasks, such as a request, goes on before the next one.
                yield_once().await;
            }
        }
    }

    /// The next value, or none if no future is left.
    pub(crate) async fn next(&mut self) -> Option<T> {
        match self.ended.pop_front() {
            Some(value) => Some(value),
            None => self.running.next().await,
        }
    }

    /// How many values are still to come.
    pub(crate) fn len(&self) -> usize {
        self.running.len() + self.ended.len()
    }

    /// Drops all futures.
    pub(crate) fn clear(&mut self) {
        self.running.clear();
        self.ended.clear();
    }
}

/// Lets other tasks of a thread run.
async fn yield_once() {
    let mut has_yielded = false;
    poll_fn(|context| {
        if std::mem::replace(&mut has_yielded, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::Running;

    #[tokio::test(flavor = "current_thread")]
    async fn a_future_is_begun_before_those_that_have_ended_are_taken() {
        let seen = Mutex::new(Vec::new());
        let note = |what: &'static str| {
            let seen = &seen;
            async move {
                seen.lock().map(|mut seen| seen.push(what)).ok();
                tokio::task::yield_now().await;
                what
            }
        };
        let mut running = Running::new();
        running.begin(note("first")).await;
        running.begin(note("second")).await;
        assert!(running.next().await.is_some());
        running.begin(note("third")).await;
        assert_eq!(running.len(), 2);
        let begun = seen.lock().map(|seen| seen.clone()).unwrap_or_default();
        assert_eq!(begun, ["first", "second", "third"]);
        let rest = [running.next().await, running.next().await];
        assert!(rest.iter().all(Option::is_some) && running.next().await.is_none());
    }

    #[tokio::test(flavor = "current_thread")]
    async fn what_a_future_hands_to_another_task_goes_on_at_once() {
        let (send, receive) = tokio::sync::oneshot::channel();
        let (done, mut is_done) = tokio::sync::oneshot::channel();
        tokio::spawn(async move {
            receive.await.ok();
            done.send(()).ok();
        });
        tokio::task::yield_now().await;
        let mut running = Running::new();
        running
            .begin(async move {
                send.send(()).ok();
                std::future::pending::<()>().await;
            })
            .await;
        assert!(is_done.try_recv().is_ok());
    }

    #[tokio::test(flavor = "current_thread")]
    async fn what_ends_at_once_is_a_value_like_the_others() {
        let mut running = Running::new();
        running.begin(async { 1 }).await;
        assert_eq!((running.len(), running.next().await), (1, Some(1)));
        assert_eq!((running.len(), running.next().await), (0, None));
    }
}
