//! Permits for calls that run at once, and for requests in flight.
//!
//! A host has room for so many instances, and a site for so many requests. If permits were issued in
//! order of arrival, a tenant with a thousand calls would have every permit for as long as they take,
//! and each other tenant would wait for all of them. A free permit therefore goes to the waiting
//! tenant that has the fewest; among those with equally many, to the one whose last permit is the
//! oldest; and then to the call that has waited longest.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

use host_levels::{Bound, Effective, Kind, Precedence, Scope, Setting, Value};

use crate::engine::MAX_CALLS_AT_ONCE;

/// How many calls run at once, of all apps together.
pub(crate) const CALLS_AT_ONCE: &str = "limits.calls-at-once";

/// How many calls of one app run at once.
pub(crate) const APP_CALLS_AT_ONCE: &str = "limits.app-calls-at-once";

/// The settings of calls at once.
pub(crate) const SETTINGS: &[Setting] = &[
    Setting {
        key: CALLS_AT_ONCE,
        kind: Kind::Number {
            least: 1,
            most: MAX_CALLS_AT_ONCE as i64,
        },
        precedence: Precedence::ClusterOnly,
        documentation: "Maximum concurrent calls of all apps in one process. Further calls wait; apps with fewer running calls come first. A call that waits for its maximum duration fails. Each call has an instance, which can use `limits.memory-mib`.",
        default: || Some(Value::Number(128)),
    },
    Setting {
        key: APP_CALLS_AT_ONCE,
        kind: Kind::Number {
            least: 1,
            most: MAX_CALLS_AT_ONCE as i64,
        },
        precedence: Precedence::RestrictsDefault(Bound::Maximum),
        documentation: "Maximum concurrent calls of one app in one process. Further calls of the app wait.",
        default: || Some(Value::Number(32)),
    },
];

/// How many calls, or requests, may run at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AtOnce {
    /// Of all tenants together.
    pub(crate) all: usize,
    /// Of one tenant.
    pub(crate) app: usize,
}

impl AtOnce {
    /// How many calls may run at once, as the levels say.
    pub(crate) fn in_force(effective: &Effective) -> Self {
        Self {
            all: effective.size(CALLS_AT_ONCE),
            app: effective.size(APP_CALLS_AT_ONCE),
        }
    }
}

/// What a call waited for in vain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Full {
    /// So many calls ran, of all tenants together.
    All(usize),
    /// So many calls of its own tenant ran.
    App(usize),
}

/// The permits of a host, or of a connection.
#[derive(Debug, Clone, Default)]
pub(crate) struct Permits(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    taken: usize,
    /// Tenants that run or wait.
    tenants: HashMap<Scope, Tenant>,
    arrivals: u64,
    /// Permits that were given so far.
    given: u64,
}

#[derive(Debug, Default)]
struct Tenant {
    taken: usize,
    /// Which of all permits it was given last. 0: none.
    last: u64,
    /// In the order of their arrival.
    queue: VecDeque<Waiter>,
}

#[derive(Debug)]
struct Waiter {
    arrival: u64,
    at_once: AtOnce,
    permit: oneshot::Sender<()>,
}

/// A permit, or a position in the queue for one. Dropping it gives up either.
#[derive(Debug)]
pub(crate) struct Permit {
    permits: Permits,
    scope: Scope,
    arrival: u64,
}

impl Permits {
    /// Waits for a permit until `deadline`.
    pub(crate) async fn take(
        &self,
        scope: &Scope,
        at_once: AtOnce,
        deadline: Instant,
    ) -> Result<Permit, Full> {
        let (permit, mut given) = self.line_up(scope, at_once);
        if given.try_recv().is_ok() || matches!(timeout_at(deadline, given).await, Ok(Ok(()))) {
            return Ok(permit);
        }
        let state = self.lock();
        let of_its_own = state.tenants.get(scope).map_or(0, |tenant| tenant.taken);
        Err(if of_its_own >= at_once.app {
            Full::App(at_once.app)
        } else {
            Full::All(at_once.all)
        })
    }

    /// Waits for a permit for as long as it takes.
    pub(crate) async fn wait(&self, scope: &Scope, at_once: AtOnce) -> Permit {
        let (permit, given) = self.line_up(scope, at_once);
        // Nobody takes a waiter out of the queue but by giving it a permit, or by dropping this.
        let _ = given.await;
        permit
    }

    /// Takes a position in the queue, which is a permit once what comes with it says so.
    fn line_up(&self, scope: &Scope, at_once: AtOnce) -> (Permit, oneshot::Receiver<()>) {
        let (sender, given) = oneshot::channel();
        let mut state = self.lock();
        state.arrivals += 1;
        let permit = Permit {
            permits: self.clone(),
            scope: scope.clone(),
            arrival: state.arrivals,
        };
        let waiter = Waiter {
            arrival: permit.arrival,
            at_once,
            permit: sender,
        };
        let tenant = state.tenants.entry(scope.clone()).or_default();
        tenant.queue.push_back(waiter);
        state.admit();
        (permit, given)
    }

    /// How many calls run, and how many wait.
    pub(crate) fn count(&self) -> (usize, usize) {
        let state = self.lock();
        let waiting = state.tenants.values().map(|tenant| tenant.queue.len());
        (state.taken, waiting.sum())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Gives free permits to those who wait.
    fn admit(&mut self) {
        loop {
            let next = self
                .tenants
                .values_mut()
                .filter_map(|tenant| {
                    let front = tenant.queue.front()?;
                    let fits = self.taken < front.at_once.all && tenant.taken < front.at_once.app;
                    fits.then_some(((tenant.taken, tenant.last, front.arrival), tenant))
                })
                .min_by_key(|(rank, _)| *rank);
            let Some((_, tenant)) = next else { return };
            let Some(waiter) = tenant.queue.pop_front() else {
                return;
            };
            // Whoever has stopped waiting gives the permit back when it drops its own.
            let _ = waiter.permit.send(());
            self.given += 1;
            tenant.last = self.given;
            tenant.taken += 1;
            self.taken += 1;
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut state = self.permits.lock();
        let Some(tenant) = state.tenants.get_mut(&self.scope) else {
            return;
        };
        let position = tenant
            .queue
            .iter()
            .position(|waiter| waiter.arrival == self.arrival);
        let had_a_permit = position.is_none();
        match position {
            Some(position) => drop(tenant.queue.remove(position)),
            None => tenant.taken = tenant.taken.saturating_sub(1),
        }
        if tenant.taken == 0 && tenant.queue.is_empty() {
            state.tenants.remove(&self.scope);
        }
        if had_a_permit {
            state.taken = state.taken.saturating_sub(1);
        }
        state.admit();
    }
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        reason = "a test fails by panicking"
    )]

    use std::collections::VecDeque;
    use std::future::Future;
    use std::pin::{Pin, pin};
    use std::task::{Context, Poll, Waker};
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{AtOnce, Full, Permit, Permits};
    use host_levels::Scope;

    const AT_ONCE: AtOnce = AtOnce { all: 2, app: 2 };

    fn scope(app: &str) -> Scope {
        Scope {
            app: app.parse().unwrap(),
            ..Scope::default()
        }
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(3600)
    }

    type Waiting<'a> = Pin<Box<dyn Future<Output = Result<Permit, Full>> + 'a>>;

    fn wait<'a>(permits: &'a Permits, scope: &'a Scope, at_once: AtOnce) -> Waiting<'a> {
        let mut waiting: Waiting<'a> = Box::pin(async move {
            let deadline = soon();
            permits.take(scope, at_once, deadline).await
        });
        assert!(poll(&mut waiting).is_none(), "it has to wait");
        waiting
    }

    fn poll(waiting: &mut Waiting<'_>) -> Option<Permit> {
        match waiting
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
        {
            Poll::Ready(permit) => Some(permit.unwrap()),
            Poll::Pending => None,
        }
    }

    #[tokio::test]
    async fn a_free_permit_goes_to_the_waiting_tenant_that_has_the_fewest() {
        let permits = Permits::default();
        let (greedy, modest) = (scope("greedy"), scope("modest"));
        let first = permits.take(&greedy, AT_ONCE, soon()).await.unwrap();
        let second = permits.take(&greedy, AT_ONCE, soon()).await.unwrap();
        let mut queue: VecDeque<_> = (0..3).map(|_| wait(&permits, &greedy, AT_ONCE)).collect();
        let mut late = wait(&permits, &modest, AT_ONCE);
        assert_eq!(permits.count(), (2, 4));
        drop(first);
        let modest_permit = poll(&mut late).unwrap();
        assert!(poll(&mut queue[0]).is_none());
        drop(second);
        let third = poll(&mut queue[0]).unwrap();
        drop((third, modest_permit));
        assert!(poll(&mut queue[1]).is_some());
        assert!(poll(&mut queue[2]).is_some());
    }

    #[tokio::test]
    async fn a_tenant_has_no_more_permits_than_its_own_limit_while_others_are_free() {
        let permits = Permits::default();
        let at_once = AtOnce { all: 9, app: 1 };
        let (one, other) = (scope("one"), scope("other"));
        let permit = permits.take(&one, at_once, soon()).await.unwrap();
        let past = Instant::now();
        assert_eq!(
            permits.take(&one, at_once, past).await.unwrap_err(),
            Full::App(1)
        );
        drop(permits.take(&other, at_once, soon()).await.unwrap());
        drop(permit);
        drop(permits.take(&one, at_once, soon()).await.unwrap());
        assert_eq!(permits.count(), (0, 0));
    }

    #[tokio::test]
    async fn who_gives_up_waiting_leaves_no_gap() {
        let permits = Permits::default();
        let (one, other) = (scope("one"), scope("other"));
        let at_once = AtOnce { all: 1, app: 1 };
        let permit = permits.take(&one, at_once, soon()).await.unwrap();
        assert_eq!(
            permits
                .take(&other, at_once, Instant::now())
                .await
                .unwrap_err(),
            Full::All(1)
        );
        assert_eq!(permits.count(), (1, 0));
        // One gives up after it was given the permit, and before it has noticed.
        let mut queue = pin!(async {
            let waiting = wait(&permits, &one, at_once);
            drop(permit);
            drop(waiting);
        });
        assert!(
            queue
                .as_mut()
                .poll(&mut Context::from_waker(Waker::noop()))
                .is_ready()
        );
        assert_eq!(permits.count(), (0, 0));
        assert!(permits.take(&other, at_once, soon()).await.is_ok());
    }
}
