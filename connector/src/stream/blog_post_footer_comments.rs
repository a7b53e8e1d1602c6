use super::{
    request::Pass,
    table::{Parts, Read, Route, Stream},
};
use crate::columns::{Field, Kind, Shape};

pub(super) const BLOG_POST_FOOTER_COMMENTS: Stream = Stream {
    name: "blog_post_footer_comments",
    documentation: "Footer comments on blog posts: `GET /wiki/api/v2/footer-comments`, for the entire site. The same responses feed `page_footer_comments`. Confluence omits replies there: the pass `details` reads the replies to the comments that are its parents. Comments on other content are in `page_footer_comments`.",
    shape: Shape {
        fields: &[
            Field::new("id", "id", Kind::Text, "Numeric id."),
            Field::new(
                "status",
                "status",
                Kind::Text,
                "`current`, `historical`, … Open.",
            ),
            Field::new(
                "title",
                "title",
                Kind::Text,
                "Title: `Re:` and that of the content.",
            ),
            Field::new(
                "page_id",
                "pageId",
                Kind::Text,
                "Page that it is on. Null for replies.",
            ),
            Field::new(
                "blog_post_id",
                "blogPostId",
                Kind::Text,
                "Blog post that it is on. Null for replies.",
            ),
            Field::new(
                "attachment_id",
                "attachmentId",
                Kind::Text,
                "Attachment that it is on.",
            ),
            Field::new(
                "custom_content_id",
                "customContentId",
                Kind::Text,
                "Custom content that it is on.",
            ),
            Field::new(
                "parent_comment_id",
                "parentCommentId",
                Kind::Text,
                "Comment that it replies to.",
            ),
            Field::new(
                "resolution_status",
                "resolutionStatus",
                Kind::Text,
                "`open`, `resolved`, `reopened`, `dangling`. Open.",
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
                "Address of the comment for people.",
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
        parent: &[
            "page_id",
            "blog_post_id",
            "custom_content_id",
            "attachment_id",
            "parent_comment_id",
        ],
        container: "",
        status: "status",
        others: &["version__created_at"],
    },
    parents: &["blog_post_footer_comments"],
    passes: &[
        Pass::Full,
        Pass::Changes,
        Pass::Census,
        Pass::Details,
        Pass::LookUp,
    ],
    scopes: &[&["read:comment:confluence"]],
    points: 1,
    default: true,
    settings: &[],
    reads: &[
        Read {
            passes: &[Pass::Full, Pass::Census],
            doing: "list footer comments",
            scope: "read:comment:confluence",
            path: "/api/v2/footer-comments",
            body: "body-format",
            ..Read::NEW
        },
        Read {
            passes: &[Pass::Changes],
            doing: "list footer comments",
            scope: "read:comment:confluence",
            path: "/api/v2/footer-comments",
            body: "body-format",
            fixed: &[("sort", "-modified-date")],
            newest_first: &["version__created_at"],
            ..Read::NEW
        },
        Read {
            passes: &[Pass::Details],
            doing: "list replies",
            scope: "read:comment:confluence",
            path: "/api/v2/footer-comments/{parent}/children",
            body: "body-format",
            parts: Parts::Parents,
            ..Read::NEW
        },
        Read {
            passes: &[Pass::LookUp],
            doing: "get comments",
            scope: "read:comment:confluence",
            path: "/api/v2/footer-comments/{parent}",
            body: "body-format",
            single: true,
            parts: Parts::Parents,
            ..Read::NEW
        },
    ],
    route: Some(Route {
        column: "blog_post_id",
        with: "blog_post_footer_comments",
        without: "page_footer_comments",
    }),
};
