//! Counting what a call costs while it is made.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use http::Method;

use crate::metrics::Metrics;
use crate::receipt::{Receipt, TimeSpent};

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
    /// Of them, those under way.
    under_way: u32,
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
        tally.under_way += 1;
        tally.receipt.requests += 1;
        tally.receipt.retries += u64::from(made > 1);
    }

    /// It has the status of its answer, or the reason why there is none, and took so long.
    pub(crate) fn arrived(&self, method: &Method, outcome: Result<u16, &str>, took: Duration) {
        if let Some(metrics) = &self.metrics {
            metrics.request(method, outcome, took);
        }
        let mut tally = self.tally();
        tally.under_way = tally.under_way.saturating_sub(1);
        tally.receipt.network += took;
    }

    /// An answer repeated the credential, and was cut.
    pub(crate) fn echo(&self) {
        if let Some(metrics) = &self.metrics {
            metrics.echo();
        }
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

    /// The call is over. Returns where its time went.
    pub(crate) fn ended(
        &self,
        began: Instant,
        now: Instant,
        peak_memory_bytes: usize,
    ) -> TimeSpent {
        let mut tally = self.tally();
        // A call that is ended by its time limit leaves requests behind.
        if let Some(since) = tally.open_since.take() {
            tally.outside += now.saturating_duration_since(since);
        }
        let total = now.saturating_duration_since(began);
        let outside = std::mem::take(&mut tally.outside);
        tally.receipt.total += total;
        let computing = total.saturating_sub(outside);
        tally.receipt.guest += computing;
        tally.receipt.peak_memory_bytes = tally
            .receipt
            .peak_memory_bytes
            .max(u64::try_from(peak_memory_bytes).unwrap_or(u64::MAX));
        // Requests that overlap have a longer sum than the time in which there were any.
        let (mut waiting, mut network) = (tally.receipt.waited, tally.receipt.network);
        let counted = waiting + network;
        if let Some(unfinished) = outside.checked_sub(counted) {
            // Of one that is cut off the time is not counted yet.
            if tally.under_way > 0 {
                network += unfinished;
            } else {
                waiting += unfinished;
            }
        } else {
            let share = outside.div_duration_f64(counted);
            (waiting, network) = (waiting.mul_f64(share), network.mul_f64(share));
        }
        TimeSpent {
            computing,
            network,
            waiting,
            secrets: Duration::ZERO,
        }
    }

    /// What has been counted.
    pub(crate) fn receipt(&self) -> Receipt {
        self.tally().receipt
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::Meter;

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
}
