//! Writes rows to files and streams of bytes: NDJSON, CSV and Arrow IPC.
//!
//! A [`RowWriter`] takes batches of one schema, and writes each as it comes.

mod arrow_file;
mod csv;
mod formula;
mod json_text;
mod ndjson;
mod row_writer;

pub use arrow_file::{ArrowFile, ArrowStream};
pub use csv::Csv;
pub use formula::is_formula;
pub use ndjson::Ndjson;
pub use row_writer::RowWriter;
