//! Tests that every sink of a sync passes, a site in memory that they copy, a PostgreSQL server, a server
//! that speaks S3, and where the DuckDB library is.
//!
//! [`sink_tests!`] makes the tests for a [`SiteCopy`].

#![allow(
    async_fn_in_trait,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test fails by panicking, and has one user"
)]

pub mod belonging;
pub mod comments;
pub mod duckdb;
pub mod files;
pub mod filters;
pub mod generations;
pub mod lanes;
pub mod log;
pub mod naming;
pub mod runs;
pub mod server;
pub mod site;
pub mod strict_store;
pub mod wiki;
pub mod words;

pub use log::ChangeLog;
pub use runs::SiteCopy;
pub use server::Server;
