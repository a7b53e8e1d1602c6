//! How many requests are under way at once over one connection, across all calls of this process.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
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

/// A body that keeps its place in the lane until it is dropped.
pub(super) struct InLane<B> {
    body: B,
    _place: OwnedSemaphorePermit,
}

impl<B> InLane<B> {
    pub(super) fn new(body: B, place: OwnedSemaphorePermit) -> Self {
        Self {
            body,
            _place: place,
        }
    }
}

impl<B: Body<Data = Bytes, Error = Error> + Unpin> Body for InLane<B> {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
