//! Where the rows are whose keys and states a database has: in its own tables, or elsewhere.

use std::error::Error;

use rusqlite::{Connection, Transaction};
use source::{Batch, Column};
use sync::{Commit, Millis};

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

/// Where rows are written, in the transaction that writes what is known of them.
///
/// The functions between two calls of [`RowStore::finish`] are of one transaction, unless one of them
/// fails, or [`RowStore::begin`] is called again: then what came before is void.
pub trait RowStore: Send {
    /// A run begins, and no other one writes.
    ///
    /// # Errors
    ///
    /// What the store says.
    fn recover(&mut self, connection: &mut Connection) -> Result<(), StoreError>;

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
