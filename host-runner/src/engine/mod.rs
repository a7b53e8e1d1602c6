//! The engine: its settings, its clock, what a call may use, where components are compiled, and compiled
//! code kept for later.

mod compiled;
mod compiler;
mod limits;
mod settings;
mod ticker;

pub use compiler::{CompileError, Compiler, compile_if_asked};
pub use limits::Limits;
pub use settings::{InstanceMemory, MemoryLayout};

pub(crate) use compiled::{CompiledCode, Trust};
pub(crate) use compiler::{COMPILE_MIB, COMPILE_SECONDS, CompileLimits, takes_usual_code};
pub(crate) use limits::{
    CORE_INSTANCES_PER_COMPONENT, Denied, HEADER_BYTES, MEMORIES_PER_COMPONENT, MemoryLimiter,
    TABLES_PER_COMPONENT,
};
pub(crate) use settings::{
    GUEST_STACK_BYTES, MOST_CALLS_AT_ONCE, MOST_WARM, address_space_bytes, is_crowded, start,
};
pub(crate) use ticker::Ticker;
