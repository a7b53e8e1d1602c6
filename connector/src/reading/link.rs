//! Next links, which are only a source of a cursor.
//!
//! Confluence's next links are relative to the site with `/wiki`, relative without it, or point
//! to another host than the gateway that was asked. Following one literally ends in a 404 or
//! takes the authorization elsewhere. So the cursor is taken out, and the request is built anew.

use percent_encoding::percent_decode_str;

use crate::{Answer, Transport};

/// The target of the first link with the relation `wanted` in the `Link` headers.
pub(crate) fn related(answer: &Answer, wanted: &str) -> Option<String> {
    answer
        .headers("link")
        .find_map(|header| in_header(header, wanted))
}

/// What the links of a response are relative to: what a header of it says, or the transport knows.
pub(crate) fn base(answer: &Answer, transport: &mut dyn Transport) -> Option<String> {
    related(answer, "base").or_else(|| transport.site())
}

fn in_header(mut header: &str, wanted: &str) -> Option<String> {
    loop {
        let (_, behind) = header.split_once('<')?;
        let (target, mut parameters) = behind.split_once('>')?;
        let mut relation = None;
        // One link's parameters, up to the comma that ends it.
        header = loop {
            let trimmed = parameters.trim_start_matches([' ', '\t', ';']);
            if let Some(behind) = trimmed.strip_prefix(',') {
                break behind;
            }
            if trimmed.is_empty() {
                break trimmed;
            }
            let name_end = trimmed.find(['=', ';', ',']).unwrap_or(trimmed.len());
            let (name, behind) = trimmed.split_at(name_end);
            let (value, behind) = match behind.strip_prefix('=') {
                Some(value) => parameter_value(value.trim_start()),
                None => (String::new(), behind),
            };
            // Of several `rel`, the first one counts (RFC 8288, 3.3).
            if name.trim().eq_ignore_ascii_case("rel") && relation.is_none() {
                relation = Some(value);
            }
            parameters = behind;
        };
        let fits = relation.is_some_and(|relation| {
            relation
                .split_ascii_whitespace()
                .any(|one| one.eq_ignore_ascii_case(wanted))
        });
        if fits {
            return Some(target.trim().to_owned());
        }
    }
}

/// A parameter's value, quoted or not, and what follows it.
fn parameter_value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([';', ',']).unwrap_or(text.len());
        let (value, behind) = text.split_at(end);
        return (value.trim().to_owned(), behind);
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return (value, quoted.get(at + 1..).unwrap_or_default()),
            '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
            other => value.push(other),
        }
    }
    (value, "")
}

/// The cursor in a link's query, decoded once. A raw `+` stays one: cursors are base64.
pub(crate) fn cursor(link: &str) -> Option<Vec<u8>> {
    let (_, query) = link.split_once('?')?;
    let query = query.split('#').next().unwrap_or_default();
    query
        .split('&')
        .filter_map(|pair| pair.strip_prefix("cursor="))
        .find(|value| !value.is_empty())
        .map(|value| percent_decode_str(value).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn next(headers: &[&str]) -> Option<String> {
        let answer = Answer {
            status: 200,
            headers: headers
                .iter()
                .map(|value| ("LINK".to_owned(), value.as_bytes().to_vec()))
                .collect(),
            body: Vec::new(),
        };
        related(&answer, "next")
    }

    #[test]
    fn next_is_found_among_other_relations_and_headers() {
        let target = Some("/wiki/a?cursor=x".to_owned());
        assert_eq!(
            next(&[r#"<https://s/wiki>; rel="base", </wiki/a?cursor=x>; rel="next""#]),
            target
        );
        assert_eq!(
            next(&[
                r#"<https://s/wiki>; rel="base""#,
                "</wiki/a?cursor=x>;rel=next"
            ]),
            target
        );
        assert_eq!(
            next(&[
                r#"<d>; rel="deprecation"; title="a, <b>; rel=\"next\"", </wiki/a?cursor=x>; title=x; REL="last Next""#
            ]),
            target
        );
    }

    #[test]
    fn no_next_is_found_where_there_is_none() {
        assert_eq!(next(&[r#"<https://s/wiki>; rel="base""#]), None);
        assert_eq!(next(&[r#"<a>; title="rel=next"; rel=prev"#]), None);
        assert_eq!(next(&[r#"<a>; rel=prev; rel=next"#]), None);
        assert_eq!(next(&["", "<", "<a", "<a>; rel=\"nex"]), None);
    }

    #[test]
    fn a_cursor_is_found_anywhere_and_decoded_once() {
        assert_eq!(
            cursor("/a?depth=all&cursor=a+b%2Fc%253D==&limit=5#x").unwrap(),
            b"a+b/c%3D=="
        );
        assert_eq!(cursor("?cursor=x").unwrap(), b"x");
        assert_eq!(cursor("/a?cursor="), None);
        assert_eq!(cursor("/a?xcursor=1"), None);
        assert_eq!(cursor("/a"), None);
    }
}
