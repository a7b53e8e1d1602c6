//! The file of a part while it is written.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// What is hashed and given to the system at a time, in bytes: it is in the processor's cache then, where a
/// complete part would not be.
const BUFFER_BYTES: usize = 64 * 1024;

/// A file that is hashed and counted as it is written.
pub(crate) struct PartFile(BufWriter<Hashed>);

struct Hashed {
    file: File,
    hasher: blake3::Hasher,
    bytes: u64,
}

/// What was written.
pub(crate) struct Written {
    pub(crate) bytes: u64,
    /// The BLAKE3 digest, in hex.
    pub(crate) digest: String,
}

impl PartFile {
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        let hashed = Hashed {
            file: File::create(path)?,
            hasher: blake3::Hasher::new(),
            bytes: 0,
        };
        Ok(Self(BufWriter::with_capacity(BUFFER_BYTES, hashed)))
    }

    /// Completes the file. It survives a power failure once its folder does.
    pub(crate) fn finish(self) -> io::Result<Written> {
        let hashed = self
            .0
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        hashed.file.sync_all()?;
        Ok(Written {
            bytes: hashed.bytes,
            digest: hashed.hasher.finalize().to_hex().to_string(),
        })
    }
}

impl Write for PartFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.file.write(bytes)?;
        self.hasher.update(bytes.get(..count).unwrap_or_default());
        self.bytes += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
