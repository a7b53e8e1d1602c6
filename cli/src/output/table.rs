//! Tables for people.

use std::io::{self, IsTerminal as _, Write};

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width};
use host_runner::Val;

use super::columns::{Columns, scalar};
use super::fields::fields;
use super::left_out::LeftOut;
use crate::visible;

/// Most columns of a table of rows. A page has seventeen fields; the first ones of every record
/// are the ones that people look for.
const COLUMNS: usize = 7;

/// Longest text of an answer in a cell, in characters: four lines of a column. A body has
/// megabytes.
pub(super) const CELL_CHARS: usize = 240;

/// Widest column where the width of the terminal is unknown, in characters. A digest with the
/// name of its algorithm has 71, and stays in one piece.
const COLUMN_CHARS: u16 = 80;

/// Maximum number of cells of one table, which is held in memory: 1000 rows of the columns that are
/// shown without being asked for. More rows are tables of their own.
const CELLS: usize = 7_000;

/// Maximum number of rows of one table.
const ROWS: usize = 1_000;

/// Writes tables with a row for each item: the columns that were asked for, or the first ones that
/// any row has something in.
pub(super) fn rows(
    items: &[Val],
    columns: Option<&Columns>,
    left_out: &mut LeftOut,
    out: &mut impl Write,
) -> io::Result<()> {
    let names = match columns {
        Some(columns) => columns.names().to_vec(),
        None => first(filled(items), left_out),
    };
    if names.is_empty() {
        return writeln!(out, "{}", text(&["nothing"], &[]));
    }
    let header: Vec<&str> = names.iter().map(String::as_str).collect();
    if items.is_empty() {
        return writeln!(out, "{}", text(&header, &[]));
    }
    for items in items.chunks((CELLS / names.len()).clamp(1, ROWS)) {
        let cells: Vec<Vec<String>> = items
            .iter()
            .map(|item| {
                let fields = fields(item);
                let value = |name: &String| fields.iter().find(|(there, _)| there == name);
                names
                    .iter()
                    .map(|name| {
                        value(name).map_or_else(String::new, |it| cell(name, it.1, left_out))
                    })
                    .collect()
            })
            .collect();
        writeln!(out, "{}", text(&header, &cells))?;
    }
    Ok(())
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
        table.add_row(row.iter().map(|cell| visible::text(cell).into_owned()));
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
fn filled(items: &[Val]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for item in items {
        // An item has what others lack behind what it shares with them.
        let mut place = 0;
        for (name, _) in fields(item)
            .into_iter()
            .filter(|(_, value)| !is_empty(value))
        {
            match names.iter().position(|there| *there == name) {
                Some(there) => place = there + 1,
                None => {
                    names.insert(place, name);
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
    let mut cell = Cell::default();
    let Val::List(items) = value else {
        cell.add(value);
        if cell.is_full {
            left_out.cut(name);
            cell.text.push('…');
        }
        return cell.text;
    };
    // A line each for records, whose parts would otherwise run together.
    let separator = match items.first() {
        Some(Val::Record(_)) => '\n',
        _ => ',',
    };
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            cell.push_char(separator);
            if separator == ',' {
                cell.push_char(' ');
            }
        }
        cell.add(item);
        if cell.is_full {
            left_out.counted(name);
            return counted(items.len());
        }
    }
    if items.is_empty() {
        counted(0)
    } else {
        cell.text
    }
}

fn counted(items: usize) -> String {
    match items {
        1 => "1 item".to_owned(),
        items => format!("{items} items"),
    }
}

/// The text of a cell, which takes no more than [`CELL_CHARS`] characters, however long the value.
#[derive(Default)]
struct Cell {
    text: String,
    chars: usize,
    /// Whether there was more.
    is_full: bool,
}

impl Cell {
    /// Adds a value on one line: a record as its fields, and what has no simpler form as JSON.
    fn add(&mut self, value: &Val) {
        if self.is_full {
            return;
        }
        if let Some(text) = scalar(value) {
            self.push(&text);
        } else if let Val::Record(_) = value {
            for (index, (name, value)) in fields(value).into_iter().enumerate() {
                if index > 0 {
                    self.push(" ");
                }
                self.push(&name);
                self.push("=");
                self.add(value);
            }
        } else {
            // It ends early when the cell is full.
            let _ = host_runner::write_json(value, self);
        }
    }

    fn push(&mut self, text: &str) {
        for c in text.chars() {
            if self.is_full {
                return;
            }
            self.push_char(match c {
                '\n' | '\r' => ' ',
                c => c,
            });
        }
    }

    fn push_char(&mut self, c: char) {
        if self.chars == CELL_CHARS {
            self.is_full = true;
        } else {
            self.chars += 1;
            self.text.push(c);
        }
    }
}

impl Write for Cell {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.push(&String::from_utf8_lossy(bytes));
        if self.is_full {
            Err(io::ErrorKind::WriteZero.into())
        } else {
            Ok(bytes.len())
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
