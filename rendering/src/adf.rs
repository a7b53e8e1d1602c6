//! Bodies in Atlassian document format.

mod extension;
mod node;

use std::collections::BTreeSet;

use crate::builder::Builder;
use crate::context::{Context, Limits};
use crate::document::Style;
use crate::error::RenderError;
use crate::json;
use crate::notice::NoticeKind;

/// Reads `body` into `builder`.
pub(crate) fn read(
    body: &str,
    context: &Context<'_>,
    builder: &mut Builder,
) -> Result<(), RenderError> {
    let text = body.trim_start_matches('\u{feff}').trim();
    if text.is_empty() {
        return Ok(());
    }
    if !text.starts_with('{') {
        return Err(RenderError::NotAdf);
    }
    // A node is an object in the list of its parent.
    let parsed = json::parse(text, 2 * context.limits.levels() + 1);
    if parsed.wrong {
        builder.note(NoticeKind::NotWellFormed, "");
    }
    if parsed.deep {
        builder.note(NoticeKind::TooDeep, "");
    }
    let mut reader = Reader {
        context,
        builder,
        depth: 0,
    };
    reader.node(&parsed.value, &Style::default());
    Ok(())
}

/// The account ids that `body` mentions without a name, each once, sorted.
pub(crate) fn mentions(body: &str) -> BTreeSet<String> {
    let parsed = json::parse(body, 2 * Limits::DEEPEST + 1);
    let mut ids = BTreeSet::new();
    let mut nodes = vec![&parsed.value];
    while let Some(node) = nodes.pop() {
        if node.text_of("type") == Some("mention")
            && let Some(attributes) = node.get("attrs")
            && attributes.text_of("text").is_none_or(str::is_empty)
            && let Some(id) = attributes.text_of("id").filter(|id| !id.is_empty())
        {
            ids.insert(id.to_owned());
        }
        if let Some(content) = node.get("content") {
            nodes.extend(content.elements());
        }
    }
    ids
}

struct Reader<'r> {
    context: &'r Context<'r>,
    builder: &'r mut Builder,
    /// Nodes that the present one is in.
    depth: usize,
}
