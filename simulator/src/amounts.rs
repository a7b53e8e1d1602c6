//! How much of each kind is on the site.

/// How much of each kind is on the site, where it is not to follow from the number of pages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Amounts {
    /// Spaces, 1 or more. One for every 40 pages by default, 4 at least and 500 at most.
    pub spaces: Option<u64>,
    /// Current and archived attachments. One for every four pages by default.
    pub attachments: Option<u64>,
    /// Footer comments, of which three in five are no replies. One for every three pages by default.
    pub footer_comments: Option<u64>,
    /// Inline comments, of which three in five are no replies. One for every five pages by default.
    pub inline_comments: Option<u64>,
    /// Groups. One for every 20 pages by default, 6 at least and 430 at most.
    pub groups: Option<u64>,
    /// Accounts, 24 by default.
    pub users: Option<u64>,
    /// How many in a hundred pages and blog posts are readable for some only by a restriction of their own.
    /// Eleven by default, and one page has hundreds of readers. Of folders, one of each space is restricted.
    pub restricted: Option<u64>,
    /// How many in a hundred rows have more than two versions; the others have one or two. By default
    /// most have two to eight.
    pub with_many_versions: Option<u64>,
    /// Accounts that each body of a page, a blog post or a comment mentions by id, none by default. Row 0
    /// mentions the first ones, row 1 the following, and so on; most of them are of people who have left, whom
    /// the site does not know.
    pub mentions: u64,
}
