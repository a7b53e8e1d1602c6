//! Whether a request that went wrong is made again, and after how long.
//!
//! Every request is a GET, or a look-up that changes nothing, so that making it again does no
//! harm. What the site asks for is obeyed to the full: a wait that does not fit into the call is
//! not shortened, but told.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use confluence_connector::{Answer, RateLimit};
use host_levels::{Bound, Effective, Kind, Precedence, Setting, Value};
use http::HeaderMap;
use wasmtime_wasi_http::Error;

/// The longest wait of our own making. What a site asks for may be longer.
const MAX_WAIT: Duration = Duration::from_secs(30);

/// The least wait after a 429 that does not say how long, or says 0.
const MIN_AFTER_429: Duration = Duration::from_secs(1);

/// How fast requests go, and how patiently those that went wrong are made again.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Pacing {
    /// Requests that went wrong.
    pub retry: Retry,
    /// The most requests in a second. `None`: as many as the site takes.
    pub per_second: Option<f64>,
}

/// How often, and how patiently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// Requests after the first one that went wrong. 0: none. Those that follow a wait that the site
    /// asked for do not count.
    pub attempts: u32,
    /// The wait before the first of them, which doubles from one to the next. A half of it, up
    /// to the whole, by chance.
    pub first_wait: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            attempts: 3,
            first_wait: Duration::from_millis(500),
        }
    }
}

/// The settings of pacing.
pub(crate) const SETTINGS: &[Setting] = &[
    Setting {
        key: "network.requests-per-second",
        kind: Kind::Number {
            least: 1,
            most: 1_000,
        },
        precedence: Precedence::Restricts(Bound::Maximum),
        documentation: "Maximum requests per second to one site with one credential. Without it, the rate adapts to the site and decreases when the site is overloaded.",
        default: || None,
    },
    Setting {
        key: "retry.attempts",
        kind: Kind::Number { least: 0, most: 10 },
        precedence: Precedence::Restricts(Bound::Maximum),
        documentation: "Maximum number of retries of a request, after network errors, incomplete responses, and the statuses 502, 503 and 504. A wait requested by the site is honored in full, and neither the retry after it nor one after a 429 counts; if the call has too little time left for the wait, the call fails. With 0, nothing is retried.",
        default: || Some(Value::Number(3)),
    },
    Setting {
        key: "retry.first-wait-seconds",
        kind: Kind::Seconds,
        precedence: Precedence::Restricts(Bound::Minimum),
        documentation: "Wait before the first retry in seconds, if the site requests none. Doubles with each retry up to 30, and is shortened by a random part of up to one half.",
        default: || Some(Value::Seconds(0.5)),
    },
];

impl Pacing {
    /// The pacing in force.
    #[must_use]
    pub fn in_force(effective: &Effective) -> Self {
        let number = |key: &str| {
            let number = effective.number(key)?;
            u32::try_from(number).ok()
        };
        Self {
            retry: Retry {
                attempts: number("retry.attempts").unwrap_or_default(),
                first_wait: effective
                    .seconds("retry.first-wait-seconds")
                    .unwrap_or_else(|| Retry::default().first_wait),
            },
            per_second: number("network.requests-per-second").map(f64::from),
        }
    }
}

/// Whether a request of this call was given up that a wait could have mended, and none has gone
/// well since.
///
/// A component may answer to that with more requests, such as the halves of a page. Each of them
/// is made once then: a site that is down is not asked four times for each half.
#[derive(Debug, Clone, Default)]
pub(crate) struct GivenUp(Arc<AtomicBool>);

impl GivenUp {
    pub(super) fn set(&self, given_up: bool) {
        self.0.store(given_up, Ordering::SeqCst);
    }

    pub(super) fn is_set(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// How a request went wrong.
#[derive(Debug)]
pub(super) enum Failure<'a> {
    /// No whole answer came.
    Network(&'a Error),
    /// An answer came, of this status.
    Status(u16, RateLimit),
    /// An answer came, and its JSON breaks off.
    Cut,
    /// A web page came in place of JSON.
    Page,
}

impl Failure<'_> {
    /// What the head of an answer says of what went wrong. `now` is the time since 1970.
    pub(super) fn of(status: u16, headers: &HeaderMap, now: Duration) -> Self {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()))
            .collect();
        let answer = Answer {
            status,
            headers,
            body: Vec::new(),
        };
        let now = i64::try_from(now.as_millis()).ok();
        Self::Status(status, RateLimit::read(&answer, now))
    }

    /// Whether the same request may well go better later.
    pub(super) fn passes(&self) -> bool {
        match self {
            Self::Status(status, _) => matches!(status, 429 | 502 | 503 | 504),
            Self::Cut | Self::Page => true,
            Self::Network(error) => match error {
                Error::ConnectionRefused
                | Error::ConnectionReadTimeout
                | Error::ConnectionTerminated
                | Error::ConnectionTimeout
                | Error::DestinationUnavailable
                | Error::HttpProtocolError
                | Error::HttpResponseIncomplete
                | Error::HttpResponseTimeout => true,
                // A name without an address is most often mistyped; a resolver that cannot be
                // reached just now says so.
                Error::DnsError { rcode, .. } => rcode
                    .as_deref()
                    .is_some_and(|said| said.to_ascii_lowercase().contains("temporary")),
                _ => false,
            },
        }
    }

    /// Whether the site has too much to do, whoever asks.
    pub(super) fn is_overload(&self) -> bool {
        matches!(self, Self::Status(429 | 503, _))
    }

    /// What the site asks to wait.
    pub(super) fn asked(&self) -> Option<Duration> {
        match self {
            Self::Status(429 | 503, limit) => limit.wait_ms.map(Duration::from_millis),
            _ => None,
        }
    }
}

/// What has gone wrong with one request so far.
#[derive(Debug, Default)]
pub(super) struct Tries {
    /// Attempts that went wrong. Those after which the site asked for a wait do not count: it was
    /// the site that said when to try again, and the time of the call bounds them.
    counted: u32,
    /// Responses 429 that asked for no wait. Those do not count either, but each doubles the wait.
    limited: u32,
    pages: u32,
}

impl Retry {
    /// The wait before the next attempt, or `None` for no further one.
    ///
    /// `left` is what is left of the call, and `jitter` lies between 0 and 1.
    pub(super) fn wait(
        &self,
        tries: &mut Tries,
        failure: &Failure<'_>,
        left: Duration,
        jitter: f64,
    ) -> Option<Duration> {
        let asked = failure.asked().filter(|asked| !asked.is_zero());
        let is_limit = matches!(failure, Failure::Status(429, _));
        tries.limited += u32::from(asked.is_none() && is_limit);
        tries.counted += u32::from(asked.is_none() && !is_limit);
        tries.pages += u32::from(matches!(failure, Failure::Page));
        let is_over = self.attempts == 0 || tries.counted > self.attempts;
        // A page that comes again is most likely what there is.
        if is_over || tries.pages > 1 || !failure.passes() {
            return None;
        }
        let doubled = self
            .first_wait
            .saturating_mul(1 << (tries.counted + tries.limited).saturating_sub(1).min(16))
            .min(MAX_WAIT);
        let own = doubled.mul_f64(0.5 + jitter.clamp(0.0, 1.0) / 2.0);
        let wait = match (asked, failure) {
            // On top of what was asked for: everybody was told the same time.
            (Some(asked), _) => asked.saturating_add(own),
            (None, Failure::Status(429, _)) => own.max(MIN_AFTER_429.min(self.first_wait * 2)),
            (None, _) => own,
        };
        (wait < left).then_some(wait)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "a test fails by panicking")]

    use std::time::Duration;

    use confluence_connector::{Answer, RateLimit};
    use wasmtime_wasi_http::Error;

    use super::{Failure, Retry, Tries};

    const MINUTE: Duration = Duration::from_secs(60);

    fn limit(headers: &[(&str, &str)]) -> RateLimit {
        let answer = Answer {
            status: 429,
            headers: headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec()))
                .collect(),
            body: Vec::new(),
        };
        RateLimit::read(&answer, None)
    }

    fn waits(failure: &Failure<'_>, left: Duration) -> Vec<Option<Duration>> {
        let mut tries = Tries::default();
        (1..=4)
            .map(|_| Retry::default().wait(&mut tries, failure, left, 1.0))
            .collect()
    }

    #[test]
    fn waits_double_and_end() {
        let milliseconds = |number| Some(Duration::from_millis(number));
        assert_eq!(
            waits(&Failure::Network(&Error::ConnectionTerminated), MINUTE),
            [
                milliseconds(500),
                milliseconds(1_000),
                milliseconds(2_000),
                None
            ]
        );
    }

    #[test]
    fn jitter_is_never_less_than_half_and_never_more_than_the_whole() {
        let failure = Failure::Status(502, limit(&[]));
        for (jitter, expected) in [(0.0, 250), (0.5, 375), (1.0, 500)] {
            assert_eq!(
                Retry::default().wait(&mut Tries::default(), &failure, MINUTE, jitter),
                Some(Duration::from_millis(expected))
            );
        }
    }

    #[test]
    fn a_429_without_retry_after_backs_off() {
        assert_eq!(
            waits(&Failure::Status(429, limit(&[])), MINUTE),
            [1_000, 1_000, 2_000, 4_000].map(|number| Some(Duration::from_millis(number)))
        );
    }

    #[test]
    fn no_429_counts_as_an_attempt_while_the_call_has_time() {
        for headers in [&[][..], &[("retry-after", "0")], &[("retry-after", "soon")]] {
            let failure = Failure::Status(429, limit(headers));
            let (mut tries, mut left) = (Tries::default(), Duration::from_secs(300));
            let mut count = 0;
            while let Some(wait) = Retry::default().wait(&mut tries, &failure, left, 1.0) {
                assert!(wait <= Duration::from_secs(30));
                left -= wait;
                count += 1;
            }
            // 1, 1, 2, 4, 8, 16, and then 30 seconds each.
            assert_eq!((count, left), (14, Duration::from_secs(28)), "{headers:?}");
            // What else goes wrong counts from its own beginning.
            let mut other = || Retry::default().wait(&mut tries, &Failure::Cut, MINUTE, 1.0);
            assert!(other().is_some() && other().is_some() && other().is_some());
            assert_eq!(other(), None);
        }
        // 503 says that the site is down, unless it asks for a wait.
        assert_eq!(
            waits(
                &Failure::Status(503, limit(&[("retry-after", "0")])),
                MINUTE
            )[3],
            None
        );
    }

    #[test]
    fn a_429_that_asks_for_no_wait_backs_off_as_well() {
        let failure = Failure::Status(429, limit(&[("retry-after", "0")]));
        assert_eq!(waits(&failure, MINUTE)[0], Some(Duration::from_secs(1)));
    }

    #[test]
    fn what_the_site_asks_for_is_waited_in_full() {
        for headers in [
            [
                ("retry-after", "7"),
                ("date", "Sun, 22 Nov 2026 10:00:00 GMT"),
            ],
            [
                ("retry-after", "Sun, 22 Nov 2026 10:00:07 GMT"),
                ("date", "Sun, 22 Nov 2026 10:00:00 GMT"),
            ],
            [
                ("x-ratelimit-reset", "2026-11-22T10:00:07Z"),
                ("date", "Sun, 22 Nov 2026 10:00:00 GMT"),
            ],
        ] {
            let failure = Failure::Status(429, limit(&headers));
            assert_eq!(failure.asked(), Some(Duration::from_secs(7)));
            assert!(waits(&failure, MINUTE)[0] > Some(Duration::from_secs(7)));
        }
    }

    #[test]
    fn a_wait_that_the_site_asks_for_does_not_count_as_an_attempt() {
        let asks = Failure::Status(429, limit(&[("retry-after", "7")]));
        let (mut tries, fails) = (Tries::default(), Failure::Cut);
        let retry = Retry::default();
        let mut wait = |failure: &Failure<'_>| retry.wait(&mut tries, failure, MINUTE, 1.0);
        for _ in 0..100 {
            assert!(wait(&asks).is_some());
        }
        // The others count as before, and none is left after them.
        assert_eq!(wait(&fails), Some(Duration::from_millis(500)));
        assert!(wait(&fails).is_some() && wait(&asks).is_some() && wait(&fails).is_some());
        assert_eq!(wait(&fails), None);
    }

    #[test]
    fn without_retries_a_wait_that_the_site_asks_for_is_not_waited_for() {
        let retry = Retry {
            attempts: 0,
            ..Retry::default()
        };
        let asks = Failure::Status(429, limit(&[("retry-after", "7")]));
        let wait = retry.wait(&mut Tries::default(), &asks, MINUTE, 1.0);
        assert_eq!(wait, None);
    }

    #[test]
    fn a_page_in_place_of_json_is_asked_for_once_more() {
        let waits = waits(&Failure::Page, MINUTE);
        assert_eq!(waits[0], Some(Duration::from_millis(500)));
        assert_eq!(waits[1..], [None, None, None]);
    }

    #[test]
    fn a_wait_that_does_not_fit_into_the_call_is_not_begun() {
        let failure = Failure::Status(429, limit(&[("retry-after", "3600")]));
        assert_eq!(waits(&failure, MINUTE)[0], None);
        let failure = Failure::Status(503, limit(&[("retry-after", "60")]));
        assert_eq!(waits(&failure, MINUTE)[0], None);
    }

    #[test]
    fn limits_that_are_only_announced_are_not_waited_for() {
        let failure = Failure::Status(429, limit(&[("beta-retry-after", "3000")]));
        assert_eq!(failure.asked(), None);
    }

    #[test]
    fn what_will_not_get_better_is_not_tried_again() {
        for status in [200, 302, 400, 401, 403, 404, 500, 501] {
            assert_eq!(waits(&Failure::Status(status, limit(&[])), MINUTE)[0], None);
        }
        for error in [
            Error::HttpRequestDenied,
            Error::TlsCertificateError,
            Error::DestinationIpProhibited,
            Error::HttpResponseBodySize(None),
            Error::DnsError {
                rcode: Some("Name or service not known".to_owned()),
                info_code: None,
            },
        ] {
            assert_eq!(
                waits(&Failure::Network(&error), MINUTE)[0],
                None,
                "{error:?}"
            );
        }
    }
}
