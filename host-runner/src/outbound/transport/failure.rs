//! What went wrong on the network, in the words of `wasi:http`.

use std::error::Error as _;
use std::io;

use wasmtime_wasi_http::Error;

use super::dial::ProxyFailed;
use super::resolver::{OutOfReach, Unresolved};
use crate::tls::tls_error;

/// Finds the cause that a person can act upon in a chain of errors.
pub(super) fn classify(error: &hyper_util::client::legacy::Error) -> Error {
    let mut cause = error.source();
    while let Some(error) = cause {
        if error.downcast_ref::<OutOfReach>().is_some() {
            return Error::DestinationIpProhibited;
        }
        if let Some(error) = error.downcast_ref::<Unresolved>() {
            return Error::DnsError {
                rcode: Some(error.0.to_string()),
                info_code: None,
            };
        }
        if let Some(error) = tls_error(error) {
            return classify_tls(error);
        }
        if let Some(error) = error.downcast_ref::<io::Error>() {
            match error.kind() {
                io::ErrorKind::ConnectionRefused => return Error::ConnectionRefused,
                io::ErrorKind::TimedOut => return Error::ConnectionTimeout,
                io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
                    return Error::DestinationUnavailable;
                }
                io::ErrorKind::ConnectionReset
                | io::ErrorKind::ConnectionAborted
                | io::ErrorKind::BrokenPipe
                | io::ErrorKind::UnexpectedEof => return Error::ConnectionTerminated,
                _ => {}
            }
        }
        if let Some(error) = error.downcast_ref::<hyper::Error>() {
            if error.is_incomplete_message() {
                return Error::ConnectionTerminated;
            }
            // A ping was not answered: [`super::pool::KeepAlive`].
            if error.is_timeout() {
                return Error::ConnectionReadTimeout;
            }
            if error.is_parse_too_large() {
                return Error::HttpResponseHeaderSectionSize(None);
            }
        }
        cause = error.source();
    }
    if error.is_connect() {
        Error::DestinationUnavailable
    } else {
        Error::HttpProtocolError
    }
}

/// What a proxy said that did not open a way.
pub(super) fn proxy(error: &hyper_util::client::legacy::Error) -> Option<&str> {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(failed) = error.downcast_ref::<ProxyFailed>() {
            return Some(&failed.reason);
        }
        cause = error.source();
    }
    None
}

fn classify_tls(error: &rustls::Error) -> Error {
    match error {
        rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented => {
            Error::TlsCertificateError
        }
        _ => Error::TlsProtocolError,
    }
}
