//! A call: arguments in, one fresh instance, an answer out.

mod answer;
mod arguments;
mod failure;
mod invocation;
mod json;

pub use answer::Answer;
pub use arguments::{ArgumentError, bind};
pub use failure::{CallError, ComponentError, SuppliedBy};

pub use json::write as write_json;

pub(crate) use answer::{field, some};
pub(crate) use invocation::{CallState, Invocation};
