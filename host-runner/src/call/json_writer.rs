//! Component values to JSON, written as it is made.
//!
//! A text may take six times its bytes as JSON (`\u0000`), so that no document is ever held in
//! memory: each part goes to the writer at once.

use std::io::{self, Write};

use wasmtime::component::Val;

/// Writes a value as JSON. Fields are named in camelCase; what is absent is null.
///
/// The parts are small: hand over a [`BufWriter`](io::BufWriter) where `out` is a file or a socket.
///
/// # Errors
///
/// Those of `out`. What was written by then is no document.
pub fn write_json<W: Write + ?Sized>(value: &Val, out: &mut W) -> io::Result<()> {
    match value {
        Val::Bool(true) => out.write_all(b"true"),
        Val::Bool(false) => out.write_all(b"false"),
        Val::S8(number) => write!(out, "{number}"),
        Val::U8(number) => write!(out, "{number}"),
        Val::S16(number) => write!(out, "{number}"),
        Val::U16(number) => write!(out, "{number}"),
        Val::S32(number) => write!(out, "{number}"),
        Val::U32(number) => write!(out, "{number}"),
        Val::S64(number) => write!(out, "{number}"),
        Val::U64(number) => write!(out, "{number}"),
        Val::Float32(number) => float(f64::from(*number), out),
        Val::Float64(number) => float(*number, out),
        Val::Char(c) => string(c.encode_utf8(&mut [0; 4]), out),
        Val::String(text) => string(text, out),
        Val::Enum(name) => string(name, out),
        Val::List(items) | Val::Tuple(items) | Val::FixedLengthList(items) => {
            sequence(items, out, write_json)
        }
        Val::Flags(names) => sequence(names, out, |name, out| string(name, out)),
        Val::Record(fields) => {
            let mut before = b'{';
            for (name, value) in fields {
                key(before, name, out)?;
                write_json(value, out)?;
                before = b',';
            }
            out.write_all(if fields.is_empty() { b"{}" } else { b"}" })
        }
        Val::Variant(name, None) => string(name, out),
        Val::Variant(name, Some(value)) => {
            key(b'{', name, out)?;
            write_json(value, out)?;
            out.write_all(b"}")
        }
        Val::Option(Some(value)) => write_json(value, out),
        Val::Result(Ok(Some(value)) | Err(Some(value))) => write_json(value, out),
        // Handles have no text; no function of the connector answers one.
        _ => out.write_all(b"null"),
    }
}

fn sequence<T, W: Write + ?Sized>(
    items: &[T],
    out: &mut W,
    write: impl Fn(&T, &mut W) -> io::Result<()>,
) -> io::Result<()> {
    out.write_all(b"[")?;
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.write_all(b",")?;
        }
        write(item, out)?;
    }
    out.write_all(b"]")
}

/// Most bytes of a field's name with what surrounds it that are written in one piece. The longest
/// name of the connector has 28.
const KEY_BYTES: usize = 64;

/// A field's name in camelCase between what stands before it and a colon, without an allocation:
/// it is written for every field of every row.
fn key<W: Write + ?Sized>(before: u8, name: &str, out: &mut W) -> io::Result<()> {
    let mut piece = [0; KEY_BYTES];
    // Two before the name, two after it; a hyphen is left out, so that it never gets longer.
    if name.len() + 4 > KEY_BYTES {
        return long_key(before, name, out);
    }
    let mut used = 0;
    let mut push = |byte: u8| {
        if let Some(place) = piece.get_mut(used) {
            *place = byte;
            used += 1;
        }
    };
    push(before);
    push(b'"');
    let mut upper = false;
    for byte in name.bytes() {
        if byte == b'-' {
            upper = true;
        } else {
            push(if upper {
                byte.to_ascii_uppercase()
            } else {
                byte
            });
            upper = false;
        }
    }
    push(b'"');
    push(b':');
    out.write_all(piece.get(..used).unwrap_or_default())
}

#[cold]
fn long_key<W: Write + ?Sized>(before: u8, name: &str, out: &mut W) -> io::Result<()> {
    out.write_all(&[before])?;
    string(&host_levels::text::camel_case(name), out)?;
    out.write_all(b":")
}

fn float<W: Write + ?Sized>(number: f64, out: &mut W) -> io::Result<()> {
    if number.is_finite() {
        write!(out, "{number}")
    } else {
        out.write_all(b"null")
    }
}

/// What stands for a byte behind a backslash: 0 for one that stands for itself, `u` for one that
/// is written in digits.
#[allow(
    clippy::indexing_slicing,
    reason = "the compiler computes the table, and refuses an index beyond it"
)]
const ESCAPES: [u8; 256] = {
    let mut escapes = [0; 256];
    let mut control = 0;
    while control < 0x20 {
        escapes[control] = b'u';
        control += 1;
    }
    escapes[0x08] = b'b';
    escapes[0x09] = b't';
    escapes[0x0a] = b'n';
    escapes[0x0c] = b'f';
    escapes[0x0d] = b'r';
    escapes[b'"' as usize] = b'"';
    escapes[b'\\' as usize] = b'\\';
    escapes
};

fn escape_of(byte: u8) -> u8 {
    ESCAPES.get(usize::from(byte)).copied().unwrap_or_default()
}

fn string<W: Write + ?Sized>(text: &str, out: &mut W) -> io::Result<()> {
    out.write_all(b"\"")?;
    let mut rest = text.as_bytes();
    while let Some(at) = rest.iter().position(|byte| escape_of(*byte) != 0) {
        let (plain, behind) = rest.split_at(at);
        if !plain.is_empty() {
            out.write_all(plain)?;
        }
        let Some((byte, behind)) = behind.split_first() else {
            break;
        };
        match escape_of(*byte) {
            b'u' => {
                let digit = |half: u8| {
                    if half < 10 {
                        b'0' + half
                    } else {
                        b'a' + half - 10
                    }
                };
                let digits = [digit(byte >> 4), digit(byte & 15)];
                out.write_all(&[b'\\', b'u', b'0', b'0', digits[0], digits[1]])?;
            }
            letter => out.write_all(&[b'\\', letter])?,
        }
        rest = behind;
    }
    out.write_all(rest)?;
    out.write_all(b"\"")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use wasmtime::component::Val;

    use super::write_json;

    fn json(value: &Val) -> String {
        let mut json = Vec::new();
        write_json(value, &mut json).unwrap();
        String::from_utf8(json).unwrap()
    }

    #[test]
    fn every_text_is_read_back_as_it_was() {
        let every: String = ('\0'..='\u{2fff}').collect();
        let text = format!("{every}\u{1f600}\u{10ffff}\\\"\"\\");
        let written = json(&Val::String(text.clone()));
        assert_eq!(serde_json::from_str::<String>(&written).unwrap(), text);
        assert_eq!(written, serde_json::to_string(&text).unwrap());
    }

    #[test]
    fn names_of_fields_are_camel_case_whatever_their_length() {
        let long = format!("a-{}", "b".repeat(100));
        let record = Val::Record(vec![
            ("created-at".to_owned(), Val::U32(7)),
            (long, Val::Option(None)),
        ]);
        let expected = format!("{{\"createdAt\":7,\"aB{}\":null}}", "b".repeat(99));
        assert_eq!(json(&record), expected);
        assert_eq!(json(&Val::Record(Vec::new())), "{}");
    }

    #[test]
    fn a_writer_that_fails_ends_it() {
        let mut room = [0; 10];
        let text = Val::String("x".repeat(1000));
        assert!(write_json(&text, &mut room.as_mut_slice()).is_err());
    }
}
