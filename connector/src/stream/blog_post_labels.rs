use super::{
    fields::{label, parent},
    request::Pass,
    search::LABELS,
    table::{Parts, Read, Stream},
};
use crate::columns::Shape;

pub(super) const BLOG_POST_LABELS: Stream = Stream {
    name: "blog_post_labels",
    documentation: "Labels of blog posts. Without parents, labels of all current blog posts, from the search index: `GET /wiki/rest/api/content/search?expand=metadata.labels`. With parents, labels of these: `GET /wiki/api/v2/blogposts/{id}/labels`.",
    shape: Shape {
        fields: &[parent::BLOG_POST_ID, label::ID, label::NAME, label::PREFIX],
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
