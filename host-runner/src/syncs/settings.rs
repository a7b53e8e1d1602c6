//! What syncs need of this machine.

use std::path::Path;

use host_levels::{Kind, Precedence, Setting};

/// The setting with the DuckDB library.
pub const DUCKDB_LIBRARY: &str = "sinks.duckdb-library";

/// The settings of syncs as a whole. Those of one sync are in its definition.
pub(crate) const SETTINGS: &[Setting] = &[Setting {
    key: DUCKDB_LIBRARY,
    kind: Kind::Text(check_library),
    // Its code runs in this process, which has the tokens of all apps.
    precedence: Precedence::ClusterOnly,
    documentation: "Absolute path of the DuckDB library, such as `/usr/local/lib/libduckdb.so`. Syncs into `duckdb:FILE` load it into this program. Without it, they are rejected.",
    default: || None,
}];

fn check_library(text: &str) -> Result<(), String> {
    if Path::new(text).is_absolute() && !text.chars().any(char::is_control) {
        return Ok(());
    }
    Err("expected the absolute path of a library, such as `/usr/local/lib/libduckdb.so`".to_owned())
}
