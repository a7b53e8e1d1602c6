//! Foreign text without markup, made fit to be read as it is.

/// Markup that holds the one sentence of an error page: that of HTML first, then of XML.
const ELEMENTS: &[&str] = &["title", "h1", "message", "Message", "error", "reason"];

/// Entities that error pages have.
const ENTITIES: &[(&str, char)] = &[
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", ' '),
    ("ndash", '–'),
    ("mdash", '—'),
    ("hellip", '…'),
];

/// What an error page in HTML or XML says: its title or message.
pub(crate) fn of_markup(text: &str) -> Option<String> {
    ELEMENTS
        .iter()
        .find_map(|name| cleaned(inside(text, name)?))
}

/// What stands in the first element of a name.
fn inside<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = text;
    loop {
        let (_, behind) = rest.split_once('<')?;
        rest = behind;
        let (tag, content) = behind.split_once('>')?;
        let is_it = tag
            .get(..name.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(name))
            && tag
                .get(name.len()..)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace));
        if is_it {
            // Up to the end tag, or as much as there is.
            let ends = |at: usize| {
                content
                    .get(at + 2..at + 2 + name.len())
                    .is_some_and(|end| end.eq_ignore_ascii_case(name))
            };
            let mut starts = content.bytes().zip(content.bytes().skip(1)).enumerate();
            let end = starts.find(|(at, pair)| *pair == (b'<', b'/') && ends(*at));
            return content.get(..end.map_or(content.len(), |(at, _)| at));
        }
    }
}

/// The first line of plain text that has a word in it.
pub(crate) fn first_line(text: &str) -> Option<String> {
    let has_word = |line: &&str| line.chars().filter(|c| c.is_alphabetic()).count() > 1;
    text.lines().find(has_word).map(str::to_owned)
}

/// A text without tags, with entities decoded, blanks joined, and nothing in it that a terminal or
/// a bidirectional algorithm obeys. None when nothing remains.
pub(crate) fn cleaned(text: &str) -> Option<String> {
    let mut clean = String::new();
    let mut rest = text;
    let mut blank = false;
    while let Some(c) = rest.chars().next() {
        let mut behind = rest.get(c.len_utf8()..).unwrap_or_default();
        let mut c = c;
        match c {
            '<' => {
                let is_tag =
                    behind.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!');
                if is_tag && let Some((_, after)) = behind.split_once('>') {
                    rest = after;
                    blank = true;
                    continue;
                }
            }
            '&' => {
                if let Some((name, after)) = behind.split_once(';')
                    && let Some(decoded) = entity(name)
                {
                    c = decoded;
                    behind = after;
                }
            }
            _ => {}
        }
        rest = behind;
        if c.is_whitespace() {
            blank = true;
            continue;
        }
        if c.is_control() || is_invisible(c) {
            continue;
        }
        if blank && !clean.is_empty() {
            clean.push(' ');
        }
        blank = false;
        clean.push(c);
    }
    (!clean.is_empty()).then_some(clean)
}

/// A text with its entities decoded, once.
pub(crate) fn decoded(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('&') {
        clean.push_str(before);
        let known = behind
            .split_once(';')
            .and_then(|(name, after)| Some((entity(name)?, after)));
        let (c, after) = known.unwrap_or(('&', behind));
        clean.push(c);
        rest = after;
    }
    clean.push_str(rest);
    clean
}

/// Marks that change the direction of text, or have no width.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

fn entity(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code);
    }
    ENTITIES
        .iter()
        .find_map(|(known, c)| (*known == name).then_some(*c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_controls_and_entities_do_not_reach_a_message() {
        for (text, clean) in [
            (
                "Pump &amp; valve &#8211; <b>closed</b>",
                "Pump & valve – closed",
            ),
            ("a\u{202e}b\u{7}c\u{0}\n\td", "abc d"),
            ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
            ("&unknown; &", "&unknown; &"),
            ("&lt;script&gt;", "<script>"),
        ] {
            assert_eq!(cleaned(text).as_deref(), Some(clean), "{text}");
        }
        assert_eq!(cleaned(" <p></p>\u{200b}"), None);
    }

    #[test]
    fn a_page_says_its_title_or_its_message() {
        for (text, said) in [
            (
                "<html><head><TITLE>Pump closed</TITLE></head></html>",
                Some("Pump closed"),
            ),
            (
                "<html><title></title><h1 class=x>Pump\n closed</h1>",
                Some("Pump closed"),
            ),
            (
                "<?xml version=\"1.0\"?><status><message>Pump closed</message></status>",
                Some("Pump closed"),
            ),
            ("<html><body>Pump closed</body></html>", None),
            ("<title", None),
            ("<titles>Pump</titles>", None),
        ] {
            assert_eq!(of_markup(text).as_deref(), said, "{text}");
        }
    }
}
