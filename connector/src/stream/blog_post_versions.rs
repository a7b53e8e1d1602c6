use super::{
    fields::{parent, past_version},
    request::Pass,
    search::{EXPAND_VERSIONS, SURVEY_OF_VERSIONS},
    table::{Parts, Read, Stream},
};
use crate::columns::{Field, Kind, Shape};

pub(super) const BLOG_POST_VERSIONS: Stream = Stream {
    name: "blog_post_versions",
    documentation: "Versions of blog posts: `GET /wiki/api/v2/blogposts/{id}/versions`. Deleting a version renumbers those after it: replace the versions of each parent as a set. The pass `survey` finds versions of blog posts that have one or two, in the search index: `GET /wiki/rest/api/content/search?expand=history.previousVersion`.",
    shape: Shape {
        fields: &[
            parent::BLOG_POST_ID,
            past_version::NUMBER,
            past_version::MESSAGE,
            past_version::MINOR_EDIT,
            past_version::AUTHOR_ID,
            past_version::CREATED_AT,
            Field::new(
                "title",
                "blogpost.title",
                Kind::Text,
                "Title in this version, if Confluence sends it.",
            ),
        ],
        key: &["blog_post_id", "number"],
        identity: "number",
        parent: &["blog_post_id"],
        container: "",
        status: "",
        others: &[],
    },
    parents: &["blog_posts"],
    passes: &[Pass::Versions, Pass::Survey],
    scopes: &[&["read:page:confluence"]],
    points: 1,
    default: false,
    settings: &[],
    reads: &[
        Read {
            fixed: &[("cql", "type=blogpost"), EXPAND_VERSIONS],
            ..SURVEY_OF_VERSIONS
        },
        Read {
            passes: &[Pass::Versions],
            doing: "list versions",
            scope: "read:page:confluence",
            path: "/api/v2/blogposts/{parent}/versions",
            parts: Parts::Parents,
            ..Read::NEW
        },
    ],
    route: None,
};
