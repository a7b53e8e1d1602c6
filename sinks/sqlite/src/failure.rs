//! What SQLite and a store say, as a sink says it.

use std::io::{self, ErrorKind};
use std::path::Path;

use rusqlite::{ErrorCode, ffi};
use sync::{PathFault, SinkError};

use crate::store::StoreError;

/// What SQLite says.
pub(crate) fn failed(path: &Path, error: rusqlite::Error) -> SinkError {
    let sink = path.display().to_string();
    let is_full = is_full(&error);
    let error = Box::new(error);
    if is_full {
        SinkError::Full { sink, error }
    } else {
        SinkError::Failed { sink, error }
    }
}

/// Why a database could not be opened: what is wrong with its path, where SQLite only says that it
/// cannot be opened or written.
pub(crate) fn not_opened(path: &Path, error: rusqlite::Error) -> SinkError {
    let is_of_path = matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly)
    );
    match is_of_path.then(|| PathFault::of_file(path)).flatten() {
        Some(fault) => SinkError::Path {
            sink: path.display().to_string(),
            fault,
        },
        None => failed(path, error),
    }
}

/// What a store says.
pub(crate) fn refused_by_store(path: &Path, error: StoreError) -> SinkError {
    let error = match error.downcast::<rusqlite::Error>() {
        Ok(error) => return failed(path, *error),
        Err(error) => error,
    };
    let sink = path.display().to_string();
    let kind = error.downcast_ref::<io::Error>().map(io::Error::kind);
    match kind {
        Some(ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge) => {
            SinkError::Full { sink, error }
        }
        _ => SinkError::Failed { sink, error },
    }
}

/// Whether a write failed for want of room. SQLite has a code of its own for a full disk; quotas and
/// limits on the size of files are failed writes to it.
fn is_full(error: &rusqlite::Error) -> bool {
    error.sqlite_error().is_some_and(|error| {
        error.code == ErrorCode::DiskFull || error.extended_code == ffi::SQLITE_IOERR_WRITE
    })
}
