//! Rows as columns, in Arrow's memory layout.
//!
//! Rows go from the JSON reader straight into buffers, one for each column; which field goes into
//! which column is a table ([`Field`]), so that all streams share one compiled sink.

mod buffer;
mod digest;
mod field;
mod meter;
mod sink;

pub use buffer::Column;
pub use field::ColumnType;
pub(crate) use field::{Field, Kind};
pub(crate) use meter::Meter;
pub use sink::ReadParent;
pub(crate) use sink::{Columns, Complete, Nested, Shape, Wanted};
