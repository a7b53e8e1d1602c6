//! Strings: where they end, and what they say.

use std::num::NonZeroUsize;

use super::Broken;
use crate::scan;

/// What is set aside for a string with escapes beyond what stands before the first, in bytes.
const FIRST_BYTES: usize = 256;

/// A string as it stands in the text, without its quotes.
#[derive(Clone, Copy)]
pub(super) struct Written<'a> {
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
        at += escape_length(bytes.get(at + 1..).unwrap_or_default())?;
        at += scan::plain(bytes.get(at..).unwrap_or_default());
    }
    match bytes.get(at) {
        Some(b'"') => NonZeroUsize::new(at).ok_or(Broken),
        _ => Err(Broken),
    }
}

/// Bytes of an escape, whose letter `behind` begins with.
fn escape_length(behind: &[u8]) -> Result<usize, Broken> {
    match behind.first() {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(2),
        Some(b'u') => {
            let digits = behind.get(1..5).ok_or(Broken)?;
            let are_hex = digits.iter().all(u8::is_ascii_hexdigit);
            are_hex.then_some(6).ok_or(Broken)
        }
        _ => Err(Broken),
    }
}

impl Written<'_> {
    /// What it says.
    pub(super) fn to_text(self) -> String {
        if !self.escaped {
            return self.text.to_owned();
        }
        // In a string that is one, nothing is broken.
        unescaped(self.text, scan::plain(self.text.as_bytes()))
            .map_or_else(|_| String::new(), |(said, _)| said)
    }
}

/// What the string says that `text` begins inside of, and how many bytes of `text` that takes. Its
/// first `plain` bytes have no escape. Whether a quote follows is the caller's to see.
///
/// The end is not looked for first: of a body, that would be to read all of it twice.
#[inline(never)]
pub(super) fn unescaped(text: &str, plain: usize) -> Result<(String, usize), Broken> {
    let mut said = String::with_capacity(text.len().min(plain + FIRST_BYTES));
    let mut rest = text;
    let mut run = plain;
    loop {
        let (before, behind) = rest.split_at_checked(run).ok_or(Broken)?;
        said.push_str(before);
        let Some(escape) = behind.strip_prefix('\\') else {
            said.shrink_to_fit();
            return Ok((said, text.len() - behind.len()));
        };
        escape_length(escape.as_bytes())?;
        let (character, length) = unescape(escape);
        said.push(character);
        rest = escape.get(length..).unwrap_or_default();
        run = scan::plain(rest.as_bytes());
    }
}

/// The character of an escape that [`escape_length`] has passed, and how many bytes behind the
/// backslash it takes. Half a pair of surrogates is U+FFFD.
fn unescape(escape: &str) -> (char, usize) {
    let character = match escape.as_bytes().first() {
        Some(b'u') => return unescape_unit(escape),
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(itself) => char::from(*itself),
        None => char::REPLACEMENT_CHARACTER,
    };
    (character, 1)
}

fn unescape_unit(escape: &str) -> (char, usize) {
    const LOST: (char, usize) = (char::REPLACEMENT_CHARACTER, 5);
    let unit = |text: &str| {
        let digits = text.strip_prefix('u')?.get(..4)?;
        u32::from_str_radix(digits, 16).ok()
    };
    match unit(escape) {
        Some(high @ 0xd800..=0xdbff) => {
            let behind = escape.get(5..).and_then(|text| text.strip_prefix('\\'));
            match behind.and_then(unit) {
                Some(low @ 0xdc00..=0xdfff) => {
                    let both = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                    char::from_u32(both).map_or(LOST, |both| (both, 11))
                }
                _ => LOST,
            }
        }
        Some(one) => char::from_u32(one).map_or(LOST, |one| (one, 5)),
        None => LOST,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::Broken;
    use crate::lenient::Value;

    /// What a string says that begins there, as both ways of the reader have it.
    fn read(text: &str) -> Result<String, Broken> {
        let text = format!("\"{text}");
        let passed = Value::of(&text, "").string().map(|string| string.to_text());
        let taken = Value::of(&text, "").text();
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
