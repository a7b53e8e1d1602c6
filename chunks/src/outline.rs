//! The blocks of a document, and the headings above them.

use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use crate::anchor::Anchors;

/// A block at the top of a document: a heading, a paragraph, a list, a table.
#[derive(Debug)]
pub(crate) struct Block {
    /// Where it is, in bytes.
    pub(crate) range: Range<usize>,
    /// What it is, if it is a heading.
    pub(crate) heading: Option<Heading>,
}

/// A heading.
#[derive(Debug, Clone)]
pub(crate) struct Heading {
    /// 1 to 6.
    pub(crate) level: u8,
    /// Its text, without marks.
    pub(crate) text: String,
    /// The fragment of an address that leads to it; none for a heading without text.
    pub(crate) anchor: Option<String>,
}

/// The blocks of a document, in order.
pub(crate) fn blocks(document: &str) -> Vec<Block> {
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut anchors = Anchors::default();
    let mut blocks: Vec<Block> = Vec::new();
    let mut depth = 0_usize;
    let mut level = None;
    let mut text = String::new();
    for (event, range) in Parser::new_ext(document, options).into_offset_iter() {
        match event {
            Event::Start(tag) => {
                if depth == 0 {
                    level = match tag {
                        Tag::Heading { level, .. } => Some(level as u8),
                        _ => None,
                    };
                    text.clear();
                }
                depth += 1;
            }
            Event::End(end) => {
                depth = depth.saturating_sub(1);
                if depth > 0 {
                    continue;
                }
                let heading = level.take().filter(|_| matches!(end, TagEnd::Heading(_)));
                let heading = heading.map(|level| {
                    let text = words(&text);
                    Heading {
                        level,
                        anchor: anchors.of(&text),
                        text,
                    }
                });
                blocks.push(Block { range, heading });
            }
            Event::Text(piece) | Event::Code(piece) if level.is_some() => text.push_str(&piece),
            Event::SoftBreak | Event::HardBreak if level.is_some() => text.push(' '),
            _ if depth == 0 => blocks.push(Block {
                range,
                heading: None,
            }),
            _ => {}
        }
    }
    blocks
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
