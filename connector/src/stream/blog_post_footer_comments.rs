use super::{page_footer_comments::PAGE_FOOTER_COMMENTS, table::Stream};

/// The rows of the same responses that belong to blog posts.
pub(super) const BLOG_POST_FOOTER_COMMENTS: Stream = Stream {
    name: "blog_post_footer_comments",
    documentation: "Footer comments on blog posts: `GET /wiki/api/v2/footer-comments`, for the entire site. The same responses feed `page_footer_comments`. The list has no replies: the pass `details` reads the replies to the comments passed as parents. Comments on other content are in `page_footer_comments`.",
    parents: &["blog_post_footer_comments"],
    ..PAGE_FOOTER_COMMENTS
};
