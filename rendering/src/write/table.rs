//! Tables, whose cells are one line each.

use super::{Writer, code, markdown, text};
use crate::Format;
use crate::document::{Block, Cell, Marks, Piece, Row, Run, Style};
use markdown::Place;

/// What stands where a merged cell covers others.
const COVERED: &str = "";

impl Writer<'_> {
    pub(super) fn table(&mut self, rows: &[Row]) {
        let rows: Vec<(bool, Vec<String>)> = self.grid(rows);
        let columns = rows.iter().map(|(_, cells)| cells.len()).max().unwrap_or(0);
        if columns == 0 {
            return;
        }
        if self.format == Format::Text {
            for (_, cells) in &rows {
                if cells.iter().any(|cell| !cell.is_empty()) {
                    self.lines.line(&cells.join("\t"));
                }
            }
            return;
        }
        let mut rows = rows.as_slice();
        // The head alone says how many columns there are.
        let head = match rows {
            [(true, head), rest @ ..] => {
                rows = rest;
                head.as_slice()
            }
            _ => &[],
        };
        self.row(head, columns);
        let mut rule = "|".to_owned();
        rule.push_str(&" --- |".repeat(columns));
        self.lines.line(&rule);
        for (_, cells) in rows {
            self.row(cells, 0);
        }
    }

    /// One row of at least `columns`; rows but the head may have fewer than the table.
    fn row(&mut self, cells: &[String], columns: usize) {
        let mut line = "|".to_owned();
        let missing = columns.saturating_sub(cells.len());
        let missing = std::iter::repeat_n(COVERED, missing);
        for cell in cells.iter().map(String::as_str).chain(missing) {
            line.push(' ');
            line.push_str(cell);
            line.push_str(if cell.is_empty() { "|" } else { " |" });
        }
        self.lines.line(&line);
    }

    /// The written cells of each row with empty ones where others reach, and whether it is a
    /// head.
    fn grid(&self, rows: &[Row]) -> Vec<(bool, Vec<String>)> {
        let real: usize = rows.iter().map(|row| row.cells.len()).sum();
        // Empty cells that may still be added: spans must not grow a table beyond a few times
        // its cells.
        let mut budget = real.saturating_mul(4);
        // For each column, how many more rows the cell above reaches into.
        let mut reach: Vec<usize> = Vec::new();
        let mut grid = Vec::with_capacity(rows.len());
        for row in rows {
            let head =
                row.head || !row.cells.is_empty() && row.cells.iter().all(|cell| cell.header);
            let mut written = Vec::new();
            for cell in &row.cells {
                fill(&mut written, &mut reach, &mut budget);
                written.push(self.cell(cell));
                put(&mut reach, written.len(), cell.rows);
                for _ in 1..cell.columns.min(budget.saturating_add(1)) {
                    budget -= 1;
                    written.push(COVERED.to_owned());
                    put(&mut reach, written.len(), cell.rows);
                }
            }
            fill(&mut written, &mut reach, &mut budget);
            grid.push((head, written));
        }
        grid
    }

    fn cell(&self, cell: &Cell) -> String {
        let mut parts = Vec::new();
        self.parts(&cell.blocks, "", &mut parts);
        parts.join(match self.format {
            Format::Text => " / ",
            Format::Markdown => "<br>",
        })
    }

    /// The lines of `blocks`, the first one behind `marker`.
    fn parts(&self, blocks: &[Block], marker: &str, parts: &mut Vec<String>) {
        let before = parts.len();
        for block in blocks {
            match block {
                // Runs are never nothing, and neither are lines of code below.
                Block::Paragraph(runs) | Block::Heading(_, runs) => parts.push(match self.format {
                    Format::Text => text::inline(runs, " / "),
                    Format::Markdown => markdown::inline(runs, Place::Cell),
                }),
                Block::Code { text, .. } => {
                    for line in text.split('\n').filter(|line| !line.trim().is_empty()) {
                        parts.push(self.code_line(line));
                    }
                }
                Block::Quote(blocks) => self.parts(blocks, "", parts),
                Block::Rule => parts.push("---".to_owned()),
                Block::List(list) => {
                    for (at, item) in list.items.iter().enumerate() {
                        let number = list.start.map(|start| u64::from(start) + at as u64);
                        let marker = match (number, item.task) {
                            (Some(number), _) => format!("{number}. "),
                            (None, None) => "- ".to_owned(),
                            (None, Some(false)) => "[ ] ".to_owned(),
                            (None, Some(true)) => "[x] ".to_owned(),
                        };
                        self.parts(&item.blocks, &marker, parts);
                    }
                }
                Block::Table(rows) => {
                    for row in rows {
                        let cells: Vec<String> =
                            row.cells.iter().map(|cell| self.cell(cell)).collect();
                        let line = cells.join(", ");
                        if !line.is_empty() {
                            parts.push(line);
                        }
                    }
                }
            }
        }
        if let Some(first) = parts.get_mut(before) {
            first.insert_str(0, marker);
        }
    }

    fn code_line(&self, line: &str) -> String {
        let mut out = String::new();
        match self.format {
            Format::Text => out.push_str(line.trim()),
            Format::Markdown if line.contains('|') && line.contains('\\') => {
                let line = [Run {
                    piece: Piece::Text(line.trim().to_owned()),
                    style: Style::default().with(Marks::CODE),
                }];
                out = markdown::inline(&line, Place::Cell);
            }
            Format::Markdown => code::span(&mut out, &line.trim().replace('|', "\\|")),
        }
        out
    }
}

/// Adds empty cells where cells of rows above reach.
fn fill(written: &mut Vec<String>, reach: &mut [usize], budget: &mut usize) {
    while let Some(rows) = reach.get_mut(written.len())
        && *rows > 0
        && *budget > 0
    {
        *rows -= 1;
        *budget -= 1;
        written.push(COVERED.to_owned());
    }
}

/// Notes that the cell in the last of `columns` reaches `rows` rows, its own included.
fn put(reach: &mut Vec<usize>, columns: usize, rows: usize) {
    if reach.len() < columns {
        reach.resize(columns, 0);
    }
    if let Some(last) = reach.get_mut(columns.saturating_sub(1)) {
        *last = rows.saturating_sub(1);
    }
}
