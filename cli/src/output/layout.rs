//! How wide the columns of a table are, and what a text that is wider becomes.

use std::io::IsTerminal as _;

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::visible;

/// Widest column where the width of the terminal is unknown, in characters. A digest with the
/// name of its algorithm has 71, and stays in one piece.
const COLUMN_CHARS: usize = 80;

/// Narrowest column that says something: three characters and the ellipsis.
const MIN_CHARS: usize = 4;

/// What is left of an opaque id when others need the room.
const OPAQUE_CHARS: usize = 12;

/// What is left of a title before ids of spaces and pages are cut.
const TEXT_CHARS: usize = 20;

/// What is left of the id of a space or a page: current ones have up to ten digits.
const REFERENCE_CHARS: usize = 10;

/// What borders and padding take of a line: three characters for each column, and one.
const fn frame(columns: usize) -> usize {
    3 * columns + 1
}

/// What happens to texts that are wider than their column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    /// They are cut, so that each row is one line of a terminal that is so many characters wide.
    Cut(usize),
    /// They are broken into lines, so that the table is not wider than the terminal.
    Break,
    /// They are broken into lines of [`COLUMN_CHARS`].
    Free,
}

impl Fit {
    /// For rows: one line each on a terminal that tells how wide it is.
    pub(super) fn of_rows() -> Self {
        terminal_width().map_or(Self::Free, Self::Cut)
    }

    /// For what must not be cut.
    pub(super) fn of_complete() -> Self {
        terminal_width().map_or(Self::Free, |_| Self::Break)
    }
}

/// The width of standard output, where it is a terminal. One without a size says that it is 0
/// wide.
pub(crate) fn terminal_width() -> Option<usize> {
    if !std::io::stdout().is_terminal() {
        return None;
    }
    let width = Table::new().width().filter(|width| *width > 0);
    width.map(usize::from)
}

/// The widths of columns, kept for the tables that follow in the same list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Widths(Vec<usize>);

/// Draws a table, and says which columns are cut.
///
/// Widths that an earlier table of the same columns had are used again.
pub(super) fn draw(
    header: &[&str],
    cells: &[Vec<String>],
    fit: Fit,
    widths: &mut Option<Widths>,
) -> (Table, Vec<usize>) {
    let visible: Vec<Vec<String>> = cells
        .iter()
        .map(|row| {
            row.iter()
                .map(|cell| visible::text(cell).into_owned())
                .collect()
        })
        .collect();
    let mut cut_columns = Vec::new();
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED);
    if let Fit::Break = fit {
        table.set_header(header.iter().copied());
        table.add_rows(visible);
        table.set_content_arrangement(ContentArrangement::Dynamic);
        return (table, cut_columns);
    }
    let there = Widths::new(header, &visible, fit, widths.take());
    if let Fit::Cut(_) = fit {
        let names = header.iter().zip(&there.0);
        table.set_header(names.map(|(name, width)| cut(name, *width)));
        for row in &visible {
            let cells = row.iter().zip(&there.0).enumerate();
            table.add_row(cells.map(|(column, (text, width))| {
                let shown = cut(text, *width);
                if shown != *text && !cut_columns.contains(&column) {
                    cut_columns.push(column);
                }
                shown
            }));
        }
    } else {
        table.set_header(header.iter().copied());
        table.add_rows(visible);
    }
    for (column, width) in table.column_iter_mut().zip(&there.0) {
        let width = u16::try_from(width.saturating_add(2)).unwrap_or(u16::MAX);
        column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(width)));
    }
    *widths = Some(there);
    cut_columns.sort_unstable();
    (table, cut_columns)
}

/// Whether rows are lines without anything being cut.
pub(super) fn fits(header: &[&str], cells: &[Vec<String>], fit: Fit) -> bool {
    match fit {
        Fit::Cut(total) => {
            natural(header, cells).iter().sum::<usize>() + frame(header.len()) <= total
        }
        Fit::Break | Fit::Free => true,
    }
}

/// How wide the columns are when nothing is cut or broken.
fn natural(header: &[&str], cells: &[Vec<String>]) -> Vec<usize> {
    let mut widths: Vec<usize> = header.iter().map(|name| name.width()).collect();
    for row in cells {
        for (width, text) in widths.iter_mut().zip(row) {
            let longest = text.lines().map(str::width).max().unwrap_or_default();
            *width = (*width).max(longest);
        }
    }
    widths
}

impl Widths {
    /// Those of an earlier table where the texts fit, or where cutting them loses no id.
    fn new(header: &[&str], cells: &[Vec<String>], fit: Fit, kept: Option<Self>) -> Self {
        let mut widths = natural(header, cells);
        if let Some(kept) = kept.filter(|kept| kept.0.len() == widths.len()) {
            let identifies = widths.first() <= kept.0.first();
            if identifies && matches!(fit, Fit::Cut(_)) {
                return kept;
            }
            for (width, kept) in widths.iter_mut().zip(kept.0) {
                *width = kept.max(*width);
            }
        }
        match fit {
            Fit::Cut(total) => shrink(header, &mut widths, total),
            _ => {
                for width in &mut widths {
                    *width = (*width).min(COLUMN_CHARS);
                }
            }
        }
        Self(widths)
    }
}

/// Makes columns narrower until a row is one line, in this order: opaque ids, titles and other
/// texts, ids of spaces and pages, and only then what identifies the row or is short anyway.
fn shrink(header: &[&str], widths: &mut [usize], total: usize) {
    let room = total.saturating_sub(frame(widths.len()));
    let kinds: Vec<Kind> = header
        .iter()
        .enumerate()
        .map(|(at, name)| Kind::of(at, name))
        .collect();
    let passes: [(&[Kind], usize); 6] = [
        (&[Kind::Opaque], OPAQUE_CHARS),
        (&[Kind::Text], TEXT_CHARS),
        (&[Kind::Reference], REFERENCE_CHARS),
        (&[Kind::Opaque, Kind::Text, Kind::Reference], 8),
        (
            &[Kind::Opaque, Kind::Text, Kind::Reference, Kind::Short],
            MIN_CHARS,
        ),
        (
            &[
                Kind::Opaque,
                Kind::Text,
                Kind::Reference,
                Kind::Short,
                Kind::First,
            ],
            MIN_CHARS,
        ),
    ];
    for (narrowed, floor) in passes {
        while widths.iter().sum::<usize>() > room {
            let widest = widths
                .iter_mut()
                .zip(&kinds)
                .filter(|(width, kind)| narrowed.contains(kind) && **width > floor)
                .map(|(width, _)| width)
                .rev()
                .max_by_key(|width| **width);
            match widest {
                Some(width) => *width -= 1,
                None => break,
            }
        }
    }
}

/// What stands in a column, for who has to give way first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// What identifies the row.
    First,
    /// An account id, a digest, a key made by a program: its beginning is enough.
    Opaque,
    /// The id of a space or a page.
    Reference,
    /// A time, a status, a number: useless when cut.
    Short,
    /// A title, a name, a sentence.
    Text,
}

impl Kind {
    fn of(at: usize, name: &str) -> Self {
        let last = name.rsplit('.').next().unwrap_or(name);
        match last {
            _ if at == 0 => Self::First,
            "spaceId" | "pageId" | "blogPostId" | "spaceKey" => Self::Reference,
            "assignedTo" | "mediaType" | "default" | "value" | "id" => Self::Opaque,
            "changedBy" => Self::Opaque,
            "changed" | "status" | "level" | "set by" | "kind" | "type" | "contentType"
            | "fileSize" | "token" | "token-expires" | "in use" | "locked by" => Self::Short,
            last if last.ends_with("Id") || last.ends_with("By") => Self::Opaque,
            last if last.ends_with("At") || last == "lastModified" => Self::Short,
            _ => Self::Text,
        }
    }
}

/// A text on one line that is no wider than this.
fn cut(text: &str, width: usize) -> String {
    let is_single = !text.contains('\n');
    if is_single && text.width() <= width {
        return text.to_owned();
    }
    let mut shown = String::new();
    let mut taken = 0;
    for c in text.chars() {
        let c = if c == '\n' { ' ' } else { c };
        let wide = c.width().unwrap_or_default();
        if taken + wide > width.saturating_sub(1) {
            break;
        }
        taken += wide;
        shown.push(c);
    }
    shown.truncate(shown.trim_end().len());
    shown.push('…');
    shown
}

#[cfg(test)]
mod tests {
    use super::{Fit, Widths, cut, draw};

    fn widths(header: &[&str], cells: &[&str], total: usize) -> Vec<usize> {
        let cells = vec![cells.iter().map(|cell| (*cell).to_owned()).collect()];
        Widths::new(header, &cells, Fit::Cut(total), None).0
    }

    #[test]
    fn opaque_ids_are_cut_before_titles_and_the_first_column_last() {
        let long = "x".repeat(43);
        let header = ["id", "title", "authorId"];
        assert_eq!(
            widths(&header, &["98304", &"t".repeat(30), &long], 200),
            [5, 30, 43]
        );
        assert_eq!(
            widths(&header, &["98304", &"t".repeat(30), &long], 80),
            [5, 30, 35]
        );
        assert_eq!(
            widths(&header, &["98304", &"t".repeat(60), &long], 80),
            [5, 53, 12]
        );
        assert_eq!(
            widths(&header, &["1234567890123456", &"t".repeat(60), &long], 50),
            [16, 12, 12]
        );
        for total in 0..20 {
            assert_eq!(
                widths(&["a", "b"], &["aaaaaaaaaa", "bbbbbbbbbb"], total).len(),
                2
            );
        }
    }

    #[test]
    fn a_cut_text_is_no_wider_than_its_column_whatever_it_is_made_of() {
        assert_eq!(cut("plain", 5), "plain");
        assert_eq!(cut("plain text", 7), "plain…");
        assert_eq!(cut("中文標題", 5), "中文…");
        assert_eq!(cut("a\nb", 9), "a b…");
        assert_eq!(cut("e\u{301}e\u{301}e\u{301}", 2), "e\u{301}…");
    }

    #[test]
    fn later_tables_of_a_list_keep_the_widths_of_the_first() {
        let rows = |text: &str| vec![vec![text.to_owned()]];
        let mut kept = None;
        let (first, _) = draw(&["title"], &rows("twelve chars"), Fit::Free, &mut kept);
        let (second, _) = draw(&["title"], &rows("x"), Fit::Free, &mut kept);
        let width = |table: &comfy_table::Table| {
            let text = table.to_string();
            text.lines().next().map(|line| line.chars().count())
        };
        assert_eq!(width(&first), width(&second));
        let (cut, columns) = draw(
            &["title"],
            &rows("much longer than that"),
            Fit::Cut(80),
            &mut kept,
        );
        // What identifies a row is never cut where there is room.
        assert!(width(&first) < width(&cut));
        assert_eq!(columns, [0; 0]);
    }
}
