//! Lists of issues, pages or objects from elsewhere, of which a body has the query.

use crate::builder::Builder;
use crate::document::Style;
use crate::json::Value;
use crate::notice::NoticeKind;

/// Parameters that are the query, and its language.
const QUERIES: [(&str, &str); 5] = [
    ("jql", "Jira"),
    ("cql", "Confluence"),
    ("searchString", "Search"),
    ("aql", "Assets"),
    ("query", "Query"),
];

/// Levels of JSON around a query.
pub(crate) const LEVELS: usize = 12;

/// Shows the query of `source`, which the node or element `kind` has.
#[inline(never)]
pub(crate) fn show(builder: &mut Builder, kind: &str, source: &Value<'_>, style: &Style) {
    builder.note(NoticeKind::Dynamic, kind);
    let parameters = source.get("parameters").unwrap_or(&Value::Nothing);
    let found = QUERIES.iter().find_map(|(name, label)| {
        let query = parameters.text_of(name)?.trim();
        (!query.is_empty()).then(|| format!("{label}: {query}"))
    });
    builder.end_paragraph();
    builder.text(&found.unwrap_or_default(), style);
    builder.end_paragraph();
}
