//! Tables for people.

use std::io::IsTerminal as _;

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{ContentArrangement, Table};
use wasmtime::component::Val;

use crate::report::printable;

/// Most columns of a table of rows. A page has seventeen fields; the first ones of every record
/// are the ones that people look for.
const COLUMNS: usize = 7;

/// Longest text in a cell, in characters.
const CELL_CHARS: usize = 60;

/// A table with a row for each record, and as columns the first fields that any row has a plain
/// value for.
pub(crate) fn rows(items: &[Val]) -> Table {
    let names: Vec<&str> = match items.first() {
        Some(Val::Record(fields)) => fields.iter().map(|(name, _)| name.as_str()).collect(),
        _ => Vec::new(),
    };
    let columns: Vec<&str> = names
        .into_iter()
        .filter(|name| *name != "raw" && items.iter().any(|item| cell(item, name).is_some()))
        .take(COLUMNS)
        .collect();
    if columns.is_empty() {
        return text(
            &["nothing"],
            &items
                .iter()
                .map(|item| vec![scalar(item).unwrap_or_default()])
                .collect::<Vec<_>>(),
        );
    }
    let cells: Vec<Vec<String>> = items
        .iter()
        .map(|item| {
            columns
                .iter()
                .map(|name| cell(item, name).unwrap_or_default())
                .collect()
        })
        .collect();
    text(&columns, &cells)
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
                lines.push(vec![path.to_owned(), text]);
            }
        }
    }
}

fn cell(item: &Val, name: &str) -> Option<String> {
    match item {
        Val::Record(fields) => fields
            .iter()
            .find(|(field, _)| field == name)
            .and_then(|(_, value)| scalar(value)),
        _ => None,
    }
}

/// A value that fits into a cell.
fn scalar(value: &Val) -> Option<String> {
    match value {
        Val::String(text) | Val::Enum(text) => Some(text.clone()),
        Val::Bool(value) => Some(value.to_string()),
        Val::U8(number) => Some(number.to_string()),
        Val::U16(number) => Some(number.to_string()),
        Val::U32(number) => Some(number.to_string()),
        Val::U64(number) => Some(number.to_string()),
        Val::S32(number) => Some(number.to_string()),
        Val::S64(number) => Some(number.to_string()),
        Val::Option(Some(value)) => scalar(value),
        _ => None,
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
