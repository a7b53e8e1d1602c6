//! Writes a sync into a DuckDB file: a table for each stream, and `_sync_*` tables with what is known of
//! the rows.
//!
//! DuckDB is a library of the machine, which is loaded while the program runs and reached through ADBC:
//! nothing of it is compiled or distributed with this crate.
//!
//! Rows, keys and states are committed in one transaction. The rows of a batch are the parameters of one
//! statement: lists, a list for each column. DuckDB opens a file for one process alone while it writes.

mod change_log;
mod commit;
mod error;
mod failures;
mod filtered;
mod history;
mod library;
mod open;
mod parameters;
mod reads;
mod rows;
mod schema;
mod scope;
mod session;
mod sink;
mod sketch;
mod stored;
mod tombstone;

pub use library::{Library, LibraryError, MIN_VERSION};
pub use sink::Duckdb;
