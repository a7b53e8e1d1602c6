//! The scope that a call of the API needs.

/// The scopes of which an access token has to have one for a path below the site, or none for what
/// is not known here.
pub(super) fn needed(path: &str) -> &'static [&'static str] {
    let below = path.strip_prefix("/wiki").unwrap_or(path);
    if let Some(v2) = below.strip_prefix("/api/v2/") {
        let mut segments = v2.split(['/', '?']);
        let first = segments.next().unwrap_or_default();
        let last = segments.next_back().unwrap_or_default();
        return match first {
            "spaces" if last == "role-assignments" => &["read:space.permission:confluence"],
            "spaces" if last == "pages" || last == "blogposts" => &["read:page:confluence"],
            "spaces" => &["read:space:confluence"],
            "pages" | "blogposts" => match last {
                "attachments" => &["read:attachment:confluence"],
                "footer-comments" | "inline-comments" => &["read:comment:confluence"],
                _ => &["read:page:confluence"],
            },
            "attachments" => &["read:attachment:confluence"],
            "footer-comments" | "inline-comments" | "comments" => &["read:comment:confluence"],
            "tasks" => &["read:task:confluence"],
            "custom-content" => &["read:custom-content:confluence"],
            "folders" => &["read:folder:confluence"],
            _ => &[],
        };
    }
    let v1 = below.strip_prefix("/rest/api/").unwrap_or_default();
    match v1.split(['/', '?']).next().unwrap_or_default() {
        "search" => &["search:confluence", "read:content-details:confluence"],
        "group" => &["read:confluence-groups", "read:group:confluence"],
        "user" => &["read:confluence-user", "read:content-details:confluence"],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::needed;

    #[test]
    fn a_path_needs_the_scope_of_what_it_lists() {
        for (path, scope) in [
            ("/wiki/api/v2/spaces", "read:space:confluence"),
            ("/wiki/api/v2/spaces/7/pages", "read:page:confluence"),
            (
                "/wiki/api/v2/pages/7/attachments",
                "read:attachment:confluence",
            ),
            ("/wiki/rest/api/user/current", "read:confluence-user"),
        ] {
            assert_eq!(needed(path).first(), Some(&scope), "{path}");
        }
        assert!(needed("/wiki/rest/api/audit").is_empty());
    }
}
