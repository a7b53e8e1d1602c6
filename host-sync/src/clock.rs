//! What the host takes the time for, until the site's clock is known.

use std::fmt;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use sync::Millis;

/// A clock of the host, in milliseconds since 1970. The default is the machine's.
#[derive(Clone)]
pub struct HostClock(Arc<dyn Fn() -> Millis + Send + std::marker::Sync>);

impl HostClock {
    /// A clock that a program supplies.
    pub fn new(now: impl Fn() -> Millis + Send + std::marker::Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> Millis {
        (self.0)()
    }
}

impl Default for HostClock {
    fn default() -> Self {
        Self::new(|| {
            let since = SystemTime::now().duration_since(UNIX_EPOCH);
            since.map_or(0, |since| {
                Millis::try_from(since.as_millis()).unwrap_or(Millis::MAX)
            })
        })
    }
}

impl fmt::Debug for HostClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostClock").finish_non_exhaustive()
    }
}
