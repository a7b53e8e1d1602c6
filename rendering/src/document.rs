//! The model that both kinds of body are read into.

use std::borrow::Cow;
use std::ops::{BitAnd, BitOr};
use std::rc::Rc;

/// Something that stands on lines of its own.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Block {
    Paragraph(Vec<Run>),
    Heading(u8, Vec<Run>),
    Code { language: String, text: String },
    Quote(Vec<Block>),
    Rule,
    List(List),
    Table(Vec<Row>),
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct List {
    /// The first number, when it is a numbered list.
    pub(crate) start: Option<u32>,
    pub(crate) items: Vec<Item>,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Item {
    /// Whether it is done, when it is a task.
    pub(crate) task: Option<bool>,
    /// Never empty.
    pub(crate) blocks: Vec<Block>,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// Whether it was marked to be the head, besides what its cells say.
    pub(crate) head: bool,
    /// Which group of rows it belongs to: cells do not reach from one into the next.
    pub(crate) group: u32,
    pub(crate) cells: Vec<Cell>,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) header: bool,
    /// Columns that it spans.
    pub(crate) columns: usize,
    /// Rows that it spans; 0 is all that are left of its group.
    pub(crate) rows: usize,
    pub(crate) blocks: Vec<Block>,
}

/// A part of a line that is marked and linked in one way. Marks and links are flat, as in ADF:
/// what nests badly in one source nests well again when it is written.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) piece: Piece,
    pub(crate) style: Style,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// White space is single blanks, never first or last in a paragraph or beside a break, and
    /// marked only if what stands on both sides is.
    Text(String),
    Break,
    Image {
        alternative: String,
        target: String,
    },
    /// A place that links within the page lead to. Nothing is seen of it.
    Anchor(String),
}

/// Marks and link of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Style {
    pub(crate) marks: Marks,
    pub(crate) link: Option<Rc<str>>,
}

impl Style {
    pub(crate) fn with(&self, marks: Marks) -> Self {
        Self {
            marks: self.marks | marks,
            link: self.link.clone(),
        }
    }

    #[inline(never)]
    pub(crate) fn linked(&self, link: Option<Rc<str>>) -> Self {
        Self {
            marks: self.marks,
            link: link.or_else(|| self.link.clone()),
        }
    }

    /// What both have: the style of what stands between them.
    pub(crate) fn common(&self, other: &Self) -> Self {
        Self {
            marks: self.marks & other.marks,
            link: self.link.clone().filter(|_| self.link == other.link),
        }
    }
}

/// A set of marks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Marks(u8);

impl Marks {
    pub(crate) const STRONG: Self = Self(1);
    pub(crate) const EMPHASIS: Self = Self(2);
    pub(crate) const STRIKE: Self = Self(4);
    pub(crate) const UNDERLINE: Self = Self(8);
    pub(crate) const SUB: Self = Self(16);
    pub(crate) const SUPER: Self = Self(32);
    pub(crate) const CODE: Self = Self(64);

    pub(crate) fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(crate) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

impl BitOr for Marks {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitAnd for Marks {
    type Output = Self;
    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

/// Where `text` has `part` first. One search for all that look for one: inlined, each is 1 KB.
#[inline(never)]
pub(crate) fn find(text: &str, part: &str) -> Option<usize> {
    text.find(part)
}

/// `text` with a blank in place of each control character, which no output may contain.
#[inline(never)]
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    if text.contains(char::is_control) {
        Cow::Owned(text.replace(char::is_control, " "))
    } else {
        Cow::Borrowed(text)
    }
}

/// The first `most` bytes of `text`, less what would split a character.
pub(crate) fn cut(text: &str, most: usize) -> &str {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}
