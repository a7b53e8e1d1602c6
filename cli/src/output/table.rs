//! Tables for people.

use std::io::IsTerminal as _;

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width};
use host_runner::Val;

use super::columns::{Columns, scalar};
use super::fields::fields;
use super::left_out::LeftOut;
use crate::report::printable;

/// Most columns of a table of rows. A page has seventeen fields; the first ones of every record
/// are the ones that people look for.
const COLUMNS: usize = 7;

/// Longest text of an answer in a cell, in characters: four lines of a column. A body has
/// megabytes.
pub(super) const CELL_CHARS: usize = 240;

/// Widest column where the width of the terminal is unknown, in characters. A digest with the
/// name of its algorithm has 71, and stays in one piece.
const COLUMN_CHARS: u16 = 80;

/// A table with a row for each item: the columns that were asked for, or the first ones that any
/// row has something in.
pub(super) fn rows(items: &[Val], columns: Option<&Columns>, left_out: &mut LeftOut) -> Table {
    let items: Vec<Vec<(String, &Val)>> = items.iter().map(fields).collect();
    let names = match columns {
        Some(columns) => columns.names().to_vec(),
        None => first(filled(&items), left_out),
    };
    if names.is_empty() {
        return text(&["nothing"], &[]);
    }
    let cells: Vec<Vec<String>> = items
        .iter()
        .map(|item| {
            let value = |name: &String| item.iter().find(|(there, _)| there == name);
            names
                .iter()
                .map(|name| value(name).map_or_else(String::new, |it| cell(name, it.1, left_out)))
                .collect()
        })
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    text(&names, &cells)
}

/// A table with a line for each field of a record, nested ones behind a dot.
pub(super) fn record(value: &Val, left_out: &mut LeftOut) -> Table {
    let lines: Vec<Vec<String>> = fields(value)
        .into_iter()
        .map(|(name, value)| {
            let cell = cell(&name, value, left_out);
            vec![name, cell]
        })
        .collect();
    text(&["field", "value"], &lines)
}

/// A table of texts, which wrap and are never cut.
pub(super) fn text(header: &[&str], cells: &[Vec<String>]) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED);
    table.set_header(header.iter().copied());
    for row in cells {
        table.add_row(row.iter().map(|cell| printable(cell).into_owned()));
    }
    // A terminal without a size says that it is 0 wide: a letter would be a line.
    if std::io::stdout().is_terminal() && table.width().is_some_and(|width| width > 0) {
        table.set_content_arrangement(ContentArrangement::Dynamic);
    } else {
        for column in table.column_iter_mut() {
            column.set_constraint(ColumnConstraint::UpperBoundary(Width::Fixed(COLUMN_CHARS)));
        }
    }
    table
}

/// The columns that any of the items has something in, in the order of the contract.
fn filled(items: &[Vec<(String, &Val)>]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for item in items {
        // An item has what others lack behind what it shares with them.
        let mut place = 0;
        for (name, _) in item.iter().filter(|(_, value)| !is_empty(value)) {
            match names.iter().position(|there| there == name) {
                Some(there) => place = there + 1,
                None => {
                    names.insert(place, name.clone());
                    place += 1;
                }
            }
        }
    }
    names
}

/// Those that have a place in a table. The upstream JSON is for programs.
fn first(names: Vec<String>, left_out: &mut LeftOut) -> Vec<String> {
    let mut first = Vec::new();
    for name in names {
        if first.len() < COLUMNS && name != "raw" {
            first.push(name);
        } else {
            left_out.column(&name);
        }
    }
    first
}

fn is_empty(value: &Val) -> bool {
    matches!(value, Val::List(items) if items.is_empty())
}

/// A value as one cell: a list as its items, or as their number where these are too long.
fn cell(name: &str, value: &Val, left_out: &mut LeftOut) -> String {
    let Val::List(items) = value else {
        let text = one_line(&plain(value));
        return match text.char_indices().nth(CELL_CHARS) {
            None => text,
            Some((end, _)) => {
                left_out.cut(name);
                format!("{}…", text.get(..end).unwrap_or_default())
            }
        };
    };
    // A line each for records, whose parts would otherwise run together.
    let separator = match items.first() {
        Some(Val::Record(_)) => "\n",
        _ => ", ",
    };
    let mut text = String::new();
    for item in items {
        if !text.is_empty() {
            text.push_str(separator);
        }
        text.push_str(&one_line(&plain(item)));
        if text.chars().count() > CELL_CHARS {
            left_out.counted(name);
            return counted(items.len());
        }
    }
    if items.is_empty() { counted(0) } else { text }
}

fn counted(items: usize) -> String {
    match items {
        1 => "1 item".to_owned(),
        items => format!("{items} items"),
    }
}

/// A value on one line: a record as its fields, and what has no simpler form as JSON.
fn plain(value: &Val) -> String {
    if let Some(text) = scalar(value) {
        return text.into_owned();
    }
    if let Val::Record(_) = value {
        return fields(value)
            .into_iter()
            .map(|(name, value)| format!("{name}={}", plain(value)))
            .collect::<Vec<_>>()
            .join(" ");
    }
    let mut text = String::new();
    host_runner::write_json(value, &mut text);
    text
}

fn one_line(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}
