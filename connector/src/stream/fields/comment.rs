//! A comment.

use crate::columns::{Field, Kind};

pub(in crate::stream) const STATUS: Field = Field::new(
    "status",
    "status",
    Kind::Text,
    "`current`, `historical`, … Open.",
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
    "Page that it is on. Null for replies.",
);

pub(in crate::stream) const BLOG_POST_ID: Field = Field::new(
    "blog_post_id",
    "blogPostId",
    Kind::Text,
    "Blog post that it is on. Null for replies.",
);

pub(in crate::stream) const ATTACHMENT_ID: Field = Field::new(
    "attachment_id",
    "attachmentId",
    Kind::Text,
    "Attachment that it is on.",
);

pub(in crate::stream) const CUSTOM_CONTENT_ID: Field = Field::new(
    "custom_content_id",
    "customContentId",
    Kind::Text,
    "Custom content that it is on.",
);

pub(in crate::stream) const PARENT_COMMENT_ID: Field = Field::new(
    "parent_comment_id",
    "parentCommentId",
    Kind::Text,
    "Comment that it replies to.",
);

pub(in crate::stream) const RESOLUTION_STATUS: Field = Field::new(
    "resolution_status",
    "resolutionStatus",
    Kind::Text,
    "`open`, `resolved`, `reopened`, `dangling`. Open.",
);

pub(in crate::stream) const WEB_URL: Field = Field::new(
    "web_url",
    "_links.webui",
    Kind::Link,
    "Address of the comment for people.",
);

pub(in crate::stream) const RESOLUTION_MODIFIER_ID: Field = Field::new(
    "resolution_modifier_id",
    "resolutionLastModifierId",
    Kind::Text,
    "Account that resolved or reopened it last.",
);

pub(in crate::stream) const RESOLUTION_MODIFIED_AT: Field = Field::new(
    "resolution_modified_at",
    "resolutionLastModifiedAt",
    Kind::Instant,
    "When it was resolved or reopened last. Resolving does not change the version.",
);

pub(in crate::stream) const SELECTION: Field = Field::new(
    "selection",
    "properties.inlineOriginalSelection|properties.inline-original-selection",
    Kind::Text,
    "Text that it was made on.",
);

pub(in crate::stream) const MARKER_REF: Field = Field::new(
    "marker_ref",
    "properties.inlineMarkerRef|properties.inline-marker-ref",
    Kind::Text,
    "Reference of its marker in the body.",
);
