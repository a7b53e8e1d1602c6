use super::{
    request::Pass,
    table::{Parts, Read, Stream},
};
use crate::columns::{Field, Kind, Shape};

pub(super) const BLOG_POSTS: Stream = Stream {
    name: "blog_posts",
    documentation: "Blog posts: `GET /wiki/api/v2/blogposts`. A full pass reads current ones; census and changes also read the trash.",
    shape: Shape {
        fields: &[
            Field::new("id", "id", Kind::Text, "Numeric id."),
            Field::new(
                "status",
                "status",
                Kind::Text,
                "`current`, `trashed`, `deleted`, `draft`. Open.",
            ),
            Field::new("title", "title", Kind::Text, "Title."),
            Field::new(
                "space_id",
                "spaceId",
                Kind::Text,
                "Id of the space that contains it.",
            ),
            Field::new(
                "author_id",
                "authorId",
                Kind::Text,
                "Account that created it.",
            ),
            Field::new(
                "created_at",
                "createdAt",
                Kind::Instant,
                "When it was created.",
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
            Field::new(
                "web_url",
                "_links.webui",
                Kind::Link,
                "Address of the blog post for people.",
            ),
            Field::new("body", "body", Kind::Body, "Body in the requested format."),
            Field::new(
                "body__representation",
                "body",
                Kind::Representation,
                "Format that the body has: the requested one, unless Confluence or the renderer returned another.",
            ),
            Field::new(
                "body__degraded",
                "body",
                Kind::Degraded,
                "What `text` or `markdown` do not show as Confluence would. Null: nothing.",
            ),
        ],
        key: &["id"],
        identity: "id",
        parent: &["space_id"],
        container: "space_id",
        status: "status",
        others: &["version__created_at", "created_at"],
    },
    parents: &[],
    passes: &[Pass::Full, Pass::Changes, Pass::Census, Pass::LookUp],
    scopes: &[&["read:page:confluence"]],
    points: 1,
    default: true,
    settings: &[],
    reads: &[
        Read {
            passes: &[Pass::Full],
            doing: "list blog posts",
            scope: "read:page:confluence",
            path: "/api/v2/blogposts",
            space: "space-id",
            body: "body-format",
            ..Read::NEW
        },
        Read {
            passes: &[Pass::Census],
            doing: "list blog posts",
            scope: "read:page:confluence",
            path: "/api/v2/blogposts",
            space: "space-id",
            body: "body-format",
            fixed: &[("status", "current"), ("status", "trashed")],
            ..Read::NEW
        },
        Read {
            passes: &[Pass::Changes],
            doing: "list blog posts",
            scope: "read:page:confluence",
            path: "/api/v2/blogposts",
            space: "space-id",
            body: "body-format",
            fixed: &[
                ("sort", "-modified-date"),
                ("status", "current"),
                ("status", "trashed"),
            ],
            newest_first: &["version__created_at", "created_at"],
            ..Read::NEW
        },
        Read {
            passes: &[Pass::LookUp],
            doing: "list blog posts",
            scope: "read:page:confluence",
            path: "/api/v2/blogposts",
            space: "",
            body: "body-format",
            fixed: &[
                ("status", "current"),
                ("status", "trashed"),
                ("status", "deleted"),
            ],
            parts: Parts::ParentsAtOnce("id", 250),
            ..Read::NEW
        },
    ],
    route: None,
};
