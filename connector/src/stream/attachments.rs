use super::{
    fields::{content, version},
    request::Pass,
    table::{Parts, Read, Stream},
};
use crate::columns::{Field, Kind, Shape};

pub(super) const ATTACHMENTS: Stream = Stream {
    name: "attachments",
    documentation: "Files attached to pages, blog posts and custom content: `GET /wiki/api/v2/attachments`, for the entire site. A full pass reads current and archived ones; census and changes also read the trash.",
    shape: Shape {
        fields: &[
            Field::new("id", "id", Kind::Text, "`att` and a number."),
            content::STATUS,
            Field::new("title", "title", Kind::Text, "File name."),
            Field::new(
                "page_id",
                "pageId",
                Kind::Text,
                "Id of the page that it is attached to.",
            ),
            Field::new(
                "blog_post_id",
                "blogPostId",
                Kind::Text,
                "Id of the blog post that it is attached to.",
            ),
            Field::new(
                "custom_content_id",
                "customContentId",
                Kind::Text,
                "Id of the custom content that it is attached to.",
            ),
            content::CREATED_AT,
            Field::new("media_type", "mediaType", Kind::Text, "Media type."),
            Field::new(
                "media_type_description",
                "mediaTypeDescription",
                Kind::Text,
                "Description of the media type.",
            ),
            Field::new(
                "comment",
                "comment",
                Kind::Text,
                "Version comment. Often empty.",
            ),
            Field::new(
                "file_id",
                "fileId",
                Kind::Text,
                "Id of the file in the media service.",
            ),
            Field::new("file_size", "fileSize", Kind::Integer, "Size, in bytes."),
            version::NUMBER,
            version::MESSAGE,
            version::MINOR_EDIT,
            version::AUTHOR_ID,
            version::CREATED_AT,
            Field::new(
                "web_url",
                "webuiLink|_links.webui",
                Kind::Link,
                "URL of the attachment in the browser.",
            ),
            Field::new(
                "download_path",
                "downloadLink|_links.download",
                Kind::Text,
                "Path of the file below `/wiki`, for download.",
            ),
        ],
        key: &["id"],
        identity: "id",
        parent: &["page_id", "blog_post_id", "custom_content_id"],
        container: "",
        status: "status",
        others: &["version__created_at", "created_at"],
    },
    parents: &[],
    passes: &[Pass::Full, Pass::Changes, Pass::Census, Pass::LookUp],
    scopes: &[&["read:attachment:confluence"]],
    points: 1,
    default: true,
    settings: &[],
    reads: &[
        Read {
            passes: &[Pass::Full],
            doing: "list attachments",
            scope: "read:attachment:confluence",
            path: "/api/v2/attachments",
            space: "",
            body: "",
            ..Read::NEW
        },
        Read {
            passes: &[Pass::Census],
            doing: "list attachments",
            scope: "read:attachment:confluence",
            path: "/api/v2/attachments",
            space: "",
            body: "",
            fixed: &[
                ("status", "current"),
                ("status", "archived"),
                ("status", "trashed"),
            ],
            ..Read::NEW
        },
        Read {
            passes: &[Pass::Changes],
            doing: "list attachments",
            scope: "read:attachment:confluence",
            path: "/api/v2/attachments",
            space: "",
            body: "",
            fixed: &[
                ("sort", "-modified-date"),
                ("status", "current"),
                ("status", "archived"),
                ("status", "trashed"),
            ],
            newest_first: "version__created_at",
            ..Read::NEW
        },
        Read {
            passes: &[Pass::LookUp],
            doing: "get attachments",
            scope: "read:attachment:confluence",
            path: "/api/v2/attachments/{parent}",
            single: true,
            parts: Parts::Parents,
            ..Read::NEW
        },
    ],
    route: None,
};
