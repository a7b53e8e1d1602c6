//! Leases in a SQLite database, for the runners of one state folder.

use std::error::Error;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};
use sync::{Coordinator, Lease, LeaseError, Millis, Owner};

use crate::clock::HostClock;

/// How long a lease lasts that is not renewed, in milliseconds. Long enough for a machine that is busy,
/// and short enough for a person who waits for a runner that hangs.
pub(crate) const LASTS: Millis = 60_000;

/// How long another process may hold the database, which it writes a row of.
const PATIENCE: Duration = Duration::from_secs(10);

/// The epoch stays once a lease has ended: it never falls. `has_lock`: its owner holds the lock of the
/// operating system.
const SCHEMA: &str = "CREATE TABLE IF NOT EXISTS leases (\
    sync TEXT PRIMARY KEY, epoch INTEGER NOT NULL, host TEXT NOT NULL, process INTEGER NOT NULL, \
    since INTEGER NOT NULL, until INTEGER NOT NULL, has_lock INTEGER NOT NULL) STRICT";

/// For a database that is older than this column: leases in it last until their end.
const HAS_LOCK: &str = "ALTER TABLE leases ADD COLUMN has_lock INTEGER NOT NULL DEFAULT 0";

/// Leases of the runners that have this database.
pub struct SqliteCoordinator {
    path: PathBuf,
    database: Mutex<Connection>,
    owner: Owner,
    clock: HostClock,
}

impl fmt::Debug for SqliteCoordinator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteCoordinator")
            .field("path", &self.path)
            .field("owner", &self.owner)
            .finish_non_exhaustive()
    }
}

impl SqliteCoordinator {
    /// That of a database file, which is created if it is not there, for runs of `owner`.
    ///
    /// # Errors
    ///
    /// What SQLite says.
    pub fn open(
        path: &Path,
        owner: Owner,
        clock: HostClock,
    ) -> Result<Self, Box<dyn Error + Send + std::marker::Sync>> {
        let mut database = Connection::open(path)?;
        database.busy_timeout(PATIENCE)?;
        // What a loss of power undoes ends by itself, so that nothing waits for the disk.
        database.pragma_update(None, "journal_mode", "WAL")?;
        database.pragma_update(None, "synchronous", "NORMAL")?;
        let transaction = database.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(SCHEMA)?;
        let mut columns = transaction
            .prepare("SELECT 1 FROM pragma_table_info('leases') WHERE name = 'has_lock'")?;
        let is_current = columns.exists([])?;
        drop(columns);
        if !is_current {
            transaction.execute_batch(HAS_LOCK)?;
        }
        transaction.commit()?;
        Ok(Self {
            path: path.to_owned(),
            database: Mutex::new(database),
            owner,
            clock,
        })
    }

    fn change<T>(
        &self,
        sync: &str,
        change: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<Result<T, LeaseError>>,
    ) -> Result<T, LeaseError> {
        let mut database = self.database.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = || {
            let transaction = database.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let result = change(&transaction)?;
            transaction.commit()?;
            Ok(result)
        };
        changed().unwrap_or_else(|error: rusqlite::Error| {
            Err(LeaseError::Failed {
                sync: sync.to_owned(),
                error: Box::new(error),
            })
        })
    }
}

/// The lease of a sync, whether it has ended or not, and whether its owner held the lock.
fn lease(transaction: &Transaction<'_>, sync: &str) -> rusqlite::Result<Option<(Lease, bool)>> {
    transaction
        .query_row(
            "SELECT host, process, epoch, since, until, has_lock FROM leases WHERE sync = ?1",
            [sync],
            |row| {
                let lease = Lease {
                    sync: sync.to_owned(),
                    owner: Owner {
                        host: row.get(0)?,
                        process: row.get(1)?,
                    },
                    epoch: row.get(2)?,
                    since: row.get(3)?,
                    until: row.get(4)?,
                };
                Ok((lease, row.get(5)?))
            },
        )
        .optional()
}

impl Coordinator for SqliteCoordinator {
    fn acquire(&self, sync: &str, has_lock: bool) -> Result<Lease, LeaseError> {
        let now = self.now();
        self.change(sync, |transaction| {
            let before = lease(transaction, sync)?;
            let epoch = before.as_ref().map_or(0, |(before, _)| before.epoch);
            if let Some((before, had_lock)) = before {
                // The lock that it held would be its own if it had not ended.
                let has_ended = has_lock && had_lock;
                if !has_ended && now < before.until {
                    return Ok(Err(LeaseError::Held(before)));
                }
            }
            let lease = Lease {
                sync: sync.to_owned(),
                owner: self.owner.clone(),
                epoch: epoch + 1,
                since: now,
                until: now + LASTS,
            };
            transaction.execute(
                "INSERT OR REPLACE INTO leases (sync, epoch, host, process, since, until, has_lock) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![
                    sync,
                    lease.epoch,
                    lease.owner.host,
                    lease.owner.process,
                    lease.since,
                    lease.until,
                    has_lock
                ],
            )?;
            Ok(Ok(lease))
        })
    }

    fn renew(&self, lease: &Lease) -> Result<Lease, LeaseError> {
        let until = self.now() + LASTS;
        self.change(&lease.sync, |transaction| {
            let renewed = transaction.execute(
                "UPDATE leases SET until = ?3 WHERE sync = ?1 AND epoch = ?2",
                params![lease.sync, lease.epoch, until],
            )?;
            Ok(if renewed == 0 {
                Err(LeaseError::Lost {
                    sync: lease.sync.clone(),
                })
            } else {
                Ok(Lease {
                    until,
                    ..lease.clone()
                })
            })
        })
    }

    fn release(&self, lease: &Lease) {
        let now = self.now();
        let released = self.change(&lease.sync, |transaction| {
            transaction.execute(
                "UPDATE leases SET until = ?3 WHERE sync = ?1 AND epoch = ?2",
                params![lease.sync, lease.epoch, now],
            )?;
            Ok(Ok(()))
        });
        // It ends by itself.
        drop(released);
    }

    fn now(&self) -> Millis {
        self.clock.now()
    }
}

/// This process, on this host.
pub(crate) fn this_process() -> Owner {
    let named = |path: &str| {
        let name = fs::read_to_string(path).ok()?;
        let name = name.trim();
        (!name.is_empty()).then(|| name.chars().take(255).collect())
    };
    let host = named("/proc/sys/kernel/hostname").or_else(|| named("/etc/hostname"));
    let variables = ["HOSTNAME", "COMPUTERNAME"];
    let host = host.or_else(|| variables.iter().find_map(|name| std::env::var(name).ok()));
    Owner {
        host: host.unwrap_or_else(|| "unknown".to_owned()),
        process: std::process::id(),
    }
}
