//! Rows of a batch as values of SQL.

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Int64Type, TimestampMillisecondType};
use arrow_array::{Array, ArrayRef, RecordBatch};
use rusqlite::ToSql;
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use source::{Batch, SystemColumn};

use crate::instant;
use crate::schema::quoted;

/// One value of a column.
pub(crate) struct Cell<'a> {
    array: &'a ArrayRef,
    row: usize,
}

impl ToSql for Cell<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let (array, row) = (self.array, self.row);
        if array.is_null(row) {
            return Ok(ToSqlOutput::Borrowed(ValueRef::Null));
        }
        if let Some(texts) = array.as_string_opt::<i32>() {
            let text = texts.value(row).as_bytes();
            return Ok(ToSqlOutput::Borrowed(ValueRef::Text(text)));
        }
        if let Some(numbers) = array.as_primitive_opt::<Int64Type>() {
            return Ok(ToSqlOutput::Owned(Value::Integer(numbers.value(row))));
        }
        if let Some(instants) = array.as_primitive_opt::<TimestampMillisecondType>() {
            let text = instant::text(instants.value(row));
            return Ok(ToSqlOutput::Owned(Value::Text(text)));
        }
        if let Some(flags) = array.as_boolean_opt() {
            return Ok(ToSqlOutput::Owned(Value::Integer(flags.value(row).into())));
        }
        // There are no other types.
        Ok(ToSqlOutput::Borrowed(ValueRef::Null))
    }
}

/// The rows of a batch, and the statement that writes one.
pub(crate) struct Rows<'a> {
    records: &'a RecordBatch,
    /// The columns that are written.
    columns: Vec<usize>,
    pub(crate) statement: String,
}

impl<'a> Rows<'a> {
    pub(crate) fn of(batch: &'a Batch) -> Self {
        let records = batch.records();
        let schema = records.schema();
        let columns: Vec<usize> = schema
            .fields()
            .iter()
            .enumerate()
            .filter(|(_, field)| !SystemColumn::is_bookkeeping(field.name()))
            .map(|(index, _)| index)
            .collect();
        let names: Vec<String> = columns
            .iter()
            .map(|index| quoted(schema.field(*index).name()))
            .collect();
        Self {
            statement: statement(batch.stream(), &names),
            records,
            columns,
        }
    }

    /// The value of a row in a column.
    pub(crate) fn cell(&self, name: &str, row: usize) -> Option<Cell<'a>> {
        let array = self.records.column_by_name(name)?;
        Some(Cell { array, row })
    }

    /// The values of a row, in the order of the statement.
    pub(crate) fn cells(&self, row: usize) -> impl Iterator<Item = Cell<'a>> {
        let records = self.records;
        self.columns.iter().map(move |index| Cell {
            array: records.column(*index),
            row,
        })
    }
}

/// Inserts a row, or replaces the values that it has now.
fn statement(stream: &str, names: &[String]) -> String {
    let mut columns = vec![
        "_sync_key".to_owned(),
        "_sync_run".to_owned(),
        "_sync_at".to_owned(),
        "_sync_hash".to_owned(),
    ];
    columns.extend_from_slice(names);
    let places: Vec<String> = (1..=columns.len())
        .map(|place| format!("?{place}"))
        .collect();
    let updates: Vec<String> = columns
        .iter()
        .skip(1)
        .map(|column| format!("{column} = excluded.{column}"))
        .collect();
    format!(
        "INSERT INTO {} ({}) VALUES ({}) ON CONFLICT (_sync_key) DO UPDATE SET {}, \
         _sync_deleted_at = NULL, _sync_deleted_reason = NULL, _sync_filtered_at = NULL",
        quoted(stream),
        columns.join(", "),
        places.join(", "),
        updates.join(", ")
    )
}
