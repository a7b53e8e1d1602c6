//! Projections: what is returned of each row.

/// What is returned of each row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Projection {
    /// Names of columns. Empty: all that are not read on request only.
    pub columns: Vec<String>,
    /// Whether rows are returned as the site sent them, too.
    pub raw: bool,
    /// The format of bodies, or none.
    pub body_format: Option<String>,
}
