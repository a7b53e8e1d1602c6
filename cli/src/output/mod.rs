//! Printing answers: tables for people, JSON, NDJSON and CSV for programs.

mod columns;
mod curated;
mod decision;
mod fields;
mod jq;
mod layout;
mod left_out;
mod lines;
mod notice_log;
mod printing;
mod readers;
mod record_fields;
mod records;
mod selection;
mod separated;
mod table;
mod whole_list;

use std::io::{self, IsTerminal as _, Write};
use std::rc::Rc;

use host_runner::Val;
use host_runner::{Answer, Function};

use crate::exit::Failure;
use crate::formats::Format;
use crate::visible;

pub(crate) use columns::Columns;
pub(crate) use jq::Filter;
pub(crate) use layout::terminal_width;
pub(crate) use left_out::LeftOut;
pub(crate) use printing::{PrintOptions, Printing, format};
pub(crate) use records::Sheet;
pub(crate) use records::{document, object, records};
pub(crate) use selection::Selection;
pub(crate) use whole_list::WholeList;

use lines::Lines;
use whole_list::Document;

/// The format when nobody names one: a table on a terminal, JSON into a pipe.
pub(crate) fn default_format() -> Format {
    if io::stdout().is_terminal() {
        Format::Table
    } else {
        Format::Json
    }
}

/// The format of a list to its end when nobody names one: tables on a terminal, lines into a pipe.
pub(crate) fn default_format_of_all() -> Format {
    match default_format() {
        Format::Json => Format::Ndjson,
        format => format,
    }
}

/// How an answer is printed: the format, and the columns that were asked for.
#[derive(Debug, Clone)]
pub(crate) struct Style {
    pub(crate) format: Format,
    /// `None`: a table shows those that the function is usually called for, a CSV file has all.
    pub(crate) columns: Option<Columns>,
    /// The fields that JSON has.
    pub(crate) selection: Selection,
    /// Whether a list is an array of its items, without what else the answer has.
    pub(crate) is_array: bool,
    /// What JSON is filtered with.
    pub(crate) filter: Option<Rc<Filter>>,
    /// Whether CSV defuses cells that spreadsheets would run as formulas.
    pub(crate) csv_safe: bool,
}

impl Style {
    /// A format, with the columns that suit it.
    pub(crate) fn of(format: Format) -> Self {
        Self {
            format,
            columns: None,
            selection: Selection::default(),
            is_array: false,
            filter: None,
            csv_safe: false,
        }
    }
}

/// Whether tables have a line for each row: on a terminal that tells how wide it is.
pub(crate) fn has_one_line_per_row() -> bool {
    terminal_width().is_some()
}

/// Prints a text on standard output, without what would steer a terminal.
pub(crate) fn say(text: &str) -> Result<(), Failure> {
    writeln!(io::stdout(), "{}", visible::text(text)).map_err(Failure::output)
}

/// Prints an answer on standard output, and says what a table of it does not show.
pub(crate) fn print(
    function: &Function,
    answer: &Answer,
    style: &Style,
) -> Result<LeftOut, Failure> {
    let mut out = visible::stdout(style.format);
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
        (Format::Table | Format::Wide, Some(items)) => {
            table::Rows::of(function, style).write(items, left_out, out)
        }
        (Format::Table | Format::Wide, None) => match answer.value() {
            Some(Val::List(items)) => table::Rows::of_plain(style).write(items, left_out, out),
            Some(value) => {
                let is_written = style.format == Format::Table
                    && match function.name() {
                        readers::FUNCTION => readers::write(value, left_out, out)?,
                        decision::FUNCTION => decision::write(value, left_out, out)?,
                        _ => false,
                    };
                if is_written {
                    return Ok(());
                }
                let table = table::record(value, style.columns.as_ref(), left_out);
                writeln!(out, "{table}")
            }
            None => Ok(()),
        },
        (Format::Ndjson | Format::Csv, Some(items)) => {
            let mut lines = Lines::start(function, style, out)?;
            lines.add(items)?;
            *left_out = lines.left_out();
            lines.flush()
        }
        (Format::Ndjson, None) => match answer.value() {
            Some(Val::List(items)) => Lines::of_json(style, out).add(items),
            _ => answer_document(answer, style, out),
        },
        (Format::Csv, None) => match answer.value() {
            Some(value) if style.columns.is_some() => {
                let mut lines = Lines::start(function, style, out)?;
                match value {
                    Val::List(items) => lines.add(items)?,
                    value => lines.add(std::slice::from_ref(value))?,
                }
                *left_out = lines.left_out();
                lines.flush()
            }
            Some(value) => {
                let values = match value {
                    Val::List(items) => items,
                    value => std::slice::from_ref(value),
                };
                if separated::values(values, style.csv_safe, out)? {
                    left_out.nul();
                }
                Ok(())
            }
            None => Ok(()),
        },
        (Format::Json, _) => answer_document(answer, style, out),
    }
}

/// Writes an answer as JSON, filtered where that was asked for.
fn answer_document(answer: &Answer, style: &Style, out: &mut impl Write) -> io::Result<()> {
    match &style.filter {
        Some(filter) => {
            let mut document = Vec::new();
            unfiltered(answer, style, &mut document)?;
            filter.run(&document, out)
        }
        None => unfiltered(answer, style, out),
    }
}

fn unfiltered(answer: &Answer, style: &Style, out: &mut impl Write) -> io::Result<()> {
    match (answer.items(), answer.value()) {
        (Some(items), _) if style.is_array || !style.selection.is_all() => {
            let mut document = Document::new(style, out);
            document.add(items, answer)?;
            document.end(answer).map(drop)
        }
        (None, Some(value)) if !style.selection.is_all() => {
            style.selection.write(value, out)?;
            out.write_all(b"\n")
        }
        _ => {
            answer.write_json(out)?;
            out.write_all(b"\n")
        }
    }
}
