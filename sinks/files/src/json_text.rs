//! Texts as JSON.
//!
//! `serde_json`, which `arrow-json` writes texts with, looks at one byte after the other: a fifth of the processor
//! time of `read` with bodies.

/// Bytes that are looked at together.
const BLOCK: usize = 32;

/// Writes a text as a JSON string. Escapes are those of `serde_json`.
pub(crate) fn write(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    let mut rest = text.as_bytes();
    while let Some(at) = next_escape(rest)
        && let Some((plain, [byte, after @ ..])) = rest.split_at_checked(at)
    {
        out.extend_from_slice(plain);
        escape(*byte, out);
        rest = after;
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}

const fn is_escaped(byte: u8) -> bool {
    (byte < b' ') | (byte == b'"') | (byte == b'\\')
}

/// Where the first byte is that has to be escaped.
fn next_escape(text: &[u8]) -> Option<usize> {
    let (blocks, _) = text.as_chunks::<BLOCK>();
    // Without a branch, so that it is compiled to a few instructions for sixteen bytes each.
    let has_escape =
        |block: &[u8; BLOCK]| block.iter().fold(false, |it, byte| it | is_escaped(*byte));
    let first = blocks.iter().position(has_escape).unwrap_or(blocks.len()) * BLOCK;
    let rest = text.get(first..)?;
    let place = rest.iter().position(|byte| is_escaped(*byte))?;
    Some(first + place)
}

fn escape(byte: u8, out: &mut Vec<u8>) {
    let letter = match byte {
        b'"' | b'\\' => byte,
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        0x08 => b'b',
        0x0c => b'f',
        _ => {
            out.extend_from_slice(format!("\\u{byte:04x}").as_bytes());
            return;
        }
    };
    out.extend_from_slice(&[b'\\', letter]);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::{BLOCK, write};

    fn written(text: &str) -> String {
        let mut out = Vec::new();
        write(text, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn texts_are_written_as_serde_json_writes_them() {
        let every: String = (0..0x250).filter_map(char::from_u32).collect();
        assert_eq!(written(&every), serde_json::to_string(&every).unwrap());
        // Each kind of byte at each place of some blocks, alone and next to others.
        for length in 0..=3 * BLOCK {
            for at in 0..length {
                for one in [
                    "\"", "\\", "\n", "\u{0}", "\u{1f}", "\u{7f}", "é", "\"\\", "😀",
                ] {
                    let (before, after) = ("a".repeat(at), "b".repeat(length - at - 1));
                    let text = format!("{before}{one}{after}");
                    assert_eq!(written(&text), serde_json::to_string(&text).unwrap());
                }
            }
        }
    }
}
