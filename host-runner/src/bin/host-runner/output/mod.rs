//! Printing answers: tables for people, JSON, NDJSON and CSV for programs.

mod columns;
mod fields;
mod left_out;
mod records;
mod separated;
mod table;

use std::io::{self, IsTerminal as _, Write};

use host_runner::{Answer, Function};
use wasmtime::component::Val;

use crate::command::Format;
use crate::exit::Failure;
use crate::report::printable;

pub(crate) use columns::Columns;
pub(crate) use left_out::LeftOut;
pub(crate) use records::{document, object, records};

use separated::Separated;

/// The format when nobody names one: a table on a terminal, JSON into a pipe.
pub(crate) fn default_format() -> Format {
    if io::stdout().is_terminal() {
        Format::Table
    } else {
        Format::Json
    }
}

/// How an answer is printed: the format, and the columns that were asked for.
#[derive(Debug, Clone)]
pub(crate) struct Style {
    pub(crate) format: Format,
    /// `None`: a table shows the first filled ones, a CSV file has all.
    pub(crate) columns: Option<Columns>,
}

impl Style {
    /// A format, with the columns that suit it.
    pub(crate) fn of(format: Format) -> Self {
        Self {
            format,
            columns: None,
        }
    }
}

/// Prints a text on standard output, without what would steer a terminal.
pub(crate) fn say(text: &str) -> Result<(), Failure> {
    writeln!(io::stdout(), "{}", printable(text)).map_err(Failure::output)
}

/// Prints an answer on standard output, and says what a table of it does not show.
pub(crate) fn print(
    function: &Function,
    answer: &Answer,
    style: &Style,
) -> Result<LeftOut, Failure> {
    let mut out = io::stdout().lock();
    let mut left_out = LeftOut::default();
    write(function, answer, style, &mut out, &mut left_out)
        .and_then(|()| out.flush())
        .map_err(Failure::output)?;
    Ok(left_out)
}

fn write(
    function: &Function,
    answer: &Answer,
    style: &Style,
    out: &mut impl Write,
    left_out: &mut LeftOut,
) -> io::Result<()> {
    match (style.format, answer.items()) {
        (Format::Table, Some(items)) => {
            let table = table::rows(items, style.columns.as_ref(), left_out);
            writeln!(out, "{table}")
        }
        (Format::Table, None) => match answer.value() {
            Some(Val::List(items)) => writeln!(out, "{}", table::rows(items, None, left_out)),
            Some(value) => writeln!(out, "{}", table::record(value, left_out)),
            None => Ok(()),
        },
        (Format::Ndjson | Format::Csv, Some(items)) => {
            let mut lines = Lines::start(function, style, out)?;
            lines.add(items)?;
            lines.flush()
        }
        (Format::Ndjson, None) => match answer.value() {
            Some(Val::List(items)) => Lines::Ndjson {
                out,
                line: String::new(),
            }
            .add(items),
            _ => writeln!(out, "{}", answer.to_json()),
        },
        (Format::Csv, None) => match answer.value() {
            Some(Val::List(items)) => separated::values(items, out),
            Some(value) => separated::values(std::slice::from_ref(value), out),
            None => Ok(()),
        },
        (Format::Json, _) => writeln!(out, "{}", answer.to_json()),
    }
}

/// A line for each item, for lists of any length.
pub(crate) enum Lines<W: Write> {
    /// Lines of JSON.
    Ndjson { out: W, line: String },
    /// Comma-separated values after RFC 4180, behind a header.
    Csv {
        out: Box<Separated<W>>,
        columns: Columns,
    },
}

impl<W: Write> Lines<W> {
    /// Begins to write, with the header where there is one.
    pub(crate) fn start(function: &Function, style: &Style, out: W) -> io::Result<Self> {
        if style.format != Format::Csv {
            return Ok(Self::Ndjson {
                out,
                line: String::new(),
            });
        }
        let columns = style
            .columns
            .clone()
            .unwrap_or_else(|| Columns::all(function));
        let mut out = Box::new(Separated::new(out));
        out.row(columns.names())?;
        Ok(Self::Csv { out, columns })
    }

    /// Writes items.
    pub(crate) fn add(&mut self, items: &[Val]) -> io::Result<()> {
        for item in items {
            match self {
                Self::Ndjson { out, line } => {
                    line.clear();
                    host_runner::write_json(item, line);
                    line.push('\n');
                    out.write_all(line.as_bytes())?;
                }
                Self::Csv { out, columns } => out.row(columns.cells(item))?,
            }
        }
        Ok(())
    }

    /// Hands over what has been written.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Ndjson { out, .. } => out.flush(),
            Self::Csv { out, .. } => out.flush(),
        }
    }
}
