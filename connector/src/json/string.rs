//! Strings: where they end, and what they say.

use std::num::NonZeroUsize;

use super::Broken;
use super::scan;

/// How much of a run is copied at a time at least, in bytes, unless less is left.
const ROOM_BYTES: usize = 4096;

/// A string as it stands in the text, without its quotes.
#[derive(Clone, Copy)]
pub(crate) struct Written<'a> {
    pub(super) text: &'a str,
    /// Whether it has escapes.
    pub(super) escaped: bool,
}

/// How many bytes of `text`, which begins inside of a string, are of it. Its first `plain` bytes are
/// known to be, and an escape is next, unless it is broken.
#[cold]
#[inline(never)]
pub(super) fn length_with_escapes(text: &str, plain: usize) -> Result<NonZeroUsize, Broken> {
    let bytes = text.as_bytes();
    let mut at = plain;
    while bytes.get(at) == Some(&b'\\') {
        let (_, length) = unescape(bytes.get(at + 1..).unwrap_or_default())?;
        at += 1 + length;
        at += scan::plain(bytes.get(at..).unwrap_or_default());
    }
    match bytes.get(at) {
        Some(b'"') => NonZeroUsize::new(at).ok_or(Broken),
        _ => Err(Broken),
    }
}

/// Appends what a string says that `text` begins inside of, from an escape behind its first `plain` bytes
/// on, and answers how many bytes of `text` are of it. A quote follows.
#[inline(never)]
pub(super) fn append_escaped(
    text: &str,
    plain: usize,
    place: &mut String,
) -> Result<usize, Broken> {
    let bytes = text.as_bytes();
    let mut at = plain;
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        match rest.first() {
            Some(b'"') => return Ok(at),
            Some(b'\\') => {
                let (character, length) = unescape(rest.get(1..).unwrap_or_default())?;
                place.push(character);
                at += 1 + length;
            }
            _ => {
                let length = scan::plain(rest);
                if length == 0 {
                    return Err(Broken);
                }
                place.push_str(text.get(at..at + length).ok_or(Broken)?);
                at += length;
            }
        }
    }
}

impl Written<'_> {
    /// What it says.
    pub(super) fn to_text(self) -> String {
        if !self.escaped {
            return self.text.to_owned();
        }
        // In a string that is one, nothing is broken.
        Workbench::default()
            .unescape(self.text, scan::plain(self.text.as_bytes()))
            .map_or_else(|_| String::new(), |(said, _)| said)
    }
}

/// Where strings with escapes are put together, one after the other. What each says is copied from
/// here once; built up in memory of its own, a body of 8 KB would be moved five times.
#[derive(Default)]
pub(super) struct Workbench(Vec<u8>);

impl Workbench {
    /// What the string says that `text` begins inside of, and how many bytes of `text` that takes. Its
    /// first `plain` bytes have no escape. Whether a quote follows is the caller's to see.
    ///
    /// The end is not looked for first: of a body, that would be to read all of it twice.
    #[inline(never)]
    pub(super) fn unescape(&mut self, text: &str, plain: usize) -> Result<(String, usize), Broken> {
        let text = text.as_bytes();
        let before = text.get(..plain).ok_or(Broken)?;
        // No escape says more than it takes.
        let most = text.len();
        let mut said = 0;
        self.put(&mut said, before, most)?;
        let mut at = plain;
        loop {
            let rest = text.get(at..).unwrap_or_default();
            match rest.first() {
                Some(b'\\') => {
                    let behind = rest.get(1..).unwrap_or_default();
                    let (character, length) = unescape(behind)?;
                    let mut bytes = [0; 4];
                    let bytes = character.encode_utf8(&mut bytes).as_bytes();
                    self.put(&mut said, bytes, most)?;
                    at += 1 + length;
                }
                Some(b'"' | 0..0x20) | None => break,
                Some(_) => {
                    let place = self.place(said, rest.len().min(ROOM_BYTES), most);
                    let copied = scan::copy_plain(rest, place);
                    said += copied;
                    at += copied;
                }
            }
        }
        let said = self.0.get(..said).ok_or(Broken)?;
        // Runs of a text, and whole characters between them: it is one.
        let said = simdutf8::basic::from_utf8(said).map_err(|_| Broken)?;
        Ok((said.to_owned(), at))
    }

    /// What lies behind the first `said` bytes: `least` bytes, and more up to `most` of all.
    fn place(&mut self, said: usize, least: usize, most: usize) -> &mut [u8] {
        let needed = said + least;
        if self.0.len() < needed {
            let doubled = 2 * self.0.len();
            self.0.resize(needed.max(doubled.min(most)), 0);
        }
        self.0.get_mut(said..).unwrap_or_default()
    }

    fn put(&mut self, said: &mut usize, bytes: &[u8], most: usize) -> Result<(), Broken> {
        let place = self.place(*said, bytes.len(), most);
        let place = place.get_mut(..bytes.len()).ok_or(Broken)?;
        place.copy_from_slice(bytes);
        *said += bytes.len();
        Ok(())
    }
}

/// The character of an escape, whose letter `behind` begins with, and how many bytes of it it takes.
/// Half a pair of surrogates is U+FFFD.
#[inline(always)]
fn unescape(behind: &[u8]) -> Result<(char, usize), Broken> {
    let character = match behind.first() {
        Some(b'"') => '"',
        Some(b'n') => '\n',
        Some(b'\\') => '\\',
        Some(b'/') => '/',
        Some(b't') => '\t',
        Some(b'r') => '\r',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'u') => return unescape_unit(behind),
        _ => return Err(Broken),
    };
    Ok((character, 1))
}

#[inline(never)]
fn unescape_unit(behind: &[u8]) -> Result<(char, usize), Broken> {
    const LOST: (char, usize) = (char::REPLACEMENT_CHARACTER, 5);
    let high = unit(behind).ok_or(Broken)?;
    if !(0xd800..=0xdbff).contains(&high) {
        return Ok(char::from_u32(high).map_or(LOST, |one| (one, 5)));
    }
    let behind = behind.get(5..).and_then(|text| text.strip_prefix(b"\\"));
    Ok(match behind.and_then(unit) {
        Some(low @ 0xdc00..=0xdfff) => {
            let both = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
            char::from_u32(both).map_or(LOST, |both| (both, 11))
        }
        _ => LOST,
    })
}

/// The number of `u` and four hexadecimal digits.
fn unit(text: &[u8]) -> Option<u32> {
    let digits = text.strip_prefix(b"u")?.get(..4)?;
    digits.iter().try_fold(0, |number, digit| {
        Some(number << 4 | char::from(*digit).to_digit(16)?)
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::{Broken, ROOM_BYTES};
    use crate::json::Value;

    /// What a string says that begins there, as both ways of the reader have it.
    fn read(text: &str) -> Result<String, Broken> {
        let text = format!("\"{text}");
        let passed = Value::of(&text, "").string().map(|string| string.to_text());
        let taken = Value::of(&text, "").text();
        let mut appended = String::new();
        let put = Value::of(&text, "").append_text(&mut appended);
        assert_eq!(passed.is_ok(), put.is_ok(), "{text}");
        assert!(
            put.is_err() || passed.as_ref().ok() == Some(&appended),
            "{text}"
        );
        assert_eq!(passed.is_ok(), taken.is_ok(), "{text}");
        assert_eq!(
            passed.as_ref().ok(),
            taken.ok().flatten().as_ref(),
            "{text}"
        );
        passed
    }

    #[test]
    fn escapes_become_what_they_stand_for_and_half_characters_are_replaced() {
        let cases = [
            (r#"plain""#, "plain"),
            (r#"\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"),
            (r#"x\u00e9\u20AC""#, "xé€"),
            (r#"\ud83d\ude00!""#, "😀!"),
            (r#"x\ud83d""#, "x\u{fffd}"),
            (r#"\ude00\n""#, "\u{fffd}\n"),
            (r#"\ud83d\ud83d\ude00""#, "\u{fffd}😀"),
            (r#"\ud83dude00""#, "\u{fffd}ude00"),
            (r#"\\ud83d""#, "\\ud83d"),
        ];
        for (given, wanted) in cases {
            assert_eq!(read(given).unwrap(), wanted, "{given}");
        }
    }

    #[test]
    fn a_string_with_escapes_may_be_of_any_length() {
        for length in [ROOM_BYTES - 1, ROOM_BYTES, 10 * ROOM_BYTES + 3] {
            let run = "é".repeat(length / 2);
            for (escape, character) in [(r"\n", "\n"), (r"\u20ac", "€")] {
                let given = format!("{run}{escape}{run}{escape}\"");
                let wanted = format!("{run}{character}{run}{character}");
                assert!(read(&given).unwrap() == wanted, "{length} {escape}");
            }
        }
    }

    #[test]
    fn what_is_no_string_is_refused() {
        for given in [
            "",
            "open",
            r"\",
            r#"\""#,
            r#"\x""#,
            r#"\u12g4""#,
            r"\u12",
            "a\nb\"",
        ] {
            assert!(read(given).is_err(), "{given}");
        }
    }
}
