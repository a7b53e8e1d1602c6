//! Bodies in Atlassian document format.

mod extension;
mod node;

use crate::builder::Builder;
use crate::context::Context;
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

struct Reader<'r> {
    context: &'r Context<'r>,
    builder: &'r mut Builder,
    /// Nodes that the present one is in.
    depth: usize,
}
