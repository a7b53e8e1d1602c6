//! What one instance may use of memories and tables, and what enforces that.

use wasmtime::ResourceLimiter;

use crate::limits::Limits;

/// Most linear memories of one component. The connector has one; one that is composed of several
/// has one for each.
pub(crate) const MEMORIES_PER_COMPONENT: u32 = 16;

/// Most tables of one component. The connector has one, and two that `wit-component` adds.
pub(crate) const TABLES_PER_COMPONENT: u32 = 32;

/// Most core instances of one component. The connector has five; one that carries a language's
/// interpreter some tens.
pub(crate) const CORE_INSTANCES_PER_COMPONENT: u32 = 256;

/// What a guest was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Denied {
    /// More linear memory.
    Memory,
    /// More elements of tables.
    Tables,
}

/// Enforces [`Limits::memory_bytes`] and [`Limits::table_elements`], and remembers what was
/// refused.
#[derive(Debug)]
pub(crate) struct MemoryLimiter {
    memory_bytes: usize,
    table_elements: usize,
    used_bytes: usize,
    used_elements: usize,
    denied: Option<Denied>,
}

impl MemoryLimiter {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            memory_bytes: limits.memory_bytes,
            table_elements: limits.table_elements,
            used_bytes: 0,
            used_elements: 0,
            denied: None,
        }
    }

    /// What the guest was refused last. A guest in Rust aborts on that, and the trap alone would
    /// not say why.
    pub(crate) fn denied(&self) -> Option<Denied> {
        self.denied
    }

    /// Linear memory of the instance, in bytes. It never shrinks.
    pub(crate) fn used_bytes(&self) -> usize {
        self.used_bytes
    }

    /// Forgets what was refused, for the next call of the same instance. What is used stays so.
    pub(crate) fn forgive(&mut self) {
        self.denied = None;
    }
}

/// Adds the growth from `current` to `desired` to `used`, unless that passes `limit`.
fn grow(used: &mut usize, limit: usize, current: usize, desired: usize) -> bool {
    let grown = used.saturating_add(desired.saturating_sub(current));
    if grown > limit {
        return false;
    }
    *used = grown;
    true
}

impl ResourceLimiter for MemoryLimiter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let allowed = grow(&mut self.used_bytes, self.memory_bytes, current, desired);
        if !allowed {
            self.denied = Some(Denied::Memory);
        }
        Ok(allowed)
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let allowed = grow(
            &mut self.used_elements,
            self.table_elements,
            current,
            desired,
        );
        if !allowed {
            self.denied = Some(Denied::Tables);
        }
        Ok(allowed)
    }

    fn instances(&self) -> usize {
        CORE_INSTANCES_PER_COMPONENT as usize
    }

    fn tables(&self) -> usize {
        TABLES_PER_COMPONENT as usize
    }

    fn memories(&self) -> usize {
        MEMORIES_PER_COMPONENT as usize
    }
}
