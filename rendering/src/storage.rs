//! Bodies in storage format.

mod element;
mod link;
mod macros;
mod token;
mod tree;

use std::collections::BTreeSet;

use crate::anchor;
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
        linked: linked(body),
        in_line: false,
        depth: context.limits.levels().saturating_sub(levels),
    };
    reader.nodes(&nodes, style);
}

/// The ids of elements that `body` may have links to.
fn linked(body: &str) -> BTreeSet<String> {
    if find(body, " id=\"").is_none() || find(body, "href=\"#").is_none() {
        return BTreeSet::new();
    }
    Tokens::new(body)
        .filter_map(|token| match token {
            Token::Open {
                name: "a",
                attributes,
                ..
            } => attribute(attributes, "href"),
            _ => None,
        })
        .map(|address| entity::decode(address, &mut |_| {}))
        .filter_map(|address| address.strip_prefix('#').map(anchor::decode))
        .map(|name| anchor::id(&name))
        .collect()
}

/// The account ids that `body` mentions, each once, sorted.
pub(crate) fn mentions(body: &str) -> BTreeSet<String> {
    Tokens::new(body)
        .filter_map(|token| match token {
            Token::Open {
                name: "ri:user",
                attributes,
                ..
            } => attribute(attributes, "ri:account-id"),
            _ => None,
        })
        .map(|id| entity::decode(id, &mut |_| {}).into_owned())
        .filter(|id| !id.is_empty())
        .collect()
}

struct Reader<'r> {
    context: &'r Context<'r>,
    builder: &'r mut Builder,
    /// Ids that links within the body lead to.
    linked: BTreeSet<String>,
    /// Within a paragraph or a heading.
    in_line: bool,
    /// Elements that the present one is in.
    depth: usize,
}
