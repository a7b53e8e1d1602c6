//! What one call may use.

use std::time::Duration;

use wasmtime::ResourceLimiter;

/// Most linear memories of one component. The connector has one; one that is composed of several
/// has one for each.
pub(crate) const MEMORIES_PER_COMPONENT: u32 = 16;

/// Most tables of one component. The connector has one, and two that `wit-component` adds.
pub(crate) const TABLES_PER_COMPONENT: u32 = 32;

/// Most core instances of one component. The connector has five; one that carries a language's
/// interpreter some tens.
pub(crate) const CORE_INSTANCES_PER_COMPONENT: u32 = 256;

/// Most bytes of names and values that the headers of one request may have. The connector sends
/// one header.
pub(crate) const HEADER_BYTES: usize = 16 * 1024;

/// What one call may use. Every limit ends the call with an error of its own; none is a hint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Linear memory of the instance, all its memories together, in bytes. Default 256 MiB:
    /// a full answer of [`Limits::answer_bytes`] is held once as text and once as records. More
    /// than 4 GiB is of no use: that is the address space of one memory.
    pub memory_bytes: usize,
    /// Elements of all tables together. Default 20 000; the connector has about 300.
    pub table_elements: usize,
    /// Resources that the guest may hold open at once: requests, answers, streams. Default 256;
    /// the connector holds six.
    pub handles: usize,
    /// The whole call, waiting for the network included. Default 60 s: forty pages of 250 rows
    /// at a second each, and some.
    pub call: Duration,
    /// Resolving the site's name, and again connecting to it. Default 10 s. TLS counts towards
    /// [`Limits::first_byte`].
    pub connect: Duration,
    /// From a request to the head of its answer. Default 30 s, which is what Confluence itself
    /// gives a slow query.
    pub first_byte: Duration,
    /// Between two pieces of an answer. Default 15 s.
    pub between_bytes: Duration,
    /// One answer of the site, in bytes. Default 64 MiB: 250 pages with bodies of 256 KiB each.
    pub answer_bytes: u64,
    /// Requests that the call may send, retries included. Default 10 000: a call of the connector
    /// sends a few hundred at most.
    pub requests: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory_bytes: 256 << 20,
            table_elements: 20_000,
            handles: 256,
            call: Duration::from_secs(60),
            connect: Duration::from_secs(10),
            first_byte: Duration::from_secs(30),
            between_bytes: Duration::from_secs(15),
            answer_bytes: 64 << 20,
            requests: 10_000,
        }
    }
}

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
