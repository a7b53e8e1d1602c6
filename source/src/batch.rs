//! Batches: rows of one stream as columns.

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Int64Type, TimestampMillisecondType};
use arrow_array::{Array as _, ArrayRef, RecordBatch};

use crate::column::Column;
use crate::projection::Projection;
use crate::stream::{Stream, schema};
use crate::system::SystemColumn;
use crate::values::{Values, ValuesError};

/// Rows of one stream, as Arrow columns: those of [`SystemColumn::ALWAYS`], then those of the
/// projection in the order of the stream, then the row as the site sent it, if it was requested.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    stream: String,
    records: RecordBatch,
}

/// Why a batch is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BatchError {
    /// It has more rows than are allowed.
    #[error("a batch of the stream `{stream}` has {rows} rows; at most {max} are allowed")]
    TooManyRows {
        /// The stream.
        stream: String,
        /// How many.
        rows: u32,
        /// How many there may be.
        max: u32,
    },
    /// It has more or fewer columns than were asked for.
    #[error("a batch of the stream `{stream}` has {count} columns instead of {expected}")]
    ColumnCount {
        /// The stream.
        stream: String,
        /// How many.
        count: usize,
        /// How many there should be.
        expected: usize,
    },
    /// It has another column than the one that was asked for.
    #[error("a batch of the stream `{stream}` has a column `{name}` where `{expected}` should be")]
    OtherColumn {
        /// The stream.
        stream: String,
        /// The name of the column.
        name: String,
        /// The name that it should have.
        expected: String,
    },
    /// The values of a column are wrong.
    #[error("the column `{column}` of a batch of the stream `{stream}` is malformed: {error}")]
    Values {
        /// The stream.
        stream: String,
        /// The column.
        column: String,
        /// Why.
        error: ValuesError,
    },
}

impl BatchError {
    /// A stable identifier.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooManyRows { .. } => "batch-too-many-rows",
            Self::ColumnCount { .. } => "batch-column-count",
            Self::OtherColumn { .. } => "batch-other-column",
            Self::Values { error, .. } => match error {
                ValuesError::Bitmap { .. } => "batch-bitmap-length",
                ValuesError::Count { .. } => "batch-value-count",
                ValuesError::Ends { .. } => "batch-offset-ends",
                ValuesError::FallingOffset { .. } => "batch-offset-falls",
                ValuesError::InsideCharacter { .. } => "batch-offset-inside-character",
                ValuesError::InstantOutOfRange { .. } => "batch-instant-out-of-range",
                ValuesError::Unused { .. } => "batch-values-of-another-type",
                ValuesError::Null { .. } => "batch-null",
                ValuesError::EmptyKey { .. } => "batch-empty-key",
            },
        }
    }
}

impl Batch {
    /// A batch of what an untrusted source handed over, after all of it was checked. No value is
    /// copied.
    ///
    /// # Errors
    ///
    /// [`BatchError`] for the first thing that is wrong.
    pub fn from_values(
        stream: &Stream,
        projection: &Projection,
        rows: u32,
        max_rows: u32,
        columns: Vec<Values>,
    ) -> Result<Self, BatchError> {
        let name = || stream.name.clone();
        if rows > max_rows {
            return Err(BatchError::TooManyRows {
                stream: name(),
                rows,
                max: max_rows,
            });
        }
        let expected = stream.projected(projection);
        if columns.len() != expected.len() {
            return Err(BatchError::ColumnCount {
                stream: name(),
                count: columns.len(),
                expected: expected.len(),
            });
        }
        let arrays = columns
            .into_iter()
            .zip(&expected)
            .map(|(values, column)| {
                if values.name != column.name {
                    return Err(BatchError::OtherColumn {
                        stream: name(),
                        // It is the source's to choose, and of any length.
                        name: values.name.chars().take(63).collect(),
                        expected: column.name.clone(),
                    });
                }
                array(values, column, rows as usize).map_err(|error| BatchError::Values {
                    stream: name(),
                    column: column.name.clone(),
                    error,
                })
            })
            .collect::<Result<Vec<_>, _>>()?;
        let records = RecordBatch::try_new(schema(&expected), arrays);
        // All types, lengths and nulls were checked above.
        let records = records.map_err(|_| BatchError::ColumnCount {
            stream: name(),
            count: expected.len(),
            expected: expected.len(),
        })?;
        Ok(Self {
            stream: name(),
            records,
        })
    }

    /// The name of the stream.
    #[must_use]
    pub fn stream(&self) -> &str {
        &self.stream
    }

    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.records.num_rows()
    }

    /// The rows.
    #[must_use]
    pub const fn records(&self) -> &RecordBatch {
        &self.records
    }

    /// The same rows with the columns of this projection, as far as the batch has them.
    #[must_use]
    pub fn narrowed(self, stream: &Stream, projection: &Projection) -> Self {
        let wanted = stream.projected(projection);
        let schema = self.records.schema();
        let fields = schema.fields().iter().enumerate();
        let places: Vec<usize> = fields
            .filter(|(_, field)| wanted.iter().any(|column| column.name == *field.name()))
            .map(|(place, _)| place)
            .collect();
        match self.records.project(&places) {
            Ok(records) => Self { records, ..self },
            // The places are those of the schema itself.
            Err(_) => self,
        }
    }

    /// The rows, for who needs nothing else.
    #[must_use]
    pub fn into_records(self) -> RecordBatch {
        self.records
    }

    /// The text of a row in a column that every batch has, such as its key. None for null.
    #[must_use]
    pub fn system(&self, column: SystemColumn, row: usize) -> Option<&str> {
        match column.place() {
            // A search by name compares the names of all columns before it.
            Some(place) => text(self.records.columns().get(place)?, row),
            None => self.text(column.name(), row),
        }
    }

    /// The text of a row in a column, such as its title. None for null, and for a column that the
    /// batch does not have or that is not text.
    #[must_use]
    pub fn text(&self, column: &str, row: usize) -> Option<&str> {
        text(self.records.column_by_name(column)?, row)
    }

    /// The integer of a row in a column, such as the number of its version. None for null, and for a
    /// column that the batch does not have or that has no integers.
    #[must_use]
    pub fn integer(&self, column: &str, row: usize) -> Option<i64> {
        let array = self
            .records
            .column_by_name(column)?
            .as_primitive_opt::<Int64Type>()?;
        (row < array.len() && array.is_valid(row)).then(|| array.value(row))
    }

    /// The instant of a row in a column, in milliseconds since 1970. None for null, and for a column
    /// that the batch does not have or that has no instants.
    #[must_use]
    pub fn instant(&self, column: &str, row: usize) -> Option<i64> {
        let array = self
            .records
            .column_by_name(column)?
            .as_primitive_opt::<TimestampMillisecondType>()?;
        (row < array.len() && array.is_valid(row)).then(|| array.value(row))
    }
}

fn text(array: &ArrayRef, row: usize) -> Option<&str> {
    let array = array.as_string_opt::<i32>()?;
    (row < array.len() && array.is_valid(row)).then(|| array.value(row))
}

fn array(values: Values, column: &Column, rows: usize) -> Result<ArrayRef, ValuesError> {
    let array = values.into_array(column.column_type, rows)?;
    if !column.nullable && array.null_count() > 0 {
        let count = array.null_count();
        return Err(ValuesError::Null { count });
    }
    if column.name == SystemColumn::Key.name() {
        let keys = array.as_string_opt::<i32>();
        let empty = keys.and_then(|keys| keys.offsets().lengths().position(|length| length == 0));
        if let Some(row) = empty {
            return Err(ValuesError::EmptyKey { row });
        }
    }
    Ok(array)
}
