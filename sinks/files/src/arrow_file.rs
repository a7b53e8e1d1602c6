//! Arrow IPC: the file format, and the stream format.

use std::io::{self, Write};

use arrow_array::RecordBatch;
use arrow_ipc::writer::{FileWriter, StreamWriter};
use arrow_schema::Schema;

use crate::row_writer::{RowWriter, of_output};

/// Writes a file of Arrow IPC, which programs can read at any place. Without
/// [`RowWriter::finish`] it is not one.
pub struct ArrowFile<W: Write>(FileWriter<W>);

/// Writes a stream of Arrow IPC, which programs read from the beginning on.
pub struct ArrowStream<W: Write>(StreamWriter<W>);

impl<W: Write> std::fmt::Debug for ArrowFile<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ArrowFile").finish_non_exhaustive()
    }
}

impl<W: Write> ArrowFile<W> {
    /// Rows of this schema go to `out`.
    ///
    /// # Errors
    ///
    /// What the output says.
    pub fn new(out: W, schema: &Schema) -> io::Result<Self> {
        FileWriter::try_new(out, schema)
            .map(Self)
            .map_err(of_output)
    }
}

impl<W: Write> std::fmt::Debug for ArrowStream<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ArrowStream").finish_non_exhaustive()
    }
}

impl<W: Write> ArrowStream<W> {
    /// Rows of this schema go to `out`.
    ///
    /// # Errors
    ///
    /// What the output says.
    pub fn new(out: W, schema: &Schema) -> io::Result<Self> {
        StreamWriter::try_new(out, schema)
            .map(Self)
            .map_err(of_output)
    }
}

impl<W: Write> RowWriter for ArrowFile<W> {
    fn write(&mut self, rows: &RecordBatch) -> io::Result<()> {
        self.0.write(rows).map_err(of_output)
    }

    fn finish(&mut self) -> io::Result<()> {
        self.0.finish().map_err(of_output)?;
        self.0.flush().map_err(of_output)
    }
}

impl<W: Write> RowWriter for ArrowStream<W> {
    fn write(&mut self, rows: &RecordBatch) -> io::Result<()> {
        self.0.write(rows).map_err(of_output)
    }

    fn finish(&mut self) -> io::Result<()> {
        self.0.finish().map_err(of_output)?;
        self.0.flush().map_err(of_output)
    }
}
