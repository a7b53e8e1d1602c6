//! Bodies in Atlassian document format.

mod extension;
mod node;

use std::collections::BTreeSet;

use crate::builder::Builder;
use crate::context::{Context, Limits};
use crate::document::Style;
use crate::error::RenderError;
use crate::json::{self, Value};
use crate::notice::NoticeKind;
use crate::storage;

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
    let mut reader = Reader {
        context,
        builder,
        depth: 0,
    };
    reader.document(text, &Style::default());
    Ok(())
}

/// The account ids that `body` mentions without a name, each once, sorted.
pub(crate) fn mentions(body: &str) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    add_mentions(body, &mut ids);
    ids
}

/// Recurses for documents within texts, each of which has twice as many backslashes as the one around it.
fn add_mentions(body: &str, ids: &mut BTreeSet<String>) {
    let parsed = json::parse(body, 2 * Limits::DEEPEST + 1);
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
        for value in migrated(node.get("attrs")) {
            match value.text() {
                Some(text) if text.starts_with('{') => add_mentions(text, ids),
                Some(text) => ids.extend(storage::mentions(text)),
                None => nodes.push(value),
            }
        }
    }
}

/// The content of an extension that stands for what an older editor wrote: a document as an object or a
/// text, or storage format. It may be there in two forms.
fn migrated<'v, 'j>(attributes: Option<&'v Value<'j>>) -> impl Iterator<Item = &'v Value<'j>> {
    let parameters = attributes
        .filter(|all| all.text_of("extensionType") == Some("com.atlassian.confluence.migration"))
        .and_then(|all| all.get("parameters"));
    let forms = ["adf", "nestedContent", "cxhtml"];
    forms
        .into_iter()
        .filter_map(move |name| parameters?.get(name))
}

struct Reader<'r> {
    context: &'r Context<'r>,
    builder: &'r mut Builder,
    /// Nodes that the present one is in.
    depth: usize,
}

impl Reader<'_> {
    fn document(&mut self, text: &str, style: &Style) {
        // A node is an object in the list of its parent.
        let levels = self.context.limits.levels().saturating_sub(self.depth);
        let parsed = json::parse(text, 2 * levels + 1);
        if parsed.wrong {
            self.builder.note(NoticeKind::NotWellFormed, "");
        }
        if parsed.deep {
            self.builder.note(NoticeKind::TooDeep, "");
        }
        self.node(&parsed.value, style);
    }
}
