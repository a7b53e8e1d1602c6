//! One connection to an open file.

use adbc_core::{Connection as _, Statement as _};
use adbc_driver_manager::ManagedConnection;

use crate::error::{Refused, message};
use crate::parameters::{Parameter, bound};
use crate::rows::Rows;

/// A connection.
pub(crate) struct Session {
    connection: ManagedConnection,
}

impl Session {
    pub(crate) fn of(connection: ManagedConnection) -> Self {
        Self { connection }
    }

    /// Runs one statement with these values for `$1`, `$2` and so on.
    pub(crate) fn query(
        &mut self,
        sql: &str,
        parameters: &[&dyn Parameter],
    ) -> Result<Rows, Refused> {
        let mut statement = self.connection.new_statement()?;
        statement.set_sql_query(sql)?;
        if !parameters.is_empty() {
            statement.prepare()?;
            statement.bind(bound(parameters)?)?;
        }
        let mut batches = Vec::new();
        for batch in statement.execute()? {
            batches.push(batch.map_err(|error| Refused::Duckdb(message(&error.to_string())))?);
        }
        Ok(Rows(batches))
    }

    /// Begins a transaction.
    pub(crate) fn transaction(&mut self) -> Result<Work<'_>, Refused> {
        self.query("BEGIN TRANSACTION", &[])?;
        Ok(Work {
            session: self,
            is_over: false,
        })
    }

    /// Begins a transaction of the run with this epoch, unless a newer one has begun.
    pub(crate) fn begin(&mut self, epoch: i64) -> Result<Work<'_>, Refused> {
        let mut work = self.transaction()?;
        // A write, which conflicts with every other transaction.
        let is_ours = "UPDATE _sync_meta SET epoch = epoch WHERE epoch = $1 RETURNING epoch";
        if work.query(is_ours, &[&epoch])?.is_empty() {
            return Err(Refused::Superseded);
        }
        Ok(work)
    }
}

/// A transaction. Nothing of it is written unless it is committed.
pub(crate) struct Work<'a> {
    session: &'a mut Session,
    is_over: bool,
}

impl Work<'_> {
    pub(crate) fn query(
        &mut self,
        sql: &str,
        parameters: &[&dyn Parameter],
    ) -> Result<Rows, Refused> {
        self.session.query(sql, parameters)
    }

    pub(crate) fn commit(mut self) -> Result<(), Refused> {
        self.is_over = true;
        self.session.query("COMMIT", &[]).map(drop)
    }
}

impl Drop for Work<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            // The connection is unusable for other reasons then, and the next statement says so.
            drop(self.session.query("ROLLBACK", &[]));
        }
    }
}
