//! What ends a call whatever its guest does: too many requests, or too many answers that repeat the
//! credential.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::sync::SetOnce;

/// Maximum number of answers of one call that are cut, the last of which ends the call. A component
/// that guesses learns one bit from each: that this answer had the complete credential. Two allow for
/// a page that is requested again.
pub(crate) const MAX_CUT: u32 = 3;

/// Why the host ends a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EndReason {
    /// [`MAX_CUT`] answers repeated the credential.
    Echoes,
    /// The guest was about to send more requests than `limits.requests`.
    Requests,
}

/// What is counted of one call, and whether that has ended it.
#[derive(Debug, Clone, Default)]
pub(crate) struct CallEnd(Arc<Counted>);

#[derive(Debug, Default)]
struct Counted {
    requests: AtomicU32,
    echoes: AtomicU32,
    /// The first reason stays.
    reason: SetOnce<EndReason>,
}

impl CallEnd {
    /// Counts a request that is about to leave. Returns whether it may.
    pub(in crate::outbound) fn request_leaves(&self, limit: u32) -> bool {
        let one_more = |left: u32| (left < limit).then(|| left + 1);
        let requests = &self.0.requests;
        let may_leave = requests.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_more);
        if may_leave.is_err() {
            let _ = self.0.reason.set(EndReason::Requests);
        }
        may_leave.is_ok()
    }

    /// Counts an answer that was cut. Returns whether the call goes on.
    pub(in crate::outbound) fn answer_is_cut(&self) -> bool {
        let cut = self.0.echoes.fetch_add(1, Ordering::SeqCst) + 1;
        if cut >= MAX_CUT {
            let _ = self.0.reason.set(EndReason::Echoes);
        }
        cut < MAX_CUT
    }

    /// Waits until the call must end.
    pub(crate) async fn decided(&self) -> EndReason {
        *self.0.reason.wait().await
    }

    /// Why the call must end, if it must.
    pub(crate) fn reason(&self) -> Option<EndReason> {
        self.0.reason.get().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::{CallEnd, EndReason, MAX_CUT};

    #[tokio::test]
    async fn a_request_beyond_the_limit_ends_the_call() {
        let end = CallEnd::default();
        assert!(end.request_leaves(2) && end.request_leaves(2));
        assert_eq!(end.reason(), None);
        assert!(!end.request_leaves(2));
        assert_eq!(end.reason(), Some(EndReason::Requests));
        assert_eq!(end.decided().await, EndReason::Requests);
    }

    #[tokio::test]
    async fn the_first_reason_stays() {
        let end = CallEnd::default();
        for _ in 1..MAX_CUT {
            assert!(end.answer_is_cut());
        }
        assert_eq!(end.reason(), None);
        assert!(!end.answer_is_cut());
        assert!(!end.request_leaves(0));
        assert_eq!(end.decided().await, EndReason::Echoes);
    }
}
