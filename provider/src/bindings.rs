//! What is made from the WIT.

#![allow(
    clippy::all,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub,
    unsafe_code,
    reason = "generated; the WIT has the documentation, and the canonical ABI is unsafe by nature"
)]

#[cfg(feature = "environment")]
wit_bindgen::generate!({
    world: "confluence:provider/environment",
    path: ["../wit", "wit"],
    generate_all,
});

#[cfg(all(feature = "config-store", not(feature = "environment")))]
wit_bindgen::generate!({
    world: "confluence:provider/config-store",
    path: ["../wit", "wit"],
    generate_all,
});

use crate::Provider;

export!(Provider);
