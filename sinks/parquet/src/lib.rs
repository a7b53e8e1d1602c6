//! Writes rows to Parquet files.

use std::io::{self, Write};
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::Schema;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use sink_files::RowWriter;

/// Bytes of a row group in memory after which it is written: it bounds what a writer holds.
const MAX_GROUP_BYTES: usize = 32 * 1024 * 1024;

/// Writes a Parquet file, compressed with zstd. Without [`RowWriter::finish`] it is not one.
pub struct Parquet<W: Write + Send>(ArrowWriter<W>);

impl<W: Write + Send> std::fmt::Debug for Parquet<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parquet").finish_non_exhaustive()
    }
}

impl<W: Write + Send> Parquet<W> {
    /// Rows of this schema go to `out`.
    ///
    /// # Errors
    ///
    /// What the output says.
    pub fn new(out: W, schema: &Schema) -> io::Result<Self> {
        let properties = WriterProperties::builder()
            // Level 1: 100 000 rows take 79 ms; higher levels take longer and save little.
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(1).map_err(of_output)?))
            // Hardly any text of a site is there twice.
            .set_dictionary_enabled(false)
            .build();
        ArrowWriter::try_new(out, Arc::new(schema.clone()), Some(properties))
            .map(Self)
            .map_err(of_output)
    }
}

impl<W: Write + Send> RowWriter for Parquet<W> {
    fn write(&mut self, rows: &RecordBatch) -> io::Result<()> {
        self.0.write(rows).map_err(of_output)?;
        if self.0.in_progress_size() > MAX_GROUP_BYTES {
            self.0.flush().map_err(of_output)?;
        }
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        self.0.finish().map_err(of_output)?;
        self.0.inner_mut().flush()
    }
}

/// Writes a Parquet file with these batches, which have one schema: a part of a folder that a sync writes.
///
/// # Errors
///
/// [`io::ErrorKind::InvalidInput`] for batches of several schemas, whose columns would be mixed up, and
/// without any batch, because a file has a schema; the error of `out`.
pub fn encode(batches: &[RecordBatch], out: &mut (dyn Write + Send)) -> io::Result<()> {
    let schema = batches.first().map(RecordBatch::schema);
    let schema = schema.filter(|schema| batches.iter().all(|batch| batch.schema() == *schema));
    let schema = schema.ok_or_else(|| {
        let reason = "a Parquet file needs batches of one schema";
        io::Error::new(io::ErrorKind::InvalidInput, reason)
    })?;
    let mut writer = Parquet::new(out, &schema)?;
    for batch in batches {
        writer.write(batch)?;
    }
    writer.finish()
}

/// The error of the output, if it was the output's.
fn of_output(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(error) => match error.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(error) => io::Error::other(error),
        },
        other => io::Error::other(other),
    }
}
