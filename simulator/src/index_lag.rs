//! How far search is behind.

/// How far search is behind the mutations of the site.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum IndexLag {
    /// Not at all.
    #[default]
    None,
    /// By so many mutations.
    Mutations(u32),
    /// By all since the last flush.
    UntilFlushed,
}
