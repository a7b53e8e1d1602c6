//! Foreign text that is safe to show: what a terminal or a text renderer would obey is made
//! visible.
//!
//! Titles, errors and documentation come from sites and components. Escape sequences in them
//! could move the cursor or answer for the keyboard, and a bidirectional override could make a
//! text read as another one. All that is printed goes through here: messages on standard error
//! always, results where standard output is a terminal. Files and pipes get results as they are.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, BufWriter, IsTerminal as _, Write};

use crate::formats::Format;
use crate::pager::Paged;

/// Whether a terminal or the bidirectional algorithm obeys a character in place of showing it.
/// A line break is obeyed as well, and part of the output's own form.
fn is_obeyed(c: char) -> bool {
    match c {
        '\n' => false,
        // Marks and overrides of direction, isolates, separators of lines and paragraphs.
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{206f}' => {
            true
        }
        // C0, DEL and C1.
        c => c.is_control(),
    }
}

/// How such a character is spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spelling {
    /// For people: a control picture such as `␛`, or `\u{202e}`.
    Picture,
    /// In JSON, where it only occurs in texts: `\u202e`, which is the same data.
    Json,
}

impl Spelling {
    fn push(self, c: char, text: &mut String) {
        // Writing to a `String` does not fail.
        match (self, u32::from(c)) {
            (Self::Json, code) => {
                let _ = write!(text, "\\u{code:04x}");
            }
            (Self::Picture, code @ ..0x20) => {
                text.push(char::from_u32(0x2400 + code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            (Self::Picture, 0x7f) => text.push('\u{2421}'),
            (Self::Picture, code) => {
                let _ = write!(text, "\\u{{{code:x}}}");
            }
        }
    }

    fn apply(self, text: &str) -> Cow<'_, str> {
        if !text.contains(is_obeyed) {
            return Cow::Borrowed(text);
        }
        let mut shown = String::with_capacity(text.len() + 16);
        for c in text.chars() {
            if is_obeyed(c) {
                self.push(c, &mut shown);
            } else {
                shown.push(c);
            }
        }
        Cow::Owned(shown)
    }
}

/// The text as people may see it. Line breaks stay.
pub(crate) fn text(text: &str) -> Cow<'_, str> {
    Spelling::Picture.apply(text)
}

/// A document of JSON as a terminal may get it: the same data.
pub(crate) fn json(document: &str) -> Cow<'_, str> {
    Spelling::Json.apply(document)
}

/// Standard output for results in a format, buffered: flush it at the end.
pub(crate) fn stdout(format: Format) -> BufWriter<Screen<Paged>> {
    let out = if format.is_table() {
        Paged::of_tables()
    } else {
        Paged::plain()
    };
    let spelling = match format {
        Format::Json | Format::Ndjson => Spelling::Json,
        Format::Table | Format::Wide | Format::Csv => Spelling::Picture,
    };
    let spelling = io::stdout().is_terminal().then_some(spelling);
    BufWriter::with_capacity(BUFFER_BYTES, Screen::new(out, spelling))
}

/// What is collected before it is written.
const BUFFER_BYTES: usize = 1 << 16;

/// A writer that may be a terminal.
pub(crate) struct Screen<W> {
    out: W,
    /// `None` where it is no terminal: bytes pass as they are.
    spelling: Option<Spelling>,
    /// The bytes of a character whose end has not come yet.
    begun: Vec<u8>,
}

impl<W: Write> Screen<W> {
    fn new(out: W, spelling: Option<Spelling>) -> Self {
        Self {
            out,
            spelling,
            begun: Vec::new(),
        }
    }

    fn show(&mut self, bytes: &[u8], spelling: Spelling) -> io::Result<()> {
        let joined;
        let mut bytes = bytes;
        if !self.begun.is_empty() {
            joined = [std::mem::take(&mut self.begun).as_slice(), bytes].concat();
            bytes = &joined;
        }
        for chunk in bytes.utf8_chunks() {
            self.out
                .write_all(spelling.apply(chunk.valid()).as_bytes())?;
            let invalid = chunk.invalid();
            let is_last = invalid.as_ptr_range().end == bytes.as_ptr_range().end;
            let is_begun = is_last
                && std::str::from_utf8(invalid).is_err_and(|error| error.error_len().is_none());
            if is_begun {
                self.begun.extend_from_slice(invalid);
            } else if !invalid.is_empty() {
                self.out.write_all("\u{fffd}".as_bytes())?;
            }
        }
        Ok(())
    }
}

impl<W: Write> Write for Screen<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.spelling {
            None => self.out.write(bytes),
            Some(spelling) => self.show(bytes, spelling).map(|()| bytes.len()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::io::Write as _;

    use super::{Screen, Spelling, json, text};

    const OBEYED: &str = "\0\u{7}\t\r\u{1b}\u{7f}\u{80}\u{9b}\u{9f}\u{61c}\u{200e}\u{200f}\u{2028}\u{202a}\u{202e}\u{2066}\u{2069}";

    #[test]
    fn what_a_terminal_obeys_is_made_visible() {
        assert_eq!(
            text(OBEYED),
            "␀␇␉␍␛␡\\u{80}\\u{9b}\\u{9f}\\u{61c}\\u{200e}\\u{200f}\\u{2028}\\u{202a}\\u{202e}\\u{2066}\\u{2069}"
        );
        let harmless = "a\nü 中 👩\u{200d}💻 – ’\u{a0}";
        assert_eq!(text(harmless), harmless);
        assert_eq!(json(harmless), harmless);
    }

    #[test]
    fn json_stays_the_same_data() {
        let document = serde_json::to_string(OBEYED).unwrap();
        let shown = json(&document);
        assert!(shown.chars().all(|c| c.is_ascii_graphic()), "{shown}");
        assert_eq!(serde_json::from_str::<String>(&shown).unwrap(), OBEYED);
    }

    #[test]
    fn pieces_may_end_within_a_character() {
        let whole = "é\u{202e}中\u{9b}x\u{1f600}";
        for spelling in [Spelling::Picture, Spelling::Json] {
            let mut out = Vec::new();
            let mut screen = Screen::new(&mut out, Some(spelling));
            for byte in whole.as_bytes() {
                screen.write_all(&[*byte]).unwrap();
            }
            assert_eq!(String::from_utf8(out).unwrap(), spelling.apply(whole));
        }
        let mut out = Vec::new();
        let mut screen = Screen::new(&mut out, Some(Spelling::Picture));
        screen.write_all(b"a\xff\xc3\xc3\xa9").unwrap();
        assert_eq!(out, "a\u{fffd}\u{fffd}é".as_bytes());
    }

    #[test]
    fn what_is_no_terminal_gets_the_bytes() {
        let mut out = Vec::new();
        let mut screen = Screen::new(&mut out, None);
        screen.write_all(b"\x1b\xff\x9b").unwrap();
        assert_eq!(out, b"\x1b\xff\x9b");
    }
}
