//! What the benchmarks share: a site that answers from memory, and the ways to read it.
//!
//! The site is a process of its own (`benchmark-site`), so that none of them pays for it. It
//! answers the same bytes to all: [`Native`] is the connector compiled natively, over the HTTP
//! client that the host uses; [`Hosted`] is the component in the host; [`Bare`] is the HTTP client
//! alone.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark that cannot run has nothing to tell"
)]

mod bare;
mod body;
mod hosted;
mod native;
mod running_site;
mod seen;
mod site;
mod wire;

pub use bare::Bare;
pub use body::storage_body;
pub use hosted::Hosted;
pub use native::Native;
pub use running_site::RunningSite;
pub use seen::{Counters, Seen};
pub use site::Site;
pub use wire::{AUTHORITY, Wire};

/// What the site is shown.
const AUTHORIZATION: &str = "Basic bWVAZXhhbXBsZS5jb206dG9rZW4=";

/// One thread, for the site and for each way to read it alike.
#[must_use]
pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime starts")
}

/// Runs all of them at once, a task each, and adds up what they answer.
async fn at_once<T>(tasks: impl Iterator<Item = T>) -> usize
where
    T: Future<Output = usize> + Send + 'static,
{
    let tasks: tokio::task::JoinSet<usize> = tasks.collect();
    tasks.join_all().await.into_iter().sum()
}
