//! Comma-separated values after RFC 4180, written as they are made.

use std::io::{self, Write};

use host_runner::{Val, camel_case, write_json};
use sink_files::is_formula;

use super::columns::scalar;

/// Rows of comma-separated values.
pub(crate) struct Separated<W: Write> {
    out: W,
    /// Whether cells that spreadsheets would run as formulas get a `'` in front.
    is_defused: bool,
    /// Cells of the row so far.
    cells: usize,
    /// Whether the only cell so far is empty.
    is_empty: bool,
    has_removed: bool,
}

impl<W: Write> Separated<W> {
    pub(super) fn new(out: W) -> Self {
        Self {
            out,
            is_defused: false,
            cells: 0,
            is_empty: true,
            has_removed: false,
        }
    }

    /// With a `'` before cells that spreadsheets would run as formulas.
    pub(super) fn defused(mut self, is_defused: bool) -> Self {
        self.is_defused = is_defused;
        self
    }

    /// Whether a U+0000 was removed: hardly any reader of this format takes one.
    pub(super) fn has_removed(&self) -> bool {
        self.has_removed
    }

    pub(super) fn row(
        &mut self,
        cells: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> io::Result<()> {
        for cell in cells {
            self.cell(cell.as_ref())?;
        }
        self.end_row()
    }

    fn cell(&mut self, text: &str) -> io::Result<()> {
        // Of which nothing is left without U+0000.
        self.separate(text.bytes().all(|byte| byte == 0))?;
        let is_formula = self.is_defused && is_formula(text);
        let is_quoted = text.contains([',', '"', '\r', '\n']);
        if is_quoted {
            self.out.write_all(b"\"")?;
        }
        if is_formula {
            self.out.write_all(b"'")?;
        }
        let mut parts = text.split('\0');
        write_doubled(parts.next().unwrap_or_default().as_bytes(), &mut self.out)?;
        for part in parts {
            self.has_removed = true;
            write_doubled(part.as_bytes(), &mut self.out)?;
        }
        if is_quoted {
            self.out.write_all(b"\"")?;
        }
        Ok(())
    }

    /// A cell with a value as JSON, which is not made in memory first.
    fn json(&mut self, value: &Val) -> io::Result<()> {
        self.separate(false)?;
        self.out.write_all(b"\"")?;
        write_json(value, &mut Doubled(&mut self.out))?;
        self.out.write_all(b"\"")
    }

    fn separate(&mut self, is_empty: bool) -> io::Result<()> {
        if self.cells > 0 {
            self.out.write_all(b",")?;
        }
        self.cells += 1;
        self.is_empty &= is_empty;
        Ok(())
    }

    fn end_row(&mut self) -> io::Result<()> {
        // An empty line would be no row at all.
        let end: &[u8] = if self.cells == 1 && self.is_empty {
            b"\"\"\n"
        } else {
            b"\n"
        };
        self.cells = 0;
        self.is_empty = true;
        self.out.write_all(end)
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Writes bytes with each quote twice.
fn write_doubled(bytes: &[u8], out: &mut impl Write) -> io::Result<()> {
    let mut parts = bytes.split(|byte| *byte == b'"');
    out.write_all(parts.next().unwrap_or_default())?;
    for part in parts {
        out.write_all(b"\"\"")?;
        out.write_all(part)?;
    }
    Ok(())
}

/// A writer into a quoted cell.
struct Doubled<'a, W: Write>(&'a mut W);

impl<W: Write> Write for Doubled<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        write_doubled(bytes, self.0)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Writes a row for each of these values, which have one type, behind a header. What is nested in
/// a value stands as JSON. Returns whether a U+0000 was removed.
pub(super) fn values(values: &[Val], is_defused: bool, out: impl Write) -> io::Result<bool> {
    let mut rows = Separated::new(out).defused(is_defused);
    for (index, value) in values.iter().enumerate() {
        let fields = outer(value);
        if index == 0 {
            rows.row(fields.iter().map(|(name, _)| name))?;
        }
        for (_, value) in fields {
            any(value, &mut rows)?;
        }
        rows.end_row()?;
    }
    rows.flush()?;
    Ok(rows.has_removed())
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

fn any(value: &Val, rows: &mut Separated<impl Write>) -> io::Result<()> {
    match value {
        Val::Option(None) => rows.cell(""),
        Val::Option(Some(value)) => any(value, rows),
        value => match scalar(value) {
            Some(text) => rows.cell(&text),
            None => rows.json(value),
        },
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::Separated;

    fn written(rows: &[&[&str]], is_defused: bool) -> (String, bool) {
        let mut out = Vec::new();
        let mut lines = Separated::new(&mut out).defused(is_defused);
        for row in rows {
            lines.row(*row).unwrap();
        }
        let has_removed = lines.has_removed();
        (String::from_utf8(out).unwrap(), has_removed)
    }

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        let rows: &[&[&str]] = &[&["a", "b,c", "d\"e", "f\ng", "h\ri"], &[""], &["", ""]];
        let expected = "a,\"b,c\",\"d\"\"e\",\"f\ng\",\"h\ri\"\n\"\"\n,\n";
        assert_eq!(written(rows, false), (expected.to_owned(), false));
    }

    #[test]
    fn a_nul_is_removed_and_reported() {
        assert_eq!(
            written(&[&["a\0b\0", "\"\0\""]], false),
            ("ab,\"\"\"\"\"\"\n".to_owned(), true)
        );
        assert_eq!(written(&[&["\0"]], false).0, "\"\"\n");
    }

    #[test]
    fn formulas_are_defused_and_numbers_are_not() {
        let rows: &[&[&str]] = &[&[
            "=1+1", "+a", "-1+1", "@SUM(A1)", "\t=1", "＝1", "\0=1", "-12.5", "a=1", "'",
        ]];
        assert_eq!(
            written(rows, true).0,
            "'=1+1,'+a,'-1+1,'@SUM(A1),'\t=1,'＝1,'=1,-12.5,a=1,'\n"
        );
        assert_eq!(written(&[&["=1+1"]], false).0, "=1+1\n");
    }
}
