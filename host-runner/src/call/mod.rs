//! A call: arguments in, one instance, an answer out.

mod answer;
mod arguments;
mod failure;
mod foreign_text;
mod instance;
mod invocation;
mod json;
mod json_writer;
mod loaded;
mod state;
mod turns;
mod usage;
mod warm;

pub use answer::Answer;
pub use arguments::{ArgumentError, bind};
pub use failure::{CallError, ComponentError, PaginationLoop, SuppliedBy};
pub use json_writer::write_json;
pub use usage::Usage;

pub(crate) use answer::{field, some};
pub(crate) use foreign_text::{MAX_MESSAGE_BYTES, MAX_WORD_BYTES, cut, cut_display};
pub(crate) use invocation::Invocation;
pub(crate) use loaded::LoadedComponent;
pub(crate) use state::CallState;
pub(crate) use turns::Turns;
pub(crate) use usage::Census;
pub(crate) use warm::{Owner, SETTINGS, WarmInstances, WarmPolicy};
