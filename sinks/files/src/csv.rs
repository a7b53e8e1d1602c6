//! Comma-separated values after RFC 4180.

use std::borrow::Cow;
use std::io::{self, Write};
use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::{ArrayRef, RecordBatch, StringArray};
use arrow_csv::{Writer, WriterBuilder};

use crate::formula::is_formula;
use crate::row_writer::{RowWriter, of_output};

/// Writes CSV with a header. Null is an empty cell, JSON is text, instants are ISO 8601 in UTC.
/// U+0000, which hardly any reader takes, is removed.
pub struct Csv<W: Write> {
    writer: Writer<W>,
    is_defused: bool,
    has_removed: bool,
    has_header: bool,
}

impl<W: Write> std::fmt::Debug for Csv<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Csv").finish_non_exhaustive()
    }
}

impl<W: Write> Csv<W> {
    /// Rows go to `out`, as they come. With `is_defused`, cells that spreadsheets would run as
    /// formulas begin with a `'`.
    pub fn new(out: W, is_defused: bool) -> Self {
        Self {
            writer: WriterBuilder::new()
                .with_timestamp_tz_format("%Y-%m-%dT%H:%M:%S%.3fZ".to_owned())
                .build(out),
            is_defused,
            has_removed: false,
            has_header: false,
        }
    }

    /// A text as a cell holds it, if it holds another one.
    fn cell(&mut self, text: &str) -> Option<String> {
        let has_null = text.contains('\0');
        let is_formula = self.is_defused && is_formula(text);
        self.has_removed |= has_null;
        match (has_null, is_formula) {
            (false, false) => None,
            (true, false) => Some(text.replace('\0', "")),
            (_, true) => Some(format!("'{}", text.replace('\0', ""))),
        }
    }

    /// The rows as cells hold them.
    fn cells<'a>(&mut self, rows: &'a RecordBatch) -> io::Result<Cow<'a, RecordBatch>> {
        let mut columns: Vec<ArrayRef> = rows.columns().to_vec();
        let mut is_changed = false;
        for column in &mut columns {
            let Some(texts) = column.as_string_opt::<i32>() else {
                continue;
            };
            let has_null = memchr::memchr(0, texts.values()).is_some();
            if !has_null && !self.is_defused {
                continue;
            }
            let cells: StringArray = texts
                .iter()
                .map(|text| {
                    let text = text?;
                    Some(self.cell(text).map_or(Cow::Borrowed(text), Cow::Owned))
                })
                .collect();
            *column = Arc::new(cells);
            is_changed = true;
        }
        if !is_changed {
            return Ok(Cow::Borrowed(rows));
        }
        RecordBatch::try_new(rows.schema(), columns)
            .map(Cow::Owned)
            .map_err(of_output)
    }
}

impl<W: Write> RowWriter for Csv<W> {
    fn write(&mut self, rows: &RecordBatch) -> io::Result<()> {
        // A batch of no rows writes the header.
        if rows.num_rows() == 0 && self.has_header {
            return Ok(());
        }
        self.has_header = true;
        let cells = self.cells(rows)?;
        self.writer.write(&cells).map_err(of_output)
    }

    fn finish(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn has_removed(&self) -> bool {
        self.has_removed
    }
}
