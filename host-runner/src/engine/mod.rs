//! The engine: its settings, its clock, what a call may use, and compiled code kept for later.

mod compiled;
mod limits;
mod settings;
mod ticker;

pub use settings::InstanceMemory;

/// The platform that this library was compiled for, and the version of its engine: such as
/// `x86_64-unknown-linux-gnu, wasmtime 48.0.8`.
pub const ENGINE_BUILD: &str = concat!(
    env!("HOST_RUNNER_TARGET"),
    ", wasmtime ",
    env!("HOST_RUNNER_ENGINE")
);

pub(crate) use compiled::{COMPILED_CODE_PURPOSE, CompiledCode};
pub(crate) use limits::{Denied, MEMORIES_PER_COMPONENT, MemoryLimiter, TABLES_PER_COMPONENT};
pub(crate) use settings::{GUEST_STACK_BYTES, MOST_CALLS_AT_ONCE, MOST_WARM, is_crowded, start};
pub(crate) use ticker::Ticker;
