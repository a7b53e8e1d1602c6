//! Fragments of addresses that lead to a heading of a Confluence page.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The fragments of a page's headings so far.
///
/// Confluence's editor names a heading after its text with `-` for each space, and adds `.1`, `.2`, …
/// to those that come again. Pages of the editor before it have other names; there, a browser shows
/// the top of the page.
#[derive(Debug, Default)]
pub(crate) struct Anchors {
    seen: BTreeMap<String, u32>,
}

impl Anchors {
    /// The fragment of the next heading with this text, escaped as an address needs it.
    pub(crate) fn of(&mut self, text: &str) -> Option<String> {
        if text.is_empty() {
            return None;
        }
        let name: String = text
            .chars()
            .map(|c| if c.is_whitespace() { '-' } else { c })
            .collect();
        let mut anchor = escaped(&name);
        let before = self.seen.entry(name).or_default();
        if *before > 0 {
            let _ = write!(anchor, ".{before}");
        }
        *before += 1;
        Some(anchor)
    }
}

/// What RFC 3986 allows in a fragment, and `%XX` for each byte of the rest.
fn escaped(name: &str) -> String {
    let mut escaped = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}
