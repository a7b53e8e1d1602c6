//! Files that this process has open.
//!
//! DuckDB opens a file for one process to write, or for several to read. Within a process nothing keeps it
//! from opening a file twice, and each of the two would write over what the other one has written: all
//! connections of a process go through one.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use adbc_core::Database as _;
use adbc_driver_manager::ManagedDatabase;

use crate::error::Refused;
use crate::library::Library;
use crate::session::Session;

static OPEN: Mutex<BTreeMap<PathBuf, Shared>> = Mutex::new(BTreeMap::new());

/// A file that is open.
struct Shared {
    database: ManagedDatabase,
    is_writable: bool,
    /// How many connections there are.
    uses: usize,
}

/// A connection to a file.
pub(crate) struct Opened {
    // It ends before the file is closed: fields are dropped in this order.
    pub(crate) session: Session,
    file: Use,
}

/// That a file is open.
struct Use {
    path: PathBuf,
    is_writable: bool,
}

impl Opened {
    /// Opens a file, or another connection to it.
    pub(crate) fn open(library: &Library, path: &Path, is_writable: bool) -> Result<Self, Refused> {
        let path = resolved(path)
            .map_err(|error| Refused::Unusable(format!("its folder cannot be opened: {error}")))?;
        let mut open = all();
        let shared = match open.get_mut(&path) {
            Some(shared) if is_writable && !shared.is_writable => {
                return Err(Refused::Open("this process is reading it".to_owned()));
            }
            Some(shared) => shared,
            None => {
                let database = opened(library, &path, is_writable)?;
                open.entry(path.clone()).or_insert(Shared {
                    database,
                    is_writable,
                    uses: 0,
                })
            }
        };
        shared.uses += 1;
        let connection = shared.database.new_connection();
        let is_writable = shared.is_writable;
        // What has been counted is counted down again, also if there is no connection.
        drop(open);
        let file = Use { path, is_writable };
        let session = Session::of(connection?);
        Ok(Self { session, file })
    }

    pub(crate) const fn is_writable(&self) -> bool {
        self.file.is_writable
    }
}

impl Drop for Use {
    fn drop(&mut self) {
        let mut open = all();
        let Some(shared) = open.get_mut(&self.path) else {
            return;
        };
        shared.uses -= 1;
        if shared.uses == 0 {
            // While the map is locked, so that nobody opens a file that is being closed.
            drop(open.remove(&self.path));
        }
    }
}

fn all() -> MutexGuard<'static, BTreeMap<PathBuf, Shared>> {
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The one path of a file that may not be there yet.
fn resolved(path: &Path) -> io::Result<PathBuf> {
    if let Ok(path) = path.canonicalize() {
        return Ok(path);
    }
    let absolute = std::path::absolute(path)?;
    match (absolute.parent(), absolute.file_name()) {
        (Some(folder), Some(name)) => Ok(folder.canonicalize()?.join(name)),
        _ => Ok(absolute),
    }
}

/// What is in every DuckDB file, behind a checksum of 8 bytes.
const MAGIC: &[u8; 4] = b"DUCK";

/// Whether there is a DuckDB file. One of another kind is not handed to DuckDB, which would look for an
/// extension that reads it.
pub(crate) fn is_there(path: &Path) -> Result<bool, Refused> {
    let unreadable = |error: io::Error| Refused::Unusable(error.to_string());
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(unreadable(error)),
    };
    let mut start = [0; 12];
    match file.read_exact(&mut start) {
        Ok(()) if start.ends_with(MAGIC) => Ok(true),
        Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => Err(unreadable(error)),
        _ => Err(Refused::Unusable("it is not a DuckDB file".to_owned())),
    }
}

/// Creates a file. It has its name once DuckDB can open it, whenever this process is killed.
pub(crate) fn create(library: &Library, path: &Path) -> Result<(), Refused> {
    let draft = |extension: &str| {
        let mut name = path.to_owned().into_os_string();
        name.push(extension);
        PathBuf::from(name)
    };
    let new = draft("-sync-new");
    for left in [&new, &draft("-sync-new.wal")] {
        match std::fs::remove_file(left) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Refused::beside(left, error));
            }
            _ => {}
        }
    }
    drop(Opened::open(library, &new, true)?);
    std::fs::rename(&new, path).map_err(|error| Refused::beside(&new, error))
}

fn opened(library: &Library, path: &Path, is_writable: bool) -> Result<ManagedDatabase, Refused> {
    let not_unicode = || Refused::Unusable("DuckDB takes paths in Unicode alone".to_owned());
    let text = path.to_str().ok_or_else(not_unicode)?;
    if text.contains('?') {
        // It would put the log of the file into another place, before the `?`.
        return Err(Refused::Unusable(
            "DuckDB takes no path with a `?`".to_owned(),
        ));
    }
    let mode = if is_writable {
        "READ_WRITE"
    } else {
        "READ_ONLY"
    };
    let options = [
        // An absolute path: DuckDB takes other texts for addresses, or for files of other databases.
        ("path", text),
        ("access_mode", mode),
    ];
    library.open(&options).map_err(|error| {
        let refused = Refused::from(error);
        match &refused {
            Refused::Duckdb(said) if said.contains("Could not set lock on file") => {
                Refused::Open(said.clone())
            }
            Refused::Duckdb(said) if said.contains("database file with version number") => {
                Refused::Unusable(said.clone())
            }
            _ => refused,
        }
    })
}
