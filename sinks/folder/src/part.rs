//! Parts: files with rows of one stream.

use std::io::{self, Write};
use std::sync::Arc;

use arrow_array::{
    Array as _, ArrayRef, Int64Array, RecordBatch, StringArray, TimestampMillisecondArray,
    UInt64Array, new_null_array,
};
use arrow_schema::{ArrowError, DataType, Field, FieldRef, Schema};
use arrow_select::take::take;
use sink_files::{Csv, Ndjson, RowWriter};
use source::{Batch, Column, ColumnType, SystemColumn};
use sync::{AddedColumn, AddedValue, Millis, Naming};

/// Writes a file of batches, which have one schema.
pub type Encode = fn(&[RecordBatch], &mut (dyn Write + Send)) -> io::Result<()>;

/// How rows are written: the end of the names of files, and what writes them.
///
/// A format with a heavy dependency is a function of another crate, so that this one needs no dependency
/// for it.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    extension: &'static str,
    encode: Encode,
}

impl Format {
    /// One JSON object a line.
    pub const JSONL: Self = Self::new("jsonl", jsonl);
    /// One JSON object a line, compressed by Zstandard.
    pub const JSONL_ZST: Self =
        Self::new("jsonl.zst", |batches, out| compressed(jsonl, batches, out));
    /// Comma-separated values with a header.
    pub const CSV: Self = Self::new("csv", csv);
    /// Comma-separated values with a header, compressed by Zstandard.
    pub const CSV_ZST: Self = Self::new("csv.zst", |batches, out| compressed(csv, batches, out));

    /// A format whose files end with `.` and this extension.
    #[must_use]
    pub const fn new(extension: &'static str, encode: Encode) -> Self {
        Self { extension, encode }
    }

    /// What names of files end with.
    pub(crate) const fn extension(self) -> &'static str {
        self.extension
    }

    /// Writes a file with these rows.
    pub(crate) fn encode(
        self,
        batches: &[RecordBatch],
        out: &mut (dyn Write + Send),
    ) -> io::Result<()> {
        (self.encode)(batches, out)
    }
}

/// The name of a format, such as `csv+zst`.
pub(crate) fn name_of(extension: &str) -> String {
    extension.replace('.', "+")
}

/// Formats are the same if their files are named alike.
impl PartialEq for Format {
    fn eq(&self, other: &Self) -> bool {
        self.extension == other.extension
    }
}

impl Eq for Format {}

fn jsonl(batches: &[RecordBatch], out: &mut (dyn Write + Send)) -> io::Result<()> {
    encode_with(Ndjson::new(out), batches)
}

fn csv(batches: &[RecordBatch], out: &mut (dyn Write + Send)) -> io::Result<()> {
    encode_with(Csv::new(out, false), batches)
}

fn compressed(
    encode: Encode,
    batches: &[RecordBatch],
    out: &mut (dyn Write + Send),
) -> io::Result<()> {
    let mut out = zstd::Encoder::new(out, zstd::DEFAULT_COMPRESSION_LEVEL)?;
    encode(batches, &mut out)?;
    out.finish()?;
    Ok(())
}

fn encode_with(mut writer: impl RowWriter, batches: &[RecordBatch]) -> io::Result<()> {
    for batch in batches {
        writer.write(batch)?;
    }
    writer.finish()
}

/// What the rows of a part have in common.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stamp {
    pub(crate) sequence: i64,
    pub(crate) run: i64,
    pub(crate) at: Millis,
    pub(crate) naming: Naming,
}

/// Rows of a batch as a part has them.
pub(crate) fn rows(batch: &Batch, rows: &[usize], stamp: Stamp) -> Result<RecordBatch, ArrowError> {
    let records = batch.records();
    let indices: Option<UInt64Array> =
        (rows.len() < batch.rows()).then(|| rows.iter().map(|row| Some(*row as u64)).collect());
    let picked = |array: &ArrayRef| match &indices {
        Some(indices) => take(array, indices, None),
        None => Ok(Arc::clone(array)),
    };
    let text = |column: SystemColumn| match records.column_by_name(column.name()) {
        Some(array) => picked(array),
        None => Ok(new_null_array(&DataType::Utf8, rows.len())),
    };
    let keys = text(SystemColumn::Key)?;
    let mut columns = stamped("upsert", Arc::clone(&keys), stamp, rows.len());
    for (name, column) in [
        ("_sync_parent", SystemColumn::Parent),
        ("_sync_container", SystemColumn::Container),
        ("_sync_hash", SystemColumn::Fingerprint),
    ] {
        columns.push((field(name, DataType::Utf8), text(column)?));
    }
    columns.extend(added(&keys, false, stamp));
    let schema = records.schema();
    for (field, array) in schema.fields().iter().zip(records.columns()) {
        if !SystemColumn::is_bookkeeping(field.name()) {
            columns.push((Arc::clone(field), picked(array)?));
        }
    }
    batch_of(columns)
}

/// Deleted keys with reasons as a part has them.
pub(crate) fn deletions(
    deleted: &[(String, String)],
    stamp: Stamp,
) -> Result<RecordBatch, ArrowError> {
    let keys: StringArray = deleted.iter().map(|(key, _)| Some(key)).collect();
    let reasons: StringArray = deleted.iter().map(|(_, reason)| Some(reason)).collect();
    let keys: ArrayRef = Arc::new(keys);
    let mut columns = stamped("delete", Arc::clone(&keys), stamp, deleted.len());
    columns.push((
        field("_sync_deleted_reason", DataType::Utf8),
        Arc::new(reasons),
    ));
    columns.extend(added(&keys, true, stamp));
    batch_of(columns)
}

fn stamped(op: &str, keys: ArrayRef, stamp: Stamp, rows: usize) -> Vec<(FieldRef, ArrayRef)> {
    let at = TimestampMillisecondArray::from_value(stamp.at, rows).with_timezone("+00:00");
    let number = |number| -> ArrayRef { Arc::new(Int64Array::from_value(number, rows)) };
    let ops: StringArray = std::iter::repeat_n(Some(op), rows).collect();
    vec![
        (field("_sync_op", DataType::Utf8), Arc::new(ops)),
        (field("_sync_seq", DataType::Int64), number(stamp.sequence)),
        (field("_sync_key", DataType::Utf8), keys),
        (field("_sync_run", DataType::Int64), number(stamp.run)),
        (
            field("_sync_at", arrow_array::Array::data_type(&at).clone()),
            Arc::new(at),
        ),
    ]
}

/// The columns that a naming adds.
fn added(keys: &ArrayRef, is_deleted: bool, stamp: Stamp) -> Vec<(FieldRef, ArrayRef)> {
    let rows = keys.len();
    let instant = |at: Option<Millis>| -> ArrayRef {
        let instants: TimestampMillisecondArray = std::iter::repeat_n(at, rows).collect();
        Arc::new(instants.with_timezone("+00:00"))
    };
    let text = |text: &str| -> ArrayRef {
        let texts: StringArray = std::iter::repeat_n(Some(text), rows).collect();
        Arc::new(texts)
    };
    let number = |number| -> ArrayRef { Arc::new(Int64Array::from_value(number, rows)) };
    let column = |column: &AddedColumn| {
        let (column_type, array) = match column.value {
            AddedValue::Key => (ColumnType::Text, Arc::clone(keys)),
            AddedValue::WrittenAt => (ColumnType::Instant, instant(Some(stamp.at))),
            AddedValue::WrittenAtMillis => (ColumnType::Integer, number(stamp.at)),
            AddedValue::Run => (ColumnType::Text, text(&stamp.run.to_string())),
            AddedValue::DeletedAt => {
                let at = is_deleted.then_some(stamp.at);
                (ColumnType::Instant, instant(at))
            }
            AddedValue::Meta => {
                let meta = format!("{{\"sync_id\":{},\"changes\":[]}}", stamp.run);
                (ColumnType::Json, text(&meta))
            }
            AddedValue::Zero => (ColumnType::Integer, number(0)),
        };
        let column = Column {
            name: column.name.to_owned(),
            documentation: String::new(),
            column_type,
            nullable: true,
            on_request: false,
        };
        (Arc::new(column.field()), array)
    };
    stamp.naming.columns().iter().map(column).collect()
}

fn field(name: &str, data_type: DataType) -> FieldRef {
    Arc::new(Field::new(name, data_type, true))
}

fn batch_of(columns: Vec<(FieldRef, ArrayRef)>) -> Result<RecordBatch, ArrowError> {
    let (fields, arrays): (Vec<FieldRef>, Vec<ArrayRef>) = columns.into_iter().unzip();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
}
