//! Kinds of content that are copied or not.
//!
//! A kind is not a stream: comments on pages are two streams, and attachments of pages and of blog posts
//! are rows of one. And content of a kind that is off takes with it what follows it, so that naming
//! streams would take a dozen patterns.

use super::{FilterError, Selection};

/// The kinds, and those that a name stands for.
const NAMES: [(&str, &[&str]); 8] = [
    ("pages", &["pages"]),
    ("blog-posts", &["blog-posts"]),
    (
        "attachments",
        &["page-attachments", "blog-post-attachments"],
    ),
    ("page-attachments", &["page-attachments"]),
    ("blog-post-attachments", &["blog-post-attachments"]),
    ("comments", &["page-comments", "blog-post-comments"]),
    ("page-comments", &["page-comments"]),
    ("blog-post-comments", &["blog-post-comments"]),
];

/// The prefixes of the names of streams that belong to a kind of content.
const CONTENT: [(&str, &str, &str); 2] = [
    ("pages", "page_", "page-comments"),
    ("blog-posts", "blog_post_", "blog-post-comments"),
];

/// The kinds of content that a selection lets through.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kinds<'a>(&'a Selection);

impl<'a> Kinds<'a> {
    pub(crate) const fn of(selection: &'a Selection) -> Self {
        Self(selection)
    }

    /// Whether a kind is copied, as far as the selection goes.
    pub(crate) fn has(self, kind: &str) -> bool {
        let stands_for = |name: &str| {
            let mut names = NAMES.iter();
            names.any(|(known, kinds)| *known == name && kinds.contains(&kind))
        };
        (!self.0.has_only() || self.0.only().any(stands_for)) && !self.0.not().any(stands_for)
    }

    /// Whether attachments of pages, or else of blog posts, are copied.
    pub(crate) fn has_attachments_of(self, is_page: bool) -> bool {
        if is_page {
            self.has("pages") && self.has("page-attachments")
        } else {
            self.has("blog-posts") && self.has("blog-post-attachments")
        }
    }

    /// Whether no row of a stream is copied, so that it is not read.
    pub(crate) fn excludes(self, stream: &str) -> bool {
        match stream {
            // Made of both.
            "page_chunks" => !self.has("pages") && !self.has("blog-posts"),
            "pages" | "child_pages" => !self.has("pages"),
            "blog_posts" => !self.has("blog-posts"),
            name if name == "attachments" || name.starts_with("attachment_") => {
                !self.has_attachments_of(true) && !self.has_attachments_of(false)
            }
            name => CONTENT.iter().any(|(content, prefix, comments)| {
                let is_off =
                    !self.has(content) || name.ends_with("_comments") && !self.has(comments);
                name.starts_with(prefix) && is_off
            }),
        }
    }
}

pub(super) fn check(selection: &Selection) -> Result<(), FilterError> {
    let is_known = |entry: &&str| NAMES.iter().any(|(name, _)| name == entry);
    let mut entries = selection.only().chain(selection.not());
    if let Some(entry) = entries.find(|entry| !is_known(entry)) {
        return Err(FilterError::NotAKind {
            kind: entry.to_owned(),
            kinds: NAMES.iter().map(|(name, _)| *name).collect(),
        });
    }
    let kinds = Kinds::of(selection);
    for (of, (content, ..)) in ["page-", "blog-post-"].into_iter().zip(CONTENT) {
        let mut only = selection.only();
        let needing = only.find(|entry| entry.starts_with(of) && !kinds.has(content));
        if let Some(kind) = needing {
            return Err(FilterError::KindWithoutContent {
                kind: kind.to_owned(),
                content,
            });
        }
    }
    if selection.has_only() && !kinds.has("pages") && !kinds.has("blog-posts") {
        return Err(FilterError::NoContent);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::{Kinds, Selection, check};

    const STREAMS: [&str; 12] = [
        "spaces",
        "pages",
        "page_labels",
        "page_footer_comments",
        "child_pages",
        "blog_posts",
        "blog_post_versions",
        "blog_post_inline_comments",
        "attachments",
        "attachment_labels",
        "page_chunks",
        "tasks",
    ];

    fn excluded(entries: &[&str]) -> Vec<&'static str> {
        let selection: Selection = entries.iter().copied().collect();
        check(&selection).unwrap();
        let kinds = Kinds::of(&selection);
        STREAMS
            .into_iter()
            .filter(|it| kinds.excludes(it))
            .collect()
    }

    #[test]
    fn a_kind_that_is_off_takes_the_streams_that_follow_it_along() {
        assert_eq!(excluded(&[]), Vec::<&str>::new());
        assert_eq!(
            excluded(&["!pages"]),
            [
                "pages",
                "page_labels",
                "page_footer_comments",
                "child_pages"
            ]
        );
        assert_eq!(
            excluded(&["pages"]),
            [
                "page_footer_comments",
                "blog_posts",
                "blog_post_versions",
                "blog_post_inline_comments",
                "attachments",
                "attachment_labels"
            ]
        );
        assert_eq!(
            excluded(&["!comments"]),
            ["page_footer_comments", "blog_post_inline_comments"]
        );
        assert_eq!(excluded(&["!page-comments"]), ["page_footer_comments"]);
        assert_eq!(excluded(&["!page-attachments"]), Vec::<&str>::new());
        assert_eq!(
            excluded(&["!attachments"]),
            ["attachments", "attachment_labels"]
        );
        assert_eq!(
            excluded(&["!page-attachments", "!blog-posts"]),
            [
                "blog_posts",
                "blog_post_versions",
                "blog_post_inline_comments",
                "attachments",
                "attachment_labels"
            ]
        );
    }

    #[test]
    fn attachments_go_with_what_they_are_on() {
        let selection: Selection = ["pages", "attachments"].into_iter().collect();
        let kinds = Kinds::of(&selection);
        assert!(kinds.has_attachments_of(true) && !kinds.has_attachments_of(false));
    }

    #[test]
    fn kinds_that_contradict_each_other_are_refused() {
        for entries in [
            &["page"][..],
            &["blog_posts"],
            &["page-comments"],
            &["pages", "blog-post-attachments"],
            &["attachments"],
            &["pages", "!pages"],
        ] {
            let selection: Selection = entries.iter().copied().collect();
            let checked = selection.check("kinds").and_then(|()| check(&selection));
            assert!(checked.is_err(), "{entries:?}");
        }
    }
}
