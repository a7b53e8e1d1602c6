//! Runs of a sync from a site in memory into a folder of Parquet files.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Int64Type, TimestampMillisecondType};
use arrow_array::{Array as _, Int64Array, RecordBatch};
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use bytes::Bytes;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;
use sink_folder::Format;
use sink_tests::SiteCopy;
use sink_tests::site::Site;
use sync::{Sink, SyncRequest};
use tempfile::TempDir;

const PARQUET: Format = Format::new("parquet", sink_parquet::encode);

struct Folder(TempDir);

impl Folder {
    fn path(&self) -> &Path {
        self.0.path()
    }

    /// The parts of a stream that manifests name, in their order, each with the size and digest that they
    /// say.
    fn parts(&self, stream: &str) -> Vec<(Value, Vec<RecordBatch>)> {
        let mut parts = Vec::new();
        for sequence in 1.. {
            let manifest = self.path().join(format!("_manifest/{sequence:010}.json"));
            let Ok(text) = fs::read_to_string(manifest) else {
                break;
            };
            let manifest: Value = serde_json::from_str(&text).unwrap();
            for part in manifest["parts"].as_array().unwrap() {
                let bytes = fs::read(self.path().join(part["path"].as_str().unwrap())).unwrap();
                assert_eq!(part["bytes"], bytes.len());
                assert_eq!(part["blake3"], blake3::hash(&bytes).to_hex().as_str());
                if part["stream"] == stream {
                    parts.push((part.clone(), batches(bytes)));
                }
            }
        }
        parts
    }

    /// The last row of each key of a stream: its columns as text.
    fn last(&self, stream: &str) -> BTreeMap<String, BTreeMap<String, String>> {
        let mut last = BTreeMap::new();
        for (part, batches) in self.parts(stream) {
            let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
            assert_eq!(part["rows"], rows);
            for batch in batches {
                for row in 0..batch.num_rows() {
                    let row = columns(&batch, row);
                    last.insert(row["_sync_key"].clone(), row);
                }
            }
        }
        last
    }
}

fn batches(bytes: Vec<u8>) -> Vec<RecordBatch> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(Bytes::from(bytes)).unwrap();
    let read: Result<_, _> = builder.build().unwrap().collect();
    read.unwrap()
}

fn columns(batch: &RecordBatch, row: usize) -> BTreeMap<String, String> {
    let schema = batch.schema();
    let columns = schema.fields().iter().zip(batch.columns());
    columns
        .map(|(field, column)| {
            let value = match field.data_type() {
                _ if column.is_null(row) => "null".to_owned(),
                DataType::Utf8 => column.as_string::<i32>().value(row).to_owned(),
                DataType::Int64 => column.as_primitive::<Int64Type>().value(row).to_string(),
                DataType::Boolean => column.as_boolean().value(row).to_string(),
                DataType::Timestamp(TimeUnit::Millisecond, Some(_)) => column
                    .as_primitive::<TimestampMillisecondType>()
                    .value(row)
                    .to_string(),
                other => panic!("`{}` is of the type {other}", field.name()),
            };
            (field.name().clone(), value)
        })
        .collect()
}

impl SiteCopy for Folder {
    const MARKS: bool = false;
    // Each commit waits for the disk.
    const CASES: usize = 5;

    async fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    async fn sink(&self) -> Box<dyn Sink> {
        Box::new(sink_folder::open(self.path(), PARQUET).unwrap())
    }

    async fn rows(&self, stream: &str, columns: &[&str]) -> Vec<Vec<String>> {
        let live = self.last(stream).into_values();
        live.filter(|row| row["_sync_op"] == "upsert")
            .map(|row| columns.iter().map(|column| row[*column].clone()).collect())
            .collect()
    }

    async fn tombstones(&self, stream: &str) -> BTreeMap<String, String> {
        let deleted = self.last(stream).into_iter();
        deleted
            .filter(|(_, row)| row["_sync_op"] == "delete")
            .map(|(key, row)| (key, row["_sync_deleted_reason"].clone()))
            .collect()
    }
}

sink_tests::sink_tests!(Folder);
sink_tests::part_tests!(Folder);

#[tokio::test]
async fn columns_keep_their_types_and_a_part_is_one_row_group() {
    let site = Site::with_pages(40);
    let copy = Folder::new().await;
    let mut sink = copy.sink().await;
    sync::sync(
        &site,
        sink.as_mut(),
        &SyncRequest::default(),
        &|| 0,
        &mut |_| (),
    )
    .await
    .unwrap();
    let parts = copy.parts("pages");
    assert!(!parts.is_empty());
    for (part, _) in parts {
        let bytes = fs::read(copy.path().join(part["path"].as_str().unwrap())).unwrap();
        let builder = ParquetRecordBatchReaderBuilder::try_new(Bytes::from(bytes)).unwrap();
        let schema = builder.schema();
        let instant = DataType::Timestamp(TimeUnit::Millisecond, Some("+00:00".into()));
        for (name, data_type) in [
            ("_sync_seq", DataType::Int64),
            ("_sync_at", instant),
            ("_sync_key", DataType::Utf8),
            ("version__number", DataType::Int64),
        ] {
            assert_eq!(
                schema.field_with_name(name).unwrap().data_type(),
                &data_type
            );
        }
        assert_eq!(builder.metadata().num_row_groups(), 1);
        let column = builder.metadata().row_group(0).column(0);
        assert!(matches!(
            column.compression(),
            parquet::basic::Compression::ZSTD(_)
        ));
    }
}

#[test]
fn batches_of_several_schemas_are_refused() {
    let batch = |name: &str| {
        let schema = Schema::new(vec![Field::new(name, DataType::Int64, true)]);
        let column = Arc::new(Int64Array::from(vec![1]));
        RecordBatch::try_new(Arc::new(schema), vec![column]).unwrap()
    };
    let mut file = Vec::new();
    assert!(sink_parquet::encode(&[], &mut file).is_err());
    assert!(sink_parquet::encode(&[batch("a"), batch("b")], &mut file).is_err());
    assert!(file.is_empty());
    sink_parquet::encode(&[batch("a"), batch("a")], &mut file).unwrap();
    assert_eq!(
        batches(file)
            .iter()
            .map(RecordBatch::num_rows)
            .sum::<usize>(),
        2
    );
}
