//! How many requests one call sends: `limits.requests`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use tokio::sync::Notify;

/// The requests of one call that have left, and whether there was to be one too many.
#[derive(Debug, Clone, Default)]
pub(crate) struct RequestCount(Arc<Counted>);

#[derive(Debug, Default)]
struct Counted {
    left: AtomicU32,
    is_exceeded: AtomicBool,
    exceeded: Notify,
}

impl RequestCount {
    /// Counts a request that is about to leave, if it may.
    pub(super) fn leave(&self, limit: u32) -> bool {
        let one_more = |left: u32| (left < limit).then(|| left + 1);
        let left = &self.0.left;
        let may_leave = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_more);
        if may_leave.is_err() {
            self.0.is_exceeded.store(true, Ordering::SeqCst);
            self.0.exceeded.notify_waiters();
        }
        may_leave.is_ok()
    }

    /// Whether a request was refused for the limit.
    pub(crate) fn is_exceeded(&self) -> bool {
        self.0.is_exceeded.load(Ordering::SeqCst)
    }

    /// Ends when a request is refused for the limit.
    pub(crate) async fn exceeded(&self) {
        let exceeded = self.0.exceeded.notified();
        tokio::pin!(exceeded);
        // From here on nothing is missed.
        exceeded.as_mut().enable();
        if !self.is_exceeded() {
            exceeded.await;
        }
    }
}
