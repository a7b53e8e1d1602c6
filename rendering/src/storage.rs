//! Bodies in storage format.

mod element;
mod link;
mod macros;
mod token;
mod tree;

use std::collections::BTreeSet;

use crate::builder::Builder;
use crate::context::Context;
use crate::document::{Style, find};
use crate::entity;
use token::{Token, Tokens, attribute};

/// Reads `body` into `builder`.
pub(crate) fn read(body: &str, context: &Context<'_>, builder: &mut Builder) {
    let levels = context.limits.levels();
    read_inside(body, context, builder, levels, &Style::default());
}

/// Reads `body`, which a document in another format contains, with at most `levels` of elements.
pub(crate) fn read_inside(
    body: &str,
    context: &Context<'_>,
    builder: &mut Builder,
    levels: usize,
    style: &Style,
) {
    let nodes = tree::parse(body, levels, builder);
    let mut reader = Reader {
        context,
        builder,
        body,
        ids: if find(body, "href=\"#").is_some() {
            MAX_IDS
        } else {
            0
        },
        in_line: false,
        depth: context.limits.levels().saturating_sub(levels),
    };
    reader.nodes(&nodes, style);
}

/// The account ids that `body` mentions, each once, sorted.
pub(crate) fn mentions(body: &str) -> BTreeSet<String> {
    let ids = Tokens::new(body)
        .filter_map(|token| match token {
            Token::Open {
                name: "ri:user",
                attributes,
                ..
            } => attribute(attributes, "ri:account-id"),
            _ => None,
        })
        .map(|id| entity::decode(id, &mut |_| {}).into_owned());
    let mut all = BTreeSet::new();
    // Collecting would sort, which is much code in the guest.
    all.extend(ids.filter(|id| !id.is_empty()));
    all
}

/// Ids of elements that are looked for in links. Bodies of Confluence have ids of anchors alone.
const MAX_IDS: u32 = 64;

struct Reader<'r> {
    context: &'r Context<'r>,
    builder: &'r mut Builder,
    body: &'r str,
    /// How many ids of elements may still be looked for in links within the body.
    ids: u32,
    /// Within a paragraph or a heading.
    in_line: bool,
    /// Elements that the present one is in.
    depth: usize,
}
