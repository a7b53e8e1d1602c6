//! Bytes that the host holds for a guest, which count as the guest's memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How many bytes are held for the guest of one call: of answers that it has not read yet, and of
/// look-ups that are not answered yet.
#[derive(Debug, Clone, Default)]
pub(crate) struct Held {
    of_call: Arc<AtomicU64>,
    /// The same of all calls of a host.
    of_host: Arc<AtomicU64>,
}

impl Held {
    /// Of a call of the host whose bytes are counted there.
    pub(crate) fn of(host: &Arc<AtomicU64>) -> Self {
        Self {
            of_call: Arc::default(),
            of_host: Arc::clone(host),
        }
    }

    /// A share of them, of no bytes yet.
    pub(in crate::outbound) fn share(&self) -> HeldBytes {
        HeldBytes {
            bytes: 0,
            held: self.clone(),
        }
    }
}

/// Bytes that count as held until they are let go, or this is dropped.
#[derive(Debug)]
pub(in crate::outbound) struct HeldBytes {
    bytes: u64,
    held: Held,
}

impl HeldBytes {
    pub(in crate::outbound) fn count(&self) -> u64 {
        self.bytes
    }

    /// Adds to them, and answers how many bytes the call holds then.
    pub(in crate::outbound) fn add(&mut self, bytes: u64) -> u64 {
        self.bytes += bytes;
        self.held.of_host.fetch_add(bytes, Ordering::SeqCst);
        self.held.of_call.fetch_add(bytes, Ordering::SeqCst) + bytes
    }

    pub(in crate::outbound) fn let_go(&mut self, bytes: u64) {
        self.bytes = self.bytes.saturating_sub(bytes);
        self.held.of_host.fetch_sub(bytes, Ordering::SeqCst);
        self.held.of_call.fetch_sub(bytes, Ordering::SeqCst);
    }
}

impl Drop for HeldBytes {
    fn drop(&mut self) {
        self.let_go(self.bytes);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::Held;

    #[test]
    fn what_is_let_go_or_dropped_counts_neither_for_the_call_nor_for_the_host() {
        let host = Arc::new(AtomicU64::new(0));
        let (one, other) = (Held::of(&host), Held::of(&host));
        let mut elsewhere = other.share();
        elsewhere.add(1_000);
        let mut share = one.share();
        assert_eq!(share.add(10), 10);
        share.let_go(4);
        let mut second = one.share();
        assert_eq!(second.add(1), 7);
        assert_eq!((share.count(), second.count()), (6, 1));
        assert_eq!(host.load(Ordering::SeqCst), 1_007);
        drop((share, second));
        assert_eq!(host.load(Ordering::SeqCst), 1_000);
        assert_eq!(one.share().add(2), 2);
    }
}
