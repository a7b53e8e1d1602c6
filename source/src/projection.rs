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

impl Projection {
    /// Adds columns that it lacks. A projection with all columns stays as it is.
    pub fn add(&mut self, columns: &[&str]) {
        if self.columns.is_empty() {
            return;
        }
        for column in columns {
            if !self.columns.iter().any(|name| name == column) {
                self.columns.push((*column).to_owned());
            }
        }
    }
}
