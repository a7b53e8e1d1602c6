//! Streams: a site's content as rows of columns, read in bounded steps.
//!
//! The catalogue is data: each stream has a module with its name, documentation, columns, key,
//! parents, endpoint, passes, scopes and points. What reads them knows no stream.

mod catalogue;
mod description;
mod pages;
mod request;
mod state;
mod step;

pub use description::{ColumnDescription, StreamDescription, streams};
pub use request::{Budget, Parent, Pass, Projection, StepRequest};
pub use step::{Batch, Observed, Outcome, Progress};
