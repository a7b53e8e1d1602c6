//! Columns: names, types, and what they are to Arrow.

use std::collections::HashMap;

use arrow_schema::{DataType, Field, TimeUnit};

/// The key under which Arrow keeps the name of an extension type.
const EXTENSION: &str = "ARROW:extension:name";

/// The time zone of instants, in the form that needs no table of time zones to read.
pub(crate) const UTC: &str = "+00:00";

/// The extension type of text that is a JSON document.
const JSON: &str = "arrow.json";

/// The column that holds bodies, which are read on request only.
pub const BODY: &str = "body";

/// The column with the number of a row's version. Children of a row are read again once it is another.
pub const VERSION_NUMBER: &str = "version__number";

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ColumnType {
    /// UTF-8 text.
    Text,
    /// UTF-8 text that is a JSON document.
    Json,
    /// A signed 64-bit integer.
    Integer,
    /// Milliseconds since 1970-01-01T00:00:00Z.
    Instant,
    /// A boolean.
    Boolean,
}

impl ColumnType {
    /// Its name, as documentation and errors write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Integer => "integer",
            Self::Instant => "instant",
            Self::Boolean => "boolean",
        }
    }

    /// What holds its values in Arrow.
    #[must_use]
    pub fn data_type(self) -> DataType {
        match self {
            Self::Text | Self::Json => DataType::Utf8,
            Self::Integer => DataType::Int64,
            Self::Instant => DataType::Timestamp(TimeUnit::Millisecond, Some(UTC.into())),
            Self::Boolean => DataType::Boolean,
        }
    }
}

impl std::fmt::Display for ColumnType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// A column of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name, in snake case: `version__number`.
    pub name: String,
    /// What it contains, in Markdown.
    pub documentation: String,
    /// The type of its values.
    pub column_type: ColumnType,
    /// Whether values can be null.
    pub nullable: bool,
    /// Whether it is only read if a projection names it.
    pub on_request: bool,
}

impl Column {
    /// The column as a field of an Arrow schema. JSON has the extension type `arrow.json`.
    #[must_use]
    pub fn field(&self) -> Field {
        let field = Field::new(&self.name, self.column_type.data_type(), self.nullable);
        match self.column_type {
            ColumnType::Json => {
                field.with_metadata(HashMap::from([(EXTENSION.to_owned(), JSON.to_owned())]))
            }
            _ => field,
        }
    }
}

/// Whether a field of an Arrow schema holds JSON documents.
#[must_use]
pub fn is_json(field: &Field) -> bool {
    field.metadata().get(EXTENSION).map(String::as_str) == Some(JSON)
}
