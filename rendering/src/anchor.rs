//! Places within a page: the ids of anchors, the slugs of headings, and which of them a link
//! leads to.
//!
//! Confluence, GitHub and other readers of Markdown name the same heading differently. In
//! Markdown a link leads where GitHub's rendering puts the heading.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::document::{Block, Piece, Run, Style};

/// What an anchor of that name has as `id`: without anything that HTML or an address would have
/// to escape.
pub(crate) fn id(name: &str) -> String {
    name.trim()
        .chars()
        .map(|c| match c {
            c if c.is_alphanumeric() || "-_.:".contains(c) => c,
            _ => '-',
        })
        .collect()
}

/// The slug that GitHub gives a heading with that text, before it is made unique.
#[inline(never)]
fn slug(text: &str) -> String {
    let mut slug = String::with_capacity(text.len());
    for c in text.chars().map(lower) {
        match c {
            ' ' => slug.push('-'),
            c if is_word(c) || c == '-' => slug.push(c),
            _ => {}
        }
    }
    slug
}

/// The small letter of `c`, in the scripts of most pages. The standard library knows all of them,
/// in a table of 11 KB, which is a hundredth of the component.
fn lower(c: char) -> char {
    let code = u32::from(c);
    let small = match code {
        0xc0..=0xde if code != 0xd7 => code + 32,
        // Pairs of a capital letter and a small one.
        0x100..=0x12f
        | 0x132..=0x137
        | 0x14a..=0x177
        | 0x460..=0x481
        | 0x48a..=0x4bf
        | 0x4d0..=0x52f
        | 0x1e00..=0x1e95
        | 0x1ea0..=0x1eff => code | 1,
        0x139..=0x148 | 0x179..=0x17e | 0x4c1..=0x4ce => code + code % 2,
        0x386 => 0x3ac,
        0x388..=0x38a => code + 37,
        0x38c => 0x3cc,
        0x38e..=0x38f => code + 63,
        0x391..=0x3ab if code != 0x3a2 => code + 32,
        0x400..=0x40f => code + 80,
        0x410..=0x42f | 0xff21..=0xff3a => code + 32,
        0x531..=0x556 => code + 48,
        _ => return c.to_ascii_lowercase(),
    };
    char::from_u32(small).unwrap_or(c)
}

/// Whether `c` is a letter, a mark, a decimal digit or a connector such as `_`.
fn is_word(c: char) -> bool {
    let among = |ranges: &[(u32, u32)]| {
        let code = u32::from(c);
        ranges
            .iter()
            .any(|&(first, last)| (first..=last).contains(&code))
    };
    c == '_' || (c.is_alphanumeric() && !among(&NUMBERS)) || among(&MARKS)
}

/// Numbers that are no decimal digits: raised, lowered, fractions, in circles.
const NUMBERS: [(u32, u32); 10] = [
    (0xb2, 0xb3),
    (0xb9, 0xb9),
    (0xbc, 0xbe),
    (0x2070, 0x2079),
    (0x2080, 0x2089),
    (0x2150, 0x215f),
    (0x2189, 0x2189),
    (0x2460, 0x249b),
    (0x24ea, 0x24ff),
    (0x2776, 0x2793),
];

/// Marks and connectors that are no letters to the standard library.
const MARKS: [(u32, u32); 27] = [
    (0x300, 0x36f),
    (0x483, 0x489),
    (0x591, 0x5bd),
    (0x64b, 0x65f),
    (0x93c, 0x93c),
    (0x94d, 0x94d),
    (0x9bc, 0x9bc),
    (0x9cd, 0x9cd),
    (0xa3c, 0xa3c),
    (0xa4d, 0xa4d),
    (0xabc, 0xabc),
    (0xacd, 0xacd),
    (0xb3c, 0xb3c),
    (0xb4d, 0xb4d),
    (0xbcd, 0xbcd),
    (0xc4d, 0xc4d),
    (0xccd, 0xccd),
    (0xd4d, 0xd4d),
    (0xe47, 0xe4e),
    (0x1ab0, 0x1aff),
    (0x1dc0, 0x1dff),
    (0x203f, 0x2040),
    (0x20d0, 0x20ff),
    (0x3099, 0x309a),
    (0xfe00, 0xfe0f),
    (0xfe20, 0xfe2f),
    (0xff3f, 0xff3f),
];

/// The letters and digits of `text`: what all ways to name a heading have in common.
pub(crate) fn key(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .map(lower)
        .collect()
}

/// Every place in a document that a link within it can lead to.
#[derive(Debug, Default)]
pub(crate) struct Places {
    /// By the kind and the name: `#` and the id of an anchor, `h` and the letters of headings,
    /// `c` and those of headings in cells, `s` and a slug.
    known: BTreeMap<String, Place>,
    /// What links lead to, behind their `#`.
    linked: Vec<Rc<str>>,
}

#[derive(Debug, Default)]
struct Place {
    /// What links lead to: the id, or the slugs of the headings with these letters, in order.
    targets: Vec<String>,
    /// The next number for a slug that was given, or 0.
    given: u32,
}

/// Headings in cells that get an anchor.
const MAX_WANTED: usize = 64;

impl Places {
    /// The places of `blocks`. Headings in cells are text to readers of Markdown, so those that
    /// links lead to get an anchor.
    pub(crate) fn of(blocks: &mut [Block]) -> Self {
        let mut places = Self::default();
        places.add(blocks, true);
        let mut wanted: Vec<String> = Vec::new();
        for address in &places.linked {
            let name = address.get(1..).unwrap_or_default();
            if wanted.len() == MAX_WANTED {
                break;
            }
            if let Some(target) = places.find(name)
                && places.is_in_cell(target)
                && !wanted.iter().any(|other| other == target)
            {
                wanted.push(target.to_owned());
            }
        }
        if !wanted.is_empty() {
            mark(blocks, false, &mut wanted);
        }
        places
    }

    fn add(&mut self, blocks: &[Block], headings: bool) {
        for block in blocks {
            match block {
                Block::Paragraph(runs) => self.add_runs(runs),
                Block::Heading(_, runs) => {
                    self.add_runs(runs);
                    if headings {
                        self.add_heading(runs);
                    } else {
                        let text = words(runs);
                        self.place('c', &key(&text)).targets.push(slug(&text));
                    }
                }
                Block::Quote(blocks) => self.add(blocks, headings),
                Block::List(list) => {
                    for item in &list.items {
                        self.add(&item.blocks, headings);
                    }
                }
                Block::Table(rows) => {
                    for cell in rows.iter().flat_map(|row| &row.cells) {
                        self.add(&cell.blocks, false);
                    }
                }
                Block::Code { .. } | Block::Rule => {}
            }
        }
    }

    fn add_runs(&mut self, runs: &[Run]) {
        for run in runs {
            let link = run.style.link.as_ref().filter(|link| link.starts_with('#'));
            // The runs of one link share it.
            let is_new = |link: &&Rc<str>| {
                self.linked
                    .last()
                    .is_none_or(|last| !Rc::ptr_eq(last, link))
            };
            if let Some(link) = link.filter(is_new) {
                self.linked.push(Rc::clone(link));
            }
            if let Piece::Anchor(id) = &run.piece {
                self.place('#', id).targets.push(id.clone());
            }
        }
    }

    #[inline(never)]
    fn place(&mut self, kind: char, name: &str) -> &mut Place {
        self.known.entry(format!("{kind}{name}")).or_default()
    }

    #[inline(never)]
    fn targets(&self, kind: char, name: &str) -> &[String] {
        let place = self.known.get(&format!("{kind}{name}"));
        place
            .map(|place| place.targets.as_slice())
            .unwrap_or_default()
    }

    fn add_heading(&mut self, runs: &[Run]) {
        let text = words(runs);
        let plain = slug(&text);
        let mut unique = plain.clone();
        let mut count = self.place('s', &plain).given;
        // GitHub counts up until the slug is free.
        while self.place('s', &unique).given > 0 {
            unique = format!("{plain}-{count}");
            count += 1;
        }
        self.place('s', &unique).given = 1;
        self.place('s', &plain).given = count.max(1);
        let name = key(&text);
        self.place('h', &name).targets.push(unique);
    }

    /// What a link to `fragment`, which stands behind `#` in an address, leads to in Markdown.
    pub(crate) fn find(&self, fragment: &str) -> Option<&str> {
        let name = decode(fragment);
        if let Some(anchor) = self.anchor(&name) {
            return Some(anchor);
        }
        // The second of two equal headings has `.1` behind it.
        if let Some((name, number)) = name.rsplit_once('.')
            && let Some(number) = number.parse().ok().filter(|number| *number > 0)
            && let Some(slug) = self.heading(name, number)
        {
            return Some(slug);
        }
        if let Some(slug) = self.heading(&name, 0) {
            return Some(slug);
        }
        // Older pages name the page first: `id-Pump-Spareparts`, `Pump-Spareparts`.
        let (_, last) = name.rsplit_once('-')?;
        self.anchor(last).or_else(|| self.heading(last, 0))
    }

    fn anchor(&self, name: &str) -> Option<&str> {
        self.targets('#', &id(name)).first().map(String::as_str)
    }

    fn heading(&self, name: &str, number: usize) -> Option<&str> {
        let key = key(name);
        if key.is_empty() {
            return None;
        }
        let outside = self.targets('h', &key).get(number);
        let inside = || self.targets('c', &key).first().filter(|_| number == 0);
        outside.or_else(inside).map(String::as_str)
    }

    /// Whether `target` is the slug of a heading in a cell, and nothing else has it.
    fn is_in_cell(&self, target: &str) -> bool {
        let key = key(target);
        let inside = self.targets('c', &key).first();
        inside.is_some_and(|slug| slug == target)
            && self.targets('h', &key).is_empty()
            && self.targets('#', target).is_empty()
    }
}

/// Puts an anchor into the first heading in a cell that has a `wanted` slug.
fn mark(blocks: &mut [Block], cell: bool, wanted: &mut Vec<String>) {
    for block in blocks {
        if wanted.is_empty() {
            return;
        }
        match block {
            Block::Heading(_, runs) if cell => {
                let slug = slug(&words(runs));
                if let Some(at) = wanted.iter().position(|other| *other == slug) {
                    wanted.swap_remove(at);
                    let anchor = Run {
                        piece: Piece::Anchor(slug),
                        style: Style::default(),
                    };
                    runs.insert(0, anchor);
                }
            }
            Block::Quote(blocks) => mark(blocks, cell, wanted),
            Block::List(list) => {
                for item in &mut list.items {
                    mark(&mut item.blocks, cell, wanted);
                }
            }
            Block::Table(rows) => {
                for cell in rows.iter_mut().flat_map(|row| &mut row.cells) {
                    mark(&mut cell.blocks, true, wanted);
                }
            }
            _ => {}
        }
    }
}

/// The text of a heading.
#[inline(never)]
fn words(runs: &[Run]) -> String {
    let mut text = String::new();
    for run in runs {
        match &run.piece {
            Piece::Text(words) => text.push_str(words),
            Piece::Break => text.push(' '),
            Piece::Image { .. } | Piece::Anchor(_) => {}
        }
    }
    text
}

/// `text` with its `%XX` decoded, as far as they are text.
pub(crate) fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        let digit = |at: usize| {
            let byte = *behind.get(at)?;
            char::from(byte).to_digit(16)
        };
        match (first, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(u8::try_from(high * 16 + low).unwrap_or(b'%'));
                rest = behind.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(first);
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_those_of_github() {
        for (text, expected) in [
            ("Spare parts", "spare-parts"),
            ("What's new in 2.0?", "whats-new-in-20"),
            ("API / Usage & limits", "api--usage--limits"),
            ("snake_case-name", "snake_case-name"),
            ("Größe ÜBER alles", "größe-über-alles"),
            ("日本語 見出し", "日本語-見出し"),
            ("🚀 Launch", "-launch"),
            ("x² and ½", "x-and-"),
            ("e\u{301}te", "e\u{301}te"),
        ] {
            assert_eq!(slug(text), expected);
        }
    }

    #[test]
    fn percent_signs_are_decoded_where_they_are_codes() {
        assert_eq!(decode("a%20b%C3%A4%zz%"), "a bä%zz%");
    }
}
