//! Builds the model from what the two readers come upon, whatever it stands in.
//!
//! Bodies hold items without lists, cells without rows, panels inside paragraphs and paragraphs
//! inside bold text. Each is given the nearest place that keeps its text.

use std::rc::Rc;

use crate::address;
use crate::context::Context;
use crate::document::{Block, Cell, Item, List, Marks, Piece, Row, Run, Style, printable};
use crate::notice::{NoticeKind, Notices};

/// What HTML cuts `colspan` and `rowspan` to.
const MAX_SPAN: (usize, usize) = (1_000, 65_534);

/// What opens and holds blocks until it is closed.
#[derive(Debug)]
pub(crate) enum Open {
    Quote,
    List(Option<u32>),
    Item(Option<bool>),
    Table,
    Row,
    Cell {
        header: bool,
        columns: usize,
        rows: usize,
    },
}

#[derive(Debug)]
struct Frame {
    open: Open,
    blocks: Vec<Block>,
    items: Vec<Item>,
    rows: Vec<Row>,
    cells: Vec<Cell>,
    /// Groups of rows in this table so far.
    group: u32,
    /// Rows of the present group are heads.
    head: bool,
}

/// What was read.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) blocks: Vec<Block>,
    /// There are links within the page.
    pub(crate) local: bool,
    pub(crate) notices: Notices,
}

#[derive(Debug)]
pub(crate) struct Builder {
    frames: Vec<Frame>,
    root: Vec<Block>,
    runs: Vec<Run>,
    /// The level of the heading that text belongs to now, or 0.
    heading: u8,
    /// White space that stands before what comes next, with what all of it is marked with.
    space: Option<Style>,
    line_break: bool,
    /// An element ended or begins here that separates words.
    seam: bool,
    /// Anchors of the paragraph or heading that is being read or comes next.
    anchors: Vec<String>,
    /// How many pieces of text or images there were so far.
    pieces: usize,
    /// There are links within the page.
    local: bool,
    notices: Notices,
}

impl Builder {
    pub(crate) fn new(notices: usize) -> Self {
        Self {
            frames: Vec::new(),
            root: Vec::new(),
            runs: Vec::new(),
            heading: 0,
            space: None,
            line_break: false,
            seam: false,
            anchors: Vec::new(),
            pieces: 0,
            local: false,
            notices: Notices::new(notices),
        }
    }

    pub(crate) fn finish(mut self) -> Document {
        while !self.frames.is_empty() {
            self.close();
        }
        self.end_paragraph();
        self.flush_anchors();
        Document {
            blocks: self.root,
            local: self.local,
            notices: self.notices,
        }
    }

    #[inline(never)]
    pub(crate) fn note(&mut self, kind: NoticeKind, subject: &str) {
        self.notices.add(kind, subject);
    }

    /// Whether anything was added since [`Builder::pieces`] was `before`.
    pub(crate) fn added_since(&self, before: usize) -> bool {
        self.pieces != before
    }

    pub(crate) fn pieces(&self) -> usize {
        self.pieces
    }

    /// Text in which any white space is one blank.
    #[inline(never)]
    pub(crate) fn text(&mut self, text: &str, style: &Style) {
        let is_blank = |c: char| c.is_whitespace() || c.is_control();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            if is_blank(first) {
                let before = self.space.take();
                self.space = Some(before.map_or_else(|| style.clone(), |all| all.common(style)));
                rest = rest.trim_start_matches(is_blank);
                continue;
            }
            // Words with single blanks between them are one piece.
            let mut end = 0;
            let mut blank_before = false;
            for (at, c) in rest.char_indices() {
                let blank = is_blank(c);
                if blank && (blank_before || c != ' ') {
                    break;
                }
                if !blank {
                    end = at + c.len_utf8();
                }
                blank_before = blank;
            }
            let (words, behind) = rest.split_at(end);
            self.gap(style, words.chars().next().unwrap_or(' '));
            self.append(words, style);
            rest = behind;
        }
    }

    /// Whether nothing was written to the present paragraph.
    pub(crate) fn at_line_start(&self) -> bool {
        self.runs.is_empty()
    }

    /// Words on both sides of this place are different words.
    pub(crate) fn seam(&mut self) {
        self.seam = true;
    }

    /// A target for links within the page. It is put before the paragraph or heading that it is
    /// in or before, so that it parts no words.
    #[inline(never)]
    pub(crate) fn anchor(&mut self, name: &str) {
        let id = crate::anchor::id(name);
        if !id.is_empty() {
            self.anchors.push(id);
        }
    }

    fn take_anchors(&mut self) -> Vec<Run> {
        let anchor = |id| Run {
            piece: Piece::Anchor(id),
            style: Style::default(),
        };
        self.anchors.drain(..).map(anchor).collect()
    }

    /// Anchors before what can hold none are a paragraph of their own.
    #[inline(never)]
    fn flush_anchors(&mut self) {
        if !self.anchors.is_empty() {
            let anchors = self.take_anchors();
            self.push(Block::Paragraph(anchors));
        }
    }

    /// `style` with a link to `address`, unless following that would run code.
    #[inline(never)]
    pub(crate) fn linked(&mut self, context: &Context<'_>, address: &str, style: &Style) -> Style {
        if let Some(scheme) = address::unsafe_scheme(address) {
            self.note(NoticeKind::UnsafeLink, scheme);
            return style.clone();
        }
        let address = address::absolute(context, address);
        self.local |= address.starts_with('#');
        style.linked(Some(Rc::from(address)).filter(|address: &Rc<str>| !address.is_empty()))
    }

    /// What stands between the last piece and one in `style` that comes now and begins with
    /// `first`.
    fn gap(&mut self, style: &Style, first: char) {
        let space = self.space.take();
        let line_break = std::mem::take(&mut self.line_break);
        let seam = std::mem::take(&mut self.seam);
        let Some(last) = self.runs.last() else {
            return;
        };
        // Two links that touch are two words.
        let seam = seam
            || last.style.link != style.link && last.style.link.is_some() && style.link.is_some();
        let space = space.or_else(|| {
            let ends = match &last.piece {
                Piece::Text(text) => text.chars().next_back().is_some_and(char::is_alphanumeric),
                Piece::Image { .. } => true,
                Piece::Break | Piece::Anchor(_) => false,
            };
            let begins = first.is_alphanumeric() || first == '@';
            (seam && ends && begins).then(|| style.clone())
        });
        if line_break {
            self.runs.push(Run {
                piece: Piece::Break,
                style: last.style.common(style),
            });
        } else if let Some(space) = space {
            let between = last.style.common(style).common(&space);
            self.append(" ", &between);
        }
    }

    fn append(&mut self, text: &str, style: &Style) {
        self.pieces += 1;
        match self.runs.last_mut() {
            Some(Run {
                piece: Piece::Text(last),
                style: same,
            }) if same == style => last.push_str(text),
            _ => self.runs.push(Run {
                piece: Piece::Text(text.to_owned()),
                style: style.clone(),
            }),
        }
    }

    #[inline(never)]
    pub(crate) fn line_break(&mut self) {
        self.line_break = true;
    }

    /// An image, or anything else that is shown and lies elsewhere.
    #[inline(never)]
    pub(crate) fn image(&mut self, alternative: &str, target: &str, style: &Style) {
        // As letters are: an image is shown by its name.
        self.seam = true;
        self.gap(style, 'a');
        self.seam = true;
        self.pieces += 1;
        let alternative = printable(alternative);
        let words: Vec<&str> = alternative.split_whitespace().collect();
        self.runs.push(Run {
            piece: Piece::Image {
                alternative: words.join(" "),
                target: printable(target).trim().to_owned(),
            },
            style: style.clone(),
        });
    }

    /// Text from here to [`Builder::end_heading`] is a heading.
    pub(crate) fn heading(&mut self, level: u8) {
        self.end_paragraph();
        self.heading = level.clamp(1, 6);
    }

    pub(crate) fn end_heading(&mut self) {
        self.end_paragraph();
        self.heading = 0;
    }

    /// A paragraph of its own in bold: titles of panels and of what can be expanded.
    #[inline(never)]
    pub(crate) fn title(&mut self, title: &str) {
        self.end_paragraph();
        self.text(title, &Style::default().with(Marks::STRONG));
        self.end_paragraph();
    }

    #[inline(never)]
    pub(crate) fn end_paragraph(&mut self) {
        self.space = None;
        self.line_break = false;
        self.seam = false;
        if self.runs.is_empty() {
            return;
        }
        let mut runs = std::mem::take(&mut self.runs);
        if !self.anchors.is_empty() {
            let anchors = self.take_anchors();
            runs.splice(..0, anchors);
        }
        self.push(match self.heading {
            0 => Block::Paragraph(runs),
            level => Block::Heading(level, runs),
        });
    }

    pub(crate) fn rule(&mut self) {
        self.end_paragraph();
        self.push(Block::Rule);
    }

    #[inline(never)]
    pub(crate) fn code(&mut self, language: &str, text: &str) {
        self.end_paragraph();
        let text = text.trim_end();
        let first = text.len() - text.trim_start().len();
        // Blank lines at the beginning go, the indentation of the first line stays.
        let begin = text
            .get(..first)
            .and_then(|blank| blank.rfind('\n'))
            .map_or(0, |at| at + 1);
        let text = text.get(begin..).unwrap_or_default();
        if text.is_empty() {
            return;
        }
        self.flush_anchors();
        self.pieces += 1;
        let mut code = text.replace("\r\n", "\n").replace('\r', "\n");
        code.retain(|c| !c.is_control() || c == '\n' || c == '\t');
        self.push(Block::Code {
            language: language.to_owned(),
            text: code,
        });
    }

    #[inline(never)]
    pub(crate) fn open(&mut self, open: Open) {
        self.end_paragraph();
        self.frames.push(Frame {
            open,
            blocks: Vec::new(),
            items: Vec::new(),
            rows: Vec::new(),
            cells: Vec::new(),
            group: 0,
            head: false,
        });
    }

    /// The rows that follow are a group of their own.
    #[inline(never)]
    pub(crate) fn row_group(&mut self, head: bool) {
        self.end_paragraph();
        if let Some(frame) = self.frames.last_mut() {
            frame.group = frame.group.saturating_add(1);
            frame.head = head;
        }
    }

    /// Closes what was opened last.
    pub(crate) fn close(&mut self) {
        self.end_paragraph();
        let Some(frame) = self.frames.pop() else {
            return;
        };
        let blocks = frame.blocks;
        match frame.open {
            Open::Quote if blocks.is_empty() => {}
            Open::Quote => self.push(Block::Quote(blocks)),
            Open::List(_) if frame.items.is_empty() => {}
            Open::List(start) => self.push(Block::List(List {
                start,
                items: frame.items,
            })),
            Open::Item(_) if blocks.is_empty() => {}
            Open::Item(task) => {
                let item = Item { task, blocks };
                match self.frames.last_mut() {
                    Some(Frame {
                        open: Open::List(_),
                        items,
                        ..
                    }) => items.push(item),
                    _ => self.push(Block::List(List {
                        start: None,
                        items: vec![item],
                    })),
                }
            }
            Open::Table => {
                // Captions, and what strayed between rows.
                self.push_all(blocks);
                // One without anything in it would be a line of nothing.
                let cells = || frame.rows.iter().flat_map(|row| &row.cells);
                if cells().any(|cell| !cell.blocks.is_empty()) {
                    self.push(Block::Table(frame.rows));
                }
            }
            Open::Row => match self.frames.last_mut() {
                // One without cells counts for those that reach into it.
                Some(Frame {
                    open: Open::Table,
                    rows,
                    group,
                    head,
                    ..
                }) => rows.push(Row {
                    head: *head,
                    group: *group,
                    cells: frame.cells,
                }),
                _ => {
                    for cell in frame.cells {
                        self.push_all(cell.blocks);
                    }
                }
            },
            Open::Cell {
                header,
                columns,
                rows,
            } => match self.frames.last_mut() {
                Some(Frame {
                    open: Open::Row,
                    cells,
                    ..
                }) => cells.push(Cell {
                    header,
                    columns: columns.clamp(1, MAX_SPAN.0),
                    rows: rows.min(MAX_SPAN.1),
                    blocks,
                }),
                _ => self.push_all(blocks),
            },
        }
    }

    fn push_all(&mut self, blocks: Vec<Block>) {
        for block in blocks {
            self.push(block);
        }
    }

    fn push(&mut self, block: Block) {
        let Some(frame) = self.frames.last_mut() else {
            self.root.push(block);
            return;
        };
        match (&frame.open, frame.items.last_mut()) {
            // A list that stands in a list rather than in its item belongs to the item before.
            (Open::List(_), Some(item)) if matches!(block, Block::List(_)) => {
                item.blocks.push(block);
            }
            (Open::List(_), _) => frame.items.push(Item {
                task: None,
                blocks: vec![block],
            }),
            (Open::Row, _) => frame.cells.push(Cell {
                header: false,
                columns: 1,
                rows: 1,
                blocks: vec![block],
            }),
            _ => frame.blocks.push(block),
        }
    }
}
