//! Rows of this program's own: settings, connections, components.

use std::io::{self, Write};

use host_runner::camel_case;
use serde_json::Value;

use super::layout::{Fit, draw};
use super::printing::{Printing, only};
use super::separated::Separated;
use super::table;
use crate::exit::Failure;
use crate::formats::Format;
use crate::{report, visible};

/// The columns of rows.
pub(crate) struct Sheet<'a> {
    pub(crate) columns: &'a [&'a str],
    /// Those of them that a table has only when it is asked to be wide.
    pub(crate) wide: &'a [&'a str],
    /// Those whose texts are short forms already.
    pub(crate) shortened: &'a [&'a str],
}

impl<'a> Sheet<'a> {
    /// One whose tables have all columns.
    pub(crate) fn of(columns: &'a [&'a str]) -> Self {
        Self {
            columns,
            wide: &[],
            shortened: &[],
        }
    }
}

/// Prints rows, objects with these columns: a table, a document, a line each, or CSV.
pub(crate) fn records(
    sheet: &Sheet<'_>,
    rows: &[Value],
    printing: &Printing,
) -> Result<(), Failure> {
    let format = printing.format;
    let Some(fields) = printing.fields(sheet.columns, rows)? else {
        return shown(sheet, rows, printing);
    };
    let columns: Vec<&str> = fields.names().iter().map(String::as_str).collect();
    let sheet = Sheet {
        columns: &columns,
        wide: &[],
        shortened: sheet.shortened,
    };
    match format {
        Format::Json | Format::Ndjson => {
            let rows: Vec<Value> = rows.iter().map(|row| only(row, &fields)).collect();
            shown(&sheet, &rows, printing)
        }
        Format::Table | Format::Wide | Format::Csv => shown(&sheet, rows, printing),
    }
}

/// The name of a field for programs, `setBy` for `set by`: as the fields of calls are named.
fn field_name(name: &str) -> String {
    camel_case(&name.replace(' ', "-"))
}

/// An object with names of fields for programs.
fn for_programs(row: &Value) -> Value {
    let Value::Object(fields) = row else {
        return row.clone();
    };
    let fields = fields.iter();
    Value::Object(
        fields
            .map(|(name, value)| (field_name(name), value.clone()))
            .collect(),
    )
}

/// Prints rows with all columns of the sheet.
fn shown(sheet: &Sheet<'_>, rows: &[Value], printing: &Printing) -> Result<(), Failure> {
    let format = printing.format;
    let named: Vec<Value>;
    let rows = if matches!(format, Format::Json | Format::Ndjson) {
        named = rows.iter().map(for_programs).collect();
        &named
    } else {
        rows
    };
    let mut out = visible::stdout(format);
    if let Some(filter) = &printing.filter {
        return serde_json::to_vec(rows)
            .map_err(io::Error::other)
            .and_then(|document| filter.run(&document, &mut out))
            .and_then(|()| out.flush())
            .map_err(Failure::output);
    }
    let shortened = write(sheet, rows, format, &mut out)
        .and_then(|shortened| out.flush().map(|()| shortened))
        .map_err(Failure::output)?;
    if format != Format::Table {
        return Ok(());
    }
    let shortened: Vec<&str> = shortened
        .into_iter()
        .filter(|name| sheet.columns.contains(name))
        .collect();
    let part = |what: &str, names: &[&str]| {
        (!names.is_empty()).then(|| format!("{what} `{}`", names.join("`, `")))
    };
    let parts = [part("omits", sheet.wide), part("shortens", &shortened)];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if !parts.is_empty() {
        report::note(&format!(
            "the table {}; `--output wide` shows everything",
            parts.join(" and ")
        ));
    }
    Ok(())
}

/// Prints one object: its fields as a table, a line of JSON, or a row of CSV behind its header,
/// in which what is nested stands as JSON.
pub(crate) fn object(object: &Value, printing: &Printing) -> Result<(), Failure> {
    let format = printing.format;
    let object = &match (printing.narrowed(object)?, format) {
        (object, Format::Table | Format::Wide) => object,
        (object, _) => for_programs(&object),
    };
    let fields = || object.as_object().into_iter().flatten();
    let mut out = visible::stdout(format);
    let written = match format {
        Format::Table | Format::Wide => {
            let rows: Vec<Vec<String>> = fields()
                .map(|(name, value)| vec![name.clone(), cell(value)])
                .collect();
            writeln!(out, "{}", table::text(&["field", "value"], &rows))
        }
        Format::Json | Format::Ndjson => match &printing.filter {
            Some(filter) => filter.run(object.to_string().as_bytes(), &mut out),
            None => writeln!(out, "{object}"),
        },
        Format::Csv => {
            let mut lines = Separated::new(&mut out);
            lines
                .row(fields().map(|(name, _)| name))
                .and_then(|()| lines.row(fields().map(|(_, value)| alone(value))))
                .and_then(|()| lines.flush())
        }
    };
    written.and_then(|()| out.flush()).map_err(Failure::output)
}

/// A value that a program reads back.
fn alone(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Prints one object, or a list of them, as a document.
pub(crate) fn document(object: &Value, printing: &Printing) -> Result<(), Failure> {
    let object = printing.narrowed(object)?;
    let mut out = visible::stdout(Format::Json);
    if let Some(filter) = &printing.filter {
        return filter
            .run(object.to_string().as_bytes(), &mut out)
            .and_then(|()| out.flush())
            .map_err(Failure::output);
    }
    let document = serde_json::to_string_pretty(&object)
        .map_err(|error| Failure::output(io::Error::other(error)))?;
    writeln!(out, "{document}")
        .and_then(|()| out.flush())
        .map_err(Failure::output)
}

/// Writes them, and returns the names of columns that were cut.
fn write<'a>(
    sheet: &Sheet<'a>,
    rows: &[Value],
    format: Format,
    out: &mut impl Write,
) -> io::Result<Vec<&'a str>> {
    let columns: Vec<&str> = sheet
        .columns
        .iter()
        .filter(|column| format != Format::Table || !sheet.wide.contains(column))
        .copied()
        .collect();
    let cells = |row: &Value| -> Vec<String> {
        columns
            .iter()
            .map(|column| cell(row.get(*column).unwrap_or(&Value::Null)))
            .collect()
    };
    match format {
        Format::Table | Format::Wide => {
            let fit = match format {
                Format::Wide => Fit::Free,
                _ => Fit::of_rows(),
            };
            let rows: Vec<Vec<String>> = rows.iter().map(cells).collect();
            let (table, cut) = draw(&columns, &rows, fit, &mut None);
            writeln!(out, "{table}")?;
            let is_cut =
                |at: usize, name: &str| cut.contains(&at) || sheet.shortened.contains(&name);
            return Ok(columns
                .iter()
                .enumerate()
                .filter(|(at, name)| is_cut(*at, name))
                .map(|(_, name)| *name)
                .collect());
        }
        Format::Json => {
            let document = serde_json::to_string_pretty(rows).map_err(io::Error::other)?;
            writeln!(out, "{document}")?;
        }
        Format::Ndjson => rows.iter().try_for_each(|row| writeln!(out, "{row}"))?,
        Format::Csv => {
            let mut lines = Separated::new(out);
            lines.row(columns.iter().map(|name| field_name(name)))?;
            for row in rows {
                lines.row(cells(row))?;
            }
            lines.flush()?;
        }
    }
    Ok(Vec::new())
}

/// A value as one cell.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(cell).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => fields
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| format!("{name}={}", cell(value)))
            .collect::<Vec<_>>()
            .join(" "),
        other => other.to_string(),
    }
}
