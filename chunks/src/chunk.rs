//! Chunks of a document.

use std::collections::HashMap;
use std::ops::Range;

use crate::cut::{is_longer, pieces};
use crate::outline::{Block, Heading, blocks};

/// Maximum length of a chunk in characters, if nothing else is asked for: some 500 tokens of a language
/// model in English, which most models of embeddings take at once.
pub const MAX_CHARS: usize = 2_000;

/// A stretch of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk<'a> {
    /// A name within the document that depends on its headings and its text alone: it stays the same
    /// when other parts of the document change. 32 hexadecimal digits.
    pub id: String,
    /// What the document has there, letter by letter, without spaces at its ends.
    pub text: &'a str,
    /// The headings above it and in it, the outermost first, without marks.
    pub headings: Vec<String>,
    /// The fragment of an address that leads to the innermost heading in Confluence; none above the
    /// first one.
    pub anchor: Option<String>,
}

/// Cuts a document into chunks of at most `max_chars` characters, which is at least 1.
///
/// A heading begins a new chunk, together with what follows it. Blocks below one heading share a chunk
/// as long as they fit; a longer block is cut between its rows or lines, else between sentences, else
/// between words.
#[must_use]
pub fn chunks(document: &str, max_chars: usize) -> Vec<Chunk<'_>> {
    let max = max_chars.max(1);
    let mut chunks = Chunks::new(document, max);
    for block in blocks(document) {
        chunks.fill_up_to(block.range.start);
        chunks.take(block);
    }
    chunks.fill_up_to(document.len());
    chunks.close();
    chunks.done
}

struct Chunks<'a> {
    document: &'a str,
    max: usize,
    /// The headings above the next block.
    path: Vec<Heading>,
    /// Where the chunk that grows begins and ends.
    open: Option<Range<usize>>,
    /// Whether it has more than headings.
    has_content: bool,
    /// Where the last block ended.
    at: usize,
    done: Vec<Chunk<'a>>,
    /// How often a chunk of these headings and this text was there.
    seen: HashMap<blake3::Hash, u32>,
}

impl<'a> Chunks<'a> {
    fn new(document: &'a str, max: usize) -> Self {
        Self {
            document,
            max,
            path: Vec::new(),
            open: None,
            has_content: false,
            at: 0,
            done: Vec::new(),
            seen: HashMap::new(),
        }
    }

    /// Takes what is between blocks: definitions of links, of which a parser makes none.
    fn fill_up_to(&mut self, end: usize) {
        let between = self.at..end;
        let text = self.document.get(between.clone()).unwrap_or_default();
        if !text.trim().is_empty() {
            self.grow(between);
            self.has_content = true;
        }
    }

    fn take(&mut self, block: Block) {
        self.at = block.range.end;
        if let Some(heading) = block.heading {
            // A heading right below another one is in the same chunk, unless it leaves its section:
            // the one before would be cited with headings that are not above it.
            let leaves = self
                .path
                .last()
                .is_some_and(|last| last.level >= heading.level);
            if self.has_content || leaves {
                self.close();
            }
            self.path.retain(|above| above.level < heading.level);
            self.path.push(heading);
            self.grow(block.range);
            return;
        }
        self.grow(block.range);
        self.has_content = true;
    }

    /// Adds a block to the chunk that grows, or begins another one with it.
    fn grow(&mut self, block: Range<usize>) {
        let start = self.open.as_ref().map_or(block.start, |open| open.start);
        let joined = self.document.get(start..block.end).unwrap_or_default();
        if !is_longer(joined.trim(), self.max) {
            self.open = Some(start..block.end);
            return;
        }
        let mut block = block;
        if !self.has_content && self.open.is_some() {
            // A heading stays with the beginning of what it is above, where there is room.
            let above = self.document.get(start..block.start).unwrap_or_default();
            let room = self.max.saturating_sub(above.chars().count());
            if room >= self.max.div_ceil(2) {
                let first = pieces(self.document, block.clone(), room);
                if let Some(first) = first.into_iter().next() {
                    self.open = Some(start..first.end);
                    block.start = first.end;
                }
            }
        }
        self.close();
        let mut pieces = pieces(self.document, block, self.max);
        let last = pieces.pop();
        for piece in pieces {
            self.open = Some(piece);
            self.close();
        }
        self.open = last;
    }

    fn close(&mut self) {
        self.has_content = false;
        let Some(range) = self.open.take() else {
            return;
        };
        let text = self.document.get(range).unwrap_or_default().trim();
        if text.is_empty() {
            return;
        }
        let headings: Vec<String> = self.path.iter().map(|above| above.text.clone()).collect();
        let id = self.id(&headings, text);
        self.done.push(Chunk {
            id,
            text,
            headings,
            anchor: self
                .path
                .last()
                .and_then(|innermost| innermost.anchor.clone()),
        });
    }

    fn id(&mut self, headings: &[String], text: &str) -> String {
        let digest = |times: u32| {
            let mut hasher = blake3::Hasher::new();
            for part in headings.iter().map(String::as_str).chain([text]) {
                // Lengths keep `a`, `bc` and `ab`, `c` apart.
                hasher.update(&(part.len() as u64).to_le_bytes());
                hasher.update(part.as_bytes());
            }
            hasher.update(&times.to_le_bytes());
            hasher.finalize()
        };
        let times = self.seen.entry(digest(0)).or_default();
        let id = digest(*times);
        *times += 1;
        id.to_hex().chars().take(32).collect()
    }
}
