//! How deep an answer nests, known before it is decoded.
//!
//! The deepest answers of Confluence have 6 levels; bodies are text and do not count. Decoding
//! recurses, and a guest's stack is small, so nothing deeper than [`MOST`] gets that far.

use super::scan;

/// Levels that are let through.
pub(crate) const MOST: usize = 64;

/// Whether `json` has at most `most` levels of lists and objects. Brackets in strings do not
/// count. Text that is not JSON gets some answer.
pub(crate) fn within(json: &[u8], most: usize) -> bool {
    let mut depth = 0_usize;
    let mut rest = json;
    while let Some((&byte, behind)) = rest.split_first() {
        rest = behind;
        match byte {
            b'"' => rest = behind_string(rest),
            b'{' | b'[' => {
                depth += 1;
                if depth > most {
                    return false;
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    true
}

/// What follows the string that `rest` begins inside of.
fn behind_string(mut rest: &[u8]) -> &[u8] {
    loop {
        rest = rest.get(scan::plain(rest)..).unwrap_or_default();
        match rest.split_first() {
            None => return rest,
            Some((b'"', behind)) => return behind,
            Some((b'\\', behind)) => rest = behind.get(1..).unwrap_or_default(),
            Some((_, behind)) => rest = behind,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_counted_exactly() {
        for levels in [1, 63, 64, 65] {
            let text = "[".repeat(levels) + &"]".repeat(levels);
            assert_eq!(within(text.as_bytes(), 64), levels <= 64, "{levels}");
        }
        assert!(within("{}[]".repeat(1_000).as_bytes(), 1));
    }

    #[test]
    fn brackets_in_strings_do_not_count_wherever_the_string_ends() {
        for padding in 0..24 {
            let pad = "x".repeat(padding);
            let inside = format!(r#"{{"a":"{pad}[[[\"[[\\","b":[1]}}"#);
            assert!(within(inside.as_bytes(), 2), "{inside}");
            assert!(!within(inside.as_bytes(), 1), "{inside}");
            let outside = format!(r#"{{"a":"{pad}\\","b":[[[1]]]}}"#);
            assert!(!within(outside.as_bytes(), 3), "{outside}");
            assert!(within(outside.as_bytes(), 4), "{outside}");
        }
    }

    #[test]
    fn a_string_without_an_end_is_no_level() {
        assert!(within(br#"{"a":"[[[[[[[["#, 1));
        assert!(within(br#"{"a":"[[[[[[[[\"#, 1));
    }
}
