use super::{
    fields::{content, parent, property, version},
    request::Pass,
    table::{Parts, Read, Stream},
};
use crate::columns::Shape;

pub(super) const BLOG_POST_CONTENT_PROPERTIES: Stream = Stream {
    name: "blog_post_content_properties",
    documentation: "Content properties of blog posts: `GET /wiki/api/v2/blogposts/{id}/properties`. Confluence does not report changes: read them again.",
    shape: Shape {
        fields: &[
            parent::BLOG_POST_ID,
            property::ID,
            property::KEY,
            property::VALUE,
            content::CREATED_AT,
            content::CREATED_BY,
            version::NUMBER,
            version::MESSAGE,
            version::MINOR_EDIT,
            version::AUTHOR_ID,
            version::CREATED_AT,
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
