//! The table that says which field of a row becomes which column.

/// Type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnType {
    /// UTF-8 text.
    Text,
    /// UTF-8 text that is a JSON document.
    Json,
    /// Signed 64-bit integer.
    Integer,
    /// Milliseconds since 1970-01-01T00:00:00Z.
    Instant,
    /// Boolean.
    Boolean,
}

/// What a column holds, and how it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Json,
    Integer,
    Instant,
    Boolean,
    /// A link, relative as Confluence sends it, that is completed once the page is read.
    Link,
    /// The text of the body in the requested format.
    Body,
    /// The format that the body has.
    Representation,
    /// What a rendered body omits.
    Degraded,
}

impl Kind {
    pub(crate) const fn column_type(self) -> ColumnType {
        match self {
            Self::Json => ColumnType::Json,
            Self::Integer => ColumnType::Integer,
            Self::Instant => ColumnType::Instant,
            Self::Boolean => ColumnType::Boolean,
            Self::Text | Self::Link | Self::Body | Self::Representation | Self::Degraded => {
                ColumnType::Text
            }
        }
    }

    /// Whether it belongs to a body: it is read only if a format is given.
    pub(crate) const fn is_of_body(self) -> bool {
        matches!(self, Self::Body | Self::Representation | Self::Degraded)
    }
}

/// A column of a stream.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    /// Names of the JSON fields that lead to the value, joined by dots.
    pub(crate) path: &'static str,
    pub(crate) kind: Kind,
    pub(crate) documentation: &'static str,
}

impl Field {
    pub(crate) const fn new(
        name: &'static str,
        path: &'static str,
        kind: Kind,
        documentation: &'static str,
    ) -> Self {
        Self {
            name,
            path,
            kind,
            documentation,
        }
    }
}
