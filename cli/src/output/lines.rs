//! A line for each item.

use std::io::{self, Write};

use host_runner::{Function, Val};

use super::columns::Columns;
use super::left_out::LeftOut;
use super::selection::Selection;
use super::separated::Separated;
use super::{Format, Style};
use crate::report;

/// A line for each item, for lists of any length.
pub(crate) enum Lines<W: Write> {
    /// Lines of JSON.
    Ndjson { out: W, selection: Selection },
    /// Comma-separated values after RFC 4180, behind a header.
    Csv {
        out: Box<Separated<W>>,
        columns: Columns,
    },
}

impl<W: Write> Lines<W> {
    /// Begins to write, with the header where there is one.
    pub(super) fn start(function: &Function, style: &Style, out: W) -> io::Result<Self> {
        if style.format != Format::Csv {
            return Ok(Self::of_json(style, out));
        }
        let columns = match &style.columns {
            Some(columns) => columns.clone(),
            None => {
                if function.omits_columns() {
                    report::note(
                        "the items have more columns than are printed; the others are omitted, and `--output json` prints all fields",
                    );
                }
                Columns::all(function)
            }
        };
        let mut out = Box::new(Separated::new(out).defused(style.csv_safe));
        out.row(columns.names())?;
        Ok(Self::Csv { out, columns })
    }

    pub(super) fn of_json(style: &Style, out: W) -> Self {
        Self::Ndjson {
            out,
            selection: style.selection.clone(),
        }
    }

    /// Writes items.
    pub(super) fn add(&mut self, items: &[Val]) -> io::Result<()> {
        for item in items {
            match self {
                Self::Ndjson { out, selection } => {
                    selection.write(item, out)?;
                    out.write_all(b"\n")?;
                }
                Self::Csv { out, columns } => out.row(columns.cells(item))?,
            }
        }
        Ok(())
    }

    /// Hands over what has been written.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Ndjson { out, .. } => out.flush(),
            Self::Csv { out, .. } => out.flush(),
        }
    }

    /// What could not be written.
    pub(super) fn left_out(&self) -> LeftOut {
        let mut left_out = LeftOut::default();
        if let Self::Csv { out, .. } = self
            && out.has_removed()
        {
            left_out.nul();
        }
        left_out
    }
}
