//! How fast requests go to one site with one credential, across all calls of this process.
//!
//! Within the places that a connection has, the number of requests under way grows by one for
//! each round of good answers and is halved by a 429 or a 503. Whoever is told to wait makes
//! everybody wait who shares the credential at that site, and nobody else.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use http::HeaderValue;
use tokio::sync::Notify;

use super::clock::Clock;
use super::destination::Destination;
use crate::connection::MOST_CONCURRENCY;

/// Paces kept at once. Each is some 200 bytes; at this number those that nobody uses and that
/// nothing has slowed down are dropped.
const MOST_PACES: usize = 10_000;

/// The longest pause that is kept. Confluence's longest is the rest of an hour; a site that asks
/// for years is asked again tomorrow.
const LONGEST_PAUSE: Duration = Duration::from_secs(24 * 60 * 60);

/// The paces of all sites and credentials, by a hash of both.
#[derive(Default)]
pub(crate) struct Paces(Mutex<HashMap<blake3::Hash, Arc<Pace>>>);

impl Paces {
    /// The one that requests to a destination share.
    pub(super) fn of(&self, destination: &Destination, clock: &dyn Clock) -> Arc<Pace> {
        let shared_by = destination.hasher().finalize();
        let mut paces = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if paces.len() >= MOST_PACES {
            let now = clock.now();
            paces.retain(|_, pace| Arc::strong_count(pace) > 1 || pace.state().is_slowed(now));
        }
        Arc::clone(paces.entry(shared_by).or_default())
    }
}

/// How fast requests go.
#[derive(Default)]
pub(super) struct Pace {
    state: Mutex<State>,
    freed: Notify,
}

struct State {
    /// Requests that may be under way. Grows in fractions.
    allowed: f64,
    under_way: u32,
    paused_until: Option<Instant>,
    /// What the site said about the pause.
    reasons: Vec<(&'static str, HeaderValue)>,
    /// When the next request may leave, with a cap on requests per second.
    next: Option<Instant>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            allowed: f64::from(MOST_CONCURRENCY),
            under_way: 0,
            paused_until: None,
            reasons: Vec::new(),
            next: None,
        }
    }
}

impl State {
    fn pause(&self, now: Instant) -> Option<Duration> {
        let left = self.paused_until?.saturating_duration_since(now);
        (!left.is_zero()).then_some(left)
    }

    fn is_slowed(&self, now: Instant) -> bool {
        self.pause(now).is_some() || self.allowed < f64::from(MOST_CONCURRENCY)
    }
}

/// The wait is longer than the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooLong(pub(super) Duration);

enum Next {
    Go(Option<Duration>),
    Sleep(Duration),
    Freed,
}

impl Pace {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until one more request may leave. `left` is what is left of the call, and
    /// `per_second` the most requests in a second, if they are capped.
    ///
    /// # Errors
    ///
    /// [`TooLong`], at once, when the site has asked for a wait that the call has no time for.
    pub(super) async fn enter(
        self: &Arc<Self>,
        clock: &dyn Clock,
        until: Instant,
        per_second: Option<f64>,
    ) -> Result<Turn, TooLong> {
        loop {
            let freed = self.freed.notified();
            tokio::pin!(freed);
            // From here on a place that is given back is not missed.
            freed.as_mut().enable();
            let now = clock.now();
            match self.next(now, per_second) {
                Next::Go(wait) => {
                    let turn = Turn {
                        pace: Arc::clone(self),
                    };
                    if let Some(wait) = wait {
                        if now + wait >= until {
                            return Err(TooLong(wait));
                        }
                        clock.sleep(wait).await;
                    }
                    return Ok(turn);
                }
                Next::Sleep(wait) if now + wait >= until => return Err(TooLong(wait)),
                Next::Sleep(wait) => clock.sleep(wait).await,
                Next::Freed => freed.await,
            }
        }
    }

    /// What the site said about the pause that is on, as headers.
    pub(super) fn reasons(&self) -> Vec<(&'static str, HeaderValue)> {
        self.state().reasons.clone()
    }

    fn next(&self, now: Instant, per_second: Option<f64>) -> Next {
        let mut state = self.state();
        if let Some(pause) = state.pause(now) {
            return Next::Sleep(pause);
        }
        if f64::from(state.under_way) + 1.0 > state.allowed.max(1.0) {
            return Next::Freed;
        }
        state.under_way += 1;
        let wait = per_second.and_then(|per_second| {
            let at = state.next.map_or(now, |next| next.max(now));
            state.next = Some(at + Duration::from_secs_f64(1.0 / per_second));
            let wait = at.saturating_duration_since(now);
            (!wait.is_zero()).then_some(wait)
        });
        Next::Go(wait)
    }
}

/// Leave for one request. Given back when it is dropped.
pub(super) struct Turn {
    pace: Arc<Pace>,
}

impl Turn {
    /// The site answered as it should.
    pub(super) fn went_well(&self) {
        let mut state = self.pace.state();
        state.allowed = (state.allowed + 1.0 / state.allowed).min(f64::from(MOST_CONCURRENCY));
    }

    /// The site has too much to do, and may have asked for a wait.
    pub(super) fn turned_away(
        &self,
        now: Instant,
        asked: Option<Duration>,
        reasons: Vec<(&'static str, HeaderValue)>,
    ) {
        let mut state = self.pace.state();
        // By half of what was under way: what was allowed may never have been used.
        let under_way = f64::from(state.under_way);
        state.allowed = (state.allowed.min(under_way) / 2.0).max(1.0);
        let until = asked.and_then(|asked| now.checked_add(asked.min(LONGEST_PAUSE)));
        if until > state.paused_until {
            state.paused_until = until;
            state.reasons = reasons;
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut state = self.pace.state();
        state.under_way = state.under_way.saturating_sub(1);
        drop(state);
        // Whoever waits looks for itself; one place may have become two.
        self.pace.freed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        reason = "a test fails by panicking"
    )]

    use std::sync::Arc;
    use std::time::{Duration, Instant};

    use super::{Pace, TooLong};
    use crate::outbound::clock::{Clock as _, TestClock};

    fn in_a_minute(clock: &TestClock) -> Instant {
        clock.now() + Duration::from_secs(60)
    }

    #[tokio::test]
    async fn a_429_halves_what_is_under_way_and_good_answers_bring_it_back() {
        let clock = TestClock::default();
        let pace = Arc::new(Pace::default());
        let mut turns = Vec::new();
        for _ in 0..8 {
            turns.push(pace.enter(&clock, in_a_minute(&clock), None).await.unwrap());
        }
        turns[0].turned_away(clock.now(), None, Vec::new());
        turns.truncate(4);
        // Four are under way, and four may be.
        let fifth = pace.enter(&clock, in_a_minute(&clock), None);
        tokio::pin!(fifth);
        let early =
            std::future::poll_fn(|cx| std::task::Poll::Ready(fifth.as_mut().poll(cx).is_ready()));
        assert!(!early.await);
        for turn in &turns {
            turn.went_well();
        }
        turns.pop();
        fifth.await.unwrap();
    }

    #[tokio::test]
    async fn a_pause_holds_for_everybody_who_shares_it() {
        let clock = TestClock::default();
        let pace = Arc::new(Pace::default());
        let turn = pace.enter(&clock, in_a_minute(&clock), None).await.unwrap();
        turn.turned_away(clock.now(), Some(Duration::from_secs(20)), Vec::new());
        drop(turn);
        assert_eq!(
            pace.enter(&clock, clock.now() + Duration::from_secs(19), None)
                .await
                .err(),
            Some(TooLong(Duration::from_secs(20)))
        );
        assert_eq!(clock.slept(), Duration::ZERO);
        pace.enter(&clock, in_a_minute(&clock), None).await.unwrap();
        assert_eq!(clock.slept(), Duration::from_secs(20));
    }

    #[tokio::test]
    async fn a_longer_pause_is_not_shortened_by_a_later_one() {
        let clock = TestClock::default();
        let pace = Arc::new(Pace::default());
        let turn = pace.enter(&clock, in_a_minute(&clock), None).await.unwrap();
        turn.turned_away(clock.now(), Some(Duration::from_secs(30)), Vec::new());
        turn.turned_away(clock.now(), Some(Duration::from_secs(1)), Vec::new());
        drop(turn);
        pace.enter(&clock, in_a_minute(&clock), None).await.unwrap();
        assert_eq!(clock.slept(), Duration::from_secs(30));
    }

    #[tokio::test]
    async fn requests_are_spread_over_the_second() {
        let clock = TestClock::default();
        let pace = Arc::new(Pace::default());
        for _ in 0..11 {
            drop(
                pace.enter(&clock, in_a_minute(&clock), Some(5.0))
                    .await
                    .unwrap(),
            );
        }
        assert_eq!(clock.slept(), Duration::from_secs(2));
    }

    #[tokio::test]
    async fn one_request_may_always_be_under_way() {
        let clock = TestClock::default();
        let pace = Arc::new(Pace::default());
        for _ in 0..10 {
            let turn = pace.enter(&clock, in_a_minute(&clock), None).await.unwrap();
            turn.turned_away(clock.now(), None, Vec::new());
        }
        pace.enter(&clock, in_a_minute(&clock), None).await.unwrap();
    }
}
