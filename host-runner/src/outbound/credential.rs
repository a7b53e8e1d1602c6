//! The authorization, added after the policy has passed the request and nowhere else.

use http::header;
use wasmtime_wasi_http::Error;

use crate::connection::Connection;

/// How this host names itself to Confluence.
pub(super) const USER_AGENT: &str = concat!("host-runner/", env!("CARGO_PKG_VERSION"));

/// Adds the credential of `connection` to a request that [`super::policy`] passed for it.
pub(super) fn add<B>(
    mut request: http::Request<B>,
    connection: &Connection,
) -> Result<http::Request<B>, Error> {
    let authorization = connection
        .authorization
        .header_value()
        .ok_or(Error::ConfigurationError)?;
    let headers = request.headers_mut();
    headers.insert(header::AUTHORIZATION, authorization);
    headers.insert(
        header::USER_AGENT,
        header::HeaderValue::from_static(USER_AGENT),
    );
    Ok(request)
}
