//! Texts that a component chooses, at a stated length.
//!
//! An error, a notice and the name of a function are for messages and logs. Their lengths are
//! bounded here, where they are read, so that no copy of a text of any length is ever made. A
//! text that was cut says so. Whatever shows them replaces control characters: text is data here.

use std::fmt::{self, Display, Write as _};
use std::io;

use wasmtime::component::Val;

use super::json_writer::write_json;

/// Maximum length of a message, its cause, its resolution and a notice, in bytes. The longest of
/// the connector has about 600.
pub(crate) const MAX_MESSAGE_BYTES: usize = 4096;

/// Maximum length of a code, a kind, the scope of a limit and a request id, in bytes.
pub(crate) const MAX_WORD_BYTES: usize = 128;

/// Maximum length of a continuation token and of a checkpoint, in bytes. Those of the connector
/// have less than 1000; one argument of a command has 128 KiB on Linux.
pub(crate) const MAX_CONTINUATION_BYTES: usize = 64 * 1024;

/// The text, or its beginning and what was cut.
pub(crate) fn cut(text: &str, max_bytes: usize) -> String {
    if text.len() <= max_bytes {
        return text.to_owned();
    }
    let beginning = text.get(..text.floor_char_boundary(max_bytes));
    format!(
        "{}… (cut from {} bytes)",
        beginning.unwrap_or_default(),
        text.len()
    )
}

/// As [`cut`], of a text that is no longer needed.
pub(crate) fn cut_owned(text: String, max_bytes: usize) -> String {
    if text.len() <= max_bytes {
        text
    } else {
        cut(&text, max_bytes)
    }
}

/// What something displays, or its beginning: formatting stops at the limit.
pub(crate) fn cut_display(shown: &impl Display, max_bytes: usize) -> String {
    let mut beginning = Beginning::new(max_bytes);
    let _ = write!(beginning, "{shown:#}");
    beginning.end()
}

/// A value as JSON, or its beginning.
pub(crate) fn cut_json(value: &Val, max_bytes: usize) -> String {
    let mut beginning = Beginning::new(max_bytes);
    let _ = write_json(value, &mut beginning);
    beginning.end()
}

/// The beginning of what is written, which fails once that is full.
struct Beginning {
    text: String,
    max_bytes: usize,
    is_cut: bool,
}

impl Beginning {
    fn new(max_bytes: usize) -> Self {
        Self {
            text: String::new(),
            max_bytes,
            is_cut: false,
        }
    }

    fn end(mut self) -> String {
        if self.is_cut {
            let _ = write!(self.text, "… (cut after {} bytes)", self.max_bytes);
        }
        self.text
    }
}

impl fmt::Write for Beginning {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = self.max_bytes - self.text.len().min(self.max_bytes);
        if text.len() <= room {
            self.text.push_str(text);
            return Ok(());
        }
        let beginning = text.get(..text.floor_char_boundary(room));
        self.text.push_str(beginning.unwrap_or_default());
        self.is_cut = true;
        Err(fmt::Error)
    }
}

impl io::Write for Beginning {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // JSON is cut between characters alone.
        match self.write_str(&String::from_utf8_lossy(bytes)) {
            Ok(()) => Ok(bytes.len()),
            Err(_) => Err(io::ErrorKind::WriteZero.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use wasmtime::component::Val;

    use super::{cut, cut_display, cut_json, cut_owned};

    #[test]
    fn a_text_that_fits_is_left_as_it_is() {
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut_owned("abc".to_owned(), 3), "abc");
        assert_eq!(cut_display(&"abc", 3), "abc");
        assert_eq!(cut_json(&Val::String("a".to_owned()), 3), "\"a\"");
    }

    #[test]
    fn a_text_that_does_not_fit_says_so() {
        assert_eq!(cut("abcd", 3), "abc… (cut from 4 bytes)");
        assert_eq!(cut("a中中", 5), "a中… (cut from 7 bytes)");
        assert_eq!(cut_display(&"abcd", 3), "abc… (cut after 3 bytes)");
        let text = Val::String("中中".to_owned());
        assert_eq!(cut_json(&text, 5), "\"中… (cut after 5 bytes)");
    }
}
