//! Tests of the connector against sites that a test scripts.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod ahead;
mod arguments;
mod connection;
mod contract;
mod decoding;
mod fields;
mod getters;
mod locations;
mod memory;
mod mentions;
mod paging;
mod people;
mod poison;
mod properties;
mod readers;
mod simulated;
mod site;
mod statuses;
mod stream_changes;
mod streams;
mod surroundings;
mod truths;
