//! Next links, which are only a source of a cursor.
//!
//! Confluence's next links are relative to the site with `/wiki`, relative without it, or point
//! to another host than the gateway that was asked. Following one literally ends in a 404 or
//! takes the authorization elsewhere. So the cursor is taken out, and the request is built anew.

use percent_encoding::percent_decode_str;

use crate::{Answer, Transport, find};

/// The target of the first link with the relation `wanted` in the `Link` headers.
pub(crate) fn related(answer: &Answer, wanted: &str) -> Option<String> {
    answer
        .headers("link")
        .find_map(|header| in_header(header, wanted))
}

/// Bytes of the address that links are completed with. It goes into every row.
const MOST_BASE: usize = 1024;

/// What the links of a response are relative to: what a header of it says, or the transport knows.
pub(crate) fn base(answer: &Answer, transport: &mut dyn Transport) -> Option<String> {
    let said = related(answer, "base").filter(is_base);
    said.or_else(|| transport.site().filter(is_base))
}

/// Whether it is an address that a browser opens.
pub(crate) fn is_web(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

/// Whether links can be completed with it: an address with a host, and not too long.
#[inline(never)]
pub(crate) fn is_base(base: &String) -> bool {
    let has_host = |(_, host): (&str, &str)| !host.is_empty() && !host.starts_with('/');
    is_web(base)
        && base.len() <= MOST_BASE
        && until(base.as_bytes(), 0, b"\t\n\r ") == base.len()
        && find::split(base, "://").is_some_and(has_host)
}

/// As above, in one header. Byte by byte: marks and names are ASCII.
fn in_header(header: &str, wanted: &str) -> Option<String> {
    let bytes = header.as_bytes();
    let mut at = 0;
    loop {
        let begin = until(bytes, at, b"<") + 1;
        let end = until(bytes, begin, b">");
        let target = header.get(begin..end)?;
        at = end + 1;
        let mut relation = None;
        // One link's parameters, up to the comma that ends it.
        while at < bytes.len() {
            let name = at;
            at = until(bytes, at, b"=;,");
            let is_rel = header
                .get(name..at)
                .is_some_and(|name| name.trim().eq_ignore_ascii_case("rel"));
            let mut value = Vec::new();
            if bytes.get(at) == Some(&b'=') {
                at += 1;
                while matches!(bytes.get(at), Some(b' ' | b'\t')) {
                    at += 1;
                }
                let quoted = bytes.get(at) == Some(&b'"');
                if quoted {
                    at += 1;
                }
                let ends: &[u8] = if quoted { b"\"" } else { b";," };
                while bytes.get(at).is_some_and(|byte| !ends.contains(byte)) {
                    at += usize::from(quoted && bytes.get(at) == Some(&b'\\'));
                    value.extend(bytes.get(at));
                    at += 1;
                }
                if quoted {
                    at = until(bytes, at, b";,");
                }
            }
            // Of several `rel`, the first one counts (RFC 8288, 3.3).
            if is_rel && relation.is_none() {
                relation = Some(value);
            }
            at += 1;
            if bytes.get(at - 1) == Some(&b',') {
                break;
            }
        }
        let fits = relation.is_some_and(|relation| {
            let mut words = relation.split(u8::is_ascii_whitespace);
            words.any(|one| one.eq_ignore_ascii_case(wanted.as_bytes()))
        });
        if fits {
            return Some(target.trim().to_owned());
        }
    }
}

/// Where one of `marks` comes from `at` on, or the end.
#[inline(never)]
fn until(bytes: &[u8], mut at: usize, marks: &[u8]) -> usize {
    while bytes.get(at).is_some_and(|byte| !marks.contains(byte)) {
        at += 1;
    }
    at
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

/// Whether a link leads to the first page of the list that was asked for: it has the same path, and
/// neither a cursor nor a number of rows.
#[inline(never)]
pub(crate) fn is_to_first(link: &str, asked: &str) -> bool {
    let path = |url: &str| url.find('?').unwrap_or(url.len());
    let (link, query) = link.split_at(path(link));
    let (asked, _) = asked.split_at(path(asked));
    link.ends_with(asked) && cursor(query).is_none() && !find::has(query, "start=")
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
