//! What one call may use.

use std::time::Duration;

use host_levels::{Bound, Effective, Kind, Precedence, Setting, Value};

/// Most bytes of names and values that the headers of one request may have. The connector sends
/// one header.
pub(crate) const HEADER_BYTES: usize = 16 * 1024;

/// What one call may use. Every limit ends the call with an error of its own; none is a hint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Linear memory of the instance, all its memories together, in bytes. Default 256 MiB:
    /// a full answer of [`Limits::answer_bytes`] is held once as text and once as records. More
    /// than 4 GiB is of no use: that is the address space of one memory.
    pub memory_bytes: usize,
    /// Elements of all tables together. Default 20 000; the connector has about 300.
    pub table_elements: usize,
    /// Resources that the guest may hold open at once: requests, answers, streams. Default 256;
    /// the connector holds six.
    pub handles: usize,
    /// The whole call, waiting for the network included. Default 60 s: forty pages of 250 rows
    /// at a second each, and some.
    pub call: Duration,
    /// Resolving the site's name, and again connecting to it. Default 10 s. TLS counts towards
    /// [`Limits::first_byte`].
    pub connect: Duration,
    /// From a request to the head of its answer. Default 30 s, which is what Confluence itself
    /// gives a slow query.
    pub first_byte: Duration,
    /// Between two pieces of an answer. Default 15 s.
    pub between_bytes: Duration,
    /// One answer of the site, in bytes. Default 64 MiB: 250 pages with bodies of 256 KiB each.
    pub answer_bytes: u64,
    /// Requests that the call may send, retries included. Default 10 000: a call of the connector
    /// sends a few hundred at most.
    pub requests: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory_bytes: 256 << 20,
            table_elements: 20_000,
            handles: 256,
            call: Duration::from_secs(60),
            connect: Duration::from_secs(10),
            first_byte: Duration::from_secs(30),
            between_bytes: Duration::from_secs(15),
            answer_bytes: 64 << 20,
            requests: 10_000,
        }
    }
}

/// The settings of what one call may use.
pub(crate) const SETTINGS: &[Setting] = &[
    Setting {
        key: "limits.call-seconds",
        kind: Kind::Seconds,
        precedence: Precedence::Restricts(Bound::Maximum),
        documentation: "Maximum duration of a call in seconds, including network waits. 60 is enough for forty pages of 250 rows at one second each.",
        default: || Some(Value::Seconds(60.0)),
    },
    Setting {
        key: "limits.connect-seconds",
        kind: Kind::Seconds,
        precedence: Precedence::Restricts(Bound::Maximum),
        documentation: "Maximum duration of a DNS lookup, and again of connecting, in seconds. TLS counts towards `limits.first-byte-seconds`.",
        default: || Some(Value::Seconds(10.0)),
    },
    Setting {
        key: "limits.first-byte-seconds",
        kind: Kind::Seconds,
        precedence: Precedence::Restricts(Bound::Maximum),
        documentation: "Maximum time between a request and the response headers, in seconds. Confluence itself ends slow queries after 30.",
        default: || Some(Value::Seconds(30.0)),
    },
    Setting {
        key: "limits.between-bytes-seconds",
        kind: Kind::Seconds,
        precedence: Precedence::Restricts(Bound::Maximum),
        documentation: "Maximum time between two pieces of a response, in seconds.",
        default: || Some(Value::Seconds(15.0)),
    },
    Setting {
        key: "limits.memory-mib",
        kind: Kind::Number {
            least: 1,
            most: 4096,
        },
        precedence: Precedence::Restricts(Bound::Maximum),
        documentation: "Maximum memory of the component in one call, in MiB, and again maximum memory of the values of its result on the host.",
        default: || Some(Value::Number(256)),
    },
    Setting {
        key: "limits.answer-mib",
        kind: Kind::Number {
            least: 1,
            most: 1024,
        },
        precedence: Precedence::Restricts(Bound::Maximum),
        documentation: "Maximum size of one response, in MiB. 64 is enough for 250 pages with bodies of 256 KiB each.",
        default: || Some(Value::Number(64)),
    },
    Setting {
        key: "limits.handles",
        kind: Kind::Number {
            least: 8,
            most: 65_536,
        },
        precedence: Precedence::Restricts(Bound::Maximum),
        documentation: "Maximum number of requests, responses and streams that a component can hold open. The connector holds six.",
        default: || Some(Value::Number(256)),
    },
    Setting {
        key: "limits.table-elements",
        kind: Kind::Number {
            least: 1,
            most: 10_000_000,
        },
        precedence: Precedence::Restricts(Bound::Maximum),
        documentation: "Maximum number of elements in all tables of a component. The connector has about 300.",
        default: || Some(Value::Number(20_000)),
    },
    Setting {
        key: "limits.requests",
        kind: Kind::Number {
            least: 1,
            most: 1_000_000,
        },
        precedence: Precedence::Restricts(Bound::Maximum),
        documentation: "Maximum number of requests that one call may send, retries included. A call of the connector sends at most a few hundred.",
        default: || Some(Value::Number(10_000)),
    },
];

impl Limits {
    /// The limits in force.
    #[must_use]
    pub fn in_force(effective: &Effective) -> Self {
        let seconds = |key: &str| effective.seconds(key).unwrap_or_default();
        Self {
            memory_bytes: effective.size("limits.memory-mib") << 20,
            table_elements: effective.size("limits.table-elements"),
            handles: effective.size("limits.handles"),
            call: seconds("limits.call-seconds"),
            connect: seconds("limits.connect-seconds"),
            first_byte: seconds("limits.first-byte-seconds"),
            between_bytes: seconds("limits.between-bytes-seconds"),
            answer_bytes: (effective.size("limits.answer-mib") as u64) << 20,
            requests: u32::try_from(effective.size("limits.requests")).unwrap_or(u32::MAX),
        }
    }
}
