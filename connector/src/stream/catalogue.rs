//! The streams, in the order in which they are described.

use super::{
    attachment_content_properties::ATTACHMENT_CONTENT_PROPERTIES,
    attachment_labels::ATTACHMENT_LABELS, attachment_versions::ATTACHMENT_VERSIONS,
    attachments::ATTACHMENTS, audit_records::AUDIT_RECORDS,
    blog_post_content_properties::BLOG_POST_CONTENT_PROPERTIES,
    blog_post_footer_comments::BLOG_POST_FOOTER_COMMENTS,
    blog_post_inline_comments::BLOG_POST_INLINE_COMMENTS, blog_post_labels::BLOG_POST_LABELS,
    blog_post_versions::BLOG_POST_VERSIONS, blog_posts::BLOG_POSTS, child_pages::CHILD_PAGES,
    content_restrictions::CONTENT_RESTRICTIONS, custom_content::CUSTOM_CONTENT, folders::FOLDERS,
    group_members::GROUP_MEMBERS, groups::GROUPS, page_content_properties::PAGE_CONTENT_PROPERTIES,
    page_footer_comments::PAGE_FOOTER_COMMENTS, page_inline_comments::PAGE_INLINE_COMMENTS,
    page_labels::PAGE_LABELS, page_versions::PAGE_VERSIONS, pages::PAGES,
    space_labels::SPACE_LABELS, space_permissions::SPACE_PERMISSIONS,
    space_properties::SPACE_PROPERTIES, space_role_assignments::SPACE_ROLE_ASSIGNMENTS,
    spaces::SPACES, table::Stream, tasks::TASKS, users::USERS,
};

/// All streams. Adding one is a module and a line here.
pub(super) static STREAMS: &[Stream] = &[
    SPACES,
    SPACE_LABELS,
    SPACE_PROPERTIES,
    SPACE_PERMISSIONS,
    SPACE_ROLE_ASSIGNMENTS,
    PAGES,
    PAGE_LABELS,
    PAGE_VERSIONS,
    PAGE_CONTENT_PROPERTIES,
    CHILD_PAGES,
    FOLDERS,
    BLOG_POSTS,
    BLOG_POST_LABELS,
    BLOG_POST_VERSIONS,
    BLOG_POST_CONTENT_PROPERTIES,
    ATTACHMENTS,
    ATTACHMENT_LABELS,
    ATTACHMENT_VERSIONS,
    ATTACHMENT_CONTENT_PROPERTIES,
    PAGE_FOOTER_COMMENTS,
    PAGE_INLINE_COMMENTS,
    BLOG_POST_FOOTER_COMMENTS,
    BLOG_POST_INLINE_COMMENTS,
    TASKS,
    CUSTOM_CONTENT,
    CONTENT_RESTRICTIONS,
    GROUPS,
    GROUP_MEMBERS,
    USERS,
    AUDIT_RECORDS,
];

/// The stream of that name.
pub(super) fn named(name: &str) -> Option<&'static Stream> {
    STREAMS.iter().find(|stream| stream.name == name)
}
