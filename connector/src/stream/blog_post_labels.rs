use super::{
    request::Pass,
    search::CONTENT,
    table::{Parts, Read, Stream},
};
use crate::columns::{Field, Kind, Nested, Shape};

/// Labels in the rows of a search.
const LABELS: Nested = Nested {
    outer: CONTENT,
    lists: &[("metadata.labels.results", &[])],
};

pub(super) const BLOG_POST_LABELS: Stream = Stream {
    name: "blog_post_labels",
    documentation: "Labels of blog posts. Without parents, those of all current blog posts, from the search index: `GET /wiki/rest/api/content/search?expand=metadata.labels`. With parents, theirs: `GET /wiki/api/v2/blogposts/{id}/labels`.",
    shape: Shape {
        fields: &[
            Field::new("blog_post_id", "^", Kind::Text, "Id of the blog post."),
            Field::new("id", "id", Kind::Text, "Id of the label."),
            Field::new("name", "name", Kind::Text, "Name, in lower case."),
            Field::new(
                "prefix",
                "prefix",
                Kind::Text,
                "`global`, `my`, `team`. Open.",
            ),
        ],
        key: &["blog_post_id", "id"],
        identity: "id",
        parent: &["blog_post_id"],
        container: "",
        status: "",
        others: &[],
    },
    parents: &["blog_posts"],
    passes: &[Pass::Details],
    scopes: &[&[
        "read:content-details:confluence",
        "search:confluence",
        "read:page:confluence",
    ]],
    points: 1,
    default: true,
    settings: &[],
    reads: &[
        Read {
            passes: &[Pass::Details],
            doing: "list labels",
            scope: "read:content-details:confluence",
            path: "/rest/api/content/search",
            fixed: &[
                ("cql", "type=blogpost"),
                ("expand", "metadata.labels,space"),
            ],
            nested: Some(&LABELS),
            ..Read::NEW
        },
        Read {
            passes: &[Pass::Details],
            doing: "list labels",
            scope: "read:page:confluence",
            path: "/api/v2/blogposts/{parent}/labels",
            parts: Parts::Parents,
            ..Read::NEW
        },
    ],
    route: None,
};
