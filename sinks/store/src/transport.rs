//! What sends requests to a store.

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;

/// An answer that is on its way.
pub type TransportFuture<'a> =
    Pin<Box<dyn Future<Output = Result<http::Response<Bytes>, TransportError>> + Send + 'a>>;

/// Sends requests to a store.
///
/// It must not follow redirects, send a request twice, or log headers: they contain credentials. It should
/// refuse every origin that is not in [`Access::origins`](crate::Access::origins), and does not have to:
/// none is requested.
pub trait Transport: Debug + Send + Sync + 'static {
    /// Sends a request and takes in the complete answer.
    fn send(&self, request: http::Request<Bytes>) -> TransportFuture<'_>;
}

/// Why there is no answer. The reasons are shown to people: they never contain a header.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// The request is not sent. It is not made again.
    #[error("the request is not sent: {reason}")]
    Refused {
        /// Why.
        reason: String,
    },
    /// No connection comes about.
    #[error("the store cannot be reached: {reason}")]
    Unreachable {
        /// What the network said.
        reason: String,
    },
    /// The answer took too long.
    #[error("the store did not answer in time")]
    TimedOut,
    /// The connection broke before the answer was complete.
    #[error("the connection broke: {reason}")]
    Broken {
        /// What broke.
        reason: String,
    },
}
