//! That a defined sync belongs to this process during a run, and what is recorded of the run.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use host_runner::{LastRun, SyncId, SyncLock, SyncRecords};
use sync::{HeldLease, Lease, LeaseError, Millis, RunOutcome, SinkError, SyncError, SyncReport};

use crate::clock::HostClock;
use crate::sqlite_coordinator::{LASTS, SqliteCoordinator, this_process};

/// The database of leases, beside the records of syncs.
const DATABASE: &str = "leases.db";

/// How often a lease is renewed while a run waits for the site, and writes nothing.
pub(crate) const RENEWED: Duration = Duration::from_millis(LASTS.unsigned_abs() / 3);

/// The lease of a sync that a level defines, for a run of this process. It ends when this is dropped.
#[derive(Debug)]
pub struct RunLease {
    held: HeldLease,
    /// Not there if the process that has it did not renew its lease.
    _lock: Option<SyncLock>,
    records: SyncRecords,
    id: SyncId,
    clock: HostClock,
    started: Millis,
}

impl RunLease {
    /// Takes the lease of a sync. A process that has ended, however it ended, has none.
    ///
    /// # Errors
    ///
    /// [`LeaseError::Held`] while another run has it, with its process and host; [`LeaseError::Failed`] if
    /// the state folder cannot be written.
    pub fn begin(records: &SyncRecords, id: &SyncId) -> Result<Self, LeaseError> {
        let sync = id.to_string();
        let failed =
            |error: Box<dyn std::error::Error + Send + std::marker::Sync>| LeaseError::Failed {
                sync: sync.clone(),
                error,
            };
        let lock = records.lock(id).map_err(|error| failed(error.into()))?;
        let clock = HostClock::default();
        let database = records.folder().join(DATABASE);
        let coordinator = SqliteCoordinator::open(&database, this_process(), clock.clone());
        let coordinator = Arc::new(coordinator.map_err(failed)?);
        // Whoever has the lock of the operating system knows that a process that held it is gone.
        let held = HeldLease::acquire(coordinator, &sync, lock.is_some())?;
        Ok(Self {
            held,
            _lock: lock,
            records: records.clone(),
            id: id.clone(),
            started: clock.now(),
            clock,
        })
    }

    /// The lease, as it was renewed last.
    #[must_use]
    pub fn lease(&self) -> Lease {
        self.held.lease()
    }

    pub(crate) const fn held(&self) -> &HeldLease {
        &self.held
    }

    /// Records how a run of the sync ended: when it is due again depends on it. A login that the site
    /// refused pauses the sync. A run that another one kept from the sink, or took over, is as if it had
    /// not begun.
    ///
    /// Returns whether the sync is paused now, and was not before.
    ///
    /// # Errors
    ///
    /// What the operating system says of the state folder.
    pub fn record(&self, ended: &Result<SyncReport, SyncError>) -> io::Result<bool> {
        let (outcome, is_refused) = match ended {
            Ok(report) => {
                let mut failures = report.streams.iter().flat_map(|stream| &stream.failures);
                (
                    report.outcome,
                    failures.any(|error| is_refusal(&error.kind)),
                )
            }
            Err(error) if is_busy(error) => return Ok(false),
            Err(SyncError::Source(error)) => (RunOutcome::Failed, is_refusal(&error.kind)),
            Err(_) => (RunOutcome::Failed, false),
        };
        let run = LastRun::new(self.started, self.clock.now(), outcome.name());
        self.records.update(&self.id, |record| {
            let was_paused = record.paused.is_some();
            record.ended(run, is_refused);
            is_refused && !was_paused
        })
    }
}

fn is_refusal(kind: &str) -> bool {
    kind == "unauthorized"
}

/// Whether a run was not made, or not completed, because another run has the sync or its sink.
#[must_use]
pub fn is_busy(error: &SyncError) -> bool {
    matches!(
        error,
        SyncError::Lease(LeaseError::Held(_) | LeaseError::Lost { .. })
            | SyncError::Sink(SinkError::Busy { .. } | SinkError::Superseded { .. })
    )
}
