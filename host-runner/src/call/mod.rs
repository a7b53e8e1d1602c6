//! A call: arguments in, one instance, an answer out.

mod answer;
mod arguments;
mod failure;
mod instance;
mod invocation;
mod json;
mod loaded;
mod state;
mod usage;
mod warm;

pub use answer::Answer;
pub use arguments::{ArgumentError, bind};
pub use failure::{CallError, ComponentError, SuppliedBy};
pub use usage::Usage;

pub use json::write as write_json;

pub(crate) use answer::{field, some};
pub(crate) use invocation::Invocation;
pub(crate) use loaded::LoadedComponent;
pub(crate) use state::CallState;
pub(crate) use usage::Census;
pub(crate) use warm::{Owner, SETTINGS, WarmInstances, WarmPolicy};
