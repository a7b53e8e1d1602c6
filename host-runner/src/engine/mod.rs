//! The engine: its settings, its clock, what a call may use, and compiled code kept for later.

mod compiled;
mod limits;
mod settings;
mod ticker;

pub use limits::Limits;

pub(crate) use compiled::CompiledCode;
pub(crate) use limits::MemoryLimiter;
pub(crate) use settings::settings;
pub(crate) use ticker::Ticker;
