//! The tokens of an XML text that may be wrong anywhere.
//!
//! A parser that stops at the first mistake would lose the rest of a page, and one that starts
//! again behind it is quadratic on a page of mistakes. Here, whatever is no markup is text: a
//! tag ends before the next `<`, which XML allows in no tag, so nothing is looked at twice. On
//! well-formed text the tokens are those of `quick-xml`, which a test holds them to.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    Open {
        name: &'a str,
        /// As they stand in the tag.
        attributes: &'a str,
        /// It closes itself.
        empty: bool,
    },
    Close(&'a str),
    /// With its references.
    Text(&'a str),
    /// Without references: `&` is only that.
    Characters(&'a str),
}

#[derive(Debug)]
pub(crate) struct Tokens<'a> {
    rest: &'a str,
    /// Something was no markup, or did not end.
    pub(crate) wrong: bool,
    /// No comment, instruction or declaration ends in what is left.
    unended: bool,
}

impl<'a> Tokens<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self {
            rest: text.strip_prefix('\u{feff}').unwrap_or(text),
            wrong: false,
            unended: false,
        }
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self
            .rest
            .split_at_checked(length)
            .unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    /// Skips what begins with `start` and ends with `end`. False when it does not.
    fn skip(&mut self, start: &str, end: &str) -> bool {
        if self.unended {
            return false;
        }
        let body = self.rest.get(start.len()..).unwrap_or_default();
        match body.find(end) {
            Some(at) => {
                self.rest = body.get(at + end.len()..).unwrap_or_default();
                true
            }
            None => {
                self.unended = true;
                false
            }
        }
    }

    fn close(&mut self) -> Option<Token<'a>> {
        let name = name(self.rest.strip_prefix("</")?)?;
        let behind = self.rest.get(2 + name.len()..)?;
        let blanks = behind.len() - behind.trim_ascii_start().len();
        if !behind.get(blanks..)?.starts_with('>') {
            return None;
        }
        self.take(2 + name.len() + blanks + 1);
        Some(Token::Close(name))
    }

    fn open(&mut self) -> Option<Token<'a>> {
        let behind = self.rest.strip_prefix('<')?;
        let name = name(behind)?;
        let behind = behind.get(name.len()..)?;
        let mut quote = None;
        let end = behind.bytes().position(|byte| match (quote, byte) {
            (_, b'<') => true,
            (None, b'>') => true,
            (None, b'"' | b'\'') => {
                quote = Some(byte);
                false
            }
            (Some(open), _) if open == byte => {
                quote = None;
                false
            }
            _ => false,
        })?;
        let (inside, tail) = behind.split_at_checked(end)?;
        if !tail.starts_with('>') {
            return None;
        }
        let attributes = inside.strip_suffix('/');
        // What touches the name without a blank is no attribute.
        let follows = inside.bytes().next();
        if follows.is_some_and(|byte| !byte.is_ascii_whitespace() && byte != b'/') {
            return None;
        }
        self.take(1 + name.len() + end + 1);
        Some(Token::Open {
            name,
            attributes: attributes.unwrap_or(inside),
            empty: attributes.is_some(),
        })
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            if self.rest.is_empty() {
                return None;
            }
            let text = self.rest.find('<').unwrap_or(self.rest.len());
            if text > 0 {
                return Some(Token::Text(self.take(text)));
            }
            if let Some(body) = self.rest.strip_prefix("<![CDATA[") {
                let end = body.find("]]>");
                self.wrong |= end.is_none();
                let (inside, rest) = body.split_at(end.unwrap_or(body.len()));
                self.rest = rest.get(3..).unwrap_or_default();
                return Some(Token::Characters(inside));
            }
            let skipped = if self.rest.starts_with("<!--") {
                self.skip("<!--", "-->")
            } else if self.rest.starts_with("<?xml") {
                self.skip("<?xml", "?>")
            } else if self.rest.starts_with("<!DOCTYPE") {
                self.skip("<!DOCTYPE", ">")
            } else {
                false
            };
            if skipped {
                continue;
            }
            let token = match self.rest.as_bytes().get(1) {
                Some(b'/') => self.close(),
                _ => self.open(),
            };
            if token.is_none() {
                self.wrong = true;
                return Some(Token::Characters(self.take(1)));
            }
            return token;
        }
    }
}

/// The name that `text` begins with.
fn name(text: &str) -> Option<&str> {
    let starts = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80;
    let continues = |byte: u8| starts(byte) || byte.is_ascii_digit() || b":-.".contains(&byte);
    text.bytes().next().filter(|&byte| starts(byte))?;
    let end = text.bytes().position(|byte| !continues(byte));
    text.get(..end.unwrap_or(text.len()))
}

/// The attribute `wanted` among `attributes`, with its references.
#[inline(never)]
pub(crate) fn attribute<'a>(attributes: &'a str, wanted: &str) -> Option<&'a str> {
    let mut rest = attributes;
    loop {
        let (name, behind) = rest.split_once('=')?;
        let behind = behind.trim_ascii_start();
        let quote = behind.chars().next().filter(|c| ['"', '\''].contains(c));
        let (value, behind) = match quote {
            Some(quote) => behind.get(1..)?.split_once(quote)?,
            None => behind
                .split_once(|c: char| c.is_ascii_whitespace())
                .unwrap_or((behind, "")),
        };
        let name = name.trim_ascii_end();
        let name = name
            .rsplit(|c: char| c.is_ascii_whitespace())
            .next()
            .unwrap_or(name);
        if name == wanted {
            return Some(value);
        }
        rest = behind;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> (Vec<Token<'_>>, bool) {
        let mut tokens = Tokens::new(text);
        let list = tokens.by_ref().collect();
        (list, tokens.wrong)
    }

    #[test]
    fn tags_comments_and_character_data_are_told_apart() {
        let (tokens, wrong) =
            all("<?xml version='1.0'?><p a='>'>x<!-- <b> --><br/></p ><![CDATA[<&]]>");
        assert!(!wrong);
        assert_eq!(
            tokens,
            [
                Token::Open {
                    name: "p",
                    attributes: " a='>'",
                    empty: false
                },
                Token::Text("x"),
                Token::Open {
                    name: "br",
                    attributes: "",
                    empty: true
                },
                Token::Close("p"),
                Token::Characters("<&"),
            ]
        );
    }

    #[test]
    fn what_is_no_markup_is_text() {
        for text in [
            "<", "a < b", "<3", "</", "</ p>", "<p", "<p a='>", "<!-- x", "<!x>", "<?php ?>",
            "<p\"x\">",
        ] {
            let (tokens, wrong) = all(text);
            assert!(wrong, "{text}");
            let kept: String = tokens
                .iter()
                .map(|token| match token {
                    Token::Text(text) | Token::Characters(text) => *text,
                    _ => "",
                })
                .collect();
            assert_eq!(kept, text);
        }
    }

    #[test]
    fn a_tag_ends_before_the_next_one() {
        let (tokens, wrong) = all("<a href=\"x<b>y</b>");
        assert!(wrong);
        assert_eq!(tokens.last(), Some(&Token::Close("b")));
    }

    #[test]
    fn attributes_are_found_by_their_whole_name() {
        let attributes = " data-href='1' href = \"a=b 'c'\" x=y ac:name='' ";
        assert_eq!(attribute(attributes, "href"), Some("a=b 'c'"));
        assert_eq!(attribute(attributes, "x"), Some("y"));
        assert_eq!(attribute(attributes, "ac:name"), Some(""));
        assert_eq!(attribute(attributes, "name"), None);
        assert_eq!(attribute(" a='", "a"), None);
    }

    /// The same from `quick-xml`: names, attributes and text, or nothing when it finds a mistake.
    fn by_quick_xml(text: &str) -> Option<Vec<String>> {
        use quick_xml::events::Event;
        let mut reader = quick_xml::Reader::from_str(text);
        let mut all = Vec::new();
        loop {
            all.push(match reader.read_event().ok()? {
                Event::Start(start) => format!("<{}", &*start),
                Event::Empty(start) => format!("<{}/", &*start),
                Event::End(end) => format!("</{}", end.name().as_ref()),
                Event::Text(text) => text.to_string(),
                Event::GeneralRef(name) => format!("&{};", &*name),
                Event::CData(text) => format!("[{}", &*text),
                Event::Eof => return Some(all),
                _ => continue,
            });
        }
    }

    proptest::proptest! {
        #[test]
        fn well_formed_text_has_the_tokens_of_quick_xml(
            pieces in proptest::collection::vec(
                proptest::sample::select(vec![
                    "<p>", "</p>", "<ac:link ri:a=\"x\" b='>'>", "</ac:link>", "<br/>", "<br />",
                    "text ", "&amp;", "&#65;", "<![CDATA[<a>&]]>", "<!-- <p> -->", "<h1\n>",
                    "</h1\n>", "<?xml version=\"1.0\"?>", "ä", "]]>", "\n",
                ]),
                0..20,
            ),
        ) {
            let text = pieces.concat();
            // Mistakes in nesting are the tree's to find.
            let Some(expected) = by_quick_xml(&text) else { return Ok(()); };
            let (tokens, wrong) = all(&text);
            proptest::prop_assert!(!wrong);
            let ours: String = tokens
                .iter()
                .map(|token| match token {
                    Token::Open { name, attributes, empty } => {
                        format!("<{name}{attributes}{}", if *empty { "/" } else { "" })
                    }
                    Token::Close(name) => format!("</{name}"),
                    Token::Text(text) => (*text).to_owned(),
                    Token::Characters(text) => format!("[{text}"),
                })
                .collect();
            proptest::prop_assert_eq!(ours, expected.concat());
        }
    }
}
