//! Runs as markdown.
//!
//! Marks are flat in the model, so they are nested here, the longest outermost. Delimiters of
//! emphasis are only read as such beside the right characters; where it is not certain that
//! they would be, HTML tags stand instead.

use super::code;
use super::escape::{Surroundings, escape, is_reference};
use crate::anchor::Places;
use crate::document::{Marks, Piece, Run, Style, find};

/// What the text is written into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Paragraph,
    Heading,
    Cell,
    /// A cell whose value is repeated: anchors are where it is for the first time.
    CellAgain,
}

impl Place {
    fn is_cell(self) -> bool {
        matches!(self, Self::Cell | Self::CellAgain)
    }
}

pub(super) fn inline(runs: &[Run], place: Place, places: &Places) -> String {
    let mut tildes = 0;
    for run in runs {
        if run.style.marks.has(Marks::STRIKE) {
            tildes = 2;
        }
        if let Piece::Text(text) = &run.piece
            && tildes < 2
        {
            tildes += text.bytes().filter(|&byte| byte == b'~').count();
        }
    }
    let mut writer = Inline {
        out: String::new(),
        place,
        places,
        tildes: tildes > 1,
        delimited: 0,
    };
    writer.spans(runs, Inside::default());
    let mut out = writer.out;
    if place == Place::Heading {
        keep_hashes(&mut out);
    }
    out
}

/// Hashes at the end of a heading are dropped if a blank stands before them.
fn keep_hashes(out: &mut String) {
    let rest = out.trim_end_matches('#').len();
    if rest < out.len() && (rest == 0 || out.get(..rest).is_some_and(|text| text.ends_with(' '))) {
        out.insert(out.len() - 1, '\\');
    }
}

/// What the text is inside of already.
#[derive(Debug, Clone, Copy)]
struct Inside {
    marks: Marks,
    link: bool,
    /// Between delimiters that flank.
    delimited: bool,
    /// What will come behind it.
    after: char,
}

impl Default for Inside {
    fn default() -> Self {
        Self {
            marks: Marks::default(),
            link: false,
            delimited: false,
            after: '\n',
        }
    }
}

/// What comes after a text at the end of a span: a delimiter that no typed address includes.
const CLOSING: char = '_';

impl Inside {
    fn missing(&self, style: &Style) -> Marks {
        style.marks.without(self.marks).without(Marks::CODE)
    }
}

/// What a span is opened for, the one that is preferred first.
const SPANS: [(Marks, &str, &str); 6] = [
    (Marks::STRONG, "**", "strong"),
    (Marks::EMPHASIS, "*", "em"),
    (Marks::STRIKE, "~~", "del"),
    (Marks::UNDERLINE, "", "u"),
    (Marks::SUB, "", "sub"),
    (Marks::SUPER, "", "sup"),
];

struct Inline<'p> {
    out: String,
    place: Place,
    places: &'p Places,
    tildes: bool,
    /// Pairs of flanking delimiters so far.
    delimited: usize,
}

impl Inline<'_> {
    fn spans(&mut self, runs: &[Run], inside: Inside) {
        let mut rest = runs;
        while let Some(first) = rest.first() {
            let missing = inside.missing(&first.style);
            // The longest of what begins here.
            let mut longest = 0;
            let mut chosen = None;
            if let Some(link) = first.style.link.as_ref().filter(|_| !inside.link) {
                longest = extent(rest, |style| style.link.as_ref() == Some(link));
            }
            for span in SPANS {
                if missing.has(span.0) {
                    let length = extent(rest, |style| style.marks.has(span.0));
                    if length > longest {
                        longest = length;
                        chosen = Some(span);
                    }
                }
            }
            let (covered, behind) = rest.split_at(longest.max(1));
            let after = behind
                .first()
                .map_or(inside.after, |next| self.first_of(next, &inside));
            let inside = Inside { after, ..inside };
            match (chosen, &first.style.link) {
                (Some((mark, delimiter, tag)), _) => {
                    let both = Marks::STRONG | Marks::EMPHASIS;
                    if mark == Marks::STRONG
                        && missing.has(both)
                        && covered.iter().all(|run| run.style.marks.has(both))
                    {
                        self.span(covered, both, "***", "", inside);
                    } else {
                        self.span(covered, mark, delimiter, tag, inside);
                    }
                }
                (None, Some(link)) if longest > 0 => self.link(covered, link, inside),
                _ => self.piece(first, inside),
            }
            rest = behind;
        }
    }

    /// The first character that `run` will be written with.
    fn first_of(&self, run: &Run, inside: &Inside) -> char {
        let missing = inside.missing(&run.style);
        let flanking = Marks::STRONG | Marks::EMPHASIS | Marks::STRIKE;
        if !(missing & flanking).is_empty() {
            // Perhaps; something else may be opened before it.
            return '*';
        }
        if run.style.link.is_some() && !inside.link {
            return '[';
        }
        if !missing.is_empty() {
            return '<';
        }
        match &run.piece {
            Piece::Text(_) if run.style.marks.has(Marks::CODE) => '`',
            Piece::Text(text) => text.chars().next().unwrap_or('\n'),
            Piece::Break if self.place.is_cell() => '<',
            Piece::Break => '\n',
            Piece::Image { .. } => '!',
            Piece::Anchor(_) => '<',
        }
    }

    /// `runs` between two delimiters, or between tags where those would not be read.
    fn span(&mut self, runs: &[Run], marks: Marks, delimiter: &str, tag: &str, inside: Inside) {
        let before = self.out.chars().next_back().unwrap_or('\n');
        let begin = self.out.len();
        let pairs = self.delimited;
        self.out.push_str(delimiter);
        let inner = Inside {
            marks: inside.marks | marks,
            delimited: inside.delimited || !delimiter.is_empty(),
            after: if delimiter.is_empty() {
                '<'
            } else if inside.after.is_whitespace() || inside.after == CLOSING {
                CLOSING
            } else {
                '*'
            },
            ..inside
        };
        if delimiter.is_empty() {
            self.out.push_str(&open(tag));
            self.spans(runs, inner);
            self.out.push_str(&close(tag));
            return;
        }
        let content = self.out.len();
        self.spans(runs, inner);
        let alone = !inside.delimited && self.delimited == pairs;
        let written = self.out.get(content..).unwrap_or_default();
        let first = written.chars().next().unwrap_or(' ');
        let last = written.chars().next_back().unwrap_or(' ');
        if flanks(before, first, alone) && flanks(inside.after, last, alone) {
            self.out.push_str(delimiter);
            self.delimited += 1;
            return;
        }
        let tags: &[&str] = if delimiter == "***" {
            &["strong", "em"]
        } else {
            &[tag]
        };
        let opening: String = tags.iter().map(|tag| open(tag)).collect();
        self.out.replace_range(begin..content, &opening);
        for tag in tags.iter().rev() {
            self.out.push_str(&close(tag));
        }
    }

    fn link(&mut self, runs: &[Run], link: &str, inside: Inside) {
        if let [
            Run {
                piece: Piece::Text(text),
                style,
            },
        ] = runs
            && style.marks.without(inside.marks).is_empty()
            && text == link
            && is_autolink(link)
        {
            self.out.push('<');
            self.out.push_str(link);
            self.out.push('>');
            return;
        }
        self.out.push('[');
        let inner = Inside {
            link: true,
            after: ']',
            ..inside
        };
        self.spans(runs, inner);
        self.out.push_str("](");
        match link
            .strip_prefix('#')
            .and_then(|name| self.places.find(name))
        {
            Some(place) => {
                let place = format!("#{place}");
                self.destination(&place);
            }
            None => self.destination(link),
        }
        self.out.push(')');
    }

    fn piece(&mut self, run: &Run, inside: Inside) {
        match &run.piece {
            Piece::Break => self.out.push_str(match self.place {
                Place::Paragraph => "\\\n",
                Place::Heading => " ",
                Place::Cell | Place::CellAgain => "<br>",
            }),
            Piece::Image {
                alternative,
                target,
            } => {
                self.out.push_str("![");
                self.text(alternative, true, ']');
                self.out.push_str("](");
                self.destination(target);
                self.out.push(')');
            }
            Piece::Anchor(_) if self.place == Place::CellAgain => {}
            Piece::Anchor(id) => {
                self.out.push_str("<a id=\"");
                self.out.push_str(id);
                self.out.push_str("\"></a>");
            }
            Piece::Text(text) if run.style.marks.has(Marks::CODE) => self.code(text, inside),
            Piece::Text(text) => self.text(text, inside.link, inside.after),
        }
    }

    /// `text`, in which addresses stay what they are.
    fn text(&mut self, text: &str, brackets: bool, after: char) {
        // In the text of a link nothing is read as an address.
        if brackets || !text.contains('/') && find(text, MARKS[1]).is_none() {
            self.escaped(text, brackets, after);
            return;
        }
        let mut rest = text;
        let mut typed = Typed::new(text);
        while let Some((begin, end)) = typed.next() {
            let at = text.len() - rest.len();
            let address = text.get(begin..end).unwrap_or_default();
            // As it would be escaped, with some of what follows, on which escapes depend.
            let next = text.get(end..).and_then(|rest| rest.chars().next());
            let mut stop = text.len().min(end + AHEAD);
            while !text.is_char_boundary(stop) {
                stop += 1;
            }
            let follows = text.get(stop..).and_then(|rest| rest.chars().next());
            let mut escaped = Inline {
                out: "x".to_owned(),
                place: self.place,
                places: self.places,
                tildes: self.tildes,
                delimited: 0,
            };
            let probe = text.get(begin..stop).unwrap_or_default();
            escaped.escaped(probe, false, follows.unwrap_or(after));
            let mut plain = address.to_owned();
            plain.extend(next);
            let same = escaped
                .out
                .get(1..)
                .is_some_and(|out| out.starts_with(&plain));
            // What is written directly behind the address would be part of it.
            let apart = next.is_some() || after.is_whitespace() || "<_".contains(after);
            // GitHub takes these at the end for what is around the address.
            if same && apart && !address.ends_with(['*', '_', '~']) {
                continue;
            }
            let simple = is_autolink(address);
            let next = if simple { '<' } else { '[' };
            self.escaped(text.get(at..begin).unwrap_or_default(), false, next);
            if simple {
                self.out.push('<');
                self.out.push_str(address);
                self.out.push('>');
            } else {
                self.out.push('[');
                self.escaped(address, true, ']');
                self.out.push_str("](");
                if address.starts_with("www.") {
                    self.destination(&format!("http://{address}"));
                } else {
                    self.destination(address);
                }
                self.out.push(')');
            }
            rest = text.get(end..).unwrap_or_default();
        }
        self.escaped(rest, false, after);
    }

    #[inline(never)]
    fn escaped(&mut self, text: &str, brackets: bool, after: char) {
        let around = Surroundings {
            after,
            lines: self.place == Place::Paragraph,
            cell: self.place.is_cell(),
            brackets,
            tildes: self.tildes,
        };
        escape(&mut self.out, text, around);
    }

    fn code(&mut self, text: &str, inside: Inside) {
        // Two spans that touch are one; `\|` is read differently by different readers; and
        // `[`]: …` begins the definition of a link, since blocks are read before code is.
        let touches = self.out.ends_with('`');
        let bar = self.place.is_cell() && text.contains('|') && text.contains('\\');
        let defines = inside.link && text.contains(']');
        if touches || bar || defines {
            self.out.push_str("<code>");
            self.text(text, inside.link, '<');
            self.out.push_str("</code>");
        } else if self.place.is_cell() {
            code::span(&mut self.out, &text.replace('|', "\\|"));
        } else {
            code::span(&mut self.out, text);
        }
    }

    #[inline(never)]
    fn destination(&mut self, address: &str) {
        let pointed = address.contains(['(', ')']);
        if pointed {
            self.out.push('<');
        }
        for (at, character) in address.char_indices() {
            let behind = address.get(at + 1..).unwrap_or_default();
            match character {
                ' ' => self.out.push_str("%20"),
                '<' => self.out.push_str("%3C"),
                '>' => self.out.push_str("%3E"),
                '\\' => self.out.push_str("%5C"),
                '`' => self.out.push_str("%60"),
                '|' => self.out.push_str("%7C"),
                '&' if is_reference(behind) => self.out.push_str("&amp;"),
                c if c.is_whitespace() || c.is_control() => {}
                c => self.out.push(c),
            }
        }
        if pointed {
            self.out.push('>');
        }
    }
}

/// The addresses in a text that GitHub makes links of, each from one byte to another.
struct Typed<'t> {
    text: &'t str,
    at: usize,
    /// Where the next of each kind begins that was looked for.
    found: [Option<usize>; 2],
}

/// What an address has at or shortly behind its beginning.
const MARKS: [&str; 2] = ["://", "www."];

/// Bytes behind an address that decide how it is escaped: a little more than a reference to a
/// character has.
const AHEAD: usize = 64;

/// Schemes of addresses that are links without markup.
const SCHEMES: [&str; 3] = ["https", "http", "ftp"];

impl<'t> Typed<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            text,
            at: 0,
            found: MARKS.map(|mark| find(text, mark)),
        }
    }

    fn next(&mut self) -> Option<(usize, usize)> {
        loop {
            for (found, mark) in self.found.iter_mut().zip(MARKS) {
                if found.is_some_and(|found| found < self.at) {
                    let rest = self.text.get(self.at..).unwrap_or_default();
                    *found = find(rest, mark).map(|found| found + self.at);
                }
            }
            let [scheme, www] = self.found;
            let mark = scheme.into_iter().chain(www).min()?;
            let before = self.text.get(self.at..mark).unwrap_or_default();
            let begin = if scheme == Some(mark) {
                let named = SCHEMES.iter().find(|name| {
                    let end = before.len().saturating_sub(name.len());
                    let word = before.get(end..).unwrap_or_default();
                    word.eq_ignore_ascii_case(name)
                });
                named.map(|name| mark - name.len())
            } else {
                Some(mark)
            };
            self.at = mark + 3;
            let Some(begin) = begin else { continue };
            let before = self.text.get(..begin).unwrap_or_default();
            let before = before.chars().next_back();
            // GitHub looks back over ASCII letters for a scheme, and for a blank before `www.`.
            let joined = |c: char| match scheme {
                Some(at) if at == mark => c.is_ascii_alphabetic(),
                _ => c.is_alphanumeric(),
            };
            if before.is_some_and(joined) {
                continue;
            }
            let end = begin + length(self.text.get(begin..).unwrap_or_default(), before);
            if end <= mark + 4 {
                continue;
            }
            self.at = end;
            return Some((begin, end));
        }
    }
}

/// How long the address is that `text` begins with, without what ends the sentence or is around
/// it.
fn length(text: &str, before: Option<char>) -> usize {
    let end = text.find(|c: char| c.is_whitespace() || c == '<' || c == '>');
    let mut address = text.get(..end.unwrap_or(text.len())).unwrap_or_default();
    let count = |address: &str, mark: char| address.matches(mark).count();
    let mut open = count(address, '(');
    let mut closed = count(address, ')');
    open = open.min(closed);
    while let Some(last) = address.chars().next_back() {
        let trimmed = match last {
            '.' | ',' | ':' | ';' | '!' | '?' | '\'' | '"' | '`' | ']' | '}' => true,
            ')' if closed > open => {
                closed -= 1;
                true
            }
            '*' | '_' | '~' => before == Some(last),
            last => !last.is_ascii() && !last.is_alphanumeric(),
        };
        if !trimmed {
            break;
        }
        address = address
            .get(..address.len() - last.len_utf8())
            .unwrap_or_default();
    }
    address.len()
}

/// How many of `runs` from the first on have a style that `fits`.
fn extent(runs: &[Run], fits: impl Fn(&Style) -> bool) -> usize {
    runs.iter().take_while(|run| fits(&run.style)).count()
}

/// Whether a delimiter between `outer` and `inner` is sure to open, or to close, what it is to.
///
/// Beside a blank it does whatever is inside; elsewhere it may do both, which is harmless only
/// when it stands `alone`, with no others in the span or around it.
fn flanks(outer: char, inner: char, alone: bool) -> bool {
    let marks = "*_~\\";
    let punctuation = |c: char| c.is_ascii_punctuation() && !marks.contains(c);
    outer.is_whitespace()
        || alone && inner.is_alphanumeric() && !marks.contains(outer)
        || alone && punctuation(inner) && punctuation(outer)
}

fn open(tag: &str) -> String {
    format!("<{tag}>")
}

fn close(tag: &str) -> String {
    format!("</{tag}>")
}

/// Whether an address can stand alone between `<` and `>`, with nothing in it read otherwise.
fn is_autolink(address: &str) -> bool {
    (address.starts_with("https://") || address.starts_with("http://"))
        && !address.contains(|c: char| c.is_whitespace() || c.is_control() || "<>|&\\".contains(c))
}
