//! How long a 429 or a 503 asks to wait, and on whose account.
//!
//! There is no clock here: times are read against the answer's own `Date`. The headers that
//! start with `Beta-` announce limits that are not in force, so they are never read.

use super::LimitScope;
use crate::{Answer, query::dates};

/// What an answer that asks to wait says about it. For hosts that wait on a caller's behalf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateLimit {
    /// How long to wait, in milliseconds. `None` where the answer does not say.
    pub wait_ms: Option<u64>,
    /// Who has to wait.
    pub scope: LimitScope,
}

impl RateLimit {
    /// Reads `Retry-After` (seconds or a date), else `X-RateLimit-Reset` (ISO time, with or
    /// without seconds, or epoch seconds), against the answer's own `Date`.
    #[must_use]
    pub fn read(answer: &Answer) -> Self {
        Self {
            wait_ms: wait_ms(answer),
            scope: scope(answer),
        }
    }
}

/// The wait in milliseconds: `Retry-After` in seconds or as a date, else `X-RateLimit-Reset` as
/// ISO time (with or without seconds) or epoch seconds.
pub(super) fn wait_ms(answer: &Answer) -> Option<u64> {
    let now = answer.header("date").and_then(dates::http_date_ms);
    let until = |at: i64| now.map(|now| u64::try_from(at.saturating_sub(now)).unwrap_or(0));
    answer
        .headers("retry-after")
        .find_map(|text| {
            if let Ok(seconds) = text.parse::<u64>() {
                return Some(seconds.saturating_mul(1_000));
            }
            until(dates::http_date_ms(text)?)
        })
        .or_else(|| {
            answer
                .headers("x-ratelimit-reset")
                .find_map(|text| until(reset_ms(text)?))
        })
}

/// Epoch numbers below 10^9 (2001) cannot be a time of reset; they say nothing that is safe to
/// act upon.
fn reset_ms(text: &str) -> Option<i64> {
    if let Ok(seconds) = text.parse::<i64>() {
        return (seconds >= 1_000_000_000).then(|| {
            if seconds >= 100_000_000_000 {
                seconds
            } else {
                seconds * 1_000
            }
        });
    }
    dates::iso_ms(text)
}

/// What the limit counts. The reasons seen differ from the documented ones
/// (`conf-global-based`, `confluence-quota-global-based`), so they are matched loosely.
pub(super) fn scope(answer: &Answer) -> LimitScope {
    let reason = answer
        .header("ratelimit-reason")
        .unwrap_or_default()
        .to_ascii_lowercase();
    if reason.contains("burst") {
        LimitScope::Burst
    } else if reason.contains("tenant") {
        LimitScope::QuotaTenant
    } else if reason.contains("global") || reason.contains("quota") {
        LimitScope::QuotaApp
    } else if answer
        .header("x-failure-category")
        .is_some_and(|category| category.to_ascii_uppercase().contains("RATE"))
    {
        LimitScope::Gateway
    } else {
        LimitScope::Unknown
    }
}
