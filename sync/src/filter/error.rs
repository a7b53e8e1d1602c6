//! Why filters are refused.

/// Why filters are refused, before any request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FilterError {
    /// An entry of a list is empty.
    #[error("the filter `{filter}` has an empty entry")]
    EmptyEntry {
        /// The filter.
        filter: &'static str,
    },
    /// The same entry is included and excluded.
    #[error("the filter `{filter}` has both `{entry}` and `!{entry}`")]
    BothWays {
        /// The filter.
        filter: &'static str,
        /// The entry.
        entry: String,
    },
    /// An entry is not an id.
    #[error(
        "the filter `{filter}` has `{entry}`, which is not an id: ids have digits only, such as `98304`"
    )]
    NotAnId {
        /// The filter.
        filter: &'static str,
        /// The entry.
        entry: String,
    },
    /// An entry is not a media type.
    #[error(
        "the filter `{filter}` has `{entry}`, which is not a media type such as `application/pdf` or `image/*`"
    )]
    NotAMediaType {
        /// The filter.
        filter: &'static str,
        /// The entry.
        entry: String,
    },
    /// An entry is not a kind of content.
    #[error("the filter `kinds` has `{kind}`; kinds are `{}`", .kinds.join("`, `"))]
    NotAKind {
        /// The entry.
        kind: String,
        /// All kinds.
        kinds: Vec<&'static str>,
    },
    /// What belongs to content is included, and the content is not.
    #[error("the filter `kinds` has `{kind}` without `{content}`")]
    KindWithoutContent {
        /// What belongs to content.
        kind: String,
        /// The content.
        content: &'static str,
    },
    /// Neither pages nor blog posts are included.
    #[error("the filter `kinds` has neither `pages` nor `blog-posts`")]
    NoContent,
    /// Content of a kind is excluded and selected by id.
    #[error("the filter `kinds` excludes `{0}`, which another filter selects")]
    SelectedKind(&'static str),
    /// A stream is asked for whose content is excluded.
    #[error("the filter `kinds` excludes the stream `{0}`")]
    ExcludedStream(String),
    /// A range begins after it ends.
    #[error(
        "the filter `{name}-after` is `{after}`, which is not before `{name}-before`, `{before}`"
    )]
    EmptyRange {
        /// `modified` or `created`.
        name: &'static str,
        /// Its begin.
        after: String,
        /// Its end.
        before: String,
    },
    /// There is no such status.
    #[error("`{0}` is not a status to filter by; statuses are `current` and `archived`")]
    Status(String),
    /// Archived content alone is asked for and dropped.
    #[error("the filter `statuses` admits `archived` alone, and `archived` is `drop`")]
    NothingLeft,
    /// Two filters say from when on content is loaded.
    #[error("the filters `anchor-date` and `look-back-days` exclude each other")]
    TwoAnchors,
    /// No day is looked back.
    #[error("the filter `look-back-days` must be at least 1")]
    NoLookBack,
    /// A text is neither an instant nor a date.
    #[error(
        "`{0}` is not an instant: expected a date such as `2026-04-28`, or an instant such as `2026-04-28T07:26:08Z`"
    )]
    NotAMoment(String),
    /// A text is not a size.
    #[error(
        "`{0}` is not a size: expected a number of bytes above 0, or one with `KiB`, `MiB` or `GiB`"
    )]
    NotASize(String),
    /// All spaces are excluded.
    #[error("the filter `spaces` excludes every space that this account sees")]
    NoSpaceLeft,
}
