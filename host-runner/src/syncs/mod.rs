//! What this host knows of the syncs that levels define: which are paused, how their last runs ended,
//! and when they are due.
//!
//! It is host state, and not in the levels' files: those are reviewed and mounted read-only, and a host
//! that fails to log in must be able to pause a sync. Each sync has a file below `syncs/` of the state
//! folder, and a lock that is held during a run.

mod record;
mod settings;
mod store;

pub use record::{LastRun, Pause, PauseReason, SyncRecord, SyncState};
pub(crate) use settings::SETTINGS;

pub use settings::DUCKDB_LIBRARY;
pub use store::{SyncId, SyncLock, SyncRecords};
