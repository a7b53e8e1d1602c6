//! The types that `wit/` has, as Rust: generated, so that they cannot differ from it.
//!
//! Types alone: what is generated for functions looks all of an interface up for each instance, and
//! compares their types, which takes longer than an instance takes to make.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::all,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "generated"
)]

wasmtime::component::bindgen!({
    inline: "
        package host:typed;

        world connector {
            export confluence:connector/types@0.3.0;
            export confluence:connector/source@0.3.0;
        }
    ",
    path: "../wit",
    exports: { default: async },
});
