//! When a request may leave: its tenant has points left, the rate limiter of the site lets it pass, and
//! the connection has a permit.
//!
//! A request that waits for the first two holds no permit meanwhile: over a shared connection, other
//! tenants or other credentials can use it.

pub(super) mod call_end;
pub(super) mod departure;
pub(super) mod in_flight;
pub(super) mod quota;
pub(super) mod rate_limiter;
pub(super) mod request_permits;

use std::sync::Arc;
use std::time::Duration;

use http::response::Parts;
use http::{HeaderMap, HeaderValue};

use super::clock::Clock;
use super::exchange::Exchange;
use super::retry::Failure;
use crate::outbound::admission::in_flight::InFlightPermit;
use crate::outbound::admission::rate_limiter::{RateLimiter, RatePermit, TooLong};
use crate::permits::Permit;

/// The header that says what a limit counts.
pub(super) const REASON: &str = "ratelimit-reason";

/// What stands there when this host keeps to a quota of its own.
const OWN_QUOTA: &str = "confluence-quota-tenant-based";

/// The permits of one request, released when this is dropped.
pub(super) struct Admitted {
    pub(super) rate_permit: RatePermit,
    clock: Arc<dyn Clock>,
    _permit: Permit,
}

impl InFlightPermit for Admitted {
    fn answered_late(&self, head: &Parts) {
        let now = self.clock.since_1970();
        let failure = Failure::of(head.status.as_u16(), &head.headers, now);
        if failure.is_overload() {
            let reasons = reasons(&head.headers);
            self.rate_permit
                .turned_away(self.clock.now(), failure.asked(), reasons);
        }
    }
}

/// The headers that say what a limit counts.
const REASONS: [&str; 2] = [REASON, "x-failure-category"];

/// What a site says about a limit.
pub(super) fn reasons(headers: &HeaderMap) -> Vec<(&'static str, HeaderValue)> {
    REASONS
        .into_iter()
        .filter_map(|name| Some((name, headers.get(name)?.clone())))
        .collect()
}

/// A wait that the call has no time for, and what is known of its reason, as headers.
pub(super) struct NotAdmitted {
    pub(super) wait: Duration,
    pub(super) reasons: Vec<(&'static str, HeaderValue)>,
}

impl Exchange {
    /// Waits until the request may leave.
    pub(super) async fn admit(
        &self,
        rate_limiter: &Arc<RateLimiter>,
    ) -> Result<Admitted, NotAdmitted> {
        loop {
            self.keep_to_quota().await?;
            let line = rate_limiter.line_up(
                self.clock(),
                self.terms.deadline,
                self.terms.pacing.per_second,
            );
            let line = line.await.map_err(|TooLong(wait)| NotAdmitted {
                wait,
                reasons: rate_limiter.reasons(),
            })?;
            let concurrency_limit = self.destination.concurrency_limit();
            let permit = self
                .egress
                .request_permits
                .enter(&concurrency_limit, &self.terms.tenant)
                .await;
            // Meanwhile others may have spent the points, or the site may have asked for a pause.
            if self.over_quota().is_some() {
                continue;
            }
            if let Some(rate_permit) = line.leave(self.clock().now()) {
                return Ok(Admitted {
                    rate_permit,
                    clock: Arc::clone(&self.egress.clock),
                    _permit: permit,
                });
            }
        }
    }

    /// Waits until the tenant may spend of its quota.
    async fn keep_to_quota(&self) -> Result<(), NotAdmitted> {
        while let Some(wait) = self.over_quota() {
            if self.clock().now() + wait >= self.terms.deadline {
                return Err(NotAdmitted {
                    wait,
                    reasons: vec![(REASON, HeaderValue::from_static(OWN_QUOTA))],
                });
            }
            self.clock().sleep(wait).await;
        }
        Ok(())
    }

    /// How long the tenant has to wait for points, if it has none left.
    fn over_quota(&self) -> Option<Duration> {
        let now = self.clock().since_1970();
        let quotas = &self.egress.quotas;
        let waits = self.quota().iter().map(|quota| quotas.check(quota, now));
        waits.filter_map(Result::err).max()
    }
}
