//! What lies under `wasi:http`: every request of a guest goes through these stages, in order.
//!
//! 1. [`policy`]: GET, below the connection's endpoint, and nothing else.
//! 2. [`credential`]: the authorization, added last and to that endpoint only.
//! 3. [`transport`]: a pooled connection.
//! 4. [`guard`]: size, time, and a look for the credential in the answer.
//!
//! Redirects are not followed: they are answers like any other, so that the credential never
//! travels to where one points.

mod body_error;
mod credential;
mod guard;
mod policy;
mod refusal;
mod transport;

use std::future::Future;
use std::sync::Arc;

use http::{HeaderName, header};
use http_body_util::BodyExt as _;
use wasmtime_wasi_http::{
    DEFAULT_FORBIDDEN_HEADERS, Error, ForbiddenHeaderFilter, RequestOptions, WasiBody,
    WasiHttpHooks,
};

use crate::connection::Connection;
use crate::engine::Limits;

pub(crate) use body_error::name_body_errors;
pub(crate) use refusal::{Refusal, RefusalSlot};
pub(crate) use transport::Transports;

/// The hooks of one call: one connection, one set of limits.
pub(crate) struct Outbound {
    /// `None` where nothing is configured: then every request is refused.
    pub(crate) connection: Option<Arc<Connection>>,
    pub(crate) transports: Arc<Transports>,
    pub(crate) limits: Limits,
    pub(crate) refusal: RefusalSlot,
}

type Sent = (
    http::Response<WasiBody>,
    Box<dyn Future<Output = Result<(), Error>> + Send>,
);

impl WasiHttpHooks for Outbound {
    fn forbidden_header_filter(&mut self) -> ForbiddenHeaderFilter {
        Arc::new(is_forbidden)
    }

    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        _options: Option<RequestOptions>,
        _processed: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<dyn Future<Output = Result<Sent, Error>> + Send> {
        let connection = self.connection.clone();
        let transports = Arc::clone(&self.transports);
        let limits = self.limits;
        let refusal = self.refusal.clone();
        Box::new(async move {
            let connection = policy::check(&request, connection, &refusal)?;
            let request = credential::add(request, &connection)?;
            let answer = transport::send(&transports, &connection, request, &limits).await?;
            let answer = guard::watch(answer, &connection.authorization, &limits, &refusal)?;
            let drained: Box<dyn Future<Output = Result<(), Error>> + Send> =
                Box::new(async { Ok(()) });
            Ok((answer.map(|body| body.boxed_unsync()), drained))
        })
    }
}

/// Headers that a guest may not set: those of the connection, and those that carry credentials.
fn is_forbidden(name: &HeaderName) -> bool {
    DEFAULT_FORBIDDEN_HEADERS.contains(name)
        || [
            header::AUTHORIZATION,
            header::COOKIE,
            header::PROXY_AUTHORIZATION,
        ]
        .contains(name)
}
