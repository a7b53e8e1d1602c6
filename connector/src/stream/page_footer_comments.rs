use super::{
    fields::{body, comment, content, version},
    request::Pass,
    search::COMMENTS,
    table::{Parts, Read, Route, Stream},
};
use crate::columns::Shape;

pub(super) const PAGE_FOOTER_COMMENTS: Stream = Stream {
    name: "page_footer_comments",
    documentation: "Footer comments on pages: `GET /wiki/api/v2/footer-comments`, for the entire site. The same responses feed `blog_post_footer_comments`. The list has no replies: the pass `details` reads the replies to the comments passed as parents, and the pass `survey` finds in the search index which comments have none. Comments on other content are in `page_footer_comments`.",
    shape: Shape {
        fields: &[
            content::ID,
            comment::STATUS,
            comment::TITLE,
            comment::PAGE_ID,
            comment::BLOG_POST_ID,
            comment::ATTACHMENT_ID,
            comment::CUSTOM_CONTENT_ID,
            comment::PARENT_COMMENT_ID,
            comment::RESOLUTION_STATUS,
            version::NUMBER,
            version::MESSAGE,
            version::MINOR_EDIT,
            version::AUTHOR_ID,
            version::CREATED_AT,
            comment::WEB_URL,
            body::TEXT,
            body::REPRESENTATION,
            body::DEGRADED,
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
    parents: &["page_footer_comments"],
    passes: &[
        Pass::Full,
        Pass::Changes,
        Pass::Census,
        Pass::Details,
        Pass::LookUp,
        Pass::Survey,
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
            newest_first: "version__created_at",
            ..Read::NEW
        },
        COMMENTS,
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
