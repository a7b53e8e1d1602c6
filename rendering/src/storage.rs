//! Bodies in storage format.

mod element;
mod link;
mod macros;
mod token;
mod tree;

use crate::builder::Builder;
use crate::context::Context;
use crate::document::Style;

/// Reads `body` into `builder`.
pub(crate) fn read(body: &str, context: &Context<'_>, builder: &mut Builder) {
    let nodes = tree::parse(body, context.limits.levels(), builder);
    let mut reader = Reader { context, builder };
    reader.nodes(&nodes, &Style::default());
}

struct Reader<'r> {
    context: &'r Context<'r>,
    builder: &'r mut Builder,
}
