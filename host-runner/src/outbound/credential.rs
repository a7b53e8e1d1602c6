//! The authorization, added after the policy has passed the request, for the connection's site and
//! nowhere else.

use http::header;
use wasmtime_wasi_http::Error;

use super::destination::Destination;

/// How this host names itself to Confluence.
pub(super) const USER_AGENT: &str = concat!("host-runner/", env!("CARGO_PKG_VERSION"));

/// Adds the credential that belongs to a request's destination, if one does.
pub(super) fn add<B>(
    mut request: http::Request<B>,
    destination: &Destination,
) -> Result<http::Request<B>, Error> {
    let headers = request.headers_mut();
    if let Some(authorization) = destination.authorization() {
        let value = authorization
            .header_value()
            .ok_or(Error::ConfigurationError)?;
        headers.insert(header::AUTHORIZATION, value);
    }
    headers.insert(
        header::USER_AGENT,
        header::HeaderValue::from_static(USER_AGENT),
    );
    Ok(request)
}
