//! What the benchmarks share: a site that answers from memory, and the two ways to read it.
//!
//! The site is a process of its own (`benchmark-site`), so that neither way pays for it. It
//! answers the same bytes to both: [`Native`] is the connector compiled natively, over the HTTP
//! client that the host uses; [`Hosted`] is the component in the host.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark that cannot run has nothing to tell"
)]

mod body;
mod hosted;
mod native;
mod site;

pub use body::storage_body;
pub use hosted::Hosted;
pub use native::Native;
pub use site::{RunningSite, Site};

/// One thread, for the site and for each way to read it alike.
#[must_use]
pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime starts")
}
