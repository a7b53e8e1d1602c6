//! What is made from the WIT.

#![allow(
    clippy::all,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub,
    unsafe_code,
    reason = "generated; the WIT has the documentation, and the canonical ABI is unsafe by nature"
)]

wit_bindgen::generate!({
    world: "connector",
    path: "../wit",
    generate_all,
});

use crate::service::Connector;

export!(Connector);
