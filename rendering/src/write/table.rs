//! Tables, whose cells are one line each.
//!
//! A value that is merged over rows or columns is repeated in each: rows are read alone, by
//! people who scroll and by programs that index. So no value is ever in another column than on
//! the page, however cells are merged.

use super::{Writer, code, markdown, text};
use crate::Format;
use crate::document::{Block, Cell, Item, Marks, Piece, Row, Run, Style};
use crate::notice::NoticeKind;
use markdown::Place;

/// Places of all tables of a body that merged cells may cover, besides [`PER_CELL`] for each
/// cell: a plan of three years by days, with a hundred rows. Each costs two bytes at least.
const COVERED: usize = 128 * 1024;

/// Places that may be covered for each cell that there is.
const PER_CELL: usize = 4;

/// Bytes that repeated values may add to a body: enough for each place above to have a word.
const REPEATED: usize = 1024 * 1024;

/// Columns behind the last that begins with a cell. A title over `colspan="1000"` of a table of
/// three columns does not make it a table of a thousand.
const OVERHANG: usize = 64;

/// Levels of lists in a cell that are indented.
const NEST: usize = 16;

/// What the tables of a body may still add.
#[derive(Debug)]
pub(super) struct Room {
    covered: usize,
    repeated: usize,
}

impl Default for Room {
    fn default() -> Self {
        Self {
            covered: COVERED,
            repeated: REPEATED,
        }
    }
}

/// A cell where it begins, or where it reaches into another row.
#[derive(Debug, Clone, Copy)]
struct Placed {
    column: usize,
    columns: usize,
    /// Which of the written cells.
    cell: usize,
    /// It began in a row above.
    again: bool,
    /// Rows that it still reaches into below this one.
    below: usize,
}

/// A table that was laid out, as far as there is room.
enum Fit {
    /// Values are in all places of their cells.
    Repeated(Vec<Vec<Placed>>),
    /// Values are in the first place of their cells.
    Once(Vec<Vec<Placed>>),
    Not,
}

/// A table with a text for each column of each row.
struct Grid {
    texts: Vec<String>,
    lines: Vec<Line>,
}

/// One row of a table that was laid out.
struct Line {
    head: bool,
    /// Which text is in each column; none of them where nothing is.
    cells: Vec<usize>,
}

impl Grid {
    fn row(&self, line: &Line, between: &str) -> String {
        let mut row = String::new();
        for (at, cell) in line.cells.iter().enumerate() {
            if at > 0 {
                row.push_str(between);
            }
            row.push_str(self.text(*cell));
        }
        row
    }

    fn text(&self, cell: usize) -> &str {
        self.texts.get(cell).map_or("", String::as_str)
    }
}

impl Writer<'_> {
    pub(super) fn table(&mut self, rows: &[Row]) {
        let grid = self.grid(rows);
        let columns = grid.lines.iter().map(|line| line.cells.len()).max();
        let columns = columns.unwrap_or(0);
        if columns == 0 {
            return;
        }
        if self.format == Format::Text {
            for line in &grid.lines {
                let row = grid.row(line, "\t");
                if !row.trim().is_empty() {
                    self.lines.line(&row);
                }
            }
            return;
        }
        // The head alone says how many columns there are.
        let mut head = grid.lines.first().is_some_and(|first| first.head);
        if !head {
            self.row(&grid, &[], columns);
            self.rule_of(columns);
        }
        for line in &grid.lines {
            self.row(&grid, &line.cells, if head { columns } else { 0 });
            if std::mem::take(&mut head) {
                self.rule_of(columns);
            }
        }
    }

    fn rule_of(&mut self, columns: usize) {
        let mut rule = "|".to_owned();
        rule.push_str(&" --- |".repeat(columns));
        self.lines.line(&rule);
    }

    /// One row of at least `columns`; rows but the head may have fewer than the table.
    fn row(&mut self, grid: &Grid, cells: &[usize], columns: usize) {
        let mut line = "|".to_owned();
        for at in 0..columns.max(cells.len()) {
            let cell = cells.get(at).map_or("", |cell| grid.text(*cell));
            line.push(' ');
            line.push_str(cell);
            line.push_str(if cell.is_empty() { "|" } else { " |" });
        }
        self.lines.line(&line);
    }

    /// The rows of a table with a text for each column.
    fn grid(&mut self, rows: &[Row]) -> Grid {
        let mut texts = Vec::new();
        for cell in rows.iter().flat_map(|row| &row.cells) {
            let text = self.cell(cell);
            texts.push(text);
        }
        let merged = |cell: &Cell| cell.columns > 1 || cell.rows != 1;
        if !rows.iter().flat_map(|row| &row.cells).any(merged) {
            return plain(rows, texts);
        }
        let (placed, repeat) = match self.lay_out(rows, &texts) {
            Fit::Repeated(placed) => (placed, true),
            Fit::Once(placed) => (placed, false),
            Fit::Not => return plain(rows, texts),
        };
        let again = self.repeated(rows, &mut texts);
        let mut lines = Vec::with_capacity(rows.len());
        for (row, placed) in rows.iter().zip(&placed) {
            let mut cells: Vec<usize> = Vec::new();
            for place in placed {
                // Where no cell reaches.
                cells.resize(place.column.max(cells.len()), usize::MAX);
                // Where two cells overlap, the first is shown.
                if !place.again && (!repeat || cells.len() == place.column) {
                    cells.push(place.cell);
                }
                let end = (place.column + place.columns).max(cells.len());
                let again = again.get(place.cell).copied().unwrap_or(place.cell);
                cells.resize(end, if repeat { again } else { usize::MAX });
            }
            // A row that only cells from above reach into has nothing of its own.
            if placed.iter().any(|place| !place.again) {
                lines.push(Line {
                    head: is_head(row),
                    cells,
                });
            }
        }
        Grid { texts, lines }
    }

    /// Which text stands for each cell where it is repeated: without anchors, which are in one place.
    fn repeated(&mut self, rows: &[Row], texts: &mut Vec<String>) -> Vec<usize> {
        let cells = rows.iter().flat_map(|row| &row.cells).enumerate();
        let mut again = Vec::new();
        for (at, cell) in cells {
            let is_merged = cell.columns > 1 || cell.rows != 1;
            if is_merged && texts.get(at).is_some_and(|text| text.contains("<a id=")) {
                self.place = Place::CellAgain;
                let text = self.cell(cell);
                self.place = Place::Cell;
                again.push(texts.len());
                texts.push(text);
            } else {
                again.push(at);
            }
        }
        again
    }

    /// Where every cell is, row by row, and how much of that may be written.
    fn lay_out(&mut self, rows: &[Row], texts: &[String]) -> Fit {
        let most = self.room.covered + texts.len() * PER_CELL;
        let mut count = 0;
        let mut number = 0;
        let mut laid: Vec<Vec<Placed>> = Vec::with_capacity(rows.len());
        let mut group = None;
        for row in rows {
            let reaching: Vec<Placed> = match laid.last() {
                Some(above) if group == Some(row.group) => above
                    .iter()
                    .filter(|place| place.below > 0)
                    .map(|place| Placed {
                        again: true,
                        below: place.below - 1,
                        ..*place
                    })
                    .collect(),
                _ => Vec::new(),
            };
            group = Some(row.group);
            let mut reaching = reaching.into_iter().peekable();
            let mut placed: Vec<Placed> = Vec::new();
            let mut column = 0;
            for cell in &row.cells {
                // Past what reaches into this row and is in the way.
                while let Some(above) = reaching.next_if(|above| above.column <= column) {
                    column = column.max(above.column + above.columns);
                    placed.push(above);
                }
                placed.push(Placed {
                    column,
                    columns: cell.columns,
                    cell: number,
                    again: false,
                    below: match cell.rows {
                        0 => usize::MAX,
                        rows => rows - 1,
                    },
                });
                number += 1;
                column += cell.columns;
            }
            placed.extend(reaching);
            count += placed.len();
            if count > most {
                return self.too_large();
            }
            laid.push(placed);
        }
        self.fit(laid, texts, most)
    }

    /// Trying took time, so the next table may try less.
    fn too_large(&mut self) -> Fit {
        self.notices.add(NoticeKind::LargeTable, "");
        self.room.covered /= 2;
        Fit::Not
    }

    /// Cuts what hangs over on the right, and takes the room that is needed.
    fn fit(&mut self, mut laid: Vec<Vec<Placed>>, texts: &[String], most: usize) -> Fit {
        let all = || laid.iter().flatten();
        let begins = all().map(|place| place.column + 1).max().unwrap_or(0);
        let ends = all().map(|place| place.column + place.columns).max();
        let ends = ends.unwrap_or(0);
        let width = if ends - begins > OVERHANG {
            begins
        } else {
            ends
        };
        let (mut covered, mut repeated) = (0, 0);
        for placed in laid.iter_mut() {
            for place in placed.iter_mut() {
                place.columns = place.columns.min(width - place.column);
                let length = texts.get(place.cell).map_or(0, String::len);
                let times = place.columns - usize::from(!place.again);
                repeated += length * times;
            }
            let end = placed
                .iter()
                .map(|place| place.column + place.columns)
                .max();
            covered += end.unwrap_or(0);
        }
        let covered = covered.saturating_sub(texts.len());
        if covered > most {
            return self.too_large();
        }
        self.room.covered = self.room.covered.saturating_sub(covered);
        if repeated > self.room.repeated {
            self.notices.add(NoticeKind::LargeTable, "");
            return Fit::Once(laid);
        }
        self.room.repeated -= repeated;
        Fit::Repeated(laid)
    }

    fn cell(&mut self, cell: &Cell) -> String {
        let mut parts = Vec::new();
        self.parts(&cell.blocks, "", 0, &mut parts);
        let mut text = parts.join(match self.format {
            Format::Text => " / ",
            Format::Markdown => "<br>",
        });
        text.truncate(text.trim_end().len());
        text
    }

    /// The lines of `blocks`, which are in that many lists, the first one behind `marker`.
    fn parts(&mut self, blocks: &[Block], marker: &str, nest: usize, parts: &mut Vec<String>) {
        let begin = parts.len();
        let marked = !marker.is_empty();
        for block in blocks {
            let before = parts.len();
            match block {
                Block::Paragraph(runs) | Block::Heading(_, runs) => {
                    let text = match self.format {
                        Format::Text => text::inline(runs, " / "),
                        Format::Markdown => markdown::inline(runs, self.place, self.places),
                    };
                    // Anchors alone are nothing in text.
                    if !text.is_empty() {
                        parts.push(text);
                    }
                }
                Block::Code { text, .. } => {
                    parts.extend(text.split('\n').map(|line| self.code_line(line)));
                }
                Block::Quote(blocks) => self.parts(blocks, "", 0, parts),
                Block::Rule => parts.push("---".to_owned()),
                Block::List(list) => {
                    for (at, item) in list.items.iter().enumerate() {
                        let number = list.start.map(|start| u64::from(start) + at as u64);
                        let marker = self.marker(item, number, nest);
                        self.parts(&item.blocks, &marker, nest + 1, parts);
                    }
                    continue;
                }
                Block::Table(rows) => {
                    let grid = self.grid(rows);
                    // As a row of Markdown has it: values have commas of their own.
                    let between = match self.format {
                        Format::Text => " | ",
                        Format::Markdown => " \\| ",
                    };
                    for line in &grid.lines {
                        let line = grid.row(line, between);
                        if !line.is_empty() {
                            parts.push(line);
                        }
                    }
                }
            }
            // What follows in an item is as deep as its text.
            if nest > 0 && self.format == Format::Markdown {
                let begin = before.max(begin + usize::from(marked));
                let indent = INDENT.repeat(nest.min(NEST));
                for line in parts.iter_mut().skip(begin) {
                    line.insert_str(0, &indent);
                }
            }
        }
        match parts.get_mut(begin) {
            Some(first) => first.insert_str(0, marker),
            None if marked => parts.push(marker.trim_end().to_owned()),
            None => {}
        }
    }

    /// What is before the first line of an item that is in `nest` items: the deeper, the more
    /// dashes in text, the more blanks in Markdown.
    fn marker(&self, item: &Item, number: Option<u64>, nest: usize) -> String {
        let own = match (number, item.task) {
            (Some(number), _) => format!("{number}. "),
            (None, None) => "- ".to_owned(),
            (None, Some(false)) => "[ ] ".to_owned(),
            (None, Some(true)) => "[x] ".to_owned(),
        };
        let nest = nest.min(NEST);
        match self.format {
            Format::Markdown => INDENT.repeat(nest) + &own,
            Format::Text if nest == 0 => own,
            Format::Text if own == "- " => "-".repeat(nest) + &own,
            Format::Text => "-".repeat(nest) + " " + &own,
        }
    }

    /// A line of code, with its indentation: tabs would be other cells.
    fn code_line(&self, line: &str) -> String {
        let line = line.trim_end().replace('\t', "    ");
        let mut out = String::new();
        match self.format {
            Format::Text => out = line,
            Format::Markdown if line.is_empty() => {}
            Format::Markdown if line.contains('|') && line.contains('\\') => {
                let blanks = line.len() - line.trim_start().len();
                out.push_str(&"&nbsp;".repeat(blanks));
                let line = [Run {
                    piece: Piece::Text(line.trim_start().to_owned()),
                    style: Style::default().with(Marks::CODE),
                }];
                out.push_str(&markdown::inline(&line, Place::Cell, self.places));
            }
            Format::Markdown => code::span(&mut out, &line.replace('|', "\\|")),
        }
        out
    }
}

/// What indents by one level in a cell: readers of Markdown drop plain blanks.
const INDENT: &str = "&nbsp;&nbsp;";

/// The rows as they are when no cell covers another.
fn plain(rows: &[Row], texts: Vec<String>) -> Grid {
    let mut number = 0;
    let mut lines = Vec::with_capacity(rows.len());
    for row in rows.iter().filter(|row| !row.cells.is_empty()) {
        let begin = number;
        number += row.cells.len();
        lines.push(Line {
            head: is_head(row),
            cells: (begin..number).collect(),
        });
    }
    Grid { texts, lines }
}

/// Whether `row` names the columns. The corner over a column of names is often empty and not
/// marked as a head.
fn is_head(row: &Row) -> bool {
    let mut cells = row.cells.iter();
    let corner = |cell: &&Cell| !cell.header && cell.blocks.is_empty();
    let blank = cells.clone().take_while(corner).count();
    let named = cells.clone().skip(blank).all(|cell| cell.header);
    row.head || named && cells.any(|cell| cell.header)
}
