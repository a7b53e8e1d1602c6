//! Reads the streams of a source, and keeps copies of them current.
//!
//! [`sync()`] makes one run from a source into a [`Sink`], which keeps the rows together with what is
//! known of them, so that the next run reads what has changed. [`plan()`] says what that run would read
//! and cost, and [`reset()`] has it read streams anew.
//!
//! [`Reading`] reads one stream once, from the beginning to the end, and keeps nothing: several steps
//! at a time, by space where the stream can be read so, and over the rows of its parents where it
//! needs them.
//!
//! This crate knows no site, no component and no socket; what it reads is behind [`source::Source`].

mod admission;
mod arrivals;
mod change;
mod children;
mod clock;
mod derivation;
mod files;
mod filter;
mod folders;
mod history;
mod lanes;
mod lease;
mod leased_sink;
mod naming;
mod outcome;
mod owners;
mod path_fault;
mod read;
pub mod reason;
mod run;
mod running;
mod sink;
mod sink_functions;
mod spaces;
mod split;
mod stored;

pub use admission::{Admission, Admitted};
pub use arrivals::{Arrival, Arrivals, ChangedRow, Decided};
pub use change::{Change, Known, Seen, SeenRows};
pub use children::Children;
pub use clock::Millis;
pub use derivation::{
    Derivation, Derived, DerivedRow, DerivedValue, Input, InputReading, Stored, View,
};
pub use files::{FileName, FileStore, Files};
pub use filter::{AnchorDate, Archived, ByteSize, FilterError, Filters, Media, Moment, Selection};
pub use history::{Hold, PastRun, RowFailure, StreamStatus};
pub use lease::{Coordinator, HeldLease, Lease, LeaseError, Owner};
pub use leased_sink::LeasedSink;
pub use naming::{AddedColumn, AddedValue, Naming, NamingConflict, NamingError};
pub use outcome::RunOutcome;
pub use path_fault::PathFault;
pub use read::{ReadError, ReadProgress, ReadRequest, Reading};
pub use run::{
    Breaker, BudgetLimit, Cadences, Cost, Estimate, PassCost, PassKind, PassPlan, RunBudget,
    StreamPlan, StreamReport, SyncError, SyncEvent, SyncPlan, SyncReport, SyncRequest,
    apply_filters, folder_of_files, plan, reset, sweep_files, sync,
};
pub use sink::{
    Begun, Commit, Completes, Counts, FailedRow, Judged, Missing, NewRun, Parts, PassId, PassState,
    Registered, Rescope, RunEnd, Sink, SinkError, SinkFuture, Table, Verdict,
};
pub use spaces::NoSuchSpace;
pub use split::Split;
pub use stored::{Doubt, StoredRow, Which};
