//! What an escape in a text stands for: those of JSON, HTML, URLs and program texts, in any case and
//! up to a few levels deep.

/// Maximum depth of escapes of escapes: `\u0026#65;` has two.
const MAX_DEPTH: u8 = 4;

/// What an escape stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// A byte of ASCII.
    Byte(u8),
    /// Nothing that an echo consists of: a line break, a blank, the backslash before another.
    Nothing,
    /// A character beyond ASCII.
    Other,
}

/// Whether a byte may begin an escape.
pub(super) fn may_begin(byte: u8) -> bool {
    matches!(byte, b'\\' | b'&' | b'%')
}

/// Whether an escape begins here that can be part of an echo. The most frequent ones, `\"` and
/// `&amp;`, are not.
pub(super) fn begins(text: &[u8]) -> bool {
    match text {
        [b'\\', next, ..] => matches!(
            next,
            b'u' | b'U' | b'x' | b'n' | b'r' | b't' | b'/' | b'\\' | b'\n' | b'\r'
        ),
        [b'%', next, ..] => next.is_ascii_hexdigit() || matches!(next, b'u' | b'U'),
        [b'&', b'#', ..] => true,
        [b'&', rest @ ..] => {
            rest.starts_with(b"amp;#")
                || rest.starts_with(b"amp;amp;")
                || BLANKS.iter().any(|blank| rest.starts_with(blank))
        }
        _ => false,
    }
}

/// Entities that stand for blanks.
const BLANKS: [&[u8]; 3] = [b"nbsp;", b"NewLine;", b"Tab;"];

/// What the escape at the beginning of a text stands for, and how many bytes of the text it has; the
/// byte itself where it begins none.
pub(super) fn read(text: &[u8]) -> (Meaning, usize) {
    read_at(text, 0)
}

fn read_at(text: &[u8], depth: u8) -> (Meaning, usize) {
    let (code, length) = match text {
        [b'\\', rest @ ..] => match rest {
            [b'u' | b'U', digits @ ..] => match number(digits.get(..4), 16) {
                Some(code) => (code, 6),
                None => return (Meaning::Nothing, 1),
            },
            [b'x', digits @ ..] => match number(digits.get(..2), 16) {
                Some(code) => (code, 4),
                None => return (Meaning::Nothing, 1),
            },
            [b'n' | b'r' | b't', ..] => return (Meaning::Nothing, 2),
            // The next character is itself.
            _ => return (Meaning::Nothing, 1),
        },
        [b'&', rest @ ..] => match entity(rest) {
            Some((code, length)) => (code, 1 + length),
            None => match BLANKS.iter().find(|blank| rest.starts_with(blank)) {
                Some(blank) => return (Meaning::Nothing, 1 + blank.len()),
                None => return (Meaning::Byte(b'&'), 1),
            },
        },
        [b'%', rest @ ..] => match percent(rest) {
            Some((code, length)) => (code, 1 + length),
            None => return (Meaning::Byte(b'%'), 1),
        },
        [byte, ..] => return (Meaning::Byte(*byte), 1),
        [] => return (Meaning::Nothing, 0),
    };
    let Some(byte) = u8::try_from(code).ok().filter(u8::is_ascii) else {
        return (Meaning::Other, length);
    };
    if may_begin(byte) && depth < MAX_DEPTH {
        // It may begin another escape.
        let mut next = [0; 24];
        let rest = text.get(length..).unwrap_or_default();
        let mut filled = 0;
        for (place, byte) in next.iter_mut().zip(std::iter::once(&byte).chain(rest)) {
            *place = *byte;
            filled += 1;
        }
        let (meaning, of_next) = read_at(next.get(..filled).unwrap_or_default(), depth + 1);
        return (meaning, length + of_next.saturating_sub(1));
    }
    if byte <= b' ' || byte == 0x7f {
        return (Meaning::Nothing, length);
    }
    (Meaning::Byte(byte), length)
}

/// What follows `&`: `#65;`, `#x41;`, with `amp;` before them where it was escaped again.
fn entity(text: &[u8]) -> Option<(u32, usize)> {
    let mut rest = text;
    for _ in 0..MAX_DEPTH {
        rest = rest.strip_prefix(b"amp;").unwrap_or(rest);
    }
    rest = rest.strip_prefix(b"#")?;
    let radix = match rest {
        [b'x' | b'X', digits @ ..] => {
            rest = digits;
            16
        }
        _ => 10,
    };
    let is_digit = |byte: &u8| char::from(*byte).is_digit(radix);
    let digits = rest
        .iter()
        .take(8)
        .take_while(|byte| is_digit(byte))
        .count();
    let code = number(rest.get(..digits), radix)?;
    rest = rest.get(digits..)?;
    rest = rest.strip_prefix(b";").unwrap_or(rest);
    Some((code, text.len() - rest.len()))
}

/// What follows `%`: `41`, `u0041`, with `25` before them where it was escaped again.
fn percent(text: &[u8]) -> Option<(u32, usize)> {
    let mut rest = text;
    for _ in 0..MAX_DEPTH {
        if let Some(next) = rest.strip_prefix(b"25")
            && (number(next.get(..2), 16).is_some() || next.starts_with(b"u"))
        {
            rest = next;
        }
    }
    let (digits, length) = match rest {
        [b'u' | b'U', digits @ ..] => {
            rest = digits;
            (digits.get(..4), 4)
        }
        _ => (rest.get(..2), 2),
    };
    let code = number(digits, 16)?;
    rest = rest.get(length..)?;
    Some((code, text.len() - rest.len()))
}

/// The number that all of these digits are.
fn number(digits: Option<&[u8]>, radix: u32) -> Option<u32> {
    let digits = digits.filter(|digits| !digits.is_empty())?;
    digits.iter().try_fold(0_u32, |number, digit| {
        let digit = char::from(*digit).to_digit(radix)?;
        number.checked_mul(radix)?.checked_add(digit)
    })
}

#[cfg(test)]
mod tests {
    use super::{Meaning, begins, read};

    #[test]
    fn escapes_are_read_in_any_case_and_depth() {
        for text in [
            r"\u0041",
            r"\U0041",
            r"\x41",
            "&#65;",
            "&#065;",
            "&#x41;",
            "&#X41;",
            "&#x41",
            "&amp;#65;",
            "&amp;amp;#x41;",
            "%41",
            "%2541",
            "%252541",
            "%u0041",
            r"\u0026#65;",
            r"\u002541",
            r"\u005cu0041",
        ] {
            assert!(begins(text.as_bytes()), "{text}");
            assert_eq!(
                read(text.as_bytes()),
                (Meaning::Byte(b'A'), text.len()),
                "{text}"
            );
            let more = format!("{text}g");
            assert_eq!(
                read(more.as_bytes()),
                (Meaning::Byte(b'A'), text.len()),
                "{text}"
            );
        }
        assert_eq!(read(r"\u006a".as_bytes()), (Meaning::Byte(b'j'), 6));
        assert_eq!(read(r"\u006A".as_bytes()), (Meaning::Byte(b'j'), 6));
    }

    #[test]
    fn line_breaks_are_nothing() {
        for text in [
            r"\n", r"\r", r"\t", "%0A", "%0d", "%20", "&#10;", "&#xA;", "&nbsp;", r"\u000a",
        ] {
            assert!(begins(text.as_bytes()), "{text}");
            assert_eq!(read(text.as_bytes()), (Meaning::Nothing, text.len()));
        }
        // The backslash alone, each time.
        for text in ["\\\n", r"\\n", r#"\""#, r"\/", "\\", r"\u00", r"\u00zz"] {
            assert_eq!(read(text.as_bytes()), (Meaning::Nothing, 1), "{text}");
        }
    }

    #[test]
    fn what_is_no_escape_is_itself() {
        for text in [
            "&", "&lt;", "&#", "&#;", "&#x;", "&amp;", "%", "%4", "%zz", "%u00",
        ] {
            let byte = text.as_bytes().first().copied().unwrap_or_default();
            assert_eq!(read(text.as_bytes()), (Meaning::Byte(byte), 1), "{text}");
        }
        assert_eq!(read("&#8203;".as_bytes()), (Meaning::Other, 7));
    }
}
