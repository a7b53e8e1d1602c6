//! How fast requests go to one site with one credential, across all calls of this process.
//!
//! Within the permits that a connection has, the number of requests in flight grows by one for each
//! round of successful responses and is halved by a 429 or a 503. A wait that the site requests
//! applies to all requests with the same credential at that site, and to no others.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use http::HeaderValue;
use tokio::sync::Notify;

use crate::connection::MAX_CONCURRENCY;
use crate::outbound::clock::Clock;
use crate::outbound::rules::destination::Destination;

/// Maximum number of rate limiters that are kept. Each takes some 200 bytes; at this number those
/// that are neither in use nor slowed down are dropped.
const MAX_LIMITERS: usize = 10_000;

/// The longest pause that is kept. Confluence's longest is the rest of an hour; a site that asks
/// for years is asked again tomorrow.
const MAX_PAUSE: Duration = Duration::from_secs(24 * 60 * 60);

/// The rate limiters of all sites and credentials.
#[derive(Default)]
pub(crate) struct RateLimiters(Mutex<Known>);

#[derive(Default)]
struct Known {
    /// By a hash of the destination, in which no secret has a part: a refreshed token keeps the
    /// rate limiter that its predecessor had.
    rate_limiters: HashMap<blake3::Hash, Arc<RateLimiter>>,
    /// The same rate limiters, by a hash of site and token. Connections of several levels that have
    /// the same token share the one of the first of them.
    by_token: HashMap<blake3::Hash, Weak<RateLimiter>>,
}

impl Known {
    /// Drops the rate limiters that are neither in use nor slowed down.
    fn drop_unused(&mut self, now: Instant) {
        let mut entries: HashMap<*const RateLimiter, usize> = HashMap::new();
        for rate_limiter in self.rate_limiters.values() {
            *entries.entry(Arc::as_ptr(rate_limiter)).or_default() += 1;
        }
        self.rate_limiters.retain(|_, rate_limiter| {
            let entries = entries
                .get(&Arc::as_ptr(rate_limiter))
                .copied()
                .unwrap_or_default();
            let is_used = Arc::strong_count(rate_limiter) > entries;
            is_used || rate_limiter.state().is_slowed(now)
        });
        self.by_token
            .retain(|_, rate_limiter| rate_limiter.strong_count() > 0);
    }
}

impl RateLimiters {
    /// The one that requests to a destination share.
    pub(in crate::outbound) fn of(
        &self,
        destination: &Destination,
        clock: &dyn Clock,
    ) -> Arc<RateLimiter> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.rate_limiters.len() >= MAX_LIMITERS {
            known.drop_unused(clock.now());
        }
        let Known {
            rate_limiters,
            by_token,
        } = &mut *known;
        let token = destination.entered();
        let rate_limiter = rate_limiters
            .entry(destination.hasher().finalize())
            .or_insert_with(|| {
                let same_token = token.and_then(|token| by_token.get(&token)?.upgrade());
                same_token.unwrap_or_default()
            });
        if let Some(token) = token {
            let known = by_token.entry(token).or_default();
            if known.strong_count() == 0 {
                *known = Arc::downgrade(rate_limiter);
            }
        }
        Arc::clone(rate_limiter)
    }
}

/// How fast requests go.
#[derive(Default)]
pub(in crate::outbound) struct RateLimiter {
    state: Mutex<State>,
    freed: Notify,
    /// With a cap on requests per second, held by the one that leaves next.
    order: tokio::sync::Mutex<()>,
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
    /// Requests that wait for that, the next one included.
    in_line: u32,
}

impl Default for State {
    fn default() -> Self {
        Self {
            allowed: f64::from(MAX_CONCURRENCY),
            under_way: 0,
            paused_until: None,
            reasons: Vec::new(),
            next: None,
            in_line: 0,
        }
    }
}

impl State {
    fn pause(&self, now: Instant) -> Option<Duration> {
        let left = self.paused_until?.saturating_duration_since(now);
        (!left.is_zero()).then_some(left)
    }

    fn is_slowed(&self, now: Instant) -> bool {
        self.pause(now).is_some() || self.allowed < f64::from(MAX_CONCURRENCY)
    }

    /// How long it is until the next may leave that keeps to the cap.
    fn until_next(&self, now: Instant) -> Duration {
        let next = self.next.unwrap_or(now);
        next.saturating_duration_since(now)
    }

    /// What keeps a request from leaving.
    fn obstacle(&self, now: Instant, is_capped: bool) -> Option<Obstacle> {
        let cap = if is_capped {
            self.until_next(now)
        } else {
            Duration::ZERO
        };
        let wait = self.pause(now).unwrap_or_default().max(cap);
        if !wait.is_zero() {
            return Some(Obstacle::For(wait));
        }
        let is_crowded = f64::from(self.under_way) + 1.0 > self.allowed.max(1.0);
        is_crowded.then_some(Obstacle::Crowd)
    }
}

enum Obstacle {
    For(Duration),
    /// As many are under way as the site takes.
    Crowd,
}

/// The wait is longer than the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::outbound) struct TooLong(pub(in crate::outbound) Duration);

impl RateLimiter {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until one more request could leave. `until` is when the call ends, and `per_second`
    /// the most requests in a second, if they are capped. Nothing is taken from anybody yet:
    /// [`Line::leave`] does.
    ///
    /// # Errors
    ///
    /// [`TooLong`], at once, when the wait is one that the call has no time for.
    pub(in crate::outbound) async fn line_up(
        self: &Arc<Self>,
        clock: &dyn Clock,
        until: Instant,
        per_second: Option<f64>,
    ) -> Result<Line<'_>, TooLong> {
        let capped = match per_second {
            None => None,
            Some(per_second) => {
                let interval = Duration::from_secs_f64(1.0 / per_second);
                let now = clock.now();
                let (place, before) = InLine::behind(self);
                let wait = self.state().until_next(now) + interval * before;
                if !wait.is_zero() && now + wait >= until {
                    return Err(TooLong(wait));
                }
                Some(Capped {
                    interval,
                    _first: self.order.lock().await,
                    _place: place,
                })
            }
        };
        loop {
            let freed = self.freed.notified();
            tokio::pin!(freed);
            // From here on a place that is given back is not missed.
            freed.as_mut().enable();
            let now = clock.now();
            let obstacle = self.state().obstacle(now, capped.is_some());
            match obstacle {
                None => {
                    return Ok(Line {
                        rate_limiter: self,
                        capped,
                    });
                }
                Some(Obstacle::For(wait)) if now + wait >= until => return Err(TooLong(wait)),
                Some(Obstacle::For(wait)) => clock.sleep(wait).await,
                Some(Obstacle::Crowd) => freed.await,
            }
        }
    }

    /// What the site said about the pause that is on, as headers.
    pub(in crate::outbound) fn reasons(&self) -> Vec<(&'static str, HeaderValue)> {
        self.state().reasons.clone()
    }
}

/// The front of the line. Dropping it leaves to others what it waited for.
pub(in crate::outbound) struct Line<'a> {
    rate_limiter: &'a Arc<RateLimiter>,
    capped: Option<Capped<'a>>,
}

struct Capped<'a> {
    interval: Duration,
    _first: tokio::sync::MutexGuard<'a, ()>,
    _place: InLine,
}

impl Line<'_> {
    /// Leave for one request, unless something has come between since.
    pub(in crate::outbound) fn leave(self, now: Instant) -> Option<RatePermit> {
        let mut state = self.rate_limiter.state();
        if state.obstacle(now, self.capped.is_some()).is_some() {
            return None;
        }
        state.under_way += 1;
        if let Some(capped) = &self.capped {
            state.next = now.checked_add(capped.interval);
        }
        Some(RatePermit {
            rate_limiter: Arc::clone(self.rate_limiter),
        })
    }
}

/// One that waits in the line of those that keep to a cap.
struct InLine(Arc<RateLimiter>);

impl InLine {
    /// At its end, and how many stand before.
    fn behind(rate_limiter: &Arc<RateLimiter>) -> (Self, u32) {
        let mut state = rate_limiter.state();
        let before = state.in_line;
        state.in_line += 1;
        (Self(Arc::clone(rate_limiter)), before)
    }
}

impl Drop for InLine {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.in_line = state.in_line.saturating_sub(1);
    }
}

/// Leave for one request. Given back when it is dropped.
pub(in crate::outbound) struct RatePermit {
    rate_limiter: Arc<RateLimiter>,
}

impl RatePermit {
    /// The site answered as it should.
    pub(in crate::outbound) fn went_well(&self) {
        let mut state = self.rate_limiter.state();
        state.allowed = (state.allowed + 1.0 / state.allowed).min(f64::from(MAX_CONCURRENCY));
    }

    /// The site has too much to do, and may have asked for a wait.
    pub(in crate::outbound) fn turned_away(
        &self,
        now: Instant,
        asked: Option<Duration>,
        reasons: Vec<(&'static str, HeaderValue)>,
    ) {
        let mut state = self.rate_limiter.state();
        // By half of what was under way: what was allowed may never have been used.
        let under_way = f64::from(state.under_way);
        state.allowed = (state.allowed.min(under_way) / 2.0).max(1.0);
        let until = asked.and_then(|asked| now.checked_add(asked.min(MAX_PAUSE)));
        if until > state.paused_until {
            state.paused_until = until;
            state.reasons = reasons;
        }
    }
}

impl Drop for RatePermit {
    fn drop(&mut self) {
        let mut state = self.rate_limiter.state();
        state.under_way = state.under_way.saturating_sub(1);
        drop(state);
        // Whoever waits looks for itself; one place may have become two.
        self.rate_limiter.freed.notify_waiters();
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

    use super::{RateLimiter, RatePermit, TooLong};
    use crate::outbound::clock::{Clock as _, TestClock};

    async fn enter(
        rate_limiter: &Arc<RateLimiter>,
        clock: &TestClock,
        until: Instant,
        per_second: Option<f64>,
    ) -> Result<RatePermit, TooLong> {
        loop {
            let line = rate_limiter.line_up(clock, until, per_second).await?;
            if let Some(rate_permit) = line.leave(clock.now()) {
                return Ok(rate_permit);
            }
        }
    }

    fn in_a_minute(clock: &TestClock) -> Instant {
        clock.now() + Duration::from_secs(60)
    }

    #[tokio::test]
    async fn a_429_halves_what_is_under_way_and_good_answers_bring_it_back() {
        let clock = TestClock::default();
        let rate_limiter = Arc::new(RateLimiter::default());
        let mut permits = Vec::new();
        for _ in 0..8 {
            permits.push(
                enter(&rate_limiter, &clock, in_a_minute(&clock), None)
                    .await
                    .unwrap(),
            );
        }
        permits[0].turned_away(clock.now(), None, Vec::new());
        permits.truncate(4);
        // Four are under way, and four may be.
        let fifth = enter(&rate_limiter, &clock, in_a_minute(&clock), None);
        tokio::pin!(fifth);
        let early =
            std::future::poll_fn(|cx| std::task::Poll::Ready(fifth.as_mut().poll(cx).is_ready()));
        assert!(!early.await);
        for rate_permit in &permits {
            rate_permit.went_well();
        }
        permits.pop();
        fifth.await.unwrap();
    }

    #[tokio::test]
    async fn a_pause_holds_for_everybody_who_shares_it() {
        let clock = TestClock::default();
        let rate_limiter = Arc::new(RateLimiter::default());
        let rate_permit = enter(&rate_limiter, &clock, in_a_minute(&clock), None)
            .await
            .unwrap();
        rate_permit.turned_away(clock.now(), Some(Duration::from_secs(20)), Vec::new());
        drop(rate_permit);
        assert_eq!(
            enter(
                &rate_limiter,
                &clock,
                clock.now() + Duration::from_secs(19),
                None
            )
            .await
            .err(),
            Some(TooLong(Duration::from_secs(20)))
        );
        assert_eq!(clock.slept(), Duration::ZERO);
        enter(&rate_limiter, &clock, in_a_minute(&clock), None)
            .await
            .unwrap();
        assert_eq!(clock.slept(), Duration::from_secs(20));
    }

    #[tokio::test]
    async fn a_longer_pause_is_not_shortened_by_a_later_one() {
        let clock = TestClock::default();
        let rate_limiter = Arc::new(RateLimiter::default());
        let rate_permit = enter(&rate_limiter, &clock, in_a_minute(&clock), None)
            .await
            .unwrap();
        rate_permit.turned_away(clock.now(), Some(Duration::from_secs(30)), Vec::new());
        rate_permit.turned_away(clock.now(), Some(Duration::from_secs(1)), Vec::new());
        drop(rate_permit);
        enter(&rate_limiter, &clock, in_a_minute(&clock), None)
            .await
            .unwrap();
        assert_eq!(clock.slept(), Duration::from_secs(30));
    }

    #[tokio::test]
    async fn requests_are_spread_over_the_second() {
        let clock = TestClock::default();
        let rate_limiter = Arc::new(RateLimiter::default());
        for _ in 0..11 {
            drop(
                enter(&rate_limiter, &clock, in_a_minute(&clock), Some(5.0))
                    .await
                    .unwrap(),
            );
        }
        assert_eq!(clock.slept(), Duration::from_secs(2));
    }

    #[tokio::test]
    async fn one_request_may_always_be_under_way() {
        let clock = TestClock::default();
        let rate_limiter = Arc::new(RateLimiter::default());
        for _ in 0..10 {
            let rate_permit = enter(&rate_limiter, &clock, in_a_minute(&clock), None)
                .await
                .unwrap();
            rate_permit.turned_away(clock.now(), None, Vec::new());
        }
        enter(&rate_limiter, &clock, in_a_minute(&clock), None)
            .await
            .unwrap();
    }

    #[tokio::test]
    async fn a_wait_that_is_too_long_or_given_up_costs_nobody_else_anything() {
        let clock = TestClock::default();
        let rate_limiter = Arc::new(RateLimiter::default());
        let second = Duration::from_secs(1);
        drop(enter(&rate_limiter, &clock, in_a_minute(&clock), Some(1.0)).await);
        for _ in 0..3_000 {
            let soon = clock.now() + second / 2;
            let refused = enter(&rate_limiter, &clock, soon, Some(1.0)).await;
            assert_eq!(refused.err(), Some(TooLong(second)));
        }
        // One that waits, has its second, and never leaves.
        let given_up = rate_limiter.line_up(&clock, in_a_minute(&clock), Some(1.0));
        drop(given_up.await.unwrap());
        assert_eq!(clock.slept(), second);
        enter(&rate_limiter, &clock, in_a_minute(&clock), Some(1.0))
            .await
            .unwrap();
        assert_eq!(clock.slept(), second);
    }

    #[tokio::test]
    async fn those_that_wait_before_count_as_a_wait() {
        let clock = TestClock::default();
        let rate_limiter = Arc::new(RateLimiter::default());
        let first = rate_limiter
            .line_up(&clock, in_a_minute(&clock), Some(1.0))
            .await;
        let soon = clock.now() + Duration::from_millis(500);
        let second = rate_limiter.line_up(&clock, soon, Some(1.0)).await;
        assert_eq!(second.err(), Some(TooLong(Duration::from_secs(1))));
        drop(first);
        assert!(rate_limiter.line_up(&clock, soon, Some(1.0)).await.is_ok());
    }
}
