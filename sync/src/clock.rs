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

/// The clock of a run: the host's, corrected by how far the last response of the site was ahead.
pub(crate) struct SiteClock<'a> {
    host: &'a (dyn Fn() -> Millis + Send + Sync),
    /// How far the site is ahead of the host.
    ahead: Option<Millis>,
}

impl<'a> SiteClock<'a> {
    pub(crate) const fn new(host: &'a (dyn Fn() -> Millis + Send + Sync)) -> Self {
        Self { host, ahead: None }
    }

    /// Learns the time of the site.
    pub(crate) fn hear(&mut self, site_time: Option<&str>) {
        if let Some(site) = site_time.and_then(millis) {
            self.ahead = Some(site - (self.host)());
        }
    }

    /// The time of the host, for durations.
    pub(crate) fn host_now(&self) -> Millis {
        (self.host)()
    }

    pub(crate) fn now(&self) -> Millis {
        (self.host)() + self.ahead.unwrap_or_default()
    }
}
