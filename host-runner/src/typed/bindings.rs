//! What `wit/` has, as Rust: generated, so that it cannot differ from it.

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
            export confluence:connector/types@0.1.0;
            export confluence:connector/confluence-service@0.1.0;
            export confluence:connector/confluence@0.1.0;
        }
    ",
    path: "../wit",
    exports: { default: async },
});
