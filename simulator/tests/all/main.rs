//! The simulated site, asked over HTTP. One program for all of them: each would link the server once more.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic fails the test"
)]

mod client;
mod cut_off;
mod downloads;
mod faults;
mod listing;
mod mutations;
mod oauth;
mod paging;
mod relations;
mod shapes;
mod strictness;
mod version_1;
