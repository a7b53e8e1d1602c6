//! The little of CQL that the simulator answers.

/// What is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Page,
    BlogPost,
    Space,
}

/// `type = page`, optionally `and space = "KEY"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cql {
    pub(super) kind: Kind,
    pub(super) space_key: Option<String>,
}

impl Cql {
    /// `None` for everything that is not understood, which the service answers with 400.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let words = words(text)?;
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let (kind, space_key) = match words.as_slice() {
            [field, "=", kind] if is(field, "type") => (kind, None),
            [field, "=", kind, and, space, "=", key]
                if is(field, "type") && is(and, "and") && is(space, "space") =>
            {
                (kind, Some((*key).to_owned()))
            }
            _ => return None,
        };
        let kind = match kind.to_ascii_lowercase().as_str() {
            "page" => Kind::Page,
            "blogpost" => Kind::BlogPost,
            "space" => Kind::Space,
            _ => return None,
        };
        Some(Self { kind, space_key })
    }
}

fn is(word: &str, keyword: &str) -> bool {
    word.eq_ignore_ascii_case(keyword)
}

/// Words, `=`, and strings between quotes with `\` as the escape. A `~` outside of quotes is an
/// operator, so personal keys need them.
fn words(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            ' ' | '\t' | '\n' => {}
            '=' => words.push("=".to_owned()),
            '"' | '\'' => {
                let mut word = String::new();
                loop {
                    match characters.next()? {
                        '\\' => word.push(characters.next()?),
                        end if end == character => break,
                        other => word.push(other),
                    }
                }
                words.push(word);
            }
            letter if letter.is_alphanumeric() => {
                let mut word = String::from(letter);
                while let Some(next) = characters
                    .next_if(|next| next.is_alphanumeric() || matches!(next, '_' | '-' | '.'))
                {
                    word.push(next);
                }
                words.push(word);
            }
            _ => return None,
        }
    }
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::{Cql, Kind};

    #[test]
    fn types_and_quoted_keys_are_understood() {
        let space = |key: &str| {
            Some(Cql {
                kind: Kind::Page,
                space_key: Some(key.to_owned()),
            })
        };
        assert_eq!(
            Cql::parse("type=space"),
            Some(Cql {
                kind: Kind::Space,
                space_key: None
            })
        );
        assert_eq!(Cql::parse("Type = PAGE AND space=ENG"), space("ENG"));
        assert_eq!(
            Cql::parse("type=page and space=\"~712020ab\""),
            space("~712020ab")
        );
        assert_eq!(
            Cql::parse("type=page and space='a\\'\\\\b'"),
            space("a'\\b")
        );
    }

    #[test]
    fn everything_else_is_not() {
        for text in [
            "",
            "type",
            "type=",
            "type=folder",
            "type=page and",
            "type=page and space=~712020ab",
            "type=page and space=\"x",
            "type!=page",
            "type=page or type=space",
            "text ~ \"x\"",
            "type=page and space=A and space=B",
        ] {
            assert_eq!(Cql::parse(text), None, "{text}");
        }
    }
}
