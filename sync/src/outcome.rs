//! How a run ends.

/// The kind of the error that says that the budget of a run ended it.
pub(crate) const BUDGET: &str = "budget";

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum RunOutcome {
    /// All that was due was read, and nothing was missed.
    Complete,
    /// Something was missed.
    Partial,
    /// So many rows are missing on the site that a person has to approve their deletion. Everything
    /// else was written.
    Held,
    /// Nothing, or not enough, could be read.
    Failed,
    /// Nothing was read: rows that filters exclude were deleted.
    FiltersApplied,
}

impl RunOutcome {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Partial => "partial",
            Self::Held => "held",
            Self::Failed => "failed",
            Self::FiltersApplied => "filters-applied",
        }
    }
}

impl std::fmt::Display for RunOutcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
