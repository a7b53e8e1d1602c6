//! The one place where engine settings are made, so that code compiled by one process loads in
//! the next.

use wasmtime::{Config, Enabled, Engine, PoolingAllocationConfig};

use super::limits::{CORE_INSTANCES_PER_COMPONENT, MEMORIES_PER_COMPONENT, TABLES_PER_COMPONENT};

/// Stack of a call, in bytes, guest and host frames together. Decoding JSON takes about 60 KiB;
/// wasmtime's default of 2 MiB is kept as the ceiling of what a hostile guest can make resident.
const ASYNC_STACK_BYTES: usize = 2 * 1024 * 1024;

/// Of that, what the guest may use, in bytes.
pub(crate) const GUEST_STACK_BYTES: usize = 1024 * 1024;

/// Memories, and stacks, of all instances of a host together. Each memory takes 4 GiB of address
/// space, whatever it holds, so that every `limits.memory-mib` fits: 4 TiB of the 128 that a
/// process has on usual machines. With one memory each, that is the most calls at once
/// ([`MAX_CALLS_AT_ONCE`]) and the most warm instances ([`MAX_WARM`]), and a quarter to spare.
const POOLED_MEMORIES: u32 = 1024;

/// Tables of all instances together. Each reserves 80 MB of address space.
const POOLED_TABLES: u32 = 2048;

/// Memories, and tables, that the format lets one module have.
const MAX_PER_MODULE: u32 = 100;

/// Most elements of one table: the most that `limits.table-elements` may be.
const TABLE_ELEMENTS: usize = 10_000_000;

/// Most calls that may run at once, whatever the configuration says.
pub(crate) const MAX_CALLS_AT_ONCE: u32 = 512;

/// Most instances that are kept for later calls, of all tenants together.
pub(crate) const MAX_WARM: usize = 256;

/// What the engine keeps of one instance beside its memories, in bytes: tables of functions,
/// globals and types. The connector's is some KiB; components that carry a language's interpreter
/// pass wasmtime's default of 1 MiB.
const INSTANCE_BYTES: usize = 16 * 1024 * 1024;

/// Slots that were used and are free, whose pages are kept for the next instance of the same
/// component: so many calls at once need no new mappings.
const WARM_SLOTS: u32 = 16;

/// Of such a slot, the bytes of linear memory that are cleared and kept, where the rest is given
/// back: all that a call of the connector touches which lists 1 000 rows with bodies of 8 KB. The
/// kernel takes longer to map that anew than to tell which pages were written; without it, such a
/// list takes a third more. Each slot that was ever used keeps so much.
pub(crate) const KEPT_MEMORY_BYTES: usize = 16 * 1024 * 1024;

/// The same where the kernel cannot tell which pages were written, so that all are cleared: what a
/// call that lists 25 rows touches.
const CLEARED_MEMORY_BYTES: usize = 256 * 1024;

/// The same of a table: the connector's has 300 elements of 8 bytes.
const KEPT_TABLE_BYTES: usize = 4 * 1024;

/// The same of a stack.
const KEPT_STACK_BYTES: usize = 32 * 1024;

/// Where the memory of instances comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum InstanceMemory {
    /// From address space that is reserved when the host starts: an instance is a slot of it, and
    /// what one has left is cleared before the next. For hosts that call again and again. Where
    /// the address space cannot be reserved, as under `ulimit -v`, it is [`Self::OnDemand`].
    #[default]
    Pooled,
    /// Mapped for each instance, and unmapped after it. For programs that call once.
    OnDemand,
}

/// How much address space a memory of an instance reserves.
///
/// Compiled code depends on it: what was compiled for one layout is not loaded for the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum MemoryLayout {
    /// 4 GiB for each memory, whatever it holds: accesses need no check, since none leads out of
    /// what is reserved.
    Reserved,
    /// 64 MiB at first. Each access is checked, which takes about a third more time of what the
    /// component computes, and a memory that grows beyond is moved. For processes whose address
    /// space is limited, as by `ulimit -v`.
    Compact,
}

/// Address space below which memories are [`MemoryLayout::Compact`], in bytes: what the pool of
/// [`POOLED_MEMORIES`] reserves. With less, so many calls at once would be refused their memories
/// one after the other, and every finite `ulimit -v` that people set is far below.
const UNLIMITED_ADDRESS_BYTES: u64 = POOLED_MEMORIES as u64 * (4 << 30);

/// What a memory of [`MemoryLayout::Compact`] reserves at first, in bytes, and again each time that
/// it grows beyond. The connector uses less than 64 MiB but for the largest answers; while it is
/// moved, a memory of `limits.memory-mib`, 256 by default, takes 576 MiB of address space.
const COMPACT_BYTES: u64 = 64 << 20;

/// Guard behind a memory of [`MemoryLayout::Compact`], in bytes: the largest page of common
/// machines.
const COMPACT_GUARD_BYTES: u64 = 64 << 10;

impl MemoryLayout {
    /// The one that suits the limits of this process.
    pub(crate) fn of_process() -> Self {
        match address_space_bytes() {
            Some(limit) if limit < UNLIMITED_ADDRESS_BYTES => Self::Compact,
            _ => Self::Reserved,
        }
    }

    /// The word for it on the command line of the process that compiles.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Reserved => "reserved",
            Self::Compact => "compact",
        }
    }

    pub(super) fn from_word(word: &str) -> Option<Self> {
        [Self::Reserved, Self::Compact]
            .into_iter()
            .find(|layout| layout.word() == word)
    }
}

/// The limit of this process's address space, in bytes, if it has one.
#[cfg(unix)]
pub(crate) fn address_space_bytes() -> Option<u64> {
    rustix::process::getrlimit(rustix::process::Resource::As).current
}

/// The limit of this process's address space, in bytes, if it has one.
#[cfg(not(unix))]
pub(crate) fn address_space_bytes() -> Option<u64> {
    None
}

/// Settings of every engine that this crate makes. Where instances have their memory from does
/// not change what code is compiled: what one kind of engine compiled, the other loads.
pub(crate) fn settings(layout: MemoryLayout) -> Config {
    let mut config = Config::new();
    config
        .wasm_component_model(true)
        .epoch_interruption(true)
        .async_stack_size(ASYNC_STACK_BYTES)
        .max_wasm_stack(GUEST_STACK_BYTES)
        // A stack serves one tenant after the other.
        .async_stack_zeroing(true)
        .memory_init_cow(true)
        // Offsets into the WebAssembly file say nothing to people; the names of functions, which
        // do, are kept without. A third of the code's file, all of which is read and checked.
        .generate_address_map(false)
        // For the system's debuggers only; Windows wants it.
        .native_unwind_info(cfg!(windows));
    if layout == MemoryLayout::Compact {
        config
            .memory_reservation(COMPACT_BYTES)
            .memory_reservation_for_growth(COMPACT_BYTES)
            .memory_guard_size(COMPACT_GUARD_BYTES)
            .guard_before_linear_memory(false);
    }
    config
}

/// A pool whose slots keep so many bytes of linear memory.
fn pool(kept: usize) -> PoolingAllocationConfig {
    let kept = if PoolingAllocationConfig::is_pagemap_scan_available() {
        kept
    } else {
        kept.min(CLEARED_MEMORY_BYTES)
    };
    let mut pool = PoolingAllocationConfig::new();
    pool.total_memories(POOLED_MEMORIES)
        .total_stacks(POOLED_MEMORIES)
        .total_component_instances(POOLED_MEMORIES)
        .total_core_instances(POOLED_MEMORIES * CORE_INSTANCES_PER_COMPONENT)
        .total_tables(POOLED_TABLES)
        .table_elements(TABLE_ELEMENTS)
        // How many a component may have is checked when it is loaded, pool or no pool.
        .max_memories_per_module(MAX_PER_MODULE)
        .max_memories_per_component(POOLED_MEMORIES)
        .max_tables_per_module(MAX_PER_MODULE)
        .max_tables_per_component(POOLED_TABLES)
        .max_core_instances_per_component(CORE_INSTANCES_PER_COMPONENT)
        .max_core_instance_size(INSTANCE_BYTES)
        .max_component_instance_size(INSTANCE_BYTES)
        .max_unused_warm_slots(WARM_SLOTS)
        .linear_memory_keep_resident(kept)
        .table_keep_resident(KEPT_TABLE_BYTES)
        .async_stack_keep_resident(KEPT_STACK_BYTES)
        // Only pages that were written are cleared, where the kernel (Linux 6.7) tells them.
        .pagemap_scan(Enabled::Auto);
    pool
}

/// Starts an engine, and says where its instances have their memory from. Slots of a pool keep `kept`
/// bytes of linear memory for the next instance.
///
/// Whether the address space can be reserved is found out by reserving it: a probe of another size
/// would be wrong on a machine where just that much is left.
pub(crate) fn start(
    wanted: InstanceMemory,
    layout: MemoryLayout,
    kept: usize,
    tune: impl FnOnce(&mut Config),
) -> wasmtime::Result<(Engine, InstanceMemory)> {
    // The pool reserves more than a limited address space has.
    let wanted = match layout {
        MemoryLayout::Reserved => wanted,
        MemoryLayout::Compact => InstanceMemory::OnDemand,
    };
    let mut config = settings(layout);
    if wanted == InstanceMemory::Pooled {
        config.allocation_strategy(pool(kept));
    }
    tune(&mut config);
    let engine = match Engine::new(&config) {
        Ok(engine) => engine,
        Err(error) if wanted == InstanceMemory::Pooled => {
            tracing::info!(
                %error,
                "the address space of instances cannot be reserved; it is mapped on demand"
            );
            config.allocation_strategy(wasmtime::InstanceAllocationStrategy::OnDemand);
            Engine::new(&config)?
        }
        Err(error) => return Err(error),
    };
    let memory = match engine.pooling_allocator_metrics() {
        Some(_) => InstanceMemory::Pooled,
        None => InstanceMemory::OnDemand,
    };
    Ok((engine, memory))
}

/// Whether the pool could lack room for one more instance.
pub(crate) fn is_crowded(engine: &Engine) -> bool {
    engine.pooling_allocator_metrics().is_some_and(|pool| {
        pool.memories() + MEMORIES_PER_COMPONENT as usize > POOLED_MEMORIES as usize
            || pool.tables() + TABLES_PER_COMPONENT as usize > POOLED_TABLES as usize
            || pool.stacks() >= POOLED_MEMORIES as usize
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use wasmtime::Config;

    use super::{InstanceMemory, KEPT_MEMORY_BYTES, MemoryLayout};

    #[test]
    fn an_engine_that_cannot_reserve_maps_on_demand() {
        // More than any address space has.
        let start = |wanted, layout| super::start(wanted, layout, KEPT_MEMORY_BYTES, |_| ());
        let reserve_too_much = |config: &mut Config| {
            let mut pool = super::pool(KEPT_MEMORY_BYTES);
            pool.total_memories(u32::MAX);
            config.allocation_strategy(pool);
        };
        let (_, memory) = super::start(
            InstanceMemory::Pooled,
            MemoryLayout::Reserved,
            KEPT_MEMORY_BYTES,
            reserve_too_much,
        )
        .unwrap();
        assert_eq!(memory, InstanceMemory::OnDemand);
        for wanted in [InstanceMemory::Pooled, InstanceMemory::OnDemand] {
            let (_, memory) = start(wanted, MemoryLayout::Reserved).unwrap();
            assert_eq!(memory, wanted);
            let (_, memory) = start(wanted, MemoryLayout::Compact).unwrap();
            assert_eq!(memory, InstanceMemory::OnDemand);
        }
    }
}
