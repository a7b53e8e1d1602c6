//! Tables for people.

use std::borrow::Cow;
use std::io::IsTerminal as _;

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{ContentArrangement, Table};
use host_runner::Function;
use wasmtime::component::Val;

use super::columns::{Columns, scalar};
use crate::report::printable;

/// Most columns of a table of rows. A page has seventeen fields; the first ones of every record
/// are the ones that people look for.
const COLUMNS: usize = 7;

/// Longest text in a cell, in characters.
const CELL_CHARS: usize = 60;

/// A table with a row for each item: the columns that were asked for, or the first ones that any
/// row has something in.
pub(crate) fn rows(function: &Function, items: &[Val], columns: Option<&Columns>) -> Table {
    let columns = match columns {
        Some(columns) => columns.clone(),
        None => Columns::all(function).filled(items, COLUMNS),
    };
    if columns.names().is_empty() {
        return text(&["nothing"], &[]);
    }
    let names: Vec<&str> = columns.names().iter().map(String::as_str).collect();
    let cells = |item| columns.cells(item).map(Cow::into_owned).collect();
    let cells: Vec<Vec<String>> = items.iter().map(cells).collect();
    text(&names, &cells)
}

/// A table with a line for each field of a record, nested ones behind a dot.
pub(crate) fn record(value: &Val) -> Table {
    let mut lines = Vec::new();
    flatten("", value, &mut lines);
    text(&["field", "value"], &lines)
}

/// A table of texts.
pub(crate) fn text(header: &[&str], cells: &[Vec<String>]) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED);
    table.set_header(header.iter().copied());
    if std::io::stdout().is_terminal() {
        table.set_content_arrangement(ContentArrangement::Dynamic);
    }
    for row in cells {
        table.add_row(row.iter().map(|cell| shortened(cell)));
    }
    table
}

fn flatten(path: &str, value: &Val, lines: &mut Vec<Vec<String>>) {
    match value {
        Val::Record(fields) => {
            for (name, value) in fields {
                let path = if path.is_empty() {
                    name.clone()
                } else {
                    format!("{path}.{name}")
                };
                flatten(&path, value, lines);
            }
        }
        Val::Option(Some(value)) => flatten(path, value, lines),
        value => {
            if let Some(text) = scalar(value) {
                lines.push(vec![path.to_owned(), text.into_owned()]);
            }
        }
    }
}

/// One line, without what would steer a terminal, cut where it would make the table unreadable.
fn shortened(text: &str) -> String {
    let text = printable(text).replace('\n', " ");
    match text.char_indices().nth(CELL_CHARS) {
        None => text,
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
    }
}
