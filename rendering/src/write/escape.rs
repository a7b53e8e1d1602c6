//! Text as markdown that says the same.
//!
//! Only what would be taken for markup is escaped, by CommonMark's rules and those of GitHub's
//! tables and strikethrough, so that text stays readable.

/// Where a piece of text stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Surroundings {
    /// What comes next, or a line feed.
    pub(super) after: char,
    /// In a paragraph, where the first characters of a line can be markup.
    pub(super) lines: bool,
    /// In a table, where `|` ends a cell.
    pub(super) cell: bool,
    /// In the text of a link or an image, which `]` ends.
    pub(super) brackets: bool,
    /// `~` can strike something out: there are several around.
    pub(super) tildes: bool,
}

/// Appends `text` to `out`, which ends with what stands before it on the line.
pub(super) fn escape(out: &mut String, text: &str, around: Surroundings) {
    let begins = out.is_empty() || out.ends_with('\n');
    let mut before = out.chars().next_back().unwrap_or('\n');
    let mut rest = text;
    if begins && around.lines {
        rest = line_start(out, text, &mut before);
    }
    loop {
        let special = rest.bytes().position(|byte| SPECIAL.contains(&byte));
        let (plain, behind) = rest.split_at(special.unwrap_or(rest.len()));
        out.push_str(plain);
        before = plain.chars().next_back().unwrap_or(before);
        let mut characters = behind.chars();
        let Some(character) = characters.next() else {
            return;
        };
        rest = characters.as_str();
        let after = characters.next().unwrap_or(around.after);
        if character == '|' && around.cell && out.ends_with('\\') {
            // `\\|` is read differently by different readers.
            out.push_str("&#124;");
        } else {
            if needs_escape(character, before, after, rest, around) {
                out.push('\\');
            }
            out.push(character);
        }
        before = character;
    }
}

const SPECIAL: &[u8] = b"\\`*_[]!<&~|";

fn needs_escape(
    character: char,
    before: char,
    after: char,
    rest: &str,
    around: Surroundings,
) -> bool {
    // `rest` is behind the character.
    let blank = |c: char| c.is_whitespace();
    let loose = before == ' ' && blank(after);
    match character {
        '\\' => after.is_ascii_punctuation() || after == '\n',
        '`' => true,
        '*' => !loose,
        '_' => !(loose || before.is_alphanumeric() && after.is_alphanumeric()),
        '[' => around.brackets || before == '\n' || !is_plain_bracket(rest),
        ']' => around.brackets,
        // Behind a `*` that comes next may be the bracket of a link, or the other way round.
        '!' => "[*_".contains(after),
        '<' => after.is_ascii_alphabetic() || "/!?".contains(after),
        '&' => is_reference(rest),
        '~' => around.tildes && !loose,
        '|' => around.cell,
        _ => false,
    }
}

/// Longest text in brackets that is looked at.
const BRACKETS: usize = 64;

/// Whether what follows `[` ends with a `]` that makes it no link: `see [1].`
fn is_plain_bracket(rest: &str) -> bool {
    let inside = rest
        .bytes()
        .take(BRACKETS)
        .position(|byte| b"[]".contains(&byte));
    let Some(end) = inside else {
        return false;
    };
    let mut tail = rest.get(end..).unwrap_or_default().chars();
    let closed = tail.next() == Some(']');
    let after = tail.next();
    closed && !rest.starts_with('^') && after.is_some_and(|c| !"([:".contains(c))
}

/// Whether `&` and `rest` are a reference to a character.
pub(super) fn is_reference(rest: &str) -> bool {
    let name = rest.bytes().take(40);
    let length = name
        .take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'#')
        .count();
    length > 0 && rest.as_bytes().get(length) == Some(&b';')
}

/// Escapes what would make the first line of `text` something else than a paragraph, and answers
/// what is left of it.
fn line_start<'t>(out: &mut String, text: &'t str, before: &mut char) -> &'t str {
    let ends = |rest: &str| rest.is_empty() || rest.starts_with(' ');
    let first = text.chars().next().unwrap_or(' ');
    let behind = text.get(first.len_utf8()..).unwrap_or_default();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let needed = match first {
        '#' => {
            let hashes = text.bytes().take_while(|&byte| byte == b'#').count();
            ends(text.get(hashes..).unwrap_or_default())
        }
        '>' => true,
        '-' | '+' | '*' if ends(behind) => true,
        // A rule, or what makes a heading or a table of the line before.
        '-' | '=' | ':' | '|' => text.bytes().all(|byte| b"-=:| ".contains(&byte)),
        '~' => text.starts_with("~~~"),
        _ => false,
    };
    if needed {
        out.push('\\');
        out.push(first);
        *before = first;
        return behind;
    }
    let number = text.get(..digits).unwrap_or_default();
    let mut delimiter = text.get(digits..).unwrap_or_default().chars();
    if (1..=9).contains(&digits)
        && let Some(mark @ ('.' | ')')) = delimiter.next()
        && ends(delimiter.as_str())
    {
        out.push_str(number);
        out.push('\\');
        out.push(mark);
        *before = mark;
        return delimiter.as_str();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escaped(text: &str) -> String {
        let mut out = String::new();
        let around = Surroundings {
            after: '\n',
            lines: true,
            cell: false,
            brackets: false,
            tildes: text.matches('~').count() > 1,
        };
        escape(&mut out, text, around);
        out
    }

    #[test]
    fn ordinary_text_stays_as_it_is() {
        for text in [
            "snake_case and 2 * 3 * 4",
            "a < b, a <3, 5 > 3 & c && d",
            "~5 minutes, C:\\Users\\me",
            "see [1], items[0] and [the draft] here",
            "Wow! 1.5 times #1 - yes + no = 10",
            "-1 and -x, 3.14, 1.x, #tag",
            "AT&T and R&D",
            "a | b",
        ] {
            assert_eq!(escaped(text), text);
        }
    }

    #[test]
    fn what_would_be_markup_is_escaped() {
        for (text, expected) in [
            ("*a*", r"\*a\*"),
            ("__init__", r"\_\_init\_\_"),
            ("`x`", r"\`x\`"),
            ("[a](b)", r"\[a](b)"),
            ("[a]: b", r"\[a]: b"),
            ("x [^1] y", r"x \[^1] y"),
            ("<b>", r"\<b>"),
            ("&amp;", r"\&amp;"),
            ("~~a~~", r"\~\~a\~\~"),
            ("\\*", r"\\\*"),
            ("# a", r"\# a"),
            ("- a", r"\- a"),
            ("---", r"\---"),
            ("1. a", r"1\. a"),
            ("> a", r"\> a"),
            ("a \\", r"a \\"),
            ("===", r"\==="),
            (":--|--:", r"\:--|--:"),
            ("* * *", r"\* * *"),
            ("_ _ _", r"\_ _ _"),
        ] {
            assert_eq!(escaped(text), expected);
        }
    }
}
