//! What a request asks for, as errors and decoding need it.

use confluence_rendering::Format;

/// What is asked, for errors and for decoding.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    /// Stands behind "cannot": `list pages`.
    pub(crate) doing: &'static str,
    /// The OAuth scopes that the call needs, all of them, with a space between two.
    pub(crate) scope: &'static str,
    /// The request names something by id or key, so that a 404 may mean it.
    pub(crate) names: bool,
    /// The body format asked for, or empty.
    pub(crate) wanted: String,
    /// What bodies in that format are rendered to.
    pub(crate) rendered: Option<Format>,
    /// Bodies are rendered once the names of the accounts that they mention are looked up.
    pub(crate) mention_names: bool,
}
