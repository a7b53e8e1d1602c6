//! The folder as a sink.

use std::fs;
use std::path::Path;

use sink_sqlite::Sqlite;
use sync::{PathFault, SinkError};

use crate::manifest::{self, MANIFESTS};
use crate::part::{self, Format};
use crate::parts::{PartNames, Parts};

/// The database with what is known of the rows.
pub(crate) const REGISTRY: &str = "_sync.db";

/// Whether a folder has a copy.
#[must_use]
pub fn is_copy(folder: &Path) -> bool {
    folder.join(REGISTRY).exists() || folder.join(MANIFESTS).exists()
}

/// Opens a folder as a sink, and creates it if it is not there.
///
/// # Errors
///
/// [`SinkError::Unusable`] for a folder with other files than those of a sync;
/// [`SinkError::OtherFormat`] for a copy whose files have another format; what the file system and SQLite
/// say.
pub fn open(folder: &Path, format: Format) -> Result<Sqlite, SinkError> {
    open_with(folder, format, PartNames::Sequence, false)
}

/// Opens a folder from which parts and manifests are moved to a place that others may write to as well.
/// Parts are named by their contents, too, so that no two different ones have the same name. The newest
/// manifest has to stay.
///
/// # Errors
///
/// As for [`open`].
pub fn open_staging(folder: &Path, format: Format) -> Result<Sqlite, SinkError> {
    open_with(folder, format, PartNames::Contents, false)
}

/// Opens a folder that has a copy, to look at it. One that this process cannot write is only read.
///
/// # Errors
///
/// As for [`open`].
pub fn open_to_read(folder: &Path, format: Format) -> Result<Sqlite, SinkError> {
    open_with(folder, format, PartNames::Sequence, true)
}

fn open_with(
    folder: &Path,
    format: Format,
    naming: PartNames,
    is_to_read: bool,
) -> Result<Sqlite, SinkError> {
    let sink = || folder.display().to_string();
    let failed = |error: std::io::Error| SinkError::Path {
        sink: sink(),
        fault: PathFault::of_folder(folder, error),
    };
    fs::create_dir_all(folder).map_err(failed)?;
    let is_ours = is_copy(folder);
    // A registry that is made anew, or was to be, has left its lock.
    let is_foreign = |entry: fs::DirEntry| {
        let name = entry.file_name();
        !name.to_string_lossy().starts_with(REGISTRY)
    };
    let mut entries = fs::read_dir(folder).map_err(failed)?;
    if !is_ours && entries.any(|entry| entry.is_ok_and(is_foreign)) {
        return Err(SinkError::Unusable {
            sink: sink(),
            reason: "the folder contains files that do not belong to a sync".to_owned(),
        });
    }
    let extension = manifest::extension(folder).map_err(failed)?;
    if let Some(has) = extension.filter(|has| has != format.extension()) {
        return Err(SinkError::OtherFormat {
            sink: sink(),
            has: part::name_of(&has),
            wanted: part::name_of(format.extension()),
        });
    }
    let registry = folder.join(REGISTRY);
    let parts = || Box::new(Parts::new(folder, format, naming));
    if is_to_read {
        return Sqlite::with_store_to_read(&registry, parts(), parts());
    }
    Sqlite::with_store(&registry, parts())
}
