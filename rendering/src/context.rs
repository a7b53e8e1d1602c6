//! What rendering has to know besides the body.

use std::collections::BTreeMap;

/// Where a body comes from and how much may be spent on it.
///
/// Set the fields that are known on a default.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct Context<'a> {
    /// The site's address with `/wiki`. Without it, links to pages are their titles.
    pub base_url: Option<&'a str>,
    /// The address of the page that the body is of, as people open it. With it, links to places
    /// on the page itself are links within the text, and links that are relative to it (`../9`) are
    /// complete. With a query, as comments have it, places on the page are not within the text.
    pub page_url: Option<&'a str>,
    /// The key of the space that the body is in. Links within a space do not name it, so
    /// without it they are their titles.
    pub space_key: Option<&'a str>,
    /// Names of people by their account ids, for mentions that come without a name.
    /// [`mentions`](crate::mentions) and [`adf_mentions`](crate::adf_mentions) find the ids in a
    /// body. Ids without a name stay ids.
    pub people: Option<&'a BTreeMap<String, String>>,
    /// Bounds.
    pub limits: Limits,
}

/// Bounds of one rendering.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The largest body in bytes: 8 MiB by default, several times the largest that Confluence
    /// stores. Rendering takes up to ten times the body in memory.
    pub input_bytes: usize,
    /// Levels of nested elements or nodes whose structure is kept, at most [`Limits::DEEPEST`]:
    /// 200 by default, several times what an editor can make. Deeper text is kept without it.
    pub depth: usize,
    /// How many different notices are kept: 32 by default.
    pub notices: usize,
}

impl Limits {
    /// What [`Limits::depth`] is cut to. Rendering recurses, and the stack of a guest is small:
    /// at this depth it needs less than 256 KiB.
    pub const DEEPEST: usize = 200;

    pub(crate) fn levels(&self) -> usize {
        self.depth.min(Self::DEEPEST)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            input_bytes: 8 * 1024 * 1024,
            depth: Self::DEEPEST,
            notices: 32,
        }
    }
}
