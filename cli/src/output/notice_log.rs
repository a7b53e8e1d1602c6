//! The notices of all answers of a list, as JSON, up to a size.

use std::io::{self, Write};

use host_runner::write_json;
use wasmtime::component::Val;

/// Maximum size of what is kept until the document ends, in bytes: some thousand notices.
const MAX_BYTES: usize = 1 << 20;

/// The notices of all answers of a list.
#[derive(Debug, Default)]
pub(super) struct NoticeLog {
    /// Separated by commas.
    json: Vec<u8>,
    omitted: u64,
}

impl NoticeLog {
    pub(super) fn add(&mut self, notices: &[Val]) {
        for notice in notices {
            let before = self.json.len();
            if before > 0 {
                self.json.push(b',');
            }
            // One that does not fit is not kept in part.
            if write_json(notice, &mut Bounded(&mut self.json)).is_err() {
                self.json.truncate(before);
                self.omitted += 1;
            }
        }
    }

    /// How many did not fit.
    pub(super) fn omitted(&self) -> u64 {
        self.omitted
    }

    /// The notices, separated by commas.
    pub(super) fn json(&self) -> &[u8] {
        &self.json
    }
}

struct Bounded<'a>(&'a mut Vec<u8>);

impl Write for Bounded<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MAX_BYTES {
            return Err(io::ErrorKind::WriteZero.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use wasmtime::component::Val;

    use super::{MAX_BYTES, NoticeLog};

    #[test]
    fn notices_that_do_not_fit_are_counted() {
        let mut log = NoticeLog::default();
        log.add(&[Val::U8(1), Val::String("x".repeat(MAX_BYTES)), Val::U8(2)]);
        assert_eq!(log.json(), b"1,2");
        assert_eq!(log.omitted(), 1);
    }
}
