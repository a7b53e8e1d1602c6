//! Tables for people.

use std::io::{self, Write};

use comfy_table::Table;
use host_runner::{Function, Val};

use super::Style;
use super::columns::{Columns, scalar};
use super::curated::{self, day, head, short_time};
use super::fields::fields;
use super::layout::{Fit, Widths, draw, fits};
use super::left_out::LeftOut;
use crate::count::count;
use crate::formats::Format;

/// Maximum number of columns of a table whose function has no curated ones.
const COLUMNS: usize = 7;

/// Longest text of an answer in a cell, in characters: four lines of a column. A body has
/// megabytes.
pub(super) const CELL_CHARS: usize = 240;

/// Maximum number of cells of one table, which is held in memory: 1000 rows of the columns that are
/// shown without being asked for. More rows are tables of their own.
const CELLS: usize = 7_000;

/// Maximum number of rows of one table.
const ROWS: usize = 1_000;

/// Tables of one list: all have the columns and the widths of the first.
pub(super) struct Rows {
    choice: Choice,
    fit: Fit,
    names: Vec<String>,
    widths: Option<Widths>,
}

/// Which columns are shown.
enum Choice {
    /// Those that were asked for.
    Named(Columns),
    /// Those of the function that any row has something in.
    Curated(&'static [&'static str]),
    /// The first ones that any row has something in.
    First,
    /// All that any row has something in.
    Filled,
}

impl Rows {
    /// As a style says. Columns that were asked for, and all columns, are never cut.
    pub(super) fn of(function: &Function, style: &Style) -> Self {
        let choice = match (&style.columns, style.format) {
            (Some(columns), _) => Choice::Named(columns.clone()),
            (None, Format::Wide) => Choice::Filled,
            (None, _) => curated::columns(function.name()).map_or(Choice::First, Choice::Curated),
        };
        Self::with(choice)
    }

    /// For items of an answer that is nothing but a list.
    pub(super) fn of_plain(style: &Style) -> Self {
        Self::with(match style.format {
            Format::Wide => Choice::Filled,
            _ => Choice::First,
        })
    }

    fn with(choice: Choice) -> Self {
        let fit = match choice {
            Choice::Named(_) => Fit::of_complete(),
            Choice::Filled => Fit::Free,
            Choice::Curated(_) | Choice::First => Fit::of_rows(),
        };
        Self {
            choice,
            fit,
            names: Vec::new(),
            widths: None,
        }
    }

    /// Writes tables with a row for each item.
    pub(super) fn write(
        &mut self,
        items: &[Val],
        left_out: &mut LeftOut,
        out: &mut impl Write,
    ) -> io::Result<()> {
        let names = match &self.choice {
            Choice::Named(columns) => columns.names().to_vec(),
            Choice::Curated(columns) => chosen(columns, filled(items), left_out),
            Choice::First => first(filled(items), COLUMNS, left_out),
            Choice::Filled => first(filled(items), usize::MAX, left_out),
        };
        if names.iter().any(|name| !self.names.contains(name)) {
            self.names = names;
            self.widths = None;
        }
        // A note says that nothing matches.
        if self.names.is_empty() && items.is_empty() {
            return Ok(());
        }
        if self.names.is_empty() {
            let (table, _) = draw(&["nothing"], &[], self.fit, &mut None);
            return writeln!(out, "{table}");
        }
        let is_line = matches!(self.fit, Fit::Cut(_));
        // In a pipe, too: whoever names columns gets them by these names.
        let is_curated = matches!(self.choice, Choice::Curated(_) | Choice::First);
        let header: Vec<&str> = self
            .names
            .iter()
            .map(|name| if is_curated { head(name) } else { name })
            .collect();
        if items.is_empty() {
            let (table, _) = draw(&header, &[], self.fit, &mut None);
            return writeln!(out, "{table}");
        }
        for items in items.chunks((CELLS / self.names.len()).clamp(1, ROWS)) {
            let mut times = vec![false; self.names.len()];
            let mut cells: Vec<Vec<String>> = items
                .iter()
                .map(|item| {
                    let fields = fields(item);
                    let value = |name: &String| fields.iter().find(|(there, _)| there == name);
                    let cells = self.names.iter().zip(&mut times).map(|(name, is_time)| {
                        let text =
                            value(name).map_or_else(String::new, |it| cell(name, it.1, left_out));
                        match short_time(&text).filter(|_| is_line) {
                            Some(time) => {
                                *is_time = true;
                                time
                            }
                            None => text,
                        }
                    });
                    cells.collect()
                })
                .collect();
            // Where a line has no room for the time of day, a day is more than half a time.
            if !fits(&header, &cells, self.fit) {
                for row in &mut cells {
                    for (cell, _) in row.iter_mut().zip(&times).filter(|(_, is_time)| **is_time) {
                        cell.truncate(day(cell).len());
                    }
                }
            }
            let (table, cut) = draw(&header, &cells, self.fit, &mut self.widths);
            for name in cut.iter().filter_map(|column| header.get(*column)) {
                left_out.shortened(name);
            }
            writeln!(out, "{table}")?;
        }
        Ok(())
    }
}

/// Of the curated columns those that have something in a row; the others are said to be left out.
fn chosen(curated: &[&str], filled: Vec<String>, left_out: &mut LeftOut) -> Vec<String> {
    let shown = curated
        .iter()
        .filter(|name| filled.iter().any(|there| there == *name))
        .map(|name| (*name).to_owned())
        .collect();
    for name in filled {
        if !curated.contains(&name.as_str()) {
            left_out.column(&name);
        }
    }
    shown
}

/// A table with a line for each field of a record, nested ones behind a dot.
pub(super) fn record(value: &Val, columns: Option<&Columns>, left_out: &mut LeftOut) -> Table {
    let is_chosen = |name: &String| {
        columns.is_none_or(|columns| {
            columns.names().iter().any(|chosen| {
                name == chosen
                    || name
                        .strip_prefix(chosen.as_str())
                        .is_some_and(|rest| rest.starts_with('.'))
            })
        })
    };
    let lines: Vec<Vec<String>> = fields(value)
        .into_iter()
        .filter(|(name, _)| is_chosen(name))
        .map(|(name, value)| {
            let cell = cell(&name, value, left_out);
            vec![name, cell]
        })
        .collect();
    text(&["field", "value"], &lines)
}

/// A table of texts, which wrap and are never cut.
pub(super) fn text(header: &[&str], cells: &[Vec<String>]) -> Table {
    draw(header, cells, Fit::of_complete(), &mut None).0
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
fn first(names: Vec<String>, most: usize, left_out: &mut LeftOut) -> Vec<String> {
    let mut first = Vec::new();
    for name in names {
        if first.len() < most && name != "raw" {
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
            return count(items.len() as u64, "item");
        }
    }
    if items.is_empty() {
        count(0, "item")
    } else {
        cell.text
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
