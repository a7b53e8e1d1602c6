//! How many requests are under way at once over one connection, across all calls of this process.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wasmtime_wasi_http::Error;

use crate::connection::Lane;

/// Lanes kept at once. Each is some 100 bytes; at this number those that nobody uses are dropped.
const MOST_LANES: usize = 10_000;

/// The lanes of all connections. Connections that borrow share one.
#[derive(Default)]
pub(crate) struct Lanes(Mutex<HashMap<String, (u8, Arc<Semaphore>)>>);

impl Lanes {
    /// Waits until one more request may be under way. The place is given back when what this
    /// answers is dropped.
    pub(super) async fn enter(&self, lane: &Lane) -> Result<OwnedSemaphorePermit, Error> {
        let semaphore = {
            let mut lanes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if lanes.len() >= MOST_LANES {
                lanes.retain(|_, (_, semaphore)| Arc::strong_count(semaphore) > 1);
            }
            let fresh = || {
                let places = Semaphore::new(usize::from(lane.concurrency));
                (lane.concurrency, Arc::new(places))
            };
            let there = lanes.entry(lane.owner.clone()).or_insert_with(fresh);
            // The configuration has changed since.
            if there.0 != lane.concurrency {
                *there = fresh();
            }
            Arc::clone(&there.1)
        };
        semaphore
            .acquire_owned()
            .await
            .map_err(|_| Error::InternalError(None))
    }
}
