//! Where rows go: a format, and a file or standard output.

use std::io::{self, BufWriter, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use arrow_array::RecordBatch;
use arrow_schema::Schema;
use sink_files::{ArrowFile, ArrowStream, Csv, Ndjson, RowWriter};
use sink_parquet::Parquet;

use crate::exit::Failure;
use crate::formats::Format;
use crate::output_file::OutputFile;
use crate::visible;

/// What is collected before it is written.
const BUFFER_BYTES: usize = 1 << 16;

/// A format of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum RowFormat {
    /// One JSON object per line
    Ndjson,
    /// Comma-separated values with a header
    Csv,
    /// Arrow IPC, file format
    Arrow,
    /// Arrow IPC, stream format
    ArrowStream,
    /// Parquet
    Parquet,
}

impl RowFormat {
    const fn is_text(self) -> bool {
        matches!(self, Self::Ndjson | Self::Csv)
    }
}

/// A format, and a file or standard output: `csv`, `csv:pages.csv`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Destination {
    pub(crate) format: RowFormat,
    pub(crate) file: Option<PathBuf>,
}

impl FromStr for Destination {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (format, file) = match text.split_once(':') {
            Some((_, "")) => return Err(format!("`{text}` names no file")),
            Some((format, file)) => (format, Some(PathBuf::from(file))),
            None => (text, None),
        };
        let format = <RowFormat as clap::ValueEnum>::from_str(format, true).map_err(|_| {
            format!(
                "`{format}` is not a format; formats are `ndjson`, `csv`, `arrow`, `arrow-stream` and `parquet`"
            )
        })?;
        Ok(Self {
            format,
            file: file.filter(|file| file != Path::new("-")),
        })
    }
}

/// Rows on their way to a destination. A file has its name once it is complete; dropped before, it
/// was never there.
pub(crate) struct RowOutput {
    writer: Box<dyn RowWriter>,
    file: Option<(OutputFile, PathBuf)>,
}

impl RowOutput {
    /// Opens a destination for rows of a schema.
    pub(crate) fn open(
        destination: &Destination,
        schema: &Schema,
        csv_safe: bool,
    ) -> Result<Self, Failure> {
        let format = destination.format;
        let Some(path) = &destination.file else {
            if !format.is_text() && io::stdout().is_terminal() {
                return Err(Failure::Usage(
                    "the format is binary, and standard output is a terminal; name a file, such as `--to parquet:pages.parquet`"
                        .to_owned(),
                ));
            }
            let binary = || BufWriter::with_capacity(BUFFER_BYTES, io::stdout());
            let writer: io::Result<Box<dyn RowWriter>> = match format {
                RowFormat::Ndjson => Ok(Box::new(Ndjson::new(visible::stdout(Format::Ndjson)))),
                RowFormat::Csv => Ok(Box::new(Csv::new(visible::stdout(Format::Csv), csv_safe))),
                _ => binary_writer(format, binary(), schema),
            };
            let writer = writer.map_err(Failure::output)?;
            return Ok(Self { writer, file: None });
        };
        let open = || -> io::Result<Self> {
            let file = OutputFile::create(path)?;
            let out = BufWriter::with_capacity(BUFFER_BYTES, file.writer()?);
            let writer: Box<dyn RowWriter> = match format {
                RowFormat::Ndjson => Box::new(Ndjson::new(out)),
                RowFormat::Csv => Box::new(Csv::new(out, csv_safe)),
                _ => binary_writer(format, out, schema)?,
            };
            Ok(Self {
                writer,
                file: Some((file, path.clone())),
            })
        };
        open().map_err(|source| Failure::written_to(path, source))
    }

    pub(crate) fn write(&mut self, rows: &RecordBatch) -> Result<(), Failure> {
        let written = self.writer.write(rows);
        written.map_err(|error| self.failed(error))
    }

    /// Writes what belongs behind the last row. A file gets its name.
    pub(crate) fn finish(mut self) -> Result<(), Failure> {
        self.flush()?;
        if let Some((file, path)) = self.file {
            let finished = file.finish();
            finished.map_err(|source| Failure::written_to(&path, source))?;
        }
        Ok(())
    }

    /// Passes on what was written, and says whether it is there: in standard output, a pipe or a
    /// device.
    pub(crate) fn abandon(mut self) -> bool {
        let is_there = |(file, _): &(OutputFile, PathBuf)| file.is_written_through();
        self.file.as_ref().is_none_or(is_there) && self.flush().is_ok()
    }

    /// Whether a U+0000 was removed.
    pub(crate) fn has_removed(&self) -> bool {
        self.writer.has_removed()
    }

    fn flush(&mut self) -> Result<(), Failure> {
        let finished = self.writer.finish();
        finished.map_err(|error| self.failed(error))
    }

    fn failed(&self, error: io::Error) -> Failure {
        match &self.file {
            Some((_, path)) => Failure::written_to(path, error),
            None => Failure::output(error),
        }
    }
}

fn binary_writer<W: io::Write + Send + 'static>(
    format: RowFormat,
    out: W,
    schema: &Schema,
) -> io::Result<Box<dyn RowWriter>> {
    Ok(match format {
        RowFormat::ArrowStream => Box::new(ArrowStream::new(out, schema)?),
        RowFormat::Parquet => Box::new(Parquet::new(out, schema)?),
        _ => Box::new(ArrowFile::new(out, schema)?),
    })
}
