//! The one place where engine settings are made, so that code compiled by one process loads in
//! the next.

use wasmtime::Config;

/// Stack of a call, in bytes, guest and host frames together. Decoding JSON takes about 60 KiB;
/// wasmtime's default of 2 MiB is kept as the ceiling of what a hostile guest can make resident.
const ASYNC_STACK_BYTES: usize = 2 * 1024 * 1024;

/// Of that, what the guest may use, in bytes.
const GUEST_STACK_BYTES: usize = 1024 * 1024;

/// Settings of every engine that this crate makes.
pub(crate) fn settings() -> Config {
    let mut config = Config::new();
    config
        .wasm_component_model(true)
        .epoch_interruption(true)
        .async_stack_size(ASYNC_STACK_BYTES)
        .max_wasm_stack(GUEST_STACK_BYTES)
        .memory_init_cow(true);
    config
}
