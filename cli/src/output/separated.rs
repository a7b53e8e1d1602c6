//! Comma-separated values after RFC 4180.

use std::borrow::Cow;
use std::io::{self, Write};

use host_runner::Val;
use host_runner::camel_case;

use super::columns::scalar;

/// Rows of comma-separated values.
pub(crate) struct Separated<W: Write>(csv::Writer<W>);

impl<W: Write> Separated<W> {
    pub(super) fn new(out: W) -> Self {
        Self(csv::Writer::from_writer(out))
    }

    pub(super) fn row(
        &mut self,
        cells: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> io::Result<()> {
        for cell in cells {
            self.0.write_field(cell.as_ref()).map_err(kept)?;
        }
        // The end of the record.
        self.0.write_record(None::<&[u8]>).map_err(kept)
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Writes a row for each of these values, which have one type, behind a header. What is nested in
/// a value stands as JSON.
pub(super) fn values(values: &[Val], out: impl Write) -> io::Result<()> {
    let mut rows = Separated::new(out);
    for (index, value) in values.iter().enumerate() {
        let fields = outer(value);
        if index == 0 {
            rows.row(fields.iter().map(|(name, _)| name))?;
        }
        rows.row(fields.iter().map(|(_, value)| text(value)))?;
    }
    rows.flush()
}

/// The fields of a record, whether they are there or not.
fn outer(value: &Val) -> Vec<(String, &Val)> {
    match value {
        Val::Option(Some(value)) => outer(value),
        Val::Record(fields) => fields
            .iter()
            .map(|(name, value)| (camel_case(name), value))
            .collect(),
        value => vec![("value".to_owned(), value)],
    }
}

fn text(value: &Val) -> Cow<'_, str> {
    match value {
        Val::Option(None) => Cow::Borrowed(""),
        Val::Option(Some(value)) => text(value),
        value => scalar(value).unwrap_or_else(|| {
            let mut text = String::new();
            host_runner::write_json(value, &mut text);
            Cow::Owned(text)
        }),
    }
}

/// The error with the kind of the one below it, by which a closed pipe is told from a full disk:
/// the writer's own way makes both `Other`.
fn kept(error: csv::Error) -> io::Error {
    let kind = match error.kind() {
        csv::ErrorKind::Io(source) => source.kind(),
        _ => io::ErrorKind::Other,
    };
    io::Error::new(kind, error)
}
