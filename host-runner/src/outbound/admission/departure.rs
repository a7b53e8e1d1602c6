//! When a request leaves.
//!
//! A guest may send a request and go on computing before it reads the answer, as the connector does
//! where it knows the next page while it decodes one. Where one thread runs guests and network, as
//! in a runtime for one thread or under load, the request would leave only once the guest waits.

use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, Resource};
use wasmtime_wasi_http::WasiHttpView;
use wasmtime_wasi_http::p2::bindings::http::outgoing_handler::Host as _;
use wasmtime_wasi_http::p2::bindings::http::types::{Host as _, RequestOptions};
use wasmtime_wasi_http::p2::types::HostOutgoingRequest;

/// The interface, under the version that wasmtime's own function has.
const INTERFACE: &str = "wasi:http/outgoing-handler@0.2.12";

/// Puts a function in front of wasmtime's that lets the tasks of the request run once before the
/// guest goes on.
pub(crate) fn depart_at_once<T: WasiHttpView + Send + 'static>(
    linker: &mut Linker<T>,
) -> wasmtime::Result<()> {
    type Arguments = (
        Resource<HostOutgoingRequest>,
        Option<Resource<RequestOptions>>,
    );
    linker.allow_shadowing(true);
    linker.instance(INTERFACE)?.func_wrap_async(
        "handle",
        |mut store: StoreContextMut<'_, T>, (request, options): Arguments| {
            Box::new(async move {
                let mut http = store.data_mut().http();
                let sent = match http.handle(request, options) {
                    Ok(sent) => Ok(sent),
                    Err(error) => Err(http.convert_error_code(error)?),
                };
                tokio::task::yield_now().await;
                Ok((sent,))
            })
        },
    )?;
    linker.allow_shadowing(false);
    Ok(())
}
