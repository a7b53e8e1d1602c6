//! What rows become in each format of text.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use arrow_array::{
    ArrayRef, BooleanArray, Int64Array, RecordBatch, StringArray, TimestampMillisecondArray,
};
use arrow_schema::Schema;
use sink_files::{Csv, Ndjson, RowWriter};
use source::{Column, ColumnType};

/// What was written, readable while the writer is in use.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Written {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

fn rows(columns: &[(&str, ColumnType, ArrayRef)]) -> RecordBatch {
    let fields: Vec<_> = columns
        .iter()
        .map(|(name, column_type, _)| {
            let column = Column {
                name: (*name).to_owned(),
                documentation: String::new(),
                column_type: *column_type,
                nullable: true,
                on_request: false,
            };
            column.field()
        })
        .collect();
    let arrays = columns.iter().map(|(.., array)| array.clone()).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap()
}

fn texts(texts: &[Option<&str>]) -> ArrayRef {
    Arc::new(texts.iter().copied().collect::<StringArray>())
}

/// A row of every type, and one of nulls.
fn all_types() -> RecordBatch {
    let instants: TimestampMillisecondArray = [Some(1_777_361_168_701), None].into_iter().collect();
    rows(&[
        ("text", ColumnType::Text, texts(&[Some("a\"b"), None])),
        (
            "json",
            ColumnType::Json,
            texts(&[Some("{\"a\":\n[1]}"), None]),
        ),
        (
            "integer",
            ColumnType::Integer,
            Arc::new(Int64Array::from(vec![Some(-1), None])),
        ),
        (
            "instant",
            ColumnType::Instant,
            Arc::new(instants.with_timezone("+00:00")),
        ),
        (
            "boolean",
            ColumnType::Boolean,
            Arc::new(BooleanArray::from(vec![Some(true), None])),
        ),
    ])
}

fn csv(rows: &RecordBatch, is_defused: bool) -> (String, bool) {
    let written = Written::default();
    let mut writer = Csv::new(written.clone(), is_defused);
    writer.write(rows).unwrap();
    writer.finish().unwrap();
    (written.text(), writer.has_removed())
}

#[test]
fn ndjson_is_a_line_for_each_row_with_json_embedded_and_nulls_written() {
    let written = Written::default();
    let mut writer = Ndjson::new(written.clone());
    writer.write(&all_types()).unwrap();
    writer.finish().unwrap();
    assert_eq!(
        written.text(),
        "{\"text\":\"a\\\"b\",\"json\":{\"a\": [1]},\"integer\":-1,\
         \"instant\":\"2026-04-28T07:26:08.701Z\",\"boolean\":true}\n\
         {\"text\":null,\"json\":null,\"integer\":null,\"instant\":null,\"boolean\":null}\n"
    );
}

#[test]
fn csv_has_a_header_once_and_empty_cells_for_nulls() {
    let written = Written::default();
    let mut writer = Csv::new(written.clone(), false);
    let all = all_types();
    for rows in [&all.slice(0, 0), &all, &all.slice(0, 0), &all.slice(1, 1)] {
        writer.write(rows).unwrap();
    }
    assert_eq!(
        written.text(),
        "text,json,integer,instant,boolean\n\
         \"a\"\"b\",\"{\"\"a\"\":\n[1]}\",-1,2026-04-28T07:26:08.701Z,true\n,,,,\n,,,,\n"
    );
}

#[test]
fn csv_loses_nul_and_says_so() {
    let with = rows(&[("a", ColumnType::Text, texts(&[Some("x\0y")]))]);
    assert_eq!(csv(&with, false), ("a\nxy\n".to_owned(), true));
    let without = rows(&[("a", ColumnType::Text, texts(&[Some("xy")]))]);
    assert_eq!(csv(&without, false), ("a\nxy\n".to_owned(), false));
}

#[test]
fn cells_that_spreadsheets_would_run_are_defused_on_request_and_numbers_are_not() {
    let cells = [Some("=1+1"), Some("\0@SUM(A1)"), Some("-12.5"), Some("a=1")];
    let rows = rows(&[("a", ColumnType::Text, texts(&cells))]);
    assert_eq!(csv(&rows, true).0, "a\n'=1+1\n'@SUM(A1)\n-12.5\na=1\n");
    assert_eq!(csv(&rows, false).0, "a\n=1+1\n@SUM(A1)\n-12.5\na=1\n");
}
