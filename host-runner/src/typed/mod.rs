//! The functions of the connector for Rust: typed, asynchronous, each in an instance of its own.
//!
//! [`Client`] is what [`Tenant::client`](crate::Tenant::client) answers. Records and enums are
//! generated from the WIT, whose documentation they carry.

mod bindings;
mod client;
mod files;
mod streams;

pub use bindings::exports::confluence::connector::types::*;
pub use client::Client;

impl Default for ListOptions {
    /// No option: what the function does without any.
    fn default() -> Self {
        Self {
            body_format: None,
            status: Vec::new(),
            sort: None,
            space_ids: Vec::new(),
            name_prefix: None,
            mention_names: false,
            raw: false,
            more: Vec::new(),
        }
    }
}

impl Default for GetOptions {
    /// No option: what the function does without any.
    fn default() -> Self {
        Self {
            body_format: None,
            status: Vec::new(),
            version: None,
            mention_names: false,
            raw: false,
        }
    }
}
