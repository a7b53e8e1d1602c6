//! The engine: its settings, its clock, what a call may use, where components are compiled, and compiled
//! code kept for later.

mod compiled;
mod compiler;
mod limits;
mod settings;
mod ticker;

pub use compiler::{CompileError, Compiler, compile_if_asked};
pub use settings::{InstanceMemory, MemoryLayout};

/// The platform that this library was compiled for, and the version of its engine: such as
/// `x86_64-unknown-linux-gnu, wasmtime 48.0.8`.
pub const ENGINE_BUILD: &str = concat!(
    env!("HOST_RUNNER_TARGET"),
    ", wasmtime ",
    env!("HOST_RUNNER_ENGINE")
);

pub(crate) use compiled::{COMPILED_CODE_PURPOSE, CompiledCode, Trust};
pub(crate) use compiler::{CompileLimits, SETTINGS, takes_usual_code};
pub(crate) use limits::{
    CORE_INSTANCES_PER_COMPONENT, Denied, MEMORIES_PER_COMPONENT, MemoryLimiter,
    TABLES_PER_COMPONENT,
};
pub(crate) use settings::{
    GUEST_STACK_BYTES, KEPT_MEMORY_BYTES, MAX_CALLS_AT_ONCE, MAX_WARM, address_space_bytes,
    is_crowded, start,
};
pub(crate) use ticker::Ticker;
