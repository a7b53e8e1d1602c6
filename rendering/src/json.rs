//! JSON that may nest deeply or break off.
//!
//! `serde_json` refuses more than 128 levels, which are 64 of ADF, and a body that breaks off
//! anywhere. Here nothing recurses, and what was read before a mistake is kept. On JSON that is
//! right, the values are those of `serde_json`, which a test holds them to.

use std::borrow::Cow;

#[derive(Debug, Default, PartialEq)]
pub(crate) enum Value<'a> {
    /// `null`, `true` and `false` as well, which mean nothing here.
    #[default]
    Nothing,
    /// As it is written.
    Number(&'a str),
    Text(Cow<'a, str>),
    List(Vec<Value<'a>>),
    Object(Vec<(Cow<'a, str>, Value<'a>)>),
}

impl<'a> Value<'a> {
    /// The field `name` of an object.
    #[inline(never)]
    pub(crate) fn get(&self, name: &str) -> Option<&Value<'a>> {
        match self {
            Value::Object(fields) => fields
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value),
            _ => None,
        }
    }

    /// Text, or a number as it is written.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            Value::Number(number) => Some(number),
            _ => None,
        }
    }

    /// The text of the field `name`.
    #[inline(never)]
    pub(crate) fn text_of(&self, name: &str) -> Option<&str> {
        self.get(name)?.text()
    }

    #[inline(never)]
    pub(crate) fn elements(&self) -> &[Value<'a>] {
        match self {
            Value::List(elements) => elements,
            Value::Nothing => &[],
            // A single one that should stand in a list.
            single => std::slice::from_ref(single),
        }
    }
}

/// What was read, and what is wrong with it.
pub(crate) struct Parsed<'a> {
    pub(crate) value: Value<'a>,
    /// It breaks off, breaks, or does not end.
    pub(crate) wrong: bool,
    /// Something nests deeper than allowed: it became a node of its text.
    pub(crate) deep: bool,
}

/// Reads `text`, with at most `levels` of lists and objects.
pub(crate) fn parse(text: &str, levels: usize) -> Parsed<'_> {
    let mut reader = Reader { rest: text };
    let mut open: Vec<Open<'_>> = Vec::new();
    let mut deep = false;
    loop {
        // One value, or the end of what is open.
        let value = match reader.token() {
            Some(Token::Start(kind)) if open.len() < levels => {
                open.push(Open {
                    value: match kind {
                        Kind::List => Value::List(Vec::new()),
                        Kind::Object => Value::Object(Vec::new()),
                    },
                    key: None,
                });
                continue;
            }
            Some(Token::Start(_)) => {
                deep = true;
                reader.flat()
            }
            Some(Token::End(kind)) => match open.pop() {
                Some(Open { value, key: None }) if kind.fits(&value) => value,
                Some(last) => {
                    open.push(last);
                    return broken(open, deep);
                }
                None => return broken(open, deep),
            },
            Some(Token::Value(value)) => value,
            // Lax about where they stand, which changes no text.
            Some(Token::Comma) if !open.is_empty() => continue,
            Some(Token::Comma | Token::Colon) | None => return broken(open, deep),
        };
        let Some(last) = open.last_mut() else {
            let wrong = !reader.rest.trim_ascii_start().is_empty();
            return Parsed { value, wrong, deep };
        };
        match (&mut last.value, value) {
            (Value::List(elements), value) => elements.push(value),
            (Value::Object(fields), value) => match (last.key.take(), value) {
                (Some(key), value) => fields.push((key, value)),
                (None, Value::Text(key)) if reader.colon() => last.key = Some(key),
                (None, _) => return broken(open, deep),
            },
            _ => return broken(open, deep),
        }
    }
}

struct Open<'a> {
    value: Value<'a>,
    /// In an object, the name of the field that comes.
    key: Option<Cow<'a, str>>,
}

/// What is open is closed where it is.
fn broken(mut open: Vec<Open<'_>>, deep: bool) -> Parsed<'_> {
    let mut value = Value::Nothing;
    while let Some(mut last) = open.pop() {
        match (&mut last.value, last.key, value) {
            (_, _, Value::Nothing) => {}
            (Value::List(elements), _, inner) => elements.push(inner),
            (Value::Object(fields), Some(key), inner) => fields.push((key, inner)),
            _ => {}
        }
        value = last.value;
    }
    Parsed {
        value,
        wrong: true,
        deep,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    List,
    Object,
}

impl Kind {
    fn fits(self, value: &Value<'_>) -> bool {
        matches!(
            (self, value),
            (Kind::List, Value::List(_)) | (Kind::Object, Value::Object(_))
        )
    }
}

enum Token<'a> {
    Start(Kind),
    End(Kind),
    Comma,
    Colon,
    Value(Value<'a>),
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn token(&mut self) -> Option<Token<'a>> {
        self.rest = self.rest.trim_ascii_start();
        let first = *self.rest.as_bytes().first()?;
        let single = match first {
            b'[' => Token::Start(Kind::List),
            b'{' => Token::Start(Kind::Object),
            b']' => Token::End(Kind::List),
            b'}' => Token::End(Kind::Object),
            b',' => Token::Comma,
            b':' => Token::Colon,
            b'"' => {
                self.skip(1);
                return self.string().map(|text| Token::Value(Value::Text(text)));
            }
            _ => return self.word().map(Token::Value),
        };
        self.skip(1);
        Some(single)
    }

    fn colon(&mut self) -> bool {
        self.rest = self.rest.trim_ascii_start();
        match self.rest.strip_prefix(':') {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    /// A number or one of the three words.
    fn word(&mut self) -> Option<Value<'a>> {
        let belongs = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
        let end = self.rest.bytes().position(|byte| !belongs(byte));
        let (word, rest) = self.rest.split_at_checked(end.unwrap_or(self.rest.len()))?;
        self.rest = rest;
        match word {
            "null" | "true" | "false" => Some(Value::Nothing),
            _ if word.starts_with(|c: char| c == '-' || c.is_ascii_digit()) => {
                Some(Value::Number(word))
            }
            _ => None,
        }
    }

    /// The rest of a string, whose first quote is behind us. One that does not end is nothing
    /// that was read.
    fn string(&mut self) -> Option<Cow<'a, str>> {
        let plain = self.rest.find(['"', '\\'])?;
        let (text, rest) = self.rest.split_at_checked(plain)?;
        self.rest = rest;
        if rest.starts_with('"') {
            self.skip(1);
            return Some(Cow::Borrowed(text));
        }
        let mut decoded = text.to_owned();
        loop {
            let special = self.rest.find(['"', '\\'])?;
            let (plain, rest) = self.rest.split_at_checked(special)?;
            decoded.push_str(plain);
            self.rest = rest;
            if rest.starts_with('"') {
                self.skip(1);
                return Some(Cow::Owned(decoded));
            }
            decoded.push(self.escape()?);
        }
    }

    fn escape(&mut self) -> Option<char> {
        let kind = *self.rest.as_bytes().get(1)?;
        if kind == b'u' {
            let first = self.unit()?;
            if !(0xd800..0xdc00).contains(&first) {
                return Some(char::from_u32(first).unwrap_or('\u{fffd}'));
            }
            // The second half of a pair, or a first one that stands alone.
            let before = self.rest;
            let second = if before.starts_with("\\u") {
                self.unit()
            } else {
                None
            };
            return match second {
                Some(second) if (0xdc00..0xe000).contains(&second) => {
                    char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00))
                }
                _ => {
                    self.rest = before;
                    Some('\u{fffd}')
                }
            };
        }
        let character = match kind {
            b'n' => '\n',
            b't' => '\t',
            b'r' => '\r',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'"' | b'\\' | b'/' => char::from(kind),
            _ => return None,
        };
        self.skip(2);
        Some(character)
    }

    /// One `\uXXXX`.
    fn unit(&mut self) -> Option<u32> {
        let digits = self.rest.get(2..6)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let unit = u32::from_str_radix(digits, 16).ok()?;
        self.skip(6);
        Some(unit)
    }

    /// A text node out of all text in what was just opened, to its end.
    fn flat(&mut self) -> Value<'a> {
        let mut text = String::new();
        let mut levels = 1_usize;
        let mut is_text = false;
        while levels > 0 {
            match self.token() {
                Some(Token::Start(_)) => levels += 1,
                Some(Token::End(_)) => levels -= 1,
                Some(Token::Value(Value::Text(string))) => {
                    if is_text {
                        text.push(' ');
                        text.push_str(&string);
                    }
                    is_text = false;
                    if string == "text" {
                        is_text = self.colon();
                    }
                    continue;
                }
                Some(_) => {}
                None => break,
            }
            is_text = false;
        }
        let field = |name: &'static str, value: String| {
            (Cow::Borrowed(name), Value::Text(Cow::Owned(value)))
        };
        Value::Object(vec![field("type", "text".to_owned()), field("text", text)])
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn values_are_read() {
        let parsed = parse(
            r#" {"a" : [1, -2.5e3, null, true], "b":"x\n\"\u00e9\ud83d\ude00"} "#,
            9,
        );
        assert!(!parsed.wrong && !parsed.deep);
        assert_eq!(parsed.value.text_of("b"), Some("x\n\"é😀"));
        assert_eq!(
            parsed.value.get("a").unwrap().elements(),
            [
                Value::Number("1"),
                Value::Number("-2.5e3"),
                Value::Nothing,
                Value::Nothing
            ]
        );
    }

    #[test]
    fn half_a_pair_becomes_a_replacement() {
        for (json, text) in [
            (r#""\ud83d""#, "\u{fffd}"),
            (r#""\ud83dx""#, "\u{fffd}x"),
            (r#""\ude00""#, "\u{fffd}"),
            (r#""\ud83d\u0041""#, "\u{fffd}A"),
        ] {
            assert_eq!(parse(json, 9).value.text(), Some(text));
        }
    }

    #[test]
    fn what_was_read_before_a_mistake_is_kept() {
        for json in [
            r#"{"a":"x","b":[{"c":"y"#,
            r#"{"a":"x","b":[{"c":"y"},"#,
            r#"{"a":"x"]"#,
            r#"{"a":"x","#,
            r#"{"a":"x",b"#,
            r#"{"a":"x","c":"\q"}"#,
            r#"{"a":"x"} y"#,
        ] {
            let parsed = parse(json, 9);
            assert!(parsed.wrong, "{json}");
            assert_eq!(parsed.value.text_of("a"), Some("x"), "{json}");
        }
    }

    #[test]
    fn what_is_too_deep_becomes_its_text() {
        let parsed = parse(
            r#"[[{"text":"a","b":[{"text":"b\n","type":"text"}]},1]]"#,
            2,
        );
        assert!(parsed.deep && !parsed.wrong);
        let inner = parsed.value.elements().first().unwrap();
        assert_eq!(
            inner.elements().first().unwrap().text_of("text"),
            Some(" a b\n")
        );
        assert_eq!(inner.elements().len(), 2);
    }

    fn same(ours: &Value<'_>, theirs: &serde_json::Value) -> bool {
        use serde_json::Value as Theirs;
        match (ours, theirs) {
            (Value::Nothing, Theirs::Null | Theirs::Bool(_)) => true,
            (Value::Number(ours), Theirs::Number(theirs)) => {
                ours.parse::<f64>().ok() == theirs.as_f64()
            }
            (Value::Text(ours), Theirs::String(theirs)) => ours == theirs,
            (Value::List(ours), Theirs::Array(theirs)) => {
                ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(a, b)| same(a, b))
            }
            (Value::Object(ours), Theirs::Object(theirs)) => theirs
                .iter()
                // Of a key that stands twice, ours is the first.
                .all(|(key, b)| ours.iter().any(|(own, a)| own == key && same(a, b))),
            _ => false,
        }
    }

    proptest::proptest! {
        #[test]
        fn json_has_the_values_of_serde_json(
            pieces in proptest::collection::vec(
                proptest::sample::select(vec![
                    "{", "}", "[", "]", ",", ":", "\"a\"", "\"b\\n\"", "\"\\ud83d\\ude00\"", "1", "-2.5e1",
                    "null", "true", " ", "\"a\":", "{\"a\":", "[1,", "]}", "},",
                ]),
                0..12,
            ),
            text in ".{0,8}",
        ) {
            let quoted = serde_json::to_string(&text).unwrap();
            for json in [pieces.concat(), format!("[{}]", pieces.join(",")), quoted] {
                if let Ok(theirs) = serde_json::from_str::<serde_json::Value>(&json) {
                    let ours = parse(&json, 99);
                    proptest::prop_assert!(!ours.wrong && !ours.deep, "{}", json);
                    proptest::prop_assert!(same(&ours.value, &theirs), "{}", json);
                }
            }
        }
    }
}
