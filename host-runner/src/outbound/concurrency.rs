//! How many requests are under way at once over one connection, across all calls of this process.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::connection::Lane;
use crate::level::Scope;
use crate::seats::{AtOnce, Seat, Seats};

/// Lanes kept at once. Each is some 100 bytes; at this number those that nobody uses are dropped.
const MOST_LANES: usize = 10_000;

/// The lanes of all connections. Connections that borrow share one.
///
/// A place goes to the waiting tenant that has the fewest: one that leaves hundreds of requests open
/// keeps nobody else from the site.
#[derive(Default)]
pub(crate) struct Lanes(Mutex<HashMap<String, Seats>>);

impl Lanes {
    /// Waits until one more request may be under way. The place is given back when what this
    /// answers is dropped.
    pub(super) async fn enter(&self, lane: &Lane, tenant: &Scope) -> Seat {
        let places = {
            let mut lanes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if lanes.len() >= MOST_LANES {
                lanes.retain(|_, places| places.count() != (0, 0));
            }
            lanes.entry(lane.owner.clone()).or_default().clone()
        };
        let most = usize::from(lane.concurrency);
        let at_once = AtOnce {
            all: most,
            app: most,
        };
        places.wait(tenant, at_once).await
    }
}
