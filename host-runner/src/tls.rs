//! What TLS said, in errors of the libraries above it.

use std::error::Error;
use std::io;

/// The TLS error that an error is, or wraps directly. The connector wraps it twice in an
/// [`io::Error`], whose `source` skips what it wraps.
pub(crate) fn tls_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    if let Some(tls) = error.downcast_ref::<rustls::Error>() {
        return Some(tls);
    }
    tls_error(error.downcast_ref::<io::Error>()?.get_ref()?)
}
