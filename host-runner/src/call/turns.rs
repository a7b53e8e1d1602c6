//! Turns of guests that compute.
//!
//! A guest that waits for the network gives its thread away; one that computes has it until the next
//! tick. If each such guest went to the end of the runtime's queue then, an app with 32 of them would
//! delay each step of every other call by 32 slices. Beside four, a call took 13 times as long. A
//! guest that has used up a slice therefore waits for a turn: as many guests compute as there are
//! threads, apps take turns, and while anybody does, slices are short.
//!
//! A guest that was resumed since the last tick has used up nothing, however long ago its own last
//! slice began: were it to wait for a turn after each answer of a site, the requests of one connection
//! would be sent one after the other. 1 000 requests, five at once, took three times as long.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use host_levels::Scope;

use crate::permits::{AtOnce, Permit, Permits};

/// The turns of a host.
#[derive(Debug, Clone, Default)]
pub(crate) struct Turns(Arc<State>);

#[derive(Debug, Default)]
struct State {
    permits: Permits,
    /// Turns of the slice that is under way. A guest need not give its own back: it may wait for the
    /// network, or be gone, before the slice ends.
    taken: Mutex<Vec<Permit>>,
    /// Whether a guest has used up a slice since the last tick.
    is_contested: AtomicBool,
    ticks: AtomicU64,
}

impl Turns {
    /// Waits for a turn of a tenant, once everything else that is ready has had its own.
    fn next(&self, tenant: &Arc<Scope>) -> impl Future<Output = ()> + Send + use<> {
        let (turns, tenant) = (self.clone(), Arc::clone(tenant));
        turns.0.is_contested.store(true, Ordering::Relaxed);
        async move {
            tokio::task::yield_now().await;
            let threads = tokio::runtime::Handle::current().metrics().num_workers();
            let at_once = AtOnce {
                all: threads,
                app: threads,
            };
            let turn = turns.0.permits.wait(&tenant, at_once).await;
            turns.taken().push(turn);
        }
    }

    /// Ends the slice: its turns are given to those who wait. Answers whether any guest computes. To be
    /// called before guests are interrupted.
    pub(crate) fn end_slice(&self) -> bool {
        self.0.ticks.fetch_add(1, Ordering::Relaxed);
        let taken = std::mem::take(&mut *self.taken());
        drop(taken);
        self.0.is_contested.swap(false, Ordering::Relaxed)
    }

    fn taken(&self) -> std::sync::MutexGuard<'_, Vec<Permit>> {
        self.0.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The slice of one guest.
#[derive(Debug, Clone)]
pub(super) struct Slice {
    turns: Turns,
    /// The tick after which the guest was last resumed.
    resumed: Arc<AtomicU64>,
}

impl Slice {
    pub(super) fn new(turns: Turns) -> Self {
        Self {
            turns,
            resumed: Arc::default(),
        }
    }

    /// Runs the guest, and notes when it is resumed.
    pub(super) async fn run<F: Future>(&self, guest: F) -> F::Output {
        let mut guest = pin!(guest);
        poll_fn(|context| {
            self.resumed.store(self.tick(), Ordering::Relaxed);
            guest.as_mut().poll(context)
        })
        .await
    }

    /// Whether the guest has computed through a tick.
    pub(super) fn is_used_up(&self) -> bool {
        self.resumed.load(Ordering::Relaxed) != self.tick()
    }

    /// As [`Turns::next`].
    pub(super) fn next(&self, tenant: &Arc<Scope>) -> impl Future<Output = ()> + Send + use<> {
        self.turns.next(tenant)
    }

    fn tick(&self) -> u64 {
        self.turns.0.ticks.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::sync::{Arc, Mutex};

    use host_levels::Scope;

    use super::{Slice, Turns};

    fn scope(app: &str) -> Arc<Scope> {
        Arc::new(Scope {
            app: app.parse().unwrap(),
            ..Scope::default()
        })
    }

    /// Lets every task go on until it waits.
    async fn settle() {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
    }

    // One thread: one guest computes at a time.
    #[tokio::test]
    async fn guests_compute_as_many_as_there_are_threads_and_apps_take_turns() {
        let turns = Turns::default();
        let order = Arc::new(Mutex::new(Vec::new()));
        assert!(!turns.end_slice());
        let ask = |app: &'static str| {
            let (next, order) = (turns.next(&scope(app)), Arc::clone(&order));
            tokio::spawn(async move {
                next.await;
                order.lock().unwrap().push(app);
            });
        };
        for _ in 0..3 {
            ask("loud");
        }
        settle().await;
        ask("other");
        settle().await;
        assert_eq!(*order.lock().unwrap(), ["loud"]);
        assert!(turns.end_slice());
        for _ in 0..3 {
            settle().await;
            assert!(!turns.end_slice());
        }
        assert_eq!(*order.lock().unwrap(), ["loud", "other", "loud", "loud"]);
    }

    #[tokio::test]
    async fn a_guest_that_was_resumed_since_the_tick_has_used_up_nothing() {
        let turns = Turns::default();
        let slice = Slice::new(turns.clone());
        let (waits, answered) = tokio::sync::oneshot::channel();
        let guest = async {
            assert!(!slice.is_used_up());
            turns.end_slice();
            assert!(slice.is_used_up());
            answered.await.unwrap();
            assert!(!slice.is_used_up());
        };
        let site = async {
            turns.end_slice();
            waits.send(()).unwrap();
        };
        tokio::join!(slice.run(guest), site);
    }

    #[tokio::test]
    async fn a_guest_that_is_gone_takes_no_turn() {
        let turns = Turns::default();
        turns.next(&scope("first")).await;
        let waiting = tokio::spawn(turns.next(&scope("gone")));
        settle().await;
        waiting.abort();
        assert!(waiting.await.is_err());
        let last = tokio::spawn(turns.next(&scope("last")));
        settle().await;
        assert!(!last.is_finished());
        turns.end_slice();
        last.await.unwrap();
    }
}
