//! Columns that every stream has, before its own.

use crate::column::{Column, ColumnType};

/// A column that every stream has, before its own; except for [`SystemColumn::Raw`], which comes
/// after them, if it was requested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SystemColumn {
    /// Values of the key columns, joined by a slash.
    Key,
    /// Key of the row of the parent stream.
    Parent,
    /// Id of the space, or of what else the source divides its content into.
    Container,
    /// Differs if any column of the row differs.
    Fingerprint,
    /// Why the row is deleted, if it says so itself.
    Deleted,
    /// The row as the site sent it.
    Raw,
}

impl SystemColumn {
    /// All that are always there, in their order.
    pub const ALWAYS: [Self; 5] = [
        Self::Key,
        Self::Parent,
        Self::Container,
        Self::Fingerprint,
        Self::Deleted,
    ];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Key => "_key",
            Self::Parent => "_parent",
            Self::Container => "_container",
            Self::Fingerprint => "_fingerprint",
            Self::Deleted => "_deleted",
            Self::Raw => "raw",
        }
    }

    /// Its place in a [`Batch`](crate::Batch). [`SystemColumn::Raw`] is the last one, if it is there.
    pub(crate) const fn place(self) -> Option<usize> {
        match self {
            Self::Key => Some(0),
            Self::Parent => Some(1),
            Self::Container => Some(2),
            Self::Fingerprint => Some(3),
            Self::Deleted => Some(4),
            Self::Raw => None,
        }
    }

    /// It as a column.
    #[must_use]
    pub fn column(self) -> Column {
        let documentation = match self {
            Self::Key => "Values of the key columns, joined by a slash.",
            Self::Parent => "Key of the row of the parent stream that it belongs to.",
            Self::Container => "Id of the space that contains it.",
            Self::Fingerprint => "Differs if any column of the row differs, except bodies.",
            Self::Deleted => "`trashed` or `deleted` if the row itself says so.",
            Self::Raw => "The row as the site sent it.",
        };
        Column {
            name: self.name().to_owned(),
            documentation: documentation.to_owned(),
            column_type: match self {
                Self::Raw => ColumnType::Json,
                _ => ColumnType::Text,
            },
            nullable: !matches!(self, Self::Key | Self::Fingerprint),
            on_request: self == Self::Raw,
        }
    }

    /// Whether a column of this name is for who keeps rows, and no part of a row: all but
    /// [`SystemColumn::Raw`].
    #[must_use]
    pub fn is_bookkeeping(name: &str) -> bool {
        Self::ALWAYS.iter().any(|column| column.name() == name)
    }

    /// The one of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALWAYS
            .into_iter()
            .chain([Self::Raw])
            .find(|column| column.name() == name)
    }
}
