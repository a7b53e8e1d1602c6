//! Where the rows are whose keys and states a database has: in its own tables, or elsewhere.

use std::error::Error;

use rusqlite::{Connection, Transaction};
use source::{Batch, Column};
use sync::{Commit, Millis, Naming, View};

/// Why rows could not be written.
pub type StoreError = Box<dyn Error + Send + Sync>;

/// A row that is deleted.
#[derive(Debug, Clone, Copy)]
pub struct Deleted<'a> {
    /// The number of the run.
    pub run: i64,
    /// When it is.
    pub at: Millis,
    /// Its stream.
    pub stream: &'a str,
    /// Its key.
    pub key: &'a str,
    /// Why it is deleted.
    pub reason: &'a str,
}

/// Where SQL finds rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowSource {
    /// What joins them to `_sync_keys AS k`.
    pub join: String,
    /// An expression for the time of the last change, in milliseconds since 1970.
    pub changed: String,
    /// An expression for each column.
    pub columns: Vec<String>,
}

/// Where rows are written, in the transaction that writes what is known of them.
///
/// The functions between two calls of [`RowStore::finish`] are of one transaction, unless one of them
/// fails, or [`RowStore::begin`] is called again: then what came before is void.
pub trait RowStore: Send {
    /// The database was opened: what [`RowStore::source`] names has to be there.
    ///
    /// # Errors
    ///
    /// What the store says.
    fn open(&mut self, _connection: &Connection) -> Result<(), StoreError> {
        Ok(())
    }

    /// A run begins, and no other one writes.
    ///
    /// # Errors
    ///
    /// What the store says.
    fn recover(&mut self, connection: &mut Connection) -> Result<(), StoreError>;

    /// How the columns are named that the run adds.
    fn name_columns(&mut self, naming: Naming);

    /// Whether columns that a row does not have keep the values that they had. Otherwise a row is
    /// written once all of it was read.
    fn keeps_other_columns(&self) -> bool;

    /// A transaction begins.
    fn begin(&mut self);

    /// Makes room for columns of a stream that it did not have before.
    ///
    /// # Errors
    ///
    /// What the store says.
    fn prepare(
        &mut self,
        transaction: &Transaction<'_>,
        stream: &str,
        is_new: bool,
        added: &[&Column],
    ) -> Result<(), StoreError>;

    /// Begins or ends the log of a stream's changes; `None` leaves it as it is. A store that keeps all
    /// that it was ever given has nothing to do.
    ///
    /// # Errors
    ///
    /// What the store says.
    fn log_changes(
        &mut self,
        transaction: &Transaction<'_>,
        stream: &str,
        is_wanted: Option<bool>,
    ) -> Result<(), StoreError>;

    /// Writes these rows of a batch.
    ///
    /// # Errors
    ///
    /// What the store says.
    fn write(
        &mut self,
        transaction: &Transaction<'_>,
        commit: &Commit<'_>,
        batch: &Batch,
        rows: &[usize],
    ) -> Result<(), StoreError>;

    /// Writes the columns of a row that [`Commit::ages`] names, of a row that has not changed. A store
    /// that only ever adds keeps the age that the row had when it changed.
    ///
    /// # Errors
    ///
    /// What the store says.
    fn age(
        &mut self,
        _transaction: &Transaction<'_>,
        _commit: &Commit<'_>,
        _batch: &Batch,
        _row: usize,
    ) -> Result<(), StoreError> {
        Ok(())
    }

    /// Keeps these columns of a stream's rows, and those that were kept before, where
    /// [`RowStore::source`] finds them. Tables have them in any case.
    ///
    /// # Errors
    ///
    /// What the store says.
    fn keep(
        &mut self,
        _transaction: &Transaction<'_>,
        _stream: &str,
        _columns: &[&str],
    ) -> Result<(), StoreError> {
        Ok(())
    }

    /// Where SQL finds the rows of a stream whose keys are in `_sync_keys AS k`: columns by name and the
    /// name of their type. Instants are milliseconds since 1970.
    fn source(&self, stream: &str, columns: &[(&str, &str)]) -> RowSource;

    /// Creates views over the tables, or replaces them. A store without tables has none.
    ///
    /// # Errors
    ///
    /// What the store says.
    fn view(&mut self, _transaction: &Transaction<'_>, _views: &[View]) -> Result<(), StoreError> {
        Ok(())
    }

    /// Marks a row as deleted.
    ///
    /// # Errors
    ///
    /// What the store says.
    fn delete(
        &mut self,
        transaction: &Transaction<'_>,
        deleted: Deleted<'_>,
    ) -> Result<(), StoreError>;

    /// Marks a row as out of scope. Returns whether there is one.
    ///
    /// # Errors
    ///
    /// What the store says.
    fn mark(
        &mut self,
        transaction: &Transaction<'_>,
        stream: &str,
        key: &str,
        at: Millis,
    ) -> Result<bool, StoreError>;

    /// The transaction is about to be committed.
    ///
    /// # Errors
    ///
    /// What the store says; the transaction is not committed then.
    fn finish(&mut self, transaction: &Transaction<'_>) -> Result<(), StoreError>;

    /// The transaction was committed.
    ///
    /// # Errors
    ///
    /// What the store says; the run ends then.
    fn committed(&mut self) -> Result<(), StoreError>;
}
