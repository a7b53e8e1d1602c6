//! What a call cost.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use http::Method;

use crate::metrics::Metrics;

/// What a call cost, whether it went well or not.
///
/// Times of requests are added up; where requests overlap, their sum is longer than the call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Receipt {
    /// Requests that left this host, those that were made again among them.
    pub requests: u64,
    /// Retried requests.
    pub retries: u64,
    /// Bytes of bodies as they came over the network, compressed or not.
    pub bytes_received: u64,
    /// Bytes of the same bodies as the component read them.
    pub bytes_decoded: u64,
    /// Points of the hourly quota that Confluence has for OAuth apps: 1 for a request, and 1 for
    /// each object in its answer, or 2 for a user, a group or a permission. 0 for API tokens, which
    /// that quota does not count.
    pub points: u64,
    /// Time spent waiting for a place, a turn, or to ask again.
    pub waited: Duration,
    /// Time from requests leaving until the last byte of their answers.
    pub network: Duration,
    /// Time in which no request was waiting or under way: the component computed, and this host
    /// for it.
    pub guest: Duration,
    /// The whole call, from making its instance to dropping it.
    pub total: Duration,
    /// The most linear memory that the instance had, in bytes.
    pub peak_memory_bytes: u64,
}

impl Receipt {
    /// Adds what another call cost. Of memory the larger counts: the calls came one after the
    /// other.
    pub fn add(&mut self, other: &Self) {
        self.requests += other.requests;
        self.retries += other.retries;
        self.bytes_received += other.bytes_received;
        self.bytes_decoded += other.bytes_decoded;
        self.points += other.points;
        self.waited += other.waited;
        self.network += other.network;
        self.guest += other.guest;
        self.total += other.total;
        self.peak_memory_bytes = self.peak_memory_bytes.max(other.peak_memory_bytes);
    }
}

impl Receipt {
    /// As one line of JSON: counts, bytes, and times in milliseconds.
    #[must_use]
    pub fn to_json(&self) -> String {
        let ms = |time: Duration| (time.as_secs_f64() * 1e6).round() / 1e3;
        serde_json::json!({
            "requests": self.requests,
            "retries": self.retries,
            "bytesReceived": self.bytes_received,
            "bytesDecoded": self.bytes_decoded,
            "points": self.points,
            "waitedMs": ms(self.waited),
            "networkMs": ms(self.network),
            "guestMs": ms(self.guest),
            "totalMs": ms(self.total),
            "peakMemoryBytes": self.peak_memory_bytes,
        })
        .to_string()
    }
}

/// For people, in one line.
impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = |time: Duration| time.as_secs_f64() * 1e3;
        write!(
            f,
            "{} requests ({} of them again), {} KB received, {} KB decoded, {} points; {:.1} ms: {:.1} waiting, {:.1} network, {:.1} component; {} KiB of memory at most",
            self.requests,
            self.retries,
            self.bytes_received.div_ceil(1000),
            self.bytes_decoded.div_ceil(1000),
            self.points,
            ms(self.total),
            ms(self.waited),
            ms(self.network),
            ms(self.guest),
            self.peak_memory_bytes / 1024,
        )
    }
}

/// Counts for the receipt of one call while it is made.
#[derive(Debug, Clone, Default)]
pub(crate) struct Meter {
    tally: Arc<Mutex<Tally>>,
    /// What counts for the whole host, where there is one.
    metrics: Option<Arc<Metrics>>,
}

#[derive(Debug, Default)]
struct Tally {
    receipt: Receipt,
    /// Requests that wait or are under way.
    open: u32,
    /// Since when there has been one without a pause.
    open_since: Option<Instant>,
    /// How long there has been one, before that.
    outside: Duration,
}

impl Meter {
    /// One that counts for a whole host as well.
    pub(crate) fn of(metrics: &Arc<Metrics>) -> Self {
        Self {
            tally: Arc::default(),
            metrics: Some(Arc::clone(metrics)),
        }
    }

    fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A guest has handed over a request. Until [`Meter::request_ended`] the guest is waiting.
    pub(crate) fn request_began(&self, now: Instant) {
        let mut tally = self.tally();
        tally.open += 1;
        tally.open_since.get_or_insert(now);
    }

    /// The guest has its answer.
    pub(crate) fn request_ended(&self, now: Instant) {
        let mut tally = self.tally();
        tally.open = tally.open.saturating_sub(1);
        if tally.open == 0
            && let Some(since) = tally.open_since.take()
        {
            tally.outside += now.saturating_duration_since(since);
        }
    }

    /// A request waited before it left.
    pub(crate) fn waited(&self, wait: Duration) {
        self.tally().receipt.waited += wait;
    }

    /// A request left, for the `made`th time.
    pub(crate) fn left(&self, made: u32) {
        let mut tally = self.tally();
        tally.receipt.requests += 1;
        tally.receipt.retries += u64::from(made > 1);
    }

    /// It has the status of its answer, or the reason why there is none, and took so long.
    pub(crate) fn arrived(&self, method: &Method, outcome: Result<u16, &str>, took: Duration) {
        if let Some(metrics) = &self.metrics {
            metrics.request(method, outcome, took);
        }
        self.tally().receipt.network += took;
    }

    /// So many bytes came over the network.
    pub(crate) fn received(&self, bytes: u64) {
        self.tally().receipt.bytes_received += bytes;
    }

    /// So many bytes are what they stand for.
    pub(crate) fn decoded(&self, bytes: u64) {
        self.tally().receipt.bytes_decoded += bytes;
    }

    /// The site has counted these points.
    pub(crate) fn spent(&self, points: u64) {
        self.tally().receipt.points += points;
    }

    /// The call is over.
    pub(crate) fn ended(&self, began: Instant, now: Instant, peak_memory_bytes: usize) {
        let mut tally = self.tally();
        // A call that is ended by its time limit leaves requests behind.
        if let Some(since) = tally.open_since.take() {
            tally.outside += now.saturating_duration_since(since);
        }
        let total = now.saturating_duration_since(began);
        let outside = std::mem::take(&mut tally.outside);
        tally.receipt.total += total;
        tally.receipt.guest += total.saturating_sub(outside);
        tally.receipt.peak_memory_bytes = tally
            .receipt
            .peak_memory_bytes
            .max(u64::try_from(peak_memory_bytes).unwrap_or(u64::MAX));
    }

    /// What has been counted.
    pub(crate) fn receipt(&self) -> Receipt {
        self.tally().receipt
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Meter, Receipt};

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn the_guest_is_charged_for_the_time_without_a_request() {
        let meter = Meter::default();
        let start = Instant::now();
        // Two that overlap from 1 to 4, and one from 6 to 7.
        meter.request_began(start + SECOND);
        meter.request_began(start + 2 * SECOND);
        meter.request_ended(start + 3 * SECOND);
        meter.request_ended(start + 4 * SECOND);
        meter.request_began(start + 6 * SECOND);
        meter.request_ended(start + 7 * SECOND);
        meter.ended(start, start + 10 * SECOND, 65_536);
        let receipt = meter.receipt();
        assert_eq!(receipt.guest, 6 * SECOND);
        assert_eq!(receipt.total, 10 * SECOND);
        assert_eq!(receipt.peak_memory_bytes, 65_536);
    }

    #[test]
    fn a_request_that_the_end_of_the_call_cuts_off_is_not_the_guests_time() {
        let meter = Meter::default();
        let start = Instant::now();
        meter.request_began(start + SECOND);
        meter.ended(start, start + 10 * SECOND, 0);
        assert_eq!(meter.receipt().guest, SECOND);
    }

    #[test]
    fn receipts_add_up_but_for_memory() {
        let mut sum = Receipt {
            requests: 2,
            peak_memory_bytes: 7,
            ..Receipt::default()
        };
        sum.add(&Receipt {
            requests: 3,
            waited: SECOND,
            peak_memory_bytes: 5,
            ..Receipt::default()
        });
        let expected = Receipt {
            requests: 5,
            waited: SECOND,
            peak_memory_bytes: 7,
            ..Receipt::default()
        };
        assert_eq!(sum, expected);
    }
}
