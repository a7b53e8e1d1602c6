use super::{
    fields::{body, content, version},
    request::Pass,
    table::{Parts, Read, Stream},
};
use crate::columns::{Field, Kind, Shape};

pub(super) const BLOG_POSTS: Stream = Stream {
    name: "blog_posts",
    documentation: "Blog posts: `GET /wiki/api/v2/blogposts`. A full pass reads current ones; census and changes also read the trash.",
    shape: Shape {
        fields: &[
            content::ID,
            Field::new(
                "status",
                "status",
                Kind::Text,
                "`current`, `trashed`, `deleted`, `draft`. Other values are possible.",
            ),
            content::TITLE,
            content::SPACE_ID,
            content::AUTHOR_ID,
            content::CREATED_AT,
            version::NUMBER,
            version::MESSAGE,
            version::MINOR_EDIT,
            version::AUTHOR_ID,
            version::CREATED_AT,
            Field::new(
                "web_url",
                "_links.webui",
                Kind::Link,
                "URL of the blog post in the browser.",
            ),
            body::TEXT,
            body::REPRESENTATION,
            body::DEGRADED,
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
            newest_first: "version__created_at",
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
