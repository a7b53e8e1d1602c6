//! The functions of the connector for Rust: typed, asynchronous, each in an instance of its own.
//!
//! [`Client`] is what [`Tenant::client`](crate::Tenant::client) answers. Records and enums are
//! generated from the WIT, whose documentation they carry.

mod bindings;
mod client;

pub use bindings::exports::confluence::connector::types::*;
pub use client::Client;

pub(crate) use bindings::{Connector, ConnectorIndices};
