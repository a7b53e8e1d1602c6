use super::{
    fields::{body, content, version},
    request::Pass,
    table::{Parts, Read, Stream},
};
use crate::columns::{Field, Kind, Shape};

pub(super) const CUSTOM_CONTENT: Stream = Stream {
    name: "custom_content",
    documentation: "Content of types that apps define: `GET /wiki/api/v2/custom-content`, for each type in the setting `custom-content-types`. Confluence has no list of types.",
    shape: Shape {
        fields: &[
            content::ID,
            Field::new(
                "type",
                "type",
                Kind::Text,
                "Type, such as `ac:com.example.diagrams:diagram`.",
            ),
            Field::new(
                "status",
                "status",
                Kind::Text,
                "`current`, `archived`, `trashed`, … Other values are possible.",
            ),
            content::TITLE,
            content::SPACE_ID,
            Field::new(
                "page_id",
                "pageId",
                Kind::Text,
                "Id of the page that contains it.",
            ),
            Field::new(
                "blog_post_id",
                "blogPostId",
                Kind::Text,
                "Id of the blog post that contains it.",
            ),
            Field::new(
                "custom_content_id",
                "customContentId",
                Kind::Text,
                "Id of the custom content that contains it.",
            ),
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
                "URL of the content in the browser.",
            ),
            body::TEXT,
            body::REPRESENTATION,
            body::DEGRADED,
        ],
        key: &["id"],
        identity: "id",
        parent: &["page_id", "blog_post_id", "custom_content_id", "space_id"],
        container: "space_id",
        status: "status",
        others: &["version__created_at", "created_at"],
    },
    parents: &[],
    passes: &[Pass::Full, Pass::Changes, Pass::Census, Pass::LookUp],
    scopes: &[&["read:custom-content:confluence"]],
    points: 1,
    default: false,
    settings: &["custom-content-types"],
    reads: &[
        Read {
            passes: &[Pass::Full, Pass::Census],
            doing: "list custom content",
            scope: "read:custom-content:confluence",
            path: "/api/v2/custom-content",
            space: "space-id",
            body: "body-format",
            parts: Parts::Setting("custom-content-types", "type"),
            ..Read::NEW
        },
        Read {
            passes: &[Pass::Changes],
            doing: "list custom content",
            scope: "read:custom-content:confluence",
            path: "/api/v2/custom-content",
            space: "space-id",
            body: "body-format",
            parts: Parts::Setting("custom-content-types", "type"),
            fixed: &[("sort", "-modified-date")],
            newest_first: "version__created_at",
            ..Read::NEW
        },
        Read {
            passes: &[Pass::LookUp],
            // The list takes ids only together with a type, which a key does not have.
            doing: "get custom content",
            scope: "read:custom-content:confluence",
            path: "/api/v2/custom-content/{parent}",
            body: "body-format",
            single: true,
            parts: Parts::Parents,
            ..Read::NEW
        },
    ],
    route: None,
};
