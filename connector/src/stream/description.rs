//! Descriptions of streams.

use super::{catalogue::STREAMS, request::Pass, settings::check_settings, table::Stream};
use crate::{
    Error,
    columns::{ColumnType, Field},
};

/// A stream.
#[derive(Debug, Clone, Copy)]
pub struct StreamDescription {
    stream: &'static Stream,
}

/// A column of a stream.
#[derive(Debug, Clone, Copy)]
pub struct ColumnDescription {
    field: &'static Field,
    nullable: bool,
}

impl StreamDescription {
    /// Name, in snake case.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.stream.name
    }

    /// What its rows are and where they come from.
    #[must_use]
    pub const fn documentation(&self) -> &'static str {
        self.stream.documentation
    }

    /// Names of the columns whose values together identify a row.
    #[must_use]
    pub const fn key(&self) -> &'static [&'static str] {
        self.stream.shape.key
    }

    /// Streams whose rows are the parents of a step.
    #[must_use]
    pub const fn parents(&self) -> &'static [&'static str] {
        self.stream.parents
    }

    /// Whether the partition can name spaces.
    #[must_use]
    pub fn by_space(&self) -> bool {
        self.stream.reads.iter().any(|read| !read.space.is_empty())
    }

    /// Columns, in order.
    pub fn columns(&self) -> impl ExactSizeIterator<Item = ColumnDescription> + use<> {
        let shape = &self.stream.shape;
        shape.fields.iter().map(|field| ColumnDescription {
            field,
            nullable: !shape.key.contains(&field.name),
        })
    }

    /// Supported passes.
    #[must_use]
    pub const fn passes(&self) -> &'static [Pass] {
        self.stream.passes
    }

    /// Scopes, of which one of each list is needed.
    #[must_use]
    pub const fn scopes(&self) -> &'static [&'static [&'static str]] {
        self.stream.scopes
    }

    /// Points of Confluence's rate limit that a row costs.
    #[must_use]
    pub const fn points_per_row(&self) -> u32 {
        self.stream.points
    }

    /// Whether it is read if the caller names no streams.
    #[must_use]
    pub const fn is_default(&self) -> bool {
        self.stream.default
    }

    /// Settings that it needs.
    #[must_use]
    pub const fn settings(&self) -> &'static [&'static str] {
        self.stream.settings
    }
}

impl ColumnDescription {
    /// Name, in snake case.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.field.name
    }

    /// What it contains.
    #[must_use]
    pub const fn documentation(&self) -> &'static str {
        self.field.documentation
    }

    /// Type.
    #[must_use]
    pub const fn column_type(&self) -> ColumnType {
        self.field.kind.column_type()
    }

    /// Whether values can be null.
    #[must_use]
    pub const fn is_nullable(&self) -> bool {
        self.nullable
    }

    /// Whether it is only read if a projection names it.
    #[must_use]
    pub const fn is_on_request(&self) -> bool {
        self.field.kind.is_of_body()
    }
}

/// Describes the streams.
///
/// # Errors
///
/// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) with the code
/// `unknown-setting` for a setting that does not exist.
pub fn streams(
    settings: &[(String, String)],
) -> Result<impl ExactSizeIterator<Item = StreamDescription> + use<>, Error> {
    check_settings(settings)?;
    Ok(STREAMS.iter().map(|stream| StreamDescription { stream }))
}
