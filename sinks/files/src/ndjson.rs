//! NDJSON: one JSON object for each row, on a line of its own.

use std::io::{self, Write};
use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::{Array, RecordBatch, StringArray};
use arrow_json::writer::{
    Encoder, EncoderFactory, EncoderOptions, LineDelimited, NullableEncoder, Writer, WriterBuilder,
};
use arrow_schema::{ArrowError, FieldRef};
use source::is_json;

use crate::json_text;
use crate::row_writer::{RowWriter, of_output};

/// Writes NDJSON. Columns of JSON are JSON, not text; instants are ISO 8601 in UTC; null is written.
pub struct Ndjson<W: Write> {
    writer: Writer<W, LineDelimited>,
}

impl<W: Write> std::fmt::Debug for Ndjson<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ndjson").finish_non_exhaustive()
    }
}

impl<W: Write> Ndjson<W> {
    /// Rows go to `out`, as they come.
    pub fn new(out: W) -> Self {
        let options = WriterBuilder::new()
            .with_explicit_nulls(true)
            .with_encoder_factory(Arc::new(TextColumns));
        Self {
            writer: options.build(out),
        }
    }
}

impl<W: Write> RowWriter for Ndjson<W> {
    fn write(&mut self, rows: &RecordBatch) -> io::Result<()> {
        self.writer.write(rows).map_err(of_output)
    }

    fn finish(&mut self) -> io::Result<()> {
        self.writer.finish().map_err(of_output)?;
        self.writer.get_mut().flush()
    }
}

/// Columns of JSON are written as they are, and other texts as JSON strings.
#[derive(Debug)]
struct TextColumns;

impl EncoderFactory for TextColumns {
    fn make_default_encoder<'a>(
        &self,
        field: &'a FieldRef,
        array: &'a dyn Array,
        _: &'a EncoderOptions,
    ) -> Result<Option<NullableEncoder<'a>>, ArrowError> {
        Ok(array.as_string_opt::<i32>().map(|texts| {
            let encoder: Box<dyn Encoder + 'a> = if is_json(field) {
                Box::new(AsItIs(texts))
            } else {
                Box::new(AsString(texts))
            };
            NullableEncoder::new(encoder, texts.nulls().cloned())
        }))
    }
}

struct AsString<'a>(&'a StringArray);

impl Encoder for AsString<'_> {
    fn encode(&mut self, row: usize, out: &mut Vec<u8>) {
        json_text::write(self.0.value(row), out);
    }
}

struct AsItIs<'a>(&'a StringArray);

impl Encoder for AsItIs<'_> {
    fn encode(&mut self, row: usize, out: &mut Vec<u8>) {
        let text = self.0.value(row).as_bytes();
        let from = out.len();
        out.extend_from_slice(text);
        // Line breaks between the tokens of a document would end the line. There are none in its
        // texts, where they are escaped.
        if memchr::memchr2(b'\n', b'\r', text).is_some()
            && let Some(written) = out.get_mut(from..)
        {
            for byte in written {
                if matches!(byte, b'\n' | b'\r') {
                    *byte = b' ';
                }
            }
        }
    }
}
