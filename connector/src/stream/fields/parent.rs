//! The parent that a row belongs to.

use crate::columns::{Field, Kind};

pub(in crate::stream) const PAGE_ID: Field =
    Field::new("page_id", "^", Kind::Text, "Id of the page.");

pub(in crate::stream) const BLOG_POST_ID: Field =
    Field::new("blog_post_id", "^", Kind::Text, "Id of the blog post.");

pub(in crate::stream) const ATTACHMENT_ID: Field =
    Field::new("attachment_id", "^", Kind::Text, "Id of the attachment.");

pub(in crate::stream) const SPACE_ID: Field =
    Field::new("space_id", "^", Kind::Text, "Id of the space.");
