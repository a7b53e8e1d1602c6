//! How much a guest may say of a request before it sends it.
//!
//! wasmtime keeps what a guest sets until the request is sent or dropped, and bounds the path and
//! the headers, but neither the authority nor the method: with 255 requests open, a guest with
//! 256 MiB of memory could have the host hold 64 GiB of letters.

use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, Resource};
use wasmtime_wasi_http::WasiHttpView;
use wasmtime_wasi_http::p2::bindings::http::types::{HostOutgoingRequest as _, Method};
use wasmtime_wasi_http::p2::types::HostOutgoingRequest;

/// The interface, under the version that wasmtime's own functions have.
const INTERFACE: &str = "wasi:http/types@0.2.12";

/// Longest authority, in bytes: a name of the DNS has 253, an address less, a port 6.
const AUTHORITY_BYTES: usize = 260;

/// Longest method, in bytes. None but GET and POST is ever sent.
const METHOD_BYTES: usize = 32;

/// Puts functions that refuse what is too long in front of wasmtime's.
pub(crate) fn bound_request_heads<T: WasiHttpView + 'static>(
    linker: &mut Linker<T>,
) -> wasmtime::Result<()> {
    type Request = Resource<HostOutgoingRequest>;
    linker.allow_shadowing(true);
    let mut types = linker.instance(INTERFACE)?;
    types.func_wrap(
        "[method]outgoing-request.set-authority",
        |mut store: StoreContextMut<'_, T>, (request, authority): (Request, Option<String>)| {
            if authority
                .as_ref()
                .is_some_and(|text| text.len() > AUTHORITY_BYTES)
            {
                return Ok((Err(()),));
            }
            Ok((store.data_mut().http().set_authority(request, authority)?,))
        },
    )?;
    types.func_wrap(
        "[method]outgoing-request.set-method",
        |mut store: StoreContextMut<'_, T>, (request, method): (Request, Method)| {
            if matches!(&method, Method::Other(text) if text.len() > METHOD_BYTES) {
                return Ok((Err(()),));
            }
            Ok((store.data_mut().http().set_method(request, method)?,))
        },
    )?;
    linker.allow_shadowing(false);
    Ok(())
}
