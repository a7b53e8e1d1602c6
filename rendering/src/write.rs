//! Writes the model, block by block.

mod code;
mod escape;
mod lines;
mod markdown;
mod table;
mod text;

use crate::Format;
use crate::anchor::Places;
use crate::builder::Document;
use crate::document::{Block, Item, List, Piece, Run};
use crate::notice::{NoticeKind, Notices};
use lines::Lines;
use markdown::Place;

/// Lists and quotations in each other that are indented. Every line is indented as deeply as it
/// lies, so without a bound two bytes of input could become hundreds; deeper ones stay at this.
const NEST: usize = 16;

/// The largest number that markdown takes for one of a list.
const LARGEST_NUMBER: u32 = 999_999_999;

pub(crate) fn write(document: &mut Document, format: Format) -> String {
    let places = if document.local && format == Format::Markdown {
        Places::of(&mut document.blocks)
    } else {
        Places::default()
    };
    let mut writer = Writer {
        lines: Lines::default(),
        format,
        nest: 0,
        notices: &mut document.notices,
        places: &places,
        place: Place::Cell,
        room: table::Room::default(),
    };
    writer.blocks(&document.blocks, true);
    writer.lines.finish()
}

struct Writer<'n> {
    lines: Lines,
    format: Format,
    nest: usize,
    notices: &'n mut Notices,
    places: &'n Places,
    /// What the text of cells is written into.
    place: Place,
    /// What tables may still add.
    room: table::Room,
}

impl Writer<'_> {
    /// `blocks`, one after the other, with a blank line between two if they are `apart`.
    fn blocks(&mut self, blocks: &[Block], apart: bool) {
        let mut before: Option<&Block> = None;
        // Whether the last of some lists has the other marker.
        let mut other = false;
        for block in blocks {
            if self.format == Format::Text && is_unseen(block) {
                continue;
            }
            if before.is_some() && apart {
                self.lines.blank();
            }
            // Two lists that touch would be one if they had the same marker.
            other = match (before, block) {
                (Some(Block::List(last)), Block::List(list)) => {
                    last.start.is_some() == list.start.is_some() && !other
                }
                _ => false,
            };
            self.block(block, other);
            before = Some(block);
        }
    }

    fn block(&mut self, block: &Block, other: bool) {
        match block {
            Block::Paragraph(runs) => self.paragraph(runs),
            Block::Heading(level, runs) => self.heading(*level, runs),
            Block::Code { language, text } => self.code(language, text),
            Block::Quote(blocks) => self.quote(blocks),
            Block::Rule => self.rule(),
            Block::List(list) => self.list(list, other),
            Block::Table(rows) => self.table(rows),
        }
    }

    fn paragraph(&mut self, runs: &[Run]) {
        let text = match self.format {
            Format::Text => text::inline(runs, "\n"),
            Format::Markdown => markdown::inline(runs, Place::Paragraph, self.places),
        };
        self.lines.all(&text);
    }

    fn heading(&mut self, level: u8, runs: &[Run]) {
        match self.format {
            Format::Text => self.lines.line(&text::inline(runs, " ")),
            Format::Markdown => {
                let mut line = "#".repeat(usize::from(level));
                line.push(' ');
                line.push_str(&markdown::inline(runs, Place::Heading, self.places));
                self.lines.line(&line);
            }
        }
    }

    fn code(&mut self, language: &str, text: &str) {
        match self.format {
            Format::Text => self.lines.all(text),
            Format::Markdown => {
                let fence = code::fence(text);
                self.lines
                    .line(&format!("{fence}{}", code::language(language)));
                self.lines.all(text);
                self.lines.line(&fence);
            }
        }
    }

    fn rule(&mut self) {
        // `---` behind the marker of an item would be a rule of one dash more, and no item.
        let plain = self.nest == 0 || self.format == Format::Text;
        let rule = if plain { "---" } else { "___" };
        self.lines.line(rule);
    }

    fn quote(&mut self, blocks: &[Block]) {
        if self.nest >= NEST || self.format == Format::Text {
            self.too_deep();
            self.blocks(blocks, true);
            return;
        }
        self.nest += 1;
        let before = self.lines.enter("> ", "> ");
        self.blocks(blocks, true);
        self.lines.leave(before);
        self.nest -= 1;
    }

    fn too_deep(&mut self) {
        if self.nest >= NEST {
            self.notices.add(NoticeKind::TooDeep, "");
        }
    }

    fn list(&mut self, list: &List, other: bool) {
        let tight = list.items.iter().all(|item| is_tight(&item.blocks));
        for (at, item) in list.items.iter().enumerate() {
            if at > 0 && !tight {
                self.lines.blank();
            }
            let number = list.start.map(|start| {
                let at = u32::try_from(at).unwrap_or(LARGEST_NUMBER);
                start.saturating_add(at).min(LARGEST_NUMBER)
            });
            self.item(item, number, tight, other);
        }
    }

    fn item(&mut self, item: &Item, number: Option<u32>, tight: bool, other: bool) {
        if self.nest >= NEST {
            self.too_deep();
            self.blocks(&item.blocks, true);
            return;
        }
        let mut marker = match (number, other) {
            (Some(number), false) => format!("{number}. "),
            (Some(number), true) => format!("{number}) "),
            (None, true) if self.format == Format::Markdown => "* ".to_owned(),
            (None, _) => "- ".to_owned(),
        };
        let indentation = " ".repeat(marker.len());
        if let Some(done) = item.task {
            marker.push_str(if done { "[x] " } else { "[ ] " });
        }
        self.nest += 1;
        let before = self.lines.enter(&marker, &indentation);
        self.blocks(&item.blocks, !tight);
        self.lines.leave(before);
        self.nest -= 1;
    }
}

/// Whether `block` has nothing but anchors.
fn is_unseen(block: &Block) -> bool {
    match block {
        Block::Paragraph(runs) => runs.iter().all(|run| matches!(run.piece, Piece::Anchor(_))),
        _ => false,
    }
}

/// Whether the blocks of an item can do without blank lines between them.
fn is_tight(blocks: &[Block]) -> bool {
    let (first, rest) = match blocks {
        [Block::Paragraph(_), rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    // A numbered list that begins elsewhere than at 1 cannot follow text at once.
    rest.iter().all(|block| match block {
        Block::List(list) => !first || list.start.is_none_or(|start| start == 1),
        _ => !first && rest.len() == 1,
    })
}
