//! Why a request was refused, kept for the host.
//!
//! `wasi:http` has one word for every refusal, `HTTP-request-denied`. The guest gets that word;
//! the person gets the reason.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use crate::connection::CredentialError;

/// Why the host refused a request or cut an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The request is neither a GET nor a look-up.
    Method { method: String },
    /// The request goes elsewhere than to the connection's endpoint or a host that is allowed.
    Elsewhere { host: String },
    /// The request goes to the endpoint's host, but not to Confluence's REST interface there.
    Path { path: String },
    /// The endpoint's host is inside a network, and not on the public internet.
    Address { host: String },
    /// The body of a look-up is too large.
    Body { most: usize },
    /// There is no connection.
    NoConnection,
    /// The source of the connection's credential has none.
    Credential { error: Box<CredentialError> },
    /// The answer holds the credential.
    Echo,
    /// The certificates that a level names cannot be had.
    Trust { path: PathBuf, reason: String },
    /// What to show the proxy cannot be had.
    ProxyAuthorization { path: PathBuf, reason: String },
    /// The proxy did not open a way to the site.
    Proxy { reason: String },
    /// The HTTP client that the program brings along has no answer.
    Client { said: String },
    /// TLS does not start.
    Tls { reason: String },
    /// The answer is in a coding that was not asked for.
    Coding { named: Option<&'static str> },
    /// The answer grows to too many times its size when it is decompressed.
    Ratio { most: u64 },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Method { method } => write!(
                f,
                "the component tried a `{method}`; only GET, and the look-ups that are a POST by design, leave this host"
            ),
            Self::Elsewhere { host } => {
                write!(
                    f,
                    "the component tried to reach `{host}`, which is not the connection's endpoint, and not in `network.allow-hosts` with that scheme, port and path"
                )
            }
            Self::Path { path } => write!(
                f,
                "the component tried the path `{path}`, which is not below `/api/v2/` or `/rest/api/` of the connection's endpoint, or which servers could read in more than one way"
            ),
            Self::Address { host } => write!(
                f,
                "`{host}` is a private address; connections can use public addresses only"
            ),
            Self::Body { most } => write!(
                f,
                "the component sent a lookup of more than {} KiB, the maximum",
                most >> 10
            ),
            Self::NoConnection => {
                f.write_str("the component tried a request although no connection is configured")
            }
            Self::Credential { error } => error.fmt(f),
            Self::Echo => f.write_str(
                "the response repeats the credential, and was cut before it reached the component",
            ),
            Self::Trust { path, reason } => write!(
                f,
                "the certificates in `{}`, which `network.ca-file` names, cannot be used: {reason}",
                path.display()
            ),
            Self::ProxyAuthorization { path, reason } => write!(
                f,
                "the file `{}`, which `network.proxy-authorization-file` names, cannot be used: {reason}",
                path.display()
            ),
            Self::Proxy { reason } => write!(
                f,
                "the proxy that `network.proxy` names opened no way to the site: {reason}"
            ),
            Self::Client { said } => f.write_str(said),
            Self::Tls { reason } => write!(f, "TLS cannot start on this host: {reason}"),
            Self::Coding { named: Some(named) } => write!(
                f,
                "the response is compressed as `{named}`, which was not requested and is not supported"
            ),
            Self::Coding { named: None } => f.write_str(
                "the response is compressed in a way that was not requested and is not supported",
            ),
            Self::Ratio { most } => write!(
                f,
                "the response exceeds {most} times its compressed size when decompressed; it was cut"
            ),
        }
    }
}

/// Where the first refusal of a call is kept.
#[derive(Debug, Clone, Default)]
pub(crate) struct RefusalSlot(Arc<Mutex<Option<Refusal>>>);

impl RefusalSlot {
    pub(crate) fn keep(&self, refusal: Refusal) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get_or_insert(refusal);
    }

    pub(crate) fn take(&self) -> Option<Refusal> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
