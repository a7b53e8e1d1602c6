//! The forms of a body: which ones Confluence has, and which ones are rendered here.

use confluence_rendering::Format;

/// The format that is requested in place of a rendered one: every piece of content has it.
pub(crate) const SOURCE: &str = "storage";

/// The formats of content in lists. Confluence has the first two; the others are rendered here.
pub(crate) const LIST_FORMATS: &[&str] = &["storage", "atlas_doc_format", "text", "markdown"];

/// The formats of a single page, blog post or comment. The latter five are rendered by
/// Confluence, and in no list.
pub(crate) const SINGLE_FORMATS: &[&str] = &[
    "storage",
    "atlas_doc_format",
    "text",
    "markdown",
    "view",
    "export_view",
    "anonymous_export_view",
    "styled_view",
    "editor",
];

/// The format of that name, if it is one that is rendered here.
pub(crate) fn rendered(name: &str) -> Option<Format> {
    match name {
        "text" => Some(Format::Text),
        "markdown" => Some(Format::Markdown),
        _ => None,
    }
}
