//! Rows in the binary format of `COPY`.

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Int64Type, TimestampMillisecondType};
use arrow_array::{Array as _, ArrayRef};
use bytes::{BufMut as _, Bytes, BytesMut};

use crate::schema::SqlType;
use crate::{instant, json};

/// What begins the format: a signature, no flags, no extension.
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// From this size on what was written is sent.
const PIECE: usize = 256 << 10;

/// Rows that are written one field after the other.
pub(crate) struct Copy {
    out: BytesMut,
    fields: i16,
}

impl Copy {
    pub(crate) fn new(fields: usize) -> Self {
        let mut out = BytesMut::with_capacity(PIECE);
        out.put_slice(HEADER);
        Self {
            out,
            // A table has at most 1600 columns.
            fields: i16::try_from(fields).unwrap_or(i16::MAX),
        }
    }

    pub(crate) fn begin_row(&mut self) {
        self.out.put_i16(self.fields);
    }

    /// What has been written, once it is much.
    pub(crate) fn piece(&mut self) -> Option<Bytes> {
        (self.out.len() >= PIECE).then(|| self.out.split().freeze())
    }

    /// What is left, and the end.
    pub(crate) fn finish(mut self) -> Bytes {
        self.out.put_i16(-1);
        self.out.freeze()
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.bytes(&[], text.as_bytes());
    }

    pub(crate) fn bigint(&mut self, number: i64) {
        self.out.put_i32(8);
        self.out.put_i64(number);
    }

    pub(crate) fn null(&mut self) {
        self.out.put_i32(-1);
    }

    pub(crate) fn instant(&mut self, millis: i64) {
        match instant::micros(millis) {
            Some(micros) => self.bigint(micros),
            None => self.null(),
        }
    }

    /// The value of a row in a column.
    pub(crate) fn value(&mut self, array: &ArrayRef, row: usize, sql_type: SqlType) {
        if array.is_null(row) {
            return self.null();
        }
        if let Some(texts) = array.as_string_opt::<i32>() {
            let text = texts.value(row);
            match sql_type {
                // One byte of version is before the text.
                SqlType::Jsonb => self.bytes(&[1], json::document(text).as_bytes()),
                _ => self.text(&json::text(text)),
            }
        } else if let Some(numbers) = array.as_primitive_opt::<Int64Type>() {
            self.bigint(numbers.value(row));
        } else if let Some(instants) = array.as_primitive_opt::<TimestampMillisecondType>() {
            self.instant(instants.value(row));
        } else if let Some(flags) = array.as_boolean_opt() {
            self.bytes(&[u8::from(flags.value(row))], &[]);
        } else {
            // There are no other types.
            self.null();
        }
    }

    fn bytes(&mut self, before: &[u8], bytes: &[u8]) {
        let length = before.len() + bytes.len();
        match i32::try_from(length) {
            Ok(length) => {
                self.out.put_i32(length);
                self.out.put_slice(before);
                self.out.put_slice(bytes);
            }
            // A step has 8 MiB.
            Err(_) => self.null(),
        }
    }
}
