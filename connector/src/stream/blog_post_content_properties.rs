use super::{
    request::Pass,
    table::{Parts, Read, Stream},
};
use crate::columns::{Field, Kind, Shape};

pub(super) const BLOG_POST_CONTENT_PROPERTIES: Stream = Stream {
    name: "blog_post_content_properties",
    documentation: "Content properties of blog posts: `GET /wiki/api/v2/blogposts/{id}/properties`. Nothing tells that one has changed.",
    shape: Shape {
        fields: &[
            Field::new("blog_post_id", "^", Kind::Text, "Id of the blog post."),
            Field::new("id", "id", Kind::Text, "Id of the property."),
            Field::new("key", "key", Kind::Text, "Key."),
            Field::new("value", "value", Kind::Json, "Value."),
            Field::new(
                "created_at",
                "createdAt",
                Kind::Instant,
                "When it was created.",
            ),
            Field::new(
                "created_by",
                "createdBy",
                Kind::Text,
                "Account that created it.",
            ),
            Field::new(
                "version__number",
                "version.number",
                Kind::Integer,
                "Number of the current version. Deleting a version renumbers those after it.",
            ),
            Field::new(
                "version__message",
                "version.message",
                Kind::Text,
                "Comment of the version's author. Often empty.",
            ),
            Field::new(
                "version__minor_edit",
                "version.minorEdit",
                Kind::Boolean,
                "Whether watchers were not notified.",
            ),
            Field::new(
                "version__author_id",
                "version.authorId|version.createdBy",
                Kind::Text,
                "Account that wrote the version.",
            ),
            Field::new(
                "version__created_at",
                "version.createdAt",
                Kind::Instant,
                "When the version was written: the time of the last change.",
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
    scopes: &[&["read:page:confluence"]],
    points: 1,
    default: false,
    settings: &[],
    reads: &[Read {
        passes: &[Pass::Details],
        doing: "list content properties",
        scope: "read:page:confluence",
        path: "/api/v2/blogposts/{parent}/properties",
        parts: Parts::Parents,
        ..Read::NEW
    }],
    route: None,
};
