//! Time and chance, as waiting needs them. Injected, so that who tests waits for nothing.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, Instant, SystemTime};

use ring::rand::{SecureRandom as _, SystemRandom};

/// Where the outbound pipeline has its time and its chance from.
pub trait Clock: Send + Sync + fmt::Debug {
    /// Now.
    fn now(&self) -> Instant;

    /// The time since 1970, by which quotas of an hour are told apart.
    fn since_1970(&self) -> Duration {
        // A clock from before 1970 is in no hour; quotas begin anew when it is set.
        SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default()
    }

    /// Ends after `wait`.
    fn sleep(&self, wait: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>>;

    /// A number from 0 up to 1, another one each time: by it waits differ, so that callers who
    /// were turned away together do not come back together.
    fn jitter(&self) -> f64;
}

/// The machine's clock and randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        tokio::time::Instant::now().into_std()
    }

    fn sleep(&self, wait: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(tokio::time::sleep(wait))
    }

    fn jitter(&self) -> f64 {
        let mut bytes = [0; 4];
        // Without randomness all wait for the middle, which is still a wait.
        if SystemRandom::new().fill(&mut bytes).is_err() {
            return 0.5;
        }
        f64::from(u32::from_le_bytes(bytes)) / (f64::from(u32::MAX) + 1.0)
    }
}

/// A clock that moves only when somebody sleeps.
#[cfg(test)]
#[derive(Debug)]
pub(crate) struct TestClock {
    start: Instant,
    slept: std::sync::atomic::AtomicU64,
}

#[cfg(test)]
impl Default for TestClock {
    fn default() -> Self {
        Self {
            start: Instant::now(),
            slept: 0.into(),
        }
    }
}

#[cfg(test)]
impl TestClock {
    /// How long everybody together has slept.
    pub(crate) fn slept(&self) -> Duration {
        Duration::from_nanos(self.slept.load(std::sync::atomic::Ordering::SeqCst))
    }
}

#[cfg(test)]
impl Clock for TestClock {
    fn now(&self) -> Instant {
        self.start + self.slept()
    }

    fn sleep(&self, wait: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let nanoseconds = u64::try_from(wait.as_nanos()).unwrap_or(u64::MAX);
        self.slept
            .fetch_add(nanoseconds, std::sync::atomic::Ordering::SeqCst);
        Box::pin(tokio::task::yield_now())
    }

    fn jitter(&self) -> f64 {
        0.5
    }
}
