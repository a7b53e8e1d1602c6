//! Turns of guests that compute.
//!
//! A guest that waits for the network gives its thread away; one that computes has it until the next
//! tick. If each such guest went to the end of the runtime's queue then, an app with 32 of them would
//! delay each step of every other call by 32 slices. Beside four, a call took 13 times as long. A
//! guest that has used up a slice therefore waits for a turn: as many guests compute as there are
//! threads, apps take turns, and while anybody does, slices are short.

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
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
}

impl Turns {
    /// Waits for a turn of a tenant, once everything else that is ready has had its own.
    pub(super) fn next(&self, tenant: &Arc<Scope>) -> impl Future<Output = ()> + Send + use<> {
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

    /// Ends the slice: its turns are given to those who wait. Answers whether any guest computes.
    pub(crate) fn end_slice(&self) -> bool {
        let taken = std::mem::take(&mut *self.taken());
        drop(taken);
        self.0.is_contested.swap(false, Ordering::Relaxed)
    }

    fn taken(&self) -> std::sync::MutexGuard<'_, Vec<Permit>> {
        self.0.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::sync::{Arc, Mutex};

    use host_levels::Scope;

    use super::Turns;

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
