//! Copies in DuckDB files, and the library of this machine that writes them.

use std::path::{Path, PathBuf};

use host_runner::DUCKDB_LIBRARY;
use sink_duckdb::{Duckdb, Library};

use super::defined::effective;
use crate::exit::Failure;
use crate::options::SessionOptions;

/// Names the library for one command. Whoever sets it can have this program load any code already.
const VARIABLE: &str = "HOST_RUNNER_DUCKDB_LIBRARY";

/// The sink of a file.
pub(super) fn open(session: &SessionOptions, file: &Path) -> Result<Duckdb, Failure> {
    Ok(Duckdb::open(&library(session)?, file)?)
}

/// The same, if there is a copy.
pub(super) fn open_existing(session: &SessionOptions, file: &Path) -> Result<Duckdb, Failure> {
    let no_copy = || {
        Failure::NotThere(format!(
            "there is no copy in `{}`; `host-runner sync run --to duckdb:{}` makes one",
            file.display(),
            file.display()
        ))
    };
    if !file.exists() {
        return Err(no_copy());
    }
    let mut sink = open(session, file)?;
    if sink.has_copy()? {
        Ok(sink)
    } else {
        Err(no_copy())
    }
}

/// The library of this machine.
pub(super) fn library(session: &SessionOptions) -> Result<Library, Failure> {
    let variable = std::env::var_os(VARIABLE).filter(|path| !path.is_empty());
    let path = match variable {
        Some(path) => PathBuf::from(path),
        None => match effective(session)?.text(DUCKDB_LIBRARY) {
            Some(path) => PathBuf::from(path),
            None => return Err(Failure::NoDuckdbLibrary),
        },
    };
    Ok(Library::load(&path)?)
}
