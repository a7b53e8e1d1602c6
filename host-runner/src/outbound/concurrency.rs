//! How many requests are under way at once over one connection, across all calls of this process.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::connection::Lane;
use crate::seats::{AtOnce, Seat, Seats};
use host_levels::Scope;

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

#[cfg(test)]
mod tests {
    #![allow(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        reason = "a test fails by panicking"
    )]

    use std::future::Future as _;
    use std::pin::pin;
    use std::task::{Context, Waker};

    use super::Lanes;
    use crate::connection::Lane;
    use host_levels::Scope;

    #[tokio::test]
    async fn a_tenant_with_many_requests_keeps_no_other_from_the_site() {
        let lanes = Lanes::default();
        let lane = Lane {
            owner: "shared".to_owned(),
            concurrency: 1,
        };
        let tenant = |app: &str| Scope {
            app: app.parse().unwrap(),
            ..Scope::default()
        };
        let (greedy, modest) = (tenant("greedy"), tenant("modest"));
        let under_way = lanes.enter(&lane, &greedy).await;
        let mut waiting: Vec<_> = (0..100)
            .map(|_| Box::pin(lanes.enter(&lane, &greedy)))
            .collect();
        let mut context = Context::from_waker(Waker::noop());
        for one in &mut waiting {
            assert!(one.as_mut().poll(&mut context).is_pending());
        }
        let mut late = pin!(lanes.enter(&lane, &modest));
        assert!(late.as_mut().poll(&mut context).is_pending());
        drop(under_way);
        // It has been given no place at all. Polled, for a place that does not come is waited for
        // for ever.
        let place = late.as_mut().poll(&mut context);
        assert!(place.is_ready());
        assert!(waiting[0].as_mut().poll(&mut context).is_pending());
        drop(place);
        assert!(waiting[0].as_mut().poll(&mut context).is_ready());
    }
}
