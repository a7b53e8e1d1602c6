//! The Confluence connector as a component: WIT on one side, `wasi:http` as the transport on the
//! other, and nothing else. All knowledge of Confluence is in `confluence-connector`.
//!
//! It is compiled for WebAssembly only; natively it is empty.
#![cfg(target_family = "wasm")]

mod bindings;
mod confluence;
mod error;
mod records;
mod service;
mod transport;
