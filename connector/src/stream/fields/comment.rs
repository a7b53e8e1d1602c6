//! A comment.

use crate::columns::{Field, Kind};

pub(in crate::stream) const STATUS: Field = Field::new(
    "status",
    "status",
    Kind::Text,
    "`current`, `historical`, … Other values are possible.",
);

pub(in crate::stream) const TITLE: Field = Field::new(
    "title",
    "title",
    Kind::Text,
    "Title: `Re:` and that of the content.",
);

pub(in crate::stream) const PAGE_ID: Field = Field::new(
    "page_id",
    "pageId",
    Kind::Text,
    "Id of the page that it is on. Null for replies.",
);

pub(in crate::stream) const BLOG_POST_ID: Field = Field::new(
    "blog_post_id",
    "blogPostId",
    Kind::Text,
    "Id of the blog post that it is on. Null for replies.",
);

pub(in crate::stream) const ATTACHMENT_ID: Field = Field::new(
    "attachment_id",
    "attachmentId",
    Kind::Text,
    "Id of the attachment that it is on.",
);

pub(in crate::stream) const CUSTOM_CONTENT_ID: Field = Field::new(
    "custom_content_id",
    "customContentId",
    Kind::Text,
    "Id of the custom content that it is on.",
);

pub(in crate::stream) const PARENT_COMMENT_ID: Field = Field::new(
    "parent_comment_id",
    "parentCommentId",
    Kind::Text,
    "Id of the comment that it replies to.",
);

pub(in crate::stream) const RESOLUTION_STATUS: Field = Field::new(
    "resolution_status",
    "resolutionStatus",
    Kind::Text,
    "`open`, `resolved`, `reopened`, `dangling`. Other values are possible.",
);

pub(in crate::stream) const WEB_URL: Field = Field::new(
    "web_url",
    "_links.webui",
    Kind::Link,
    "URL of the comment in the browser.",
);

pub(in crate::stream) const RESOLUTION_MODIFIER_ID: Field = Field::new(
    "resolution_modifier_id",
    "resolutionLastModifierId",
    Kind::Text,
    "Id of the account that last resolved or reopened it.",
);

pub(in crate::stream) const RESOLUTION_MODIFIED_AT: Field = Field::new(
    "resolution_modified_at",
    "resolutionLastModifiedAt",
    Kind::Instant,
    "When it was last resolved or reopened. Resolving does not change the version.",
);

pub(in crate::stream) const SELECTION: Field = Field::new(
    "selection",
    "properties.inlineOriginalSelection|properties.inline-original-selection",
    Kind::Text,
    "Text that it is about, as it was selected.",
);

pub(in crate::stream) const MARKER_REF: Field = Field::new(
    "marker_ref",
    "properties.inlineMarkerRef|properties.inline-marker-ref",
    Kind::Text,
    "Reference of its marker in the page's body.",
);
