//! The little of CQL that the simulator answers.

use super::time_zone::days;

/// What is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Page,
    BlogPost,
    Space,
    Folder,
    Attachment,
    FooterComment,
    InlineComment,
}

/// How a time is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    From,
    After,
    Until,
    Before,
}

/// What is found is put in order by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OrderBy {
    LastModified,
    Created,
}

/// `type = page` or `type in (page, blogpost)`, and optionally `and space = "KEY"`,
/// `and id in (65537, 65538)`, `and lastmodified >= "2026-05-04 10:30"`, `order by lastmodified desc`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Cql {
    pub(super) kinds: Vec<Kind>,
    pub(super) space_key: Option<String>,
    pub(super) ids: Option<Vec<String>>,
    /// Milliseconds since 1970 on the clock of the account that asks.
    pub(super) modified: Vec<(Comparison, i64)>,
    /// And whether it falls.
    pub(super) order: Option<(OrderBy, bool)>,
}

impl Cql {
    /// `None` for everything that is not understood, which the service answers with 400.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let words = words(text)?;
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let mut cql = Self::default();
        let mut rest = cql.clause(&words)?;
        while let [and, behind @ ..] = rest {
            if !is(and, "and") {
                break;
            }
            rest = cql.clause(behind)?;
        }
        cql.order = match rest {
            [] => None,
            [order, by, field, direction @ ..] if is(order, "order") && is(by, "by") => {
                let field = match field.to_ascii_lowercase().as_str() {
                    "lastmodified" => OrderBy::LastModified,
                    "created" => OrderBy::Created,
                    _ => return None,
                };
                match direction {
                    [] => Some((field, false)),
                    [one] if is(one, "asc") => Some((field, false)),
                    [one] if is(one, "desc") => Some((field, true)),
                    _ => return None,
                }
            }
            _ => return None,
        };
        (!cql.kinds.is_empty()).then_some(cql)
    }

    /// Takes in one condition, and gives back what stands behind it.
    fn clause<'w, 't>(&mut self, words: &'w [&'t str]) -> Option<&'w [&'t str]> {
        match words {
            [field, "=", kind, rest @ ..] if is(field, "type") && self.kinds.is_empty() => {
                self.kinds.extend(kinds_of(kind)?);
                Some(rest)
            }
            [field, within, "(", list @ ..]
                if is(field, "type") && is(within, "in") && self.kinds.is_empty() =>
            {
                let (list, rest) = listed(list)?;
                for kind in list {
                    self.kinds.extend(kinds_of(kind)?);
                }
                self.kinds.sort_unstable();
                self.kinds.dedup();
                Some(rest)
            }
            [field, within, "(", list @ ..]
                if is(field, "id") && is(within, "in") && self.ids.is_none() =>
            {
                let (list, rest) = listed(list)?;
                let is_id = |id: &str| id.bytes().all(|byte| byte.is_ascii_digit());
                self.ids = Some(list.iter().map(|id| id.to_string()).collect());
                list.iter().all(|id| is_id(id)).then_some(rest)
            }
            [field, "=", key, rest @ ..] if is(field, "space") && self.space_key.is_none() => {
                self.space_key = Some((*key).to_owned());
                Some(rest)
            }
            [field, comparison, time, rest @ ..] if is(field, "lastmodified") => {
                let comparison = match *comparison {
                    ">=" => Comparison::From,
                    ">" => Comparison::After,
                    "<=" => Comparison::Until,
                    "<" => Comparison::Before,
                    _ => return None,
                };
                self.modified.push((comparison, clock(time)?));
                Some(rest)
            }
            _ => None,
        }
    }
}

/// What stands between commas up to a `)`, and what stands behind that.
fn listed<'w, 't>(words: &'w [&'t str]) -> Option<(Vec<&'t str>, &'w [&'t str])> {
    let end = words.iter().position(|word| *word == ")")?;
    let (list, rest) = words.split_at(end);
    let is_in_turn = |(at, word): (usize, &&str)| (*word == ",") == (at % 2 == 1);
    let is_list = list.len() % 2 == 1 && list.iter().enumerate().all(is_in_turn);
    is_list.then_some((list.iter().step_by(2).copied().collect(), rest.get(1..)?))
}

/// CQL does not tell footer comments from inline comments.
fn kinds_of(word: &str) -> Option<&'static [Kind]> {
    match word.to_ascii_lowercase().as_str() {
        "page" => Some(&[Kind::Page]),
        "blogpost" => Some(&[Kind::BlogPost]),
        "space" => Some(&[Kind::Space]),
        "folder" => Some(&[Kind::Folder]),
        "attachment" => Some(&[Kind::Attachment]),
        "comment" => Some(&[Kind::FooterComment, Kind::InlineComment]),
        _ => None,
    }
}

/// `2026-05-04`, `2026/05/04`, each with or without a time to the minute. There are no seconds.
fn clock(text: &str) -> Option<i64> {
    let (date, time) = text.split_once(' ').unwrap_or((text, "00:00"));
    let separator = if date.contains('/') { '/' } else { '-' };
    let parts: Vec<&str> = date.split(separator).collect();
    let number = |text: &str, width: usize, most: i64| {
        let number: i64 = text.parse().ok()?;
        (text.len() == width && (0..=most).contains(&number)).then_some(number)
    };
    let [year, month, day] = parts.as_slice() else {
        return None;
    };
    let (year, month, day) = (
        number(year, 4, 9999)?,
        number(month, 2, 12)?,
        number(day, 2, 31)?,
    );
    let (hour, minute) = time.split_once(':')?;
    let minutes = number(hour, 2, 23)? * 60 + number(minute, 2, 59)?;
    (month > 0 && day > 0).then(|| days(year, month, day) * 86_400_000 + minutes * 60_000)
}

fn is(word: &str, keyword: &str) -> bool {
    word.eq_ignore_ascii_case(keyword)
}

/// Words, operators, and strings between quotes with `\` as the escape. A `~` outside of quotes is an
/// operator, so personal keys need them.
fn words(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            ' ' | '\t' | '\n' => {}
            '=' | '(' | ')' | ',' => words.push(character.to_string()),
            '<' | '>' => {
                let mut word = String::from(character);
                word.extend(characters.next_if_eq(&'='));
                words.push(word);
            }
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
                    .next_if(|next| next.is_alphanumeric() || matches!(next, '_' | '-' | '.' | '/'))
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
    use super::{Comparison, Cql, Kind, OrderBy};

    #[test]
    fn types_and_quoted_keys_are_understood() {
        let of = |kind: Kind, key: Option<&str>| {
            Some(Cql {
                kinds: vec![kind],
                space_key: key.map(str::to_owned),
                ..Cql::default()
            })
        };
        assert_eq!(Cql::parse("type=space"), of(Kind::Space, None));
        assert_eq!(
            Cql::parse("Type = PAGE AND space=ENG"),
            of(Kind::Page, Some("ENG"))
        );
        let personal = "type=page and space=\"~712020ab\"";
        assert_eq!(Cql::parse(personal), of(Kind::Page, Some("~712020ab")));
        let escaped = "type=page and space='a\\'\\\\b'";
        assert_eq!(Cql::parse(escaped), of(Kind::Page, Some("a'\\b")));
    }

    #[test]
    fn ids_are_understood() {
        let cql = Cql::parse("type in (page, blogpost) and id in (65537,65538)");
        let ids = ["65537", "65538"].map(str::to_owned).to_vec();
        assert_eq!(cql.and_then(|cql| cql.ids), Some(ids));
        for text in [
            "id in ()",
            "id in (1,)",
            "id in (1 2)",
            "id in (a)",
            "id in (1",
        ] {
            assert_eq!(Cql::parse(&format!("type=page and {text}")), None, "{text}");
        }
    }

    #[test]
    fn times_to_the_minute_and_an_order_are_understood() {
        let text = "type in (blogpost, page) and lastmodified >= \"1970-01-02 00:01\" \
            order by lastmodified desc";
        let expected = Cql {
            kinds: vec![Kind::Page, Kind::BlogPost],
            space_key: None,
            ids: None,
            modified: vec![(Comparison::From, 86_460_000)],
            order: Some((OrderBy::LastModified, true)),
        };
        assert_eq!(Cql::parse(text), Some(expected));
        assert!(Cql::parse("type=page and lastmodified<1970/01/02").is_some());
    }

    #[test]
    fn everything_else_is_not() {
        for text in [
            "",
            "type",
            "type=",
            "type in ()",
            "type in (page",
            "type in (page blogpost)",
            "lastmodified >= \"2026-01-01\"",
            "type=page and lastmodified >= \"2026-01-01T00:00:00Z\"",
            "type=page and lastmodified >= \"2026-01-01 00:00:00\"",
            "type=page and lastmodified >= \"2026-13-01\"",
            "type=page order by lastmodified sideways",
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
