//! What happened to a row after the site was generated.

use std::borrow::Cow;

/// Where content is on its way to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Current,
    Archived,
    Trashed,
    /// Answered as if it had never been there.
    Purged,
}

impl Status {
    /// As the service writes it. Nothing answers `purged`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Archived => "archived",
            Self::Trashed => "trashed",
            Self::Purged => "purged",
        }
    }
}

/// One version of something. Its number is its place among all versions.
#[derive(Debug, Clone)]
pub(crate) struct Version {
    /// Milliseconds since 1970.
    pub(crate) created: u64,
    /// For `Site::account_id`.
    pub(crate) author: u64,
    pub(crate) minor: bool,
    pub(crate) message: Cow<'static, str>,
    /// What the body is made from.
    pub(crate) body: u64,
}

/// What is not as it was generated. `None`: as it was.
#[derive(Debug, Clone, Default)]
pub(crate) struct Row {
    pub(crate) status: Option<Status>,
    /// Milliseconds since 1970, of a row that was added.
    pub(crate) created: Option<u64>,
    pub(crate) title: Option<String>,
    pub(crate) versions: Option<Vec<Version>>,
}
