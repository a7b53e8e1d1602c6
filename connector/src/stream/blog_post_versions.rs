use super::{
    request::Pass,
    table::{Parts, Read, Stream},
};
use crate::columns::{Field, Kind, Shape};

pub(super) const BLOG_POST_VERSIONS: Stream = Stream {
    name: "blog_post_versions",
    documentation: "Versions of blog posts: `GET /wiki/api/v2/blogposts/{id}/versions`. Numbers are places in a set, not identities: replace the set of each parent.",
    shape: Shape {
        fields: &[
            Field::new("blog_post_id", "^", Kind::Text, "Id of the blog post."),
            Field::new(
                "number",
                "number",
                Kind::Integer,
                "Number of the version. Deleting a version renumbers those after it.",
            ),
            Field::new(
                "message",
                "message",
                Kind::Text,
                "Comment of its author. Often empty.",
            ),
            Field::new(
                "minor_edit",
                "minorEdit",
                Kind::Boolean,
                "Whether watchers were not notified.",
            ),
            Field::new(
                "author_id",
                "authorId",
                Kind::Text,
                "Account that wrote it.",
            ),
            Field::new(
                "created_at",
                "createdAt",
                Kind::Instant,
                "When it was written.",
            ),
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
    passes: &[Pass::Versions],
    scopes: &[&["read:page:confluence"]],
    points: 1,
    default: false,
    settings: &[],
    reads: &[Read {
        passes: &[Pass::Versions],
        doing: "list versions",
        scope: "read:page:confluence",
        path: "/api/v2/blogposts/{parent}/versions",
        parts: Parts::Parents,
        ..Read::NEW
    }],
    route: None,
};
