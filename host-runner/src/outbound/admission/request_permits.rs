//! Permits for requests in flight over one connection, across all calls of this process.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::connection::ConcurrencyLimit;
use crate::permits::{AtOnce, Permit, Permits};
use host_levels::Scope;

/// Maximum number of connections whose permits are kept. Each takes some 100 bytes; at this number
/// those that are not in use are dropped.
const MAX_CONNECTIONS: usize = 10_000;

/// The permits of all connections. Connections that borrow share those of another one.
///
/// A permit goes to the waiting tenant that has the fewest: one that leaves hundreds of requests open
/// keeps no other from the site.
#[derive(Default)]
pub(crate) struct RequestPermits(Mutex<HashMap<String, Permits>>);

impl RequestPermits {
    /// Waits for a permit for one more request. It is released when it is dropped.
    pub(in crate::outbound) async fn enter(
        &self,
        concurrency_limit: &ConcurrencyLimit,
        tenant: &Scope,
    ) -> Permit {
        let permits = {
            let mut request_permits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if request_permits.len() >= MAX_CONNECTIONS {
                request_permits.retain(|_, permits| permits.count() != (0, 0));
            }
            request_permits
                .entry(concurrency_limit.owner.clone())
                .or_default()
                .clone()
        };
        let most = usize::from(concurrency_limit.concurrency);
        let at_once = AtOnce {
            all: most,
            app: most,
        };
        permits.wait(tenant, at_once).await
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

    use super::RequestPermits;
    use crate::connection::ConcurrencyLimit;
    use host_levels::Scope;

    #[tokio::test]
    async fn a_tenant_with_many_requests_keeps_no_other_from_the_site() {
        let request_permits = RequestPermits::default();
        let concurrency_limit = ConcurrencyLimit {
            owner: "shared".to_owned(),
            concurrency: 1,
        };
        let tenant = |app: &str| Scope {
            app: app.parse().unwrap(),
            ..Scope::default()
        };
        let (greedy, modest) = (tenant("greedy"), tenant("modest"));
        let under_way = request_permits.enter(&concurrency_limit, &greedy).await;
        let mut waiting: Vec<_> = (0..100)
            .map(|_| Box::pin(request_permits.enter(&concurrency_limit, &greedy)))
            .collect();
        let mut context = Context::from_waker(Waker::noop());
        for one in &mut waiting {
            assert!(one.as_mut().poll(&mut context).is_pending());
        }
        let mut late = pin!(request_permits.enter(&concurrency_limit, &modest));
        assert!(late.as_mut().poll(&mut context).is_pending());
        drop(under_way);
        // It has been given no permit at all. Polled, for a permit that does not come is waited for
        // for ever.
        let permit = late.as_mut().poll(&mut context);
        assert!(permit.is_ready());
        assert!(waiting[0].as_mut().poll(&mut context).is_pending());
        drop(permit);
        assert!(waiting[0].as_mut().poll(&mut context).is_ready());
    }
}
