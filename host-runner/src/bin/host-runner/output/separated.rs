//! Comma-separated values after RFC 4180.

use std::io::{self, Write};

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

/// The error with the kind of the one below it, by which a closed pipe is told from a full disk:
/// the writer's own way makes both `Other`.
fn kept(error: csv::Error) -> io::Error {
    let kind = match error.kind() {
        csv::ErrorKind::Io(source) => source.kind(),
        _ => io::ErrorKind::Other,
    };
    io::Error::new(kind, error)
}
