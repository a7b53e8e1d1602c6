//! What all calls of a host have cost, as a scraper reads it.
//!
//! Names and units follow OpenTelemetry's conventions for HTTP clients where there are any. No
//! series has a tenant or a site in its labels: thousands of tenants would make as many of each.
//! Spans have them.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use http::Method;
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::error_kind::ErrorKind;
use crate::receipt::Receipt;

/// Bounds of the durations of requests, in seconds: those of OpenTelemetry's
/// `http.client.request.duration`.
const REQUEST_SECONDS: [f64; 14] = [
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
];

/// Bounds of the durations of calls, in seconds: a call is up to some forty requests.
const CALL_SECONDS: [f64; 12] = [
    0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0, 60.0,
];

/// Bounds of the memory of an instance, in bytes: 1 MiB to 256 MiB.
const MEMORY_BYTES: [f64; 9] = [
    1_048_576.0,
    2_097_152.0,
    4_194_304.0,
    8_388_608.0,
    16_777_216.0,
    33_554_432.0,
    67_108_864.0,
    134_217_728.0,
    268_435_456.0,
];

/// What tells requests apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    http_request_method: &'static str,
    /// The status, or nothing where no answer came.
    http_response_status_code: Option<u16>,
    /// Why no answer came, or the status of one that is an error.
    error_type: Option<String>,
}

/// What tells calls apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CallLabels {
    function: String,
    /// The kind of the error.
    error_type: Option<String>,
}

/// What tells refreshes of access tokens apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RefreshLabels {
    /// The kind of the error.
    error_type: Option<String>,
}

/// What tells calls over logins apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct LoginLabels {
    /// The state of the login, without its numbers.
    state: &'static str,
}

type Seconds = Counter<f64, AtomicU64>;

/// The kind of an error as a label. A component may say anything, and each word would be a series.
fn kind_label(kind: &ErrorKind) -> String {
    match kind {
        ErrorKind::Other(_) => "other",
        kind => kind.as_str(),
    }
    .to_owned()
}

/// A method as a label. The policy lets two leave; the convention has a word for any other.
fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        _ => "_OTHER",
    }
}

/// Counts what all calls of a host cost.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Histogram, fn() -> Histogram>,
    calls: Family<CallLabels, Histogram, fn() -> Histogram>,
    memory: Histogram,
    resent: Counter,
    received: Counter,
    decoded: Counter,
    points: Counter,
    echoes: Counter,
    refreshes: Family<RefreshLabels, Counter>,
    logins: Family<LoginLabels, Counter>,
    waited: Seconds,
    guest: Seconds,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut metrics = Self {
            registry: Registry::default(),
            requests: Family::new_with_constructor(|| Histogram::new(REQUEST_SECONDS)),
            calls: Family::new_with_constructor(|| Histogram::new(CALL_SECONDS)),
            memory: Histogram::new(MEMORY_BYTES),
            resent: Counter::default(),
            received: Counter::default(),
            decoded: Counter::default(),
            points: Counter::default(),
            echoes: Counter::default(),
            refreshes: Family::default(),
            logins: Family::default(),
            waited: Seconds::default(),
            guest: Seconds::default(),
        };
        metrics.register();
        metrics
    }
}

impl Metrics {
    fn register(&mut self) {
        let registry = &mut self.registry;
        registry.register_with_unit(
            "http_client_request_duration",
            "Time from sending a request to the last byte of its response",
            Unit::Seconds,
            self.requests.clone(),
        );
        registry.register_with_unit(
            "host_runner_call_duration",
            "Whole calls of functions of a component",
            Unit::Seconds,
            self.calls.clone(),
        );
        registry.register_with_unit(
            "host_runner_instance_memory",
            "The most linear memory that the instance of a call had",
            Unit::Bytes,
            self.memory.clone(),
        );
        registry.register(
            "host_runner_requests_resent",
            "Retried requests",
            self.resent.clone(),
        );
        registry.register_with_unit(
            "host_runner_received",
            "Response bodies as received over the network",
            Unit::Bytes,
            self.received.clone(),
        );
        registry.register_with_unit(
            "host_runner_decoded",
            "Response bodies as read by components",
            Unit::Bytes,
            self.decoded.clone(),
        );
        registry.register(
            "host_runner_points",
            "Points of the hourly quotas of OAuth apps",
            self.points.clone(),
        );
        registry.register(
            "host_runner_echoes_cut",
            "Answers that repeated the credential and were kept from the component",
            self.echoes.clone(),
        );
        registry.register(
            "host_runner_token_refreshes",
            "Requests that refresh access tokens of OAuth logins",
            self.refreshes.clone(),
        );
        registry.register(
            "host_runner_login_calls",
            "Calls over OAuth logins, by the state of the login when they began",
            self.logins.clone(),
        );
        registry.register_with_unit(
            "host_runner_waited",
            "Time that requests waited for a concurrency or rate limit, or for a retry",
            Unit::Seconds,
            self.waited.clone(),
        );
        registry.register_with_unit(
            "host_runner_guest",
            "Time that components computed, and the host for them",
            Unit::Seconds,
            self.guest.clone(),
        );
    }

    /// Counts a request, by the status of its answer or by why there is none.
    pub(crate) fn request(&self, method: &Method, outcome: Result<u16, &str>, took: Duration) {
        let error_type = match outcome {
            Ok(..400) => None,
            Ok(status) => Some(status.to_string()),
            Err(why) => Some(why.to_owned()),
        };
        let labels = RequestLabels {
            http_request_method: method_label(method),
            http_response_status_code: outcome.ok(),
            error_type,
        };
        self.requests
            .get_or_create(&labels)
            .observe(took.as_secs_f64());
    }

    /// Counts an answer that repeated the credential.
    pub(crate) fn echo(&self) {
        self.echoes.inc();
    }

    /// Counts a request that refreshes an access token, by the kind of its error if it has one.
    pub(crate) fn refresh(&self, error: Option<&ErrorKind>) {
        let error_type = error.map(kind_label);
        self.refreshes
            .get_or_create(&RefreshLabels { error_type })
            .inc();
    }

    /// Counts a call over a login, by the state of the login.
    pub(crate) fn login(&self, state: &'static str) {
        self.logins.get_or_create(&LoginLabels { state }).inc();
    }

    /// Counts a call, by the kind of its error if it has one.
    pub(crate) fn call(&self, function: &str, error: Option<&ErrorKind>, receipt: &Receipt) {
        let labels = CallLabels {
            function: function.to_owned(),
            error_type: error.map(kind_label),
        };
        self.calls
            .get_or_create(&labels)
            .observe(receipt.total.as_secs_f64());
        self.memory.observe(receipt.peak_memory_bytes as f64);
        self.resent.inc_by(receipt.retries);
        self.received.inc_by(receipt.bytes_received);
        self.decoded.inc_by(receipt.bytes_decoded);
        self.points.inc_by(receipt.points);
        self.waited.inc_by(receipt.waited.as_secs_f64());
        self.guest.inc_by(receipt.guest.as_secs_f64());
    }

    /// All of it, as Prometheus reads it.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        // Writing into memory does not fail.
        let _ = text::encode(&mut text, &self.registry);
        text
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::Method;

    use super::Metrics;
    use crate::error_kind::ErrorKind;
    use crate::receipt::Receipt;

    #[test]
    fn requests_are_told_apart_by_method_by_status_and_by_what_went_wrong() {
        let metrics = Metrics::default();
        metrics.request(&Method::GET, Ok(200), Duration::from_millis(20));
        metrics.request(&Method::GET, Ok(200), Duration::from_millis(20));
        metrics.request(&Method::GET, Ok(429), Duration::from_millis(20));
        metrics.request(&Method::POST, Err("ConnectionRefused"), Duration::ZERO);
        let text = metrics.text();
        for line in [
            "# TYPE http_client_request_duration_seconds histogram",
            "http_client_request_duration_seconds_count{http_request_method=\"GET\",http_response_status_code=\"200\",error_type=\"\"} 2",
            "http_client_request_duration_seconds_count{http_request_method=\"GET\",http_response_status_code=\"429\",error_type=\"429\"} 1",
            "http_client_request_duration_seconds_count{http_request_method=\"POST\",http_response_status_code=\"\",error_type=\"ConnectionRefused\"} 1",
        ] {
            assert!(text.contains(line), "`{line}` is missing in\n{text}");
        }
    }

    #[test]
    fn a_component_cannot_make_series_without_end() {
        let metrics = Metrics::default();
        for number in 0..100 {
            let said = ErrorKind::from(format!("kind-{number}").as_str());
            metrics.call("list-pages", Some(&said), &Receipt::default());
        }
        let text = metrics.text();
        assert!(text.contains("error_type=\"other\"} 100"), "{text}");
        assert!(!text.contains("kind-7"), "{text}");
    }

    #[test]
    fn what_calls_cost_adds_up() {
        let metrics = Metrics::default();
        let receipt = Receipt {
            retries: 2,
            bytes_received: 100,
            waited: Duration::from_millis(1500),
            ..Receipt::default()
        };
        metrics.call("list-pages", None, &receipt);
        metrics.call("list-pages", Some(&ErrorKind::RateLimited), &receipt);
        let text = metrics.text();
        for line in [
            "host_runner_requests_resent_total 4",
            "host_runner_received_bytes_total 200",
            "host_runner_waited_seconds_total 3.0",
            "host_runner_call_duration_seconds_count{function=\"list-pages\",error_type=\"rate-limited\"} 1",
        ] {
            assert!(text.contains(line), "`{line}` is missing in\n{text}");
        }
    }
}
