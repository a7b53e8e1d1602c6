//! Leases: which runner a sync belongs to.
//!
//! Two ways were compared. *A lock of the operating system* ends with its process, and says nothing about
//! a process that hangs, nor who holds it. *A lease* is a record with an owner, an epoch and an end: it
//! names the owner, and one that its owner no longer renews can be taken over. The epoch rises with each
//! owner, and an owner checks before each write that it is still its own, so one that slept through the
//! end of its lease writes nothing. Hosts have both: who gets the lock that the owner before held knows
//! that it has ended, and need not wait for the end of its lease. An owner that took over from a process
//! that hangs never held the lock, so a lease says whether its owner does.
//!
//! Between that check and the commit of a sink, another runner can take the lease. That is harmless: it
//! changes nothing before it begins a run in the sink, whose own epoch then refuses the commit.

use std::error::Error;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use time::OffsetDateTime;

use crate::clock::Millis;
use crate::sink::SinkError;

/// A process that runs syncs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// The name of its host.
    pub host: String,
    /// The number of the process.
    pub process: u32,
}

/// That a sync belongs to a runner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The sync.
    pub sync: String,
    /// Whose it is.
    pub owner: Owner,
    /// Larger than that of every owner before.
    pub epoch: i64,
    /// Since when.
    pub since: Millis,
    /// Until when, unless it is renewed.
    pub until: Millis,
}

impl fmt::Display for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Owner { host, process } = &self.owner;
        write!(f, "process {process} on host `{host}`, since ")?;
        match OffsetDateTime::from_unix_timestamp(self.since.div_euclid(1_000)) {
            Ok(at) => {
                let (year, month, day) = at.to_calendar_date();
                let (hour, minute, second) = at.to_hms();
                let month = u8::from(month);
                write!(
                    f,
                    "{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"
                )
            }
            Err(_) => write!(f, "{} ms", self.since),
        }
    }
}

/// Why a lease is not there.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LeaseError {
    /// Another runner has it.
    #[error("another run holds the sync `{sync}`: {lease}", sync = .0.sync, lease = .0)]
    Held(Lease),
    /// Another runner has taken it over.
    #[error(
        "another run has taken over the sync `{sync}`, because its lease was not renewed in time"
    )]
    Lost {
        /// The sync.
        sync: String,
    },
    /// Leases cannot be read or written.
    #[error("the lease of the sync `{sync}` cannot be read or written: {error}")]
    Failed {
        /// The sync.
        sync: String,
        /// What is wrong.
        #[source]
        error: Box<dyn Error + Send + Sync>,
    },
}

/// Where runners agree on who runs a sync.
pub trait Coordinator: fmt::Debug + Send + Sync {
    /// Takes the lease of a sync. `has_lock`: this owner holds a lock of the operating system, which ends
    /// with its process. So the lease of an owner that held the lock, too, does not count any more; one of
    /// an owner that did not hold it does.
    ///
    /// # Errors
    ///
    /// [`LeaseError::Held`] while another owner renews it.
    fn acquire(&self, sync: &str, has_lock: bool) -> Result<Lease, LeaseError>;

    /// Renews a lease, also after its end, if nobody has taken it over.
    ///
    /// # Errors
    ///
    /// [`LeaseError::Lost`] if somebody has.
    fn renew(&self, lease: &Lease) -> Result<Lease, LeaseError>;

    /// Ends a lease, if it is still its owner's. What fails ends by itself later.
    fn release(&self, lease: &Lease);

    /// The time by which leases end.
    fn now(&self) -> Millis;
}

/// A lease that this runner has. It ends when this is dropped.
#[derive(Debug)]
pub struct HeldLease {
    coordinator: Arc<dyn Coordinator>,
    lease: Mutex<Lease>,
}

impl HeldLease {
    /// Takes the lease of a sync, as [`Coordinator::acquire`] does.
    ///
    /// # Errors
    ///
    /// As [`Coordinator::acquire`].
    pub fn acquire(
        coordinator: Arc<dyn Coordinator>,
        sync: &str,
        has_lock: bool,
    ) -> Result<Self, LeaseError> {
        let lease = Mutex::new(coordinator.acquire(sync, has_lock)?);
        Ok(Self { coordinator, lease })
    }

    /// The lease, as it was renewed last.
    #[must_use]
    pub fn lease(&self) -> Lease {
        self.lease
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Renews it. While it lasts, it does not matter if that fails for another reason than its loss.
    ///
    /// # Errors
    ///
    /// [`LeaseError::Lost`]; [`LeaseError::Failed`] after its end.
    pub fn renew(&self) -> Result<(), LeaseError> {
        let lease = self.lease();
        match self.coordinator.renew(&lease) {
            Ok(renewed) => {
                *self.lease.lock().unwrap_or_else(PoisonError::into_inner) = renewed;
                Ok(())
            }
            Err(LeaseError::Failed { .. }) if self.coordinator.now() < lease.until => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Renews it before something is written.
    pub(crate) fn check(&self) -> Result<(), SinkError> {
        self.renew().map_err(|error| match error {
            LeaseError::Failed { sync, error } => SinkError::Failed { sink: sync, error },
            LeaseError::Held(Lease { sync, .. }) | LeaseError::Lost { sync } => {
                SinkError::Superseded { sink: sync }
            }
        })
    }
}

impl Drop for HeldLease {
    fn drop(&mut self) {
        self.coordinator.release(&self.lease());
    }
}
