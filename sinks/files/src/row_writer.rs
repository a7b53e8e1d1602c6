//! What all formats have in common.

use std::io;

use arrow_array::RecordBatch;
use arrow_schema::ArrowError;

/// Writes batches of one schema in one format.
pub trait RowWriter {
    /// Writes the rows of a batch.
    ///
    /// # Errors
    ///
    /// What the output says.
    fn write(&mut self, rows: &RecordBatch) -> io::Result<()>;

    /// Writes what belongs behind the last row, and passes everything on to the output.
    ///
    /// # Errors
    ///
    /// What the output says.
    fn finish(&mut self) -> io::Result<()>;

    /// Whether something was removed that the format cannot hold: U+0000.
    fn has_removed(&self) -> bool {
        false
    }
}

/// The error of the output, if it was the output's.
pub(crate) fn of_output(error: ArrowError) -> io::Error {
    match error {
        ArrowError::IoError(_, error) => error,
        other => io::Error::other(other),
    }
}
