//! Text and JSON that PostgreSQL takes: it has no U+0000, no half of a surrogate pair, and no bounds
//! on what else a document may be but its own.

use std::borrow::Cow;

/// Deeper documents are not taken apart: PostgreSQL's stack ends at some 6 000.
const MAX_DEPTH: usize = 512;

/// Longer numbers are not taken apart: PostgreSQL's end at 131 072 digits.
const MAX_DIGITS: usize = 1_000;

/// Larger exponents are not taken apart.
const MAX_EXPONENT_DIGITS: usize = 4;

/// A text without U+0000.
pub(crate) fn text(text: &str) -> Cow<'_, str> {
    if memchr::memchr(0, text.as_bytes()).is_some() {
        Cow::Owned(text.replace('\0', ""))
    } else {
        Cow::Borrowed(text)
    }
}

/// A document as `jsonb` takes it. Escaped U+0000 are removed, and halves of surrogate pairs become
/// U+FFFD. A document that PostgreSQL cannot take apart becomes a JSON string with its text.
pub(crate) fn document(json: &str) -> Cow<'_, str> {
    let bytes = json.as_bytes();
    let mut scan = Scan::default();
    let mut out: Option<String> = None;
    // What was copied to `out` so far.
    let mut copied = 0;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        if !scan.is_text {
            scan.outside(*byte);
            at += 1;
            continue;
        }
        match byte {
            b'"' => scan.is_text = false,
            b'\\' if bytes.get(at + 1) == Some(&b'u') => {
                let (length, replacement) = escaped(json, at);
                if let Some(replacement) = replacement {
                    let out = out.get_or_insert_with(String::new);
                    out.push_str(json.get(copied..at).unwrap_or_default());
                    out.push_str(replacement);
                    copied = at + length;
                }
                at += length;
                continue;
            }
            b'\\' => at += 1,
            _ => {}
        }
        at += 1;
    }
    if scan.is_extreme {
        return Cow::Owned(quoted(&text(json)));
    }
    let cleaned = match out {
        None => Cow::Borrowed(json),
        Some(mut out) => {
            out.push_str(json.get(copied..).unwrap_or_default());
            Cow::Owned(out)
        }
    };
    match text(&cleaned) {
        Cow::Borrowed(_) => cleaned,
        Cow::Owned(without) => Cow::Owned(without),
    }
}

/// What was seen outside of the texts of a document.
#[derive(Default)]
struct Scan {
    is_text: bool,
    depth: usize,
    digits: usize,
    exponent: Option<usize>,
    is_extreme: bool,
}

impl Scan {
    fn outside(&mut self, byte: u8) {
        match byte {
            b'"' => self.is_text = true,
            b'[' | b'{' => self.depth += 1,
            b']' | b'}' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        match byte {
            b'0'..=b'9' => {
                self.digits += 1;
                if let Some(exponent) = &mut self.exponent {
                    *exponent += 1;
                }
            }
            b'e' | b'E' if self.digits > 0 => self.exponent = Some(0),
            b'+' | b'-' | b'.' => {}
            _ => {
                self.digits = 0;
                self.exponent = None;
            }
        }
        self.is_extreme |= self.depth > MAX_DEPTH
            || self.digits > MAX_DIGITS
            || self
                .exponent
                .is_some_and(|digits| digits > MAX_EXPONENT_DIGITS);
    }
}

/// The length of the escape at a place, and what replaces it, if PostgreSQL does not take it.
fn escaped(json: &str, at: usize) -> (usize, Option<&'static str>) {
    let unit = |at: usize| {
        let digits = json.get(at..)?.strip_prefix("\\u")?.get(..4)?;
        u16::from_str_radix(digits, 16).ok()
    };
    match unit(at) {
        Some(0) => (6, Some("")),
        Some(0xd800..=0xdbff) => match unit(at + 6) {
            Some(0xdc00..=0xdfff) => (12, None),
            _ => (6, Some("\\ufffd")),
        },
        Some(0xdc00..=0xdfff) => (6, Some("\\ufffd")),
        _ => (2, None),
    }
}

/// A text as a JSON string.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => {
                out.push('\\');
                out.push(character);
            }
            control if control < ' ' => {
                out.push_str(&format!("\\u{:04x}", u32::from(control)));
            }
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::{document, text};

    #[test]
    fn documents_are_as_postgresql_takes_them() {
        assert_eq!(text("a\0b"), "ab");
        for (json, expected) in [
            (r#"{"a": "b\\u0000"}"#, r#"{"a": "b\\u0000"}"#),
            (r#"["a\u0000b", "\\\u0000"]"#, r#"["ab", "\\"]"#),
            (r#""\ud83d\ude00""#, r#""\ud83d\ude00""#),
            (r#""\ud83dx""#, r#""\ufffdx""#),
            (r#""\ud83d\ud83d\ude00""#, r#""\ufffd\ud83d\ude00""#),
            (r#""\ude00""#, r#""\ufffd""#),
            (r#"[1e99999, "a"]"#, r#""[1e99999, \"a\"]""#),
            (r#"[1e9999, -1.5E-3]"#, r#"[1e9999, -1.5E-3]"#),
        ] {
            assert_eq!(document(json), expected);
        }
        let deep = format!("{}{}", "[".repeat(600), "]".repeat(600));
        assert_eq!(document(&deep), format!("\"{deep}\""));
        let long = "9".repeat(2_000);
        assert_eq!(document(&long), format!("\"{long}\""));
    }
}
