//! How long a 429 or a 503 asks to wait, and on whose account.
//!
//! There is no clock here: times are read against the answer's own `Date`, or the time of a host that
//! has one. The headers that
//! start with `Beta-` announce limits that are not in force, so they are never read.

use crate::{Answer, LimitScope, dates, find};

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
    /// Reads `Retry-After` (seconds, also with a fraction, or a date), else `X-RateLimit-Reset` (ISO
    /// time, with or without seconds, or epoch seconds) where the limit is used up. Times are read
    /// against the answer's own `Date`, or else against `now_ms`, in milliseconds since 1970.
    #[must_use]
    pub fn read(answer: &Answer, now_ms: Option<i64>) -> Self {
        Self {
            wait_ms: wait_ms(answer, now_ms),
            scope: scope(answer),
        }
    }
}

/// The wait in milliseconds.
pub(super) fn wait_ms(answer: &Answer, now_ms: Option<i64>) -> Option<u64> {
    let now = answer
        .header("date")
        .and_then(dates::http_date_ms)
        .or(now_ms);
    let until = |at: i64| now.map(|now| u64::try_from(at.saturating_sub(now)).unwrap_or(0));
    answer
        .headers("retry-after")
        .find_map(|text| match seconds_ms(text) {
            Some(wait) => Some(wait),
            None => until(dates::http_date_ms(text)?),
        })
        .or_else(|| {
            if !is_used_up(answer) {
                return None;
            }
            answer
                .headers("x-ratelimit-reset")
                .find_map(|text| until(reset_ms(text)?))
        })
}

/// Seconds as milliseconds. A fraction counts as a whole one.
fn seconds_ms(text: &str) -> Option<u64> {
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(seconds.saturating_mul(1_000));
    }
    let (whole, part) = text.split_once('.')?;
    let are_digits = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    let seconds: u64 = whole.parse().ok().filter(|_| are_digits(part))?;
    Some(seconds.saturating_add(1).saturating_mul(1_000))
}

/// Whether the end of a limit's window is what to wait for. A 503 with the headers of a limit of which
/// much is left speaks of something else.
fn is_used_up(answer: &Answer) -> bool {
    let mut left = answer.headers("x-ratelimit-remaining");
    answer.status == 429 || left.any(|left| left.parse() == Ok(0_u64))
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
    if find::has(&reason, "burst") {
        LimitScope::Burst
    } else if find::has(&reason, "tenant") {
        LimitScope::QuotaTenant
    } else if find::has(&reason, "global") || find::has(&reason, "quota") {
        LimitScope::QuotaApp
    } else if answer
        .header("x-failure-category")
        .is_some_and(|category| find::has(&category.to_ascii_uppercase(), "RATE"))
    {
        LimitScope::Gateway
    } else {
        LimitScope::Unknown
    }
}
