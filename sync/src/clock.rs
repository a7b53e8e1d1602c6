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
    heard: Heard,
}

/// What responses told of the time of the site.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Heard {
    /// How far the site is ahead of the host.
    ahead: Option<Millis>,
    /// The least that it was ahead so far in the run.
    least: Option<Millis>,
}

impl Heard {
    /// Whether the time of the site is known.
    pub(crate) const fn is_known(self) -> bool {
        self.ahead.is_some()
    }
}

impl<'a> SiteClock<'a> {
    pub(crate) const fn new(host: &'a (dyn Fn() -> Millis + Send + Sync)) -> Self {
        Self {
            host,
            heard: Heard {
                ahead: None,
                least: None,
            },
        }
    }

    /// Learns the time of the site. It tells whole seconds: within one, the response that is furthest
    /// ahead is the nearest to the truth, and the clock does not go back.
    pub(crate) fn hear(&mut self, site_time: Option<&str>) {
        let Some(site) = site_time.and_then(millis) else {
            return;
        };
        let heard = site - (self.host)();
        let is_cut = |known: &Millis| (heard..=heard + SECOND).contains(known);
        let ahead = self.heard.ahead.filter(is_cut).unwrap_or(heard);
        self.learn(Heard {
            ahead: Some(ahead),
            least: Some(ahead),
        });
    }

    /// What was heard so far.
    pub(crate) const fn heard(&self) -> Heard {
        self.heard
    }

    /// Learns what another clock of the same run has heard.
    pub(crate) fn learn(&mut self, other: Heard) {
        self.heard.ahead = other.ahead.or(self.heard.ahead);
        let least = [self.heard.least, other.least];
        self.heard.least = least.into_iter().flatten().min();
    }

    /// An instant of the host as one of the site. What happened since has a later one, however the clock
    /// was corrected in between.
    pub(crate) fn at_site(&self, host: Millis) -> Millis {
        host + self.heard.least.unwrap_or_default()
    }

    /// The time of the host, for durations.
    pub(crate) fn host_now(&self) -> Millis {
        (self.host)()
    }

    pub(crate) fn now(&self) -> Millis {
        (self.host)() + self.heard.ahead.unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        reason = "a test fails by panicking"
    )]

    use std::sync::atomic::{AtomicI64, Ordering};

    use super::{SiteClock, millis};

    #[test]
    fn what_happens_in_a_run_is_after_its_begin_whatever_the_clocks_say() {
        let noon = millis("2026-01-01T12:00:00Z").unwrap();
        for (hours, cut) in [(0, 0), (0, 999), (-3, 400), (6, 700)] {
            let host = AtomicI64::new(noon);
            let read = || host.load(Ordering::SeqCst);
            let mut clocks = [SiteClock::new(&read), SiteClock::new(&read)];
            let mut all = SiteClock::new(&read);
            for step in 0..60 {
                host.fetch_add(70, Ordering::SeqCst);
                let second = (read() - noon + cut) / 1_000;
                let clock = &mut clocks[step % 2];
                clock.hear(Some(&format!(
                    "2026-01-01T{:02}:00:{second:02}Z",
                    12 + hours
                )));
                let (now, heard) = (clock.now(), clock.heard());
                assert!(now > clock.at_site(noon), "{hours} {cut} {step}");
                all.learn(heard);
                assert!(now > all.at_site(noon), "{hours} {cut} {step}");
            }
        }
    }

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
