//! What the generated texts are like.

/// What the generated names and titles are like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Content {
    /// Those of a company: for demonstrations.
    Company,
    /// Those that programs get wrong: many scripts, quotes, markup, marks of direction. For tests, and the default.
    #[default]
    EdgeCases,
}
