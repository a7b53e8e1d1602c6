//! What the calls of a host hold at this moment.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// What the calls of a host hold at this moment, for metrics and for tests that look for leaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Usage {
    /// Calls that run.
    pub running: usize,
    /// Calls that wait for one that runs to end.
    pub waiting: usize,
    /// Instances that there are: of calls that run, and warm ones.
    pub instances: usize,
    /// Of them, those that wait for the next call of their tenant.
    pub warm: usize,
    /// Linear memories of the pool that instances have; `None` where memory is mapped on demand.
    pub pooled_memories: Option<usize>,
    /// Stacks of the pool that instances have; `None` as for memories.
    pub pooled_stacks: Option<usize>,
    /// Bytes of answers that have arrived, and that components have not read yet, and of look-ups
    /// that components have sent, and that are not answered yet.
    pub unread_bytes: u64,
}

/// Counts instances, and what is held for them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Census {
    instances: Arc<AtomicUsize>,
    unread_bytes: Arc<AtomicU64>,
}

impl Census {
    /// Counts an instance until what this answers is dropped.
    pub(crate) fn count(&self) -> Counted {
        self.instances.fetch_add(1, Ordering::SeqCst);
        Counted(Arc::clone(&self.instances))
    }

    pub(crate) fn instances(&self) -> usize {
        self.instances.load(Ordering::SeqCst)
    }

    /// Where the bytes are counted that have arrived for all instances.
    pub(crate) fn unread_bytes(&self) -> &Arc<AtomicU64> {
        &self.unread_bytes
    }
}

/// An instance that is counted.
#[derive(Debug)]
pub(crate) struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
