//! Descriptions of streams.

use super::{catalogue::STREAMS, request::Pass};
use crate::{
    Error,
    columns::{ColumnType, Field, Shape},
    query::call::Paging,
};

/// A stream, as its module describes it.
#[derive(Debug)]
pub(crate) struct Stream {
    pub(super) name: &'static str,
    pub(super) documentation: &'static str,
    pub(super) shape: Shape,
    pub(super) parents: &'static [&'static str],
    pub(super) passes: &'static [Pass],
    pub(super) scopes: &'static [&'static [&'static str]],
    pub(super) points: u32,
    pub(super) default: bool,
    pub(super) settings: &'static [&'static str],
    pub(super) list: List,
}

/// The endpoint that lists a stream.
#[derive(Debug)]
pub(crate) struct List {
    /// Stands behind "cannot": `list pages`.
    pub(super) doing: &'static str,
    /// The scopes that an error names.
    pub(super) scope: &'static str,
    pub(super) path: &'static str,
    pub(super) paging: Paging,
    /// Parameter of the space's id. Empty: it has none.
    pub(super) space: &'static str,
    /// Parameter of the body's format. Empty: it has none.
    pub(super) body: &'static str,
    /// Values of `status` for a census and for changes: those of rows in the trash, too.
    pub(super) statuses: &'static [&'static str],
    /// Value of `sort` that returns what changed last first. Empty: there is none.
    pub(super) newest_first: &'static str,
}

impl List {
    pub(super) const NEW: Self = Self {
        doing: "",
        scope: "",
        path: "",
        paging: Paging::Cursor,
        space: "",
        body: "",
        statuses: &[],
        newest_first: "",
    };
}

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

    /// Whether the partition can be the id of a space.
    #[must_use]
    pub const fn by_space(&self) -> bool {
        !self.stream.list.space.is_empty()
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
    super::step::check_settings(settings)?;
    Ok(STREAMS.iter().map(|stream| StreamDescription { stream }))
}
