//! How fast the connections of a pool are opened.
//!
//! A site that closes each connection, or a guest that has answers cut, would otherwise have as many
//! opened as the machine can: a handshake of TLS costs a site more than most of its answers.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::outbound::admission::in_flight::InFlight;
use crate::outbound::clock::Clock;

/// Connections that may be opened at once after a pause, for each request that may be in flight: all
/// of them, and again three times where a site closes them.
const BURST: f64 = 4.0;

/// Connections that may be opened in a second after that, for each request that may be in flight.
/// One handshake and one answer take longer than half a second where the site is not near, so that a
/// site that closes each connection is hardly slower for it; and who waits, waits half a second at
/// most.
const PER_SECOND: f64 = 2.0;

tokio::task_local! {
    /// The request for which a connection is opened.
    static REQUEST: InFlight;
}

/// Leave to open connections, shared by all clones.
#[derive(Clone)]
pub(super) struct DialRate {
    tokens: Arc<Mutex<Tokens>>,
    clock: Arc<dyn Clock>,
    per_second: f64,
    burst: f64,
}

struct Tokens {
    /// Less than 0 while some wait for theirs.
    left: f64,
    at: Instant,
}

impl DialRate {
    /// For a pool with so many requests in flight.
    pub(super) fn of(concurrency: u8, clock: Arc<dyn Clock>) -> Self {
        let concurrency = f64::from(concurrency.max(1));
        let burst = concurrency * BURST;
        Self {
            tokens: Arc::new(Mutex::new(Tokens {
                left: burst,
                at: clock.now(),
            })),
            clock,
            per_second: concurrency * PER_SECOND,
            burst,
        }
    }

    /// Waits until one more connection may be opened.
    pub(super) async fn wait(&self) {
        let wait = self.take(self.clock.now());
        if !wait.is_zero() {
            // One that is opened for no request in particular is waited for by nobody.
            let _ = REQUEST.try_with(|request| request.wait(wait));
            self.clock.sleep(wait).await;
        }
    }

    /// How long it is until one more may be opened.
    fn take(&self, now: Instant) -> Duration {
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let since = now.saturating_duration_since(tokens.at).as_secs_f64();
        tokens.left = (tokens.left + since * self.per_second).min(self.burst) - 1.0;
        tokens.at = now;
        Duration::from_secs_f64((-tokens.left / self.per_second).max(0.0))
    }

    /// Sends a request whose wait for a connection counts as its own.
    pub(super) async fn counted<F: Future>(request: InFlight, sending: F) -> F::Output {
        REQUEST.scope(request, sending).await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::DialRate;
    use crate::outbound::clock::{Clock as _, SystemClock, TestClock};

    #[test]
    fn after_a_burst_connections_are_opened_at_a_rate() {
        let rate = DialRate::of(5, Arc::new(SystemClock));
        let now = SystemClock.now();
        for _ in 0..20 {
            assert_eq!(rate.take(now), Duration::ZERO);
        }
        for tenths in 1..=5 {
            let waits = rate.take(now).as_secs_f64();
            assert!((waits - 0.1 * f64::from(tenths)).abs() < 0.001, "{waits}");
        }
        // What was not used for a minute is no more than a burst.
        let later = now + Duration::from_secs(60);
        for _ in 0..20 {
            assert_eq!(rate.take(later), Duration::ZERO);
        }
        assert!(!rate.take(later).is_zero());
    }

    #[tokio::test]
    async fn connections_after_a_burst_wait_by_the_clock_of_the_host() {
        let clock = Arc::new(TestClock::default());
        let rate = DialRate::of(5, clock.clone());
        for _ in 0..20 {
            rate.wait().await;
        }
        assert_eq!(clock.slept(), Duration::ZERO);
        for _ in 0..10 {
            rate.wait().await;
        }
        let slept = clock.slept().as_secs_f64();
        assert!((slept - 1.0).abs() < 0.001, "{slept}");
    }
}
