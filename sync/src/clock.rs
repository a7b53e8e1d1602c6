//! Time, which is the site's.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Milliseconds since 1970-01-01T00:00:00Z.
pub type Millis = i64;

/// A text such as `2026-04-28T07:26:08.701Z` in milliseconds.
pub(crate) fn millis(text: &str) -> Option<Millis> {
    let at = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    Millis::try_from(at.unix_timestamp_nanos() / 1_000_000).ok()
}

const SECOND: Millis = 1_000;

/// The clock of a run: the host's, corrected by how far the last response of the site was ahead.
#[derive(Clone)]
pub(crate) struct SiteClock<'a> {
    host: &'a (dyn Fn() -> Millis + Send + Sync),
    /// How far the site is ahead of the host.
    ahead: Option<Millis>,
}

impl<'a> SiteClock<'a> {
    pub(crate) const fn new(host: &'a (dyn Fn() -> Millis + Send + Sync)) -> Self {
        Self { host, ahead: None }
    }

    /// Learns the time of the site. It tells whole seconds: within one, the response that is furthest
    /// ahead is the nearest to the truth, and the clock does not go back.
    pub(crate) fn hear(&mut self, site_time: Option<&str>) {
        let Some(site) = site_time.and_then(millis) else {
            return;
        };
        let heard = site - (self.host)();
        let is_cut = |known: &Millis| (heard..=heard + SECOND).contains(known);
        self.ahead = Some(self.ahead.filter(is_cut).unwrap_or(heard));
    }

    /// How far the site was ahead of the host when it was last heard.
    pub(crate) const fn ahead(&self) -> Option<Millis> {
        self.ahead
    }

    /// Learns how far the site is ahead from another clock of the same host.
    pub(crate) fn set_ahead(&mut self, ahead: Option<Millis>) {
        self.ahead = ahead.or(self.ahead);
    }

    /// The time of the host, for durations.
    pub(crate) fn host_now(&self) -> Millis {
        (self.host)()
    }

    pub(crate) fn now(&self) -> Millis {
        (self.host)() + self.ahead.unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::SiteClock;

    #[test]
    fn whole_seconds_of_the_site_do_not_set_the_clock_back() {
        let host = AtomicI64::new(0);
        let read = || host.load(Ordering::SeqCst);
        let mut clock = SiteClock::new(&read);
        let mut last = i64::MIN;
        for at in (0..5_000).step_by(70) {
            host.store(at, Ordering::SeqCst);
            clock.hear(Some(&format!("2026-01-01T00:00:{:02}Z", at / 1_000)));
            assert!(clock.now() >= last, "{at}");
            last = clock.now();
        }
        // A clock that was wrong is corrected in either direction.
        clock.hear(Some("2026-01-01T06:00:00Z"));
        assert!(clock.now() > last);
        clock.hear(Some("2026-01-01T00:00:00Z"));
        assert!(clock.now() < last);
    }
}
