//! Writes a sync into a SQLite database: a table for each stream, and `_sync_*` tables with what is
//! known of the rows.
//!
//! Rows, keys and states are committed in one transaction. A file beside the database, which is empty,
//! is locked while a run writes.

mod change_log;
mod commit;
mod failure;
mod failures;
mod history;
mod instant;
mod read_only;
mod reads;
mod refused;
mod resets;
mod row;
mod schema;
mod scope;
mod sink;
mod sketch;
mod store;
mod stored;
mod tables;
mod tombstone;

pub use resets::forget_passes;
pub use sink::{RunLock, Sqlite};
pub use store::{Deleted, RowSource, RowStore, StoreError};
