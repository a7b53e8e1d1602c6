//! Names for the errors that end a body.
//!
//! A body that ends early gives its reader a `wasi:io` error, and `http-error-code` is how the
//! reader learns what it was. In wasmtime 48.0.8 that function answers nothing for the errors of
//! outgoing requests: it looks for the WIT's type, and the body carries the host's. Without this
//! replacement an answer that was too large, too slow or cut by us would look like any connection
//! that broke.

use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, Resource};
use wasmtime_wasi_http::Error;
use wasmtime_wasi_http::p2::bindings::http::types::ErrorCode;
use wasmtime_wasi_io::IoView;

/// The interface, under the version that wasmtime's own functions have.
const INTERFACE: &str = "wasi:http/types@0.2.12";

/// Puts our `http-error-code` in place of wasmtime's.
pub(crate) fn name_body_errors<T: IoView + 'static>(
    linker: &mut Linker<T>,
) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    linker.instance(INTERFACE)?.func_wrap(
        "http-error-code",
        |mut store: StoreContextMut<'_, T>, (error,): (Resource<wasmtime::Error>,)| {
            let error = store.data_mut().table().get(&error)?;
            let named = match error.downcast_ref::<Error>() {
                Some(error) => name(error),
                None => error.downcast_ref::<ErrorCode>().cloned(),
            };
            Ok((named,))
        },
    )?;
    linker.allow_shadowing(false);
    Ok(())
}

/// The WIT's word for each error that [`crate::outbound::answer::guard`] ends a body with.
fn name(error: &Error) -> Option<ErrorCode> {
    match error {
        Error::HttpResponseBodySize(limit) => Some(ErrorCode::HttpResponseBodySize(*limit)),
        Error::ConnectionReadTimeout => Some(ErrorCode::ConnectionReadTimeout),
        Error::HttpResponseIncomplete => Some(ErrorCode::HttpResponseIncomplete),
        Error::HttpRequestDenied => Some(ErrorCode::HttpRequestDenied),
        _ => None,
    }
}
