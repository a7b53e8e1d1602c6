//! Code, in blocks and in lines.

/// Longest language that is kept, in bytes.
const LANGUAGE: usize = 40;

/// A fence that no line of `text` can close.
pub(super) fn fence(text: &str) -> String {
    "`".repeat(longest_run(text).saturating_add(1).max(3))
}

/// What of `language` can stand behind a fence.
pub(super) fn language(language: &str) -> String {
    language
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || "+-#._".contains(*c))
        .take(LANGUAGE)
        .collect::<String>()
        .to_ascii_lowercase()
}

/// Appends `text` as code within a line.
pub(super) fn span(out: &mut String, text: &str) {
    let delimiter = "`".repeat(match longest_run(text) {
        0 => 1,
        // The shortest that is no run of its own would do; one longer than all is easier read.
        longest => longest + 1,
    });
    // A reader takes one blank from each end of code that has one at both.
    let blank = text.starts_with(' ') && text.ends_with(' ') && !text.trim().is_empty();
    let pad = blank || text.starts_with('`') || text.ends_with('`');
    out.push_str(&delimiter);
    if pad {
        out.push(' ');
    }
    out.push_str(text);
    if pad {
        out.push(' ');
    }
    out.push_str(&delimiter);
}

fn longest_run(text: &str) -> usize {
    let mut longest = 0;
    let mut run = 0;
    for byte in text.bytes() {
        run = if byte == b'`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delimiters_are_longer_than_what_is_inside() {
        assert_eq!(fence("a"), "```");
        assert_eq!(fence("a````b"), "`````");
        for (text, expected) in [
            ("a", "`a`"),
            ("a`b", "``a`b``"),
            ("`", "`` ` ``"),
            (" a ", "`  a  `"),
            (" a", "` a`"),
            (" ", "` `"),
        ] {
            let mut out = String::new();
            span(&mut out, text);
            assert_eq!(out, expected);
        }
    }

    #[test]
    fn a_language_cannot_leave_its_line() {
        assert_eq!(language("C++\n```x y"), "c++xy");
    }
}
