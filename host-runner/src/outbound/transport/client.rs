//! An HTTP client that a program brings along, in place of the host's own pools.

use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt as _;
use wasmtime_wasi_http::Error;

use crate::outbound::refusal::Refusal;
use crate::outbound::rules::address::AddressScope;

/// An answer of an [`HttpClient`] that is on its way.
pub type HttpFuture<'a> =
    Pin<Box<dyn Future<Output = Result<http::Response<HttpBody>, HttpClientError>> + Send + 'a>>;

/// An HTTP client that a program brings along, in place of the host's own pools:
/// [`HostRunnerBuilder::http_client`](crate::HostRunnerBuilder::http_client) takes it.
///
/// It is the last stage under a component's requests. What comes before stays in front of it, and
/// what comes after stays behind it: it is given requests that the policy has passed, at their
/// turn, with the credential if they go to the connection's site, and its answers are measured,
/// searched for the credential, decompressed, cut and, where that may help, asked for again, as
/// those of the host's own pools. Requests to hosts of `network.allow-hosts`, downloads and the
/// look at a site's clock have no credential. All are GETs without a body, but for look-ups that
/// Confluence has as a POST alone, and requests to the token endpoint of the authorization server, whose
/// bodies hold secrets.
///
/// # What becomes the client's
///
/// - **Addresses.** The host checks addresses that stand in a URL. What a name resolves to is the
///   client's to check, before it dials, with [`AddressScope::allows`]: a name that leads into the network
///   of the host makes a tenant's connection a way to what listens there.
/// - **TLS**: certificates, versions, roots. `network.ca-file` is not in force.
/// - **Proxies.** `network.proxy` and `network.proxy-authorization-file` are not in force.
/// - **Connecting**: its time (`limits.connect-seconds` is not in force, while the time up to the
///   first byte, which contains it, is), pools, HTTP/2. One client serves all tenants: a connection
///   that is authenticated by anything but the request's headers must not serve two.
///
/// # What it must not do
///
/// Follow redirects, which most clients do unless they are told not to: the credential would go
/// where a site points. Nor keep cookies, answer from a cache, make requests again, or write
/// headers into a log. A client that decompresses takes `content-encoding` and `content-length` out
/// of the answer's headers.
///
/// A future that is dropped ends its request. A request that nobody waits for any more, since its
/// call has ended or has given it up, is polled on until it has an answer, and dropped 30 s after it
/// was sent at the latest: the site is most likely working on it, and its permit is not free before.
pub trait HttpClient: Send + Sync {
    /// Sends a request, and answers as soon as the head of the answer is there.
    ///
    /// The URL is absolute. `reach` is what may be dialled for it.
    ///
    /// # Errors
    ///
    /// [`HttpClientError`] decides whether the request is retried.
    fn send(&self, request: http::Request<Bytes>, reach: AddressScope) -> HttpFuture<'_>;
}

/// Why an [`HttpClient`] has no answer. The reasons are shown to people: they never hold a header.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HttpClientError {
    /// The name has no address. The request is not made again: it is most often mistyped. A resolver
    /// that cannot be reached is [`HttpClientError::Unreachable`].
    #[error("the name does not resolve: {reason}")]
    Unresolved {
        /// What the resolver said.
        reason: String,
    },
    /// [`AddressScope::allows`] none of the addresses of the name. The request is not made again.
    #[error("the name resolves to addresses that must not be dialled")]
    OutOfReach,
    /// No connection comes about. The request is made again.
    #[error("the site cannot be reached: {reason}")]
    Unreachable {
        /// What the network said.
        reason: String,
    },
    /// It took too long to connect. The request is made again.
    #[error("the connection took too long")]
    TimedOut,
    /// The site cannot be trusted, or does not speak TLS. The request is not made again.
    #[error("the connection cannot be trusted: {reason}")]
    Untrusted {
        /// What TLS said.
        reason: String,
    },
    /// The connection broke, or spoke no HTTP, before the head of the answer was whole. The request
    /// is made again.
    #[error("the connection broke: {reason}")]
    Broken {
        /// What broke.
        reason: String,
    },
    /// The client does not send it. The request is not made again.
    #[error("the HTTP client of this program does not send the request: {reason}")]
    Refused {
        /// Why.
        reason: String,
    },
}

impl HttpClientError {
    /// The word of `wasi:http`, by which is decided whether the request is retried, and what to
    /// tell a person beside it.
    pub(super) fn into_parts(self) -> (Error, Refusal) {
        let refusal = Refusal::Client {
            said: self.to_string(),
        };
        let error = match self {
            Self::Unresolved { .. } => Error::DnsError {
                rcode: None,
                info_code: None,
            },
            Self::OutOfReach => Error::DestinationIpProhibited,
            Self::Unreachable { .. } => Error::DestinationUnavailable,
            Self::TimedOut => Error::ConnectionTimeout,
            Self::Untrusted { .. } => Error::TlsCertificateError,
            Self::Broken { .. } => Error::ConnectionTerminated,
            Self::Refused { .. } => Error::HttpRequestDenied,
        };
        (error, refusal)
    }
}

/// The body of an answer, as it comes.
///
/// An error ends it, and says that it broke off: the request is retried. A length that is known
/// stands in its size hint: by it an answer that is too long is refused before it is read, and a
/// download is known to be whole.
pub struct HttpBody(Pin<Box<dyn Body<Data = Bytes, Error = BodyError> + Send>>);

type BodyError = Box<dyn StdError + Send + Sync>;

impl HttpBody {
    /// A body of any kind.
    pub fn new<B>(body: B) -> Self
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BodyError>,
    {
        Self(Box::pin(body.map_err(Into::into)))
    }
}

impl fmt::Debug for HttpBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("HttpBody").field(&self.size_hint()).finish()
    }
}

impl Body for HttpBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        self.0.as_mut().poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::HttpClientError;
    use crate::outbound::retry::Failure;

    #[test]
    fn what_a_client_says_decides_whether_a_request_is_made_again() {
        let reason = || "sesame".to_owned();
        for (error, passes) in [
            (HttpClientError::Unresolved { reason: reason() }, false),
            (HttpClientError::OutOfReach, false),
            (HttpClientError::Unreachable { reason: reason() }, true),
            (HttpClientError::TimedOut, true),
            (HttpClientError::Untrusted { reason: reason() }, false),
            (HttpClientError::Broken { reason: reason() }, true),
            (HttpClientError::Refused { reason: reason() }, false),
        ] {
            let (word, _) = error.clone().into_parts();
            assert_eq!(Failure::Network(&word).passes(), passes, "{error}");
        }
    }
}
