//! The Confluence connector as a component: WIT on one side, `wasi:http` as the transport on the
//! other, and nothing else. All knowledge of Confluence is in `confluence-connector`.
//!
//! It is compiled for WebAssembly only; natively it is empty, but for the tests of its allocator.

#[cfg(any(target_family = "wasm", test))]
mod allocator;
#[cfg(target_family = "wasm")]
mod arrival;
#[cfg(target_family = "wasm")]
mod bindings;
#[cfg(target_family = "wasm")]
mod confluence;
#[cfg(target_family = "wasm")]
mod error;
#[cfg(target_family = "wasm")]
mod heap;
#[cfg(target_family = "wasm")]
mod records;
#[cfg(target_family = "wasm")]
mod service;
#[cfg(target_family = "wasm")]
mod source;
#[cfg(target_family = "wasm")]
mod transport;

#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: allocator::Shelves<heap::Heap> = allocator::Shelves::above(heap::Heap::new());
