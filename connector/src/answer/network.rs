//! Requests that got no answer.

use super::Ask;
use crate::{Error, ErrorKind, TransportError, error::quoted};

/// The error for a request that got no whole answer.
pub(crate) fn unanswered(failure: TransportError, ask: &Ask) -> Error {
    let doing = ask.doing;
    let (kind, code, what, cause, detail, resolution) = match failure {
        TransportError::Settled(error) => return *error,
        TransportError::Unreachable { detail } => (
            ErrorKind::Unreachable,
            "unreachable",
            "the site did not accept the connection",
            "the address is wrong, a firewall or proxy blocks the connection, or the site is down",
            detail,
            "open the site's URL from the machine that runs the connector; then check proxy and firewall",
        ),
        TransportError::Unresolvable { detail } => (
            ErrorKind::Unresolvable,
            "unresolvable",
            "the site's name has no address",
            "the name is misspelt, or this machine has no DNS for it",
            detail,
            "check the site's name in the endpoint and the DNS of this machine",
        ),
        TransportError::TimedOut { detail } => (
            ErrorKind::TimedOut,
            "timed-out",
            "the site did not respond in time",
            "the site is slow, or the response is large, for example because of bodies",
            detail,
            "try again with a smaller limit or without bodies, or raise the host's timeout",
        ),
        TransportError::Insecure { detail } => (
            ErrorKind::Insecure,
            "insecure",
            "the connection to the site cannot be secured",
            "the certificate does not fit the name or is not trusted, often because a proxy opens TLS",
            detail,
            "check the name in the endpoint, and let this machine trust the proxy's certificate if there is one",
        ),
        TransportError::Denied { detail } => (
            ErrorKind::Denied,
            "denied",
            "the host does not allow the request",
            "its network policy forbids it",
            detail,
            "ask the host's operator to allow the site, or configure another endpoint",
        ),
        TransportError::Truncated { detail } => (
            ErrorKind::Truncated,
            "answer-cut",
            "the response ended before it was complete",
            "the site or something between closed the connection",
            detail,
            "try again; if it repeats, use a smaller limit",
        ),
        TransportError::TooLarge { detail } => (
            ErrorKind::TooLarge,
            "answer-too-large",
            "the response exceeds the host's size limit",
            "bodies are long or the limit is high",
            detail,
            "use a smaller limit or no bodies, or raise the host's limit",
        ),
        TransportError::Other { detail } => (
            ErrorKind::Unreachable,
            "request-failed",
            "the request failed",
            "the host's HTTP client gave up",
            detail,
            "try again; if it repeats, look into the host's log",
        ),
    };
    let cause = if detail.is_empty() {
        cause.to_owned()
    } else {
        format!("{cause}; the network error was `{}`", quoted(&detail, 300))
    };
    Error::new(
        kind,
        code,
        format!("cannot {doing}: {what}"),
        cause,
        resolution,
    )
}
