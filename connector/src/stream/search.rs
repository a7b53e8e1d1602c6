//! The rows of `GET /wiki/rest/api/content/search`, whose lists have the rows of streams.

use super::{request::Pass, table::Read};
use crate::columns::{Complete, Field, Kind, Nested, Shape};

/// A piece of content in a search.
pub(super) const CONTENT: Shape = Shape {
    fields: &[
        Field::new("id", "id", Kind::Text, ""),
        Field::new("space_id", "space.id", Kind::Text, ""),
    ],
    key: &["id"],
    identity: "id",
    parent: &[],
    container: "space_id",
    status: "",
    others: &[],
};

/// Labels in the rows of a search.
pub(super) const LABELS: Nested = Nested {
    outer: Shape {
        fields: &[
            Field::new("id", "id", Kind::Text, ""),
            Field::new("space_id", "space.id", Kind::Text, ""),
            Field::new("labels", "metadata.labels.size", Kind::Integer, ""),
            Field::new("limit", "metadata.labels.limit", Kind::Integer, ""),
        ],
        others: &["labels", "limit"],
        ..CONTENT
    },
    lists: &[("metadata.labels.results", &[])],
    counts: &[("labels", "limit")],
    complete: Complete::Counted,
};

/// Versions in the rows of a search, which has two of them at most: content with more versions is not
/// complete here.
const VERSIONS: Nested = Nested {
    outer: Shape {
        fields: &[
            Field::new("id", "id", Kind::Text, ""),
            Field::new("space_id", "space.id", Kind::Text, ""),
            Field::new("version", "version.number", Kind::Integer, ""),
        ],
        others: &["version"],
        ..CONTENT
    },
    lists: &[
        ("history.lastUpdated", &[]),
        ("history.previousVersion", &[]),
    ],
    counts: &[],
    complete: Complete::Numbered("version", 2),
};

/// What [`SURVEY_OF_VERSIONS`] needs.
pub(super) const EXPAND_VERSIONS: (&str, &str) = (
    "expand",
    "space,version,history.lastUpdated,history.previousVersion",
);

/// The streams whose rows a search of comments finds.
pub(super) const COMMENT_STREAMS: [&str; 4] = [
    "page_footer_comments",
    "page_inline_comments",
    "blog_post_footer_comments",
    "blog_post_inline_comments",
];

/// Sketches of comments: which there are, what they reply to, and whether they have replies.
const SKETCH: Shape = Shape {
    fields: &[
        Field::new("id", "id", Kind::Text, ""),
        Field::new("parent_comment_id", "ancestors.id", Kind::Text, ""),
        Field::new("version__number", "version.number", Kind::Integer, ""),
        Field::new("has_replies", "childTypes.comment.value", Kind::Boolean, ""),
    ],
    key: &["id"],
    identity: "id",
    parent: &["parent_comment_id"],
    container: "",
    status: "",
    others: &["version__number", "has_replies"],
};

/// A survey of versions; `fixed` says of what.
pub(super) const SURVEY_OF_VERSIONS: Read = Read {
    passes: &[Pass::Survey],
    doing: "search versions",
    scope: "read:content-details:confluence",
    path: "/rest/api/content/search",
    nested: Some(&VERSIONS),
    ..Read::NEW
};

/// How sketches of all comments are read, those of replies among them.
pub(super) const COMMENTS: Read = Read {
    passes: &[Pass::Survey],
    doing: "search comments",
    scope: "read:content-details:confluence",
    path: "/rest/api/content/search",
    fixed: &[
        ("cql", "type=comment"),
        ("expand", "version,ancestors,childTypes.comment"),
    ],
    sketch: Some((&SKETCH, Complete::Without("has_replies"))),
    ..Read::NEW
};
