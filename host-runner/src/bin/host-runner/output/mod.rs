//! Printing answers: tables for people, JSON and NDJSON for programs.

mod table;

use std::io::{self, IsTerminal as _, Write};

use host_runner::Answer;

use crate::command::Format;
use crate::exit::Failure;

pub(crate) use table::text as table_of_text;

/// The format when nobody names one: a table on a terminal, JSON into a pipe.
pub(crate) fn default_format() -> Format {
    if io::stdout().is_terminal() {
        Format::Table
    } else {
        Format::Json
    }
}

/// Prints an answer on standard output.
pub(crate) fn print(answer: &Answer, format: Format) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    write(answer, format, &mut out)
        .and_then(|()| out.flush())
        .map_err(Failure::output)
}

fn write(answer: &Answer, format: Format, out: &mut impl Write) -> io::Result<()> {
    match (format, answer.items()) {
        (Format::Table, Some(items)) => writeln!(out, "{}", table::rows(items)),
        (Format::Table, None) => match answer.value() {
            Some(value) => writeln!(out, "{}", table::record(value)),
            None => Ok(()),
        },
        (Format::Ndjson, Some(items)) => {
            let mut line = String::new();
            for item in items {
                line.clear();
                host_runner::write_json(item, &mut line);
                writeln!(out, "{line}")?;
            }
            Ok(())
        }
        (Format::Json | Format::Ndjson, _) => writeln!(out, "{}", answer.to_json()),
    }
}
