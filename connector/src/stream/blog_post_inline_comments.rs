use super::{page_inline_comments::PAGE_INLINE_COMMENTS, table::Stream};

/// The rows of the same responses that belong to blog posts.
pub(super) const BLOG_POST_INLINE_COMMENTS: Stream = Stream {
    name: "blog_post_inline_comments",
    documentation: "Inline comments on blog posts: `GET /wiki/api/v2/inline-comments`, for the entire site. The same responses feed `page_inline_comments`. The list has no replies: the pass `details` reads the replies to the comments passed as parents. Comments on other content are in `page_inline_comments`.",
    parents: &["blog_post_inline_comments"],
    ..PAGE_INLINE_COMMENTS
};
