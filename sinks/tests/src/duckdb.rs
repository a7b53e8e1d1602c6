//! Where the DuckDB library is that tests load.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The variable that names the library, for tests and for the program.
pub const VARIABLE: &str = "HOST_RUNNER_DUCKDB_LIBRARY";

/// The library that the variable names, or that `scripts/duckdb` has put below `target/`. Where there is
/// none, a line on standard error says once that the tests were not run.
#[must_use]
pub fn library() -> Option<PathBuf> {
    static FOUND: OnceLock<Option<PathBuf>> = OnceLock::new();
    let found = FOUND.get_or_init(|| {
        let named = std::env::var_os(VARIABLE).filter(|path| !path.is_empty());
        let fetched = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/duckdb/libduckdb.so");
        let found = named
            .map(PathBuf::from)
            .or_else(|| fetched.canonicalize().ok());
        if found.is_none() {
            // The macros for printing would be silent: the output of a test that passes is not shown.
            let line = format!(
                "\ntests with DuckDB were not run: `{VARIABLE}` is not set; `scripts/duckdb` fetches the library\n"
            );
            std::io::stderr().write_all(line.as_bytes()).unwrap();
        }
        found
    });
    found.clone()
}
