//! The options that each function accepts, from what its calls are checked against.

use super::{
    attachments, blog_posts, changes, comments, custom_content, hierarchy, history, labels, pages,
    properties, spaces, tasks,
};
use crate::query::options::Takes;

/// The options that a function accepts, by its name and theirs in WIT: `None` for a function that
/// this connector does not have, or that has no options.
///
/// What only some calls of a function accept, such as an order of properties, is listed: those of
/// spaces have none.
#[must_use]
pub fn accepted_options(function: &str) -> Option<Vec<&'static str>> {
    let takes = match function {
        "list-spaces" | "get-spaces" => &spaces::TAKES,
        "get-space-by-id" => &spaces::TAKES_SINGLE,
        "list-pages" | "get-pages" => &pages::TAKES,
        "get-pages-by-space" => &pages::TAKES_IN_SPACE,
        "get-pages-by-label" => &pages::TAKES_BY_LABEL,
        "get-page-by-id" => &pages::TAKES_SINGLE,
        "list-labels"
        | "get-labels"
        | "get-labels-by-page"
        | "get-labels-by-blog-post"
        | "get-labels-by-attachment"
        | "get-labels-by-space" => &labels::TAKES,
        "list-attachments"
        | "list-attachments-by-page"
        | "get-attachments"
        | "get-attachments-by-page"
        | "get-attachments-by-blog-post" => &attachments::TAKES,
        "get-attachment-by-id" => &attachments::TAKES_SINGLE,
        "list-blog-posts" | "get-blog-posts" => &blog_posts::TAKES,
        "list-blog-posts-by-space" | "get-blog-posts-by-space" => &blog_posts::TAKES_IN_SPACE,
        "get-blog-post-by-id" => &blog_posts::TAKES_SINGLE,
        "list-custom-content" | "get-custom-content" => &custom_content::TAKES,
        "list-tasks" | "get-tasks" | "get-task-by-id" => &tasks::TAKES,
        "get-page-children" => &hierarchy::TAKES,
        "get-page-versions" | "get-blog-post-versions" => &history::TAKES,
        "get-attachment-versions" => &history::TAKES_OF_ATTACHMENTS,
        "get-content-properties" => &properties::TAKES,
        "get-comments" => &comments::TAKES,
        "get-comment-by-id" => &comments::TAKES_SINGLE,
        "get-pages-changed-since" | "get-blog-posts-changed-since" => &changes::TAKES,
        "get-folder"
        | "get-space-permissions"
        | "get-groups"
        | "get-group-members"
        | "get-all-users"
        | "get-users"
        | "search"
        | "get-audit-records" => &Takes::NONE,
        _ => return None,
    };
    Some(takes.names().collect())
}
