//! Addresses of content, as people copy them out of a browser.

use base64::{Engine, engine::general_purpose::STANDARD};
use percent_encoding::percent_decode_str;

use crate::find;

/// What an address says of the content that it leads to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) id: String,
    /// `page`, `blogpost`, `folder`, `whiteboard`, `database`, `embed`. None where the address does
    /// not say it.
    pub(crate) kind: Option<&'static str>,
    /// The key of the space.
    pub(crate) space: Option<String>,
}

/// Segments of a path that an id follows, and what it is of.
const KINDS: &[(&str, &str)] = &[
    ("pages", "page"),
    ("blog", "blogpost"),
    ("folder", "folder"),
    ("whiteboard", "whiteboard"),
    ("database", "database"),
    ("embed", "embed"),
];

/// Parameters of a query that hold an id.
const PARAMETERS: &[&str] = &["pageId", "homepageId", "contentId"];

/// The content that an address leads to. None for a text that is no address, or one without an id.
pub(crate) fn content(text: &str) -> Option<Address> {
    let text = text.trim();
    if !text.contains('/') {
        return None;
    }
    let text = text.split('#').next().unwrap_or_default();
    let (path, query) = text.split_once('?').unwrap_or((text, ""));
    let path = find::split(path, "://").map_or(path, |(_, path)| path);
    let segments: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let after = |word: &str| {
        segments
            .iter()
            .position(|part| *part == word)
            .map(|at| at + 1)
    };
    let space = space_key(text);
    let found = |id: &str, kind| Address {
        id: id.to_owned(),
        kind,
        space: space.clone(),
    };
    for (word, kind) in KINDS {
        // Between them may stand `edit-v2`, or year, month and day of a blog post: they are shorter
        // than any id, or it is the last number.
        let ids = after(word)
            .and_then(|at| segments.get(at..))
            .unwrap_or_default();
        let id = match *word {
            "blog" => ids.iter().take(4).rfind(|part| is_id(part)),
            _ => ids.iter().take(2).find(|part| is_id(part)),
        };
        if let Some(id) = id {
            return Some(found(id, Some(kind)));
        }
    }
    let parameter = query.split('&').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        (PARAMETERS.contains(&name) && is_id(value)).then_some(value)
    });
    if let Some(id) = parameter {
        return Some(found(id, None));
    }
    let short = after("x").and_then(|at| segments.get(at))?;
    Some(found(&id_of_short_link(short)?, None))
}

/// The key of the space that an address leads into: `/spaces/ENG/…`, `/display/ENG/…` or
/// `/rest/api/space/ENG`.
pub(crate) fn space_key(text: &str) -> Option<String> {
    let text = text.split('#').next().unwrap_or_default();
    let (path, query) = text.split_once('?').unwrap_or((text, ""));
    // The key of older addresses, such as `/spaces/viewspace.action?key=ENG`, is in the query.
    let is_action = |text: &str| text.ends_with(".action");
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let named = pairs.find(|(name, _)| is_action(path) && matches!(*name, "key" | "spaceKey"));
    let key = named.map(|(_, value)| value).or_else(|| {
        let mut parts = path.split('/');
        parts.find(|part| matches!(*part, "spaces" | "display" | "space"))?;
        parts.next().filter(|part| !is_action(part))
    });
    let key = key.filter(|key| !key.is_empty())?;
    Some(percent_decode_str(key).decode_utf8_lossy().into_owned())
}

fn is_id(text: &str) -> bool {
    (1..=19).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && text.parse::<i64>().is_ok()
}

/// The id in a short link, such as `EwB3Aw`: base64 of the id's bytes, the lowest first, without the
/// zeros at the end, and with `-` and `_` for `/` and `+`.
fn id_of_short_link(short: &str) -> Option<String> {
    if short.is_empty() || short.len() > 11 {
        return None;
    }
    let mut encoded: String = short
        .chars()
        .map(|c| match c {
            '-' => '/',
            '_' => '+',
            c => c,
        })
        .collect();
    while encoded.len() < 11 {
        encoded.push('A');
    }
    encoded.push('=');
    let bytes: [u8; 8] = STANDARD.decode(encoded).ok()?.try_into().ok()?;
    let id = i64::from_le_bytes(bytes);
    (id > 0).then(|| id.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_is_found_in_every_form_of_address() {
        let site = "https://example.atlassian.net/wiki";
        for (text, id, kind) in [
            (
                format!("{site}/spaces/ENG/pages/98400/A+title?x=1#y"),
                "98400",
                Some("page"),
            ),
            (
                format!("{site}/spaces/~712020ab/pages/98400"),
                "98400",
                Some("page"),
            ),
            (
                format!("{site}/spaces/ENG/pages/edit-v2/98400?draftShareId=7"),
                "98400",
                Some("page"),
            ),
            (
                format!("{site}/spaces/ENG/blog/2026/05/07/98401/Title"),
                "98401",
                Some("blogpost"),
            ),
            (
                format!("{site}/spaces/ENG/blog/98401"),
                "98401",
                Some("blogpost"),
            ),
            (
                format!("{site}/spaces/ENG/folder/98402?atlOrigin=x"),
                "98402",
                Some("folder"),
            ),
            (
                format!("{site}/spaces/ENG/whiteboard/98403"),
                "98403",
                Some("whiteboard"),
            ),
            (
                format!("{site}/pages/viewpage.action?spaceKey=A&pageId=98404&x"),
                "98404",
                None,
            ),
            (
                format!("{site}/spaces/ENG/overview?homepageId=98405"),
                "98405",
                None,
            ),
            (format!("{site}/x/E4AB"), "98323", None),
            (
                "/wiki/spaces/ENG/pages/98400/A".to_owned(),
                "98400",
                Some("page"),
            ),
            (
                "example.atlassian.net/wiki/x/E4AB".to_owned(),
                "98323",
                None,
            ),
        ] {
            let found = content(&text);
            let found = found.as_ref().map(|found| (found.id.as_str(), found.kind));
            assert_eq!(found, Some((id, kind)), "{text}");
        }
        for (text, space) in [
            ("/spaces/HH", Some("HH")),
            ("/spaces/HH?x=1#y", Some("HH")),
            ("/wiki/display/~712020ab", Some("~712020ab")),
            ("/rest/api/space/HH", Some("HH")),
            ("/spaces/viewspace.action?key=HH", Some("HH")),
            ("/spaces/viewspace.action?x=1&key=HH#y", Some("HH")),
            (
                "/wiki/pages/viewpage.action?spaceKey=HH&title=A",
                Some("HH"),
            ),
            ("/spaces/spacepermissions.action?key=%7Eme", Some("~me")),
            ("/spaces/listpages.action", None),
            ("/display/HH/Call+to.action", Some("HH")),
            ("/spaces/?key=", None),
            ("/rest/api/content/3?key=HH", None),
            ("/spaces/space-directory.action?query=key", None),
        ] {
            assert_eq!(space_key(text).as_deref(), space, "{text}");
        }
        let action = "https://e.example/wiki/pages/viewpage.action?spaceKey=ENG&pageId=1";
        assert_eq!(
            content(action).and_then(|found| found.space).as_deref(),
            Some("ENG")
        );
        let key = content("https://e.example/wiki/spaces/ENG/pages/1");
        assert_eq!(key.and_then(|found| found.space).as_deref(), Some("ENG"));
    }

    #[test]
    fn an_address_without_an_id_is_none() {
        for text in [
            "",
            "98400",
            "ENG",
            "/",
            "https://example.atlassian.net/wiki",
            "https://example.atlassian.net/wiki/display/ENG/Title",
            "https://example.atlassian.net/wiki/spaces/ENG/pages",
            "https://example.atlassian.net/wiki/x/",
            "https://example.atlassian.net/wiki/x/!!",
            "https://example.atlassian.net/wiki/x/AAAAAAAAAAAAAA",
            "https://example.atlassian.net/wiki/x/A",
            "https://example.atlassian.net/wiki/pages/viewpage.action?pageId=x",
        ] {
            assert_eq!(content(text), None, "{text}");
        }
    }

    #[test]
    fn a_short_link_holds_the_bytes_of_the_id() {
        for id in [
            1_i64,
            255,
            256,
            98_323,
            4_294_967_296,
            18_753_814_575,
            i64::MAX,
        ] {
            let encoded = STANDARD.encode(id.to_le_bytes());
            let short = encoded
                .trim_end_matches('=')
                .trim_end_matches('A')
                .replace('/', "-")
                .replace('+', "_");
            assert_eq!(id_of_short_link(&short), Some(id.to_string()), "{short}");
        }
    }
}
