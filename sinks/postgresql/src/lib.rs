//! Writes a sync into a PostgreSQL database: a table for each stream, and `_sync_*` tables with what
//! is known of the rows, all in one schema.
//!
//! Rows, keys and states are committed in one transaction. New rows go by binary `COPY` into a
//! temporary table, and are merged from there. An advisory lock is held while a run writes.

mod address;
mod change_log;
mod commit;
mod copy;
mod error;
mod failures;
mod filtered;
mod history;
mod instant;
mod json;
mod password;
mod reads;
mod schema;
mod scope;
mod session;
mod sink;
mod sketch;
mod stored;
mod tls;
mod tombstone;

pub use address::{Address, AddressError};
pub use sink::Postgresql;
